"""Read documents that are not well-formed, with feedparser.

The items are taken apart first, so that one bad item cannot hurt its neighbours and no text is long: well-formed ones
go through the strict reader, the others to feedparser, each alone; of one that feedparser stumbles over the usual
elements are kept. A document without items that we know goes to feedparser as a whole.
"""

from __future__ import annotations

import io
import re
from calendar import timegm
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import quoteattr

import feedparser

from watcher.core.feeds.decode import without_comments
from watcher.core.feeds.prescan import refuse_attributes, refuse_depth
from watcher.core.feeds.raw import RawFeed, RawItem, Text, UnreadableXml, newest
from watcher.core.feeds.salvage import salvage_item
from watcher.core.feeds.xmlfeed import read_xml
from watcher.core.model.policy import ReadLimits
from watcher.errors import ParseError

_ITEM_START = re.compile(r"<((?:[\w.-]{1,20}:)?(?:item|entry))(?=[\s>])", re.IGNORECASE)
_ROOT = re.compile(r"<((?:[\w.-]{1,20}:)?(?:rss|RDF|feed))\b[^<>]{0,4000}>", re.IGNORECASE)
_ROOT_ATTRIBUTE = re.compile(
    r"\s(xmlns(?::[\w.-]{1,40})?|xml:base|xml:lang|version)\s*=\s*(?:\"([^\"<&]*)\"|'([^'<&]*)'|([^\s\"'<>&]+))"
)
_OWN_PREFIX = re.compile(r"(</?)rss:")
_DOCTYPE = re.compile(r"<!DOCTYPE[^<>\[]{0,1000}(?:\[[^\]]{0,20000}\])?[^<>]{0,100}>", re.IGNORECASE)
_DOCTYPE_START = re.compile(r"<!DOCTYPE", re.IGNORECASE)
_LONGEST_SECTION = 20_000
_CDATA_OPEN = "<![CDATA["
_CDATA_CLOSE = "]]>"
_HALF_CLOSED = re.compile(r"\]\](?=\s{0,100}</)")
_ITEM_CHARS = 256 * 1024
_MOST_BY_FEEDPARSER = 300
"""Ill-formed items of one document that feedparser reads, at a millisecond or two each; of later ones the usual
elements are kept.
"""
_WHOLE_CHARS = 512 * 1024
_HEAD_CHARS = 64 * 1024


def read_loose(text: str, url: str, limits: ReadLimits, *, whole: bool) -> RawFeed:
    """Return what can be read of an ill-formed document; an item that was cut off by the end of a document that is
    not `whole` is left out.

    Raises:
        ParseError: it would keep a tolerant parser too busy (kind too_complex), or has no item that we know and
            feedparser fails at it (kind malformed).
    """
    text = _without_doctype(without_comments(text))
    if "<rss:" in text and "xmlns:rss" not in text:
        text = _OWN_PREFIX.sub(r"\1", text)
    refuse_attributes(text, limits)
    sections = _Sections(text)
    starts = (found for found in _ITEM_START.finditer(text) if not sections.hold(found.start()))
    first = next(starts, None)
    if first is None:
        refuse_depth(text[:_WHOLE_CHARS])
        feed = _by_feedparser(text[:_WHOLE_CHARS], url, limits)
        if feed is None:
            raise ParseError("The XML is too damaged to be read.", kind="malformed")
        return feed
    pieces = _Pieces(_ROOT.search(text[: first.start()]), url, limits)
    feed = pieces.head(text[: first.start()])
    for start, item, is_last in _items(text, first, starts):
        if len(feed.items) >= limits.max_items:
            feed.cut = True
            break
        name = start.group(1)
        close = item.lower().find(f"</{name.lower()}")
        if close < 0 and is_last and not whole:
            continue
        read = pieces.item(item if close < 0 else item[:close], name)
        feed.items.extend(read.items[:1])
        feed.kind = feed.kind or read.kind
    return feed


