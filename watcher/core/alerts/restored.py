"""A database that was put back from a copy: what was alerted since that copy was made is in nobody's memory, so what
is of before is offered and not sent.

    waited in the copy                                              -> offered
    in the first document of a feed since, not dated after it       -> offered
    dated later, or listed by a later document                      -> told as ever
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from watcher.core.model.alert import JudgeContext, NewAlert, NewMessage
from watcher.core.model.article import Article
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, MessageId, digest, public_id
from watcher.core.model.message import FINAL_STATES, HoldReason, MessageKind, MessageState
from watcher.core.model.record import MessageRecord

PATIENCE: Final = timedelta(minutes=10)
"""So long after a restore it is told what is offered: most feeds were asked by then."""
FORGOTTEN: Final = timedelta(days=7)
"""A feed that first answers so long after a restore gives news as ever, and nothing more is said of it."""
_NAMED: Final = 5


def is_of_before(article: Article, context: JudgeContext) -> bool:
    """Return whether an article may have been told by the database that a restore replaced."""
    restored_at, last_ok_at = context.restored_at, context.feed.last_ok_at
    if restored_at is None or context.now - restored_at > FORGOTTEN:
        return False
    is_first = last_ok_at is None or last_ok_at < restored_at
    return is_first and (article.published_at is None or article.published_at <= restored_at)


def set_apart(
    alerts: Sequence[NewAlert], articles: Mapping[ArticleId, Article], context: JudgeContext
) -> tuple[list[NewAlert], list[NewAlert]]:
    """Return the alerts that are told, and those that are offered after a restore."""
    if context.restored_at is None:
        return list(alerts), []
    old = {id_ for id_, article in articles.items() if is_of_before(article, context)}
    return [one for one in alerts if one.article not in old], [one for one in alerts if one.article in old]


def offered(alerts: Sequence[NewAlert]) -> tuple[NewMessage, ...]:
    """Return one held message a target for what is offered."""
    by_target: dict[ChannelName, list[AlertId]] = {}
    for alert in alerts:
        by_target.setdefault(alert.target, []).append(alert.id)
    return tuple(
        NewMessage(
            id=MessageId(public_id("m", digest("restored", target, *ids))),
            target=target,
            kind=MessageKind.ALERT if len(ids) == 1 else MessageKind.SUMMARY,
            alerts=tuple(ids),
            state=MessageState.HELD,
            hold=HoldReason.RESTORED,
        )
        for target, ids in by_target.items()
    )


def after_restore(kind: MessageKind, state: MessageState, hold: HoldReason | None) -> MessageState | None:
    """Return what a restored message becomes: held where it tells news, skipped where it is about ourselves or a
    test; None = it stays as it is.
    """
    if state in FINAL_STATES or hold is HoldReason.UNREADABLE:
        return None
    return MessageState.HELD if kind in (MessageKind.ALERT, MessageKind.SUMMARY) else MessageState.SKIPPED


def is_time_to_tell(restored_at: datetime | None, unasked: int, now: datetime) -> bool:
    """Return whether it is to be told what a restore holds back: all feeds were asked since, or long enough passed."""
    if restored_at is None or now - restored_at > FORGOTTEN:
        return False
    return unasked == 0 or now - restored_at >= PATIENCE


def say_offered(restored_at: datetime, held: Collection[MessageRecord]) -> tuple[str, str]:
    """Return title and text of the one message that offers what a restore holds back.

    The database was restored at 27 Nov 23:10 UTC: 7 alerts are held
    They waited in the copy, or ... desk: 5, mail: 2. The newest:
    - desk: Shells shipped
    ...
    """
    counts: dict[ChannelName, int] = {}
    for one in held:
        counts[one.target] = counts.get(one.target, 0) + max(1, len(one.deliveries))
    at = restored_at.astimezone(UTC)
    total = sum(counts.values())
    alerts = f"{total} {'alert is' if total == 1 else 'alerts are'} held" if total else "nothing is held"
    title = f"The database was restored at {at.day} {at:%b %H:%M} UTC: {alerts}"
    if not held:
        return title, "Nothing waited in the copy, and no rule fired on what the feeds list of before."
    where = ", ".join(f"{target}: {count}" for target, count in sorted(counts.items()))
    newest = sorted(held, key=lambda one: (one.created_at, one.id), reverse=True)[:_NAMED]
    lines = [
        "They waited in the copy, or are of the time since it was made, so that they may have been told already. "
        f"None of them is sent by itself. {where}. {'The newest:' if len(held) > _NAMED else ''}".rstrip()
    ]
    lines += [f"- {one.target}: {one.title or '(no headline is kept)'}" for one in newest]
    lines.append(
        "All of them: watcher deliveries restored. Send them, one summary a channel: watcher deliveries restored "
        "--send. Let them go untold: watcher deliveries restored --drop"
    )
    return title, "\n".join(lines)


def say_decided(count: int, *, send: bool) -> str:
    """Return in a sentence what was done with what a restore held back."""
    if not count:
        return "nothing is held since a restore"
    messages = "1 message" if count == 1 else f"{count} messages"
    return f"{messages} let go, one summary a channel" if send else f"{messages} dropped, told to nobody"


def with_offers(planned: Sequence[NewMessage], offers: Sequence[NewMessage]) -> tuple[NewMessage, ...]:
    """Return the messages of one reading with those that are offered behind them, each target's in their places."""
    last = {one.target: one.place for one in planned}
    return (*planned, *(replace(one, place=last.get(one.target, -1) + 1) for one in offers))
