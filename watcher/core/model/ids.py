"""Ids: their types, and the 16-byte digests behind the public ones."""

from __future__ import annotations

import base64
import hashlib
from typing import NewType

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
_ENCODED_LENGTH = 26  # 16 bytes in base32 without padding


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


def public_id(prefix: str, raw: bytes) -> str:
    """Return the public form of a digest: a one-letter prefix and 26 lower-case base32 letters."""
    return prefix + base64.b32encode(raw).decode("ascii").rstrip("=").lower()


def raw_id(text: str) -> bytes:
    """Return the digest behind a public id.

    Raises:
        ValueError: the text is not a whole public id.
    """
    body = text[1:].upper()
    if len(body) != _ENCODED_LENGTH:
        raise ValueError(f"not an id: {text!r}")
    return base64.b32decode(body + "=" * 6)
