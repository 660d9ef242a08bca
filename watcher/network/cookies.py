"""Cookies that a server sets on the way to an answer: they live for one exchange, go back to their own origin, and
are gone.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable

_MOST_COOKIES = 20
_LONGEST_COOKIE = 4096
# What may stand in a Cookie header without changing its meaning; RFC 6265 section 4.1.1, with the signs that servers
# use beyond it.
_PAIR = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]{1,200})=([\x20-\x3a\x3c-\x7e\xa0-\xff]*)")
_ENDED = re.compile(r";\s*max-age\s*=\s*[\"']?(?:-|0+\b)", re.IGNORECASE)


class ExchangeCookies:
    """The cookies of one exchange, by origin; a flood of them is cut at twenty an origin."""

    def __init__(self) -> None:
        self._by_origin: dict[Hashable, dict[str, str]] = {}
        self.came = False

    def take(self, origin: Hashable, set_cookies: Iterable[str]) -> None:
        """Keep what the Set-Cookie headers of one answer say; a cookie that cannot be sent back is left out."""
        kept = self._by_origin.setdefault(origin, {})
        for text in set_cookies:
            self.came = True
            found = _PAIR.fullmatch(text[:_LONGEST_COOKIE].partition(";")[0].strip())
            if found is None:
                continue
            name, value = found.groups()
            if _ENDED.search(text[:_LONGEST_COOKIE]):
                kept.pop(name, None)
            elif name in kept or len(kept) < _MOST_COOKIES:
                kept[name] = value

    def header(self, origin: Hashable, configured: str = "") -> str:
        """Return the Cookie header for an origin, "" for none; of one name, the server's newest value goes before the
        configured one.
        """
        kept = self._by_origin.get(origin, {})
        pairs = [pair for part in configured.split(";") if (pair := part.strip()) and pair.split("=")[0] not in kept]
        return "; ".join([*pairs, *(f"{name}={value}" for name, value in kept.items())])
