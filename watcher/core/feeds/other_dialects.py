"""What is special about documents that are read as feeds although no feed reader's dialect: news sitemaps and CDF.

Source: developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap; sitemaps.org/protocol.html;
W3C note "Channel Definition Format" (1997).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from watcher.core.feeds.dates import parse_date
from watcher.core.feeds.decode import decode
from watcher.core.feeds.prescan import root_of
from watcher.core.feeds.raw import RawItem
from watcher.core.web_addresses import is_web
from watcher.errors import ParseError

SITEMAP: Final = "sitemap"
SITEMAP_ROOTS: Final = ("urlset", "sitemaps")
"""`sitemaps` is ours: what stands in several sitemaps of one index."""

MOST_SITEMAPS: Final = 3
"""So many sitemaps of an index are read: what is news stands in the newest."""

_MOST_INDEX_BYTES: Final = 1024 * 1024
_LOOKED_AT: Final = 4096
_INDEX: Final = b"sitemapindex"
_LONGEST_ENTRY: Final = 5000
# Each looks through a text once, whatever it is: a text is cut at the beginnings first, and no two blanks meet.
_SITEMAP: Final = re.compile(r"<(?:\w{1,20}:)?sitemap\s*+>")
_SITEMAP_END: Final = re.compile(r"</(?:\w{1,20}:)?sitemap\s*+>")
_PLACE: Final = re.compile(r"<(?:\w{1,20}:)?loc\s*+>\s*+(?:<!\[CDATA\[\s*+)?([^\s<\]]{1,2048})")
_CHANGED: Final = re.compile(r"<(?:\w{1,20}:)?lastmod\s*+>\s*+([^\s<]{1,40})")
_URLSET: Final = re.compile(r"<(?:\w{1,20}:)?urlset[\s>]")
_URLSET_END: Final = re.compile(r"</(?:\w{1,20}:)?urlset\s*>")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def news_items(items: Sequence[RawItem]) -> list[RawItem]:
    """Return the pages of a sitemap that are news, which have a title.

    Raises:
        ParseError: there are pages and none is news.
    """
    found = [item for item in items if item.title.value]
    if items and not found:
        raise ParseError(
            "This is a sitemap without news: its pages have no titles. Look for one that is called news in robots.txt "
            "of the site.",
            kind="not_a_feed",
        )
    for item in found:
        item.guid, item.guid_is_link = item.guid or item.link, True
    return found


def read_cdf_item(item: RawItem, attributes: Mapping[str, str]) -> None:
    """Take the address and the date of an item of CDF, which stand in its attributes."""
    said = {name.lower(): value.strip() for name, value in attributes.items()}
    item.link = said.get("href", "")
    item.updated = said.get("lastmod", "")


def is_index(body: bytes) -> bool:
    """Return whether a document is an index of sitemaps, by its root; an article may speak of one."""
    beginning = body[:_LOOKED_AT]
    return _INDEX in beginning and root_of(decode(beginning, "")).rpartition(":")[2] == "sitemapindex"


def sitemaps_of(body: bytes) -> list[str]:
    """Return the web addresses of the sitemaps of an index that may hold news: those called so, the newest first.

    Raises:
        ParseError: it is too large, or names none.
    """
    if len(body) > _MOST_INDEX_BYTES:
        raise ParseError("The index of sitemaps is larger than 1 MiB.", kind="too_big")
    found: dict[str, datetime] = {}
    for entry in _entries(decode(body, "")):
        place, changed = _PLACE.search(entry), _CHANGED.search(entry)
        url = html.unescape(place.group(1)) if place is not None else ""
        if is_web(url):
            moment = parse_date(changed.group(1)) if changed is not None else None
            found[url] = moment or _EPOCH
    if not found:
        raise ParseError("This is an index of sitemaps that names none.", kind="not_a_feed")
    news = [place for place in found if "news" in urlsplit(place).path.lower()]
    return sorted(news or found, key=lambda place: -found[place].timestamp())[:MOST_SITEMAPS]


def _entries(text: str) -> Iterator[str]:
    """Yield what stands between the tags of each sitemap."""
    for begun in _SITEMAP.split(text)[1:]:
        end = _SITEMAP_END.search(begun, 0, _LONGEST_ENTRY)
        if end is not None:
            yield begun[: end.start()]


def joined(sitemaps: Iterable[bytes | None]) -> bytes:
    """Return one document of several sitemaps; where one could not be had (None), or is none, it has no end, so that
    what is absent from it does not count as gone.
    """
    parts, is_whole = [], True
    for body in sitemaps:
        text = decode(body, "") if body is not None else ""
        begin, ends = _URLSET.search(text), [*_URLSET_END.finditer(text)]
        if begin is None or not ends:
            is_whole = False
        else:
            parts.append(text[begin.start() : ends[-1].end()])
    return f"<sitemaps>{''.join(parts)}{'</sitemaps>' if is_whole else '<url>'}".encode("utf-8", "replace")
