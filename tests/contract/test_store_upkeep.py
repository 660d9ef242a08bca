"""What every store promises about keeping, forgetting and counting."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.fakes.newsroom import RULE, Newsroom, PlainJudge
from watcher.core.model.ids import ChannelName
from watcher.core.model.match import Excluded, ReadArticle
from watcher.core.model.message import AttemptClass, HoldReason
from watcher.core.model.policy import Keep
from watcher.core.model.record import StoppedBy

KEEP = Keep(articles=timedelta(days=30), keys=timedelta(days=90))


async def _prune_all(room: Newsroom) -> tuple[int, int, int]:
    """Prune until nothing goes any more; return articles, keys and messages deleted."""
    articles = keys = messages = 0
    while True:
        pruned = await room.store.prune(KEEP, room.clock.now())
        if not (pruned.articles or pruned.keys or pruned.messages):
            return articles, keys, messages
        articles, keys, messages = articles + pruned.articles, keys + pruned.keys, messages + pruned.messages


async def test_young_articles_are_kept(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Weather", rules=()))
    room.clock.advance(days=29)
    assert await _prune_all(room) == (0, 0, 0)


async def test_nothing_goes_that_stands_behind_a_message_still_to_be_sent(room: Newsroom) -> None:
    await room.open("wire", "paper")
    await room.publish("wire", room.news("Shells shipped"), room.news("Weather", rules=()))
    await room.publish("paper", room.news("Shells shipped", item="p", feed="paper"))
    room.clock.advance(days=200)
    articles, _, messages = await _prune_all(room)
    assert (articles, messages) == (1, 0)
    [claim] = await room.claim("desk")
    assert [member.article.title for member in claim.alerts[0].members] == ["Shells shipped"] * 2
    await room.answer(claim, AttemptClass.OK)
    articles, _, messages = await _prune_all(room)
    assert (articles, messages) == (2, 0)
    room.clock.advance(days=91)
    _, _, messages = await _prune_all(room)
    assert messages == 1
    assert await room.store.messages() == []
    assert await room.store.check() == []


async def test_one_run_deletes_at_most_a_quarter(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", *[room.news(f"Weather {number}", rules=()) for number in range(40)])
    room.clock.advance(days=40)
    pruned = await room.store.prune(KEEP, room.clock.now())
    assert (pruned.articles, pruned.capped) == (10, True)


async def test_one_run_deletes_at_most_a_quarter_of_messages_and_keys(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", *[room.news(f"Shells {number}") for number in range(8)])
    for _ in range(8):
        [claim] = await room.claim("desk")
        await room.answer(claim, AttemptClass.OK)
    await room.publish("wire")
    room.clock.advance(days=400)
    runs = []
    while (pruned := await room.store.prune(KEEP, room.clock.now())).messages:
        runs.append(pruned.messages)
    assert runs == [2, 1, 1, 1, 1, 1, 1]
    assert pruned.keys <= 6  # of two items at most
    await _prune_all(room)
    assert await room.store.check() == []


async def test_run_that_deletes_all_that_is_old_is_not_capped(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Old", rules=()))
    room.clock.advance(days=40)
    await room.publish("wire", *[room.news(f"Weather {number}", rules=()) for number in range(3)])
    pruned = await room.store.prune(KEEP, room.clock.now())
    assert (pruned.articles, pruned.capped) == (1, False)


async def test_item_is_recognised_long_after_its_text_is_gone_while_its_feed_lists_it(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Weather", rules=()))
    room.clock.advance(days=300)
    assert await _prune_all(room) == (1, 0, 0)
    committed = await room.publish("wire", room.news("Weather", rules=()))
    assert committed.unchanged == 1


async def test_keys_go_only_long_after_a_whole_document_came_without_the_item(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Weather", rules=()))
    # Cut or broken documents do not say that an item is gone.
    await room.publish("wire", room.news("Sports", rules=()), whole=False)
    await room.publish("wire", room.news("Sports", rules=()), cut=True)
    room.clock.advance(days=100)
    assert (await _prune_all(room))[1] == 0
    await room.publish("wire", room.news("Sports", rules=()))
    room.clock.advance(days=89)
    assert (await _prune_all(room))[1] == 0
    room.clock.advance(days=2)
    assert (await _prune_all(room))[1] == 3
    judge = PlainJudge()
    room.judge = judge
    committed = await room.publish("wire", room.news("Weather", rules=()), room.news("Sports", rules=()))
    assert (committed.new, committed.unchanged) == (1, 1)


async def test_item_that_comes_back_is_listed_again(room: Newsroom) -> None:
    await room.open("wire")
    weather = room.news("Weather", rules=())
    await room.publish("wire", weather)
    await room.publish("wire")
    room.clock.advance(days=80)
    await room.publish("wire", weather)
    room.clock.advance(days=80)
    assert (await _prune_all(room))[1] == 0


async def test_alert_whose_text_is_gone_is_still_known_by_its_item(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    [claim] = await room.claim("desk")
    await room.answer(claim, AttemptClass.OK)
    room.clock.advance(days=40)
    assert (await _prune_all(room))[0] == 1
    judge = PlainJudge()
    room.judge = judge
    await room.publish("wire", room.news("Shells shipped", body="Port officials confirmed it."))
    [past] = judge.seen[0].past
    assert past.members[0].keys.title == room.news("Shells shipped").keys.title
    assert past.members[0].article.summary == ""


async def test_revision_of_an_article_whose_text_is_gone_brings_it_back(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Weather", item="1", rules=()))
    room.clock.advance(days=40)
    assert (await _prune_all(room))[0] == 1
    read = room.news("Weather", body="Storm", item="1", rules=())
    committed = await room.publish("wire", read)
    assert committed.revised == 1
    stored = await room.store.article(read.article.id)
    assert stored is not None
    assert stored.article.summary == "Storm"


async def test_slot_of_a_job_is_given_once(room: Newsroom) -> None:
    now = room.clock.now()
    assert await room.store.claim_slot("digest", "2026-11-23", now)
    assert not await room.store.claim_slot("digest", "2026-11-23", now + timedelta(days=9))
    assert await room.store.claim_slot("digest", "2026-11-24", now)
    assert await room.store.claim_slot("report", "2026-11-23", now)


async def test_counts_tell_the_day(room: Newsroom) -> None:
    await room.open("wire", "paper")
    await room.publish("wire", room.news("Old shells"))
    room.clock.advance(days=2)
    await room.publish("wire", room.news("Shells shipped"), room.news("Weather", rules=()))
    await room.publish("paper", room.news("Shells shipped", item="p", feed="paper"))
    [claim] = await room.claim("desk")
    await room.answer(claim, AttemptClass.OK)
    stats = await room.store.stats(room.clock.now())
    assert (stats.read, stats.matched, stats.stories, stats.sent, stats.articles) == (3, 2, 1, 1, 4)
    assert stats.feeds == {"ok": 2}
    assert stats.messages == {"sent": 1, "waiting": 1}
    assert stats.oldest_waiting_at == room.clock.now()
    assert stats.oldest_poll_due_at is not None
    assert stats.database_bytes >= 0


async def test_feeds_are_listed_by_name_with_their_articles(room: Newsroom) -> None:
    await room.open("wire", "paper")
    await room.publish("wire", room.news("Weather", rules=()))
    assert [(feed.name, feed.articles) for feed in await room.store.feeds()] == [("paper", 0), ("wire", 1)]


def _stopped(read: ReadArticle, *terms: str) -> ReadArticle:
    return replace(read, excluded=tuple(Excluded(RULE, term) for term in terms))


async def test_what_none_stops_is_counted_once_for_each_new_article(room: Newsroom) -> None:
    await room.open("wire")
    match = _stopped(room.news("Army football cup", rules=()), "football")
    await room.publish("wire", match, _stopped(room.news("Chess at the front", rules=()), "chess"))
    await room.publish("wire", match)
    room.clock.advance(days=2)
    await room.publish("wire", match, _stopped(room.news("Football again", rules=()), "football"))

    found = await room.store.stopped(room.clock.now())

    assert found == [StoppedBy(RULE, "football", 2), StoppedBy(RULE, "chess", 1)]


async def test_what_none_stopped_is_forgotten_after_thirty_days(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", _stopped(room.news("Army football cup", rules=()), "football"))
    room.clock.advance(days=31)
    assert await room.store.stopped(room.clock.now()) == []
    await room.store.prune(KEEP, room.clock.now())


async def test_what_none_stops_on_samples_is_not_counted(room: Newsroom) -> None:
    await room.open("wire")
    read = _stopped(room.news("Army football cup", rules=()), "football")
    await room.publish("wire", replace(read, article=replace(read.article, sample=True)))
    assert await room.store.stopped(room.clock.now()) == []


async def test_newest_texts_come_newest_first(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Old shells", body="Tanks"))
    room.clock.advance(hours=1)
    await room.publish("wire", room.news("New shells"))
    first, second = await room.store.newest_texts(5)
    assert first.startswith("New shells")
    assert "Old shells" in second
    assert "Tanks" in second
    assert len(await room.store.newest_texts(1)) == 1
    assert [one.title for one in await room.store.newest_articles(5)] == ["New shells", "Old shells"]
    assert [one.title for one in await room.store.newest_articles(1)] == ["New shells"]


async def test_newest_texts_are_cut_and_samples_are_left_out(room: Newsroom) -> None:
    await room.open("wire")
    sample = room.news("A sample")
    await room.publish("wire", room.news("Long", body="shells " * 2000))
    await room.publish("wire", replace(sample, article=replace(sample.article, sample=True)))

    [text] = await room.store.newest_texts(5)
    [article] = await room.store.newest_articles(5)

    assert len(text) < 2100
    assert len(article.summary) > 10_000


async def test_a_message_is_late_from_when_it_could_have_gone_and_its_channel_took_nothing(room: Newsroom) -> None:
    await room.open("wire")
    room.judge = PlainJudge(holds={"desk": HoldReason.SECRET})
    await room.publish("wire", room.news("Shells 1"), room.news("Shells 2"))
    room.clock.advance(hours=3)
    assert (await room.store.stats(room.clock.now())).ready_since is None, "it is held"
    await room.store.settle_channels([ChannelName("desk")], {}, room.clock.now())
    let_go = room.clock.now()
    room.clock.advance(minutes=40)
    assert (await room.store.stats(room.clock.now())).ready_since == let_go
    room.judge = PlainJudge()
    await room.publish("wire", room.news("Shells 3"), room.news("Shells 4"))
    [claim] = await room.claim("desk")
    await room.answer(claim, AttemptClass.OK)
    assert (await room.store.stats(room.clock.now())).ready_since == room.clock.now(), "its channel took another one"
