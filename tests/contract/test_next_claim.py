"""The next message of a channel, leased in the transaction that marks the one before, on every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.newsroom import LEASE, Newsroom
from watcher.core.model.message import AttemptClass, AttemptResult, Decision, MessageState
from watcher.core.model.record import MessageClaim, NextClaim
from watcher.errors import LostClaim

NEXT = NextClaim("sender", LEASE, {})
OK = AttemptResult(AttemptClass.OK, "ok")


async def three(room: Newsroom) -> MessageClaim:
    """Three messages that wait for one channel; return the lease of the first."""
    await room.open("wire")
    for number in range(3):
        await room.publish("wire", room.news(f"Shells {number}", item=f"n{number}"))
        room.clock.advance(minutes=1)
    [first] = await room.claim("desk", owner="sender")
    return first


async def test_the_next_of_a_channel_comes_with_the_mark_in_order(room: Newsroom) -> None:
    claim = await three(room)
    seen = [claim.alerts[0].article.title]
    while True:
        done = Decision(MessageState.SENT, claim.health)
        following = await room.store.mark(claim, OK, done, room.clock.now(), NEXT)
        if not following:
            break
        [claim] = following
        assert (claim.attempt, claim.owner) == (1, "sender")
        assert await room.claim("desk") == [], "one message of a channel at a time"
        seen.append(claim.alerts[0].article.title)
    assert seen == ["Shells 0", "Shells 1", "Shells 2"]
    assert [one.state.value for one in await room.store.messages()] == ["sent"] * 3


async def test_without_being_asked_a_mark_leases_nothing(room: Newsroom) -> None:
    claim = await three(room)
    assert not await room.store.mark(claim, OK, Decision(MessageState.SENT, claim.health), room.clock.now())
    assert len(await room.claim("desk")) == 1


async def test_what_stops_the_channel_leases_nothing(room: Newsroom) -> None:
    claim = await three(room)
    until = room.clock.now() + timedelta(minutes=5)
    throttled = Decision(MessageState.RETRYING, replace(claim.health, throttled_until=until), next_try_at=until)
    answer = AttemptResult(AttemptClass.THROTTLE, "slow down")
    assert not await room.store.mark(claim, answer, throttled, room.clock.now(), NEXT)


async def test_a_late_mark_leases_nothing_and_what_was_leased_comes_back_after_a_crash(room: Newsroom) -> None:
    claim = await three(room)
    done = Decision(MessageState.SENT, claim.health)
    [second] = await room.store.mark(claim, OK, done, room.clock.now(), NEXT)
    with pytest.raises(LostClaim):
        await room.store.mark(claim, OK, done, room.clock.now(), NEXT)
    room.clock.advance(seconds=LEASE.total_seconds() + 1)
    [again] = await room.claim("desk", owner="other")
    assert (again.id, again.repeat) == (second.id, True)


async def test_what_was_leased_and_not_begun_is_given_back_at_a_stop(room: Newsroom) -> None:
    claim = await three(room)
    [second] = await room.store.mark(claim, OK, Decision(MessageState.SENT, claim.health), room.clock.now(), NEXT)
    assert await room.store.release_messages("sender") == 1
    [again] = await room.claim("desk", owner="other")
    assert (again.id, again.attempt, again.repeat) == (second.id, 1, False)
