"""Looking back: what a new or wider rule finds among what is stored is told once, and said with the reload."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from watcher.by_hand import Past
from watcher.core.alerts.look_back import MOST_JUDGED, asks_of, due, is_past_of, say_gained, say_left, together
from watcher.core.model.article import Article
from watcher.core.model.ids import RuleId
from watcher.core.model.match import ReadArticle
from watcher.core.model.past import LookBack, LookedBack
from watcher.core.model.record import Committed
from watcher.daemon.active import Active
from watcher.daemon.alert_lines import log_alerts
from watcher.daemon.world import World
from watcher.errors import ControlError, ParseError, StaleRevision, StorageError
from watcher.ports import Notices
from watcher.searching import Listed, Searched, after_of
from watcher.settings.issues import did_you_mean
from watcher.settings.phrases import short

log = structlog.get_logger()

LOOK: Final = timedelta(minutes=1)
"""How often what could not be looked back on is tried again; a start does it too."""

_AT_ONCE: Final = 500

NOTHING_NEW: Final = "found nothing that its channels were not told"


class _Doors(Past, Searched, Notices, Protocol):
    """What came before, and where what was found is said."""


class BackLooker:
    """Looks back for the rules that ask for it, one revision after the other."""

    def __init__(self, world: World, active: Active, after: Callable[[Committed], None]) -> None:
        self._world = world
        self._active = active
        self._after = after
        self._store: _Doors = world.store
        self._lock = asyncio.Lock()
        self._done = 0  # the revision for which all was looked back on

    async def look(self) -> None:
        """Do what is still to be done for the revision in force; nothing while the clock cannot be believed."""
        if self._world.is_clock_trusted():
            await self.of_revision()

    async def of_revision(self) -> str:
        """Look back for the rules that are new or wider; return what they gain in words, "" for nothing. What fails is
        tried again by `look`.
        """
        async with self._lock:
            revision = self._world.ruling().revision
            if revision == self._done:
                return ""
            try:
                said = await self._of_revision(revision)
            except (StaleRevision, StorageError, ParseError) as error:
                log.warning("not looked back yet, trying again soon", reason=str(error))
                return ""
            self._done = revision
            return said

    async def _of_revision(self, revision: int) -> str:
        configuration, now = self._active.configuration(), self._world.clock.now()
        asks = asks_of(configuration.rules, configuration.concepts)
        noted = await self._store.looked_back()
        found = due(configuration.rules, asks, noted)
        if not found.rules and found.noted == noted:
            return ""
        lengths = {rule.id: rule.look_back for rule in configuration.rules if rule.id in found.rules}
        since = {id_: now - length for id_, length in lengths.items()}
        back = await self._look(await self._reads(since, revision), LookBack(since, noted=found.noted), revision)
        left = say_left(back.left, lengths)
        if left:
            log.warning("looked back on the newest articles only", left=left)
        said = "; ".join(filter(None, (say_gained(back.gained), left)))
        if said:
            await self._say(back, revision, said)
        return said

    async def _say(self, back: LookedBack, revision: int, said: str) -> None:
        """Tell `meta` what rules gain, but for channels that are told what they gain; what was not looked at is told to
        all of them.
        """
        told = {target for one in back.gained for target in one.targets} if not back.left else set()
        targets = [name for name in self._world.ruling().meta_targets if name not in told]
        rules = dict.fromkeys((*(one.rule for one in back.gained), *back.left))
        title = f"Revision {revision}: {', '.join(rules)} found what came before"
        await self._store.notify(targets, f"look back {revision} {said}", title, said, self._world.clock.now())
        self._world.send_bell.ring()

    async def send(self, rule: str, back: timedelta) -> str:
        """Tell what one rule finds so far back, however much it is; return what was done.

        Raises:
            ControlError: there is no such rule, or it looks at no articles.
            StorageError, StaleRevision, ParseError: it cannot be done now.
        """
        wanted = next((one for one in self._active.configuration().rules if one.id == rule), None)
        if wanted is None:
            known = [one.id for one in self._active.configuration().rules]
            hint = did_you_mean(rule, known) or f"rules: {', '.join(known[:20])}"
            raise ControlError(f"no rule is called {short(rule)}; {hint}")
        if wanted.is_paused:
            raise ControlError(f"the rule {wanted.id} is paused; take `paused: true` out of it first")
        if wanted.trend is not None:
            raise ControlError(f"the rule {wanted.id} looks at numbers, not at articles: it has nothing to send")
        async with self._lock:
            since = {wanted.id: self._world.clock.now() - back}
            revision = self._world.ruling().revision
            reads = await self._reads(since, revision)
            parts = [reads[start : start + MOST_JUDGED] for start in range(0, len(reads), MOST_JUDGED)]
            asked = LookBack(since, is_by_hand=True)
            gained = [one for part in parts for one in (await self._look(part, asked, revision)).gained]
        return say_gained(together(gained)) or f"{wanted.id} {NOTHING_NEW}"

    async def _reads(self, since: Mapping[RuleId, datetime], revision: int) -> list[ReadArticle]:
        return [read async for read in self._matched(since, revision)] if since else []

    async def _look(self, reads: Sequence[ReadArticle], asked: LookBack, revision: int) -> LookedBack:
        ruling = self._world.ruling()
        done = await self._store.look_back(
            replace(asked, reads=tuple(reads)), ruling.judge, revision, self._world.clock.now()
        )
        if done.gained:
            log.info("looked back", result=say_gained(done.gained))
        log_alerts(done.committed)
        self._after(done.committed)
        return done

    async def _matched(self, since: Mapping[RuleId, datetime], revision: int) -> AsyncIterator[ReadArticle]:
        """Yield the stored articles on which one of the rules fires, or fails."""
        after: Listed | datetime = min(since.values())
        while part := await self._store.articles_since(after, _AT_ONCE):
            wanted = [one for one in part if any(is_past_of(one, at) for at in since.values())]
            for read in await self._match(wanted, revision) if wanted else ():
                if any(match.rule in since for match in read.matches) or any(f.rule in since for f in read.failed):
                    yield read
            after = after_of(part[-1])

    async def _match(self, articles: Sequence[Article], revision: int) -> Sequence[ReadArticle]:
        try:
            return await self._world.reader.match(articles, revision)
        except ParseError as error:
            if len(articles) == 1:
                log.warning(
                    "an article stopped its reader and is left out", article_id=articles[0].id, reason=str(error)
                )
                return ()
            half = len(articles) // 2
            return (*await self._match(articles[:half], revision), *await self._match(articles[half:], revision))
