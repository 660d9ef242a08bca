"""The daemon's life: start, serve until stopped, end in order."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path

import structlog
from starlette.types import ASGIApp

from watcher.core.feeds.websub import MOST_PUSHED_BYTES
from watcher.core.model.record import Committed
from watcher.daemon.active import Active
from watcher.daemon.by_hand import ByHandDoor
from watcher.daemon.canary import Canary
from watcher.daemon.control import serve_control
from watcher.daemon.doubt import ClockTeller
from watcher.daemon.examine import begun_from, tell_of_examples
from watcher.daemon.feed_watch import FeedWatch
from watcher.daemon.full_text import PAGES_LOOK, PageReader
from watcher.daemon.handlers import handlers
from watcher.daemon.health import DatabaseWatch
from watcher.daemon.heartbeat import EVERY as HEARTBEAT_EVERY
from watcher.daemon.heartbeat import Heartbeat
from watcher.daemon.indexing import INDEX_LOOK, Indexing
from watcher.daemon.jobs import Chore, Schedule
from watcher.daemon.look_back import LOOK as LOOK_BACK
from watcher.daemon.look_back import BackLooker
from watcher.daemon.loop_errors import reporter
from watcher.daemon.memory import give_back
from watcher.daemon.meta import Meta
from watcher.daemon.page import page_source
from watcher.daemon.poll import Poller
from watcher.daemon.push import PUSHES_LOOK, Pushes
from watcher.daemon.reactions import REACTIONS_LOOK, ReactionWatch
from watcher.daemon.reload import Reloader
from watcher.daemon.restored import RestoreWatch
from watcher.daemon.sample import SampleShow
from watcher.daemon.send import Sender
from watcher.daemon.shared_revision import SharedRevision, is_shared, taken_last
from watcher.daemon.signals import handle_signals
from watcher.daemon.start import first_files, tell_of_new_database
from watcher.daemon.state import SENDS_NOTHING, Phase
from watcher.daemon.stop import end_in_time
from watcher.daemon.tasks import Wake
from watcher.daemon.trends import TrendWatch
from watcher.daemon.upkeep import Upkeep
from watcher.daemon.world import World
from watcher.daemon.wraps import WrapWatch
from watcher.errors import WatcherError
from watcher.settings.env import Settings
from watcher.storage.wakeups import Wakeup
from watcher.web.access import check_bind
from watcher.web.callback import callback_app
from watcher.web.server import build_app, listen, serve_app

log = structlog.get_logger()

TICK = timedelta(seconds=1)
CONFIG_LOOK = timedelta(seconds=0.5)
DATABASE_LOOK = timedelta(seconds=5)
SHARED = "revision"
SHARED_LOOK = timedelta(seconds=2)
CLOCK_LOOK = timedelta(seconds=5)
HEADS_LOOK = timedelta(seconds=5)
DIRECT_LOOK = timedelta(seconds=2)


class Daemon:
    """The parts that work in a world, made but not begun: loops that can be run, or asked for one round each."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.active = Active(world)
        self.meta = Meta(world)
        self.hand = ByHandDoor(world, self.active, self.meta)
        self.sender = Sender(world, self.meta, self.active.settle)
        self.push = Pushes(world, self.active, world.settings.callback_url)
        self.poller = Poller(world, self.meta, self._committed, push=self.push)
        self.pages = PageReader(world, self._committed)
        self.past = BackLooker(world, self.active, self._committed)
        self.database = DatabaseWatch(world, self.meta)

    def _committed(self, committed: Committed) -> None:
        if committed.alerts:
            self.world.send_bell.ring()
        channels = self.world.ruling().channels
        for note in committed.copies:
            if note.target in channels:
                channels[note.target].note_copies(note)


