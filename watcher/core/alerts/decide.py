"""Deciding: does an article join a live alert of the same rule and target, or make one of its own.

The desk holds the alerts of the store and those made in the reading in hand, so that what arrives together is seen together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Final

from watcher.core.dedup.relate import relate
from watcher.core.model.alert import AlertKind, Fold, Member, NewAlert, PastAlert
from watcher.core.model.article import ArticleKeys
from watcher.core.model.ids import AlertId, ChannelName, MessageId, RuleId, StoryId, digest, public_id
from watcher.core.model.message import LIVE_STATES, MessageState
from watcher.core.model.rule import Severity
from watcher.core.model.verdict import Level, Outcome, Relation, Verdict

_NEAREST: Final = (Level.REVISION, Level.SAME_ARTICLE, Level.NEAR_COPY, Level.SAME_STORY)
_SAME_KEY: Final = 20
_MEMBERS: Final = 20
"""A feed that repeats one title two thousand times costs no more than this many comparisons an article."""


@dataclass(frozen=True, slots=True)
class Related:
    """What an arriving article has to do with earlier alerts: the nearest relation to each, and the story that follows."""

    member: Member
    story: StoryId
    relations: Mapping[AlertId, Relation]

    @property
    def placed(self) -> Member:
        """The article at its nearest level to another one, NEW when there is none."""
        levels = [one.level for one in self.relations.values() if one.of != self.member.article.id]
        return replace(self.member, level=min(levels, key=_NEAREST.index, default=Level.NEW))


@dataclass(frozen=True, slots=True)
class Intent:
    """An alert that is wanted for one rule and target, before it is known whether it folds."""

    rule: RuleId
    target: ChannelName
    severity: Severity
    revision: int
    note: str = ""


class Desk:
    """All alerts that an article may fold into, found by key; grows while a reading is judged."""

    def __init__(self, past: Sequence[PastAlert], recurring: Mapping[bytes, int], now: datetime) -> None:
        self._recurring = recurring
        self._now = now
        self._alerts: dict[AlertId, PastAlert] = {}
        self._order: dict[AlertId, int] = {}
        self._by_key: dict[bytes, dict[AlertId, None]] = {}
        self._ordinals: dict[tuple[RuleId, ChannelName, StoryId], int] = {}
        for alert in past:
            self._put(alert)

    def relate(self, new: Member) -> Related:
        """Return how the article relates to each alert that shares a key with it; samples and real news never mix.

        The story is that of the earliest related alert of any rule, else the article's own.
        """
        found: set[AlertId] = set()
        for key in _look_up_keys(new):
            found.update(islice(reversed(self._by_key.get(key, {})), _SAME_KEY))
        relations: dict[AlertId, Relation] = {}
        for id_ in sorted(found, key=lambda id_: self._order[id_]):
            members = self._alerts[id_].members
            nearest = members if len(members) <= _MEMBERS else (members[0], *members[1 - _MEMBERS :])
            others = [member for member in nearest if member.article.sample == new.article.sample]
            if relation := relate(new, others, self._recurring):
                relations[id_] = relation
        earliest = next(iter(relations), None)
        own = StoryId(public_id("s", digest("story", new.article.id)))
        return Related(new, self._alerts[earliest].story if earliest else own, relations)

    def decide(self, related: Related, intent: Intent) -> tuple[Verdict, NewAlert | None, Fold | None]:
        """Return the verdict for one rule and target, with the alert or the fold that it makes.

        A copy folds into the nearest live alert of the same rule and target; one that is dead, skipped or dropped told nobody, so the
        copy gets an alert with the next ordinal.
        """
        alert = self.to_join(related, intent.rule, intent.target)
        if alert is None:
            return self._found(related, intent)
        relation = related.relations[alert.id]
        own = next((one for one in alert.members if one.article.id == related.member.article.id), None)
        verdict = Verdict(
            article=related.member.article.id,
            rule=intent.rule,
            target=intent.target,
            # The founder of an alert stays that when its text is revised.
            outcome=Outcome.WAITING if own and own.level is Level.NEW else Outcome.FOLDED,
            story=alert.story,
            level=relation.level,
            of=relation.of,
            because=relation.because,
            alert=alert.id,
            text=related.member.article.text,
        )
        if own is not None:
            return verdict, None, None
        joined = replace(related.member, level=relation.level)
        self._put(replace(alert, members=(*alert.members, joined)), added=1)
        return verdict, None, Fold(alert.id, related.member.article.id, relation.level, related.member.article.text)

    def to_join(self, related: Related, rule: RuleId, target: ChannelName) -> PastAlert | None:
        """Return the live alert that an article folds into for one rule and target, or None when it gets one of its own."""
        live = [
            alert
            for alert in (self._alerts[id_] for id_ in related.relations)
            if (alert.rule, alert.target) == (rule, target)
            and alert.state in LIVE_STATES
            and alert.kind is not AlertKind.RAISE
        ]
        return min(live, key=lambda alert: _NEAREST.index(related.relations[alert.id].level), default=None)

    def told(self, rule: RuleId, target: ChannelName, story: StoryId) -> Severity | None:
        """Return the highest severity at which a story was told for one rule and target; None when it was not."""
        return max(
            (
                alert.severity
                for alert in self._alerts.values()
                if (alert.rule, alert.target, alert.story) == (rule, target, story) and alert.state in LIVE_STATES
            ),
            default=None,
        )

    def raise_(self, related: Related, intent: Intent, joined: AlertId) -> tuple[NewAlert, tuple[Fold, ...]] | None:
        """Return an alert that says that a story told before matters more now, with the articles of the story; None when it was said before.

        Its id is that of story and severity: each severity is told once, even if that alert died.
        """
        past = self._alerts[joined]
        raw = digest("alert", intent.rule, intent.target, past.story, AlertKind.RAISE.value, intent.severity.word)
        alert = NewAlert(
            id=AlertId(public_id("l", raw)),
            rule=intent.rule,
            target=intent.target,
            story=past.story,
            kind=AlertKind.RAISE,
            ordinal=int(intent.severity),
            severity=intent.severity,
            article=related.member.article.id,
            revision=intent.revision,
            sample=related.member.article.sample,
            note=intent.note,
            text=related.member.article.text,
        )
        if alert.id in self._alerts:
            return None
        self._put(self._remembered(alert, related.member))
        others = [one for one in past.members if one.article.id != alert.article][-_MEMBERS:]
        return alert, tuple(Fold(alert.id, one.article.id, _beside(one.level), one.article.text) for one in others)

    def regrade(self, alert: AlertId, severity: Severity) -> None:
        """Note that an alert of the reading in hand matters more than was thought."""
        self._alerts[alert] = replace(self._alerts[alert], severity=severity)

    def _found(self, related: Related, intent: Intent) -> tuple[Verdict, NewAlert, None]:
        article = related.member.article
        ordinal = self._ordinals.get((intent.rule, intent.target, related.story), 0)
        raw = digest("alert", intent.rule, intent.target, related.story, AlertKind.FIRST.value, str(ordinal))
        alert = NewAlert(
            id=AlertId(public_id("l", raw)),
            rule=intent.rule,
            target=intent.target,
            story=related.story,
            kind=AlertKind.FIRST,
            ordinal=ordinal,
            severity=intent.severity,
            article=article.id,
            revision=intent.revision,
            sample=article.sample,
            note=intent.note,
            text=article.text,
        )
        self._put(self._remembered(alert, related.member))
        verdict = Verdict(
            article=article.id,
            rule=intent.rule,
            target=intent.target,
            outcome=Outcome.WAITING,
            story=related.story,
            alert=alert.id,
            text=article.text,
        )
        return verdict, alert, None

    def _remembered(self, alert: NewAlert, member: Member) -> PastAlert:
        return PastAlert(
            id=alert.id,
            rule=alert.rule,
            target=alert.target,
            story=alert.story,
            kind=alert.kind,
            ordinal=alert.ordinal,
            severity=alert.severity,
            message=MessageId(""),  # planned when the whole reading is judged
            state=MessageState.WAITING,
            created_at=self._now,
            members=(replace(member, level=Level.NEW),),
        )

    def _put(self, alert: PastAlert, added: int = 0) -> None:
        self._alerts[alert.id] = alert
        self._order.setdefault(alert.id, len(self._order))
        if alert.kind is AlertKind.FIRST:
            place = (alert.rule, alert.target, alert.story)
            self._ordinals[place] = max(self._ordinals.get(place, 0), alert.ordinal + 1)
        for member in alert.members[-added:] if added else alert.members:
            for key in _look_up_keys(member):
                self._by_key.setdefault(key, {})[alert.id] = None


def _beside(level: Level) -> Level:
    """Return the level of an article in an alert that another one founded."""
    return Level.SAME_STORY if level is Level.NEW else level


def _look_up_keys(member: Member) -> tuple[bytes, ...]:
    """Return the keys under which two articles meet: their own, and their id."""
    keys: ArticleKeys = member.keys
    return (
        keys.item,
        digest("id", member.article.id),
        *(key for key in (keys.guid, keys.url, keys.title, keys.start) if key is not None),
    )
