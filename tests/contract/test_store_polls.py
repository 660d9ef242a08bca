"""What every store promises about feeds, claims and commits."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.newsroom import LEASE, Newsroom, PlainJudge, first_revision, spec
from watcher.core.model.alert import JudgeContext, Judgement
from watcher.core.model.ids import ChannelName, FeedId
from watcher.core.model.match import ReadArticle
from watcher.core.model.message import AttemptClass
from watcher.core.model.outcome import FeedStatus, FetchProblemKind, Reading, RefusedEntry, Validators
from watcher.core.model.policy import FirstPoll, RequestPolicy
from watcher.core.model.secret import Secret
from watcher.core.model.subscription import Subscription
from watcher.core.model.suspicion import CLEAR, Suspicion
from watcher.core.model.verdict import Level, Outcome, Stage
from watcher.errors import LostClaim, StaleRevision, StorageError

pytestmark = pytest.mark.filterwarnings("error")


async def test_new_store_has_no_revision_and_nothing_to_do(room: Newsroom) -> None:
    assert await room.store.active_revision() is None
    assert await room.store.claim_feeds("me", room.clock.now(), 10, LEASE) == []
    assert await room.store.next_send_at(room.clock.now()) is None
    assert await room.store.check() == []


async def test_active_revision_is_the_last_one_activated(room: Newsroom) -> None:
    await room.store.activate(first_revision(1), [spec("wire")], room.clock.now())
    await room.store.activate(first_revision(2), [spec("wire")], room.clock.now())
    active = await room.store.active_revision()
    assert active == first_revision(2)


async def test_new_feed_is_due_at_once_and_claimed_by_one(room: Newsroom) -> None:
    await room.open("wire", "paper")
    first = await room.store.claim_feeds("one", room.clock.now(), 10, LEASE)
    second = await room.store.claim_feeds("two", room.clock.now(), 10, LEASE)
    assert sorted(claim.spec.name for claim in first) == ["paper", "wire"]
    assert second == []
    assert {claim.state.claims for claim in first} == {1}


async def test_feed_longest_due_is_claimed_first(room: Newsroom) -> None:
    await room.open("wire", "paper", "radio")
    for name in ("wire", "paper", "radio"):
        await room.not_modified(name)
        room.clock.advance(minutes=1)
    room.clock.advance(minutes=30)
    claims = await room.store.claim_feeds("me", room.clock.now(), 2, LEASE)
    assert [claim.spec.name for claim in claims] == ["wire", "paper"]


async def test_claim_carries_credentials_that_are_not_stored(room: Newsroom) -> None:
    request = RequestPolicy(username="ann", password=Secret("pw"))
    await room.configure(spec("wire", request=request, tags=("asia",), every=timedelta(minutes=5)))
    [claim] = await room.store.claim_feeds("me", room.clock.now(), 1, LEASE)
    assert claim.spec.request == request
    assert claim.state.interval == timedelta(minutes=5)


async def test_lapsed_lease_can_be_claimed_again_and_fences_the_late_result(room: Newsroom) -> None:
    await room.open("wire")
    late = await room.poll("wire")
    room.clock.advance(minutes=3)
    [again] = await room.store.claim_feeds("another", room.clock.now(), 1, LEASE)
    assert again.state.claims == 2
    with pytest.raises(LostClaim):
        await room.commit(late, room.news("Shells shipped"))
    assert (await room.commit(again, room.news("Shells shipped"))).new == 1
    assert (await room.states()) == [("desk", "waiting")]


async def test_released_claim_is_as_if_never_claimed(room: Newsroom) -> None:
    await room.open("wire")
    claim = await room.poll("wire")
    await room.store.release_feed(claim)
    again = await room.poll("wire")
    assert again.state.claims == 1


async def test_what_is_in_hand_stays_ours_however_long_it_takes(room: Newsroom) -> None:
    await room.open("wire")
    [claim] = await room.store.claim_feeds("me", room.clock.now(), 1, LEASE)
    room.clock.advance(days=2)
    assert await room.store.due_feeds("me", room.clock.now()) == []
    assert await room.store.claim_feeds("me", room.clock.now(), 1, LEASE) == []
    assert (await room.commit(claim, room.news("Shells shipped"))).new == 1


async def test_only_the_feeds_that_were_asked_for_are_claimed(room: Newsroom) -> None:
    await room.open("wire", "paper", "radio")
    due = await room.store.due_feeds("me", room.clock.now())
    assert {one.url for one in due} == {f"https://{name}.example/feed.xml" for name in ("wire", "paper", "radio")}
    wanted = [room.ids["paper"], room.ids["radio"]]
    claims = await room.store.claim_feeds("me", room.clock.now(), 10, LEASE, wanted)
    assert sorted(claim.spec.name for claim in claims) == ["paper", "radio"]
    assert [one.feed for one in await room.store.due_feeds("me", room.clock.now())] == [room.ids["wire"]]
    assert await room.store.claim_feeds("me", room.clock.now(), 10, LEASE, wanted) == []


async def test_the_only_suspect_at_two_unclean_ends_in_a_row_is_quarantined_and_tried_within_the_hour(
    room: Newsroom,
) -> None:
    await room.open("wire")
    for process in ("first", "second", "third"):
        assert len(await room.store.claim_feeds(process, room.clock.now(), 1, LEASE)) == 1
        room.clock.advance(minutes=3)
    assert await room.store.claim_feeds("fourth", room.clock.now(), 1, LEASE) == []
    [feed] = await room.store.feeds()
    assert (feed.state.status, feed.state.suspicion) == (FeedStatus.QUARANTINED, Suspicion(3, 2))
    for process in ("fourth", "fifth", "sixth", "seventh", "eighth"):
        room.clock.advance(hours=1)
        [claim] = await room.store.claim_feeds(process, room.clock.now(), 1, LEASE)
        assert claim.state.status is FeedStatus.QUARANTINED
        room.clock.advance(minutes=3)
        assert await room.store.claim_feeds(f"after {process}", room.clock.now(), 1, LEASE) == []
    room.clock.advance(hours=1)
    [claim] = await room.store.claim_feeds("ninth", room.clock.now(), 1, LEASE)
    await room.commit(claim)
    [feed] = await room.store.feeds()
    assert (feed.state.status, feed.state.claims, feed.state.suspicion) == (FeedStatus.OK, 0, CLEAR)


async def test_a_feed_that_ends_the_process_does_not_take_the_others_into_quarantine(room: Newsroom) -> None:
    await room.open("bad", "good", "well")
    assert len(await room.store.claim_feeds("first", room.clock.now(), 10, LEASE)) == 3
    for process in range(20):
        room.clock.advance(minutes=3)
        # One suspect at a time: the bad one ends the process again, the others come to their end.
        claims = await room.store.claim_feeds(f"next {process}", room.clock.now(), 10, LEASE)
        assert sum(claim.state.suspicion.is_suspected for claim in claims) <= 1
        if "bad" not in [claim.spec.name for claim in claims]:
            for claim in claims:
                await room.store.commit(room.result(claim, None), room.judge, 1, room.clock.now())
    status = {feed.name: feed.state.status for feed in await room.store.feeds()}
    assert status == {"bad": FeedStatus.QUARANTINED, "good": FeedStatus.OK, "well": FeedStatus.OK}
    [problem] = [feed.state.problem for feed in await room.store.feeds() if feed.name == "bad"]
    assert problem is not None
    assert problem.kind is FetchProblemKind.READ_CRASHED


async def test_seventy_ends_at_random_moments_blame_no_feed_by_coincidence(room: Newsroom) -> None:
    """Each process begins what may begin, and ends at a random moment: before, between or after the commits of what
    it has in hand.
    """
    rng = random.Random(7)
    names = [f"feed {number}" for number in range(6)]
    await room.open(*names)
    for process in range(70):
        room.clock.advance(minutes=10)
        for _ in range(rng.randrange(4)):
            claims = list(await room.store.claim_feeds(f"process {process}", room.clock.now(), 10, LEASE))
            rng.shuffle(claims)
            for claim in claims[: rng.randrange(len(claims) + 1)]:
                await room.store.commit(room.result(claim, None), room.judge, 1, room.clock.now())
    for last in range(8):
        room.clock.advance(hours=1)
        for claim in await room.store.claim_feeds(f"last {last}", room.clock.now(), 10, LEASE):
            await room.store.commit(room.result(claim, None), room.judge, 1, room.clock.now())
    assert {feed.state.status for feed in await room.store.feeds()} == {FeedStatus.OK}


async def test_feed_that_comes_back_is_asked_for_all_that_it_lists(room: Newsroom) -> None:
    await room.open("wire", "paper")
    claim = await room.poll("wire")
    result = room.result(claim, Reading(claim.state.feed, 1))
    state = replace(result.state, validators=Validators('"tag"', "Mon"), body_hash=b"h" * 16)
    await room.store.commit(replace(result, state=state), room.judge, 1, room.clock.now())
    await room.open("paper")
    await room.open("wire", "paper")
    back = await room.poll("wire")
    assert (back.state.feed, back.state.validators, back.state.body_hash) == (claim.state.feed, Validators(), b"")


READ_OTHERWISE: list[dict[str, object]] = [
    {"tags": ("asia",)},
    {"name": "The Wire", "was": ("wire",)},
    {"named": False},
    {"lang": "fr"},
    {"sample": True},
    {"first_poll": FirstPoll.ALERT},
    {"max_age": timedelta(days=9)},
]


@pytest.mark.parametrize("change", READ_OTHERWISE, ids=lambda change: next(iter(change)))
async def test_feed_that_is_read_otherwise_is_asked_for_all_that_it_lists(
    room: Newsroom, change: dict[str, object]
) -> None:
    await _seen_whole(room)
    await room.configure(replace(spec("wire"), **change))  # type: ignore[arg-type]  # fields of FeedSpec
    claim = await room.poll(str(change.get("name", "wire")))
    state = claim.state
    assert (state.validators, state.body_hash, state.stripped_hash) == (Validators(), b"", b"")


@pytest.mark.parametrize("change", READ_OTHERWISE, ids=lambda change: next(iter(change)))
async def test_not_modified_of_a_poll_that_began_before_the_change_keeps_nothing_from_being_read(
    room: Newsroom, change: dict[str, object]
) -> None:
    await _seen_whole(room)
    claim = await room.poll("wire")
    await room.configure(replace(spec("wire"), **change))  # type: ignore[arg-type]  # fields of FeedSpec
    await room.store.commit(room.result(claim, None), room.judge, room.revision, room.clock.now())
    [feed] = await room.store.feeds()
    assert (feed.state.validators, feed.state.body_hash, feed.state.stripped_hash) == (Validators(), b"", b"")


async def test_feed_that_is_asked_otherwise_but_read_alike_may_say_not_modified(room: Newsroom) -> None:
    await _seen_whole(room)
    await room.configure(spec("wire", every=timedelta(minutes=5), silent_after=timedelta(days=1)))
    claim = await room.poll("wire")
    assert (claim.state.validators.etag, claim.state.body_hash) == ('"tag"', b"h" * 16)


async def _seen_whole(room: Newsroom) -> None:
    """Open a feed whose last document is known by its validators and digests."""
    await room.open("wire")
    result = room.result(await room.poll("wire"), None)
    state = replace(result.state, validators=Validators('"tag"', "Mon"), body_hash=b"h" * 16, stripped_hash=b"s" * 16)
    await room.store.commit(replace(result, state=state), room.judge, room.revision, room.clock.now())


async def test_state_of_a_feed_is_given_back_as_it_was_written(room: Newsroom) -> None:
    await room.open("wire")
    claim = await room.poll("wire")
    result = room.result(claim, None)
    state = replace(
        result.state,
        validators=Validators('W/"a"', "Mon, 23 Nov 2026 12:00:00 GMT"),
        body_hash=b"\x00\x01",
        stripped_hash=b"\xff",
        interval=timedelta(minutes=7),
        moved_to="https://new.example/feed",
        moved_since=room.clock.now(),
        moved_polls=2,
        cut=True,
        title="The Wire",
        last_item_at=room.clock.now() - timedelta(hours=1, microseconds=1),
    )
    await room.store.commit(replace(result, state=state), room.judge, room.revision, room.clock.now())
    [feed] = await room.store.feeds()
    assert feed.state == state
    unclaimed = await room.store.feed_by_id(state.feed)
    assert unclaimed is not None
    assert unclaimed.state == state


async def test_clock_set_back_does_not_put_polls_off(room: Newsroom) -> None:
    await room.open("wire")
    room.clock.advance(days=400)
    await room.not_modified("wire")
    room.clock.advance(days=-400)
    assert len(await room.store.claim_feeds("me", room.clock.now(), 1, LEASE)) == 1


async def test_feed_keeps_its_history_by_name_url_or_earlier_url(room: Newsroom) -> None:
    await room.configure(
        spec("wire"),
        spec("old", url="https://old.example/a", named=False),
        spec("moved", url="https://moved.example/a", named=False),
    )
    before = room.ids
    room.revision = 2
    await room.configure(
        spec("wire", url="https://elsewhere.example/feed"),
        spec("named now", url="https://old.example/a"),
        spec("moved", url="https://moved.example/b", named=False, was=("https://moved.example/a",)),
    )
    assert room.ids["wire"] == before["wire"]
    assert room.ids["named now"] == before["old"]
    assert room.ids["moved"] == before["moved"]


async def test_two_feeds_never_share_an_id(room: Newsroom) -> None:
    await room.configure(spec("first", url="https://x.example/a", named=False))
    room.revision = 2
    await room.configure(
        spec("first", url="https://x.example/b", named=False, was=("https://x.example/a",)),
        spec("second", url="https://x.example/a", named=False),
    )
    assert len(set(room.ids.values())) == 2


async def test_new_url_is_polled_at_once_and_a_poll_of_the_old_one_is_dropped(room: Newsroom) -> None:
    await room.open("wire")
    claim = await room.poll("wire")
    await room.configure(spec("wire", url="https://elsewhere.example/feed"))
    with pytest.raises(LostClaim):
        await room.commit(claim, room.news("Shells shipped"))
    [again] = await room.store.claim_feeds("me", room.clock.now(), 1, LEASE)
    assert again.state.url == "https://elsewhere.example/feed"


async def test_feed_no_longer_configured_is_not_polled_but_keeps_its_articles(room: Newsroom) -> None:
    await room.open("wire", "paper")
    await room.publish("wire", room.news("Shells shipped"))
    room.revision = 2
    await room.open("paper")
    room.clock.advance(hours=1)
    claims = await room.store.claim_feeds("me", room.clock.now(), 10, LEASE)
    assert [claim.spec.name for claim in claims] == ["paper"]
    assert (await room.store.stats(room.clock.now())).articles == 1
    room.revision = 3
    await room.open("wire", "paper")
    assert (await room.publish("wire", room.news("Shells shipped"))).unchanged == 1


async def test_paused_feed_is_polled_only_when_named_or_its_day_is_over(room: Newsroom) -> None:
    await room.open("wire")
    result = room.result(await room.poll("wire"), None)
    tomorrow = room.clock.now() + timedelta(days=1)
    paused = replace(result, state=replace(result.state, status=FeedStatus.PAUSED, next_poll_at=tomorrow))
    await room.store.commit(paused, room.judge, 1, room.clock.now())
    room.clock.advance(days=1)
    [claim] = await room.store.claim_feeds("me", room.clock.now(), 1, LEASE)
    await room.store.release_feed(claim)
    room.clock.advance(hours=-1)
    assert await room.store.request_poll([], room.clock.now()) == 0
    assert await room.store.claim_feeds("me", room.clock.now(), 1, LEASE) == []
    assert await room.store.request_poll(["wire"], room.clock.now()) == 1
    assert len(await room.store.claim_feeds("me", room.clock.now(), 1, LEASE)) == 1


async def test_commit_counts_and_stores_article_verdict_and_message(room: Newsroom) -> None:
    await room.open("wire")
    committed = await room.publish("wire", room.news("Shells shipped", body="By rail."), room.news("Weather", rules=()))
    assert (committed.new, committed.matched, committed.alerts) == (2, 1, 1)
    assert committed.targets == {"desk"}
    [record] = await room.store.messages()
    [alert] = await room.store.recent_alerts()
    assert record.deliveries[0][1] == alert.id
    assert record.title == "Shells shipped"
    stored = await room.store.article(alert.article.id)
    assert stored is not None
    assert (stored.article.title, stored.article.summary, stored.article.tags) == (
        "Shells shipped",
        "By rail.",
        ("asia", "wire"),
    )
    assert stored.article.first_seen_at == room.clock.now()
    assert stored.stage is Stage.MATCHED
    assert [(verdict.outcome, verdict.alert) for verdict in stored.verdicts] == [(Outcome.WAITING, alert.id)]
    assert alert.match.spans == room.news("Shells shipped").matches[0].spans


@pytest.mark.parametrize("noted", [True, False, None])
async def test_an_article_keeps_how_its_language_is_known(room: Newsroom, noted: bool | None) -> None:
    await room.open("wire")
    read = room.news("Shells shipped")
    await room.publish("wire", replace(read, article=replace(read.article, lang="en", lang_declared=noted)))

    record = await room.store.article(read.article.id)

    assert record is not None
    assert (record.article.lang, record.article.lang_declared) == ("en", noted)


async def test_an_article_says_what_became_of_its_alerts_since(room: Newsroom) -> None:
    await room.open("wire")
    room.judge = PlainJudge(targets=("desk", "me"))
    await room.publish("wire", room.news("Shells shipped"))
    [claim] = await room.claim("desk")
    await room.answer(claim, AttemptClass.OK)
    stored = await room.store.article((await room.store.recent_alerts())[0].article.id)
    assert stored is not None
    assert {verdict.target: verdict.outcome for verdict in stored.verdicts} == {
        "desk": Outcome.SENT,
        "me": Outcome.WAITING,
    }


async def test_unchanged_document_changes_nothing(room: Newsroom) -> None:
    await room.open("wire")
    article = room.news("Shells shipped")
    await room.publish("wire", article)
    room.clock.advance(minutes=10)
    committed = await room.publish("wire", article)
    assert (committed.new, committed.revised, committed.unchanged, committed.alerts) == (0, 0, 1, 0)
    assert await room.states() == [("desk", "waiting")]


async def test_alert_keeps_the_text_that_founded_it_when_the_article_is_revised(room: Newsroom) -> None:
    await room.open("wire")
    began = room.clock.now()
    await room.publish("wire", room.news("Shells shipped", item="1"))
    room.clock.advance(minutes=10)
    judge = PlainJudge()
    room.judge = judge
    committed = await room.publish("wire", room.news("Shells shipped to port", item="1", rules=()))
    assert committed.revised == 1
    assert judge.seen[0].known[0].text == 1
    [alert] = await room.store.recent_alerts()
    assert (alert.article.title, alert.article.text) == ("Shells shipped", 1)
    assert alert.article.first_seen_at == began
    assert alert.match.spans == room.news("Shells shipped").matches[0].spans
    [record] = await room.store.messages()
    assert record.title == "Shells shipped"
    stored = await room.store.article(alert.article.id)
    assert stored is not None
    assert (stored.article.title, stored.article.text) == ("Shells shipped to port", 2)
    assert len(stored.verdicts) == 1
    await room.publish("wire", room.news("Shells shipped again", item="1"))
    assert judge.seen[-1].known[0].text == 2
    # The title of before is still recognised.
    await room.publish("wire", room.news("Shells shipped", item="2"))
    assert len(judge.seen[-1].past) == 1


async def test_item_twice_in_one_document_is_one_article(room: Newsroom) -> None:
    await room.open("wire")
    first, second = room.news("Shells shipped", item="1"), room.news("Shells shipped", body="Update", item="1")
    await room.publish("wire", first, second)
    assert (await room.store.stats(room.clock.now())).articles == 1
    [alert] = await room.store.recent_alerts()
    assert alert.article.summary == "Update"


async def test_stale_rules_are_refused_and_nothing_is_written(room: Newsroom) -> None:
    await room.open("wire")
    claim = await room.poll("wire")
    await room.store.activate(first_revision(2), [spec("wire")], room.clock.now())
    with pytest.raises(StaleRevision):
        await room.commit(claim, room.news("Shells shipped"))
    assert (await room.store.stats(room.clock.now())).articles == 0
    room.revision = 2
    assert (await room.commit(claim, room.news("Shells shipped"))).new == 1


async def test_poll_without_a_document_needs_no_rules(room: Newsroom) -> None:
    await room.open("wire")
    claim = await room.poll("wire")
    await room.store.activate(first_revision(2), [spec("wire")], room.clock.now())
    await room.store.commit(room.result(claim, None), room.judge, 1, room.clock.now())
    [feed] = await room.store.feeds()
    assert feed.state.status is FeedStatus.OK


async def test_judge_that_fails_leaves_nothing_behind(room: Newsroom) -> None:
    await room.open("wire")

    def broken(reads: object, context: object) -> Judgement:
        raise ZeroDivisionError

    good, room.judge = room.judge, broken
    claim = await room.poll("wire")
    with pytest.raises(ZeroDivisionError):
        await room.commit(claim, room.news("Shells shipped"))
    assert (await room.store.stats(room.clock.now())).articles == 0
    room.judge = good
    assert (await room.commit(claim, room.news("Shells shipped"))).alerts == 1


async def test_entry_that_cannot_be_stored_never_takes_its_feed_along(room: Newsroom) -> None:
    await room.open("wire")
    claim = await room.poll("wire")
    refused_before = RefusedEntry(7, "no title and no link")
    bad = room.news("Shells shipped \udc80", item="bad")
    committed = await room.commit(claim, bad, room.news("Shells shipped", item="good"), refused=[refused_before])
    assert (committed.new, committed.refused, committed.alerts) == (1, 2, 1)
    [feed] = await room.store.feeds()
    assert {entry.position for entry in feed.refused} == {0, 7}
    assert any("Shells shipped ?" in entry.title for entry in feed.refused)
    assert await room.states() == [("desk", "waiting")]


async def test_feed_whose_own_text_is_broken_is_still_committed(room: Newsroom) -> None:
    await room.open("wire")
    result = room.result(await room.poll("wire"), None)
    result = replace(result, state=replace(result.state, title="Wire \ud800"))
    await room.store.commit(result, room.judge, 1, room.clock.now())
    await room.store.notify([ChannelName("desk")], "key", "Title \ud800", "Text \ud800", room.clock.now())
    [claim] = await room.claim("desk")
    await room.answer(claim, AttemptClass.OK)
    assert await room.states() == [("desk", "sent")]


async def test_copy_of_a_refused_entry_gets_its_own_alert(room: Newsroom) -> None:
    await room.open("wire")
    bad = room.news("Shells shipped", body="\ud800", item="bad")
    committed = await room.publish("wire", bad, room.news("Shells shipped", item="good"))
    assert (committed.alerts, committed.folded, committed.refused) == (1, 0, 1)
    [alert] = await room.store.recent_alerts()
    assert alert.article.guid == "good"


async def test_fourteen_feeds_with_one_wire_copy_give_one_alert(room: Newsroom) -> None:
    names = [f"feed{number}" for number in range(14)]
    await room.open(*names)
    for name in names:
        await room.publish(name, room.news("Shells shipped", item=name, feed=name))
    await _is_one_alert_of_fourteen(room)


async def test_fourteen_feeds_committed_at_once_give_one_alert(room: Newsroom) -> None:
    names = [f"feed{number}" for number in range(14)]
    await room.open(*names)
    claims = await room.store.claim_feeds("me", room.clock.now(), 14, LEASE)
    async with asyncio.TaskGroup() as group:
        for claim in claims:
            name = claim.spec.name
            group.create_task(room.commit(claim, room.news("Shells shipped", item=name, feed=name)))
    await _is_one_alert_of_fourteen(room)


async def _is_one_alert_of_fourteen(room: Newsroom) -> None:
    [alert] = await room.store.recent_alerts()
    assert len(alert.members) == 14
    assert [member.level for member in alert.members] == [Level.NEW] + [Level.NEAR_COPY] * 13
    assert len({member.article.feed for member in alert.members}) == 14
    assert await room.states() == [("desk", "waiting")]


async def test_copy_of_a_sent_alert_is_noted_for_its_channel(room: Newsroom) -> None:
    await room.open("wire", "paper")
    assert (await room.publish("wire", room.news("Shells shipped"))).copies == ()
    [claim] = await room.claim("desk")
    await room.answer(claim, AttemptClass.OK)
    committed = await room.publish("paper", room.news("Shells shipped", item="p", feed="paper"))
    [note] = committed.copies
    assert (note.target, note.rule, note.headline, note.copies) == ("desk", "shells", "Shells shipped", 1)
    assert committed.folded == 1


async def test_repeated_alert_is_counted_and_not_queued_twice(room: Newsroom) -> None:
    await room.open("wire")

    class Forgetful(PlainJudge):
        def __call__(self, reads: Sequence[ReadArticle], context: JudgeContext) -> Judgement:
            return super().__call__(reads, replace(context, past=()))

    room.judge = Forgetful()
    await room.publish("wire", room.news("Shells shipped", item="1"))
    committed = await room.publish("wire", room.news("Shells shipped", item="2"))
    assert (committed.alerts, committed.conflicts) == (0, 1)
    assert await room.states() == [("desk", "waiting")]


async def test_judge_sees_what_recurs_and_which_channels_are_broken(room: Newsroom) -> None:
    await room.open("wire")
    for number in range(3):
        await room.publish("wire", room.news(f"Shells at {number}:00"))
    [claim] = await room.claim("desk")
    await room.open_breaker(claim)
    judge = PlainJudge()
    room.judge = judge
    await room.publish("wire", room.news("Shells at 9:00"))
    [context] = judge.seen
    [read] = judge.reads
    assert context.recurring(read.keys.pattern) == 3
    assert context.broken == {"desk"}


async def test_alerts_join_a_catch_up_summary_while_it_waits(room: Newsroom) -> None:
    await room.open("wire")
    room.judge = PlainJudge(later=room.clock.now() + timedelta(minutes=1))
    await room.publish("wire", room.news("Shells shipped"))
    await room.publish("wire", room.news("Shells landed"))
    [record] = await room.store.messages()
    assert len(record.deliveries) == 2
    assert await room.claim("desk") == []
    room.clock.advance(minutes=1)
    [claim] = await room.claim("desk")
    assert [alert.article.title for alert in claim.alerts] == ["Shells shipped", "Shells landed"]


async def test_rule_that_failed_is_pending_and_tried_again(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped", rules=(), failed=("slow", "slower")))
    assert await room.store.pending_matches(room.clock.now(), 10) == []
    room.clock.advance(minutes=2)
    [pending] = await room.store.pending_matches(room.clock.now(), 10)
    assert pending.rules == ("slow", "slower")
    again = room.news("Shells shipped", rules=("slow", "shells"), failed=("slower",))
    again = replace(again, article=pending.article)
    committed = await room.store.commit_rematch([room.rematched(again)], room.judge, 1, room.clock.now())
    # `shells` was judged before and is not judged again.
    assert (committed.alerts, committed.new) == (1, 0)
    [alert] = await room.store.recent_alerts()
    assert alert.rule == "slow"
    assert await room.store.pending_matches(room.clock.now(), 10) == []
    stored = await room.store.article(pending.article.id)
    assert stored is not None
    assert stored.pending == ("slower",)
    assert (await room.store.stats(room.clock.now())).pending_matches == 1


@pytest.mark.parametrize("ahead", [timedelta(minutes=2), timedelta(hours=5), timedelta(days=365)])
async def test_a_failed_rule_that_a_fast_clock_put_off_is_tried_once_the_clock_is_right(
    room: Newsroom, ahead: timedelta
) -> None:
    await room.open("wire")
    room.clock.advance(days=ahead.days, seconds=ahead.seconds)
    await room.publish("wire", room.news("Shells shipped", rules=(), failed=("slow",)))
    assert await room.store.pending_matches(room.clock.now(), 10) == []
    right = room.clock.now() - ahead
    [pending] = await room.store.pending_matches(right, 10)
    assert pending.rules == ("slow",)
    again = replace(room.news("Shells shipped", rules=(), failed=("slow",)), article=pending.article)
    await room.store.commit_rematch([room.rematched(again)], room.judge, 1, right)
    assert await room.store.pending_matches(right, 10) == [], "it waits two minutes now, by the right clock"
    assert await room.store.pending_matches(right + timedelta(minutes=2), 10) != []


async def test_match_under_other_rules_cannot_be_committed_again(room: Newsroom) -> None:
    await room.open("wire")
    read = room.news("Shells shipped", rules=(), failed=("slow",))
    await room.publish("wire", read)
    await room.store.activate(first_revision(2), [spec("wire")], room.clock.now())
    with pytest.raises(StaleRevision):
        await room.store.commit_rematch([room.rematched(read)], room.judge, 1, room.clock.now())


async def test_part_of_an_id_finds_its_article_or_says_that_it_names_several(room: Newsroom) -> None:
    await room.open("wire")
    reads = [room.news(f"Shells {number}") for number in range(40)]
    await room.publish("wire", *reads)
    whole = reads[0].article.id
    found = await room.store.article(whole[:12])
    assert found is not None
    assert found.article.id == whole
    assert await room.store.article("a" + "7" * 12) is None
    assert await room.store.article("nonsense!") is None
    with pytest.raises(StorageError, match="several"):
        await room.store.article("a")


async def test_an_undated_document_of_which_nothing_was_known_is_stored_as_an_overflow(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", *[room.news(f"Ship {n} leaves") for n in range(5)])
    claim = await room.poll("wire")
    claim = replace(claim, state=replace(claim.state, last_item_at=room.clock.now()))
    later = [room.news(f"Dam {n} bursts") for n in range(5)]
    undated = [replace(read, article=replace(read.article, published_at=None)) for read in later]
    committed = await room.commit(claim, *undated)
    [stored] = await room.store.claim_feeds("me", room.clock.now() + timedelta(hours=1), 1, LEASE)
    for state in (committed.state, stored.state):
        assert state is not None
        assert state.problem is not None
        assert state.problem.kind is FetchProblemKind.OVERFLOW


async def test_a_store_keeps_subscriptions_of_one_address_of_ours(room: Newsroom) -> None:
    feeds = [FeedId("f" + letter * 25) for letter in "bcd"]
    here, other = "https://us.example/hub_%", "https://us.example/hub_%2"
    asked = [
        Subscription(feed, "https://hub.example", "topic", f"{here}/{feed}", "key", is_silent=bool(at))
        for at, feed in enumerate(feeds)
    ]
    changed = replace(asked[1], ask_at=room.clock.now(), ends_at=room.clock.now())
    await room.store.keep_subscriptions(here, asked)
    await room.store.keep_subscriptions(other, asked[:1])
    await room.store.keep_subscriptions(here, [changed], [feeds[2], feeds[2]])
    assert await room.store.subscriptions(here) == [asked[0], changed]
    assert await room.store.subscriptions(other) == asked[:1]
    assert "key" not in repr(asked)
