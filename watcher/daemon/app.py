"""The daemon's life: build, start, serve until stopped, close; last opened is closed first."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TextIO

import structlog
from starlette.types import ASGIApp

from watcher.core.model.ids import ChannelName
from watcher.core.model.record import Committed
from watcher.daemon.active import Active
from watcher.daemon.clock import ClockWatch, DatedFetcher, SystemClock
from watcher.daemon.control import serve_control
from watcher.daemon.doubt import ClockTeller
from watcher.daemon.handlers import handlers
from watcher.daemon.health import DatabaseWatch
from watcher.daemon.jobs import Chore, Schedule
from watcher.daemon.loop_errors import reporter
from watcher.daemon.meta import Meta
from watcher.daemon.page import page_source
from watcher.daemon.poll import Poller
from watcher.daemon.reload import Reloader
from watcher.daemon.sample import SampleShow
from watcher.daemon.send import Sender
from watcher.daemon.signals import handle_signals
from watcher.daemon.start import first_configuration, tell_of_new_database
from watcher.daemon.state import DaemonState, Phase
from watcher.daemon.stop import end_for_good, end_in_time
from watcher.daemon.tasks import Surprises, Wake
from watcher.daemon.trends import TrendWatch
from watcher.daemon.upkeep import Upkeep
from watcher.delivery.registry import Surroundings, build
from watcher.errors import StorageError, WatcherError
from watcher.fetching.fetcher import HttpFetcher
from watcher.network.client import GuardedClient
from watcher.network.guard import AddressGuard
from watcher.network.hosts import HostLimits
from watcher.pipeline import Stages
from watcher.ports import Channel, Clock, Reader, Store
from watcher.reading.readers import WorkerReader
from watcher.settings.configuration import ChannelSetup, Configuration
from watcher.settings.env import Settings
from watcher.settings.load import fingerprint
from watcher.storage.lock import hold_locks, names_of
from watcher.storage.open import open_store
from watcher.storage.place import Place
from watcher.telemetry.logging import Masker
from watcher.telemetry.metrics import Metrics
from watcher.web.access import check_bind
from watcher.web.server import build_app, listen, serve_app

log = structlog.get_logger()

TICK = timedelta(seconds=1)
CONFIG_LOOK = timedelta(seconds=0.5)
DATABASE_LOOK = timedelta(seconds=5)
CLOCK_LOOK = timedelta(seconds=5)
DIRECT_LOOK = timedelta(seconds=2)


@dataclass(slots=True)
class Parts:
    """Everything that a daemon, a demo or a single poll is made of."""

    settings: Settings
    clock: Clock
    watch: ClockWatch
    state: DaemonState
    metrics: Metrics
    masker: Masker
    store: Store
    reader: Reader
    active: Active
    meta: Meta
    poller: Poller
    sender: Sender
    database: DatabaseWatch
    begins_anew: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What the caller decides: where people read, what time it is, how polite to be to one host.

    `around` may wrap the doors of both flows; tests stop the process at them. `told_to_stop` is called at a stop
    signal.
    """

    stdout: TextIO
    masker: Masker
    clock: Clock
    host_pause: timedelta = timedelta(seconds=1)
    around: Callable[[Stages], Stages] = lambda stages: stages
    told_to_stop: Callable[[], None] = lambda: None


def default_frame(stdout: TextIO, masker: Masker) -> Frame:
    """Return the frame of a real daemon."""
    return Frame(stdout, masker, SystemClock(), told_to_stop=end_for_good)


