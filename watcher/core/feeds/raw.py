"""A feed and its items while they are being read: the fields that any reader of feeds fills, and how they become an
Entry.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from html.entities import html5
from urllib.parse import urljoin

from watcher.core.feeds.dates import parse_date
from watcher.core.model.article import Entry
from watcher.core.model.policy import ReadLimits
from watcher.core.web_addresses import is_web

MARKUP_FACTOR = 4
"""How many characters of markup we take for one of text: pictures in data: URLs may stand before the words."""

MOST_NAME_CHARS = 2000
"""So much of a name or tag is read; an article keeps 300 bytes of it, and markup may stand before."""

MOST_LANG_CHARS = 100
"""So much of a language tag is read."""

_LOOKS_HTML = re.compile(r"</?[A-Za-z][^<>]{0,2000}>|&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_CONTROLS = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")
_WINDOWS = {bytes([code]).decode("cp1252", "ignore"): code for code in range(0x80, 0xA0)}
_SURE_LEAD = re.compile("[ÂÃÐÑâ]")  # Latin letters and signs, Cyrillic, punctuation
_SURE_PAIRS = 3
_MANGLED = re.compile("[\u00c2-\u00f4][\u0080-\u00bf" + "".join(name for name in _WINDOWS if name) + "]")

_MAIL = re.compile(r"(?<!\S)\S{1,300}@\S+")  # from the start of a word only, so that a long one is looked through once
_NAMED_MAIL = re.compile(r"^[^\s@]{1,300}@[^\s(]{1,300}\s*\((.{1,200})\)$")


class UnreadableXml(Exception):
    """The document is not well-formed XML, or no dialect that this reader knows; feedparser may know more.

    `fault` says what is ill-formed and where, "" when nothing is.
    """

    def __init__(self, fault: str = "") -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(slots=True)
class Text:
    """A text of an item; `html` None = the format does not say, so that it must be looked at."""

    value: str = ""
    html: bool | None = None


@dataclass(slots=True)
class RawItem:
    """The fields of one item as they stand in the document, first one wins unless said otherwise."""

    base: str = ""
    lang: str = ""
    guid: str = ""
    guid_is_link: bool = False
    link: str = ""
    other_link: str = ""  # an alternate that is no web page, or an enclosure
    title: Text = field(default_factory=Text)
    summary: Text = field(default_factory=Text)
    content: Text = field(default_factory=Text)
    fallback_title: str = ""  # media:title, itunes:title, dc:title
    fallback_summary: Text = field(default_factory=Text)  # media:description, itunes:summary, dc:description
    authors: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    source_name: str = ""
    source_url: str = ""
    published: str = ""
    dated: str = ""  # dc:date: the publisher's only date in RSS 1.0
    updated: str = ""

    def moment(self) -> datetime | None:
        """Return when the item came out, or was last changed; only for choosing the newest."""
        return parse_date(self.published) or parse_date(self.dated) or parse_date(self.updated)


@dataclass(slots=True)
class RawFeed:
    """A feed as a reader found it. `cut_short` = the document ended inside an element."""

    kind: str = ""
    version: str = ""
    root: str = ""
    title: str = ""
    link: str = ""
    base: str = ""
    lang: str = ""
    ttl: str = ""
    period: str = ""
    frequency: str = ""
    hub: str = ""
    topic: str = ""
    skip_hours: list[str] = field(default_factory=list)
    skip_days: list[str] = field(default_factory=list)
    items: list[RawItem] = field(default_factory=list)
    cut: bool = False
    cut_short: bool = False


def read_link(feed: RawFeed, attributes: Mapping[str, str], base: str, *, of_page: bool) -> None:
    """Take what a link of the channel says: the page of the feed (`of_page`), its hub, or its own address."""
    address_of = urljoin_safely(base, attributes.get("href", "").strip())
    match attributes.get("rel", "alternate"):
        case "alternate" if of_page:
            feed.link = feed.link or address_of
        case "hub":
            feed.hub = feed.hub or address_of
        case "self":
            feed.topic = feed.topic or address_of


def to_entry(item: RawItem, base: str, limits: ReadLimits) -> Entry:
    """Return the item as an Entry: link absolute where it can be, dates read, format of each text decided.

    `base` is what relative links of the feed stand on; the item's own xml:base goes before it.
    """
    title = item.title if item.title.value else Text(item.fallback_title)
    summary = item.summary if item.summary.value else item.fallback_summary
    if summary is item.fallback_summary and item.content.value:
        summary = Text()
    published = parse_date(item.published) or parse_date(item.dated)
    most_title = limits.max_title_chars * MARKUP_FACTOR
    return Entry(
        guid=item.guid[: limits.max_title_chars],
        link=_link(item, urljoin_safely(base, address(item.base, limits)), limits),
        title=_cut(title.value, most_title),
        summary=_cut(summary.value, limits.max_text_chars * MARKUP_FACTOR),
        content=_cut(item.content.value, limits.max_text_chars * MARKUP_FACTOR),
        author=_cut(_joined(item.authors), MOST_NAME_CHARS),
        tags=tuple(dict.fromkeys(_cut(tag, MOST_NAME_CHARS) for tag in item.tags if tag))[: limits.max_tags],
        lang=item.lang[:MOST_LANG_CHARS],
        source_name=_cut(item.source_name, MOST_NAME_CHARS),
        source_url=item.source_url if len(item.source_url) <= limits.max_url_chars else "",
        published_at=published,
        updated_at=parse_date(item.updated),
        title_is_html=title.html if title.html is not None else looks_like_html(title.value[:most_title]),
        summary_is_html=summary.html is not False,
        content_is_html=item.content.html is not False,
    )


def newest(items: list[RawItem], count: int) -> list[RawItem]:
    """Return the newest items in document order. Undated ones count as old, and among them those nearer to an end of
    the document as newer: nobody says at which end a feed without dates puts what is new.
    """
    if len(items) <= count:
        return items
    moments, last = [item.moment() for item in items], len(items) - 1
    order = sorted(
        range(len(items)),
        key=lambda at: (-(moment.timestamp() if (moment := moments[at]) else 0), min(at, last - at), at),
    )
    return [items[at] for at in sorted(order[:count])]


def person(value: str) -> str:
    """Return the name out of `mail@host (Name)`, the form that RSS asks for; the address alone if there is no name."""
    found = _NAMED_MAIL.match(value)
    if found:
        return found.group(1).strip()
    without = _MAIL.sub("", value).strip(" <>()")
    return without or value


def looks_like_html(text: str) -> bool:
    """Return whether a text that may be plain holds a tag or a known entity: `R&amp;D` does, `a < b` and `&c;` do
    not.
    """
    found = _LOOKS_HTML.search(text)
    if found is None:
        return False
    if found.group().startswith("<") or "&#" in found.group():
        return True
    return any(name + ";" in html5 for name in _ENTITY.findall(text))


def unmangle(text: str) -> str:
    """Return text that was encoded to UTF-8 twice as it was meant ("Ã©" is "é"); any other text as it is.

    Every letter beyond ASCII must be part of such a pair, and there must be a letter that begins most of them but few
    words, or several pairs: French writes `é` before a no-break space and dots. Whole feeds come mangled like this.
    """
    pairs = len(_MANGLED.findall(text))
    if pairs == 0 or (pairs < _SURE_PAIRS and not _SURE_LEAD.search(text)):
        return text
    try:
        return bytes(_WINDOWS.get(letter, ord(letter)) for letter in text).decode("utf-8")
    except ValueError:
        return text


def urljoin_safely(base: str, url: str) -> str:
    """Return `url` made absolute, or as it is when it cannot be joined (brackets, bad ports)."""
    try:
        return urljoin(base, url)
    except ValueError:
        return url


def _link(item: RawItem, base: str, limits: ReadLimits) -> str:
    """Return the item's own page; the guid stands in for it only when the format says so and it is a web address."""
    written = item.link.strip()
    if not written and item.guid_is_link and is_web(address(item.guid, limits)):
        written = item.guid
    link = address(written or item.other_link, limits)
    return urljoin_safely(base, link) if link else ""


def address(url: str, limits: ReadLimits) -> str:
    """Return an address without what browsers drop from it: blanks at the ends, line breaks and controls within; ""
    for one that is too long.

    A long one is dropped, not cut: a cut address leads elsewhere.

    Source: WHATWG URL, section 4.4.
    """
    if len(url) > limits.max_url_chars * MARKUP_FACTOR:
        return ""
    url = url.strip().replace("&amp;", "&")  # some systems escape addresses twice
    url = _CONTROLS.sub(lambda found: "%20" if found.group() == " " else "", url)
    return url if len(url) <= limits.max_url_chars else ""


def _joined(names: list[str]) -> str:
    """Return names as one line; of thousands of authors only as many as are kept."""
    return ", ".join(dict.fromkeys(name[:MOST_NAME_CHARS] for name in names[:MOST_NAME_CHARS] if name))


def _cut(text: str, limit: int) -> str:
    return unmangle(text if len(text) <= limit else text[:limit])
