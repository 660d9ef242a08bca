"""Links that may do one thing until a time: signed, so that whoever holds one needs no token of the page.

A link opens a page that asks; only a form sent from there, or one click of a mail program (RFC 8058), changes
something.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from watcher.core.model.secret import Secret

LASTS: Final = timedelta(days=30)
"""So long after its message a link works."""

_LONGEST: Final = 2048
_SIGNATURE_BYTES: Final = 16


class LinkTo(StrEnum):
    """What a link may do."""

    MUTE_STORY = "mute"
    UNSUBSCRIBE = "unsubscribe"
    VOTE = "vote"


@dataclass(frozen=True, slots=True)
class SignedLink:
    """What a link is for: on which channel, and what of it (a story, a recipient, an alert); it ends at a time.
    `reader` is whose mail it stands in, "" where that is not known.
    """

    to: LinkTo
    channel: str
    what: str
    ends_at: datetime
    reader: str = ""


class LinkSigner:
    """Makes and reads signed links with one key; what another key signed, or somebody changed, is no link."""

    def __init__(self, key: Secret) -> None:
        self._key = key

    def sign(self, link: SignedLink) -> str:
        """Return the last part of the link's path: what it is for, and a signature, in letters that need no escape."""
        parts = [link.to.value, link.channel, link.what, int(link.ends_at.timestamp())]
        parts += [link.reader] if link.reader else []
        said = json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()
        return f"{_text(said)}.{_text(self._signature(said))}"

    def read(self, text: str, now: datetime) -> SignedLink | None:
        """Return what a link is for; None where it is none of ours, was changed, or is over."""
        said, _, signature = text.partition(".")
        raw, given = _bytes(said), _bytes(signature)
        # Compared in constant time, so that the answer's delay does not tell how much was right.
        if len(text) > _LONGEST or not hmac.compare_digest(self._signature(raw), given):
            return None
        to, channel, what, ends, *reader = json.loads(raw)
        ends_at = datetime.fromtimestamp(ends, UTC)
        return SignedLink(LinkTo(to), channel, what, ends_at, "".join(reader)) if now < ends_at else None

    def _signature(self, said: bytes) -> bytes:
        digest = hmac.new(self._key.reveal().encode(), b"watcher link 1\0" + said, hashlib.sha256).digest()
        return digest[:_SIGNATURE_BYTES]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def _bytes(text: str) -> bytes:
    """Return the bytes of a part; b"" where it is not exactly one that `_text` gave."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return b""
    return raw if _text(raw) == text else b""
