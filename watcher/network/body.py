"""Decodes an answer's body as it arrives, by what its bytes are, within limits that hold for the decoded size and for
the work.

What the bytes are outweighs what Content-Encoding says: servers send plain XML as "gzip" (a cache that unpacked it),
gzip without a word (a file put up packed), gzip twice (a proxy that packed it again), and words that are no coding
(`aws-chunked` of S3, `utf-8`). The word is needed only for deflate without a header, and to name what we cannot undo.

Measured with 300 MB of zeros in 306 kB of gzip: a client that decodes whole network chunks and counts afterwards
grows by 260 MB; this one by the limit.
"""

from __future__ import annotations

import codecs
import re
import zlib
from typing import Protocol

from watcher.core.model.outcome import FetchProblemKind
from watcher.errors import FetchError

_STEP_BYTES = 64 * 1024
_SLICE_BYTES = 1024
"""So many packed bytes are taken at once: they unpack to a megabyte at most."""

_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_GZIP_MAGIC = b"\x1f\x8b"
_MOST_LAYERS = 3
_MOST_MEMBERS = 2000
"""Gzip members of one body; a file of 10 MiB in the small blocks of bgzip has 160."""

_SNIFFED_BYTES = 512
"""So much of a body that is said to be packed is looked at before it is taken for plain text, or for deflate without
a header.
"""

_LEAST_BYTES = 512
"""Less of a body that is cut short holds no item; that its packing broke off is then the better word for it."""

