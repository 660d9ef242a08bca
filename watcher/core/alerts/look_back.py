"""Looking back: what a rule that is new, or asks for more than before, tells of what came before it did.

1. due         which rules ask for something else than they did when they looked last; none at the very first start
2. is_past_of  what a rule looks at: what came out within its `look_back`, what has no date by first sight; no samples
3. tell_past   the judgement on it, without what a target was told, as one summary a target

| stories of one rule    | what is told                                                          |
|------------------------|-----------------------------------------------------------------------|
| 1 to 20                | one summary a target, with those of other rules; critical ones at once |
| more                   | their number, the three weightiest, the command; critical ones at once |
| asked for by hand      | as 1 to 20, however many                                              |

Each match is stored, and an article that the rule matched before is not looked at again: so a story is looked back on
once a rule, whatever edits, renames and starts follow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from watcher.core.model.alert import (
    AlertKind,
    FeedContext,
    JudgeContext,
    Judgement,
    NewAlert,
    NewMessage,
)
from watcher.core.model.article import Article
from watcher.core.model.durations import in_words
from watcher.core.model.ids import (
    AlertId,
    ArticleId,
    ChannelName,
    FeedId,
    MessageId,
    RuleId,
    StoryId,
    digest,
    public_id,
)
from watcher.core.model.match import ReadArticle
from watcher.core.model.message import LIVE_STATES, HoldReason, MessageKind, MessageState, first_state
from watcher.core.model.past import Gained, LookBack
from watcher.core.model.rule import Concept, ConceptRef, Rule, Severity
from watcher.core.model.verdict import Outcome

MOST: Final = 20
"""So many stories of one rule are told at once; more are counted."""

MOST_JUDGED: Final = 1000
"""So many articles are judged in one transaction: nothing else is written meanwhile."""

NOTE: Final = "from before its rule asked for it"
TOLD_BEFORE: Final = "looked back: this channel was told of it"
NO_FEED: Final = FeedContext(FeedId(public_id("f", digest("no feed"))), "", False, None, max_age=timedelta(days=3650))
"""What articles of several feeds are judged under: `look_back` alone says which are too old."""

_WEIGHTIEST: Final = 3


@dataclass(frozen=True, slots=True)
class Lookers:
    """The rules that look back now, and what all rules ask by now."""

    rules: tuple[RuleId, ...]
    noted: Mapping[RuleId, str]


@dataclass(frozen=True, slots=True)
class Notice:
    """What one target is told instead of too many alerts."""

    target: ChannelName
    title: str
    text: str


def asks_of(rules: Iterable[Rule], concepts: Mapping[str, Concept]) -> dict[RuleId, str]:
    """Return, by rule, a digest of what it asks of an article, with the concepts in it; where it tells and how much it
    matters do not count.
    """
    known: dict[str, tuple[str, AbstractSet[str]]] = {}
    for name, concept in concepts.items():
        found: set[str] = set()
        known[name] = digest("concept", repr(_plain((concept.terms, concept.excepts), found))).hex(), found
    asked = {}
    for rule in rules:
        used: set[str] = set()
        text = repr(_plain((rule.body, rule.none, rule.excepts, rule.where, rule.stem, rule.trend), used))
        every = _all_of(used, known)
        asked[rule.id] = digest("asks", text, *(known[name][0] for name in sorted(every) if name in known)).hex()
    return asked


def _plain(value: object, concepts: set[str]) -> object:
    """Return a value whose text says the same in every process: without places in files; notes the concepts in it."""
    if isinstance(value, ConceptRef):
        concepts.add(value.name)
    if is_dataclass(value) and not isinstance(value, type):
        compared = [one.name for one in fields(value) if one.compare]
        return (type(value).__name__, *(_plain(getattr(value, name), concepts) for name in compared))
    if isinstance(value, tuple):
        return tuple(_plain(one, concepts) for one in value)
    return value


def _all_of(used: AbstractSet[str], known: Mapping[str, tuple[str, AbstractSet[str]]]) -> set[str]:
    found: set[str] = set()
    waiting = list(used)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += known[name][1] if name in known else ()
    return found


def due(rules: Sequence[Rule], asks: Mapping[RuleId, str], noted: Mapping[RuleId, str] | None) -> Lookers:
    """Return which rules look back: those that ask for something else than `noted`, or are not noted.

    `noted` None = the first start of all: nothing looks back. A rule that has another name looks back no more than one
    that kept it: one that says so by `was`, and one that asks for what a rule asked that is gone. A paused rule looks
    back once it is resumed.

        noted {shells: 1, ships: 2}, now shells: 1, boats: 2, drones: 3  ->  drones
    """
    if noted is None:
        return Lookers((), dict(asks))
    gone = {asked for id_, asked in noted.items() if id_ not in asks}
    looking: list[RuleId] = []
    now: dict[RuleId, str] = {}
    for rule in rules:
        before = next((noted[id_] for id_ in (rule.id, *rule.was) if id_ in noted), None)
        is_same = asks[rule.id] == before or (before is None and asks[rule.id] in gone)
        if rule.is_paused and not is_same:
            now |= {} if before is None else {rule.id: before}
            continue
        now[rule.id] = asks[rule.id]
        if not is_same and rule.look_back and rule.trend is None:
            looking.append(rule.id)
    return Lookers(tuple(looking), now)


def is_past_of(article: Article, since: datetime) -> bool:
    """Return whether a rule that looks back to `since` looks at a stored article."""
    at = article.published_at or article.first_seen_at
    return not article.sample and at is not None and at >= since


def with_rules_of(asked: LookBack, fired: Mapping[ArticleId, AbstractSet[RuleId]]) -> LookBack:
    """Return what is asked without matches of other rules, of what came too early, and of articles that the rule
    matched before; `fired` are these.
    """
    reads = []
    for read in asked.reads:
        before = frozenset() if asked.is_by_hand else fired.get(read.article.id, frozenset())
        rules = {id_ for id_, since in asked.since.items() if id_ not in before and is_past_of(read.article, since)}
        matches = tuple(match for match in read.matches if match.rule in rules)
        failed = tuple(one for one in read.failed if one.rule in rules)
        if matches or failed:
            reads.append(replace(read, matches=matches, failed=failed, excluded=()))
    return replace(asked, reads=tuple(reads))


def newest_of(asked: LookBack, most: int = MOST_JUDGED) -> tuple[LookBack, dict[RuleId, int]]:
    """Return what is asked without what is too much to be judged at once, and how many articles each rule so loses.

    Each rule that found something has the same share, and of its own the newest: one that finds thousands takes
    nothing from another.
    """
    if len(asked.reads) <= most:
        return asked, {}
    share = max(1, most // len({rule for read in asked.reads for rule in _rules_of(read)}))
    kept: list[ReadArticle] = []
    taken: Counter[RuleId] = Counter()
    left: Counter[RuleId] = Counter()
    for read in reversed(asked.reads):
        rules = _rules_of(read)
        if all(taken[rule] >= share for rule in rules):
            left.update(rules)
        else:
            taken.update(rules)
            kept.append(read)
    return replace(asked, reads=tuple(reversed(kept))), dict(left)


def _rules_of(read: ReadArticle) -> set[RuleId]:
    return {match.rule for match in read.matches} | {one.rule for one in read.failed}


def tell_past(
    judgement: Judgement, context: JudgeContext, asked: LookBack
) -> tuple[Judgement, tuple[Gained, ...], tuple[Notice, ...]]:
    """Return what is told of a judgement on what came before, what each rule gains, and what is said where that is too
    much.
    """
    past = _Past(judgement, context, asked)
    return past.judgement(), past.gained, past.notices()


class _Past:
    """A judgement on what came before, as it is thinned out."""

    def __init__(self, judgement: Judgement, context: JudgeContext, asked: LookBack) -> None:
        self._judgement = judgement
        self._context = context
        self._asked = asked
        live = [one for one in context.past if one.state in LIVE_STATES]
        self._told = {(one.target, self._story(one.story)) for one in live}
        self._listed = {(one.target, member.article.id) for one in live for member in one.members}
        self._fresh = [one for one in judgement.alerts if not self._is_known(one)]
        self._folds = Counter(fold.alert for fold in judgement.folds)
        self.gained = tuple(self._gained(rule) for rule in asked.since if any(one.rule == rule for one in self._fresh))
        self._too_many = {one.rule: one for one in self.gained if not one.told}

    @cached_property
    def _kept(self) -> dict[AlertId, NewAlert]:
        """The alerts that are made, each with a note."""
        return {
            one.id: replace(one, note="; ".join(filter(None, (one.note, NOTE))))
            for one in self._fresh
            if one.rule not in self._too_many or one.severity is Severity.CRITICAL
        }

    def _story(self, story: StoryId) -> StoryId:
        while (into := self._judgement.stories.merged.get(story)) is not None:
            story = into
        return story

    def _is_known(self, alert: NewAlert) -> bool:
        """Return whether a target was told the story. What changes it is news, but for what it was told itself."""
        if alert.kind is AlertKind.UPDATE:
            return (alert.target, alert.article) in self._listed
        return (alert.target, self._story(alert.story)) in self._told

    def _gained(self, rule: RuleId) -> Gained:
        mine = {(one.target, self._story(one.story)) for one in self._fresh if one.rule == rule}
        stories = len({story for _, story in mine})
        told = self._asked.is_by_hand or stories <= MOST
        return Gained(rule, stories, Counter(target for target, _ in mine), told, self._command(rule))

    def _command(self, rule: RuleId) -> str:
        return _command(rule, self._context.now - self._asked.since[rule])

    def judgement(self) -> Judgement:
        kept = self._kept
        dropped = {one.id for one in self._judgement.alerts} - kept.keys()
        verdicts = tuple(
            replace(one, alert=None, outcome=Outcome.SKIPPED, reason=self._why(one.rule))
            if one.alert in dropped
            else one
            for one in self._judgement.verdicts
        )
        return replace(
            self._judgement,
            alerts=tuple(kept.values()),
            verdicts=verdicts,
            folds=tuple(one for one in self._judgement.folds if one.alert not in dropped),
            messages=self._messages(),
            joins=(),
            sooner=(),
        )

    def _why(self, rule: RuleId) -> str:
        many = self._too_many.get(rule)
        return TOLD_BEFORE if many is None else f"looked back: {many.stories} stories are too many; {many.command}"

    def _messages(self) -> tuple[NewMessage, ...]:
        """Return what is critical, or dropped, as it was planned, and one summary a target of all else."""
        alone: list[NewMessage] = []
        holds: dict[ChannelName, list[HoldReason | None]] = {}
        listed: dict[ChannelName, list[NewAlert]] = {}
        for message in self._judgement.messages:
            mine = [self._kept[id_] for id_ in message.alerts if id_ in self._kept]
            if not mine:
                continue
            if message.state is MessageState.DROPPED or any(one.severity is Severity.CRITICAL for one in mine):
                alone.append(replace(message, alerts=tuple(one.id for one in mine), place=len(alone), not_before=None))
            else:
                holds.setdefault(message.target, []).append(message.hold)
                listed.setdefault(message.target, []).extend(mine)
        for _, id_ in self._judgement.joins:
            if (one := self._kept.get(id_)) is not None:
                holds.setdefault(one.target, []).append(None)
                listed.setdefault(one.target, []).append(one)
        return (*alone, *(self._summary(target, mine, holds[target], len(alone)) for target, mine in listed.items()))

    def _summary(
        self, target: ChannelName, alerts: list[NewAlert], holds: list[HoldReason | None], place: int
    ) -> NewMessage:
        # One of them that is free takes the others along; a summary counts for no limit.
        hold = None if None in holds or HoldReason.LIMIT in holds else holds[0]
        ranked = sorted(alerts, key=self._weight)
        ids = tuple(one.id for one in ranked)
        return NewMessage(
            id=MessageId(public_id("m", digest("look back", target, *sorted(ids)))),
            target=target,
            kind=MessageKind.ALERT if len(ids) == 1 else MessageKind.SUMMARY,
            alerts=ids,
            state=first_state(hold),
            hold=hold,
            place=place,
            title="" if len(ids) == 1 else f"LOOK-BACK: {', '.join(sorted({one.rule for one in ranked}))}",
        )

    def _weight(self, alert: NewAlert) -> tuple[int, int, str]:
        return -alert.severity, -self._folds[alert.id], alert.id

    def notices(self) -> tuple[Notice, ...]:
        """Return what targets are told of rules that found too much."""
        titles = {one.id: one.read.article for one in self._judgement.articles}
        return tuple(
            self._notice(gained, target, titles)
            for gained in self._too_many.values()
            for target in sorted(gained.targets)
        )

    def _notice(self, gained: Gained, target: ChannelName, articles: Mapping[ArticleId, Article]) -> Notice:
        mine = sorted((one for one in self._fresh if (one.rule, one.target) == (gained.rule, target)), key=self._weight)
        stories = {self._story(one.story): one for one in reversed(mine)}
        weightiest = sorted(stories.values(), key=self._weight)[:_WEIGHTIEST]
        back = in_words(self._context.now - self._asked.since[gained.rule])
        lines = [f"The last {back} hold {len(stories)} stories for it, too many to tell at once. The weightiest:"]
        lines += [_line(one, articles[one.article]) for one in weightiest if one.article in articles]
        lines.append(f"All of them: {gained.command}")
        return Notice(target, f"{gained.rule} looks back: {len(stories)} stories", "\n".join(lines))


def _line(alert: NewAlert, article: Article) -> str:
    at = article.published_at or article.first_seen_at
    when = f"{at.day} {at:%b %H:%M} UTC " if at is not None else ""
    return f"- [{alert.severity.word}] {when}{article.title} {article.url}".rstrip()


def _command(rule: RuleId, back: timedelta) -> str:
    return f"watcher rules send {rule} --since {max(1, -(-int(back.total_seconds()) // 3600))}h"


def say_left(left: Mapping[RuleId, int], lengths: Mapping[RuleId, timedelta]) -> str:
    """Return what was too much to look at, and the command that does: "shells: 40 older articles not looked at: watcher
    rules send shells --since 24h"; "" for nothing.
    """
    return "; ".join(
        f"{rule}: {count:,} older {'article' if count == 1 else 'articles'} not looked at: "
        f"{_command(rule, lengths[rule])}"
        for rule, count in sorted(left.items())
    )


def together(gained: Iterable[Gained]) -> list[Gained]:
    """Return what rules gain in all, each once, of what they gain in parts."""
    found: dict[RuleId, Gained] = {}
    for one in gained:
        before = found.get(one.rule)
        if before is not None:
            targets = Counter(before.targets) + Counter(one.targets)
            one = replace(one, stories=before.stories + one.stories, targets=targets)
        found[one.rule] = one
    return list(found.values())


def say_gained(gained: Sequence[Gained]) -> str:
    """Return what rules gain, for the line of a reload: "shells looks back: 3 stories (desk 3, me 2)"; "" for
    nothing.
    """
    return "; ".join(map(_say, gained))


def _say(one: Gained) -> str:
    targets = ", ".join(f"{target} {count}" for target, count in sorted(one.targets.items()))
    many = "" if one.told else f", too many to tell: {one.command}"
    return f"{one.rule} looks back: {one.stories} {'story' if one.stories == 1 else 'stories'} ({targets}){many}"
