"""Bodies are decoded under a limit that holds for what comes out."""

from __future__ import annotations

import gzip
import random
import zlib

import pytest

from watcher.core.model.outcome import FetchProblemKind
from watcher.errors import FetchError
from watcher.network.body import BodyDecoder

TEXT = b"".join(b"<item>%d</item>" % number for number in range(20_000))


def decoded(data: bytes, coding: str, *, limit: int = 1 << 20, step: int = 1000) -> bytes:
    decoder = BodyDecoder(coding, limit)
    for start in range(0, len(data), step):
        decoder.feed(data[start : start + step])
    return decoder.finish()


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def kind_of(data: bytes, coding: str, *, limit: int = 1 << 20) -> str:
    with pytest.raises(FetchError) as caught:
        decoded(data, coding, limit=limit)
    return caught.value.kind


@pytest.mark.parametrize("step", [1, 2, 7, 65536])
@pytest.mark.parametrize(
    ("coding", "data"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("UTF-8", TEXT),
        ("gzip", gzip.compress(TEXT)),
        ("X-GZIP", gzip.compress(TEXT)),
        ("identity, gzip", gzip.compress(TEXT)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
        ("gzip", gzip.compress(TEXT[:5000]) + gzip.compress(TEXT[5000:])),
        ("gzip", gzip.compress(TEXT) + b"\0\0padding"),
        ("deflate", zlib.compress(TEXT) + b"\n"),
    ],
)
def test_body_comes_out_whole_however_it_was_cut(coding: str, data: bytes, step: int) -> None:
    assert decoded(data, coding, step=step) == TEXT


@pytest.mark.parametrize("coding", ["", "gzip", "deflate"])
def test_empty_body_is_empty(coding: str) -> None:
    assert decoded(b"", coding) == b""


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, gzip", "deflate, gzip", "gzip,br"])
def test_other_and_stacked_codings_are_refused(coding: str) -> None:
    assert kind_of(b"x", coding) == FetchProblemKind.BAD_ENCODING


@pytest.mark.parametrize(
    "data", [gzip.compress(TEXT)[:-9], gzip.compress(TEXT)[:1], b"plain text", gzip.compress(TEXT)[:-8] + b"\0" * 8]
)
def test_broken_gzip_is_refused(data: bytes) -> None:
    assert kind_of(data, "gzip") == FetchProblemKind.BAD_ENCODING


@pytest.mark.parametrize("coding", ["gzip", "deflate", ""])
def test_bomb_stops_at_the_limit(coding: str) -> None:
    zeros = bytes(8 << 20)
    data = {"gzip": gzip.compress(zeros), "deflate": zlib.compress(zeros), "": zeros}[coding]
    decoder = BodyDecoder(coding, 100_000)
    with pytest.raises(FetchError) as caught:
        decoder.feed(data)
    assert caught.value.kind == FetchProblemKind.TOO_BIG
    assert len(decoder.so_far()) <= 100_000


def test_body_of_just_the_limit_is_taken() -> None:
    noise = random.Random(7).randbytes(300_000)
    assert decoded(gzip.compress(noise), "gzip", limit=300_000) == noise
    assert kind_of(gzip.compress(noise), "gzip", limit=299_999) == FetchProblemKind.TOO_BIG
