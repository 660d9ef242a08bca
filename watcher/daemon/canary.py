"""The canary: once a day each rule is tried with an article made of its own words, from match to message, told to
nobody and counted nowhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from watcher.core.alerts.trial import NO_MATCH, lost
from watcher.core.lint.example import article_like, example_of
from watcher.core.matching.compile import compile_rules
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, ChannelName, FeedId, RuleId, digest, public_id
from watcher.core.model.match import ReadArticle
from watcher.core.model.policy import CONSOLE
from watcher.core.model.rule import Rule, RuleSource
from watcher.core.read import match_articles
from watcher.daemon.active import Active
from watcher.daemon.world import World
from watcher.errors import OutOfDescriptors, ParseError
from watcher.pipeline import Ruling
from watcher.ports import Notices
from watcher.telling import notices

log = structlog.get_logger()

_AGAIN: Final = timedelta(hours=24)
_AGAIN_LOST: Final = timedelta(minutes=15)
"""What was lost is tried again so soon: what stopped it may be over."""

LATE: Final = timedelta(seconds=30)
"""An article that takes longer from match to message is late."""

MOST_AT_ONCE: Final = 20
_TEXT: Final = (
    "Watcher made these lines to try whether anything that fires here comes through; nobody is told of them, no page "
    "lists them, no figure counts them, and they are gone as soon as it knows."
)
_FEEDS: Final = ("canary", "canary-copy")


class _Doors(Notices, Protocol):
    """What is lost is queued."""


class Canary:
    """Tries some rules at each look, each once a day and once after its configuration changed; what was lost sooner."""

    def __init__(self, world: World, active: Active) -> None:
        self._world = world
        self._store: _Doors = world.store
        self._active = active
        self._clock = world.clock
        self._tried: dict[RuleId, tuple[int, datetime]] = {}
        self._lost: dict[RuleId, str] = {}
        self._unsaid: set[RuleId] = set()
        self._has_told = False

    async def look(self) -> None:
        """Try the rules that are due, and tell at once what is lost or late; its end, too."""
        ruling, now = self._world.ruling(), self._clock.now()
        due = [rule for rule in ruling.policy.rules.values() if self._is_due(ruling.revision, rule.id, now)]
        if not due:
            return
        self._tried = {id_: at for id_, at in self._tried.items() if id_ in ruling.policy.rules}
        self._unsaid |= {id_ for id_ in self._lost if id_ not in ruling.policy.rules}
        self._lost = {id_: why for id_, why in self._lost.items() if id_ in ruling.policy.rules}
        self._unsaid |= set(await self._try(due[:MOST_AT_ONCE], ruling, now))
        log.info("canary", rules=len(due[:MOST_AT_ONCE]), lost=len(self._lost) or None)
        await self._tell(ruling, now, is_last=len(due) <= MOST_AT_ONCE)

    def _is_due(self, revision: int, rule: RuleId, now: datetime) -> bool:
        tried, at = self._tried.get(rule, (None, now))
        return tried != revision or now - at >= (_AGAIN_LOST if rule in self._lost else _AGAIN) or at > now

    async def _try(self, due: Sequence[Rule], ruling: Ruling, now: datetime) -> Sequence[RuleId]:
        """Return the rules that were tried, those that have no example among them."""
        source = self._active.configuration().rule_source(ruling.revision)
        written = {rule.id: _articles(rule, source, now) for rule in due}
        try:
            reads, problem = await self._matched([one for pair in written.values() for one in pair], ruling.revision)
        except OutOfDescriptors as error:
            log.warning("canary not tried, trying again soon", reason=str(error))
            return ()  # our shortage, which is told by itself, and no loss of a rule
        if ruling.revision != self._world.ruling().revision:
            return ()  # replaced meanwhile: all are due again
        for rule in due:
            self._tried[rule.id] = ruling.revision, now
            if not written[rule.id]:
                self._lost.pop(rule.id, None)
                continue
            why = problem
            if len(found := [reads[one.id] for one in written[rule.id] if one.id in reads]) == len(_FEEDS):
                why = await self._why_lost(rule, found[0], found[1], ruling, source, now) or why
            self._note(rule.id, why)
        return [rule.id for rule in due]

    async def _matched(self, articles: Sequence[Article], revision: int) -> tuple[Mapping[ArticleId, ReadArticle], str]:
        """Return the articles as they are matched, and what went wrong with that, or ""."""
        if not articles:
            return {}, ""
        began = self._clock.elapsed()
        try:
            reads = await self._world.reader.match(articles, revision)
        except ParseError as error:
            return {}, f"its articles could not be read: {error}"
        took = timedelta(seconds=self._clock.elapsed() - began)
        late = f"late: it took {took.total_seconds():.0f} s to be matched" if took > LATE else ""
        return {read.article.id: read for read in reads}, late

    async def _why_lost(
        self, rule: Rule, first: ReadArticle, copy: ReadArticle, ruling: Ruling, source: RuleSource, now: datetime
    ) -> str:
        why = lost(rule.id, first, copy, ruling.judge, now)
        if why == NO_MATCH and not await asyncio.to_thread(_fires_here, rule, first.article, source):
            # What its words cannot do, its `none` forbids or its operators ask otherwise says nothing of the way.
            return ""
        return why

    def _note(self, rule: RuleId, why: str) -> None:
        if why:
            log.error("canary lost", rule=rule, reason=why)
            self._lost[rule] = why
        else:
            self._lost.pop(rule, None)

    async def _tell(self, ruling: Ruling, now: datetime, *, is_last: bool) -> None:
        """Tell at once the first that is lost of a round, the rest in one message at its end, with what is back: each
        rule has a condition of its own, which ends only once it was tried in this process.
        """
        targets: list[ChannelName] = list(ruling.meta_targets) or [CONSOLE]
        told, lost = 0, sorted(self._lost.items())
        if lost and (is_last or not self._has_told):
            begun = [_condition(id_) for id_, _ in lost]
            told += await self._store.note_conditions(begun, targets, *notices.canary_lost(lost), now)
            self._has_told = True
        if is_last:
            ended = [_condition(id_) for id_ in sorted(self._unsaid - set(self._lost))]
            untried = len(ruling.policy.rules.keys() - self._tried.keys())
            told += await self._store.end_conditions(ended, targets, *notices.canary_back(lost, untried), now)
            self._unsaid, self._has_told = set(), False
        if told:
            self._world.send_bell.ring()


def _condition(rule: RuleId) -> str:
    """Return the name of a rule's condition; it begins with the rule, so that it follows a rename."""
    return f"{rule} canary"


def _articles(rule: Rule, source: RuleSource, now: datetime) -> tuple[Article, ...]:
    """Return an article that must fire a rule, and the same one of another feed; () where none can be written down."""
    example = example_of(rule, source.concepts)
    if example is None:
        return ()
    bases = (
        Article(
            id=ArticleId(public_id("a", digest("canary", feed, rule.id, now.isoformat()))),
            feed=FeedId(public_id("f", digest("canary", feed))),
            title="Canary",
            guid=f"{feed} {rule.id} {now.isoformat()}",
            url=f"https://canary.invalid/{_hex(rule, now)}",
            summary=_TEXT,
            source=f"{feed}.invalid",
            feed_name=feed,
            published_at=now,
            first_seen_at=now,
        )
        for feed in _FEEDS
    )
    return tuple(article_like(example, rule.where, base) for base in bases)


def _hex(rule: Rule, now: datetime) -> str:
    return digest("canary", rule.id, now.isoformat()).hex()


def _fires_here(rule: Rule, article: Article, source: RuleSource) -> bool:
    """Return whether a rule alone, compiled here, fires on an article."""
    rules = compile_rules(replace(source, rules=(rule,)))
    return any(match.rule == rule.id for read in match_articles([article], rules) for match in read.matches)
