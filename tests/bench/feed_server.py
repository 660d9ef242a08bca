"""Feeds on loopback to measure polling with: many hosts, real-looking RSS, 304s, and one more item whenever asked.

    python -m tests.bench.feed_server --feeds 100

The first line it prints is its port and the mean size of a document. `GET /f/N.xml` is feed N, on any of its hosts. A
line "bump" on its input gives every feed one more item, "redate" another date of the channel and nothing else; it
answers once all documents are made.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import email.utils
import html
import random
import sys
from typing import Final

from tests.bench.poll_meter import HOSTS, host
from tests.bench.texts import make_texts
from watcher.core.model.article import Article
from watcher.daemon.clock import SystemClock

ITEMS: Final = 30
_TEXTS: Final = 1500
_SHARE_OF_ASCII: Final = 0.75
_GAP_SECONDS: Final = 900


class Feeds:
    """The documents: 30 items each, or as many as asked, of two paragraphs, 40 kB in all, the newest first."""

    def __init__(self, feeds: int, items: int = ITEMS) -> None:
        made = make_texts(_TEXTS, 7)
        self._plain, self._other = made.plain, made.other
        self._began = SystemClock().now().timestamp()
        self._feeds = feeds
        self._count = items
        self._items: dict[tuple[int, int], str] = {}
        self._bodies: dict[int, bytes] = {}
        self.version = 0
        self.dated = 0
        self.make()

    def make(self) -> None:
        """Make all documents of this version now, so that none is made while something is measured."""
        for feed in range(self._feeds):
            self._bodies[feed] = self._made(feed)

    def change(self, *, with_item: bool) -> None:
        """Give all channels another date, and each feed one more item where asked."""
        self.version += with_item
        self.dated += 1
        self.make()

    def body(self, feed: int) -> bytes:
        """Return one document."""
        return self._bodies[feed]

    def etag(self, feed: int) -> str:
        """Return its validator."""
        return f'"{self.version}-{self.dated}-{feed}"'

    def _made(self, feed: int) -> bytes:
        newest = self._count + self.version
        items = "".join(self._item(feed, number) for number in range(newest, newest - self._count, -1))
        date = email.utils.formatdate(self._began + self.dated)
        return (
            '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
            'xmlns:media="http://search.yahoo.com/mrss/"><channel>'
            f"<title>Site {feed} News</title><link>https://site{feed}.example/</link><description>All the news</description>"
            f"<language>en</language><lastBuildDate>{date}</lastBuildDate>{items}</channel></rss>"
        ).encode()

    def _item(self, feed: int, number: int) -> str:
        key = (feed, number)
        if key not in self._items:
            self._items[key] = self._written(feed, number)
            self._items.pop((feed, number - self._count), None)
        return self._items[key]

    def _written(self, feed: int, number: int) -> str:
        draw = random.Random(feed * 1_000_003 + number)
        first, second = self._drawn(draw), self._drawn(draw)
        moment = email.utils.formatdate(self._began - _GAP_SECONDS * (self._count - number))
        paragraphs = "".join(
            f"<p>{html.escape(part.content[:380])} <a href='/more'>more</a></p>" for part in (first, second)
        )
        return (
            f"<item><title>{html.escape(first.title)} {feed}.{number}</title>"
            f"<link>https://site{feed}.example/2026/11/{draw.randrange(10**8)}/story-{number}</link>"
            f'<guid isPermaLink="false">https://site{feed}.example/?p={number}</guid><pubDate>{moment}</pubDate>'
            f"<dc:creator>Reporter {draw.randrange(50)}</dc:creator><category>World</category>"
            f"<category>Politics</category><description><![CDATA[{paragraphs}]]></description>"
            f'<media:thumbnail url="https://img{feed}.example/{number}.jpg" width="240" height="135"/></item>\n'
        )

    def _drawn(self, draw: random.Random) -> Article:
        return draw.choice(self._plain if draw.random() < _SHARE_OF_ASCII else self._other)


def _answer(feeds: Feeds, head: str) -> bytes:
    line, _, rest = head.partition("\r\n")
    feed = int(line.split(" ")[1].removeprefix("/f/").removesuffix(".xml"))
    etag = feeds.etag(feed)
    if f"if-none-match: {etag}\r\n" in rest.lower():
        return f"HTTP/1.1 304 Not Modified\r\nETag: {etag}\r\nConnection: close\r\n\r\n".encode()
    return _with_body(feeds.body(feed), f"ETag: {etag}\r\n")


def _with_body(body: bytes, headers: str) -> bytes:
    kind = "Content-Type: application/rss+xml; charset=utf-8"
    head = f"HTTP/1.1 200 OK\r\n{kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
    return head.encode() + body


async def _serve(count: int, items: int) -> None:
    feeds = Feeds(count, items)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            writer.write(_answer(feeds, (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")))
            await writer.drain()
        writer.close()

    async with contextlib.AsyncExitStack() as stack:
        port = 0
        for number in range(min(count, HOSTS)):
            server = await asyncio.start_server(talk, host(number), port, backlog=512)
            await stack.enter_async_context(server)
            port = server.sockets[0].getsockname()[1]
        print(port, sum(len(feeds.body(feed)) for feed in range(count)) // count, flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            feeds.change(with_item=line.strip() == "bump")
            print("done", flush=True)


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=100)
    parser.add_argument("--items", type=int, default=ITEMS)
    given = parser.parse_args()
    asyncio.run(_serve(given.feeds, given.items))


if __name__ == "__main__":
    main()
