"""Replay: what rules would have told of articles that came, beside what they tell as they are; nothing is sent.

Both forms of each rule are asked of each article, and what fires goes through the same folding, stories and planning
as in the daemon, for one channel that is always open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from watcher.core.alerts.stream import Stream
from watcher.core.matching.engine import RuleSet, Tried
from watcher.core.model.alert import AlertKind, NewAlert
from watcher.core.model.article import Article
from watcher.core.model.ids import RuleId, StoryId
from watcher.core.model.match import Match
from watcher.core.model.policy import CONSOLE, ChannelState, Policy, Publisher
from watcher.core.model.rule import Rule

_LIVE: Final = " as it is"
"""Ends the id under which a rule as it is stands beside its other form; an id of a rule holds no blank."""

_TELLS: Final = frozenset((AlertKind.FIRST, AlertKind.UPDATE, AlertKind.RAISE))
_MANY: Final = 30
"""More alerts a day of one rule nobody reads."""

MOST_KEPT: Final = 2_000
"""So many stories gained, and lost, are kept of a rule with their headlines; the rest is counted."""


@dataclass(frozen=True, slots=True)
class ToldStory:
    """A story that only one form of a rule tells: the first article, and why the other form does not tell it, where
    that is known.
    """

    story: StoryId
    article: Article
    match: Match
    stopped_by: str = ""


@dataclass(frozen=True, slots=True)
class RuleReplay:
    """What a rule tells, and what it tells as it is (`live`, None = there is none): articles that match, alerts by
    day. Stories are `same`, or gained or lost by the change; those that are not kept are counted.
    """

    rule: RuleId
    name: str
    matched: int = 0
    days: Mapping[date, int] = field(default_factory=dict)
    stories: int = 0
    live_matched: int | None = None
    live_stories: int | None = None
    live_alerts: int = 0
    same: int = 0
    gained: tuple[ToldStory, ...] = ()
    lost: tuple[ToldStory, ...] = ()
    gained_count: int = 0
    lost_count: int = 0

    @property
    def alerts(self) -> int:
        """How many alerts it makes."""
        return sum(self.days.values())


def floods(found: RuleReplay, articles: int, span: timedelta) -> str:
    """Return in words that a rule made far too many alerts of the newest articles, which came within `span`; "" where
    it did not. From less than a day nothing is said of a day.
    """
    days = span / timedelta(days=1)
    if found.alerts < _MANY * max(days, 1.0):
        return ""
    of = f"{found.alerts:,} alerts of the newest {articles:,} stored articles"
    if days >= 1:
        return f"rule `{found.name}` would have made about {found.alerts / days:,.0f} alerts a day: {of}"
    hours = max(1, round(span / timedelta(hours=1)))
    return f"rule `{found.name}` would have made {of}, which came within {hours} h"


def as_tried(rule: Rule) -> Rule:
    """Return a rule that tells one open channel at once whatever it finds."""
    return replace(rule, send_to=(), limit=None, gather=timedelta(0), is_paused=False)


def as_it_is(rule: Rule) -> Rule:
    """Return a rule likewise, under an id of its own, so that it can stand beside its other form."""
    return replace(as_tried(rule), id=_as_it_is(rule.id))


def _as_it_is(rule: RuleId) -> RuleId:
    return RuleId(f"{rule}{_LIVE}")


@dataclass
class _Form:
    """What one form of a rule told so far."""

    matched: int = 0
    days: Counter[date] = field(default_factory=Counter)
    told: dict[StoryId, tuple[Article, Match]] = field(default_factory=dict)


class Replay:
    """Takes articles, oldest first, and counts what both forms of rules tell of them.

    `rules` hold the `forms`, made by `as_tried` and `as_it_is`, compiled; `unchanged` are those whose other form is the
    same.
    """

    def __init__(
        self,
        rules: Sequence[RuleSet],
        forms: Sequence[Rule],
        unchanged: Set[RuleId] = frozenset(),
        publishers: Sequence[Publisher] = (),
    ) -> None:
        self._rules = tuple(rules)
        self._forms = {rule.id: rule for rule in forms}
        self._unchanged = unchanged
        policy = Policy(
            1,
            self._forms,
            {CONSOLE: ChannelState.READY},
            default_targets=(CONSOLE,),
            publishers=tuple(publishers),
            silent_targets=frozenset({CONSOLE}),
        )
        self._stream = Stream(policy)
        self._counted = {rule.id: _Form() for rule in forms}
        self._stopped: dict[tuple[RuleId, StoryId], str] = {}
        self.read = 0

    def add(self, article: Article) -> bool:
        """Ask the rules of an article; return whether one fired."""
        return self.take(article, [rules.tried(article) for rules in self._rules])

    def take(self, article: Article, tried: Sequence[Tried]) -> bool:
        """Take an article of which the rules were asked; return whether one fired."""
        self.read += 1
        by_rule = {match.rule: match for one in tried for match in one.matches}
        if not by_rule:
            return False
        judgement = self._stream.replay(article, tuple(by_rule.values()))
        for rule in by_rule:
            self._counted[rule].matched += 1
        for alert in judgement.alerts:
            self._note(alert, article, by_rule)
        for story in {alert.story for alert in judgement.alerts} | {verdict.story for verdict in judgement.verdicts}:
            self._note_stopped(story, tried)
        return True

    def _note(self, alert: NewAlert, article: Article, by_rule: Mapping[RuleId, Match]) -> None:
        if alert.kind not in _TELLS or alert.rule not in by_rule:
            return
        form = self._counted[alert.rule]
        at = article.first_seen_at or article.published_at
        if at is not None:
            form.days[at.date()] += 1
        form.told.setdefault(alert.story, (article, by_rule[alert.rule]))

    def _note_stopped(self, story: StoryId, tried: Sequence[Tried]) -> None:
        for one in (excluded for each in tried for excluded in each.excluded):
            self._stopped.setdefault((one.rule, story), one.term)

    def result(self) -> tuple[RuleReplay, ...]:
        """Return what each rule told, in their order."""
        return tuple(self._of(rule) for id_, rule in self._forms.items() if not id_.endswith(_LIVE))

    def _of(self, rule: Rule) -> RuleReplay:
        now = self._counted[rule.id]
        was = now if rule.id in self._unchanged else self._counted.get(_as_it_is(rule.id))
        told = self._by_story(now)
        found = RuleReplay(rule.id, rule.name, now.matched, dict(now.days), len(told))
        if was is None:
            return found
        before = self._by_story(was)
        gained = [story for story in told if story not in before]
        lost = [story for story in before if story not in told]
        return replace(
            found,
            live_matched=was.matched,
            live_alerts=sum(was.days.values()),
            live_stories=len(before),
            same=len(told) - len(gained),
            gained=tuple(self._told(told, one, _as_it_is(rule.id)) for one in gained[-MOST_KEPT:]),
            lost=tuple(self._told(before, one, rule.id) for one in lost[-MOST_KEPT:]),
            gained_count=len(gained),
            lost_count=len(lost),
        )

    def _by_story(self, form: _Form) -> dict[StoryId, tuple[Article, Match]]:
        """Return what a form told by what stories are by now."""
        found: dict[StoryId, tuple[Article, Match]] = {}
        for story, first in form.told.items():
            found.setdefault(self._stream.story_now(story), first)
        return found

    def _told(self, told: Mapping[StoryId, tuple[Article, Match]], story: StoryId, other: RuleId) -> ToldStory:
        article, match = told[story]
        return ToldStory(story, article, match, self._stopped.get((other, story), ""))