async def serve(
    settings: Settings,
    opening: AbstractAsyncContextManager[World],
    *,
    strict: bool = False,
    stop: asyncio.Event | None = None,
    told_to_stop: Callable[[], None] = lambda: None,
) -> None:
    """Run the daemon in the world that is opened, until a stop signal, at which `told_to_stop` is called, or until
    `stop` is set.

    Raises:
        WatcherError: it cannot start; the text says why and how to mend it.
    """
    stopping = stop or asyncio.Event()

    def signalled() -> None:
        if not stopping.is_set():
            told_to_stop()
        stopping.set()

    check_bind(settings.bind, settings.token, settings.trusted_proxies)
    asyncio.get_running_loop().set_exception_handler(reporter(time.monotonic))
    async with contextlib.AsyncExitStack() as stack:
        # From the first step to the last: a stop during a long start, or a second one, is a stop in order too.
        hang_up = Wake()
        stack.enter_context(handle_signals(stop=signalled, reload=hang_up.ring))
        daemon = Daemon(await stack.enter_async_context(opening))
        listening = stack.enter_context(listen(settings.bind))
        called = stack.enter_context(listen(settings.callback_bind)) if settings.callback_bind else None
        refusal: WatcherError | None = None
        async with asyncio.TaskGroup() as group:
            # Reading the files may take a minute on a busy machine: probes are answered from here on.
            page = group.create_task(serve_app(_page(daemon), listening, stopping), name="page")
            if called is not None:
                app = callback_app(daemon.push, MOST_PUSHED_BYTES)
                group.create_task(serve_app(app, called, stopping), name="callbacks")
            try:
                await _loops(daemon, await _started(daemon, strict=strict), page, stopping, hang_up)
            except WatcherError as error:  # as it is, and not inside the group's error
                refusal = error
                stopping.set()
        if refusal is not None:
            raise refusal


async def _started(daemon: Daemon, *, strict: bool) -> Reloader:
    """Put the first configuration in force; return what keeps it in step with the files."""
    world, settings = daemon.world, daemon.world.settings
    content, configuration, problems = await first_files(world.store, settings, strict=strict)
    world.masker.add(configuration.secrets())
    if world.state.sends_nothing:
        log.warning("sending is off", reason=SENDS_NOTHING)
    if is_shared(settings):
        configuration = await taken_last(world.store, settings, configuration)
    last = await world.store.active_revision()
    examined, before = await begun_from(world.store, settings, configuration, last)
    log.info("configuration loaded", result=await daemon.active.adopt(examined.configuration, before))
    await asyncio.to_thread(give_back)
    await tell_of_examples(daemon.meta, examined, was_held=bool(last is not None and last.held))
    await daemon.push.begin()
    await daemon.past.of_revision()  # before anything reloads: what the first start of all asks for is only noted
    if world.database.begins:
        await tell_of_new_database(daemon.meta, configuration, settings.place(), world.clock)
    reloader = Reloader(world, daemon.active, daemon.meta, daemon.past)
    reloader.start_from(content)
    if problems:
        await reloader.keep_on(content, problems)
    return reloader


def _page(daemon: Daemon) -> ASGIApp:
    settings = daemon.world.settings
    source = page_source(daemon.world, daemon.active, daemon.hand)
    return build_app(
        source, token=settings.token, public_url=settings.public_url, trusted_proxies=settings.trusted_proxies
    )


def _chores(daemon: Daemon, reloader: Reloader, upkeep: Upkeep) -> list[Chore]:
    """Return what is done again and again beside polls and sends."""
    trends = TrendWatch(daemon.world)
    shared = SharedRevision(daemon.world, daemon.active, daemon.meta)
    return [
        Chore("config", CONFIG_LOOK, reloader.look, Wake()),
        Chore("pending", timedelta(seconds=30), daemon.poller.retry_pending, Wake()),
        Chore("look back", LOOK_BACK, daemon.past.look, Wake()),
        Chore("pushes", PUSHES_LOOK, daemon.push.look, Wake()),
        Chore("pages", PAGES_LOOK, daemon.pages.look, Wake()),
        Chore("gauges", timedelta(seconds=15), upkeep.gauges, Wake()),
        Chore("database", DATABASE_LOOK, daemon.database.look, Wake()),
        Chore("clock", CLOCK_LOOK, ClockTeller(daemon.world, daemon.meta).look, Wake()),
        Chore("retention", timedelta(hours=1), upkeep.retention, Wake()),
        Chore("meta", timedelta(minutes=1), daemon.meta.look, Wake()),
        Chore("restored", timedelta(minutes=1), RestoreWatch(daemon.world, daemon.meta).look, Wake()),
        Chore("told directly", DIRECT_LOOK, daemon.meta.look_directly, Wake()),
        Chore("channels", timedelta(minutes=1), daemon.active.settle, Wake()),
        Chore("feeds", timedelta(minutes=1), FeedWatch(daemon.world, daemon.active).look, Wake()),
        Chore("canary", timedelta(minutes=1), Canary(daemon.world, daemon.active).look, Wake()),
        Chore("heartbeat", HEARTBEAT_EVERY, Heartbeat(daemon.world, daemon.active).look, Wake()),
        Chore("wraps", timedelta(minutes=1), WrapWatch(daemon.world, daemon.active).look, Wake()),
        Chore("trends", timedelta(minutes=1), trends.look, Wake()),
        Chore("heads", HEADS_LOOK, functools.partial(_edit_heads, daemon.world), Wake()),
        Chore("reactions", REACTIONS_LOOK, ReactionWatch(daemon.world, daemon.hand).look, Wake()),
        Chore("search index", INDEX_LOOK, Indexing(daemon.world).look, Wake()),
        Chore("checkpoint", timedelta(minutes=5), daemon.world.store.checkpoint, Wake()),
        *([Chore(SHARED, SHARED_LOOK, shared.look, Wake())] if is_shared(daemon.world.settings) else []),
        Chore("sample", timedelta(seconds=2), SampleShow(daemon.world, daemon.active).look, Wake()),
    ]


