"""What every part of a daemon stands on as long as it lives, opened as a whole and closed in reverse order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Final, Protocol, TextIO

import structlog

from watcher.core.model.outcome import FetchOutcome
from watcher.core.model.record import FeedClaim
from watcher.core.model.secret import Secret
from watcher.daemon.clock_watch import ClockWatch, DatedFetcher
from watcher.daemon.outage import OutageWatch
from watcher.daemon.rulings import Rulings
from watcher.daemon.state import DaemonState
from watcher.daemon.tasks import Wake
from watcher.delivery.heads import Heads
from watcher.delivery.http import Exchanger
from watcher.delivery.registry import Surroundings, build
from watcher.errors import StorageError
from watcher.fetching.fetcher import HttpFetcher
from watcher.network.client import GuardedClient
from watcher.network.guard import AddressGuard
from watcher.network.hosts import HostLimits
from watcher.pipeline import Ruling
from watcher.ports import Channel, Clock, Fetcher, Reader, Store
from watcher.reading.readers import WorkerReader
from watcher.reading.seen import SeenEntries
from watcher.settings.configuration import ChannelSetup, Configuration
from watcher.settings.env import Settings
from watcher.storage.lock import hold_locks, names_of
from watcher.storage.open import open_store
from watcher.storage.place import Place
from watcher.storage.wakeups import Heard
from watcher.telemetry.logging import Masker
from watcher.telemetry.metrics import Metrics
from watcher.telemetry.whose import say_refused
from watcher.telling.signed_links import LinkSigner

log = structlog.get_logger()

_NAME: Final = "watcher.name"
"""Holds the name under which the last daemon of a data directory claimed work."""

_KEY_CHARS = 32

HOST_PAUSE = timedelta(seconds=1)
"""How long one host is left alone between two requests."""

BuildChannel = Callable[[ChannelSetup], Channel]


class Met(Protocol):
    """What the statements of a store met."""

    def take(self) -> Mapping[str, str]:
        """Return by kind what was met since the last time, in sentences."""
        ...


class Database(Protocol):
    """What is asked of the store as a database, beside its doors."""

    @property
    def begins(self) -> bool:
        """Return whether it was made just now."""
        ...

    @property
    def troubles(self) -> Met:
        """Return what its statements met of a full disk or a damaged file."""
        ...

    async def can_write(self) -> bool:
        """Return whether it takes some pages now."""
        ...

    def writes(self) -> int:
        """Return the number of the transaction that is being written, 0 for none."""
        ...

    def hear(self, heard: Heard) -> None:
        """Call `heard`, in a thread of its own, for what other processes on it write; until it is closed."""
        ...


def _owner() -> str:
    """Return the name under which this process claims work; in a container every start has the same host and number."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


@dataclass(frozen=True, slots=True)
class World:
    """Handed whole to each part: a part that needs one thing more has it already. What belongs to one configuration
    is in the `Ruling`.
    """

    # opened with the daemon and closed with it
    settings: Settings
    store: Store
    reader: Reader
    fetcher: Fetcher
    hosts: HostLimits
    channel_builder: Callable[[Configuration], BuildChannel]
    clock: Clock
    watch: ClockWatch
    database: Database
    masker: Masker
    # kept in memory, and written by the parts
    metrics: Metrics = field(default_factory=Metrics)
    state: DaemonState = field(default_factory=DaemonState)
    rulings: Rulings = field(default_factory=Rulings)
    outage: OutageWatch = field(default_factory=OutageWatch)
    client: Exchanger | None = None  # what asks the web, None where there is none
    poll_bell: Wake = field(default_factory=Wake)  # rung when a feed is due before its time
    send_bell: Wake = field(default_factory=Wake)  # rung when there is something to send
    owner: str = field(default_factory=_owner)
    heads: Heads = field(default_factory=Heads)
    seen: SeenEntries = field(default_factory=SeenEntries)  # in memory alone: a start reads each document once more
    signer: LinkSigner = field(default_factory=lambda: LinkSigner(Secret(secrets.token_hex(32))))

    def ruling(self) -> Ruling:
        """Return what is in force; call it only after the first configuration was adopted."""
        return self.rulings.now()

    async def replaced(self, revision: int) -> None:
        """Return once another revision than `revision` is in force, or after a second."""
        await self.rulings.replaced(revision)

    def is_ours(self, claim: FeedClaim, began: float, ended: float, outcome: FetchOutcome) -> bool:
        """Return whether a fetch failed because our own network is out."""
        return self.outage.note(claim, began, ended, outcome)

    def is_clock_trusted(self) -> bool:
        """Return whether ages count now."""
        return self.watch.is_trusted()

    def surprised(self, room: str, error: Exception, /, **ids: str) -> None:
        """Log and count an error that nobody expected and that work goes on after."""
        self.metrics.surprises.labels(room).inc()
        log.error("unexpected error", room=room, exc_info=error, **ids)


