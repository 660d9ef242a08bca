"""Where sites that people paste addresses of keep their feeds, which their pages do not always name.

Source: what each site documents, or has kept for years: YouTube feeds/videos.xml, Reddit .rss, Mastodon .rss, Bluesky
/rss, Google News /rss, GDELT DOC 2.0 format=rss.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
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
    if path.endswith(".rss") or "/comments/" in path or not path:
        return ""
    if path.endswith("/search"):
        return _joined(parts, f"{path}.rss", {**dict(parse_qsl(parts.query)), "sort": "new"})
    return _joined(parts, f"{path}/.rss", dict(parse_qsl(parts.query)))


def _of_bluesky(parts: SplitResult) -> str:
    match [step for step in parts.path.split("/") if step]:
        case ["profile", handle]:
            return _joined(parts, f"/profile/{handle}/rss", {})
    return ""


def _of_google_news(parts: SplitResult) -> str:
    if parts.path.startswith(("/search", "/topics/", "/topstories", "/home")):
        path = "" if parts.path.startswith(("/home", "/topstories")) else parts.path
        return _joined(parts, f"/rss{path}", dict(parse_qsl(parts.query)))
    return ""


def _of_gdelt(parts: SplitResult) -> str:
    query = dict(parse_qsl(parts.query))
    if parts.path != "/api/v2/doc/doc" or "query" not in query or query.get("format", "") in {"rss", "jsonfeed"}:
        return ""
    return _joined(parts, parts.path, {"maxrecords": _MOST_RECORDS, "sort": "datedesc", **query, **_GDELT})


def _joined(parts: SplitResult, path: str, query: Mapping[str, str]) -> str:
    return urlunsplit(("https", parts.netloc, path, urlencode(query), ""))


_BY_HOST: Final[Mapping[str, Callable[[SplitResult], str]]] = {
    "youtube.com": _of_youtube,
    "reddit.com": _of_reddit,
    "bsky.app": _of_bluesky,
    "news.google.com": _of_google_news,
    "api.gdeltproject.org": _of_gdelt,
}
