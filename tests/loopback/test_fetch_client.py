"""The guarded client against a real server that misbehaves."""

from __future__ import annotations

import asyncio
import gzip
import resource
import ssl
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.dialling import Dials, Names, a_guard
from tests.fakes.http_server import Answer, HttpServer, Received
from watcher.core.model.outcome import FetchProblemKind
from watcher.core.model.policy import FetchLimits
from watcher.errors import BlockedAddress, FetchError
from watcher.network.client import GuardedClient, honest_user_agent, tls_context
from watcher.network.policy import HttpAnswer, HttpRequest

LOOPBACK = ("127.0.0.0/8",)
AT_ONCE = FetchLimits(total=timedelta(0))
USUAL = FetchLimits()
QUICK = FetchLimits(total=timedelta(milliseconds=300), connect=timedelta(milliseconds=200))


async def exchange(
    url: str,
    *,
    limits: FetchLimits = USUAL,
    allow_private: tuple[str, ...] = LOOPBACK,
    origin_headers: Mapping[str, str] | None = None,
    method: str = "GET",
    content: bytes | None = None,
    dials: Dials | None = None,
    names: Names | None = None,
) -> HttpAnswer:
    client = GuardedClient(a_guard(names, dials=dials))
    request = HttpRequest(
        url,
        method,
        headers={"X-Everywhere": "1"},
        origin_headers=origin_headers or {},
        content=content,
        allow_private=allow_private,
        limits=limits,
    )
    try:
        return await client.exchange(request)
    finally:
        await client.aclose()


async def error_of(url: str, *, limits: FetchLimits = USUAL) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await exchange(url, limits=limits)
    return caught.value


# -- what is sent -----------------------------------------------------------------------------------


async def test_request_is_honest_and_keeps_nothing() -> None:
    with HttpServer() as server:
        url = server.answers("/feed", 200, body=b"hello", headers={"Set-Cookie": "id=1"})
        answer = await exchange(url)
        await exchange(url)
        first, second = server.requests
    assert (answer.status, answer.body, answer.url) == (200, b"hello", url)
    assert "set-cookie" not in answer.headers
    assert first.headers == {
        "host": f"127.0.0.1:{server_port(url)}",
        "user-agent": honest_user_agent(),
        "accept": "*/*",
        "x-everywhere": "1",
        "accept-encoding": "gzip",
        "connection": "close",
    }
    assert second.headers == first.headers


def server_port(url: str) -> str:
    return url.split(":")[2].split("/")[0]


async def test_post_carries_its_body_and_every_status_is_an_answer() -> None:
    with HttpServer() as server:
        url = server.answers("/hook", 500, 200, body=b"so so")
        first = await exchange(url, method="POST", content=b'{"a":1}')
        second = await exchange(url, method="POST", content=b'{"a":2}')
        assert [request.body for request in server.requests] == [b'{"a":1}', b'{"a":2}']
    assert (first.status, first.body, second.status) == (500, b"so so", 200)


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with HttpServer() as proxy, HttpServer() as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url())
        assert (await exchange(server.publishes("/feed", b"x"))).status == 200
        assert proxy.connections == 0


async def test_user_and_password_of_a_url_become_a_header_and_are_never_shown() -> None:
    with HttpServer() as server:
        server.publishes("/feed", b"x")
        answer = await exchange(f"http://us%40er:pass@127.0.0.1:{server.port}/feed")
        assert server.requests[0].headers["authorization"] == "Basic dXNAZXI6cGFzcw=="
        assert "pass" not in answer.url
        error = await error_of(f"http://user:hunter2@127.0.0.1:{server.port}/none?key=hunter2", limits=AT_ONCE)
    assert "hunter2" not in str(error)


async def test_header_that_cannot_be_sent_is_an_error_without_its_value() -> None:
    with HttpServer() as server, pytest.raises(FetchError) as caught:
        await exchange(server.url("/feed"), origin_headers={"X-Key": "hunter2\r\nX-Evil: 1"})
    assert "hunter2" not in str(caught.value)
    assert caught.value.kind == FetchProblemKind.CONNECT


