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
