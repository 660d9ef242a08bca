"""Makes a receiver's answer fit to be stored: short, on one line, without our secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from watcher.core.model.secret import Secret
from watcher.telling.marked import shown

MAX_ANSWER_BYTES = 2048
_STARS = "***"
_MIN_SECRET_CHARS = 4  # shorter pieces of an address are words that an answer may well hold
_LONG_CHARS = 12  # a piece without a digit is taken for a token from this length on
_READ_CHARS = 8 * MAX_ANSWER_BYTES  # what is looked at; masking and cleaning rarely leave less than is kept
_EDGE_CHARS = 512  # a secret that the end of what is read cuts in two is not known for one
# Every run has a bound: a receiver that answered 64 kB of `//a:a:a:` held the loop for 52 s.
_ESCAPED = {
    "&": "amp",
    "<": "lt",
    ">": "gt",
    '"': "quot",
    "'": "apos",
    "/": "sol",
    "+": "plus",
    "=": "equals",
    "\\": "bsol",
}
"""The signs that writers of JSON and HTML escape, with their names in HTML."""
_TOKENS = re.compile(
    r"xox[a-z]-[\w-]{6,400}|whsec_[\w+/=-]{6,400}|(?i:bearer|basic) [\w.~+/=-]{8,2000}|//[^\s/@:]{1,200}:[^\s/@]{1,200}@"
)


def masked(answer: str, secrets: Iterable[Secret]) -> str:
    """Return `answer` on one line of at most 2 KiB, with stars where one of `secrets`, or a part of a secret address,
    stood.

    Of a long answer only the beginning is looked at, so that the work is bounded whatever a receiver sends.
    """
    parts = sorted({part for secret in secrets for part in _parts(secret.reveal())}, key=len, reverse=True)
    text = _starred(answer[:_READ_CHARS], parts)
    if len(answer) > _READ_CHARS:
        text = text[: -max(_EDGE_CHARS, *map(len, parts), 1)]
    cleaned = shown(text)
    if cleaned != text:
        # What cleaning takes out of the middle of a secret (a NUL, a zero-width space) makes it whole again.
        cleaned = _starred(cleaned, parts)
    return cleaned.encode()[:MAX_ANSWER_BYTES].decode(errors="ignore")


def _starred(text: str, parts: Iterable[str]) -> str:
    for part in parts:
        text = _spelt(part).sub(_STARS, text)
    return _TOKENS.sub(_STARS, text)


@lru_cache(maxsize=1024)
def _spelt(part: str) -> re.Pattern[str]:
    r"""Return what finds a piece of a secret as proxies and error pages repeat it: in capitals or small letters, its
    signs as in an address (%2F, %252F), as in JSON (\/, \u002f), and as in HTML (&amp;, &#47;, &#x2f;).
    """
    return re.compile("".join(map(_one_spelt, part)), re.IGNORECASE)


def _one_spelt(letter: str) -> str:
    written = re.escape(letter)
    coded = "".join(f"%(?:25){{0,3}}{byte:02x}" for byte in letter.encode("utf-8", "surrogatepass"))
    if letter not in _ESCAPED:
        return f"(?:{written}|{coded})"
    code = ord(letter)
    return rf"(?:\\?{written}|{coded}|\\u{code:04x}|&(?:#0{{0,6}}{code}|#x0{{0,6}}{code:x}|{_ESCAPED[letter]});)"


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
    return {_decoded(part) for part in parts if len(part) >= _MIN_SECRET_CHARS}


def _decoded(part: str) -> str:
    """Return a piece without its percent signs, by which it is found with them too: one pattern instead of two."""
    decoded = unquote(part)
    return part if len(decoded) < _MIN_SECRET_CHARS or "\ufffd" in decoded else decoded
