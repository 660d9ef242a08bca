"""Reloading: look at the files each half second, take them only when they hold still and are right."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import structlog

from watcher.daemon.active import Active
from watcher.daemon.effects import effect_of
from watcher.daemon.examine import examine, tell_of_examples
from watcher.daemon.look_back import BackLooker
from watcher.daemon.memory import give_back
from watcher.daemon.meta import Meta
from watcher.daemon.world import World
from watcher.errors import StorageError, WatcherError
from watcher.reading.configurations import load_tried
from watcher.settings.configuration import Configuration
from watcher.settings.emptied import emptied
from watcher.settings.load import fingerprint
from watcher.settings.problems import Problem, render

log = structlog.get_logger()

_MOST_LOGGED = 20

STORE_PAUSE_SECONDS = 10.0
"""How long after a database that refused a revision it is offered again."""


class Reloader:
    """Keeps the active configuration in step with the files; a bad edit changes nothing but what it says of itself.

    A change is taken after two looks with the same content, so that a half-written file is not read.
    """

    def __init__(self, world: World, active: Active, meta: Meta, past: BackLooker) -> None:
        self._world = world
        self._directory = Path(world.settings.config)
        self._active = active
        self._meta = meta
        self._past = past
        self._settled = b""  # the content that was taken or refused last
        self._seen = b""
        self._lock = asyncio.Lock()
        self._not_before = 0.0

    def start_from(self, content: bytes) -> None:
        """Take this content of the files as known."""
        self._settled = self._seen = content

    async def look(self) -> None:
        """Look once; reload when the files differ from the last settled content and did not change since the last
        look.
        """
        content = await asyncio.to_thread(fingerprint, self._directory)
        still, self._seen = content == self._seen, content
        if still and content != self._settled and self._world.clock.monotonic() >= self._not_before:
            async with self._lock:
                if content != self._settled:  # it may have been taken meanwhile, because somebody asked for it
                    await self._reload()

    def ask(self) -> None:
        """Have the files read at the next look, changed or not (SIGHUP)."""
        self._settled, self._not_before = b"", 0.0

    async def reload(self) -> str:
        """Check all files and take them, or keep what is in force; return one line, or the list of mistakes."""
        async with self._lock:
            return await self._reload()

    async def _reload(self) -> str:
        content = await asyncio.to_thread(fingerprint, self._directory)
        loaded = await asyncio.to_thread(load_tried, self._directory, self._world.settings)
        self._settled = content
        if loaded.configuration is None:
            return await self._refuse(content, loaded.problems)
        if lost := emptied(loaded.configuration, self._active.configuration()):
            return await self._refuse(content, lost)
        for problem in loaded.examples:
            log.warning("example not read", problem=str(problem))
        return await self._take(loaded.configuration, content)

    async def _take(self, configuration: Configuration, content: bytes) -> str:
        self._world.masker.add(configuration.secrets())
        before = self._active.configuration()
        was_held = bool(before.held)
        try:
            examined = await asyncio.to_thread(examine, configuration, before, self._world.state.revision)
            effect = await effect_of(self._world, before, examined.configuration)
            line = await self._active.adopt(examined.configuration, effect=effect)
            await asyncio.to_thread(give_back)
        except StorageError as error:
            # A full disk or a locked database says nothing about the files: they are offered again.
            self.ask()
            self._not_before = self._world.clock.monotonic() + STORE_PAUSE_SECONDS
            return await self.keep_on(content, str(error))
        except WatcherError as error:
            return await self.keep_on(content, str(error))
        if gained := await self._past.of_revision():
            line = self._world.state.last_reload = f"{line}; {gained}"
        log.info("configuration reloaded", result=line)
        await tell_of_examples(self._meta, examined, was_held)
        return line

    async def _refuse(self, content: bytes, problems: Sequence[Problem]) -> str:
        mistakes = [str(problem) for problem in problems if problem.is_error]
        return await self.keep_on(content, render(problems), mistakes)

    async def keep_on(self, content: bytes, problems: str, mistakes: Sequence[str] = ()) -> str:
        """Say everywhere that the files are refused and the active revision goes on; return the problems.

        The log has one event, with the first of `mistakes`, or with the problems where nobody told them apart.
        """
        state, metrics = self._world.state, self._world.metrics
        state.stale_since = state.stale_since or self._world.clock.now()
        state.stale_problems = problems
        metrics.config_ok.set(0)
        metrics.config_stale_since.set(state.stale_since.timestamp())
        more = {"more": len(mistakes) - _MOST_LOGGED} if len(mistakes) > _MOST_LOGGED else {}
        log.error(
            "configuration refused",
            still_on_revision=state.revision,
            mistakes=list(mistakes[:_MOST_LOGGED]) or [problems],
            **more,
        )
        await self._meta.configuration_refused(content, problems, state.revision)
        return problems