@contextlib.asynccontextmanager
async def open_world(
    settings: Settings,
    clock: Clock,
    masker: Masker,
    stdout: TextIO,
    host_pause: timedelta = HOST_PAUSE,
    *,
    as_lines: bool = False,
) -> AsyncIterator[World]:
    """Open everything that a daemon, a demo or a single poll stands on; close it in reverse order.

    `stdout` is where the console's alerts go; `as_lines`: each as one JSON line.

    Raises:
        StorageError: the data directory is locked by another daemon, or the database cannot be opened.
    """
    data = Path(settings.data)
    async with contextlib.AsyncExitStack() as stack:
        await asyncio.to_thread(_make_data_directory, data)
        place = settings.place()
        stack.enter_context(hold_locks(data, place.file))
        _say_where(place, data)
        owner = _owner()
        gone = await asyncio.to_thread(_take_name, data, owner)
        store = await asyncio.to_thread(open_store, settings.database, alone=True, gone=gone)
        stack.push_async_callback(store.close)
        guard = AddressGuard()
        client = GuardedClient(guard)
        stack.push_async_callback(client.aclose)
        reader = WorkerReader(workers=settings.workers)
        stack.push_async_callback(reader.close)
        hosts = HostLimits(clock, pause=host_pause)
        watch = ClockWatch(clock, await store.newest_at())
        signer = LinkSigner(await asyncio.to_thread(link_key, data))
        surroundings = _surroundings(settings, client, guard, clock, signer, stdout, as_lines=as_lines)
        yield World(
            settings=settings,
            store=store,
            reader=reader,
            fetcher=DatedFetcher(HttpFetcher(client, Path(settings.config), hosts, clock=clock), watch),
            hosts=hosts,
            channel_builder=_channel_builder(surroundings),
            clock=clock,
            watch=watch,
            database=store,
            masker=masker,
            client=client,
            signer=signer,
            heads=surroundings.heads,
            state=DaemonState(sends_nothing=settings.sends_nothing),
            owner=owner,
        )


def _take_name(data: Path, owner: str) -> str:
    """Write the name under which this process claims work into its data directory, and return the last one's, "" where
    nobody worked there.

    The lock of the directory says that the last one ended: what it had in hand need not wait for its leases.
    """
    path = data / _NAME
    try:
        last = path.read_text(encoding="utf-8", errors="replace").strip() if path.exists() else ""
        path.write_text(owner + "\n", encoding="utf-8")
    except OSError as error:
        log.warning("the name of this process is not kept", path=str(path), reason=error.strerror)
        return ""
    return last


def link_key(data: Path) -> Secret:
    """Return the key of signed links, made at the first start: links of messages must work after a restart. An empty
    file, as a full disk leaves it, counts as none.

    Raises:
        StorageError: the file cannot be read or made.
    """
    path = data / "links.key"
    try:
        text = path.read_text(encoding="ascii").strip() if path.exists() else ""
        if not text:
            if path.exists():
                log.warning("the key of signed links was empty; links of earlier messages end", file=str(path))
            text = secrets.token_hex(32)
            _put_whole(path, text)
    except (OSError, UnicodeError) as error:
        raise StorageError(f"the key of signed links cannot be read: {path}: {error}") from error
    if len(text) < _KEY_CHARS:
        raise StorageError(f"{path} holds no key; take the file away, and links of earlier messages end")
    return Secret(text)


def _put_whole(path: Path, text: str) -> None:
    """Write a file that only we may read: it is there whole or not at all, also after a full disk or a power cut."""
    beside = path.with_name(f"{path.name}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _surroundings(
    settings: Settings,
    client: GuardedClient,
    guard: AddressGuard,
    clock: Clock,
    signer: LinkSigner,
    stdout: TextIO,
    *,
    as_lines: bool,
) -> Surroundings:
    """Return what channels of every configuration are built from."""
    return Surroundings(
        out_dir=Path(settings.data) / "out",
        stdout=stdout,
        client=client,
        guard=guard,
        clock=clock,
        smtp_url=settings.smtp_url,
        smtp_from=settings.smtp_from,
        public_url=settings.public_url,
        as_lines=as_lines,
        sends=not settings.sends_nothing,
        signer=signer,
    )


def _channel_builder(surroundings: Surroundings) -> Callable[[Configuration], BuildChannel]:
    def for_configuration(configuration: Configuration) -> BuildChannel:
        here = replace(surroundings, allow_private=configuration.network.allow_private)

        def build_one(setup: ChannelSetup) -> Channel:
            assert setup.config is not None
            return build(setup.name, setup.config, here)

        return build_one

    return for_configuration


def _say_where(place: Place, data: Path) -> None:
    if place.why:
        log.warning(
            "the database lies outside the data directory and is used there; --database names it for good",
            database=str(place.file),
            data=str(data),
            reason=place.why,
        )
    if place.file is not None and names_of(place.file.resolve()) > 1:
        log.warning(
            "the database has more than one name (hard link); used by another one, its log would be missing: keep one",
            database=str(place.file.resolve()),
        )


def _make_data_directory(data: Path) -> None:
    try:
        data.mkdir(parents=True, exist_ok=True)
        (data / "tmp").mkdir(exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"the data directory {data} cannot be used: {say_refused(data, error, writes=True)}; or give another with "
            "--data or WATCHER_DATA"
        ) from error