class _Pieces:
    """Reads an ill-formed document piece by piece, each put between a root and its end that are well-formed."""

    def __init__(self, root: re.Match[str] | None, url: str, limits: ReadLimits) -> None:
        name = root.group(1) if root else "rss"
        self._is_atom = name.lower().endswith("feed")
        self._opening = _opening(name, root.group() if root else "") + ("" if self._is_atom else "<channel>")
        self._closing = ("" if self._is_atom else "</channel>") + f"</{name}>"
        self._head_at = root.end() if root else 0
        self._url, self._limits = url, limits
        self._patience = _MOST_BY_FEEDPARSER

    def head(self, text: str) -> RawFeed:
        """Return the feed, without items, of the text before the first one."""
        piece = self._opening + _without_channel(text[self._head_at :])[:_HEAD_CHARS] + self._closing
        feed = _strictly(piece, self._limits) or _tolerantly(piece, self._url, self._limits)
        feed = feed or RawFeed(kind="atom" if self._is_atom else "rss")
        feed.items = []
        return feed

    def item(self, text: str, name: str) -> RawFeed:
        """Return what is read of an item with this tag, by the first reader that gets something out of it."""
        text = _with_closed_cdata(text[:_ITEM_CHARS])
        piece = f"{self._opening}{text}</{name}>{self._closing}"
        read = _strictly(piece, self._limits)
        if read is None and self._patience:
            self._patience -= 1
            read = _tolerantly(piece, self._url, self._limits)
        return read_xml(salvage_item(text, is_atom=self._is_atom), self._limits) if read is None else read


def _items(
    text: str, first: re.Match[str], others: Iterator[re.Match[str]]
) -> Iterator[tuple[re.Match[str], str, bool]]:
    """Yield where each item starts, its text up to the next one, and whether it is the last."""
    start = first
    for after in others:
        yield start, text[start.start() : after.start()], False
        start = after
    yield start, text[start.start() :], True


def _opening(name: str, tag: str) -> str:
    """Return the root tag with what its items need of it, well-formed."""
    needed = {attribute: double or single or bare for attribute, double, single, bare in _ROOT_ATTRIBUTE.findall(tag)}
    # A blank within the name of a namespace is never meant, and splits the name for feedparser.
    needed = {name: "".join(value.split()) if name.startswith("xmlns") else value for name, value in needed.items()}
    return f"<{name}{''.join(f' {attribute}={quoteattr(value)}' for attribute, value in needed.items())}>"


def _without_doctype(text: str) -> str:
    """Return the document without its first document type; only the first is tried, since a hostile page opens
    thousands.
    """
    at = _DOCTYPE_START.search(text)
    found = _DOCTYPE.match(text, at.start()) if at else None
    return text[: found.start()] + text[found.end() :] if found else text


