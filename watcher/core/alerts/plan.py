"""Planning: which messages carry the new alerts of one reading.

one article, several rules, one target   -> one message
below `high`                             -> one message a channel, which waits a minute for more (gather)
more on a story that was told            -> one message a story and kind, which waits for more (follow), at least as
                                            long as the message that waits with the story
a feed back after a long silence         -> one catch-up summary per target
a channel that cannot take messages      -> the same, held
quiet hours, a digest, too many at once  -> held, and told in one summary (timing)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from watcher.core.alerts.gather import Gatherer
from watcher.core.alerts.timing import Door
from watcher.core.model.alert import AlertKind, FeedContext, GatherKey, JudgeContext, NewAlert, NewMessage
from watcher.core.model.ids import AlertId, ChannelName, MessageId, StoryId, digest, public_id
from watcher.core.model.message import HoldReason, MessageKind, first_state
from watcher.core.model.rule import Severity

SHORT_SILENCE: Final = timedelta(hours=1)
MISSED_POLLS: Final = 3
MOST_AT_ONCE: Final = 5
"""After a silence, more alerts than this for one target come as one summary."""
JOIN_TIME: Final = timedelta(seconds=60)
"""How long a summary waits, so that the other feeds that were away can join it."""

_TITLES: Final = {AlertKind.UPDATE: "UPDATE", AlertKind.FOLLOW_UP: "FOLLOW-UP"}


@dataclass(frozen=True, slots=True)
class Plan:
    """New messages, the alerts that join one which is still waiting, and those of these that go sooner than was
    planned.
    """

    messages: tuple[NewMessage, ...] = ()
    joins: tuple[tuple[MessageId, AlertId], ...] = ()
    sooner: tuple[tuple[MessageId, datetime], ...] = ()


def plan(
    alerts: Sequence[NewAlert],
    holds: Mapping[ChannelName, HoldReason | None],
    context: JudgeContext,
    door: Door,
    gatherer: Gatherer,
) -> Plan:
    """Return which messages carry new alerts; `holds` by target, `door` says what may ring now, `gatherer` knows what
    waits for more of its channel.
    """
    messages: list[NewMessage] = []
    was_away = is_back(context)
    joins: list[tuple[MessageId, AlertId]] = []
    by_target: dict[ChannelName, list[NewAlert]] = {}
    for alert in alerts:
        if alert.tell_at is None:
            by_target.setdefault(alert.target, []).append(alert)
    for target, together in by_target.items():
        open_summary = context.open_summaries.get(target)
        hold = holds.get(target)
        if was_away and open_summary is not None and hold is None:
            joins += [(open_summary, alert.id) for alert in together]
        elif was_away and len(together) > MOST_AT_ONCE:
            messages.append(_summary(target, together, hold, context))
        else:
            messages += _one_an_article(target, together, hold, door, gatherer)
    later = [_behind_its_head(alert, alert.tell_at, gatherer) for alert in alerts if alert.tell_at is not None]
    gathered = _gathered(later, holds, context)
    return Plan(
        in_turn((*messages, *gatherer.messages, *gathered.messages), alerts),
        (*gathered.joins, *joins, *gatherer.joins),
        (*gathered.sooner, *gatherer.sooner.items()),
    )


def in_turn(messages: Sequence[NewMessage], alerts: Sequence[NewAlert]) -> tuple[NewMessage, ...]:
    """Return the messages of one reading as their channels send them: the weightiest first, and nothing on a story
    before what was planned before it.

        claim (normal), bridge (high), its denial (normal)  -> bridge, claim, denial
        claim (normal), bridge (high), first death (critical)  -> claim, first death, bridge
    """
    every = {alert.id: alert for alert in alerts}
    weight: dict[tuple[ChannelName, StoryId], Severity] = {}
    weighed: list[tuple[Severity, NewMessage]] = []
    for message in reversed(messages):
        listed = [every[id_] for id_ in message.alerts]
        stories = [(message.target, one.story) for one in listed]
        most = max(*(one.severity for one in listed), *(weight.get(story, Severity.LOW) for story in stories))
        weight |= dict.fromkeys(stories, most)
        weighed.insert(0, (most, message))
    places: Counter[ChannelName] = Counter()
    found = []
    for _, message in sorted(weighed, key=lambda one: -one[0]):
        found.append(replace(message, place=places[message.target]))
        places[message.target] += 1
    return tuple(found)


def _behind_its_head(alert: NewAlert, tell_at: datetime, gatherer: Gatherer) -> NewAlert:
    """Return an alert on a story that is told no sooner than what began the story: a rule may gather for an hour."""
    head_at = gatherer.head_at(alert)
    return alert if head_at is None else replace(alert, tell_at=max(tell_at, head_at))


def _gathered(
    alerts: Sequence[NewAlert], holds: Mapping[ChannelName, HoldReason | None], context: JudgeContext
) -> Plan:
    """Put alerts that wait for more of their story into the message that waits for that story, or into a new one."""
    messages: list[NewMessage] = []
    joins: list[tuple[MessageId, AlertId]] = []
    sooner: dict[MessageId, datetime] = {}
    by_key: dict[GatherKey, list[NewAlert]] = {}
    for alert in alerts:
        by_key.setdefault((alert.rule, alert.target, alert.story, alert.kind), []).append(alert)
    for key, together in by_key.items():
        tell_at = min(alert.tell_at for alert in together if alert.tell_at is not None)
        waiting = context.gathering.get(key)
        if waiting is None:
            messages.append(_gathering(key, together, holds.get(together[0].target), tell_at))
            continue
        joins += [(waiting.message, alert.id) for alert in together]
        if tell_at < waiting.tell_at:
            sooner[waiting.message] = tell_at
    return Plan(tuple(messages), tuple(joins), tuple(sooner.items()))


def _gathering(key: GatherKey, alerts: Sequence[NewAlert], hold: HoldReason | None, tell_at: datetime) -> NewMessage:
    _, target, _, kind = key
    return NewMessage(
        id=_id(target, alerts),
        target=target,
        kind=MessageKind.SUMMARY,
        alerts=tuple(alert.id for alert in alerts),
        state=first_state(hold),
        hold=hold,
        not_before=tell_at,
        title=_TITLES[kind],
    )


def is_back(context: JudgeContext) -> bool:
    """Return whether the feed had no good poll for so long that what comes now is late news."""
    feed = context.feed
    return feed.last_ok_at is not None and context.now - feed.last_ok_at > _patience(feed)


def _patience(feed: FeedContext) -> timedelta:
    return max(SHORT_SILENCE, MISSED_POLLS * feed.interval)


def _one_an_article(
    target: ChannelName, alerts: Sequence[NewAlert], hold: HoldReason | None, door: Door, gatherer: Gatherer
) -> list[NewMessage]:
    by_article: dict[str, list[NewAlert]] = {}
    for alert in alerts:
        by_article.setdefault(alert.article, []).append(alert)
    messages = []
    for together in by_article.values():
        message = NewMessage(_id(target, together), target, MessageKind.ALERT, tuple(alert.id for alert in together))
        if hold is not None:
            messages.append(replace(message, state=first_state(hold), hold=hold))
            continue
        held = door.waits(target, together)
        until = gatherer.until(together)
        if held is None and gatherer.takes(together, until):
            continue
        held = held or door.holds_back(target, together)
        if held is not None:
            messages.append(replace(message, state=held.state, hold=held.reason))
        elif until is not None:
            gatherer.opens(message, together, until)
        else:
            messages.append(message)
    return messages


def _summary(
    target: ChannelName, alerts: Sequence[NewAlert], hold: HoldReason | None, context: JudgeContext
) -> NewMessage:
    since = context.feed.last_ok_at
    return NewMessage(
        id=_id(target, alerts),
        target=target,
        kind=MessageKind.SUMMARY,
        alerts=tuple(alert.id for alert in alerts),
        state=first_state(hold),
        hold=hold,
        not_before=context.now + JOIN_TIME,
        title=f"CATCH-UP: news since {since:%Y-%m-%d %H:%M} UTC" if since else "CATCH-UP",
    )


def _id(target: ChannelName, alerts: Sequence[NewAlert]) -> MessageId:
    return MessageId(public_id("m", digest("message", target, *(alert.id for alert in alerts))))
