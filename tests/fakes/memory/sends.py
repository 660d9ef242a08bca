"""The memory store as senders see it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tests.fakes.memory.promoted import Promoting
from tests.fakes.memory.records import FINAL, HOUR, OPEN, Alert, Message
from watcher.core.alerts.behind import MOST_DIED, Behind, has_died_of_age, is_tried_soon, trial_of
from watcher.core.alerts.elsewhere import (
    GAVE_UP,
    IS_OFF,
    REFUSES,
    first_free,
    ready_ways,
    said_also,
    say_also,
    with_what_was_sent,
)
from watcher.core.alerts.gather import waits_until
from watcher.core.alerts.holding import OFF_REASONS, HeldMessage, LetGo, Standing, Weight, fit, let_go, rank, redirect
from watcher.core.alerts.muted import say_end
from watcher.core.alerts.recheck import silence_on
from watcher.core.alerts.retry import was_away
from watcher.core.alerts.shares import Share, divide, divide_off, divide_refused
from watcher.core.alerts.threads import story_followed
from watcher.core.alerts.timing import BY_TIME, About, Gathered, Waiting, is_told_at_once, look
from watcher.core.alerts.turn import Candidate, after_end, to_send
from watcher.core.dedup.habits import Habits
from watcher.core.feeds.suspicion import after_unclean_end
from watcher.core.model.alert import (
    GATHERED,
    AlertDetail,
    AlertKind,
    Muted,
    NewAlert,
    NewMessage,
)
from watcher.core.model.ids import (
    AlertId,
    ChannelName,
    MessageId,
    digest,
    public_id,
)
from watcher.core.model.message import (
    LIVE_STATES,
    AttemptClass,
    AttemptResult,
    ChannelHealth,
    Decision,
    Died,
    HoldReason,
    MessageKind,
    MessageState,
    RecipientResult,
)
from watcher.core.model.policy import Policy, RetryPolicy
from watcher.core.model.record import (
    AttemptRecord,
    MessageClaim,
    MessageRecord,
    MutedRecord,
    NextClaim,
)
from watcher.core.model.suspicion import CLEAR, Suspicion
from watcher.core.model.verdict import Level
from watcher.errors import LostClaim, StorageError
from watcher.ports import NO_ADDRESSES, NO_LIMITS, NO_WAYS


class Sending(Promoting):
    """Messages, breakers and channels."""

    async def claim_messages(
        self,
        owner: str,
        now: datetime,
        lease: timedelta,
        limit: int,
        ready: Sequence[ChannelName],
        lists_at_most: Mapping[ChannelName, int] = NO_LIMITS,
    ) -> Sequence[MessageClaim]:
        """Lease messages."""
        self._take_back(owner, now, ready)
        sending = [m for m in self._messages.values() if m.state is MessageState.SENDING]
        busy = {message.target for message in sending}
        due = [m for name in ready if name not in busy for m in self._due(name, now)]
        candidates = [Candidate(m.id, m.target, m.created_at, m.suspicion) for m in due]
        has_suspect = self._has_suspect_in_hand(now)
        claims = []
        for id_ in to_send(candidates, has_suspect_in_hand=has_suspect)[:limit]:
            self._divide(self._messages[id_], lists_at_most)
            message = self._messages[id_]
            message = replace(
                message,
                claimed_from=message.state,
                state=MessageState.SENDING,
                owner=owner,
                lease_until=now + lease,
                attempts=message.attempts + 1,
                attempted_at=now,
                tries=message.tries + 1,
                first_tried_at=message.first_tried_at or now,
            )
            self._messages[message.id] = message
            claims.append(self._message_claim(message, now + lease, now))
        return claims

    def _divide(self, whole: Message, lists_at_most: Mapping[ChannelName, int]) -> None:
        most = lists_at_most.get(whole.target)
        if whole.kind is not MessageKind.SUMMARY or whole.repeat or most is None or len(whole.alerts) <= most:
            return
        divided = divide(whole.id, whole.target, whole.title, self._rank(whole.alerts), most)
        self._take_apart(whole, [*divided.messages, *([divided.rest] if divided.rest else [])])
        if divided.rest is not None:
            rest = self._messages[divided.rest.id]
            self._messages[rest.id] = replace(rest, state=MessageState.HELD, hold=HoldReason.REST)

    def _divide_apart(self, whole: Message) -> None:
        listed = sorted((self._alerts[id_] for id_ in whole.alerts), key=lambda one: (one.created_at, one.new.id))
        self._part(
            whole,
            divide_refused(whole.id, whole.target, whole.title, [(one.new.id, one.new.article) for one in listed]),
        )

    def _part(self, whole: Message, shares: Sequence[Share]) -> None:
        first, *others = shares
        anew = replace(whole, attempts=0, attempted_at=None, tries=0, first_tried_at=None, recipients={}, history=())
        self._take_apart(anew, others, begin=1)
        self._messages[whole.id] = replace(whole, title=first.title, alerts=first.alerts)

    def _take_apart(self, whole: Message, shares: Sequence[Share], begin: int = 0) -> None:
        for number, share in enumerate(shares, start=begin):
            at = whole.created_at + timedelta(microseconds=number)
            self._messages[share.id] = replace(
                whole, id=share.id, title=share.title, alerts=share.alerts, created_at=at
            )
            for alert in share.alerts:
                self._alerts[alert] = replace(self._alerts[alert], message=share.id)

    def _due(self, name: ChannelName, now: datetime) -> list[Message]:
        """All messages of a channel that could go now; of a broken one those that may probe it."""
        health, mine = self._health(name, now), [m for m in self._messages.values() if m.target == name]
        if health.throttled_until is not None and health.throttled_until > now:
            return []
        is_open = [m for m in mine if m.state in OPEN]
        if health.breaker_since is None:
            suspects = [m for m in mine if m.state is MessageState.HELD and m.hold is HoldReason.SUSPECT]
            return [m for m in [*is_open, *suspects] if _is_due(m, now)]
        if health.next_probe_at is not None and health.next_probe_at > now:
            return []
        return is_open or [m for m in mine if m.state is MessageState.HELD and m.hold is HoldReason.BREAKER]

    def _take_back(self, owner: str, now: datetime, ready: Sequence[ChannelName]) -> None:
        sending = [m for m in self._messages.values() if m.state is MessageState.SENDING]
        lost = [m for m in sending if m.owner != owner or m.target in ready]
        for gone in {m.owner for m in lost if m.lease_until and m.lease_until <= now}:
            mine = [m for m in lost if m.owner == gone]
            thought = {m.id: m.suspicion for m in mine}
            if gone not in (owner, ""):
                thought = after_unclean_end(thought, self._beside(gone, "message", list(thought.values())))
            for one in mine:
                self._messages[one.id] = _lapsed(one, thought[one.id], now)

    def _message_claim(self, message: Message, until: datetime, now: datetime) -> MessageClaim:
        done = (AttemptClass.OK, AttemptClass.PERMANENT)
        heard = message.recipients
        left = tuple(sorted(name for name, one in heard.items() if one.result not in done))
        left = left or tuple(sorted(name for name, one in heard.items() if one.result is not AttemptClass.OK))
        return MessageClaim(
            id=message.id,
            target=message.target,
            kind=message.kind,
            attempt=message.attempts,
            owner=message.owner,
            created_at=message.created_at,
            lease_until=until,
            health=self._health(message.target, now),
            alerts=tuple(detail for id_ in message.alerts if (detail := self._also(self._detail(self._alerts[id_])))),
            title=message.title,
            text=message.text,
            plain=message.plain,
            repeat=message.repeat,
            recipients=left or None,
            reached=any(one.result is AttemptClass.OK for one in heard.values()),
            refused=tuple(n for n, one in sorted(heard.items()) if one.result is done[1] and n not in left),
            for_recipient=message.for_recipient,
            released_at=message.released_at,
            tries=message.tries,
            first_tried_at=message.first_tried_at,
            older={}
            if message.repeat
            else self._older(message)
            if message.attempts == 1
            else self._told_meanwhile(message),
            instead=self._instead(message),
            let_go=message.is_let_go,
            thread=self._head(message),
            **self._died(message, now),
        )

    def _died(self, message: Message, now: datetime) -> dict[str, Any]:
        since = self._health(message.target, now).breaker_since
        if since is None:
            return {}
        mine = [one for one in self._messages.values() if one.target == message.target]
        dead = [one for one in mine if one.state is MessageState.DEAD and one.final_at and one.final_at >= since]
        dead = [one for one in dead if has_died_of_age(one.dead_class, one.for_recipient)]
        pairs = [
            Died(one.id, detail.article.title)
            for one in sorted(dead, key=lambda one: (one.final_at, one.created_at), reverse=True)
            for id_ in one.alerts
            if (detail := self._detail(self._alerts[id_]))
        ]
        return {"died": tuple(pairs[:MOST_DIED]), "died_in_all": len(pairs)}

    def _head(self, message: Message) -> str:
        listed = [detail for id_ in message.alerts if (detail := self._detail(self._alerts[id_]))]
        story = story_followed(listed)
        told = [
            self._messages[one.message]
            for one in self._alerts.values()
            if (one.new.story, one.new.target, one.new.kind) == (story, message.target, AlertKind.FIRST)
        ]
        sent = [one for one in told if one.state is MessageState.SENT and one.remote and one.sent_at]
        return max(sent, key=lambda one: (one.sent_at, one.id)).remote if sent else ""

    def _older(self, message: Message) -> dict[AlertId, tuple[AlertDetail, ...]]:
        found: dict[AlertId, tuple[AlertDetail, ...]] = {}
        for alert in [self._alerts[id_] for id_ in message.alerts] if message.kind is MessageKind.ALERT else []:
            for old in sorted(self._alerts.values(), key=lambda one: (one.created_at, one.new.id)):
                same = (*_kind_of(old.new), old.new.story) == (*_kind_of(alert.new), alert.new.story)
                is_older = alert.new.kind is AlertKind.FIRST and old.created_at <= alert.created_at
                its = self._messages[old.message]
                came_back = bool(its.attempts and its.released_at and its.released_at >= alert.created_at)
                is_live = its.state in LIVE_STATES and its.id != message.id
                if same and is_older and came_back and is_live and (detail := self._detail(old)):
                    found[alert.new.id] = (*found.get(alert.new.id, ()), detail)
        return found

    async def mark(
        self,
        claim: MessageClaim,
        result: AttemptResult,
        decision: Decision,
        now: datetime,
        then: NextClaim | None = None,
    ) -> Sequence[MessageClaim]:
        """Write an attempt; lease the next message of the channel."""
        self._mark(claim, result, decision, now)
        if then is None:
            return ()
        return await self.claim_messages(then.owner, now, then.lease, 1, [claim.target], then.lists_at_most)

    def _mark(self, claim: MessageClaim, result: AttemptResult, decision: Decision, now: datetime) -> None:
        """Write an attempt."""
        message = self._messages[claim.id]
        if (message.state, message.owner, message.attempts) != (MessageState.SENDING, claim.owner, claim.attempt):
            raise LostClaim("somebody else has the message now")
        state = decision.state
        self._messages[claim.id] = replace(
            message,
            state=state,
            hold=(decision.hold or HoldReason.BREAKER) if state is MessageState.HELD else None,
            next_try_at=decision.next_try_at,
            dead_class=(decision.dead_class or result.result) if state is MessageState.DEAD else None,
            plain=decision.plain or (claim.plain and not decision.apart),
            sent_at=now if state is MessageState.SENT else None,
            final_at=now if state in FINAL else None,
            owner="",
            suspicion=CLEAR,
            repeat=message.repeat or state is MessageState.UNCONFIRMED or result.result is AttemptClass.UNKNOWN,
            history=(*message.history, AttemptRecord(now, result.result, result.answer, result.status)),
            recipients={**message.recipients, **result.recipients},
            remote=result.remote or message.remote,
        )
        if decision.silence:
            self._mute(
                [
                    Muted(decision.silence, alert.article.id, alert.rule, claim.target, alert.story, alert.severity)
                    for alert in claim.alerts
                ],
                now,
            )
        for name in decision.given_up:
            self._bury(self._messages[claim.id], name, now)
        self._channels[self._key(claim.target)] = (decision.channel, now)
        if state is MessageState.DEAD:
            self._promote(self._messages[claim.id], decision.dead_class or result.result, now)
            if not claim.for_recipient:
                self._tell_elsewhere(claim.target, [self._messages[claim.id]], decision.otherwise, GAVE_UP, now)
        if decision.apart:
            self._divide_apart(self._messages[claim.id])
        if decision.leaving:
            whole = self._messages[claim.id]
            self._part(whole, divide_off(whole.id, whole.target, whole.title, whole.alerts, decision.leaving))
        for alert, older in decision.folded:
            old = self._alerts[older]
            there = {id_ for id_, _, _ in old.members}
            more = [one for one in self._alerts[alert].members if one[0] not in there]
            more = [(id_, Level.NEAR_COPY if level is Level.NEW else level, text) for id_, level, text in more]
            self._alerts[older] = replace(old, members=(*old.members, *more))
        sharing = [name for name in self._addresses if self._key(name) == self._key(claim.target)]
        for name in {claim.target, *sharing}:
            if decision.opened:
                self._hold(name, HoldReason.BREAKER)
            elif decision.closed:
                self._let_go(name, [HoldReason.BREAKER], now)

    def _bury(self, message: Message, name: str, now: datetime) -> None:
        id_ = MessageId(public_id("m", digest("recipient", message.target, message.id, name)))
        one = message.recipients.get(name, RecipientResult(AttemptClass.RETRY, "not asked"))
        told = AttemptRecord(now, one.result, one.answer)
        letter = replace(message, id=id_, state=MessageState.DEAD, created_at=now, final_at=now, sent_at=None)
        letter = replace(letter, for_recipient=name, dead_class=one.result, recipients={name: one}, history=(told,))
        self._messages.setdefault(id_, letter)

    def _hold(self, target: ChannelName, reason: HoldReason) -> list[Message]:
        waiting = [one for one in self._messages.values() if one.target == target and one.state in OPEN]
        for one in waiting:
            self._messages[one.id] = replace(one, state=MessageState.HELD, hold=reason)
        return waiting

    def _tell_elsewhere(
        self,
        target: ChannelName,
        held: Sequence[Message],
        ways: Mapping[ChannelName, Sequence[ChannelName]],
        why: str,
        now: datetime,
    ) -> None:
        other = first_free(ways.get(target, ()), self._broken())
        wanted = self._rank(alert for one in held for alert in one.alerts)
        if other is not None and wanted:
            self._redirect(wanted, other, now, why)

    def _tell_what_breakers_hold(self, policy: Policy, now: datetime) -> None:
        ways, broken = ready_ways(policy), self._broken()
        for target in sorted(broken):
            other = first_free(ways.get(target, ()), broken)
            held = [m for m in self._messages.values() if m.target == target and m.state is MessageState.HELD]
            held = [m for m in held if m.hold is HoldReason.BREAKER]
            untold = {id_: m.kind for m in held for id_ in m.alerts if self._is_untold(id_, ways.get(target, ()))}
            details = {id_: self._detail(self._alerts[id_]) for id_ in untold}
            heard = [id_ for id_, one in details.items() if one and silence_on(one, target, untold[id_], policy, now)]
            wanted = self._rank(untold.keys() - set(heard))
            if other is not None and wanted:
                self._redirect(wanted, other, now, REFUSES)

    def _is_untold(self, id_: AlertId, way: Sequence[ChannelName]) -> bool:
        mine = self._alerts[id_].new
        same = (mine.article, mine.rule, mine.kind)
        others = [one.new for one in self._alerts.values() if one.new.target in way]
        return all((one.article, one.rule, one.kind) != same for one in others)

    def _also(self, alert: AlertDetail | None) -> AlertDetail | None:
        """Return an alert that names as told only the other channels that took it."""
        if alert is None or not said_also(alert.note):
            return alert
        same = (alert.article.id, alert.rule, alert.kind)
        told = [one for one in self._alerts.values() if (one.new.article, one.new.rule, one.new.kind) == same]
        sent = {one.new.target for one in told if self._messages[one.message].state is MessageState.SENT}
        return replace(alert, note=with_what_was_sent(alert.note, sent))

    def _let_go(self, target: ChannelName, reasons: Collection[HoldReason], now: datetime) -> int:
        held = [m for m in self._messages.values() if m.target == target and m.hold in reasons]
        held = [m for m in held if m.state is MessageState.HELD]
        gone = self._merge(target, held, now)
        for id_ in gone.alone:
            self._messages[id_] = self._messages[id_].let_go(None if HoldReason.BREAKER in reasons else now)
        if gone.summary is not None and any(one.is_let_go for one in held):
            self._messages[gone.summary.id] = replace(self._messages[gone.summary.id], is_let_go=True)
        return len(held)

    def _merge(self, target: ChannelName, held: Sequence[Message], now: datetime) -> LetGo:
        waiting = [HeldMessage(m.id, m.kind, _is_begun(m), m.alerts) for m in held]
        gone = let_go(target, waiting, {id_: self._weight(id_) for id_ in self._alerts})
        for id_ in gone.merged:
            self._messages[id_] = replace(self._messages[id_], state=MessageState.SKIPPED, hold=None, final_at=now)
        if gone.summary is not None:
            self._queue(gone.summary, now)
        return gone

    def _queue(self, new: NewMessage, now: datetime) -> None:
        self._put(new, now)
        for alert in new.alerts:
            self._alerts[alert] = replace(self._alerts[alert], message=new.id)

    def _weight(self, id_: AlertId) -> Weight:
        alert = self._alerts[id_]
        return Weight(id_, alert.new.severity, len(alert.members), alert.created_at)

    def _rank(self, ids: Iterable[AlertId]) -> tuple[AlertId, ...]:
        return tuple(rank(self._weight(id_) for id_ in set(ids)))

    async def release_messages(self, owner: str, begun: Sequence[MessageId] = ()) -> int:
        """Give back what was not begun."""
        back = [m for m in self._messages.values() if (m.state, m.owner) == (MessageState.SENDING, owner)]
        back = [m for m in back if m.id not in begun]
        for one in back:
            back_to = replace(one, state=one.claimed_from, owner="", attempts=one.attempts - 1, tries=one.tries - 1)
            self._messages[one.id] = back_to
        for id_ in begun:
            one = self._messages[id_]
            if (one.state, one.owner) == (MessageState.SENDING, owner):
                self._messages[id_] = replace(one, owner="")
        return len(back)

    async def settle_channels(
        self,
        ready: Sequence[ChannelName],
        off: Mapping[ChannelName, str],
        now: datetime,
        fallback: Sequence[ChannelName] = (),
        addresses: Mapping[ChannelName, str] = NO_ADDRESSES,
        otherwise: Mapping[ChannelName, Sequence[ChannelName]] = NO_WAYS,
    ) -> int:
        """Fit what waits to the channels that exist."""
        for name, address in sorted(addresses.items()):
            self._readdress(name, address, now)
        changed = 0
        gone = sorted({one.target for one in self._messages.values()} - set(ready))
        for target in [*gone, *sorted(ready)]:
            reason = fit(target, ready, off, self._broken())
            if reason is None:
                changed += self._let_go(target, OFF_REASONS, now)
                continue
            for one in [m for m in self._messages.values() if m.target == target and m.hold in OFF_REASONS]:
                self._messages[one.id] = replace(one, hold=reason)
                changed += one.hold is not reason and target in ready
            if target not in ready:
                named = first_free(otherwise.get(target, ()), self._broken())
                told = [named] if named else [name for name in fallback if name in ready]
                changed += self._switch_off(target, reason, told, now)
        return changed

    def _switch_off(self, target: ChannelName, reason: HoldReason, told: Sequence[ChannelName], now: datetime) -> int:
        waiting = (HoldReason.BREAKER, *BY_TIME)
        for one in [m for m in self._messages.values() if m.target == target and m.hold in waiting]:
            self._messages[one.id] = one.let_go()
        held = self._hold(target, reason)
        for channel in told:
            self._redirect(self._rank(a for one in held for a in one.alerts), channel, now)
        return len(held)

    def _readdress(self, name: ChannelName, address: str, now: datetime) -> None:
        before, address = self._key(name), f"@{address}"
        if before == address:
            return
        self._addresses[name] = address
        if before in self._channels and address not in self._channels:
            health = replace(self._channels[before][0], throttled_until=None, failures=0, failing_since=None)
            self._channels[address] = (health, now)
        self._probe_at_once(now, name)
        if name in self._broken():
            self._hold(name, HoldReason.BREAKER)
        else:
            self._let_go(name, [HoldReason.BREAKER], now)

    def _redirect(self, ids: Sequence[AlertId], target: ChannelName, now: datetime, why: str = IS_OFF) -> None:
        there = [self._standing_alert(one) for one in self._alerts.values() if one.new.target == target]
        ranked = [self._standing_alert(self._alerts[id_]) for id_ in ids]
        habits = Habits(self._habits(now))
        made = redirect(ranked, target, there, habits, is_broken=target in self._broken(), why=why)
        if made is None:
            return
        self._put(made.message, now)
        for of, alert in made.alerts:
            original = self._alerts[of]
            self._alerts[alert.id] = replace(original, new=alert, created_at=now, message=made.message.id)
            said = "; ".join(filter(None, (original.new.note, say_also(target))))
            self._alerts[of] = replace(original, new=replace(original.new, note=said))

    def _standing_alert(self, alert: Alert) -> Standing:
        is_live = self._messages[alert.message].state in LIVE_STATES
        return Standing(alert.new, self._members(alert), is_live)

    async def started(self, now: datetime) -> None:
        """Take up what waits."""
        moments = [moment for m in self._messages.values() for moment in (m.created_at, m.attempted_at)]
        moments += [feed.state.last_poll_at for feed in self._feeds.values()]
        if was_away(max((moment for moment in moments if moment and moment <= now), default=None), now):
            for one in [m for m in self._messages.values() if m.state not in FINAL]:
                self._messages[one.id] = one.anew(now)
        self._probe_at_once(now)

    def _probe_at_once(self, now: datetime, *targets: ChannelName) -> None:
        wanted = [self._key(name) for name in targets]
        for key, (health, _) in list(self._channels.items()):
            if health.breaker_since is not None and (not targets or key in wanted):
                self._channels[key] = (replace(health, next_probe_at=now, throttled_until=None), now)

    async def next_send_at(self, now: datetime) -> datetime | None:
        """Return when the next message is due."""
        times = []
        for message in self._messages.values():
            health = self._health(message.target, now)
            if message.state is MessageState.SENDING and message.lease_until:
                times.append(message.lease_until)
            elif health.breaker_since is not None:
                if message.state in OPEN or message.hold is HoldReason.BREAKER:
                    times.append(health.next_probe_at or now)
            elif message.state in OPEN or message.hold is HoldReason.SUSPECT:
                due = message.next_try_at or message.created_at
                times.append(max(due, health.throttled_until or due))
        return min(times, default=None)

    async def notify(self, targets: Sequence[ChannelName], key: str, title: str, text: str, now: datetime) -> int:
        """Queue a message about ourselves."""
        count = 0
        for target in dict.fromkeys(targets):
            id_ = MessageId(public_id("m", digest("meta", target, key)))
            new = NewMessage(id_, target, MessageKind.META, (), title=title)
            if target in self._broken():
                new = replace(new, state=MessageState.HELD, hold=HoldReason.BREAKER)
            count += self._put(new, now, text)
        return count

    async def retry_message(self, message: MessageId, now: datetime) -> MessageRecord:
        """Make a message due now."""
        known = self._messages.get(message)
        if known is None:
            raise StorageError(f"there is no message {message}")
        if known.state is MessageState.SENDING:
            raise StorageError(f"message {message} is being sent right now")
        if known.state in FINAL and known.state is not MessageState.DEAD:
            raise StorageError(f"message {message} is {known.state.value}")
        self._messages[message] = replace(
            known.let_go(now), dead_class=None, final_at=None, suspicion=CLEAR, is_let_go=True
        )
        self._probe_at_once(now, known.target)
        return self._record(self._messages[message], with_history=True)

    async def claim_slot(self, job: str, slot: str, now: datetime) -> bool:
        """Return True for the first caller."""
        is_first = (job, slot) not in self._slots
        self._slots.add((job, slot))
        return is_first

    def _hurry(self, policy: Policy, now: datetime) -> None:
        for waiting in [one for of_target in self._open_messages(now).values() for one in of_target]:
            made = [self._alerts[id_] for id_ in waiting.alerts]
            sooner = waits_until(policy, [(one.new.rule, one.created_at) for one in made])
            if sooner is not None and sooner < waiting.tell_at:
                self._messages[waiting.message] = replace(self._messages[waiting.message], next_try_at=max(sooner, now))

    async def release_due(self, policy: Policy, now: datetime) -> int:
        """Let go whose time has come."""
        self._hurry(policy, now)
        broken = self._broken()
        held = [one for one in self._messages.values() if one.hold in BY_TIME and one.state is MessageState.HELD]
        held.sort(key=lambda one: one.order)
        gathered = [one for one in self._messages.values() if self._is_gathered(one)]
        gathered.sort(key=lambda one: one.order)
        seen = look(
            policy,
            [self._waiting(one) for one in held],
            self._rung(now),
            now,
            broken,
            [
                Gathered(
                    one.id, one.target, one.next_try_at or now, one.created_at, self._about(one), self._heads(one, now)
                )
                for one in gathered
            ],
        )
        for id_, reason in seen.renamed:
            self._messages[id_] = replace(self._messages[id_], hold=reason, is_let_go=reason is HoldReason.BREAKER)
        for id_ in seen.behind:
            self._messages[id_] = replace(self._messages[id_], state=MessageState.HELD, hold=HoldReason.LIMIT)
        for one in seen.due:
            gone = self._merge(one.target, [m for m in (*held, *gathered) if m.id in one.merged], now)
            for id_ in (*gone.alone, *one.alone):
                self._messages[id_] = replace(self._messages[id_].let_go(now), is_let_go=True)
            if gone.summary is not None:
                self._messages[gone.summary.id] = replace(self._messages[gone.summary.id], is_let_go=True)
        self._tell_what_breakers_hold(policy, now)
        for name in sorted(self._broken()):
            if is_tried_soon(self._health(name, now), now):
                self._gather_for_trial(name, now - policy.give_up.get(name, RetryPolicy().give_up), now)
        return sum(len(one.merged) + len(one.alone) for one in seen.due)

    def _gather_for_trial(self, target: ChannelName, too_old: datetime, now: datetime) -> None:
        began = self._health(target, now).breaker_since
        held = [m for m in self._messages.values() if (m.target, m.hold) == (target, HoldReason.BREAKER)]
        held = sorted((m for m in held if m.state is MessageState.HELD), key=lambda one: one.order)
        waiting = []
        for m in held:
            one = HeldMessage(m.id, m.kind, _is_begun(m), m.alerts)
            since = max(m.released_at or m.created_at, began or m.created_at)
            waiting.append(Behind(one, since, m.tries, m.first_tried_at, is_plain=m.plain, is_let_go=m.is_let_go))
        trial = trial_of(target, waiting, {id_: self._weight(id_) for id_ in self._alerts}, too_old)
        for gone in trial.leaving:
            whole = self._messages[gone.message]
            parts = divide_off(whole.id, whole.target, whole.title, whole.alerts, [gone.alerts])
            self._part(whole, parts)
            for part in parts[1:]:
                self._messages[part.id] = replace(self._messages[part.id], released_at=gone.since)
        for id_ in trial.merged:
            self._messages[id_] = replace(self._messages[id_], state=MessageState.SKIPPED, hold=None, final_at=now)
        if trial.summary is not None:
            self._queue(trial.summary, now)
            tried = replace(self._messages[trial.summary.id], tries=trial.tries, first_tried_at=trial.first_tried_at)
            self._messages[tried.id] = replace(tried, released_at=trial.since, is_let_go=trial.is_let_go)

    def _is_gathered(self, one: Message) -> bool:
        waits = one.state is MessageState.WAITING and one.attempts == 0 and one.next_try_at is not None
        of_stories = any(self._alerts[id_].new.kind in GATHERED for id_ in one.alerts)
        return one.kind is MessageKind.SUMMARY and waits and of_stories

    def _heads(self, gathered: Message, now: datetime) -> frozenset[MessageId]:
        """Return the messages of the target that began one of its stories and wait too."""
        waiting = {one.message for of_target in self._open_messages(now).values() for one in of_target}
        waiting |= {m.id for m in self._messages.values() if m.state is MessageState.HELD and m.hold in BY_TIME}
        mine = {(one.rule, one.story, one.target) for one in (self._alerts[id_].new for id_ in gathered.alerts)}
        return frozenset(
            MessageId(one.message)
            for one in self._alerts.values()
            if (one.new.rule, one.new.story, one.new.target) in mine
            and one.new.kind is AlertKind.FIRST
            and one.message in waiting - {gathered.id}
        )

    def _waiting(self, message: Message) -> Waiting:
        assert message.hold is not None
        return Waiting(message.id, message.target, message.hold, message.created_at, self._about(message))

    def _about(self, message: Message) -> tuple[About, ...]:
        about = []
        for new in [self._alerts[id_].new for id_ in message.alerts]:
            article = self._items[new.article].article
            urgent = is_told_at_once(new.is_urgent, new.kind, message.kind)
            origin = (article.feed_name, article.tags) if article else ("", ())
            about.append(About(new.rule, new.severity, *origin, urgent))
        return tuple(about)

    async def end_silences(self, in_force: Collection[str], now: datetime) -> int:
        """Tell what silences held."""
        over = [key for key, (_, _, told) in self._muted.items() if told is None and key[0] not in in_force]
        pairs = sorted({(silence, target) for silence, _, _, target in over})
        for pair in pairs:
            mine = [key for key in over if (key[0], key[3]) == pair]
            title, text = say_end(pair[0], [self._muted_record(key) for key in mine])
            await self.notify([ChannelName(pair[1])], f"silence {pair[0]} {now.isoformat()}", title, text, now)
            for key in mine:
                self._muted[key] = (*self._muted[key][:2], now)
        return len(pairs)

    async def muted(self, silence: str | None = None, limit: int = 50) -> Sequence[MutedRecord]:
        """Return what silences held."""
        found = [self._muted_record(key) for key in self._muted if silence in (None, key[0])]
        return sorted(found, key=lambda one: (-one.at.timestamp(), one.muted.article))[:limit]

    async def unreadable(self) -> Sequence[str]:
        """Nothing can be damaged."""
        return []

    async def channel_health(self) -> Sequence[ChannelHealth]:
        """Return the health of channels."""
        names = [ChannelName(key) for key in self._channels if not key.startswith("@")]
        known = sorted({*names, *(name for name, key in self._addresses.items() if key in self._channels)})
        return [replace(self._channels[self._key(name)][0], name=name) for name in known]


def _lapsed(message: Message, thought: Suspicion, now: datetime) -> Message:
    note = AttemptRecord(message.attempted_at or now, AttemptClass.UNKNOWN, "the process ended before the answer came")
    state, hold, at = after_end(message.claimed_from, message.hold, message.next_try_at, thought, now)
    back = replace(message, state=state, hold=hold, next_try_at=at, suspicion=thought)
    return replace(back, owner="", repeat=True, history=(*message.history, note))


def _is_begun(message: Message) -> bool:
    has_arrived = any(one.result is AttemptClass.OK for one in message.recipients.values())
    return message.repeat or has_arrived or bool(message.for_recipient)


def _is_due(message: Message, now: datetime) -> bool:
    acted = message.attempted_at or message.created_at
    return message.next_try_at is None or message.next_try_at <= now or acted > now + HOUR


def _kind_of(alert: NewAlert) -> tuple[str, ...]:
    return alert.rule, alert.target, alert.kind
