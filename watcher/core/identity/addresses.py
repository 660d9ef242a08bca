"""Addresses and guids as identity sees them: which part of them tells an article, and which part changed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

import regex

from watcher.core.articles.urls import LONGEST_URL, site, url_key
from watcher.core.identity.signs import Guid, Link

HOST: Final = "host"
GUID: Final = "guid"
PARAMETER: Final = "parameter "
"""The parts of addresses and guids that may be unstable; a parameter is named ("parameter sid")."""

_TELLING_PARAMETERS: Final = frozenset(
    {"v", "p", "a", "n", "id", "article", "story", "item", "post", "news", "page_id"}
)
_UNTELLING_SEGMENTS: Final = frozenset(
    {
        "latest", "live", "now", "today", "current", "index", "home", "default", "status", "update", "updates", "news",
        "feed", "rss", "view", "article", "story", "page", "show", "read", "item", "watch", "post", "alert", "alerts",
        "alarm", "alarms", "warning", "warnings", "event", "events", "breaking", "ticker", "main", "start",
    }
)  # fmt: skip
_EXTENSION: Final = regex.compile(r"\.(?:html?|php|aspx?|jsp|cgi|xml|shtml)$")


@dataclass(frozen=True, slots=True)
class Place:
    """An address taken apart: what tells its article, "" for none; `host` without it, and its parameters."""

    host: str
    path: str
    parameters: tuple[tuple[str, str], ...]
    fragment: str

    def text(self, unstable: frozenset[str]) -> str:
        """Return what is left when the unstable parts are gone."""
        kept = "&".join(f"{name}={value}" for name, value in self.parameters if PARAMETER + name not in unstable)
        host = "" if HOST in unstable else self.host
        return f"{host}{self.path}?{kept}#{self.fragment}"

    def ids(self, unstable: frozenset[str]) -> tuple[tuple[str, str], ...]:
        """Return the parameters that name an article ("id", "7")."""
        return tuple(
            (name, value)
            for name, value in self.parameters
            if name.casefold() in _TELLING_PARAMETERS and value and PARAMETER + name not in unstable
        )

    def is_telling(self, unstable: frozenset[str]) -> bool:
        """Return whether the address names one article: by its last segment, an id in its query, or a post of a
        page.
        """
        if self.ids(unstable):
            return True
        last = _EXTENSION.sub("", self.path.rstrip("/").rpartition("/")[2]).casefold()
        return bool(self.fragment) or (bool(last) and last not in _UNTELLING_SEGMENTS)


@lru_cache(maxsize=16384)
def place_of(url: str) -> Place | None:
    """Return the parts of a web address without trackers, None for what is none."""
    text = url_key(url).text
    return _place(text) if text else None


def _place(text: str) -> Place:
    parts = urlsplit(text)
    pairs = [pair.partition("=") for pair in parts.query.split("&") if pair]
    parameters = tuple((name, value) for name, _, value in pairs)
    return Place(parts.netloc, parts.path, parameters, parts.fragment)


def address_text(url: str, unstable: frozenset[str]) -> str:
    """Return what of a link tells its article ("nordpost.example/1?#"), "" where it tells none."""
    place = place_of(url)
    return place.text(unstable) if place is not None and place.is_telling(unstable) else ""


def compare_links(one: str, two: str, unstable: frozenset[str], shared: frozenset[str]) -> Link:
    """Return what two links say; `shared` are those, as `address_text` gives them, that name no article in this feed.

    Hosts of one site make no difference: publishers flip between `www2.x.example` and `x.example`.
    """
    first, second = address_text(one, unstable), address_text(two, unstable)
    if not first or not second or first in shared or second in shared:
        return Link.SILENT
    if first == second:
        return Link.SAME
    without = unstable | {HOST}
    if site(one) == site(two) and address_text(one, without) == address_text(two, without):
        return Link.SAME
    if numbered(first) and numbered(first) == numbered(second):
        return Link.SAME
    return Link.ID if _differ_by_id(one, two, unstable) else Link.OTHER


_PAGE_NUMBER: Final = regex.compile(r"(?<![0-9])(?!(?:19|20)\d{6}(?!\d))(\d{5,})(?:\.[a-z]+)?\?#$")


def numbered(told: str) -> str:
    """Return what stays of an address when its slug is rewritten ("ferry-sinks-51200"): folder and long number; "" =
    none.
    """
    number = _PAGE_NUMBER.search(told)
    return f"{told.rpartition('/')[0]} {number.group(1)}" if number else ""


def _differ_by_id(one: str, two: str, unstable: frozenset[str]) -> bool:
    """Return whether two links are one page with another id in its query ("v?id=7", "v?id=8")."""
    first, second = place_of(one), place_of(two)
    if first is None or second is None or (first.host, first.path) != (second.host, second.path):
        return False
    ids = first.ids(unstable), second.ids(unstable)
    return bool(ids[0]) and bool(ids[1]) and ids[0] != ids[1]


_COUNTER: Final = regex.compile(r"(?:#\d{1,6}|[?&][a-z_]{1,12}=\d{9,14})$", flags=regex.I)
"""BBC counts edits behind the link ("#0", "#1"), Al Jazeera puts the time there ("?t=1771374614")."""


def compare_guids(one: tuple[str, str], two: tuple[str, str], unstable: frozenset[str], *, hosts_moved: bool) -> Guid:
    """Return what two (guid, own link) pairs say.

    What differs only behind the item's own link, or is a bare counter or time, says nothing. One that is equal but
    for scheme and host is a hint, believed where most items of the document changed host at once, or where both hosts
    are of one site.
    """
    first, second = one[0].strip(), two[0].strip()
    if GUID in unstable or not first or not second:
        return Guid.SILENT
    if first == second:
        return Guid.SAME
    if _is_behind_link(*one) and _is_behind_link(*two):
        return Guid.SILENT
    if _COUNTER.sub("", first) == _COUNTER.sub("", second):
        return Guid.SILENT
    return _compare_urls(first, second, unstable, hosts_moved=hosts_moved)


def _compare_urls(one: str, two: str, unstable: frozenset[str], *, hosts_moved: bool) -> Guid:
    """Return what two guids that differ say by their parts, where they are addresses."""
    first, second = _url_of(one), _url_of(two)
    if first is None or second is None:
        return Guid.OTHER
    if first.text(unstable) == second.text(unstable):
        return Guid.SAME
    without = unstable | {HOST}
    if first.text(without) != second.text(without):
        return Guid.OTHER
    return Guid.SAME if hosts_moved or site(one) == site(two) else Guid.SILENT


def _is_behind_link(guid: str, link: str) -> bool:
    """Return whether a guid is the item's own link and a little more ("https://x/1#0")."""
    link = link.strip()
    return bool(link) and guid.startswith(link) and guid[len(link) : len(link) + 1] in {"", "#", "?", "&"}


