"""What every store promises about pages: wanted once, judged for what they add, and nothing told is taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.newsroom import RULE, Newsroom, spec
from watcher.core.model.alert import FeedContext
from watcher.core.model.match import ReadArticle
from watcher.core.model.page import PageNote, PageOutcome, PageResult
from watcher.core.model.policy import FullText
from watcher.core.model.record import Committed
from watcher.errors import StaleRevision

pytestmark = pytest.mark.filterwarnings("error")


async def begin(room: Newsroom, title: str, *rules: str, full_text: FullText = FullText.ALL) -> None:
    """Let a feed that asks for pages list one item."""
    await room.configure(replace(spec("wire"), full_text=full_text))
    await room.publish("wire", news(room, title, *rules))


def news(room: Newsroom, title: str, *rules: str) -> ReadArticle:
    return room.news(title, rules=rules, url=f"https://wire.example/{title.replace(' ', '-')}")


async def page_of(room: Newsroom, title: str, words: str, *rules: str) -> Committed:
    """Commit the page of the only wanted article, with the rules that fire on it."""
    [wanted] = await room.store.pages_wanted(room.clock.now(), limit=10)
    whole = replace(news(room, title, *rules), article=replace(wanted.article, content=words))
    note = PageNote(PageOutcome.READ, page_chars=len(words))
    return await commit(room, PageResult(wanted.article.id, note, whole))


async def commit(room: Newsroom, result: PageResult, revision: int = 1) -> Committed:
    context = FeedContext(room.ids["wire"], "wire", False, room.clock.now())
    return await room.store.commit_page(result, context, room.judge, revision, room.clock.now())


async def test_the_pages_of_what_is_new_or_changed_are_wanted_where_the_feed_asks_for_them(room: Newsroom) -> None:
    await begin(room, "Ship leaves")
    assert [one.article.title for one in await room.store.pages_wanted(room.clock.now(), 10)] == ["Ship leaves"]
    await page_of(room, "Ship leaves", "words")
    assert await room.store.pages_wanted(room.clock.now(), 10) == []
    await room.publish("wire", news(room, "Ship leaves"))  # unchanged
    assert await room.store.pages_wanted(room.clock.now(), 10) == []


async def test_no_page_is_wanted_where_the_feed_asks_for_none(room: Newsroom) -> None:
    await begin(room, "Ship leaves", full_text=FullText.NO)
    assert await room.store.pages_wanted(room.clock.now(), 10) == []


async def test_a_rule_that_fires_only_on_the_page_makes_an_alert_and_the_article_keeps_both(room: Newsroom) -> None:
    await begin(room, "Ship leaves")
    committed = await page_of(room, "Ship leaves", "full of shells", RULE)
    assert (committed.alerts, committed.new, committed.unchanged) == (1, 0, 1)
    [alert] = await room.store.recent_alerts()
    record = await room.store.article(alert.members[0].article.id)
    assert record is not None
    assert record.page is not None
    assert record.article.content == "full of shells"
    assert (record.page.outcome, record.page.page_chars) == (PageOutcome.READ, 14)
    # What the feed gives again is what it gave before.
    again = await room.publish("wire", news(room, "Ship leaves"))
    assert (again.unchanged, again.alerts) == (1, 0)


async def test_a_rule_that_fired_on_what_the_feed_gave_is_not_told_again_by_the_page(room: Newsroom) -> None:
    await begin(room, "Shells leave", RULE)
    committed = await page_of(room, "Shells leave", "more shells", RULE)
    assert committed.alerts == 0
    assert len(await room.store.recent_alerts()) == 1


async def test_a_page_that_was_not_read_is_wanted_again_at_its_time_or_never(room: Newsroom) -> None:
    await begin(room, "Ship leaves")
    [wanted] = await room.store.pages_wanted(room.clock.now(), 10)
    later = room.clock.now() + timedelta(minutes=1)
    failed = PageResult(wanted.article.id, PageNote(PageOutcome.WANTED, "no answer"), next_try_at=later)
    await commit(room, failed)
    assert await room.store.pages_wanted(room.clock.now(), 10) == []
    room.clock.advance(minutes=1)
    [wanted] = await room.store.pages_wanted(room.clock.now(), 10)
    assert wanted.attempts == 1
    await commit(room, PageResult(wanted.article.id, PageNote(PageOutcome.UNREAD, "404")))
    assert await commit(room, PageResult(wanted.article.id, PageNote(PageOutcome.READ))) == Committed()
    record = await room.store.article(wanted.article.id)
    assert record is not None
    assert record.page is not None
    assert (record.page.outcome, record.page.said) == (PageOutcome.UNREAD, "404")


async def test_a_page_matched_under_old_rules_is_not_written(room: Newsroom) -> None:
    await begin(room, "Ship leaves")
    [wanted] = await room.store.pages_wanted(room.clock.now(), 10)
    whole = replace(news(room, "Ship leaves", RULE), article=wanted.article)
    with pytest.raises(StaleRevision):
        await commit(room, PageResult(wanted.article.id, PageNote(PageOutcome.READ), whole), revision=0)
    assert len(await room.store.pages_wanted(room.clock.now(), 10)) == 1


async def test_a_rule_that_fails_on_a_page_is_tried_again_and_one_that_fired_before_is_not(room: Newsroom) -> None:
    await begin(room, "Ship leaves", RULE)
    [wanted] = await room.store.pages_wanted(room.clock.now(), limit=10)
    failed = room.news("Ship leaves", rules=(), failed=("slow", "slower", RULE))
    whole = replace(failed, article=replace(wanted.article, content="shells"))
    committed = await commit(room, PageResult(wanted.article.id, PageNote(PageOutcome.READ), whole))
    assert committed.alerts == 0
    room.clock.advance(hours=2)
    [pending] = await room.store.pending_matches(room.clock.now(), 10)
    assert (pending.article.content, sorted(pending.rules)) == ("shells", ["slow", "slower"])
    again = replace(room.news("Ship leaves", rules=("slow",), failed=("slower",)), article=pending.article)
    committed = await room.store.commit_rematch([room.rematched(again)], room.judge, 1, room.clock.now())
    assert committed.alerts == 1
    room.clock.advance(days=1)
    [pending] = await room.store.pending_matches(room.clock.now(), 10)
    assert list(pending.rules) == ["slower"]


async def test_what_failed_on_the_words_of_the_feed_is_settled_by_the_page(room: Newsroom) -> None:
    await room.configure(replace(spec("wire"), full_text=FullText.ALL))
    url = "https://wire.example/Ship-leaves"
    await room.publish("wire", room.news("Ship leaves", rules=(), failed=("slow", "slower", "slowest"), url=url))
    [wanted] = await room.store.pages_wanted(room.clock.now(), limit=10)
    read = room.news("Ship leaves", rules=("slow",), failed=("slowest",))
    whole = replace(read, article=replace(wanted.article, content="shells"))
    committed = await commit(room, PageResult(wanted.article.id, PageNote(PageOutcome.READ), whole))
    assert committed.alerts == 1
    room.clock.advance(days=1)
    [pending] = await room.store.pending_matches(room.clock.now(), 10)
    assert list(pending.rules) == ["slowest"]


@pytest.mark.parametrize("outcome", [PageOutcome.READ, PageOutcome.UNREAD, PageOutcome.WANTED])
async def test_the_page_of_an_earlier_text_is_not_kept_and_that_of_the_later_one_is_still_wanted(
    room: Newsroom, outcome: PageOutcome
) -> None:
    await begin(room, "Ship leaves")
    [old] = await room.store.pages_wanted(room.clock.now(), limit=10)
    await room.publish("wire", room.news("Ship left", item="Ship leaves", rules=(), url=old.article.url))
    whole = replace(news(room, "Ship leaves", RULE), article=replace(old.article, content="old words"))
    read = whole if outcome is PageOutcome.READ else None
    later = room.clock.now() + timedelta(hours=1) if outcome is PageOutcome.WANTED else None
    assert (
        await commit(room, PageResult(old.article.id, PageNote(outcome), read, later, old.article.text)) == Committed()
    )
    [new] = await room.store.pages_wanted(room.clock.now(), limit=10)
    assert (new.article.title, new.article.content, new.attempts) == ("Ship left", "", 0)
    whole = replace(news(room, "Ship left", RULE), article=replace(new.article, content="new words"))
    result = PageResult(new.article.id, PageNote(PageOutcome.READ), whole, text=new.article.text)
    assert (await commit(room, result)).alerts == 1
    record = await room.store.article(new.article.id)
    assert record is not None
    assert record.article.content == "new words"
