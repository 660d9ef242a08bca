"""What is looked at again under the turn is what a first look would find by then, without what was written meanwhile by
the one that looks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.clock import FakeClock
from tests.fakes.newsroom import Newsroom
from tests.fakes.places import place_database
from watcher.core.dedup.habits import Habits
from watcher.core.dedup.keys import article_keys
from watcher.core.dedup.relate import relation
from watcher.core.model.alert import FeedContext, JudgeContext, Member
from watcher.core.model.match import ReadArticle
from watcher.core.model.outcome import Identity
from watcher.storage import candidates
from watcher.storage.open import open_store
from watcher.storage.store import SqlStore

TITLE = "North Korea fires ballistic missile toward the East Sea in morning launch"


class Desk:
    """A newsroom on a file, and what its store would look up."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.room = Newsroom(store, FakeClock())

    async def look(self, *reads: ReadArticle) -> JudgeContext:
        feed = FeedContext(self.room.ids["wire"], "wire", first=False, last_ok_at=self.room.clock.now())
        now = self.room.clock.now()
        return await self.store._writer.run(lambda db: candidates.load_candidates(db, reads, feed, now))

    async def again(self, before: JudgeContext, *reads: ReadArticle) -> JudgeContext:
        return await self.store._writer.run(lambda db: candidates.look_again(db, before, reads))

    def from_source(self, feed: str, item: str, source: str) -> ReadArticle:
        read, url = self.room.news(TITLE, feed=feed, item=item), f"https://{source}/{item}"
        article = replace(read.article, source=source, url=url, guid=item, published_at=self.room.clock.now())
        return replace(read, article=article, keys=article_keys(article, Identity.GUID))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    place_database(tmp_path)
    store = open_store(f"sqlite:///{tmp_path}/watcher.db")
    assert isinstance(store, SqlStore)
    made = Desk(store)
    await made.room.open("wire", "paper")
    yield made
    await store.close()


def first(read: ReadArticle) -> ReadArticle:
    """An article whose rule wants first matches only."""
    return replace(read, matches=tuple(replace(match, unseen_for=timedelta(days=7)) for match in read.matches))


async def test_what_was_written_by_the_one_that_looks_did_not_match_before(desk: Desk) -> None:
    reads = [first(desk.room.news(title)) for title in ("Shells shipped from Rason", "Harbour takes other shells")]
    before = await desk.look(*reads)
    await desk.room.publish("wire", *reads)
    again = await desk.again(before, *reads)
    assert [list(ids) for ids in before.matched_lately.values()] == [[]]
    assert again.matched_lately == before.matched_lately


async def test_what_matched_before_or_meanwhile_did(desk: Desk) -> None:
    earlier, meanwhile = (first(desk.room.news(title, feed="paper")) for title in ("Shells made", "Shells lost"))
    await desk.room.publish("paper", earlier)
    read = first(desk.room.news("Shells shipped from Rason"))
    before = await desk.look(read)
    await desk.room.publish("paper", meanwhile)
    [ids] = (await desk.again(before, read)).matched_lately.values()
    assert set(ids) == {earlier.article.id, meanwhile.article.id}


async def test_a_source_that_told_this_headline_before_is_known_for_it(desk: Desk) -> None:
    await desk.room.publish("paper", desk.from_source("paper", "old", "two.example"))
    desk.room.clock.advance(days=20)
    read = desk.from_source("wire", "bare", "one.example")
    before = await desk.look(read)
    await desk.room.publish("paper", desk.from_source("paper", "new", "two.example"))
    verdicts = []
    for context in (await desk.again(before, read), await desk.look(read)):
        [told] = (one for alert in context.past for one in alert.members if one.article.guid == "new")
        verdicts.append(relation(Member(read.article, read.keys), told, Habits(context.habits)))
    assert verdicts[0] == verdicts[1]
