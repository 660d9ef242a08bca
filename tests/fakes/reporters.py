"""Feeds of several papers on a few stories, with the real reader, judge and store around them: what each report does
is said in words.

desk = await Reporters.open(tmp_path, store)
assert await desk.report("wire", "Shells shipped") == ["first"]
assert await desk.report("paper", "Shells shipped") == ["folded"]
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zlib import crc32

from tests.fakes.press import _Answers, document, item
from tests.fakes.station import Station, config
from watcher.core.model.alert import AlertDetail
from watcher.core.model.ids import AlertId, ArticleId
from watcher.core.model.verdict import Outcome, Verdict
from watcher.pipeline import process_feed
from watcher.ports import Store

FEEDS = ("wire", "paper", "post", "echo", "courier", "mail")


class Reporters(Station):
    """A station whose feeds, empty at first, list one report after the other."""

    listed: dict[str, dict[str, str]]
    known: set[AlertId]

    @classmethod
    async def open(cls, folder: Path, store: Store, text: str = "") -> Reporters:
        """Return a station at work: each feed had a first poll long ago, and its polls go on."""
        made = cls(folder, store, _Answers())
        made.listed, made.known = {name: {} for name in FEEDS}, set()
        await made.adopt(text or config(feeds=FEEDS))
        for name in [record.name for record in await store.feeds()]:
            made.feeds[name] = document(item(f"Weather of {name}", guid="weather", at=made.clock.now()))
            await made.read(name)
        made.clock.advance(hours=6)
        return made

    async def read(self, name: str) -> None:
        """Poll one feed now."""
        now = self.clock.now()
        await self.store.request_poll([name], now)
        claims = await self.store.claim_feeds("reporters", now, 20, timedelta(minutes=5))
        for claim in claims:
            if claim.spec.name == name:
                await process_feed(claim, self.world)
            else:
                await self.store.release_feed(claim)

    async def report(self, feed: str, title: str, text: str = "", *, guid: str = "", **later: float) -> list[str]:
        """Let a feed list one more report, that much later, or one of its reports in other words where `guid` is known.

        Return what was decided of it in words, sorted: the kinds of the alerts it made, `folded`, `silenced`,
        `skipped`.
        """
        self.clock.advance(**later)
        guid = guid or title
        self.listed[feed][guid] = item(
            title, guid=guid, link=f"https://{feed}.example/{crc32(guid.encode())}", at=self.clock.now(), summary=text
        )
        self.feeds[feed] = document(*reversed(self.listed[feed].values()))
        before = {article.id: article.text for article in await self.store.newest_articles(1000)}
        await self.read(feed)
        made = await self.alerts_made()
        outcomes = [f"{one.kind.value}" for one in made]
        for id_, number in {article.id: article.text for article in await self.store.newest_articles(1000)}.items():
            if before.get(id_) != number:
                outcomes += [one.outcome.value for one in await self.verdicts(id_, number) if one.outcome in _SAID]
        return sorted(outcomes)

    async def alerts_made(self) -> list[AlertDetail]:
        """Return the alerts that are new since this was asked last."""
        new = [one for one in await self.store.recent_alerts(limit=10_000) if one.id not in self.known]
        self.known |= {one.id for one in new}
        return sorted(new, key=lambda one: one.kind.value)

    async def verdicts(self, id_: ArticleId, text: int | None = None) -> list[Verdict]:
        """Return what was decided of an article, or of one text of it."""
        record = await self.store.article(id_)
        return [] if record is None else [one for one in record.verdicts if text in (None, one.text)]


_SAID = (Outcome.FOLDED, Outcome.SILENCED, Outcome.SKIPPED)
