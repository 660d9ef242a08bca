"""What becomes of messages that wait for a channel: held, let go as one summary, or told to another channel.

1. fit        why the messages of a channel are held now, or None when they may go
2. let_go     several that were held go as one ranked summary; what may have arrived in part goes as it is
3. redirect   what a channel that is off cannot tell becomes alerts of another one, but for what that was told already
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from watcher.core.alerts.elsewhere import IS_OFF, say_instead, was_sent_on_from
from watcher.core.dedup.habits import Habits
from watcher.core.dedup.relate import relate
from watcher.core.model.alert import AlertKind, Member, NewAlert, NewMessage
from watcher.core.model.ids import AlertId, ChannelName, MessageId, digest, public_id
from watcher.core.model.message import HoldReason, MessageKind, first_state
from watcher.core.model.rule import Severity
from watcher.core.model.verdict import Relation

OFF_REASONS: Final = (HoldReason.SECRET, HoldReason.CHANNEL)
"""Why a channel that is off holds its messages."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What ranks an alert in a summary; `articles` counts those that tell it."""

    alert: AlertId
    severity: Severity
    articles: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """A message that is let go; `is_begun` = it may have arrived, at one of its recipients at least."""

    id: MessageId
    kind: MessageKind
    is_begun: bool
    alerts: tuple[AlertId, ...] = ()


@dataclass(frozen=True, slots=True)
class LetGo:
    """What goes of a channel: messages as they are, and a summary that lists the alerts of those in `merged`."""

    alone: tuple[MessageId, ...]
    summary: NewMessage | None = None
    merged: tuple[MessageId, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """An alert of a channel: with the articles that it lists, and whether its message is on its way or was sent."""

    alert: NewAlert
    members: tuple[Member, ...]
    is_live: bool


@dataclass(frozen=True, slots=True)
class Redirected:
    """Alerts of another channel, each with the one that it stands for, and the message that carries them."""

    alerts: tuple[tuple[AlertId, NewAlert], ...]
    message: NewMessage


def fit(
    target: ChannelName,
    ready: Collection[ChannelName],
    off: Mapping[ChannelName, str],
    broken: AbstractSet[ChannelName],
) -> HoldReason | None:
    """Return why the messages of a channel are held by the configuration or its breaker; None = they may go."""
    if target not in ready:
        return HoldReason(off.get(target, HoldReason.CHANNEL))
    return HoldReason.BREAKER if target in broken else None


def rank(weights: Iterable[Weight]) -> list[AlertId]:
    """Return alerts in the order of a summary: severity, then how many articles tell them, then time."""
    ranked = sorted(weights, key=lambda one: (-one.severity, -one.articles, one.created_at, one.alert))
    return [one.alert for one in ranked]


def let_go(target: ChannelName, held: Sequence[HeldMessage], weights: Mapping[AlertId, Weight]) -> LetGo:
    """Return how the held messages of a channel go, the oldest first.

    A message that may have arrived, or is about ourselves, goes as it is: only its own key tells a receiver of a
    repeat.

        three alerts, of which one may have arrived -> that one alone, and one summary of the other two
    """
    whole = [one for one in held if one.kind in (MessageKind.ALERT, MessageKind.SUMMARY) and not one.is_begun]
    if len(whole) < 2:
        return LetGo(tuple(one.id for one in held))
    merged = tuple(one.id for one in whole)
    summary = NewMessage(
        id=MessageId(public_id("m", digest("summary", target, *sorted(merged)))),
        target=target,
        kind=MessageKind.SUMMARY,
        alerts=tuple(rank(weights[alert] for alert in {alert for one in whole for alert in one.alerts})),
    )
    return LetGo(tuple(one.id for one in held if one not in whole), summary, merged)


def redirect(
    ranked: Sequence[Standing],
    target: ChannelName,
    there: Sequence[Standing],
    habits: Habits,
    *,
    is_broken: bool,
    why: str = IS_OFF,
) -> Redirected | None:
    """Return what is told to `target` of alerts of a channel that is off, or otherwise takes none, the weightiest
    first; None when it knows all.

    `there` are the alerts of `target` that share a rule with them and an article or the story; `habits` are those of
    the sources of all their articles. What it was told, or is to be told, of the same kind about the same article or
    fact is not told again; another event of a story that it knows is.

        "Explosion at a plant", "Second explosion at the plant", a copy of the first  -> the first two
    """
    made: list[tuple[AlertId, NewAlert]] = []
    known = list(there)
    for original in ranked:
        is_back = was_sent_on_from(original.alert.note, target)
        if not is_back and not any(_tells(one, original, habits) for one in known):
            alert = _redirected(original.alert, target, known, why)
            known.append(Standing(alert, original.members, is_live=True))
            made.append((original.alert.id, alert))
    if not made:
        return None
    ids = tuple(alert.id for _, alert in made)
    hold = HoldReason.BREAKER if is_broken else None
    message = NewMessage(
        id=MessageId(public_id("m", digest("redirected", target, *sorted(ids)))),
        target=target,
        kind=MessageKind.ALERT if len(ids) == 1 else MessageKind.SUMMARY,
        alerts=ids,
        state=first_state(hold),
        hold=hold,
    )
    return Redirected(tuple(made), message)


def _fact(alert: NewAlert) -> tuple[object, ...]:
    """Return what an alert that is no first one tells: each severity of a story once, each text that adds something."""
    if alert.kind is AlertKind.RAISE:
        return alert.rule, alert.kind, alert.story, alert.severity
    return alert.rule, alert.kind, alert.article, alert.text


def _tells(one: Standing, original: Standing, habits: Habits) -> bool:
    """Return whether an alert says what another one does.

    A story may have several first alerts: another event of it, or the same news where the first alert was dead when
    its copy came, and was asked for again. Those that share an article, or are copies, say the same.
    """
    first, second = one.alert, original.alert
    if not one.is_live or (first.rule, first.kind) != (second.rule, second.kind):
        return False
    if first.kind is not AlertKind.FIRST:
        return _fact(first) == _fact(second)
    articles = {member.article.id for member in one.members}
    if second.article in articles:
        return True
    founder = [member for member in original.members if member.article.id == second.article]
    is_copy = any(isinstance(relate(member, one.members, habits), Relation) for member in founder)
    return is_copy and first.story == second.story


def _redirected(original: NewAlert, target: ChannelName, known: Sequence[Standing], why: str) -> NewAlert:
    ordinal, fact = original.ordinal, f"of {original.id}"
    if original.kind is AlertKind.FIRST:
        # The next one of its story there: another event, or one that told nobody.
        place = (original.rule, original.kind, original.story)
        numbers = [one.alert.ordinal for one in known if (one.alert.rule, one.alert.kind, one.alert.story) == place]
        ordinal = 1 + max(numbers, default=-1)
        fact = str(ordinal)
    elif original.kind is AlertKind.RAISE:
        # As the judge names it: one that died there is told by the new message.
        fact = original.severity.word
    raw = digest("alert", original.rule, target, original.story, original.kind.value, fact)
    return replace(
        original,
        id=AlertId(public_id("l", raw)),
        target=target,
        ordinal=ordinal,
        note="; ".join(filter(None, (original.note, say_instead(original.target, why)))),
    )
