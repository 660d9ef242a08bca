"""WebSub: what a feed says of its hub, and whether what comes from there is from there.

Source: W3C Recommendation "WebSub" (2018), sections 4 (discovery), 5 (subscribing), 7 (authenticated distribution).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from watcher.core.web_addresses import is_web

LEASE_WISHED: Final = timedelta(days=5)
SHORTEST_LEASE: Final = timedelta(minutes=5)
LONGEST_LEASE: Final = timedelta(days=30)
RARELY: Final = timedelta(hours=1)
"""How often a feed is polled whose hub tells of what is new: what the hub forgets comes an hour late."""

MOST_PUSHED_BYTES: Final = 1024 * 1024
_MOST_HEADER: Final = 10_000
_LINK: Final = re.compile(r"<([^<>\s]{1,2048})>([^<>]{0,500})")
_REL: Final = re.compile(r";\s*rel\s*=\s*\"?([^\";,]{1,100})", re.IGNORECASE)
_METHODS: Final = ("sha1", "sha256", "sha384", "sha512")


def hub_in(header: str) -> tuple[str, str]:
    """Return the hub and the own address that a Link header names, "" for none.

    hub_in('<https://hub.example/>; rel="hub", <https://a.example/feed>; rel="self"') is the two addresses.
    """
    said = dict(_said(header[:_MOST_HEADER]))
    return said.get("hub", ""), said.get("self", "")


def _said(header: str) -> Iterator[tuple[str, str]]:
    for address, more in reversed(_LINK.findall(header)):  # the first of a kind counts
        rel = _REL.search(more)
        if rel is not None and is_web(address):
            for word in rel.group(1).lower().split():
                yield word, address


def subscription(topic: str, callback: str, secret: str) -> bytes:
    """Return the form that asks a hub for a subscription, or for a longer one."""
    fields = {
        "hub.mode": "subscribe",
        "hub.topic": topic,
        "hub.callback": callback,
        "hub.secret": secret,
        "hub.lease_seconds": str(int(LEASE_WISHED.total_seconds())),
    }
    return urlencode(fields).encode("ascii")


def lease_of(said: str) -> timedelta:
    """Return how long a subscription lasts, by what the hub said; within sensible bounds."""
    seconds = int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0
    return min(max(timedelta(seconds=seconds), SHORTEST_LEASE), LONGEST_LEASE) if seconds else LEASE_WISHED


def is_signed(headers: Mapping[str, str], secret: str, body: bytes) -> bool:
    """Return whether a body was signed with the secret; without a signature it was not."""
    method, _, signature = headers.get("x-hub-signature", "").partition("=")
    method = method.strip().lower()
    if method not in _METHODS:
        return False
    expected = hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.strip().lower().encode("ascii", "replace"))
