"""What every store promises about messages: claiming, marking, holding and letting go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.newsroom import LEASE, Newsroom, PlainJudge
from watcher.core.model.ids import ChannelName, MessageId, digest, public_id
from watcher.core.model.message import (
    AttemptClass,
    AttemptResult,
    Decision,
    HoldReason,
    MessageKind,
    MessageState,
    RecipientResult,
)
from watcher.core.model.policy import Policy
from watcher.core.model.record import MessageClaim, MessageRecord
from watcher.core.model.rule import Severity
from watcher.core.model.verdict import Level
from watcher.errors import LostClaim, StorageError

DESK, ME = ChannelName("desk"), ChannelName("me")


async def test_claim_brings_all_that_a_message_shows(room: Newsroom) -> None:
    await room.open("wire", "paper")
    await room.publish("wire", room.news("Shells shipped", body="By rail."))
    await room.publish("paper", room.news("Shells shipped", item="p", feed="paper"))
    [claim] = await room.claim("desk")
    assert (claim.attempt, claim.repeat, claim.plain, claim.recipients, claim.kind) == (
        1,
        False,
        False,
        None,
        MessageKind.ALERT,
    )
    assert claim.lease_until == room.clock.now() + LEASE
    [alert] = claim.alerts
    assert alert.article.summary == "By rail."
    assert [member.article.feed_name == "" for member in alert.members] == [True, True]
    assert [group.label for group in alert.match.groups] == ["shells"]


async def test_a_commit_says_which_alerts_it_made(room: Newsroom) -> None:
    await room.open("wire")
    committed = await room.publish("wire", room.news("Shells shipped"))
    [note] = committed.made
    assert (note.headline, note.channels) == ("Shells shipped", (DESK,))


async def test_claimed_message_is_not_claimed_twice_and_is_stored_as_sending(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    assert len(await room.claim("desk")) == 1
    assert await room.claim("desk", owner="other") == []
    assert await room.states() == [("desk", "sending")]


async def test_one_message_a_channel_is_sent_at_a_time_oldest_first(room: Newsroom) -> None:
    await room.open("wire")
    room.judge = PlainJudge(targets=("desk", "me"))
    for title in ("Shells shipped", "Shells landed"):
        await room.publish("wire", room.news(title))
        room.clock.advance(minutes=1)
    claims = await room.claim("desk", "me")
    assert sorted(claim.target for claim in claims) == ["desk", "me"]
    assert {claim.alerts[0].article.title for claim in claims} == {"Shells shipped"}
    assert await room.claim("desk", "me") == []
    await room.answer(claims[0], AttemptClass.OK)
    [following] = await room.claim("desk", "me")
    assert (following.target, following.alerts[0].article.title) == (claims[0].target, "Shells landed")


async def test_channel_that_is_not_ready_gives_no_message(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    assert await room.claim("me") == []
    assert await room.claim() == []


async def test_limit_holds_over_all_channels(room: Newsroom) -> None:
    await room.open("wire")
    room.judge = PlainJudge(targets=("a", "b", "c"))
    await room.publish("wire", room.news("Shells shipped"))
    assert len(await room.claim("a", "b", "c", limit=2)) == 2


async def test_marked_message_keeps_its_history(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    [claim] = await room.claim("desk")
    await room.answer(claim, AttemptClass.RETRY)
    assert await room.claim("desk") == []
    assert await room.store.next_send_at(room.clock.now()) == room.clock.now() + timedelta(seconds=30)
    room.clock.advance(seconds=30)
    [claim] = await room.claim("desk")
    assert claim.attempt == 2
    await room.answer(claim, AttemptClass.OK)
    record = await room.store.message(claim.id)
    assert record is not None
    assert (record.state, record.sent_at, record.attempts) == (MessageState.SENT, room.clock.now(), 2)
    assert [(attempt.result, attempt.answer) for attempt in record.history] == [
        (AttemptClass.RETRY, "retry!"),
        (AttemptClass.OK, "ok!"),
    ]
    assert record.answer == "ok!"
    [listed] = await room.store.messages()
    assert (listed.answer, len(listed.history)) == ("ok!", 1), "a list shows the last answer only"
    assert await room.store.next_send_at(room.clock.now()) is None


async def test_process_that_dies_before_marking_leads_to_a_repeat_with_the_same_key(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    [claim] = await room.claim("desk")
    room.clock.advance(minutes=3)
    [again] = await room.claim("desk", owner="after restart")
    assert (again.id, again.repeat, again.attempt) == (claim.id, True, 2)
    with pytest.raises(LostClaim):
        await room.answer(claim, AttemptClass.OK)
    await room.answer(again, AttemptClass.OK)
    record = await room.store.message(claim.id)
    assert record is not None
    assert [attempt.result for attempt in record.history] == [AttemptClass.UNKNOWN, AttemptClass.OK]


async def test_late_mark_by_the_same_owner_is_fenced_by_its_attempt(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    [claim] = await room.claim("desk")
    room.clock.advance(minutes=3)
    assert len(await room.claim("desk")) == 1
    with pytest.raises(LostClaim):
        await room.answer(claim, AttemptClass.OK)


async def test_message_that_ends_the_process_again_and_again_is_held_and_tried_each_hour_never_dead(
    room: Newsroom,
) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    for number in range(3):
        assert len(await room.claim("desk", owner=f"process {number}")) == 1
        room.clock.advance(minutes=3)
    await room.publish("wire", room.news("Shells landed"))
    [other] = await room.claim("desk", owner="process 3")
    assert other.alerts[0].article.title == "Shells landed", "its channel goes on"
    await room.answer(other, AttemptClass.OK)
    [held] = await room.store.messages(state="held")
    assert held.hold is HoldReason.SUSPECT
    assert await room.store.next_send_at(room.clock.now()) == room.clock.now() + timedelta(hours=1)
    for number in range(4, 30):
        room.clock.advance(minutes=59)
        assert await room.claim("desk", owner=f"process {number}") == []
        room.clock.advance(minutes=1)
        [again] = await room.claim("desk", owner=f"process {number}")
        assert (again.id, again.repeat) == (held.id, True)
        room.clock.advance(minutes=3)
        assert await room.claim("desk", owner="next") == []
    room.clock.advance(hours=1)
    [again] = await room.claim("desk", owner="mended")
    await room.answer(again, AttemptClass.OK)
    assert await room.states() == [("desk", "sent"), ("desk", "sent")]


async def test_one_kill_blames_nobody_and_suspects_go_one_at_a_time_beside_the_others(room: Newsroom) -> None:
    await room.open("wire")
    room.judge = PlainJudge(targets=("a", "b", "c", "d"))
    await room.publish("wire", room.news("Shells shipped"))
    assert len(await room.claim("a", "b", "c", owner="killed")) == 3
    room.clock.advance(minutes=3)
    claims = await room.claim("a", "b", "c", "d", owner="next")
    assert sorted(claim.repeat for claim in claims) == [False, True], "one suspect, and what is not suspected"
    suspect = next(claim for claim in claims if claim.repeat)
    assert await room.claim("a", "b", "c", owner="next") == []
    await room.answer(suspect, AttemptClass.RETRY)
    [second] = await room.claim("a", "b", "c", owner="next")
    assert second.repeat
    assert second.id != suspect.id


async def test_kills_at_random_moments_give_up_no_message(room: Newsroom) -> None:
    await room.open("wire")
    room.judge = PlainJudge(targets=("a", "b", "c"))
    await room.publish("wire", *(room.news(f"Shells {number}") for number in range(4)))
    for number in range(40):
        claims = await room.claim("a", "b", "c", owner=f"process {number}")
        for claim in claims[: number % 3]:
            await room.answer(claim, AttemptClass.RETRY if number % 2 else AttemptClass.OK)
        room.clock.advance(minutes=3)
    for _ in range(60):
        room.clock.advance(minutes=10)
        for claim in await room.claim("a", "b", "c", owner="last"):
            await room.answer(claim, AttemptClass.OK)
    assert {state for _, state in await room.states()} == {"sent"}


async def test_a_suspect_does_not_keep_its_channel_from_sending_what_is_not_suspected(room: Newsroom) -> None:
    await room.open("wire")
    room.judge = PlainJudge(targets=("a", "b"))
    await room.publish("wire", room.news("Shells 0"))
    assert len(await room.claim("a", "b", owner="killed")) == 2
    room.clock.advance(minutes=3)
    await room.publish("wire", room.news("Shells 1"))
    claims = await room.claim("a", "b", owner="next")
    assert sorted(claim.alerts[0].article.title for claim in claims) == ["Shells 0", "Shells 1"]


async def test_unconfirmed_message_goes_again_as_a_repeat(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    [claim] = await room.claim("desk")
    await room.answer(claim, AttemptClass.UNKNOWN)
    room.clock.advance(minutes=1)
    [again] = await room.claim("desk")
    assert (again.id, again.repeat) == (claim.id, True)


async def test_message_not_begun_is_given_back_and_one_on_the_wire_is_not(room: Newsroom) -> None:
    await room.open("wire")
    room.judge = PlainJudge(targets=("desk", "me"))
    await room.publish("wire", room.news("Shells shipped"))
    claims = {claim.target: claim for claim in await room.claim("desk", "me")}
    assert await room.store.release_messages("sender", [claims[ME].id]) == 1
    assert await room.states() == [("desk", "waiting"), ("me", "sending")]
    [again] = await room.claim("desk")
    assert (again.attempt, again.repeat) == (1, False)


async def test_throttled_channel_waits_as_a_whole_and_alone(room: Newsroom) -> None:
    await room.open("wire")
    room.judge = PlainJudge(targets=("desk", "me"))
    await room.publish("wire", room.news("Shells shipped"), room.news("Shells landed"))
    claims = {claim.target: claim for claim in await room.claim("desk", "me")}
    until = room.clock.now() + timedelta(minutes=5)
    health = replace(claims[DESK].health, throttled_until=until)
    await room.answer(claims[DESK], AttemptClass.THROTTLE, channel=health, next_try_at=until)
    await room.answer(claims[ME], AttemptClass.OK)
    [claim] = await room.claim("desk", "me")
    assert claim.target == "me"
    await room.answer(claim, AttemptClass.OK)
    assert await room.store.next_send_at(room.clock.now()) == until
    room.clock.advance(minutes=5)
    assert len(await room.claim("desk", "me")) == 1


async def test_clock_set_back_does_not_put_sending_off(room: Newsroom) -> None:
    await room.open("wire")
    room.clock.advance(days=400)
    await room.publish("wire", room.news("Shells shipped"))
    [claim] = await room.claim("desk")
    until = room.clock.now() + timedelta(minutes=5)
    health = replace(claim.health, throttled_until=until)
    await room.answer(claim, AttemptClass.THROTTLE, channel=health, next_try_at=until)
    room.clock.advance(days=-400)
    assert len(await room.claim("desk")) == 1


async def test_recipients_who_got_it_are_not_sent_to_again(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    [claim] = await room.claim("desk")
    assert claim.reached is False
    heard = {
        "ann@x.example": RecipientResult(AttemptClass.OK, "250 ok"),
        "bob@x.example": RecipientResult(AttemptClass.RETRY, "450 later"),
        "eve@x.example": RecipientResult(AttemptClass.PERMANENT, "550 no"),
    }
    now = room.clock.now()
    result = AttemptResult(AttemptClass.RETRY, "450 later", recipients=heard)
    await room.store.mark(claim, result, Decision(MessageState.RETRYING, claim.health, next_try_at=now), now)
    [again] = await room.claim("desk")
    assert (again.recipients, again.reached) == (("bob@x.example",), True)
    record = await room.store.message(claim.id)
    assert record is not None
    assert [(one.recipient, one.result) for one in record.recipients] == [
        ("ann@x.example", AttemptClass.OK),
        ("bob@x.example", AttemptClass.RETRY),
        ("eve@x.example", AttemptClass.PERMANENT),
    ]


async def test_copy_does_not_fold_into_a_dead_message(room: Newsroom) -> None:
    await room.open("wire", "paper")
    await room.publish("wire", room.news("Shells shipped"))
    [claim] = await room.claim("desk")
    await room.answer(claim, AttemptClass.CONTENT)
    committed = await room.publish("paper", room.news("Shells shipped", item="p", feed="paper"))
    assert (committed.alerts, committed.folded, committed.conflicts) == (1, 0, 0)
    assert await room.states() == [("desk", "dead"), ("desk", "waiting")]


async def test_open_breaker_holds_the_channel_and_probes_with_one_message(room: Newsroom) -> None:
    await room.open("wire")
    room.judge = PlainJudge(targets=("desk", "me"))
    for number in range(3):
        await room.publish("wire", room.news(f"Shells {number}"))
        room.clock.advance(minutes=1)
    claims = {claim.target: claim for claim in await room.claim("desk", "me")}
    await room.open_breaker(claims[DESK])
    assert (await room.states()).count(("desk", "held")) == 3
    assert (await room.states()).count(("me", "waiting")) == 2
    # What comes now is held as well.
    await room.publish("wire", room.news("Shells 3"))
    assert (await room.states()).count(("desk", "held")) == 4
    assert await room.claim("desk") == []
    room.clock.advance(hours=1)
    [probe] = await room.claim("desk")
    assert probe.id == claims[DESK].id
    assert probe.health.breaker_since is not None
    assert await room.claim("desk") == []


async def test_closing_breaker_releases_one_summary_ranked_by_severity_and_size(room: Newsroom) -> None:
    await room.open("wire", "paper")
    await room.publish("wire", room.news("Shells 0"))
    [claim] = await room.claim("desk")
    await room.open_breaker(claim)
    room.clock.advance(seconds=1)
    await room.publish("wire", room.news("Shells 1"), room.news("Shells 2"))
    await room.publish("paper", room.news("Shells 2", item="p", feed="paper"))
    room.judge = PlainJudge(severity=Severity.CRITICAL)
    await room.publish("wire", room.news("Shells 3"))
    room.clock.advance(hours=1)
    [probe] = await room.claim("desk")
    await room.close_breaker(probe)
    assert sorted(state for _, state in await room.states()) == ["sent", "skipped", "skipped", "skipped", "waiting"]
    [summary] = await room.claim("desk")
    assert summary.kind is MessageKind.SUMMARY
    assert [alert.article.title for alert in summary.alerts] == ["Shells 3", "Shells 2", "Shells 1"]
    [health] = await room.store.channel_health()
    assert health.breaker_since is None
    # A copy folds into the summary, which speaks for the alert now.
    committed = await room.publish("paper", room.news("Shells 1", item="q", feed="paper"))
    assert (committed.folded, committed.alerts) == (1, 0)


async def test_closing_breaker_releases_a_single_message_as_it_is(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells 0"))
    [claim] = await room.claim("desk")
    await room.open_breaker(claim)
    room.clock.advance(seconds=1)
    await room.publish("wire", room.news("Shells 1"))
    room.clock.advance(hours=1)
    [probe] = await room.claim("desk")
    await room.close_breaker(probe)
    [following] = await room.claim("desk")
    assert (following.kind, following.alerts[0].article.title) == (MessageKind.ALERT, "Shells 1")


async def test_message_that_may_have_arrived_keeps_its_key_through_a_breaker(room: Newsroom) -> None:
    await room.open("wire")
    for number in range(4):
        await room.publish("wire", room.news(f"Shells {number}"))
        room.clock.advance(seconds=1)
    [doubtful] = await room.claim("desk")
    await room.answer(doubtful, AttemptClass.UNKNOWN)
    [claim] = await room.claim("desk")
    await room.open_breaker(claim)
    room.clock.advance(hours=1)
    [probe] = await room.claim("desk")
    assert (probe.id, probe.repeat) == (doubtful.id, True)
    await room.open_breaker(probe)
    # Probed by hand with another one, which gets through.
    await room.store.retry_message(claim.id, room.clock.now())
    [asked] = await room.claim("desk")
    assert asked.id == claim.id
    await room.close_breaker(asked)
    [first] = await room.claim("desk")
    assert (first.id, first.repeat) == (doubtful.id, True)
    await room.answer(first, AttemptClass.OK)
    [summary] = await room.claim("desk")
    assert [alert.article.title for alert in summary.alerts] == ["Shells 2", "Shells 3"]


async def test_process_that_dies_in_a_probe_leaves_the_message_held(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    [claim] = await room.claim("desk")
    await room.open_breaker(claim)
    room.clock.advance(hours=1)
    assert len(await room.claim("desk")) == 1
    room.clock.advance(minutes=3)
    [probe] = await room.claim("desk")
    assert (probe.id, probe.repeat) == (claim.id, True)


async def test_channel_that_is_off_holds_its_messages_and_says_why(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells 0"), room.news("Shells 1"))
    assert await room.store.settle_channels([ME], {DESK: "secret"}, room.clock.now()) == 2
    assert {record.hold for record in await room.store.messages()} == {HoldReason.SECRET}
    assert await room.store.settle_channels([ME], {}, room.clock.now()) == 0
    assert {record.hold for record in await room.store.messages()} == {HoldReason.CHANNEL}
    assert await room.store.settle_channels([DESK], {}, room.clock.now()) == 2
    [summary] = await room.claim("desk")
    assert (summary.kind, len(summary.alerts)) == (MessageKind.SUMMARY, 2)


async def test_alerts_of_a_channel_that_is_off_are_told_to_the_default_channel_once(room: Newsroom) -> None:
    await room.open("wire", "paper")
    await room.publish("wire", room.news("Shells shipped"))
    await room.publish("paper", room.news("Shells shipped", item="p", feed="paper"))
    for _ in range(2):
        await room.store.settle_channels([ME], {DESK: "channel"}, room.clock.now(), fallback=[ME])
    assert await room.states() == [("desk", "held"), ("me", "waiting")]
    [claim] = await room.claim("me")
    [alert] = claim.alerts
    assert (alert.target, alert.article.title, len(alert.members)) == ("me", "Shells shipped", 2)
    assert "desk" in alert.note
    assert [group.label for group in alert.match.groups] == ["shells"]


async def test_alert_told_to_the_default_channel_before_is_not_told_again(room: Newsroom) -> None:
    await room.open("wire")
    room.judge = PlainJudge(targets=("desk", "me"))
    await room.publish("wire", room.news("Shells shipped"))
    await room.store.settle_channels([ME], {DESK: "channel"}, room.clock.now(), fallback=[ME])
    assert await room.states() == [("desk", "held"), ("me", "waiting")]


async def test_channel_that_comes_back_with_an_open_breaker_stays_held(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells 0"))
    [claim] = await room.claim("desk")
    await room.open_breaker(claim)
    room.judge = PlainJudge(holds={"desk": HoldReason.SECRET})
    await room.publish("wire", room.news("Shells 1"))
    await room.store.settle_channels([DESK], {}, room.clock.now())
    assert {record.hold for record in await room.store.messages()} == {HoldReason.BREAKER}


async def test_message_about_ourselves_is_queued_once_per_fact(room: Newsroom) -> None:
    await room.open("wire")
    now = room.clock.now()
    assert await room.store.notify([DESK, ME], "quarantine wire", "Feed stopped", "It crashed.", now) == 2
    assert await room.store.notify([DESK, ME], "quarantine wire", "Feed stopped", "It crashed.", now) == 0
    [claim] = await room.claim("desk")
    assert claim.id == public_id("m", digest("meta", "desk", "quarantine wire"))
    assert (claim.kind, claim.title, claim.text) == (MessageKind.META, "Feed stopped", "It crashed.")


async def test_retry_by_hand_keeps_key_and_attempts(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    [claim] = await room.claim("desk")
    await room.answer(claim, AttemptClass.CONTENT)
    record = await room.store.message(claim.id)
    assert record is not None
    assert record.dead_class is AttemptClass.CONTENT
    record = await room.store.retry_message(claim.id, room.clock.now())
    assert (record.state, record.attempts, record.dead_class) == (MessageState.WAITING, 1, None)
    [again] = await room.claim("desk")
    assert (again.id, again.attempt) == (claim.id, 2)
    with pytest.raises(StorageError, match="being sent"):
        await room.store.retry_message(claim.id, room.clock.now())
    await room.answer(again, AttemptClass.OK)
    for id_ in (claim.id, MessageId("nonsense"), MessageId(public_id("m", b"\x00" * 16))):
        with pytest.raises(StorageError):
            await room.store.retry_message(id_, room.clock.now())


async def test_age_counts_from_when_a_message_is_let_go_or_asked_for_or_from_a_start_after_downtime(
    room: Newsroom,
) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    made_at = room.clock.now()
    [claim] = await room.claim("desk")
    assert (claim.released_at, claim.tries, claim.first_tried_at) == (None, 1, made_at)
    await room.answer(claim, AttemptClass.RETRY)
    room.clock.advance(minutes=30)
    await room.store.started(room.clock.now())
    [claim] = await room.claim("desk")
    assert (claim.released_at, claim.tries, claim.first_tried_at) == (None, 2, made_at), "a short stop is no downtime"
    await room.answer(claim, AttemptClass.RETRY)
    room.clock.advance(hours=80)
    started_at = room.clock.now()
    await room.store.started(started_at)
    [claim] = await room.claim("desk")
    assert (claim.released_at, claim.tries, claim.first_tried_at) == (started_at, 1, started_at)
    await room.answer(claim, AttemptClass.RETRY)
    # Held because its channel is off, then let go.
    await room.store.settle_channels([ME], {}, room.clock.now())
    room.clock.advance(hours=80)
    await room.store.settle_channels([DESK], {}, room.clock.now())
    [claim] = await room.claim("desk")
    assert (claim.released_at, claim.tries, claim.first_tried_at) == (room.clock.now(), 1, room.clock.now())
    await room.answer(claim, AttemptClass.CONTENT)
    room.clock.advance(hours=80)
    await room.store.retry_message(claim.id, room.clock.now())
    [claim] = await room.claim("desk")
    assert (claim.released_at, claim.tries, claim.attempt) == (room.clock.now(), 1, 5)


async def test_a_breaker_that_closes_does_not_make_its_messages_young(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"), room.news("Shells landed"))
    [claim] = await room.claim("desk")
    await room.open_breaker(claim)
    room.clock.advance(hours=1)
    [probe] = await room.claim("desk")
    await room.close_breaker(probe)
    [other] = await room.claim("desk")
    assert other.released_at is None


async def test_a_start_and_a_retry_by_hand_probe_an_open_breaker_at_once(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"), room.news("Shells landed"))
    [claim] = await room.claim("desk")
    await room.open_breaker(claim)
    assert await room.claim("desk") == []
    await room.store.started(room.clock.now())
    [probe] = await room.claim("desk")
    until = room.clock.now() + timedelta(minutes=50)
    health = replace(probe.health, throttled_until=until, next_probe_at=until)
    await room.answer(probe, AttemptClass.PERMANENT, channel=health)
    assert await room.claim("desk") == []
    [other] = [one for one in await room.store.messages() if one.id != probe.id]
    await room.store.retry_message(other.id, room.clock.now())
    [asked] = await room.claim("desk")
    assert asked.id == other.id


async def test_messages_are_listed_newest_first_and_by_state_and_target(room: Newsroom) -> None:
    await room.open("wire")
    room.judge = PlainJudge(targets=("desk", "me"))
    for number in range(2):
        await room.publish("wire", room.news(f"Shells {number}"))
        room.clock.advance(minutes=1)
    [claim] = await room.claim("desk")
    await room.answer(claim, AttemptClass.OK)
    assert [record.title for record in await room.store.messages(target="me")] == ["Shells 1", "Shells 0"]
    assert [record.id for record in await room.store.messages(state="sent")] == [claim.id]
    assert len(await room.store.messages(limit=3)) == 3
    assert await room.store.messages(state="no such state") == []


async def test_part_of_a_delivery_or_message_id_finds_the_message(room: Newsroom) -> None:
    await room.open("wire")
    for number in range(40):
        await room.publish("wire", room.news(f"Shells {number}"))
    records = await room.store.messages()
    delivery = records[5].deliveries[0][0]
    for part in (records[5].id, records[5].id[:10], delivery, delivery[:10]):
        found = await room.store.message(part)
        assert found is not None
        assert found.id == records[5].id
    with pytest.raises(StorageError, match="several"):
        await room.store.message("m")
    assert await room.store.message("x123") is None


async def test_samples_can_be_told_from_real_alerts(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    assert len(await room.store.recent_alerts(sample=False)) == 1
    assert await room.store.recent_alerts(sample=True) == []


async def test_a_clock_set_ahead_does_not_repeat_what_is_being_sent(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    [claim] = await room.claim("desk")
    room.clock.advance(days=400)
    # The sender asks for other channels, since this one is busy.
    assert await room.claim("me") == []
    await room.answer(claim, AttemptClass.OK)
    assert await room.states() == [("desk", "sent")]


async def test_message_of_a_sender_that_is_gone_is_taken_back_though_its_channel_is_not_ready(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    assert len(await room.claim("desk", owner="killed")) == 1
    room.clock.advance(minutes=3)
    assert await room.claim("me", owner="next") == []
    await room.store.settle_channels([ME], {}, room.clock.now(), fallback=[ME])
    assert await room.states() == [("desk", "held"), ("me", "waiting")]


async def test_being_stopped_in_a_send_is_no_crash(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    for number in range(4):
        owner = f"process {number}"
        [claim] = await room.claim("desk", owner=owner)
        assert await room.store.release_messages(owner, [claim.id]) == 0
        room.clock.advance(minutes=3)
    [claim] = await room.claim("desk")
    assert claim.repeat
    assert await room.store.messages(state="held") == []


async def test_what_an_open_breaker_held_goes_to_the_default_channel_when_the_channel_is_removed(
    room: Newsroom,
) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells 0"), room.news("Shells 1"))
    [claim] = await room.claim("desk")
    await room.open_breaker(claim)
    for _ in range(2):
        await room.store.settle_channels([ME], {}, room.clock.now(), fallback=[ME])
    assert {(one.target, one.hold) for one in await room.store.messages()} == {
        ("desk", HoldReason.CHANNEL),
        ("me", None),
    }
    [told] = await room.claim("me")
    assert sorted(alert.article.title for alert in told.alerts) == ["Shells 0", "Shells 1"]
    # It comes back as it went: behind its breaker.
    await room.store.settle_channels([DESK, ME], {}, room.clock.now(), fallback=[ME])
    assert {one.hold for one in await room.store.messages(target="desk")} == {HoldReason.BREAKER}


async def test_alert_that_died_at_the_default_channel_is_told_there_again(room: Newsroom) -> None:
    await room.open("wire")
    room.judge = PlainJudge(targets=("desk", "me"))
    await room.publish("wire", room.news("Shells shipped"))
    [claim] = await room.claim("me")
    await room.answer(claim, AttemptClass.CONTENT)
    await room.store.settle_channels([ME], {}, room.clock.now(), fallback=[ME])
    assert await room.states() == [("desk", "held"), ("me", "dead"), ("me", "waiting")]


async def test_copy_that_the_default_channel_has_is_not_told_there_again(room: Newsroom) -> None:
    await room.open("wire", "paper")
    room.judge = PlainJudge(targets=("desk", "me"))
    await room.publish("wire", room.news("Shells shipped"))
    claims = {claim.target: claim for claim in await room.claim("desk", "me")}
    await room.answer(claims[DESK], AttemptClass.CONTENT)
    await room.answer(claims[ME], AttemptClass.OK)
    # At the desk the copy gets an alert of its own; the other channel folds it.
    await room.publish("paper", room.news("Shells shipped", item="p", feed="paper"))
    assert await room.states() == [("desk", "dead"), ("desk", "waiting"), ("me", "sent")]
    await room.store.settle_channels([ME], {}, room.clock.now(), fallback=[ME])
    assert await room.states() == [("desk", "dead"), ("desk", "held"), ("me", "sent")]


SHIPPED = "Shells shipped from Karo to the northern front"
LEAD = "Three trains left the depot on Monday night, officials in the town said."


async def test_copies_that_two_channels_had_apart_are_told_to_the_default_channel_once(room: Newsroom) -> None:
    await room.open("wire", "paper")
    await room.publish("wire", room.news(SHIPPED, body=LEAD))
    [claim] = await room.claim("desk")
    await room.answer(claim, AttemptClass.CONTENT)
    # The first is dead when its copy comes, and asked for again: now two messages tell the same.
    await room.publish("paper", room.news(SHIPPED, body=LEAD, item="p", feed="paper"))
    await room.store.retry_message(claim.id, room.clock.now())
    await room.store.settle_channels([ME], {}, room.clock.now(), fallback=[ME])
    [told] = await room.claim("me")
    assert len(told.alerts) == 1
    # And what is told there once is not told again for another copy of the story.
    room.judge = PlainJudge(targets=("other",))
    await room.publish("paper", room.news(SHIPPED, body=LEAD, item="q", feed="paper"))
    await room.store.settle_channels([ME], {}, room.clock.now(), fallback=[ME])
    assert len(await room.store.messages(target="me")) == 1


async def test_a_copy_made_while_its_message_was_dead_knows_that_one_once_it_is_asked_for_again(room: Newsroom) -> None:
    await room.open("wire", "paper")
    await room.publish("wire", room.news("Shells shipped"))
    [first] = await room.claim("desk")
    await room.answer(first, AttemptClass.CONTENT)
    room.clock.advance(minutes=1)
    await room.publish("paper", room.news("Shells shipped", item="p", feed="paper"))
    room.clock.advance(minutes=1)
    await room.store.retry_message(first.id, room.clock.now())
    [again] = await room.claim("desk")
    assert (again.id, again.older) == (first.id, {}), "what was asked for goes, whatever came since"
    await room.answer(again, AttemptClass.OK)
    [copy] = await room.claim("desk")
    assert {new: [old.id for old in older] for new, older in copy.older.items()} == {
        copy.alerts[0].id: [first.alerts[0].id]
    }
    folded = ((copy.alerts[0].id, first.alerts[0].id),)
    await room.answer(copy, AttemptClass.OK, state=MessageState.SKIPPED, folded=folded)
    [told] = [alert for alert in await room.store.recent_alerts() if alert.id == first.alerts[0].id]
    assert [(member.level, member.article.text) for member in told.members] == [(Level.NEW, 1), (Level.NEAR_COPY, 1)]


async def test_a_copy_of_a_message_that_stays_dead_is_told_alone(room: Newsroom) -> None:
    await room.open("wire", "paper")
    await room.publish("wire", room.news("Shells shipped"))
    [first] = await room.claim("desk")
    await room.answer(first, AttemptClass.CONTENT)
    room.clock.advance(minutes=1)
    await room.publish("paper", room.news("Shells shipped", item="p", feed="paper"))
    [copy] = await room.claim("desk")
    assert copy.older == {}


# -- more than one message lists --------------------------------------------------------------------


async def test_a_release_longer_than_the_channel_lists_goes_in_messages_that_list_every_alert(room: Newsroom) -> None:
    await room.open("wire")
    room.judge = PlainJudge(holds={"desk": HoldReason.SECRET})
    await room.publish("wire", *(room.news(f"Shells {number}") for number in range(49)))
    await room.store.settle_channels([DESK], {}, room.clock.now())
    told: list[list[str]] = []
    titles: list[str] = []
    while claims := await room.claim("desk", lists_at_most={DESK: 15}):
        [claim] = claims
        titles.append(claim.title)
        told.append([alert.id for alert in claim.alerts])
        await room.answer(claim, AttemptClass.OK)
    assert [len(part) for part in told] == [15, 15, 15, 4]
    assert len({alert for part in told for alert in part}) == 49
    assert titles == [f"49 alerts, part {number} of 4" for number in (1, 2, 3, 4)]
    assert await room.store.check() == []


async def test_the_weightiest_go_first_and_what_no_message_lists_stays_held_with_its_command(room: Newsroom) -> None:
    await room.open("wire")
    room.judge = PlainJudge(holds={"desk": HoldReason.SECRET})
    await room.publish("wire", *(room.news(f"Shells {number}") for number in range(25)))
    room.judge = PlainJudge(holds={"desk": HoldReason.SECRET}, severity=Severity.CRITICAL)
    await room.publish("wire", *(room.news(f"Guns {number}") for number in range(2)))
    await room.store.settle_channels([DESK], {}, room.clock.now())
    claims: list[MessageClaim] = []
    while found := await room.claim("desk", lists_at_most={DESK: 2}):
        claims += found
        await room.answer(found[0], AttemptClass.OK)
    assert len(claims) == 10
    assert {alert.article.title for alert in claims[0].alerts} == {"Guns 0", "Guns 1"}
    [rest] = await room.store.messages(state="held")
    assert (rest.hold, len(rest.deliveries)) == (HoldReason.REST, 7)
    assert claims[-1].title.startswith(f"7 more are held, send them with: watcher deliveries retry {rest.id}; ")
    await room.store.settle_channels([DESK], {}, room.clock.now())
    assert await room.claim("desk", lists_at_most={DESK: 2}) == [], "only by hand"
    await room.store.retry_message(rest.id, room.clock.now())
    left: list[str] = []
    while found := await room.claim("desk", lists_at_most={DESK: 2}):
        left += [alert.article.title for alert in found[0].alerts]
        await room.answer(found[0], AttemptClass.OK)
    assert len(left) == 7
    assert {state for _, state in await room.states()} == {"sent", "skipped"}


async def test_a_message_that_was_divided_lists_the_same_at_each_try(room: Newsroom) -> None:
    await room.open("wire", "paper")
    room.judge = PlainJudge(holds={"desk": HoldReason.SECRET})
    await room.publish("wire", *(room.news(f"Shells {number}") for number in range(7)))
    await room.store.settle_channels([DESK], {}, room.clock.now())
    [claim] = await room.claim("desk", lists_at_most={DESK: 3})
    await room.answer(claim, AttemptClass.UNKNOWN)
    # Another one is told by more by now, and the channel lists fewer: the same key goes with the same list.
    await room.publish("paper", room.news("Shells 6", item="p", feed="paper"))
    room.clock.advance(minutes=1)
    claims = await room.claim("desk", lists_at_most={DESK: 2})
    assert [(one.id, [alert.id for alert in one.alerts]) for one in claims] == [
        (claim.id, [alert.id for alert in claim.alerts])
    ]


# -- recipients ---------------------------------------------------------------------------------------


async def one_given_up(room: Newsroom) -> tuple[MessageClaim, MessageRecord]:
    """Send a message that one of two recipients got and that is given up for the other; return it and that dead
    letter.
    """
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    [claim] = await room.claim("desk")
    heard = {
        "ann@x.example": RecipientResult(AttemptClass.OK, "250 ok"),
        "bob@x.example": RecipientResult(AttemptClass.PERMANENT, "550 no such user"),
    }
    decision = Decision(MessageState.SENT, claim.health, given_up=("bob@x.example",))
    result = AttemptResult(AttemptClass.OK, "250", recipients=heard)
    await room.store.mark(claim, result, decision, room.clock.now())
    [letter] = await room.store.messages(state="dead")
    return claim, letter


async def test_a_recipient_given_up_gets_a_dead_letter_whose_redrive_goes_to_that_one_alone(room: Newsroom) -> None:
    claim, letter = await one_given_up(room)
    now = room.clock.now()
    assert (letter.dead_class, letter.answer, letter.target) == (AttemptClass.PERMANENT, "550 no such user", "desk")
    assert [alert for _, alert in letter.deliveries] == [claim.alerts[0].id]
    assert await room.claim("desk") == []
    # A copy folds into the message that the others have.
    assert (await room.publish("wire", room.news("Shells shipped", item="other"))).folded == 1
    await room.store.retry_message(letter.id, now)
    [again] = await room.claim("desk")
    assert (again.id, again.recipients, again.for_recipient, again.reached) == (
        letter.id,
        ("bob@x.example",),
        "bob@x.example",
        False,
    )


async def test_a_dead_letter_of_one_recipient_stays_with_that_one_whatever_waits_beside_it(room: Newsroom) -> None:
    _, letter = await one_given_up(room)
    await room.store.retry_message(letter.id, room.clock.now())
    [again] = await room.claim("desk")
    await room.open_breaker(again)
    await room.publish("wire", room.news("Shells 1", item="b"), room.news("Shells 2", item="c"))
    room.clock.advance(hours=1)
    await room.store.release_due(Policy(1, {}, {}), room.clock.now())  # right before the channel is tried
    held = [one.id for one in await room.store.messages(state="held")]
    assert letter.id in held
    assert len(held) == 2
    [probe] = await room.claim("desk")
    assert (probe.id, probe.for_recipient) == (letter.id, "bob@x.example")


async def test_who_was_refused_is_known_while_others_are_open(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    [claim] = await room.claim("desk")
    heard = {
        "bob@x.example": RecipientResult(AttemptClass.PERMANENT, "550"),
        "eve@x.example": RecipientResult(AttemptClass.RETRY, "450"),
    }
    now = room.clock.now()
    decision = Decision(MessageState.RETRYING, claim.health, next_try_at=now)
    await room.store.mark(claim, AttemptResult(AttemptClass.RETRY, "450", recipients=heard), decision, now)
    [again] = await room.claim("desk")
    assert (again.recipients, again.refused, again.reached) == (("eve@x.example",), ("bob@x.example",), False)


# -- addresses ----------------------------------------------------------------------------------------


async def break_desk(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells 0"), room.news("Shells 1"))
    await room.store.settle_channels([DESK, ME], {}, room.clock.now(), addresses={DESK: "old", ME: "mine"})
    [claim] = await room.claim("desk")
    await room.open_breaker(claim)
    assert await room.claim("desk") == []


async def test_a_changed_address_is_probed_at_once_and_the_same_one_is_not(room: Newsroom) -> None:
    await break_desk(room)
    await room.store.settle_channels([DESK, ME], {}, room.clock.now(), addresses={DESK: "old", ME: "mine"})
    assert await room.claim("desk") == []
    await room.store.settle_channels([DESK, ME], {}, room.clock.now(), addresses={DESK: "new", ME: "mine"})
    [probe] = await room.claim("desk")
    await room.close_breaker(probe)
    [following] = await room.claim("desk")
    await room.answer(following, AttemptClass.OK)
    assert {state for _, state in await room.states()} == {"sent"}


async def test_a_breaker_and_a_throttle_stay_with_the_address_under_another_name(room: Newsroom) -> None:
    await break_desk(room)
    other = ChannelName("other")
    await room.store.settle_channels([other], {}, room.clock.now(), addresses={other: "old"})
    names = {health.name for health in await room.store.channel_health() if health.breaker_since}
    assert other in names
    room.judge = PlainJudge(targets=("other",))
    await room.publish("wire", room.news("Shells 2"))
    assert ("other", "held") in await room.states()


async def test_channels_of_one_address_break_and_recover_together(room: Newsroom) -> None:
    await room.open("wire")
    room.judge = PlainJudge(targets=("desk", "me"))
    await room.publish("wire", room.news("Shells 0"), room.news("Shells 1"))
    await room.store.settle_channels([DESK, ME], {}, room.clock.now(), addresses={DESK: "one", ME: "one"})
    [claim] = await room.claim("desk")
    await room.open_breaker(claim)
    assert {state for _, state in await room.states()} == {"held"}
    room.clock.advance(hours=1)
    [probe] = await room.claim("desk")
    await room.close_breaker(probe)
    assert [state for target, state in await room.states() if target == "me"].count("held") == 0
    assert len(await room.claim("me")) == 1


async def test_an_address_that_is_known_to_be_well_lets_the_held_go(room: Newsroom) -> None:
    await break_desk(room)
    room.judge = PlainJudge(targets=("me",))
    await room.publish("wire", room.news("Shells 5"))
    [claim] = await room.claim("me")
    await room.answer(claim, AttemptClass.OK)
    await room.store.settle_channels([DESK, ME], {}, room.clock.now(), addresses={DESK: "mine", ME: "mine"})
    [summary] = await room.claim("desk")
    assert len(summary.alerts) == 2
    assert {health.name for health in await room.store.channel_health() if health.breaker_since} == set()


# -- silences -----------------------------------------------------------------------------------------


async def test_what_a_silence_took_back_is_kept_and_its_end_told_once(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    [claim] = await room.claim("desk")
    now = room.clock.now()
    decision = Decision(MessageState.SKIPPED, claim.health, silence="drill")
    await room.store.mark(claim, AttemptResult(AttemptClass.OK, "silenced by drill"), decision, now)
    [held] = await room.store.muted()
    assert (held.muted.silence, held.muted.target, held.title, held.at) == ("drill", "desk", "Shells shipped", now)
    assert await room.store.muted("other") == []
    stored = await room.store.article(held.muted.article)
    assert stored is not None
    assert stored.muted == (held,)
    assert held.told_at is None
    assert await room.store.end_silences(["drill"], now) == 0
    assert await room.store.end_silences(["other"], now) == 1
    assert await room.store.end_silences([], now) == 0
    [message] = await room.claim("desk")
    assert (message.kind, message.title) == (MessageKind.META, "Silence drill ended: it held 1 story")
    [held] = await room.store.muted("drill")
    assert held.told_at == now
