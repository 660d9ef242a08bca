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
    feed_all(decoder, data, step)
    return decoder.finish()


def feed_all(decoder: BodyDecoder, data: bytes, step: int) -> None:
    for start in range(0, len(data), step):
        decoder.feed(data[start : start + step])


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


FEEDS = [
    b"<?xml version='1.0'?><rss/>",
    b"\xef\xbb\xbf<rss/>",
    b"\n\n <feed/>",
    b'{"version": "https://jsonfeed.org/version/1.1"}',
    "<?xml version='1.0'?><rss>\u0421\u0432\u043e\u0434\u043a\u0430</rss>".encode("utf-16"),
    "<rss>\u0421\u0432\u043e\u0434\u043a\u0430</rss>".encode("utf-16-be"),
    b"Warning: mysql_connect() in /srv/db.php<br><rss/>",
    b"<",
    b"{",
    TEXT,
    "<rss>\ud55c\uad6d</rss>".encode("iso-2022-kr"),
]
CLAIMS = [
    "",
    "gzip",
    "x-gzip",
    "deflate",
    "br",
    "zstd",
    "compress",
    "aws-chunked",
    "gzip, gzip",
    "aws-chunked,gzip",
    "UTF-8",
    "\xe9 lie",
]


@pytest.mark.parametrize("step", [1, 300, 65536])
@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("body", FEEDS)
def test_plain_text_is_plain_whatever_the_header_claims(body: bytes, claim: str, step: int) -> None:
    assert decoded(body, claim, step=step) == body


@pytest.mark.parametrize("step", [1, 65536])
@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("body", FEEDS)
def test_gzip_and_zlib_are_known_by_their_bytes(body: bytes, claim: str, step: int) -> None:
    assert decoded(gzip.compress(body), claim, step=step) == body
    assert decoded(zlib.compress(body), claim, step=step) == body


@pytest.mark.parametrize("claim", ["", "gzip", "gzip, gzip", "deflate, gzip"])
def test_what_is_packed_twice_is_unpacked_twice(claim: str) -> None:
    assert decoded(gzip.compress(gzip.compress(TEXT)), claim) == TEXT
    assert decoded(gzip.compress(zlib.compress(TEXT)), claim) == TEXT
    assert decoded(gzip.compress(gzip.compress(gzip.compress(TEXT))), claim) == TEXT


@pytest.mark.parametrize("body", FEEDS)
def test_deflate_without_a_header_is_undone_where_it_is_claimed(body: bytes) -> None:
    assert decoded(raw_deflate(body * 20), "deflate", limit=16 << 20) == body * 20
    assert decoded(gzip.compress(raw_deflate(body * 20)), "deflate, gzip", limit=16 << 20) == body * 20


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip,br"])
def test_bytes_that_are_neither_text_nor_a_known_coding_are_refused_by_the_name_they_claim(coding: str) -> None:
    noise = bytes(range(256)) * 4
    with pytest.raises(FetchError, match=f"compressed as '{coding.split(',')[-1]}'") as caught:
        decoded(noise, coding)
    assert caught.value.kind == FetchProblemKind.BAD_ENCODING


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(TEXT)[:-9],
        gzip.compress(TEXT)[:1],
        gzip.compress(TEXT)[:-8] + b"\0" * 8,
        gzip.compress(gzip.compress(TEXT)[:-9]),
        b"\x1f\x8b\x08",
        bytes(range(256)),
    ],
)
def test_broken_gzip_is_refused(data: bytes) -> None:
    assert kind_of(data, "gzip") == FetchProblemKind.BAD_ENCODING


def test_layers_without_end_are_refused() -> None:
    data = TEXT
    for _ in range(4):
        data = gzip.compress(data)
    assert kind_of(data, "") == FetchProblemKind.BAD_ENCODING


def test_members_without_end_are_refused_before_they_cost_much() -> None:
    many = gzip.compress(b"") * 200_000
    decoder = BodyDecoder("gzip", 10 << 20)
    with pytest.raises(FetchError, match="more than 2000 members"):
        feed_all(decoder, many, 1024)
    assert decoder.work < 10_000
    assert decoded(gzip.compress(b"x") * 1000, "gzip") == b"x" * 1000


def test_a_layer_that_unpacks_to_packed_nothing_counts_its_bytes() -> None:
    inner = gzip.compress(b"") * 1500  # few members, but behind them as much filling as there may be
    assert kind_of(gzip.compress(inner + bytes(64 << 20)), "gzip") == FetchProblemKind.TOO_BIG


def test_a_document_in_small_pieces_is_taken() -> None:
    assert decoded(b"x" * 20_000, "", step=1) == b"x" * 20_000
    assert decoded(b"x" * 1_000_000, "", step=20) == b"x" * 1_000_000


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


@pytest.mark.parametrize("missing", [1, 5, 8, 9, 20, 40])
@pytest.mark.parametrize("layers", [1, 2])
def test_what_came_of_gzip_that_is_cut_short_is_kept_where_it_is_asked_for(missing: int, layers: int) -> None:
    packed = TEXT
    for _ in range(layers):
        packed = gzip.compress(packed)
    decoder = BodyDecoder("gzip", 1 << 20)
    decoder.feed(packed[:-missing])
    with pytest.raises(FetchError, match="ended too early"):
        decoder.finish()
    body = decoder.finish(keep_cut=True)
    assert body
    assert TEXT.startswith(body)


def test_gzip_of_which_nothing_came_is_an_error_all_the_same() -> None:
    decoder = BodyDecoder("gzip", 1 << 20)
    decoder.feed(gzip.compress(TEXT)[:12])
    with pytest.raises(FetchError, match="ended too early"):
        decoder.finish(keep_cut=True)
