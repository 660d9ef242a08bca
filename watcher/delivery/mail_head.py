"""The head of a mail: each line is written here, so that a text from outside is data in it and never a header.

The library's own encoder takes `=?utf-8?q?army=0D=0ABcc:_victim@example.org?=` in a title for a word that is encoded
already, decodes it, and writes the line break and the Bcc that were in it (Python 3.11.7 and 3.12.1), or raises
(`=?utf-7?q?+2AA-?=`).
"""

from __future__ import annotations

import base64
from collections.abc import Collection
from email.message import EmailMessage
from email.policy import SMTP

POLICY = SMTP.clone(refold_source="none")
"""Writes a header that was set raw as it stands."""

PART_HEADERS = frozenset({"MIME-Version", "Content-Type", "Content-Transfer-Encoding"})
"""What the library adds for the body; nothing from outside is in them."""

_WORD_BYTES = 45  # 60 letters of base64, and 12 around them: an encoded word has at most 75
_LINE_CHARS = 76
_MAX_LINE_BYTES = 998


def set_header(mail: EmailMessage, name: str, text: str) -> None:
    """Add a header that says `text`, whatever stands in it."""
    mail.set_raw(name, header_value(text, len(name) + 2))


def set_list(mail: EmailMessage, name: str, parts: Collection[str]) -> None:
    """Add a header of parts that are known to be plain, such as mail addresses, one a line where they do not fit on
    one.
    """
    whole = ", ".join(parts)
    mail.set_raw(name, whole if len(whole) + len(name) + 2 <= _LINE_CHARS else ",\r\n ".join(parts))


def header_value(text: str, used: int = 0) -> str:
    """Return `text` as the value of a header, folded; `used` characters stand before it on its first line.

    Printable ASCII stays as it is unless it holds `=?`; anything else becomes encoded words, all of it, so that no
    text stands between them.

    Source: RFC 2047 sections 2 and 5 (1), RFC 5322 section 2.2.3.
    """
    is_plain = all(" " <= letter <= "~" for letter in text) and "=?" not in text and text == text.strip()
    return _folded(text, used) if is_plain else "\r\n ".join(encoded_words(text))


def encoded_words(text: str) -> list[str]:
    """Return `text` as encoded words in UTF-8, each cut between letters; a lone surrogate is a question mark."""
    words, piece = [], b""
    for letter in text:
        raw = letter.encode("utf-8", "replace")
        if len(piece) + len(raw) > _WORD_BYTES:
            words.append(piece)
            piece = b""
        piece += raw
    return [f"=?utf-8?b?{base64.b64encode(word).decode('ascii')}?=" for word in [*words, piece]]


def display_name(name: str) -> str:
    """Return a name as it stands before an address: as it is, between quotes, or encoded.

    Source: RFC 5322 section 3.2.4 (quoted string), RFC 2047 section 5 (3).
    """
    if not name.isascii() or "=?" in name or not name.isprintable():
        return "\r\n ".join(encoded_words(name))
    if name.replace(" ", "").isalnum():
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def foreign_line(mail: bytes, names: Collection[str]) -> bytes:
    """Return the first line in the head of a finished mail that is not a header of `names`, each once, or its
    continuation; b"" = none.
    """
    head, blank, _ = mail.partition(b"\r\n\r\n")
    left = {name.encode("ascii") for name in names} | {name.encode("ascii") for name in PART_HEADERS}
    for number, line in enumerate(head.split(b"\r\n")):
        is_whole = not (set(line) & {0, 10, 13}) and line.isascii() and len(line) <= _MAX_LINE_BYTES
        name = line.partition(b": ")[0]
        if is_whole and number and line[:1] == b" " and line.strip():
            continue
        if not is_whole or name not in left or not blank:
            return line or b"(an empty line)"
        left.remove(name)
    return b""


def _folded(text: str, used: int) -> str:
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and used + len(lines[-1]) + 1 + len(word) > _LINE_CHARS:
            lines.append("")
            used = 0
        lines[-1] += f" {word}" if lines[-1] or len(lines) > 1 else word
    return "\r\n".join(lines)
