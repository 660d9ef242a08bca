"""What every store promises of an unclean end: all that was in hand, feeds and messages together, is one set of
suspects.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta

from tests.fakes.newsroom import Newsroom, PlainJudge
from watcher.core.model.ids import ChannelName
from watcher.core.model.message import AttemptClass
from watcher.core.model.outcome import FeedStatus
from watcher.core.model.record import FeedClaim
from watcher.core.model.suspicion import Suspicion

POLL_LEASE = timedelta(minutes=3)  # longer than that of a message, so that the two kinds lapse apart


async def _polls(room: Newsroom, process: str) -> Sequence[FeedClaim]:
    return await room.store.claim_feeds(process, room.clock.now(), 10, POLL_LEASE)


async def _commit(room: Newsroom, claim: FeedClaim) -> None:
    await room.store.commit(room.result(claim, None), room.judge, 1, room.clock.now())


async def _both_in_hand(room: Newsroom, process: str) -> None:
    """Let a process have one feed and one message in hand, neither of them suspected."""
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    room.clock.advance(seconds=1)  # a host is left alone for so long after another process asked it
    await room.store.request_poll([], room.clock.now())
    assert len(await _polls(room, process)) == 1
    assert len(await room.claim("desk", owner=process)) == 1


async def test_one_suspect_is_tried_at_a_time_over_feeds_and_messages(room: Newsroom) -> None:
    await _both_in_hand(room, "first")
    room.clock.advance(minutes=4)
    [feed] = await _polls(room, "second")
    assert await room.claim("desk", owner="second") == [], "the feed is tried first"
    await _commit(room, feed)
    [message] = await room.claim("desk", owner="second")
    await room.store.request_poll([], room.clock.now())
    assert len(await _polls(room, "second")) == 1, "what came to its end is no suspect"
    await room.answer(message, AttemptClass.OK)


async def test_a_message_that_is_tried_keeps_a_suspected_feed_waiting(room: Newsroom) -> None:
    await _both_in_hand(room, "first")
    room.clock.advance(minutes=4)
    [message] = await room.claim("desk", owner="second")
    assert await _polls(room, "second") == []
    await room.answer(message, AttemptClass.RETRY)
    assert len(await _polls(room, "second")) == 1


async def test_no_suspect_is_due_while_another_one_is_tried(room: Newsroom) -> None:
    await _both_in_hand(room, "first")
    room.clock.advance(minutes=4)
    await room.open("wire", "paper")
    [message] = await room.claim("desk", owner="second")
    assert [claim.spec.name for claim in await _polls(room, "second")] == ["paper"]
    assert await room.store.due_feeds("second", room.clock.now()) == []
    await room.answer(message, AttemptClass.OK)
    assert [one.feed for one in await room.store.due_feeds("second", room.clock.now())] == [room.ids["wire"]]


async def test_what_is_not_suspected_waits_for_no_suspect_of_the_other_kind(room: Newsroom) -> None:
    await _both_in_hand(room, "first")
    room.clock.advance(minutes=4)
    await room.open("wire", "paper")
    assert sorted(claim.spec.name for claim in await _polls(room, "second")) == ["paper", "wire"]
    await room.store.notify([ChannelName("me")], "a key", "A notice", "", room.clock.now())
    assert [claim.title for claim in await room.claim("desk", "me", owner="second")] == ["A notice"]


async def test_a_suspect_that_hangs_holds_up_the_others_for_no_longer_than_its_lease(room: Newsroom) -> None:
    await _both_in_hand(room, "first")
    room.clock.advance(minutes=4)
    [feed] = await _polls(room, "second")
    room.clock.advance(minutes=2)
    assert await room.claim("desk", owner="second") == []
    room.clock.advance(minutes=1)
    assert len(await room.claim("desk", owner="second")) == 1
    await _commit(room, feed)  # it stays in the hand of its process, however long it takes


async def test_suspects_of_both_kinds_in_hand_at_an_end_clear_each_other_though_they_are_taken_back_apart(
    room: Newsroom,
) -> None:
    await _both_in_hand(room, "first")
    room.clock.advance(minutes=4)
    assert len(await _polls(room, "second")) == 1
    room.clock.advance(minutes=3)
    assert len(await room.claim("desk", owner="second")) == 1, "the lease of the suspected feed is over"
    room.clock.advance(minutes=2)
    # The feed is taken back with the message in hand; the message by the note that this left.
    [feed] = await _polls(room, "third")
    assert feed.state.suspicion == Suspicion(2, 0)
    assert await room.claim("desk", owner="third") == []
    await _commit(room, feed)
    for process in ("third", "fourth"):
        assert len(await room.claim("desk", owner=process)) == 1, "not set aside: it was the only suspect once"
        room.clock.advance(minutes=2)
    assert await room.claim("desk", owner="fifth") == []
    assert await room.states() == [("desk", "held")], "the only suspect at two ends in a row"


async def test_suspects_clear_each_other_where_the_message_is_taken_back_first(room: Newsroom) -> None:
    await _both_in_hand(room, "first")
    room.clock.advance(minutes=4)
    assert len(await _polls(room, "second")) == 1
    room.clock.advance(minutes=3)
    assert len(await room.claim("desk", owner="second")) == 1
    room.clock.advance(minutes=2)
    assert len(await room.claim("desk", owner="third")) == 1
    room.clock.advance(minutes=2)
    [feed] = await _polls(room, "fourth")
    assert feed.state.suspicion == Suspicion(2, 0)


async def test_a_feed_that_ends_the_process_takes_no_message_along(room: Newsroom) -> None:
    await room.open("bad")
    room.judge = PlainJudge(targets=("a", "b", "c"))
    await room.publish("bad", room.news("Shells shipped", feed="bad"))
    for number in range(12):
        await room.store.request_poll([], room.clock.now())
        claims = await room.claim("a", "b", "c", owner=f"process {number}")
        if not await _polls(room, f"process {number}"):
            for claim in claims:
                await room.answer(claim, AttemptClass.OK)
        room.clock.advance(minutes=4)
    assert {state for _, state in await room.states()} == {"sent"}
    [feed] = await room.store.feeds()
    assert feed.state.status is FeedStatus.QUARANTINED


async def test_a_hundred_ends_at_random_moments_set_nothing_aside_for_good(room: Newsroom) -> None:
    dice = random.Random(11)
    names = [f"feed {number}" for number in range(4)]
    await room.open(*names)
    room.judge = PlainJudge(targets=("a", "b", "c"))
    for number in range(4):
        await room.publish(names[number], room.news(f"Shells {number}", feed=names[number]))
    for number in range(100):
        process = f"process {number}"
        for _ in range(dice.randrange(1, 4)):
            polls, sends = list(await _polls(room, process)), list(await room.claim("a", "b", "c", owner=process))
            for claim in dice.sample(polls, dice.randrange(len(polls) + 1)):
                await _commit(room, claim)
            for one in dice.sample(sends, dice.randrange(len(sends) + 1)):
                await room.answer(one, AttemptClass.RETRY)
        room.clock.advance(minutes=10)
    for _ in range(40):
        room.clock.advance(minutes=10)
        for claim in await _polls(room, "last"):
            await _commit(room, claim)
        for one in await room.claim("a", "b", "c", owner="last"):
            await room.answer(one, AttemptClass.OK)
    assert {feed.state.status for feed in await room.store.feeds()} == {FeedStatus.OK}
    assert {state for _, state in await room.states()} == {"sent"}
