"""The wrap: once a day a channel is told what became of what it was told, what was held back from it, and what needs
a look.

| part                  | what stands in it                                                      |
|-----------------------|------------------------------------------------------------------------|
| told                  | each story once, the weightiest first, with what changed and its counts |
| waits                 | alerts that are held or gathered, by reason                            |
| muted                 | what each silence held, and until when                                 |
| not told              | copies that were folded, and news that was nearly taken for a copy     |
| feeds, rules, watcher | what needs a look, rules that never fired, what meta alerts said       |

A day on which nothing happened is told as well, in one line of figures: a wrap that does not come is a sign.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Final

from watcher.core.model.alert import AlertDetail, AlertKind
from watcher.core.model.decided import Decided
from watcher.core.model.ids import AlertId, RuleId, StoryId
from watcher.core.model.message import FINAL_STATES, MessageKind, MessageState
from watcher.core.model.policy import Silence
from watcher.core.model.record import MessageRecord, MutedRecord
from watcher.core.model.rule import Severity
from watcher.core.model.verdict import Outcome

GATHERED: Final = "gathered"
"""Why what waits for more of its story is not told yet; what is held has the word of its reason."""

_CHANGES: Final = (AlertKind.UPDATE, AlertKind.RAISE)


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One story that a channel was told: since when, how much it matters at most, what changed, newest first."""

    story: StoryId
    severity: Severity
    headline: str
    told_at: datetime
    changes: tuple[tuple[datetime, str], ...] = ()
    sources: int = 0
    outlets: int = 0


@dataclass(frozen=True, slots=True)
class MutedLine:
    """What a silence held from a channel; `ends_at` None = nobody said until when."""

    name: str
    stories: int
    ends_at: datetime | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Wrap:
    """What a channel is told of its day from `since` to `until`; times are shown in `zone`.

    `waiting` counts alerts by the reason why they wait. `near` are headlines that were nearly taken for copies.
    `feeds` counts all feeds by their state in a word, `troubled` says what to do about those that need a look.
    `notices` are what was said of the program itself, with how often.
    """

    since: datetime
    until: datetime
    zone: tzinfo
    stories: tuple[StoryLine, ...] = ()
    waiting: tuple[tuple[str, int], ...] = ()
    muted: tuple[MutedLine, ...] = ()
    folded: int = 0
    near: tuple[str, ...] = ()
    feeds: Mapping[str, int] = field(default_factory=dict)
    troubled: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    notices: tuple[tuple[str, int], ...] = ()
    articles: int = 0
    matched: int = 0


def told_stories(
    sent: Sequence[MessageRecord], alerts: Mapping[AlertId, AlertDetail], since: datetime, until: datetime
) -> tuple[StoryLine, ...]:
    """Return the stories of the messages that were sent between two times, the weightiest first, then those with the
    most sources.

    Of an alert that is not in `alerts` any more nothing is said.
    """
    told: dict[StoryId, list[tuple[datetime, AlertDetail]]] = {}
    for message in sent:
        if message.sent_at is not None and since <= message.sent_at < until:
            for _, id_ in message.deliveries:
                if id_ in alerts:
                    told.setdefault(alerts[id_].story, []).append((message.sent_at, alerts[id_]))
    lines = [_story_line(story, sorted(some, key=lambda one: one[0])) for story, some in told.items()]
    return tuple(sorted(lines, key=lambda one: (-one.severity, -one.sources, one.told_at, one.story)))


def _story_line(story: StoryId, told: Sequence[tuple[datetime, AlertDetail]]) -> StoryLine:
    first_at, first = told[0]
    changes = {alert.note or alert.article.title: at for at, alert in told[1:] if alert.kind in _CHANGES}
    reaches = [alert.reach for _, alert in told if alert.reach is not None]
    return StoryLine(
        story=story,
        severity=max(alert.severity for _, alert in told),
        headline=first.article.title or "(no title)",
        told_at=first_at,
        changes=tuple(sorted(((at, said) for said, at in changes.items()), reverse=True)),
        sources=max((reach.independent for reach in reaches), default=1),
        outlets=max((reach.outlets for reach in reaches), default=1),
    )


def waiting(messages: Iterable[MessageRecord], now: datetime) -> tuple[tuple[str, int], ...]:
    """Return how many alerts wait for a channel, by reason, most first; what is due any moment does not wait."""
    counts: Counter[str] = Counter()
    for message in messages:
        if message.kind not in (MessageKind.ALERT, MessageKind.SUMMARY) or message.state in FINAL_STATES:
            continue
        if message.state is MessageState.HELD and message.hold is not None:
            counts[message.hold.value] += len(message.deliveries)
        elif message.next_try_at is not None and message.next_try_at > now and not message.attempts:
            counts[GATHERED] += len(message.deliveries)
    return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def muted(
    silences: Sequence[Silence], held: Iterable[MutedRecord], since: datetime, now: datetime
) -> tuple[MutedLine, ...]:
    """Return what each silence that is in force, or ended since then, held from a channel; `held` is all of that
    channel, of any time.
    """
    stories: dict[str, set[StoryId]] = {}
    for one in held:
        if one.at >= since:
            stories.setdefault(one.muted.silence, set()).add(one.muted.story)
    begun = [one for one in silences if one.starts_at is None or one.starts_at <= now]
    lasting = [one for one in begun if one.ends_at is None or one.ends_at >= since]
    lines = [MutedLine(one.name, len(stories.pop(one.name, ())), one.ends_at, one.because) for one in lasting]
    # What is gone from the configuration held something all the same.
    return (*lines, *(MutedLine(name, len(some), now) for name, some in sorted(stories.items())))


def not_told(decided: Iterable[Decided], target: str) -> tuple[int, tuple[str, ...]]:
    """Return how many copies were folded for a channel, and the headlines that came close to being taken for one."""
    folded = 0
    near: dict[str, None] = {}
    for one in decided:
        if one.verdict is None or one.verdict.target != target:
            continue
        folded += one.verdict.outcome is Outcome.FOLDED
        if one.verdict.miss is not None and one.article.title:
            near[one.article.title] = None
    return folded, tuple(near)


def never_fired(names: Mapping[RuleId, str], fired: Iterable[RuleId]) -> tuple[str, ...]:
    """Return the names of rules that told nothing in the time that was looked at."""
    some = frozenset(fired)
    return tuple(name for id_, name in names.items() if id_ not in some)
