"""The outbox: claiming messages, writing what came of an attempt, and what people do to messages by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, func, or_, select, true, update

from watcher.core.alerts.elsewhere import GAVE_UP
from watcher.core.alerts.retry import was_away
from watcher.core.alerts.threads import story_followed
from watcher.core.alerts.turn import Candidate, to_send
from watcher.core.model.alert import AlertDetail, AlertKind, Fold, Muted, NewMessage
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, MessageId, digest, public_id
from watcher.core.model.message import (
    FINAL_STATES,
    AttemptClass,
    AttemptResult,
    ChannelHealth,
    Decision,
    HoldReason,
    MessageKind,
    MessageState,
    first_state,
)
from watcher.core.model.record import MessageClaim
from watcher.core.model.suspicion import Suspicion
from watcher.core.model.verdict import Level
from watcher.errors import LostClaim, StorageError
from watcher.storage import (
    alerts,
    also_sent,
    details,
    dialects,
    died,
    health,
    holds,
    in_turn,
    lapsed,
    promoted,
    shares,
    suspects,
    told_before,
    unreadable,
)
from watcher.storage.changes import Change
from watcher.storage.lookup import Lookup, given
from watcher.storage.tables import alert_members, attempts, feeds, messages, recipients
from watcher.storage.tables import alerts as alert_table
from watcher.storage.types import UNREADABLE, is_id
from watcher.storage.wakeups import Wakeup

_CLOSED = (AttemptClass.OK, AttemptClass.PERMANENT)


@dataclass(frozen=True, slots=True)
class ClaimTerms:
    """What a sender asks for, as in ports.Store.claim_messages."""

    owner: str
    now: datetime
    lease: timedelta
    limit: int
    ready: Sequence[ChannelName]
    lists_at_most: Mapping[ChannelName, int]


def claim_messages(connection: Connection, wanted: ClaimTerms) -> list[MessageClaim]:
    """Lease messages to send now, oldest first, at most one a channel; see ports.Store.claim_messages."""
    try:
        with connection.begin_nested():
            return _claim(connection, wanted)
    except UNREADABLE:
        unreadable.set_aside(connection, wanted.now, lambda id_: _claims(connection, [id_], {}))
        return _claim(connection, wanted)


_NOW: Final = given("now", messages.c.created_at)
_LEASE: Final = Change(
    update(messages)
    .where(messages.c.id == given("message", messages.c.id))
    .values(
        claimed_from=messages.c.state,
        state=MessageState.SENDING,
        attempts=messages.c.attempts + 1,
        tries=messages.c.tries + 1,
        first_tried_at=func.coalesce(messages.c.first_tried_at, _NOW),
    )
)


def _claim(connection: Connection, wanted: ClaimTerms) -> list[MessageClaim]:
    owner, now, ready = wanted.owner, wanted.now, wanted.ready
    lapsed.take_back(connection, owner, now, ready)
    known = health.healths(connection, now)
    due = in_turn.due_messages(connection, ready, known, now)
    chosen = to_send([_candidate(row) for row in due], has_suspect_in_hand=suspects.is_in_hand(connection, now))[
        : wanted.limit
    ]
    shares.divide_long(connection, chosen, wanted.lists_at_most)
    leased = {"owner": owner, "lease_until": now + wanted.lease, "attempted_at": now, "now": now}
    _LEASE.run(connection, *({"message": id_, **leased} for id_ in sorted(chosen)))
    return _claims(connection, chosen, known)


def _candidate(row: Row[Any]) -> Candidate:
    return Candidate(
        MessageId(row.id), ChannelName(row.target), row.created_at, Suspicion(row.unclean_ends, row.ends_alone)
    )


_BY_ID: Final = Lookup(messages.c.id, lambda ids: select(messages).where(messages.c.id.in_(ids)))


def _claims(
    connection: Connection, ids: Sequence[str], known: Mapping[ChannelName, ChannelHealth]
) -> list[MessageClaim]:
    rows = sorted(_BY_ID.rows(connection, ids), key=lambda row: (row.created_at, row.id))
    by_message = alerts.alert_ids(connection, ids)
    listed = {alert for ids_ in by_message.values() for alert in ids_}
    beside = _Beside(
        by_message,
        also_sent.checked(connection, details.alerts_of(connection, listed)),
        told_before.told_before(connection, rows, by_message),
        promoted.told_instead(connection, listed),
    )
    heads = _heads(connection, rows, beside)
    results = _recipients(connection, ids)
    claims = [_claim_of(row, known, beside, results.get(row.id, {})) for row in rows]
    threaded = [replace(claim, thread=heads[claim.id]) if claim.id in heads else claim for claim in claims]
    return died.with_what_died(connection, threaded)


_HEADS: Final = Lookup(
    alert_table.c.story,
    lambda stories: (
        select(alert_table.c.story, alert_table.c.target, messages.c.remote)
        .join(messages, messages.c.id == alert_table.c.message)
        .where(
            alert_table.c.story.in_(stories),
            alert_table.c.kind == AlertKind.FIRST,
            dialects.unindexed(messages.c.state) == MessageState.SENT,
            messages.c.remote.is_not(None),
        )
        .order_by(messages.c.sent_at, messages.c.id.desc())
    ),
)


def _heads(connection: Connection, rows: Sequence[Row[Any]], beside: _Beside) -> dict[str, str]:
    """Return, by message that tells more of a story, what its channel calls the last message
    that began the story.
    """
    followed = {row.id: story_followed(beside.alerts_of(row.id)) for row in rows}
    newest = {
        (head.story, head.target): head.remote
        for head in _HEADS.rows(connection, {story for story in followed.values() if story})
    }
    heads = {row.id: newest.get((followed[row.id], row.target)) for row in rows}
    return {id_: remote for id_, remote in heads.items() if remote}


@dataclass(frozen=True, slots=True)
class _Beside:
    """What stands in other tables about messages: their alerts, and what else told the same as one of these."""

    alerts_in: Mapping[str, Sequence[AlertId]]
    every: Mapping[AlertId, AlertDetail]
    older: Mapping[AlertId, tuple[AlertDetail, ...]]
    instead: Mapping[AlertId, AlertId]

    def alerts_of(self, message: str) -> tuple[AlertDetail, ...]:
        return tuple(self.every[id_] for id_ in self.alerts_in.get(message, ()) if id_ in self.every)


def _claim_of(
    row: Row[Any],
    known: Mapping[ChannelName, ChannelHealth],
    beside: _Beside,
    results: Mapping[str, AttemptClass],
) -> MessageClaim:
    target, listed = ChannelName(row.target), beside.alerts_in.get(row.id, ())
    return MessageClaim(
        id=MessageId(row.id),
        target=target,
        kind=row.kind,
        attempt=row.attempts,
        owner=row.owner,
        created_at=row.created_at,
        lease_until=row.lease_until,
        health=known.get(target, ChannelHealth(target)),
        alerts=beside.alerts_of(row.id),
        title=row.title,
        text=row.text,
        plain=row.plain,
        repeat=row.repeat,
        recipients=_still_open(results),
        reached=AttemptClass.OK in results.values(),
        refused=_refused(results),
        for_recipient=row.for_recipient or "",
        released_at=row.released_at,
        tries=row.tries,
        first_tried_at=row.first_tried_at,
        older={alert: beside.older[alert] for alert in listed if alert in beside.older},
        let_go=row.let_go,
        instead={alert: beside.instead[alert] for alert in listed if alert in beside.instead},
    )


_RESULTS: Final = Lookup(
    recipients.c.message,
    lambda ids: (
        select(recipients).where(recipients.c.message.in_(ids)).order_by(recipients.c.message, recipients.c.recipient)
    ),
)


def _recipients(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, AttemptClass]]:
    """Return, for messages with a result per recipient, those results."""
    results: dict[str, dict[str, AttemptClass]] = {}
    for row in _RESULTS.rows(connection, ids):
        results.setdefault(row.message, {})[row.recipient] = row.result
    return results


def _still_open(results: Mapping[str, AttemptClass]) -> tuple[str, ...] | None:
    """Return the recipients that are still to get a message, or None for all.

    One who was refused for good is tried again only when no other is open: by hand, after all of them were refused.
    """
    left = tuple(name for name, result in results.items() if result not in _CLOSED)
    return left or tuple(name for name, result in results.items() if result is not AttemptClass.OK) or None


def _refused(results: Mapping[str, AttemptClass]) -> tuple[str, ...]:
    """Return the recipients who were refused for good and whom it is not open for."""
    left = _still_open(results) or ()
    return tuple(name for name, one in results.items() if one is AttemptClass.PERMANENT and name not in left)


_MARK: Final = Change(
    update(messages).where(
        messages.c.id == given("message", messages.c.id),
        messages.c.state == MessageState.SENDING,
        messages.c.owner == given("claimed_by", messages.c.owner),
        messages.c.attempts == given("claimed_as", messages.c.attempts),
    )
)
_NOTE: Final = Change(dialects.upsert(attempts))


def mark(connection: Connection, claim: MessageClaim, result: AttemptResult, decision: Decision, now: datetime) -> None:
    """Write an attempt and what follows from it; see ports.Store.mark."""
    fence = {"message": claim.id, "claimed_by": claim.owner, "claimed_as": claim.attempt}
    if _MARK.run(connection, {**_state_after(claim, result, decision, now), **fence}) == 0:
        raise LostClaim(f"the sending of {claim.id} took too long; somebody else has the message now")
    _note_attempt(connection, claim, result, now)
    if decision.silence:
        held = [
            Muted(decision.silence, alert.article.id, alert.rule, claim.target, alert.story, alert.severity)
            for alert in claim.alerts
        ]
        alerts.write_muted(connection, held, now)
    for name in decision.given_up:
        _bury(connection, claim, name, now)
    health.write(connection, decision.channel, now)
    if decision.state is MessageState.DEAD:
        promoted.promote(connection, claim, decision.dead_class or result.result, now)
        if not claim.for_recipient:
            holds.tell_elsewhere(connection, claim.target, [claim.id], decision.otherwise, GAVE_UP, now)
    if decision.apart:
        shares.divide_apart(connection, claim.id)
    if decision.leaving:
        shares.let_leave(connection, claim.id, decision.leaving)
    for alert, older in decision.folded:
        _join(connection, alert, older, now)
    _hold_or_release(connection, claim.target, decision, now)


def _state_after(claim: MessageClaim, result: AttemptResult, decision: Decision, now: datetime) -> dict[str, Any]:
    """Return the columns of a message that an attempt changes."""
    state = decision.state
    changes: dict[str, Any] = {
        "state": state,
        "hold": (decision.hold or HoldReason.BREAKER) if state is MessageState.HELD else None,
        "next_try_at": decision.next_try_at,
        "dead_class": (decision.dead_class or result.result) if state is MessageState.DEAD else None,
        "plain": decision.plain or (claim.plain and not decision.apart),
        "sent_at": now if state is MessageState.SENT else None,
        "final_at": now if state in FINAL_STATES else None,
        "owner": None,
        "lease_until": None,
        "unclean_ends": 0,
        "ends_alone": 0,
    }
    if result.remote:
        changes["remote"] = result.remote
    if state is MessageState.UNCONFIRMED or result.result is AttemptClass.UNKNOWN:
        changes["repeat"] = True
    return changes


def _hold_or_release(connection: Connection, target: ChannelName, decision: Decision, now: datetime) -> None:
    """Hold the messages of all channels that share an address when its breaker opens, and let them go when it
    closes.
    """
    if not (decision.opened or decision.closed):
        return
    for name in health.sharing(connection, target):
        if decision.opened:
            holds.hold_channel(connection, name, HoldReason.BREAKER)
        else:
            holds.release_channel(connection, name, {HoldReason.BREAKER}, now)


def _note_attempt(connection: Connection, claim: MessageClaim, result: AttemptResult, now: datetime) -> None:
    """Write what the receiver answered, and what it answered for each recipient."""
    attempt = {
        "message": claim.id,
        "number": claim.attempt,
        "at": now,
        "result": result.result,
        "answer": result.answer,
        "status": result.status,
    }
    _NOTE.run(connection, attempt)
    heard = [
        {"message": claim.id, "recipient": name, "result": one.result, "answer": one.answer}
        for name, one in sorted(result.recipients.items())
    ]
    if heard:
        connection.execute(dialects.upsert(recipients), heard)


def _join(connection: Connection, alert: AlertId, other: AlertId, now: datetime) -> None:
    """Let the articles of an alert join another one that told the same."""
    mine = select(alert_members).where(alert_members.c.alert == alert).order_by(alert_members.c.position)
    joined = [
        Fold(other, ArticleId(row.article), Level.NEAR_COPY if row.level is Level.NEW else row.level, row.text)
        for row in connection.execute(mine).all()
    ]
    alerts.add_members(connection, joined, now)


def _bury(connection: Connection, claim: MessageClaim, recipient: str, now: datetime) -> None:
    """Make a dead letter of a message for one recipient who did not get it; its redrive goes to that one alone."""
    id_ = MessageId(public_id("m", digest("recipient", claim.target, claim.id, recipient)))
    mine = and_(recipients.c.message == claim.id, recipients.c.recipient == recipient)
    heard = connection.execute(select(recipients).where(mine)).first()
    result = AttemptClass.RETRY if heard is None else heard.result
    answer = "not asked" if heard is None else heard.answer
    letter = NewMessage(id_, claim.target, claim.kind, tuple(alert.id for alert in claim.alerts), MessageState.DEAD)
    if alerts.insert_messages(connection, [replace(letter, title=claim.title)], now, claim.text) == 0:
        return
    alerts.deliver(connection, [(id_, alert) for alert in letter.alerts])
    changes = {"for_recipient": recipient, "dead_class": result, "attempts": claim.attempt, "plain": claim.plain}
    connection.execute(update(messages).where(messages.c.id == id_).values(changes))
    told = {"number": claim.attempt, "at": now, "status": None}
    connection.execute(dialects.upsert(attempts), {"message": id_, "result": result, "answer": answer, **told})
    row = {"message": id_, "recipient": recipient, "result": result, "answer": answer}
    connection.execute(dialects.upsert(recipients), row)


def hand_back_unsent(connection: Connection, owner: str, begun: Sequence[MessageId]) -> int:
    """Give back what `owner` claimed, but for messages whose send has begun; return how many."""
    untouched = update(messages).where(
        messages.c.state == MessageState.SENDING, messages.c.owner == owner, messages.c.id.not_in(list(begun))
    )
    back = untouched.values(
        state=messages.c.claimed_from,
        owner=None,
        lease_until=None,
        attempts=messages.c.attempts - 1,
        tries=messages.c.tries - 1,
    )
    changed = int(connection.execute(back).rowcount)
    # These come back as if the process had died in them, but to be stopped is no unclean end: without an owner they
    # are not suspected.
    stopped = update(messages).where(messages.c.owner == owner, messages.c.id.in_(list(begun)))
    connection.execute(stopped.where(messages.c.state == MessageState.SENDING).values(owner=lapsed.STOPPED))
    return changed


def end_message_leases(connection: Connection, long_ago: datetime, owner: str | None = None) -> None:
    """Let the leases of a process that ended lapse, as `feeds.end_feed_leases`."""
    whose = true() if owner is None else messages.c.owner == owner
    in_hand = messages.c.state == MessageState.SENDING
    connection.execute(update(messages).where(in_hand, whose).values(lease_until=long_ago))


def next_send_at(connection: Connection, now: datetime) -> datetime | None:
    """Return when the next message is due, or None when nothing waits; may lie in the past."""
    every = health.healths(connection, now)
    times: list[datetime] = []
    sending = select(messages.c.target, messages.c.lease_until).where(messages.c.state == MessageState.SENDING)
    busy = {row.target: row.lease_until for row in connection.execute(sending)}
    times += [until for until in busy.values() if until is not None]
    due = func.min(func.coalesce(messages.c.next_try_at, messages.c.created_at, type_=messages.c.created_at.type))
    reasons = (HoldReason.BREAKER, HoldReason.SUSPECT)
    is_held = and_(messages.c.state == MessageState.HELD, messages.c.hold.in_(reasons))
    waiting = (
        select(messages.c.target, due.label("due"))
        .where(or_(messages.c.state.in_(holds.OPEN), is_held))
        .group_by(messages.c.target)
    )
    for row in connection.execute(waiting):
        known = every.get(ChannelName(row.target))
        if row.target in busy:
            continue
        if known is not None and known.breaker_since is not None:
            times.append(known.next_probe_at or now)
            continue
        throttled = known.throttled_until if known is not None else None
        times.append(max(row.due, throttled) if throttled is not None else row.due)
    return min(times, default=None)


def notify(
    connection: Connection, targets: Sequence[ChannelName], key: str, title: str, text: str, now: datetime
) -> int:
    """Queue a message about ourselves for each target, once per key; return how many are new."""
    broken = health.broken(connection)
    wanted: list[NewMessage] = []
    for target in dict.fromkeys(targets):
        id_ = MessageId(public_id("m", digest("meta", target, key)))
        hold = HoldReason.BREAKER if target in broken else None
        wanted.append(NewMessage(id_, target, MessageKind.META, (), first_state(hold), hold, title=title))
    return alerts.insert_messages(connection, wanted, now, text)


def retry(connection: Connection, id_: MessageId, now: datetime) -> None:
    """Make a message due now, with the same key and its attempts kept; see ports.Store.retry_message."""
    row = connection.execute(select(messages).where(messages.c.id == id_)).first() if is_id("m", id_) else None
    if row is None:
        raise StorageError(f"there is no message {id_}")
    if row.state is MessageState.SENDING:
        raise StorageError(f"message {id_} is being sent right now")
    if row.state in (MessageState.SENT, MessageState.SKIPPED, MessageState.DROPPED):
        raise StorageError(f"message {id_} is {row.state.value}; there is nothing to send again")
    if row.kind in (MessageKind.ALERT, MessageKind.SUMMARY) and not _has_text(connection, id_):
        raise StorageError(f"the articles of message {id_} are older than keep.articles and are gone")
    connection.execute(
        update(messages)
        .where(messages.c.id == id_)
        .values(
            state=MessageState.WAITING,
            dead_class=None,
            final_at=None,
            unclean_ends=0,
            ends_alone=0,
            let_go=True,
            **holds.anew(now),
        )
    )
    health.probe_at_once(connection, now, ChannelName(row.target))
    dialects.announce(connection, Wakeup.MESSAGES)


def started(connection: Connection, now: datetime) -> None:
    """Take up what waits at a start; see ports.Store.started."""
    moments = (messages.c.created_at, messages.c.attempted_at, feeds.c.last_poll_at)
    newest = [connection.execute(select(func.max(moment)).where(moment <= now)).scalar() for moment in moments]
    if was_away(max(filter(None, newest), default=None), now):
        anew = {"released_at": now, "tries": 0, "first_tried_at": None}
        connection.execute(update(messages).where(messages.c.state.not_in(sorted(FINAL_STATES))).values(anew))
    health.probe_at_once(connection, now)


def _has_text(connection: Connection, id_: MessageId) -> bool:
    listed: list[AlertId] = alerts.alert_ids(connection, [id_]).get(id_, [])
    return bool(details.alerts_of(connection, listed))
