"""One feed whose documents a test shows one after the other, with the real reader, judge and store around it.

press = await Press.open(tmp_path, store)
assert await press.go(item("Shells shipped", guid="1")) == ["Shells shipped"]
assert await press.go(item("Shells shipped", guid="1"), minutes=10) == []
"""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path

from tests.fakes.station import Feeds, Station, config
from watcher.core.model.alert import AlertDetail
from watcher.core.model.ids import AlertId
from watcher.core.model.outcome import FetchOutcome, FetchRequest, NotModified
from watcher.core.model.record import FeedRecord
from watcher.pipeline import process_feed
from watcher.ports import Store

END = "</channel></rss>"


def item(
    title: str = "",
    *,
    guid: str = "",
    link: str = "",
    at: datetime | None = None,
    summary: str = "",
    content: str = "",
) -> str:
    """Return one RSS item; without `at` it is undated."""
    parts = [f"<title>{escape(title)}</title>"] if title else []
    parts += [f'<guid isPermaLink="false">{escape(guid)}</guid>'] if guid else []
    parts += [f"<link>{escape(link)}</link>"] if link else []
    parts += [f"<pubDate>{format_datetime(at)}</pubDate>"] if at else []
    parts += [f"<description>{escape(summary)}</description>"] if summary else []
    parts += [f"<content:encoded>{escape(content)}</content:encoded>"] if content else []
    return f"<item>{''.join(parts)}</item>"


def document(*items: str, end: str = END) -> bytes:
    """Return an RSS document; with another `end` it is cut short."""
    head = "<?xml version='1.0'?><rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'>"
    return f"{head}<channel><title>Wire</title>{''.join(items)}{end}".encode()


class _Answers(Feeds):
    """Documents, or "not modified" where there is none."""

    async def fetch(self, request: FetchRequest) -> FetchOutcome:
        name = request.url.split("//")[1].split(".")[0]
        return await super().fetch(request) if name in self else NotModified()


class Press(Station):
    """A station with one feed, "wire", that a test reads by hand; `go` says what it makes of a document."""

    told_so_far: set[AlertId]

    @classmethod
    async def open(cls, folder: Path, store: Store, text: str = "", *, begin: bool = True) -> Press:
        """Return a press at work; with `begin` its feed had a first poll long ago."""
        press = cls(folder, store, _Answers())
        press.told_so_far = set()
        await press.adopt(text or config())
        if begin:
            await press.go(item("Weather", guid="weather", at=press.clock.now()))
            press.clock.advance(hours=6)
        return press

    async def go(self, *items: str, end: str = END, **later: float) -> list[str]:
        """Show a document of these items, that much later, and poll; return the headlines of the alerts that it made,
        sorted.
        """
        self.clock.advance(**later)
        self.feeds["wire"] = document(*items, end=end)
        return await self.made()

    async def not_modified(self, **later: float) -> list[str]:
        """Poll a server that says that nothing changed."""
        self.clock.advance(**later)
        self.feeds.pop("wire", None)
        return await self.made()

    async def made(self) -> list[str]:
        """Poll, and return the headlines of the new alerts, sorted."""
        return sorted(one.article.title for one in await self.alerts_made())

    async def poll(self) -> None:
        """Poll the feed now, without the loop and its regard for hosts."""
        now = self.clock.now()
        await self.store.request_poll([], now)
        for claim in await self.store.claim_feeds("press", now, 10, timedelta(minutes=5)):
            await process_feed(claim, self.world)

    async def alerts_of(self, *items: str) -> list[AlertDetail]:
        """Show a document of these items, and return the alerts that it made."""
        self.feeds["wire"] = document(*items)
        return await self.alerts_made()

    async def alerts_made(self) -> list[AlertDetail]:
        """Poll, and return the new alerts."""
        await self.poll()
        new = [one for one in await self.store.recent_alerts(limit=10_000) if one.id not in self.told_so_far]
        self.told_so_far |= {one.id for one in new}
        return new

    async def health(self) -> str:
        """Return what the record of the feed says about how it names its items."""
        record: FeedRecord = next(one for one in await self.store.feeds() if one.name == "wire")
        return "; ".join(record.notes)