# -- addresses --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "0",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127。0。0。1",
        "[::ffff:7f00:1]",
        "[::1]",
        "local.example",
    ],
)
async def test_every_spelling_of_loopback_is_blocked_before_connecting(host: str) -> None:
    dials = Dials()
    with HttpServer() as server:
        with pytest.raises(BlockedAddress):
            await exchange(
                f"http://{host}:{server.port}/",
                allow_private=(),
                dials=dials,
                names=Names({"local.example": [["127.0.0.1"]]}),
            )
        assert server.connections == 0
    assert dials.asked == []


@pytest.mark.parametrize(
    "url", ["file:///etc/hostname", "ftp://a.example/", "gopher://a.example/", "http://", "http:///x", "x", ""]
)
async def test_other_schemes_and_broken_urls_are_blocked(url: str) -> None:
    assert (await error_of(url)).kind == FetchProblemKind.BLOCKED_ADDRESS


async def test_checked_address_is_the_dialled_one_and_the_host_header_keeps_the_name() -> None:
    names = Names({"feed.example": [["93.184.215.14"], ["127.0.0.1"]]})
    with HttpServer() as server:
        server.publishes("/feed", b"x")
        dials = Dials(lands_on=server.port)
        answer = await exchange("http://feed.example/feed", allow_private=(), dials=dials, names=names)
        assert server.requests[0].headers["host"] == "feed.example"
        with pytest.raises(BlockedAddress):
            await exchange("http://feed.example/feed", allow_private=(), dials=dials, names=names)
    assert answer.url == "http://feed.example/feed"
    assert dials.asked == [("93.184.215.14", 80)]


@pytest.mark.parametrize(
    "target", ["http://127.0.0.2/", "http://[::1]/", "//127.0.0.3/x", "http://169.254.169.254/latest/meta-data/"]
)
async def test_redirect_of_a_public_host_to_a_private_address_is_blocked(target: str) -> None:
    with HttpServer() as server:
        server.redirects("/feed", target)
        dials = Dials(lands_on=server.port)
        with pytest.raises(
            BlockedAddress, match=r"where allow_private does not reach: .* configure that address itself"
        ):
            await exchange(
                "http://feed.example/feed", allow_private=(), dials=dials, names=Names({"feed.example": [["8.8.8.8"]]})
            )
    assert dials.asked == [("8.8.8.8", 80)]


@pytest.mark.parametrize("target", ["http://127.0.0.1:0/", "//127.0.0.1:0/", "https://127.0.0.1:00/"])
async def test_port_0_is_refused_and_named(target: str) -> None:
    with HttpServer() as server:
        error = await error_of(server.redirects("/a", target))
    assert isinstance(error, BlockedAddress)
    assert "127.0.0.1 port 0 was not dialled" in str(error)


async def test_private_block_is_open_for_the_configured_origin_only() -> None:
    with HttpServer() as server, HttpServer() as other:
        url = server.redirects("/feed", other.publishes("/inside", b"secret"))
        assert (await error_of(url)).kind == FetchProblemKind.BLOCKED_ADDRESS
        assert other.connections == 0


# -- redirects --------------------------------------------------------------------------------------


async def test_permanent_url_is_where_the_unbroken_chain_of_permanent_redirects_led() -> None:
    with HttpServer() as server:
        server.publishes("/end", b"x")
        server.redirects("/c", "/end", status=302)
        server.redirects("/b", "/c", status=308)
        first = server.redirects("/a", "b", status=301)
        answer = await exchange(first)
        temporary = await exchange(server.url("/c"))
    assert (answer.url, answer.permanent_url) == (server_url(first, "/end"), server_url(first, "/c"))
    assert temporary.permanent_url == ""


def server_url(url: str, path: str) -> str:
    return url.rpartition("/")[0] + path