async def _edit_heads(world: World) -> None:
    if world.state.phase is Phase.RUNNING:
        await world.heads.flush(world.clock.monotonic())


async def _loops(
    daemon: Daemon, reloader: Reloader, page: asyncio.Task[None], stopping: asyncio.Event, hang_up: Wake
) -> None:
    world = daemon.world
    upkeep = Upkeep(world, daemon.active)
    chores = _chores(daemon, reloader, upkeep)
    schedule = Schedule(world.metrics)
    await daemon.database.begin()
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(
            serve_control(
                Path(world.settings.data),
                handlers(world, reloader, daemon.poller, daemon.sender, daemon.hand, daemon.past),
            )
        )
        async with asyncio.TaskGroup() as group:
            flows = [
                group.create_task(daemon.poller.run(), name="polls"),
                group.create_task(daemon.sender.run(), name="sends"),
            ]
            others = [page, group.create_task(upkeep.beat(stopping.is_set), name="heart")]
            for chore in chores:
                others.append(group.create_task(chore.loop(stopping.is_set, world.metrics), name=chore.name))
                schedule.ring(chore.name, chore.every, [chore.bell])
            schedule.ring("poll tick", TICK, [daemon.poller.wake])
            schedule.ring("send sweep", TICK, [daemon.sender.wake])
            schedule.ring("heart", TICK, [upkeep.heart])
            hearing = group.create_task(_hear(hang_up, reloader))
            schedule.start()
            group.create_task(schedule.watch(stopping, world.clock))
            _listen(daemon, chores)
            world.state.tick_at = world.clock.monotonic()
            world.state.phase = Phase.RUNNING
            daemon.poller.wake.ring()
            log.info(
                "watcher runs",
                page=world.settings.bind,
                feeds=len(daemon.active.configuration().feeds),
                rules=len(daemon.active.configuration().rules),
            )
            await stopping.wait()
            world.state.phase = Phase.DRAINING
            log.info("stopping")
            schedule.stop()
            daemon.poller.stopping = daemon.sender.stopping = True
            for bell in (daemon.poller.wake, daemon.sender.wake, upkeep.heart, *(chore.bell for chore in chores)):
                bell.ring()
            await end_in_time(flows, others)
            hearing.cancel()
    log.info("stopped")


def _listen(daemon: Daemon, chores: Sequence[Chore]) -> None:
    """Ring at once for what other daemons on the database write; without a word of theirs the schedule rings soon."""
    bells = {
        Wakeup.FEEDS: [daemon.poller.wake],
        Wakeup.MESSAGES: [daemon.sender.wake],
        Wakeup.REVISION: [chore.bell for chore in chores if chore.name == SHARED],
    }
    loop = asyncio.get_running_loop()

    def heard(what: Wakeup) -> None:
        for bell in bells[what]:
            loop.call_soon_threadsafe(bell.ring)

    daemon.world.database.hear(heard)


async def _hear(hang_up: Wake, reloader: Reloader) -> None:
    while True:
        await hang_up.wait()
        reloader.ask()
