"""A "not modified" that is read in one look means what h11 reads in it."""

from __future__ import annotations

import h11
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watcher.network.answer import quick_head

STARTS = [b"HTTP/1.1 304 Not Modified", b"HTTP/1.0 304", b"HTTP/1.1 304 ", b"HTTP/1.1 304 \xe9", b"http/1.1 304 x"]
FIELDS = [
    b'ETag: "x"', b"ETag:\t W/\"x y\" \t", b"X-A:", b"X-B: caf\xe9", b"X-C: a:b", b" folded", b"no colon", b"bad name: x",
    b"X-N: a\0b", b"X-R: a\rb", b": x", b"Content-Length: 5", b"transfer-encoding: gzip", b"Connection: close", b"X-D : x",
]  # fmt: skip


def by_h11(data: bytes) -> list[tuple[bytes, bytes]] | None:
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "a"), ("Connection", "close")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(data)
    try:
        event = connection.next_event()
    except h11.RemoteProtocolError:
        return None
    return list(event.headers.raw_items()) if isinstance(event, h11.Response) else None


@given(
    st.sampled_from(STARTS),
    st.lists(st.one_of(st.sampled_from(FIELDS), st.binary(max_size=20)), max_size=5),
    st.sampled_from([b"\r\n", b"\r\n", b"\n"]),
    st.sampled_from([b"", b"", b"x", b"\r\n"]),
)
@example(b"HTTP/1.1 304 Not Modified", [b"ETag: \x80"], b"\r\n", b"")
def test_what_is_read_in_one_look_is_what_h11_reads(start: bytes, fields: list[bytes], end: bytes, more: bytes) -> None:
    data = b"".join(line + end for line in (start, *fields, b"")) + more
    quick = quick_head(data)
    assert quick is None or quick == by_h11(data)


def test_the_usual_form_is_read_in_one_look() -> None:
    data = b'HTTP/1.1 304 Not Modified\r\nETag: "x" \r\nServer: a:b\r\nX-Empty:\r\nConnection: close\r\n\r\n'
    assert quick_head(data) == [(b"ETag", b'"x"'), (b"Server", b"a:b"), (b"X-Empty", b""), (b"Connection", b"close")]


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n",
        b"HTTP/1.1 304 Not Modified\r\n" + b"A: \t \t" * 20_000 + b"\x01",
    ],
)
def test_all_else_is_left_to_h11(data: bytes) -> None:
    assert quick_head(data) is None
