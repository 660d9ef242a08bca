"""Deciding: does an article join a live alert of the same rule and target, or make one of its own.

The desk holds the alerts of the store and those made in the reading in hand, so that what arrives together is seen
together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from watcher.core.alerts.follow import Heard
from watcher.core.alerts.told import newest_of_each
from watcher.core.dedup.habits import Habits
from watcher.core.dedup.relate import RANK, relation
from watcher.core.dedup.search import Postings, nearest
from watcher.core.model.alert import AlertKind, Fold, JudgeContext, Member, NewAlert, PastAlert
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, MessageId, RuleId, StoryId, digest, public_id
from watcher.core.model.message import LIVE_STATES, HoldReason, MessageState
from watcher.core.model.rule import Severity
from watcher.core.model.verdict import Evidence, Level, NearMiss, Outcome, Relation, Verdict

_NEAREST: Final = (Level.REVISION, Level.SAME_ARTICLE, Level.NEAR_COPY, Level.SAME_STORY)
_RAISED_MEMBERS: Final = 20
"""As many articles of a story, the newest, stand in an alert that says that it matters more now."""


@dataclass(frozen=True, slots=True)
class Related:
    """What an arriving article has to do with earlier alerts: the nearest relation to each, and the story that follows.

    `miss` is the earlier article that it came closest to, where it is a copy of none.
    """

    member: Member
    story: StoryId
    relations: Mapping[AlertId, Relation]
    miss: NearMiss | None = None
    linked: Evidence = field(default_factory=dict)  # why it joined the story, where it is a copy of nothing

    @property
    def is_later_text(self) -> bool:
        """Whether it is an article that was told, in other words."""
        return any(relation.of == self.member.article.id for relation in self.relations.values())

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
    kind: AlertKind = AlertKind.FIRST
    fingerprint: str = ""  # of the facts that an update changes
    tell_at: datetime | None = None


class Desk:
    """All alerts that an article may fold into, found by the articles in them; grows while a reading is judged.

    `context.postings` say under which keys the articles of earlier alerts are found (core.dedup.search),
    `context.habits` what sources gave before. What arrives together is seen together.
    """

    def __init__(self, context: JudgeContext) -> None:
        self._now = context.now
        self._habits = Habits(context.habits)
        self._postings = Postings(context.postings or {})
        self._listed: set[ArticleId] = set()
        self._alerts: dict[AlertId, PastAlert] = {}
        self._order: dict[AlertId, int] = {}
        self._told: dict[tuple[RuleId, ChannelName, StoryId], dict[AlertId, None]] = {}
        self._members: dict[ArticleId, list[Member]] = {}
        self._alerts_of: dict[ArticleId, dict[AlertId, None]] = {}
        self._ordinals: dict[tuple[RuleId, ChannelName, ArticleId, int], int] = {}
        for alert in sorted(context.past, key=_age):
            self._put(alert, alert.members)
            if context.postings is None:
                for member in alert.members:
                    self._postings.add(member)

    def note_listed(self, ids: Iterable[ArticleId]) -> None:
        """Note which articles the document in hand lists."""
        self._listed.update(ids)

    def note(self, new: Member) -> None:
        """Note an article of the reading in hand, whether a rule matched it or not: it tells what its source does."""
        self._listed.add(new.article.id)
        self._habits.add(new.article.id, new.keys)

    def is_given_again(self, member: Member) -> bool:
        """Return whether the source of an article gave its title before to another one, numbers and calendar words
        aside.
        """
        return self._habits.times(member) > 0

    def relate(self, new: Member) -> Related:
        """Return how the article relates to each alert that has an article near to it; samples and real news never mix.

        Each article is compared once, however many rules and targets told it. The story is that of the earliest
        related alert of any rule, else the article's own.
        """
        found: dict[ArticleId, Relation] = {}
        miss: NearMiss | None = None
        for id_ in dict.fromkeys((new.article.id, *nearest(new, self._postings, self._habits))):
            for member in self._members.get(id_, ()):
                if member.article.sample != new.article.sample:
                    continue
                answer = relation(new, member, self._habits, is_gone=self._is_gone(new, member))
                if isinstance(answer, NearMiss):
                    miss = answer if miss is None or answer.closeness > miss.closeness else miss
                elif answer is not None and (id_ not in found or RANK[answer.level] < RANK[found[id_].level]):
                    found[id_] = answer
        relations = self._by_alert(found)
        earliest = next(iter(relations), None)
        own = StoryId(public_id("s", digest("story", new.article.id)))
        story = self._alerts[earliest].story if earliest else own
        return Related(new, story, relations, None if relations else miss)

    def _is_gone(self, new: Member, old: Member) -> bool:
        return new.article.feed == old.article.feed and old.article.id not in self._listed

    def _by_alert(self, found: Mapping[ArticleId, Relation]) -> dict[AlertId, Relation]:
        """Return the nearest relation to each alert, the earliest alert first; of equal ones that to its earliest
        member.
        """
        alerts = {alert for id_ in found for alert in self._alerts_of[id_]}
        return {
            alert: min(
                (found[member.article.id] for member in self._alerts[alert].members if member.article.id in found),
                key=lambda relation: RANK[relation.level],
            )
            for alert in sorted(alerts, key=self._order.__getitem__)
        }

    def decide(self, related: Related, intent: Intent) -> tuple[Verdict, NewAlert | None, Fold | None]:
        """Return the verdict for one rule and target, with the alert or the fold that it makes.

        A copy folds into the nearest live alert of the same rule and target; one that is dead, skipped or dropped
        told nobody, so the copy gets an alert with the next ordinal.
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
            severity=intent.severity,
        )
        if own is not None:
            self._put(alert, (related.member,))
            self._postings.add(related.member)
            return verdict, None, None
        joined = replace(related.member, level=relation.level)
        self._put(replace(alert, members=(*alert.members, joined)), (joined,))
        self._postings.add(joined)
        return verdict, None, Fold(alert.id, related.member.article.id, relation.level, related.member.article.text)

    def to_join(self, related: Related, rule: RuleId, target: ChannelName) -> PastAlert | None:
        """Return the live alert that an article folds into for one rule and target, or None when it gets one of its
        own.
        """
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
            (alert.severity for alert in self._live(rule, target, story)),
            default=None,
        )

    def raise_(self, related: Related, intent: Intent, joined: AlertId) -> tuple[NewAlert, tuple[Fold, ...]] | None:
        """Return an alert that says that a story told before matters more now, with the articles of the story; None
        when it was said before.

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
        self._remember(alert, related.member)
        others = [one for one in past.members if one.article.id != alert.article][-_RAISED_MEMBERS:]
        return alert, tuple(Fold(alert.id, one.article.id, _beside(one.level), one.article.text) for one in others)

    def regrade(self, alert: AlertId, severity: Severity) -> None:
        """Note that an alert of the reading in hand matters more than was thought."""
        self._alerts[alert] = replace(self._alerts[alert], severity=severity)

    def found(self, related: Related, intent: Intent) -> NewAlert:
        """Return an alert that an article founds for one rule and target.

        The id of an update is that of the facts, so that no fact is told twice; every other is that of the text. It
        has the next ordinal where an earlier alert of the same told nobody.
        """
        article = related.member.article
        ordinal = self._ordinals.get((intent.rule, intent.target, article.id, article.text), 0)
        if intent.kind is AlertKind.UPDATE:
            id_, ordinal = self._update_id(related.story, intent)
        else:
            id_ = _id(intent, article.id, str(article.text), ordinal)
        alert = NewAlert(
            id=id_,
            rule=intent.rule,
            target=intent.target,
            story=related.story,
            kind=intent.kind,
            ordinal=ordinal,
            severity=intent.severity,
            article=article.id,
            revision=intent.revision,
            sample=article.sample,
            note=intent.note,
            text=article.text,
            tell_at=intent.tell_at,
        )
        self._remember(alert, related.member)
        return alert

    def _update_id(self, story: StoryId, intent: Intent) -> tuple[AlertId, int]:
        """Return the id of an update by its facts, with an ordinal: the next one after alerts of these facts that
        told nobody.
        """
        ordinal = 0
        while True:
            id_ = _id(intent, story, intent.fingerprint, ordinal)
            before = self._alerts.get(id_)
            if before is None or before.state in LIVE_STATES:
                return id_, ordinal
            ordinal += 1

    def _found(self, related: Related, intent: Intent) -> tuple[Verdict, NewAlert, None]:
        article = related.member.article
        alert = self.found(related, intent)
        verdict = Verdict(
            article=article.id,
            rule=intent.rule,
            target=intent.target,
            outcome=Outcome.WAITING,
            story=related.story,
            level=Level.SAME_STORY if intent.kind is AlertKind.FOLLOW_UP else Level.NEW,
            because=related.linked,
            alert=alert.id,
            text=article.text,
            miss=related.miss,
            severity=intent.severity,
        )
        return verdict, alert, None

    def heard(self, rule: RuleId, target: ChannelName, story: StoryId) -> Heard | None:
        """Return what a target heard of a story under one rule; None when it heard nothing, or of nothing that can
        still be heard.
        """
        live = self._live(rule, target, story)
        heads = [alert.created_at for alert in live if alert.kind is AlertKind.FIRST]
        if not heads:
            return None
        told = [
            alert.created_at
            for alert in live
            if alert.kind is not AlertKind.FOLLOW_UP or alert.state is MessageState.SENT
        ]
        return Heard(max(heads), max(told), max(alert.severity for alert in live))

    def waits_untold(self, rule: RuleId, target: ChannelName, story: StoryId) -> bool:
        """Return whether all that a target would hear of a story is still held by a limit: it knows nothing of it, and
        what is held goes together.
        """
        live = self._live(rule, target, story)
        return bool(live) and all(alert.state is MessageState.HELD and alert.hold is HoldReason.LIMIT for alert in live)

    def head(self, rule: RuleId, target: ChannelName, story: StoryId) -> PastAlert:
        """Return the last alert that began to tell a story to a target; one must have been heard."""
        heads = [alert for alert in self._live(rule, target, story) if alert.kind is AlertKind.FIRST]
        return max(heads, key=lambda alert: (alert.created_at, alert.id))

    def told_members(self, rule: RuleId, target: ChannelName, story: StoryId) -> tuple[Member, ...]:
        """Return the articles of a story that a target heard of under one rule, or will: those in the newest of its
        live alerts.
        """
        newest = reversed(self._live(rule, target, story))
        return tuple(member for alert in reversed(newest_of_each(newest)) for member in alert.members)

    def _live(self, rule: RuleId, target: ChannelName, story: StoryId) -> list[PastAlert]:
        """Return the alerts by which a target heard of a story under one rule, or will, the oldest first."""
        told = (self._alerts[id_] for id_ in self._told.get((rule, target, story), ()))
        return [alert for alert in told if alert.state in LIVE_STATES]

    def members_of(self, story: StoryId) -> tuple[Member, ...]:
        """Return the articles in the alerts of a story, each once."""
        members = {
            member.article.id: member
            for alert in self._alerts.values()
            if alert.story == story
            for member in alert.members
        }
        return tuple(members.values())

    def unite(self, gone: StoryId, story: StoryId) -> None:
        """Let the alerts of one story be those of another, which it is one with."""
        for rule, target, told in [key for key in self._told if key[2] == gone]:
            moved = self._told.pop((rule, target, told)).keys() | self._told.get((rule, target, story), {}).keys()
            self._told[rule, target, story] = dict.fromkeys(sorted(moved, key=self._order.__getitem__))
            for id_ in moved:
                self._alerts[id_] = replace(self._alerts[id_], story=story)

    def _remember(self, alert: NewAlert, member: Member) -> None:
        founder = replace(member, level=Level.NEW)
        past = PastAlert(
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
            members=(founder,),
        )
        self._put(past, past.members)
        self._postings.add(founder)

    def _put(self, alert: PastAlert, added: Collection[Member]) -> None:
        self._alerts[alert.id] = alert
        self._order.setdefault(alert.id, len(self._order))
        self._told.setdefault((alert.rule, alert.target, alert.story), {})[alert.id] = None
        founder = next((member.article for member in alert.members if member.level is Level.NEW), None)
        if founder is not None and alert.kind is not AlertKind.RAISE:
            place = (alert.rule, alert.target, founder.id, founder.text)
            self._ordinals[place] = max(self._ordinals.get(place, 0), alert.ordinal + 1)
        for member in added:
            self._alerts_of.setdefault(member.article.id, {})[alert.id] = None
            texts = self._members.setdefault(member.article.id, [])
            if all(text.article.text != member.article.text for text in texts):
                texts.append(member)


def _id(intent: Intent, one: str, two: str, ordinal: int) -> AlertId:
    raw = digest("alert", intent.rule, intent.target, one, two, intent.kind.value, str(ordinal))
    return AlertId(public_id("l", raw))


def _age(alert: PastAlert) -> tuple[datetime, str, str]:
    """Return what alerts are ordered by: their age; those of one moment by the article that founded them."""
    return alert.created_at, alert.members[0].article.id if alert.members else "", alert.id


def _beside(level: Level) -> Level:
    """Return the level of an article in an alert that another one founded."""
    return Level.SAME_STORY if level is Level.NEW else level
