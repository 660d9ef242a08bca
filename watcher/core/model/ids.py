"""Ids: their types, and the 16-byte digests behind the public ones."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Final, NewType

FeedId = NewType("FeedId", str)  # f…
ArticleId = NewType("ArticleId", str)  # a…
StoryId = NewType("StoryId", str)  # s…
AlertId = NewType("AlertId", str)  # l…
MessageId = NewType("MessageId", str)  # m…, also the idempotency key
DeliveryId = NewType("DeliveryId", str)  # d…
RuleId = NewType("RuleId", str)  # the slug that the user sees
ChannelName = NewType("ChannelName", str)  # the name in `channels:`

KEY_VERSION = 2
"""Raise it when any digest of `digest` or any key in core.dedup.keys changes; look-ups then use this and the last
one.
"""

DIGEST_BYTES = 16
_ENCODED_LENGTH: Final = 26  # 16 bytes in base32 without padding
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz234567"  # base32, RFC 4648 section 6, in lower case
_PAIRS: Final = tuple(one + two for one in _LETTERS for two in _LETTERS)
_PAIR_AT: Final = tuple(range(120, -1, -10))
"""26 letters hold 130 bits, two letters ten; the last two bits are padding."""
_AS_PYTHON: Final = dict.fromkeys(range(128), "!") | {
    ord(letter): digit
    for letters in (_LETTERS, _LETTERS.upper())
    for letter, digit in zip(letters, "0123456789abcdefghijklmnopqrstuv", strict=True)
}
"""The digits of Python's numbers of base 32; what is no letter of ours stands for none of them."""
_REMEMBERED: Final = 8192
"""A poll reads and writes the ids of the same few hundred articles and alerts again and again."""


def digest(kind: str, *parts: str) -> bytes:
    """Return a 16-byte digest of `parts` that stays the same over processes, machines and releases.

    Parts are length-prefixed, so ("ab", "c") and ("a", "bc") differ; `kind` keeps the digests of different things
    apart.

    Source: BLAKE2b, RFC 7693, with its personalisation field.
    """
    state = hashlib.blake2b(digest_size=DIGEST_BYTES, person=kind.encode("ascii")[:16])
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        state.update(len(raw).to_bytes(8, "big"))
        state.update(raw)
    return state.digest()


@lru_cache(maxsize=_REMEMBERED)
def public_id(prefix: str, raw: bytes) -> str:
    """Return the public form of a digest: a one-letter prefix and 26 lower-case base32 letters."""
    number = int.from_bytes(raw, "big") << 2
    return prefix + "".join([_PAIRS[number >> at & 1023] for at in _PAIR_AT])


def article_id(feed: str, item: bytes) -> ArticleId:
    """Return the id of the first article that a feed gives under an item's key."""
    return ArticleId(public_id("a", digest("article", feed, item.hex())))


@lru_cache(maxsize=_REMEMBERED)
def raw_id(text: str) -> bytes:
    """Return the digest behind a public id.

    Raises:
        ValueError: the text is not a whole public id.
    """
    body = text[1:]
    if len(body) != _ENCODED_LENGTH or not body.isascii():
        raise ValueError(f"not an id: {text!r}")
    return (int(body.translate(_AS_PYTHON), 32) >> 2).to_bytes(DIGEST_BYTES, "big")