async def test_five_redirects_are_followed_and_the_sixth_is_not() -> None:
    with HttpServer() as server:
        for number in range(20):
            server.redirects(f"/{number}", f"/{number + 1}")
        server.publishes("/20", b"x")
        assert (await exchange(server.url("/15"))).status == 200
        error = await error_of(server.url("/14"))
    assert error.kind == FetchProblemKind.REDIRECT
    assert "127.0.0.1 leads on after 5 redirects" in str(error)


async def test_circle_is_seen_at_once() -> None:
    with HttpServer() as server:
        server.redirects("/b", "/a")
        error = await error_of(server.redirects("/a", "/b"))
        assert len(server.requests) == 2
    assert error.kind == FetchProblemKind.REDIRECT
    assert error.detail.status == 302


def gate(server: HttpServer, *set_cookies: str, back: str = "/feed", needs: str = "tok=1") -> str:
    """Serve a feed only to who brings a cookie that /gate hands out; return the feed's URL."""
    handed = [("Set-Cookie", text) for text in set_cookies]
    server.answers("/gate", Answer(302, headers=[("Location", back), *handed]))

    def feed(request: Received) -> Answer:
        if needs in request.headers.get("cookie", "").split("; "):
            return Answer(200, b"<rss/>")
        return Answer(302, headers=[("Location", "/gate")])

    return server.on("/feed", feed)


@pytest.mark.parametrize(
    "set_cookies",
    [
        ["tok=1; Path=/; HttpOnly"],
        ["a=b", "tok=1; Max-Age=3600; Expires=Fri, 31 Dec 9999 23:59:59 GMT"],
        ["bad name=1", "=", "", "tok=0", " tok=1 ;Secure"],
    ],
)
async def test_cookie_of_a_redirect_comes_back_within_one_fetch_only(set_cookies: list[str]) -> None:
    with HttpServer() as server:
        url = gate(server, *set_cookies)
        for _ in range(2):
            assert (await exchange(url, origin_headers={"Cookie": "mine=9; tok=5"})).body == b"<rss/>"
        sent = [request.headers["cookie"] for request in server.requests_to("/feed")]
    assert sent[0] == sent[2] == "mine=9; tok=5"
    assert sent[1] == sent[3]
    assert sent[1].startswith("mine=9; ")


async def test_cookie_is_for_the_origin_that_set_it() -> None:
    with HttpServer() as server, HttpServer() as other:
        other.answers(
            "/gate", Answer(302, headers=[("Location", server.url("/feed")), ("Set-Cookie", "tok=1; Domain=127.0.0.1")])
        )
        url = server.redirects("/feed", other.url("/gate"))
        with pytest.raises(FetchError, match=r"redirects in a circle; it needs a cookie") as caught:
            await GuardedClient(a_guard(allow=LOOPBACK)).exchange(HttpRequest(url))
        assert "cookie" not in server.requests[0].headers
    assert caught.value.kind == FetchProblemKind.REDIRECT


async def test_circle_that_sets_a_cookie_which_does_not_help_is_named_so() -> None:
    with HttpServer() as server:
        error = await error_of(gate(server, "other=1"))
        assert len(server.requests) <= 6
    assert "needs a cookie" in str(error)


async def test_circle_without_cookies_is_just_a_circle() -> None:
    with HttpServer() as server:
        error = await error_of(gate(server))
    assert str(error) == "127.0.0.1 redirects in a circle"


async def test_cookie_that_changes_at_each_turn_ends_with_the_redirects() -> None:
    count = iter(range(100))
    with HttpServer() as server:
        url = server.on(
            "/feed", lambda _: Answer(302, headers=[("Location", "/feed"), ("Set-Cookie", f"n={next(count)}")])
        )
        error = await error_of(url)
        assert len(server.requests) == 6
    assert error.kind == FetchProblemKind.REDIRECT


