"""Find the feeds of a web page: those that it names, else addresses where sites usually keep one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Final

from watcher.core.feeds.raw import urljoin_safely
from watcher.core.web_addresses import host_of, is_web, web_url

MOST_GUESSES: Final = 8
"""So many addresses are tried where a page names no feed: each is a request to a stranger's server."""

_HEAD_CHARS = 200_000
_BODY_CHARS = 1_000_000
_MAX_ADDRESS_CHARS = 300
_MOST_NAMED = 50
_LINK_TAG = re.compile(r"<link\b([^<>]{1,2000})>", re.IGNORECASE)
_ANCHOR_TAG = re.compile(r"<a\b([^<>]{1,2000})>", re.IGNORECASE)
# From the start of a name only, so that a long word is looked through once.
_ATTRIBUTE = re.compile(
    r"(?<![\w:.-])([\w:.-]{1,60}+)\s*+=\s*+(?:\"([^\"]{0,2000})\"|'([^']{0,2000})'|([^\s\"'>]{1,2000}))"
)
_KINDS = {
    "application/rss+xml": "RSS",
    "application/atom+xml": "Atom",
    "application/feed+json": "JSON Feed",
    "application/rdf+xml": "RDF",
}
_LOOKS_LIKE_A_FEED = re.compile(
    r"(?:/|\.|[-_])(?:rss|feed|feeds|atom)(?:[/.?_-]|\Z)|\.(?:rss|atom|rdf)\Z", re.IGNORECASE
)
_MASTODON = re.compile(r"https?://[^/]+/(?:@[\w.-]+|tags/[^/]+)\Z")
# Where WordPress, Ghost, Hugo, Jekyll, Drupal and Blogger keep theirs.
_USUAL_PATHS = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml")


@dataclass(frozen=True, slots=True)
class NamedFeed:
    """A feed that a page names: its absolute address, and what the page says of it ("" = nothing)."""

    url: str
    title: str = ""
    kind: str = ""


def named_feeds(html: str, url: str) -> tuple[NamedFeed, ...]:
    """Return the feeds that a web page at `url` names in its head, in its order, each once.

    Source: RSS Advisory Board, RSS Autodiscovery.
    """
    found: dict[str, NamedFeed] = {}
    for values in _tags(_LINK_TAG, html[:_HEAD_CHARS]):
        kind = _KINDS.get(values.get("type", "").lower().partition(";")[0].strip(), "")
        if "alternate" in values.get("rel", "").lower().split() and kind:
            address = _address(url, values)
            if address:
                found.setdefault(address, NamedFeed(address, " ".join(values.get("title", "").split()), kind))
    return tuple(found.values())[:_MOST_NAMED]


def likely_feeds(html: str, url: str) -> tuple[str, ...]:
    """Return addresses on the page's own site that may be feeds though it names none: links that look like one, then
    the usual places; at most `MOST_GUESSES`.
    """
    host = host_of(url)
    links = (_address(url, values) for values in _tags(_ANCHOR_TAG, html[:_BODY_CHARS]))
    found = [address for address in links if _is_on(address, host) and _LOOKS_LIKE_A_FEED.search(address)]
    usual = [address for path in _USUAL_PATHS if _is_on(address := urljoin_safely(url, path), host)]
    linked = list(dict.fromkeys(found))[: MOST_GUESSES // 2]
    return tuple(dict.fromkeys((*_as_mastodon(url), *linked, *usual)))[:MOST_GUESSES]


def _as_mastodon(url: str) -> tuple[str, ...]:
    """Return where a server of Mastodon, of which there are thousands, keeps the feed of an account or tag."""
    page = url.partition("?")[0].rstrip("/")
    return (f"{page}.rss",) if _MASTODON.search(page) else ()


def _tags(tag: re.Pattern[str], html: str) -> Iterator[dict[str, str]]:
    for inside in tag.findall(html):
        yield {
            name.lower(): unescape(double or single or bare)
            for name, double, single, bare in _ATTRIBUTE.findall(inside)
        }


def _address(page: str, values: Mapping[str, str]) -> str:
    """Return where a tag of a page leads, odd signs escaped; "" for what is no web address or too long."""
    return web_url(urljoin_safely(page, values.get("href", "").strip()), _MAX_ADDRESS_CHARS)


def _is_on(address: str, host: str) -> bool:
    return is_web(address) and bool(host) and host_of(address) == host