@contextlib.asynccontextmanager
async def open_parts(settings: Settings, frame: Frame) -> AsyncIterator[Parts]:
    """Build everything around an open store, with no configuration adopted yet; close it in reverse order.

    Raises:
        StorageError: the data directory is locked by another daemon, or the database cannot be opened.
    """
    data = Path(settings.data)
    async with contextlib.AsyncExitStack() as stack:
        await asyncio.to_thread(_make_data_directory, data)
        place = settings.place()
        stack.enter_context(hold_locks(data, place.file))
        _say_where(place, data)
        store = await asyncio.to_thread(open_store, settings.database, alone=True)
        stack.push_async_callback(store.close)
        guard = AddressGuard()
        client = GuardedClient(guard)
        stack.push_async_callback(client.aclose)
        state, metrics = DaemonState(), Metrics()
        reader = WorkerReader(workers=settings.workers)
        stack.push_async_callback(reader.close)
        hosts = HostLimits(frame.clock, pause=frame.host_pause)
        fetcher = HttpFetcher(client, Path(settings.config), hosts, clock=frame.clock)
        surroundings = _surroundings(settings, frame, client, guard, data)
        active = Active(store, reader, frame.clock, _builder(surroundings), state, metrics, settings.public_url)
        watch = ClockWatch(frame.clock, await store.newest_at())
        stages = frame.around(
            Stages(
                DatedFetcher(fetcher, watch),
                reader,
                store,
                frame.clock,
                active.ruling,
                active.replaced,
                Surprises(metrics),
                watch.is_trusted,
            )
        )
        owner = _owner()
        send_bell = Wake()
        meta = Meta(
            store, frame.clock, lambda: _ready_meta_targets(active), send_bell, lambda: active.ruling().channels
        )
        sender = Sender(stages, owner, metrics, meta, send_bell, active.settle)
        poller = Poller(stages, owner, state, metrics, meta, lambda done: _after(active, sender, done), hosts)
        database = DatabaseWatch(place.file, store, store.troubles, state, meta, frame.clock)
        yield Parts(
            settings,
            frame.clock,
            watch,
            state,
            metrics,
            frame.masker,
            store,
            reader,
            active,
            meta,
            poller,
            sender,
            database,
            store.begins,
        )