async def test_cookies_of_a_redirect_are_few_and_cannot_forge_a_header() -> None:
    handed = [("Set-Cookie", f"c{number}=" + "x" * 100) for number in range(500)]
    handed += [("Set-Cookie", "long=" + "x" * 9000), ("Set-Cookie", "c1=gone; Max-Age=0"), ("Set-Cookie", "c2=a\tb")]
    with HttpServer() as server:
        server.answers("/b", 200, body=b"<rss/>")
        assert (await exchange(server.answers("/a", Answer(302, headers=[("Location", "/b"), *handed])))).status == 200
        sent = server.requests[1].headers["cookie"].split("; ")
    assert len(sent) <= 20
    assert not any(pair.startswith("c1=") or "\t" in pair for pair in sent)


@pytest.mark.parametrize(
    "target",
    ["file:///etc/passwd", "ftp://x/", "gopher://x/", "data:text/plain,x", "javascript:1"],
)
async def test_redirect_to_anything_but_http_is_refused(target: str) -> None:
    with HttpServer() as server:
        error = await error_of(server.redirects("/a", target))
    assert error.kind == FetchProblemKind.REDIRECT
    assert str(error) == f"127.0.0.1 redirects to {target.partition(':')[0]!r}, which is not followed"


@pytest.mark.parametrize(
    "target",
    ["//", "///x", "http://", "HTTPS://", "http:///x", "//?q", "//#f", "//:80/", "http://:80/", "//@/x", "//a:b@/x"],
)
async def test_redirect_that_names_no_host_is_called_so(target: str) -> None:
    with HttpServer() as server:
        error = await error_of(server.redirects("/a", target))
        assert len(server.requests) == 1
    assert str(error) == "127.0.0.1 redirects to an address that names no host"


@pytest.mark.parametrize("target", ["http:/b", "/b", "b"])
async def test_redirect_without_a_host_leads_on_at_its_own(target: str) -> None:
    with HttpServer() as server:
        server.publishes("/b", b"x")
        assert (await exchange(server.redirects("/a", target))).status == 200


async def test_redirect_is_the_answer_where_none_is_followed() -> None:
    with HttpServer() as server:
        url = server.redirects("/hook", "/elsewhere", status=307)
        answer = await exchange(url, method="POST", content=b"x", limits=FetchLimits(max_redirects=0))
        assert len(server.requests) == 1
    assert (answer.status, answer.headers["location"]) == (307, "/elsewhere")


@pytest.mark.parametrize(
    ("status", "method", "body"), [(302, "GET", b""), (303, "GET", b""), (307, "POST", b"x"), (308, "POST", b"x")]
)
async def test_method_of_a_redirected_post_is_what_browsers_make_of_it(status: int, method: str, body: bytes) -> None:
    with HttpServer() as server:
        server.answers("/end", 200)
        await exchange(server.redirects("/a", "/end", status=status), method="POST", content=b"x")
        last = server.requests[-1]
    assert (last.method, last.body) == (method, body)


async def test_credentials_stay_at_the_origin_and_do_not_come_back() -> None:
    names = Names({"a.example": [["8.8.8.8"]], "b.example": [["8.8.4.4"]]})
    with HttpServer() as server:
        server.redirects("/start", "/next")
        server.redirects("/next", "http://b.example/there")
        server.redirects("/there", "http://a.example/end")
        server.publishes("/end", b"x")
        await exchange(
            "http://a.example/start",
            origin_headers={"Authorization": "Bearer t", "Cookie": "c=1"},
            dials=Dials(lands_on=server.port),
            names=names,
        )
        sent = [
            (request.path, "authorization" in request.headers, "cookie" in request.headers)
            for request in server.requests
        ]
        assert all(request.headers["x-everywhere"] == "1" for request in server.requests)
    assert sent == [("/start", True, True), ("/next", True, True), ("/there", False, False), ("/end", False, False)]


