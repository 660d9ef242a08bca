"""What every store promises about time: recent matches of a rule, its stories, the news of a feed, conditions that
begin to hold.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.newsroom import RULE, Newsroom, PlainJudge, spec
from watcher.core.feeds.gave import Gave
from watcher.core.model.alert import JudgeContext
from watcher.core.model.ids import ChannelName, RuleId
from watcher.core.model.match import ReadArticle
from watcher.core.model.message import AttemptClass, MessageKind
from watcher.core.model.record import FeedLife, FeedNews, StoryHistory

pytestmark = pytest.mark.filterwarnings("error")

HOUR = timedelta(hours=1)
DESK = [ChannelName("desk")]


def asking(read: ReadArticle, *, unseen: timedelta) -> ReadArticle:
    matches = tuple(replace(match, unseen_for=unseen) for match in read.matches)
    return replace(read, matches=matches)


def last_context(room: Newsroom) -> JudgeContext:
    assert isinstance(room.judge, PlainJudge)
    return room.judge.seen[-1]


async def test_an_article_listed_again_unchanged_asks_for_nothing(room: Newsroom) -> None:
    await room.open("wire")
    asked = asking(room.news("Shells shipped"), unseen=HOUR)
    await room.publish("wire", asked)
    await room.publish("wire", asked, room.news("Harbour closed", rules=()))
    assert last_context(room).matched_lately == {}


async def test_articles_seen_before_are_told_to_rules_that_want_the_first(room: Newsroom) -> None:
    await room.open("wire", "paper")
    await room.publish("wire", asking(room.news("Shells shipped"), unseen=24 * HOUR))
    assert last_context(room).matched_lately == {RULE: ()}
    room.clock.advance(hours=23)
    await room.publish("paper", asking(room.news("More shells", feed="paper"), unseen=24 * HOUR))
    assert len(last_context(room).matched_lately[RULE]) == 1
    room.clock.advance(hours=24)
    await room.publish("wire", asking(room.news("Shells again"), unseen=24 * HOUR))
    assert last_context(room).matched_lately == {RULE: ()}


async def test_a_story_is_counted_once_from_when_it_was_first_told(room: Newsroom) -> None:
    await room.open("wire", "paper")
    room.judge = PlainJudge(targets=("desk", "bot"))
    began = room.clock.now()
    assert await room.store.stories(RULE, began - HOUR) == StoryHistory()
    await room.publish("wire", room.news("Shells shipped"))
    room.clock.advance(hours=1)
    later = room.clock.now()
    await room.publish("paper", room.news("Shells shipped", feed="paper"), room.news("Tanks", rules=("tanks",)))
    await room.publish("wire", room.news("Other shells"))
    found = await room.store.stories(RULE, began - HOUR)
    assert [(one.at, one.feed, one.title) for one in found.newest] == [
        (later, "wire", "Other shells"),
        (began, "wire", "Shells shipped"),
    ]
    published = tuple(one.published_at for one in reversed(found.newest))
    wire = FeedLife("wire", (began, later), began, later, published)
    assert found == StoryHistory((began, later), began, (wire,), found.newest)
    since = replace(wire, begun_at=(later,), published_at=published[1:])
    assert await room.store.stories(RULE, began) == StoryHistory((later,), began, (since,), found.newest[:1])
    assert (await room.store.stories(RuleId("tanks"), began)).begun_at == (later,)


async def test_news_of_a_feed_are_its_articles_that_were_new(room: Newsroom) -> None:
    await room.open("wire", "paper")
    assert await room.store.feed_news("wire") == FeedNews()
    came = room.clock.now()
    await room.publish("wire", room.news("Shells shipped"))
    room.clock.advance(hours=1)
    await room.publish("paper", room.news("Other", feed="paper"))
    await room.publish("wire", room.news("Shells shipped"))
    assert await room.store.feed_news("wire") == FeedNews(came, room.clock.now())
    await room.configure(spec("paper"))
    assert await room.store.feed_news("wire") is None


async def test_a_condition_is_told_once_while_it_holds_and_again_after_it_did_not(room: Newsroom) -> None:
    await room.open("wire")
    store, clock = room.store, room.clock
    assert await store.note_condition("volume x", False, DESK, "t", "x", clock.now()) == 0
    assert await store.note_condition("volume x", True, DESK, "volume: 10", "Ten.", clock.now()) == 1
    clock.advance(minutes=1)
    assert await store.note_condition("volume x", True, DESK, "volume: 11", "Eleven.", clock.now()) == 0
    assert await store.note_condition("volume y", True, DESK, "volume: 3", "Three.", clock.now()) == 1
    clock.advance(minutes=1)
    assert await store.note_condition("volume x", False, DESK, "t", "x", clock.now()) == 0
    clock.advance(minutes=1)
    assert await store.note_condition("volume x", True, DESK, "volume: 10", "Ten.", clock.now()) == 1
    records = await store.messages()
    assert [(one.kind, one.title) for one in records] == [
        (MessageKind.META, "volume: 10"),
        (MessageKind.META, "volume: 3"),
        (MessageKind.META, "volume: 10"),
    ]


async def test_the_end_of_a_condition_is_told_once_where_its_beginning_was(room: Newsroom) -> None:
    await room.open("wire")
    store, clock = room.store, room.clock
    assert await store.end_condition("deaf bob", DESK, "well", "Again.", clock.now()) == 0
    assert await store.note_condition("deaf bob", True, DESK, "deaf", "None.", clock.now()) == 1
    assert await store.end_condition("deaf ann", DESK, "well", "Again.", clock.now()) == 0
    clock.advance(minutes=1)
    assert await store.end_condition("deaf bob", DESK, "well", "Again.", clock.now()) == 1
    assert await store.end_condition("deaf bob", DESK, "well", "Again.", clock.now()) == 0
    clock.advance(minutes=1)
    assert await store.note_condition("deaf bob", True, DESK, "deaf", "None.", clock.now()) == 1
    assert [one.title for one in await store.messages()] == ["deaf", "well", "deaf"]


async def test_a_condition_for_a_channel_with_an_open_breaker_is_held(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    [claim] = await room.claim("desk")
    await room.open_breaker(claim)
    assert await room.store.note_condition("volume x", True, DESK, "volume", "Ten.", room.clock.now()) == 1
    assert set(await room.states()) == {("desk", "held")}
    assert (await room.claim("desk")) == []
    room.clock.advance(hours=1)
    [probe] = await room.claim("desk")
    await room.answer(probe, AttemptClass.OK)


async def test_what_each_feed_gave_of_the_matches_of_a_month_is_counted(room: Newsroom) -> None:
    await room.open("wire", "paper", "radio")
    await room.publish("wire", room.news("Shells shipped"), room.news("Shells again"), room.news("Fog", rules=()))
    await room.publish("paper", room.news("Shells shipped", feed="paper"))
    assert await room.store.gave(room.clock.now()) == {
        room.ids["wire"]: Gave(2, 3, 1),
        room.ids["paper"]: Gave(1, 3, 0),
    }
    room.clock.advance(days=31)
    assert await room.store.gave(room.clock.now()) == {}