def _url_of(guid: str) -> Place | None:
    """Return a guid that is an address taken apart, with all of its parameters, None for other guids."""
    if "://" not in guid or len(guid) > LONGEST_URL:
        return None
    try:
        return _place(guid)
    except ValueError:
        return None


def changed_parts(one: tuple[str, str], two: tuple[str, str]) -> frozenset[str]:
    """Return which parts of two (guid, link) pairs of one item differ: parameters, the host, or the guid itself."""
    found: set[str] = set()
    for first, second in ((place_of(one[1]), place_of(two[1])), (_url_of(one[0]), _url_of(two[0]))):
        if first is not None and second is not None:
            found |= _differing(first, second)
    if one[0] != two[0] and not (found and _explains(one[0], two[0], frozenset(found))):
        found.add(GUID)
    return frozenset(found)


def _differing(one: Place, two: Place) -> set[str]:
    if one.path != two.path:
        return set()
    names = {name for name, _ in set(one.parameters) ^ set(two.parameters)}
    return {PARAMETER + name for name in names} | ({HOST} if one.host != two.host else set())


def _explains(one: str, two: str, parts: frozenset[str]) -> bool:
    """Return whether two guids are equal but for these parts."""
    first, second = _url_of(one), _url_of(two)
    return first is not None and second is not None and first.text(parts) == second.text(parts)