async def test_raw_utf8_in_location_is_understood() -> None:
    with HttpServer() as server:
        server.publishes("/%EB%B6%81%ED%95%9C", b"x")
        raw = "HTTP/1.1 302 Found\r\nLocation: /북한\r\nContent-Length: 0\r\n\r\n".encode()
        assert (await exchange(server.says("/a", raw))).status == 200


# -- bodies -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("encoding", "mib"), [("gzip", 300), ("deflate", 100)])
async def test_bomb_is_stopped_at_the_limit_without_growing(encoding: str, mib: int) -> None:
    with HttpServer() as server:
        url = server.bombs("/bomb", decoded_bytes=mib << 20, encoding=encoding)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        error = await error_of(url)
        grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert error.kind == FetchProblemKind.TOO_BIG
    assert error.detail.status == 200
    assert "10 MiB" in str(error)
    assert grown_mib < 30


async def test_brotli_that_nobody_asked_for_is_refused() -> None:
    packed = bytes.fromhex("1b3f0000") + bytes(range(1, 200))
    with HttpServer() as server:
        error = await error_of(server.answers("/feed", Answer(200, packed, [("Content-Encoding", "br")])))
    assert error.kind == FetchProblemKind.BAD_ENCODING
    assert "'br', which was not asked for" in str(error)


@pytest.mark.parametrize("label", ["gzip", "deflate", "br", "aws-chunked", "gzip, gzip"])
async def test_plain_body_is_read_whatever_its_coding_is_called(label: str) -> None:
    with HttpServer() as server:
        url = server.answers("/feed", Answer(200, b"<rss/>", [("Content-Encoding", label)]))
        assert (await exchange(url)).body == b"<rss/>"
        assert (await exchange(server.compresses("/packed", b"<rss/>", label=label))).body == b"<rss/>"


async def test_beginning_of_an_error_is_kept_whatever_its_coding_is_called() -> None:
    with HttpServer() as server:
        url = server.answers("/hook", Answer(403, b"invalid_token", [("Content-Encoding", "br")]))
        assert (await exchange(url)).body == b"invalid_token"


async def turns_while(url: str, limits: FetchLimits = USUAL) -> tuple[int, FetchError | HttpAnswer]:
    """Return how often another task had its turn during an exchange, and how that ended."""
    turns = 0
    done = asyncio.Event()

    async def other() -> None:
        nonlocal turns
        while not done.is_set():
            turns += 1
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        group.create_task(other())
        try:
            ended: FetchError | HttpAnswer = await exchange(url, limits=limits)
        except FetchError as error:
            ended = error
        done.set()
    return turns, ended


def chunked(*chunks: bytes, tail: bytes = b"0\r\n\r\n") -> bytes:
    """Return an answer whose body comes in these chunks."""
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body + tail


async def test_body_of_tiny_chunks_leaves_others_their_turn_and_ends_early() -> None:
    with HttpServer() as server:
        url = server.says("/feed", chunked(*[b"x"] * 100_000))
        turns, ended = await turns_while(url)
        small, answer = await turns_while(server.says("/small", chunked(*[b"x"] * 10_000)))
    assert isinstance(ended, FetchError)
    assert "tiny pieces" in str(ended)
    assert turns >= 20_000 // 32
    assert isinstance(answer, HttpAnswer)
    assert answer.body == b"x" * 10_000
    assert small >= 10_000 // 32


async def test_body_of_a_hundred_thousand_gzip_members_leaves_others_their_turn_and_ends_early() -> None:
    with HttpServer() as server:
        packed = gzip.compress(b"") * 200_000
        turns, ended = await turns_while(server.answers("/feed", Answer(200, packed, [("Content-Encoding", "gzip")])))
    assert isinstance(ended, FetchError)
    assert "members" in str(ended)
    assert turns >= 2000 // 64


async def test_bomb_leaves_others_their_turn() -> None:
    with HttpServer() as server:
        turns, ended = await turns_while(server.bombs("/bomb", decoded_bytes=64 << 20))
    assert isinstance(ended, FetchError)
    assert turns >= 5