class _Sections:
    """The CDATA sections of a document, asked about place after place from its start to its end, in one walk
    over it.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._opened = self._closed = -1
        self._next = text.find(_CDATA_OPEN)
        self._last_close = text.rfind(_CDATA_CLOSE)

    def hold(self, at: int) -> bool:
        """Return whether a place is within a section; one that opened further back than an item is long is none."""
        while 0 <= self._next < at:
            self._opened = self._next
            if self._closed < self._opened <= self._last_close:
                self._closed = self._text.find(_CDATA_CLOSE, self._opened)
            self._next = self._text.find(_CDATA_OPEN, self._opened + 1)
        return self._opened >= 0 and self._opened >= at - _LONGEST_SECTION and self._closed >= at


def _with_closed_cdata(item: str) -> str:
    """Close a CDATA section that lacks its last bracket (`]]</description>`)."""
    return item if item.count(_CDATA_OPEN) <= item.count(_CDATA_CLOSE) else _HALF_CLOSED.sub(_CDATA_CLOSE, item)


def _without_channel(head: str) -> str:
    return re.sub(r"<channel\b[^<>]{0,2000}>|</channel\s*>", "", head, flags=re.IGNORECASE)


def _strictly(piece: str, limits: ReadLimits) -> RawFeed | None:
    """Return what a part of the document says, None where it is ill-formed."""
    try:
        feed = read_xml(piece, limits)
    except UnreadableXml:
        return None
    return None if feed.cut_short else feed


def _tolerantly(piece: str, url: str, limits: ReadLimits) -> RawFeed | None:
    """Return what an ill-formed part of the document says, None where feedparser fails at it."""
    refuse_depth(piece)
    return _by_feedparser(piece, url, limits)


def _by_feedparser(text: str, url: str, limits: ReadLimits) -> RawFeed | None:
    """Return what feedparser finds, None where it fails.

    It always gets a stream: it takes a string or bytes for a path first, so a body that is the name of a local file
    would be opened.
    """
    try:
        found = feedparser.parse(
            io.BytesIO(text.encode("utf-8", "replace")),
            response_headers={"content-type": "application/xml; charset=utf-8", "content-location": url},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except MemoryError:  # the limit of the worker, not a fault of the text
        raise
    # it names no errors of its own: an odd place or number ends in KeyError, ValueError, IndexError, ...
    except Exception:  # noqa: BLE001
        return None
    about = found.feed
    version = str(found.get("version", ""))  # it is missing where feedparser found nothing at all
    return RawFeed(
        kind="atom" if version.startswith("atom") else "rss" if version or found.entries else "",
        title=_text(about, "title"),
        link=_text(about, "link"),
        lang=_text(about, "language"),
        ttl=_text(about, "ttl"),
        items=newest([_item(entry, limits) for entry in found.entries], limits.max_items),
        cut=len(found.entries) > limits.max_items,
    )


def _item(entry: Any, limits: ReadLimits) -> RawItem:  # noqa: ANN401 - feedparser has no types
    title = entry.get("title_detail") or {}
    content: dict[str, str] = next((one for one in entry.get("content") or [] if one.get("value")), {})
    text = content.get("value", "")
    source = entry.get("source") or {}
    summary = _text(entry, "summary")
    return RawItem(
        lang=(content or title).get("language") or "",
        guid=_text(entry, "id"),
        guid_is_link=bool(entry.get("guidislink")),
        link=_text(entry, "link"),
        other_link=_enclosure(entry),
        title=Text(_text(entry, "title"), html=None if title.get("type", "text/plain") == "text/plain" else True),
        # feedparser copies the content into a missing summary.
        summary=Text("" if summary == text else summary, html=True),
        content=Text(text, html=True),
        authors=_authors(entry),
        tags=[_tag(tag) for tag in (entry.get("tags") or [])[: limits.max_tags]],
        source_name=_text(source, "title"),
        source_url=_text(source, "href") or _text(source, "link"),
        published=_date(entry, "published"),
        dated=_date(entry, "created"),
        updated=_date(entry, "updated"),
    )


def _enclosure(entry: Any) -> str:  # noqa: ANN401 - feedparser has no types
    """Return the address of the first file that an item brings along, or ""."""
    links = entry.get("links") or []
    return next((link.get("href", "") for link in links if link.get("rel") == "enclosure"), "")


def _authors(entry: Any) -> list[str]:  # noqa: ANN401 - feedparser has no types
    return [author.get("name", "") for author in entry.get("authors") or []] or [_text(entry, "author")]


def _tag(tag: Any) -> str:  # noqa: ANN401 - feedparser has no types
    return tag.get("label") or tag.get("term") or ""


def _date(entry: Any, name: str) -> str:  # noqa: ANN401 - feedparser has no types
    """Return the text of a date, or what feedparser made of it. Plain dict access avoids its mapping of `updated` to
    `published`.
    """
    said = dict.get(entry, name)
    if isinstance(said, str):
        return said.strip()
    parts = dict.get(entry, f"{name}_parsed")
    return datetime.fromtimestamp(timegm(parts), UTC).isoformat() if parts else ""


def _text(value: Any, name: str) -> str:  # noqa: ANN401 - feedparser has no types
    found = value.get(name)
    return found.strip() if isinstance(found, str) else ""
