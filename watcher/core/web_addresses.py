"""The one reader of web addresses: whether a text is one, whose it is, and in which form it may be kept or shown.

An address that cannot be read is none: nothing here raises. The HTTP client reads the addresses that it dials by
itself (`network.client`), so that what is checked is what is dialled; URL keys (`core.articles.urls`) are for
comparing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

LONGEST_LINK: Final = 2048
"""Characters of an address that is shown as a link; mail programs and Slack cut longer ones."""

_REMEMBERED: Final = 512
"""A poll asks for host and origin of the same few addresses again and again."""

_PORTS: Final = {"http": 80, "https": 443}
# What no address holds: a browser sends the signs escaped and drops controls and direction marks.
_NOT_IN_ADDRESS: Final = re.compile(
    '[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\\\\<>"` ]'
)
# What could end a link, or hide in one, in Slack's markup, HTML or plain text.
_NOT_IN_MARKUP: Final = re.compile(r"[\x00-\x20\x7f-\xa0\"'<>\\^`{|}]|[\u2000-\u206f\u2028\u2029\ufeff\ud800-\udfff]")


def is_web(url: str) -> bool:
    """Return whether this is an absolute http or https address with a host; user and password may stand in it."""
    return _web(url) is not None


def is_exact_web(url: str) -> bool:
    """Return whether this is a web address in which no sign needs an escape, as configurations must give them."""
    return is_web(url) and _NOT_IN_MARKUP.search(url) is None


def host_of(url: str) -> str:
    """Return the host of an address in lower case, without brackets and the dot of a full name; "" when it has none.

    host_of("https://user@News.Example.:8443/1") is "news.example".
    """
    parts = _parts(url)
    return (parts.hostname or "").rstrip(".") if parts is not None else ""


def outlet_host(url: str) -> str:
    """Return the host of an address as a name for who publishes there: without "www."; "" when it has none."""
    return host_of(url).removeprefix("www.")


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port of an address; two addresses of one origin may share credentials and cookies.

    The port is that of the scheme where none is written; a user in the address makes no other origin. What cannot be
    read is an origin of its own.

    Source: RFC 6454 section 4.
    """
    parts = _parts(url)
    if parts is None:
        return "", url, None
    return parts.scheme, host_of(url), parts.port or _PORTS.get(parts.scheme)


def web_url(link: str, max_chars: int) -> str:
    """Return an address as it is kept: without credentials, its odd signs escaped; "" when it is no web address, too
    long, or holds what no address may hold.
    """
    link = link.strip()
    if not link or len(link) > max_chars:
        return ""
    parts = _web(_NOT_IN_ADDRESS.sub(_percent, link))
    if parts is None:
        return ""
    host = parts.hostname or ""
    place = f"[{host}]" if ":" in host else parts.netloc.rpartition("@")[2].partition(":")[0]
    if "%" in place:
        return ""
    place = place if parts.port is None else f"{place}:{parts.port}"
    return urlunsplit((parts.scheme.lower(), place, parts.path, parts.query, parts.fragment))


def safe_link(url: str) -> str:
    """Return an address that can stand in any markup, all odd characters percent-encoded, or "" for what is no web
    address, holds a user, or is longer than `LONGEST_LINK`.
    """
    url = url[: 2 * LONGEST_LINK].strip()
    parts = _web(url)
    if parts is None or "@" in parts.netloc:
        return ""
    safe = _NOT_IN_MARKUP.sub(lambda found: quote(found[0], safe="", errors="replace"), url)
    return safe if len(safe) <= LONGEST_LINK else ""


def _web(url: str) -> SplitResult | None:
    parts = _parts(url)
    return parts if parts is not None and parts.scheme in _PORTS and parts.hostname else None


@lru_cache(maxsize=_REMEMBERED)
def _parts(url: str) -> SplitResult | None:
    """Return the parts of an address, None where brackets, letters or the port of its host cannot be read."""
    try:
        parts = urlsplit(url)
        _ = parts.hostname, parts.port
    except ValueError:
        return None
    return parts


def _percent(found: re.Match[str]) -> str:
    """Write a letter that may not stand in an address as a browser sends it; controls and direction marks vanish."""
    letter = found.group()
    return "".join(f"%{byte:02X}" for byte in letter.encode()) if letter in '\\<>"` ' else ""