async def test_heads_without_end_are_refused() -> None:
    with HttpServer() as server:
        hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
        whole = server.says("/few", hints * 3 + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<rss/>")
        longer = server.says("/more", hints + b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n<rss/>")
        assert (await exchange(whole)).body == b"<rss/>"
        assert (await error_of(longer)).kind == FetchProblemKind.CLOSED
        turns, ended = await turns_while(server.says("/flood", hints * 100_000))
    assert isinstance(ended, FetchError)
    assert ended.kind == FetchProblemKind.CLOSED
    assert turns >= 5


async def test_length_over_the_limit_is_refused_before_the_body_comes() -> None:
    with HttpServer() as server:
        answer = Answer(200, b"x", length=11 << 20, stalls=True)
        error = await error_of(server.answers("/feed", answer))
    assert error.kind == FetchProblemKind.TOO_BIG


async def test_endless_body_without_a_length_is_stopped_at_the_limit() -> None:
    with HttpServer() as server:
        answer = Answer(200, bytes(3 << 20), length=-1)
        error = await error_of(server.answers("/feed", answer), limits=FetchLimits(max_body_bytes=1 << 20))
    assert error.kind == FetchProblemKind.TOO_BIG


@pytest.mark.parametrize("missing", [1, 5])
async def test_body_that_ends_too_early_is_no_document(missing: int) -> None:
    with HttpServer() as server:
        error = await error_of(server.truncates("/feed", b"<rss/>", missing=missing))
    assert error.kind == FetchProblemKind.CLOSED


async def test_body_longer_than_it_says_is_no_document() -> None:
    with HttpServer() as server:
        error = await error_of(server.answers("/feed", Answer(200, b"<rss><item/></rss>", length=5)))
    assert error.kind == FetchProblemKind.CLOSED
    assert "Content-Length" in str(error)


async def test_chunked_body_is_put_together_and_a_cut_one_refused() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with HttpServer() as server:
        whole = server.says("/whole", head + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        assert (await exchange(whole)).body == b"abcde"
        error = await error_of(server.says("/cut", head + b"3\r\nabc\r\n"))
    assert error.kind == FetchProblemKind.CLOSED


async def test_early_hints_before_the_answer_are_passed_over() -> None:
    raw = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    with HttpServer() as server:
        assert (await exchange(server.says("/feed", raw))).body == b"ok"


async def test_body_of_an_error_is_only_for_show() -> None:
    with HttpServer() as server:
        big = await exchange(server.answers("/big", Answer(503, b"x" * (1 << 20))))
        cut = await exchange(server.answers("/cut", Answer(404, b"gone", length=100)))
    assert (big.status, cut.status, cut.body) == (503, 404, b"gone")
    assert len(big.body) <= 64 * 1024


# -- connections ------------------------------------------------------------------------------------


async def test_server_that_drips_is_ended_by_the_total_deadline() -> None:
    with HttpServer() as server:
        error = await error_of(server.drips("/feed", b"x" * 10_000, every_seconds=0.01), limits=QUICK)
    assert error.kind == FetchProblemKind.TIMEOUT
    assert "127.0.0.1 did not answer within 0.3 s" in str(error)


async def test_server_that_drips_its_body_only_keeps_its_status() -> None:
    with HttpServer() as server:
        error = await error_of(server.drips("/feed", b"x" * 100_000, every_seconds=0.01, step_bytes=120), limits=QUICK)
    assert (error.kind, error.detail.status) == (FetchProblemKind.TIMEOUT, 200)


@pytest.mark.parametrize("status", [429, 503, 403, 500])
@pytest.mark.parametrize(
    "stalling",
    [
        {"body": b"later", "length": 1000, "stalls": True},
        {"length": 1000, "stalls": True},
        {"body": b"x" * 100_000, "step_bytes": 90, "every_seconds": 0.005},
        {"raw": b"5\r\nlater\r\n", "stalls": True},
    ],
    ids=["in the middle", "at once", "dripping", "between chunks"],
)
async def test_error_whose_body_does_not_end_keeps_its_status_and_headers(
    status: int, stalling: dict[str, Any]
) -> None:
    if raw := stalling.get("raw", b""):
        head = b"HTTP/1.1 %d No\r\nRetry-After: 3600\r\nTransfer-Encoding: chunked\r\n\r\n" % status
        answer = Answer(**{**stalling, "raw": head + raw})
    else:
        answer = Answer(status, headers=[("Retry-After", "3600")], **stalling)
    with HttpServer() as server:
        came = await exchange(server.answers("/feed", answer), limits=QUICK)
    assert (came.status, came.headers["retry-after"]) == (status, "3600")


async def test_silent_server_is_a_timeout() -> None:
    with HttpServer() as server:
        assert (await error_of(server.stalls("/feed"), limits=QUICK)).kind == FetchProblemKind.TIMEOUT


@pytest.mark.parametrize(
    "raw", [b"", b"HTTP/1.1 200 O", b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\0" * 200_000]
)
async def test_connection_that_breaks_or_speaks_something_else_is_closed(raw: bytes) -> None:
    with HttpServer() as server:
        assert (await error_of(server.says("/feed", raw))).kind == FetchProblemKind.CLOSED


async def test_flood_of_headers_is_refused_and_a_flood_of_cookies_forgotten() -> None:
    with HttpServer() as server:
        flood = server.says("/flood", b"HTTP/1.1 200 OK\r\n" + b"X-A: %s\r\n" % (b"a" * 1000) * 200 + b"\r\n")
        cookies = server.answers(
            "/cookies", Answer(200, b"x", [("Set-Cookie", f"c{n}=1; Path=/") for n in range(1000)])
        )
        error = await error_of(flood)
        assert error.kind == FetchProblemKind.CLOSED
        assert "does not end within 100 KiB" in str(error)
        assert (await exchange(cookies)).headers.keys() <= {"content-length", "connection"}


async def test_port_where_nothing_listens_is_a_connect_error() -> None:
    with HttpServer() as server:
        url = server.url("/feed")
    error = await error_of(url)
    assert error.kind == FetchProblemKind.CONNECT
    assert "refused" in str(error)


# -- TLS --------------------------------------------------------------------------------------------


async def over_tls(host: str, *, trusted: bool = True) -> HttpAnswer:
    certificates = Path(__file__).parents[1] / "fakes" / "tls"
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    ours = ssl.create_default_context(cafile=certificates / "cert.pem") if trusted else tls_context()
    with HttpServer(tls=theirs) as server:
        server.publishes("/feed", b"x" * 200_000)
        names = Names({host: [["8.8.8.8"]]})
        client = GuardedClient(a_guard(names, dials=Dials(lands_on=server.port)), tls=ours)
        return await client.exchange(HttpRequest(f"https://{host}/feed"))


async def test_certificate_is_checked_against_the_name_although_an_address_was_dialled() -> None:
    answer = await over_tls("feed.example")
    assert (answer.url, len(answer.body)) == ("https://feed.example/feed", 200_000)


@pytest.mark.parametrize(
    ("host", "trusted", "why"), [("other.example", True, "mismatch"), ("feed.example", False, "self-signed")]
)
async def test_wrong_certificate_is_a_tls_error_that_says_why(host: str, trusted: bool, why: str) -> None:
    with pytest.raises(FetchError, match=rf"{host} has no valid certificate: .*{why}") as caught:
        await over_tls(host, trusted=trusted)
    assert caught.value.kind == FetchProblemKind.TLS


async def test_server_that_does_not_greet_back_is_a_timeout() -> None:
    with HttpServer() as server:
        error = await error_of(server.url("/feed").replace("http:", "https:"), limits=QUICK)
    assert error.kind == FetchProblemKind.TIMEOUT
    assert "TLS greeting" in str(error)