def _owner() -> str:
    """Return the name under which this process claims work; in a container every start has the same host and number."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


def _say_where(place: Place, data: Path) -> None:
    if place.why:
        log.warning(
            "the database lies outside the data directory and is used there; --database names it for good",
            database=str(place.file),
            data=str(data),
            reason=place.why,
        )
    if names_of(place.file.resolve()) > 1:
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
            f"the data directory {data} cannot be used: {error.strerror}; give another with --data or WATCHER_DATA"
        ) from error


def _surroundings(
    settings: Settings, frame: Frame, client: GuardedClient, guard: AddressGuard, data: Path
) -> Surroundings:
    return Surroundings(
        smtp_url=settings.smtp_url,
        smtp_from=settings.smtp_from,
        public_url=settings.public_url,
        out_dir=data / "out",
        stdout=frame.stdout,
        client=client,
        guard=guard,
        allow_private=(),
        clock=frame.clock,
    )


def _builder(surroundings: Surroundings) -> Callable[[Configuration], Callable[[ChannelSetup], Channel]]:
    def for_configuration(configuration: Configuration) -> Callable[[ChannelSetup], Channel]:
        here = replace(surroundings, allow_private=configuration.network.allow_private)

        def build_one(setup: ChannelSetup) -> Channel:
            assert setup.config is not None
            return build(setup.name, setup.config, here)

        return build_one

    return for_configuration


def _ready_meta_targets(active: Active) -> list[ChannelName]:
    channels = active.ruling().channels
    return [name for name in active.configuration().meta.send_to if name in channels]


def _after(active: Active, sender: Sender, committed: Committed) -> None:
    if committed.alerts:
        sender.wake.ring()
    channels = active.ruling().channels
    for note in committed.copies:
        if note.target in channels:
            channels[note.target].note_copies(note)


async def serve(settings: Settings, frame: Frame, *, strict: bool = False, stop: asyncio.Event | None = None) -> None:
    """Run the daemon until a stop signal, or until `stop` is set.

    Raises:
        WatcherError: it cannot start; the text says why and how to mend it.
    """
    stopping = stop or asyncio.Event()

    def told_to_stop() -> None:
        if not stopping.is_set():
            frame.told_to_stop()
        stopping.set()

    check_bind(settings.bind, settings.token, settings.trusted_proxies)
    asyncio.get_running_loop().set_exception_handler(reporter(time.monotonic))
    async with contextlib.AsyncExitStack() as stack:
        # From the first step to the last: a stop during a long start, or a second one, is a stop in order too.
        hang_up = Wake()
        stack.enter_context(handle_signals(stop=told_to_stop, reload=hang_up.ring))
        parts = await stack.enter_async_context(open_parts(settings, frame))
        listening = stack.enter_context(listen(settings.bind))
        refusal: WatcherError | None = None
        async with asyncio.TaskGroup() as group:
            # Reading the files may take a minute on a busy machine: probes are answered from here on.
            page = group.create_task(serve_app(_page(parts), listening, stopping), name="page")
            try:
                await _loops(parts, await _started(parts, strict=strict), page, stopping, hang_up)
            except WatcherError as error:  # as it is, and not inside the group's error
                refusal = error
                stopping.set()
        if refusal is not None:
            raise refusal


async def _started(parts: Parts, *, strict: bool) -> Reloader:
    """Put the first configuration in force; return what keeps it in step with the files."""
    settings = parts.settings
    configuration, problems = await first_configuration(parts.store, settings, strict=strict)
    parts.masker.add(configuration.secrets())
    content = await asyncio.to_thread(fingerprint, Path(settings.config))
    log.info("configuration loaded", result=await parts.active.adopt(configuration))
    if parts.begins_anew:
        await tell_of_new_database(parts.meta, configuration, settings.place().file, parts.clock)
    reloader = Reloader(
        Path(settings.config),
        settings,
        parts.active,
        parts.state,
        parts.metrics,
        parts.meta,
        parts.clock,
        parts.masker,
    )
    reloader.start_from(content)
    if problems:
        await reloader.keep_on(content, problems)
    return reloader


def _page(parts: Parts) -> ASGIApp:
    settings = parts.settings
    source = page_source(parts.state, parts.store, parts.active, parts.reader, parts.clock, parts.metrics)
    return build_app(
        source, token=settings.token, public_url=settings.public_url, trusted_proxies=settings.trusted_proxies
    )


def _chores(parts: Parts, reloader: Reloader, upkeep: Upkeep) -> list[Chore]:
    """Return what is done again and again beside polls and sends."""
    trends = TrendWatch(parts.store, parts.active, parts.clock, parts.watch.is_trusted, parts.sender.wake)
    return [
        Chore("config", CONFIG_LOOK, reloader.look, Wake()),
        Chore("pending", timedelta(seconds=30), parts.poller.retry_pending, Wake()),
        Chore("gauges", timedelta(seconds=15), upkeep.gauges, Wake()),
        Chore("database", DATABASE_LOOK, parts.database.look, Wake()),
        Chore("clock", CLOCK_LOOK, ClockTeller(parts.watch, parts.state, parts.meta, parts.clock).look, Wake()),
        Chore("retention", timedelta(hours=1), upkeep.retention, Wake()),
        Chore("meta", timedelta(minutes=1), parts.meta.look, Wake()),
        Chore("told directly", DIRECT_LOOK, parts.meta.look_directly, Wake()),
        Chore("channels", timedelta(minutes=1), parts.active.settle, Wake()),
        Chore("trends", timedelta(minutes=1), trends.look, Wake()),
        Chore("checkpoint", timedelta(minutes=5), parts.store.checkpoint, Wake()),
        Chore("sample", timedelta(seconds=2), SampleShow(parts.store, parts.active, parts.clock).look, Wake()),
    ]


async def _loops(
    parts: Parts, reloader: Reloader, page: asyncio.Task[None], stopping: asyncio.Event, hang_up: Wake
) -> None:
    upkeep = Upkeep(parts.store, parts.active, parts.clock, parts.watch, parts.state, parts.metrics)
    chores = _chores(parts, reloader, upkeep)
    schedule = Schedule(parts.metrics)
    await parts.database.begin()
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(
            serve_control(
                Path(parts.settings.data),
                handlers(parts.state, parts.store, parts.clock, reloader, parts.poller, parts.sender),
            )
        )
        async with asyncio.TaskGroup() as group:
            flows = [
                group.create_task(parts.poller.run(), name="polls"),
                group.create_task(parts.sender.run(), name="sends"),
            ]
            others = [page, group.create_task(upkeep.beat(stopping.is_set), name="heart")]
            for chore in chores:
                others.append(group.create_task(chore.loop(stopping.is_set, parts.metrics), name=chore.name))
                schedule.ring(chore.name, chore.every, [chore.bell])
            schedule.ring("poll tick", TICK, [parts.poller.wake])
            schedule.ring("send sweep", TICK, [parts.sender.wake])
            schedule.ring("heart", TICK, [upkeep.heart])
            hearing = group.create_task(_hear(hang_up, reloader))
            schedule.start()
            group.create_task(schedule.watch(stopping, parts.clock))
            parts.state.tick_at = parts.clock.monotonic()
            parts.state.phase = Phase.RUNNING
            parts.poller.wake.ring()
            log.info(
                "watcher runs",
                page=parts.settings.bind,
                feeds=len(parts.active.configuration().feeds),
                rules=len(parts.active.configuration().rules),
            )
            await stopping.wait()
            parts.state.phase = Phase.DRAINING
            log.info("stopping")
            schedule.stop()
            parts.poller.stopping = parts.sender.stopping = True
            for bell in (parts.poller.wake, parts.sender.wake, upkeep.heart, *(chore.bell for chore in chores)):
                bell.ring()
            await end_in_time(flows, others)
            hearing.cancel()
    log.info("stopped")


async def _hear(hang_up: Wake, reloader: Reloader) -> None:
    while True:
        await hang_up.wait()
        reloader.ask()
