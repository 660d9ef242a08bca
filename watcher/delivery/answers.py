"""Makes a receiver's answer fit to be stored: short, on one line, without our secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from watcher.core.alerts.marked import shown
from watcher.core.model.secret import Secret

MAX_ANSWER_BYTES = 2048
_STARS = "***"
_MIN_SECRET_CHARS = 4  # shorter pieces of an address are words that an answer may well hold
_LONG_CHARS = 12  # a piece without a digit is taken for a token from this length on
_TOKENS = re.compile(r"xox[a-z]-[\w-]{6,}|whsec_[\w+/=-]{6,}|(?i:bearer|basic) [\w.~+/=-]{8,}|//[^\s/@]+:[^\s/@]+@")


def masked(answer: str, secrets: Iterable[Secret]) -> str:
    """Return `answer` on one line of at most 2 KiB, with stars where one of `secrets`, or a part of a secret address, stood."""
    text = answer
    for part in sorted({part for secret in secrets for part in _parts(secret.reveal())}, key=len, reverse=True):
        text = text.replace(part, _STARS)
    text = shown(_TOKENS.sub(_STARS, text))
    return text.encode()[:MAX_ANSWER_BYTES].decode(errors="ignore")


def _parts(secret: str) -> set[str]:
    """Return a secret and, if it is an address, what is secret in it: user, password, path, query and their pieces."""
    parts = {secret, unquote(secret)}
    try:
        url = urlsplit(secret)
    except ValueError:
        url = urlsplit("")
    if url.scheme and url.netloc:
        parts |= {url.path, url.query, url.username or "", url.password or ""}
        parts |= {
            piece
            for piece in re.split(r"[/?&=]", f"{url.path}?{url.query}")
            if len(piece) >= _LONG_CHARS or any(map(str.isdigit, piece))
        }
        parts |= {unquote(part) for part in parts}
    return {part for part in parts if len(part) >= _MIN_SECRET_CHARS}