_PLAIN = frozenset({"", "identity", "none", "binary", "utf-8", "utf8", "aws-chunked"})
_ZLIB_HEADS = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_TEXT = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff|\x00)?[\s\x00]*[<{\[]")
_NO_TEXT = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")


class _Inflater(Protocol):
    """The part of zlib's decompressor that is used here."""

    @property
    def unconsumed_tail(self) -> bytes: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def eof(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


class _Unpacker:
    """Undoes one layer of gzip or deflate."""

    def __init__(self, coding: str, inflater: _Inflater) -> None:
        self.coding = coding
        self.members = 1
        self._inflater = inflater
        self._held_back = b""  # one byte at the start of a gzip member, while two are needed
        self._padded = False

    def unpack(self, data: bytes) -> tuple[bytes, bytes]:
        """Return what the beginning of the data unpacks to, 64 KiB at most, and the packed rest.

        Raises:
            FetchError: bad_encoding; the data is broken, or made of thousands of members.
        """
        data, self._held_back = self._held_back + data, b""
        if self._padded:
            return b"", b""
        if self._inflater.eof:
            if len(data) < len(_GZIP_MAGIC):
                self._held_back = data
                return b"", b""
            if self.coding != "gzip" or not data.startswith(_GZIP_MAGIC):
                self._padded = True  # some servers send filling behind the end; every client ignores it
                return b"", b""
            self.members += 1
            if self.members > _MOST_MEMBERS:
                raise _bad(f"the gzip data is made of more than {_MOST_MEMBERS} members")
            self._inflater = zlib.decompressobj(_GZIP_WINDOW)
        try:
            part = self._inflater.decompress(data, _STEP_BYTES)
        except zlib.error as error:
            raise _bad(f"the {self.coding} data is broken ({error})") from error
        return part, self._inflater.unused_data if self._inflater.eof else self._inflater.unconsumed_tail

    @property
    def cut(self) -> bool:
        """Whether the end of the packed data is missing."""
        return not self._inflater.eof


class BodyDecoder:
    """Takes the bytes of one answer in order; holds at most `limit_bytes` of decoded body and one step more."""

    def __init__(self, content_encoding: str, limit_bytes: int) -> None:
        self._codings = _codings(content_encoding)
        self._limit = limit_bytes
        self._layers: list[_Unpacker] = []
        self._sizes = [0]  # of what came out of each layer; the first is that of the wire
        self._start: bytes | None = (
            b""  # of what the innermost layer gave, until it is known what that is; None = it is the body
        )
        self._parts: list[bytes] = []
        self.work = 0
        """How much was done: one for each piece taken, each 64 KiB and each gzip member; by it the caller gives
        others their turn.
        """

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the wire, at most `bite` of them where others wait for their turn.

        Raises:
            FetchError: too_big; or bad_encoding, the compressed data is broken or in a coding that is not undone.
        """
        self._take(0, data)

    @property
    def bite(self) -> int:
        """How many bytes of the wire to feed at most, so that unpacking them costs little."""
        return _SLICE_BYTES if self._layers or self._start is not None else _STEP_BYTES

    def finish(self, *, keep_cut: bool = False) -> bytes:
        """Return the whole decoded body; where packed data ended too early and `keep_cut`, what came of it.

        Raises:
            FetchError: bad_encoding; the compressed data ended too early, or was in a coding that is not undone.
        """
        while self._start:
            self._settle(ended=True)
        cut = next((layer for layer in self._layers if layer.cut), None)
        if cut is not None and not (keep_cut and sum(map(len, self._parts)) >= _LEAST_BYTES):
            raise _bad(f"the {cut.coding} data ended too early")
        return self.so_far()

    def so_far(self) -> bytes:
        """Return what is decoded by now."""
        return b"".join(self._parts)

    def _take(self, depth: int, data: bytes) -> None:
        """Take what layer `depth` gave (0 = the wire): unpack it once more, or keep it."""
        self.work += 1
        self._sizes[depth] += len(data)
        is_body = depth == len(self._layers) and self._start is None
        # What does not shrink grows by its packing, by less than an eighth.
        if self._sizes[depth] > (self._limit if is_body else self._limit + self._limit // 8 + _STEP_BYTES):
            raise too_big(self._limit)
        if depth < len(self._layers):
            self._unpack(depth, data)
        elif self._start is None:
            if data:
                self._parts.append(data)
        else:
            self._start += data
            self._settle(ended=False)

    def _unpack(self, depth: int, data: bytes) -> None:
        layer = self._layers[depth]
        while data:
            members = layer.members
            part, data = layer.unpack(data)
            self.work += layer.members - members
            if part:
                self._take(depth + 1, part)

    def _settle(self, *, ended: bool) -> None:
        """Decide what the innermost layer gives, once enough of it is known."""
        start = self._start
        if not start or (len(start) < len(_GZIP_MAGIC) and not ended):
            return
        coding = _coding_of(start, self._codings, ended=ended)
        if coding is None:
            return
        depth = len(self._layers)
        if not coding:
            if len(start) > self._limit:
                raise too_big(self._limit)
            self._start = None
            self._parts.append(start)
            return
        if depth == _MOST_LAYERS:
            raise _bad(f"the answer is compressed more than {_MOST_LAYERS} times")
        if coding in self._codings:
            at = self._codings.index(coding)
            self._codings = self._codings[:at] + self._codings[at + 1 :]
        self._layers.append(_Unpacker(coding, _inflater(coding, start)))
        self._sizes.append(0)
        self._start = b""
        self._unpack(depth, start)


def too_big(limit_bytes: int) -> FetchError:
    """Return the error that says how much we take."""
    return FetchError(f"the answer is bigger than {limit_bytes / 1024 / 1024:.3g} MiB", kind=FetchProblemKind.TOO_BIG)


def _bad(what: str) -> FetchError:
    return FetchError(what, kind=FetchProblemKind.BAD_ENCODING)


def _codings(content_encoding: str) -> tuple[str, ...]:
    """Return the codings that a header claims, without words that are none."""
    words = [part.strip().lower().removeprefix("x-") for part in content_encoding.split(",")]
    return tuple(word for word in words if word not in _PLAIN)


def _coding_of(start: bytes, claimed: tuple[str, ...], *, ended: bool) -> str | None:
    """Return "gzip" or "deflate" for data that begins so, "" for plain text, None while more of it is needed.

    Raises:
        FetchError: bad_encoding; it is neither text nor in a coding that is undone.
    """
    if start.startswith(_GZIP_MAGIC):
        return "gzip"
    if start.startswith(_ZLIB_HEADS):
        return "deflate"
    if not claimed:
        return ""
    if len(start) < _SNIFFED_BYTES and not ended:
        return None
    # A JSON document may begin as deflate does ("{"), and UTF-16 holds control characters; so the three questions in
    # this order.
    looks_printed = not _NO_TEXT.search(start[:_SNIFFED_BYTES])
    if _TEXT.match(start) and looks_printed and _is_utf8(start):
        return ""
    if "deflate" in claimed and _inflates(start):
        return "deflate"
    if _TEXT.match(start) or looks_printed:
        return ""
    raise _not_as_claimed(claimed)


def _not_as_claimed(claimed: tuple[str, ...]) -> FetchError:
    unknown = next((name for name in claimed if name not in ("gzip", "deflate")), "")
    if unknown:
        return _bad(f"the answer is compressed as {unknown[:40]!a}, which was not asked for")
    return _bad(f"the {claimed[0]} data is broken (it does not begin as such)")


def _is_utf8(start: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)  # the last letter may be cut
    except UnicodeDecodeError:
        return False
    return True


def _inflates(start: bytes) -> bool:
    """Return whether data begins as deflate, with zlib's header in a rare form or without one."""
    try:
        return bool(_inflater("deflate", start).decompress(start, _STEP_BYTES))
    except zlib.error:
        return False


def _inflater(coding: str, start: bytes) -> _Inflater:
    if coding == "gzip":
        return zlib.decompressobj(_GZIP_WINDOW)
    # "deflate" means zlib (RFC 9110 section 8.4.1.2), but some servers send the raw form; zlib's header is a multiple
    # of 31.
    has_header = start[0] & 0x0F == zlib.DEFLATED and int.from_bytes(start[:2], "big") % 31 == 0
    return zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)
