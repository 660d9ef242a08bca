"""Where sites that people paste addresses of keep their feeds, which their pages do not always name.

Source: what each site documents, or has kept for years: YouTube feeds/videos.xml, Reddit .rss, Mastodon .rss, Bluesky
/rss, Google News /rss, GDELT DOC 2.0 format=rss.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit, urlunsplit

from watcher.core.web_addresses import is_web, outlet_host

_YOUTUBE: Final = "https://www.youtube.com/feeds/videos.xml"
_CHANNEL: Final = re.compile(r"UC[\w-]{22}")
# In the head of a channel's page, or in the data that its script reads; the canonical link is the surest.
_CHANNEL_OF_PAGE: Final = (
    re.compile(r"<link[^>]{0,200}rel=\"canonical\"[^>]{0,200}/channel/(UC[\w-]{22})"),
    re.compile(r"feeds/videos\.xml\?channel_id=(UC[\w-]{22})"),
    re.compile(r"\"(?:externalId|channelId)\":\"(UC[\w-]{22})\""),
)
_PAGE_CHARS: Final = 4_000_000
_GDELT: Final = {"mode": "artlist", "format": "rss"}
_ACCOUNT: Final = re.compile(r"^/u/\d{1,3}/")  # Google's address for who is signed in to several accounts
_MOST_RECORDS: Final = "250"


def feed_address(url: str) -> str:
    """Return where the feed of a page is, as far as its address alone says; "" where it says nothing, or is that of a
    feed.

    feed_address("https://www.reddit.com/r/korea/") is "https://www.reddit.com/r/korea/.rss".
    """
    if not is_web(url):
        return ""
    parts = urlsplit(url)
    host = outlet_host(url)
    make = _BY_HOST.get(host) or _BY_HOST.get(host.partition(".")[2])
    found = make(parts) if make is not None else ""
    return found if found != url else ""


def feed_of_page(url: str, html: str) -> str:
    """Return the feed that a page means without naming it in the usual way; "" where there is none.

    The page of a YouTube channel is a megabyte of script, and names the channel's id in it.
    """
    if outlet_host(url) not in {"youtube.com", "m.youtube.com"}:
        return ""
    page = html[:_PAGE_CHARS]
    found = next((match for pattern in _CHANNEL_OF_PAGE if (match := pattern.search(page))), None)
    return f"{_YOUTUBE}?channel_id={found.group(1)}" if found else ""


def _of_youtube(parts: SplitResult) -> str:
    steps = [step for step in parts.path.split("/") if step]
    query = dict(parse_qsl(parts.query))
    match steps:
        case ["playlist"] if "list" in query:
            return f"{_YOUTUBE}?playlist_id={quote(query['list'], safe='')}"
        case ["channel", channel, *_] if _CHANNEL.fullmatch(channel):
            return f"{_YOUTUBE}?channel_id={channel}"
    return ""  # the page of @name says which channel it is


def _of_reddit(parts: SplitResult) -> str:
    path = parts.path.rstrip("/")
    path = path.removesuffix(".json").rstrip("/")  # `/r/korea/.json` and `/r/korea.json` are that page for programs
    if path.endswith(".rss") or "/comments/" in path or not path:
        return ""
    query = _parameters(parts)
    if path.endswith("/search"):
        return _joined(parts, f"{path}.rss", [*(pair for pair in query if pair[0] != "sort"), ("sort", "new")])
    return _joined(parts, f"{path}/.rss", query)


def _of_bluesky(parts: SplitResult) -> str:
    match [step for step in parts.path.split("/") if step]:
        case ["profile", handle]:
            return _joined(parts, f"/profile/{handle}/rss", [])
    return ""


def _of_google_news(parts: SplitResult) -> str:
    shown = _ACCOUNT.sub("/", parts.path)
    if shown.startswith(("/search", "/topics/", "/topstories", "/home")):
        path = "" if shown.startswith(("/home", "/topstories")) else shown
        return _joined(parts, f"/rss{path}", _parameters(parts))
    return ""


def _of_gdelt(parts: SplitResult) -> str:
    query = dict(_parameters(parts))
    if parts.path != "/api/v2/doc/doc" or "query" not in query or query.get("format", "") in {"rss", "jsonfeed"}:
        return ""
    given = [pair for pair in _parameters(parts) if pair[0] not in _GDELT]
    usual = [pair for pair in (("maxrecords", _MOST_RECORDS), ("sort", "datedesc")) if pair[0] not in query]
    return _joined(parts, parts.path, [*usual, *given, *_GDELT.items()])


def _parameters(parts: SplitResult) -> list[tuple[str, str]]:
    """Return the parameters of an address in their order, those that are repeated or empty, too."""
    return parse_qsl(parts.query, keep_blank_values=True)


def _joined(parts: SplitResult, path: str, query: Sequence[tuple[str, str]]) -> str:
    return urlunsplit(("https", parts.netloc, path, urlencode(query), ""))


_BY_HOST: Final[Mapping[str, Callable[[SplitResult], str]]] = {
    "youtube.com": _of_youtube,
    "reddit.com": _of_reddit,
    "bsky.app": _of_bluesky,
    "news.google.com": _of_google_news,
    "api.gdeltproject.org": _of_gdelt,
}
