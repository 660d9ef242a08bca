"""The page's door over a real socket: what may change something, and what is refused before it is read."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from tests.fakes.hand import FakeHand
from watcher.core.model.secret import Secret
from watcher.telling.signed_links import LinkSigner, LinkTo, SignedLink
from watcher.web.forms import MAX_BYTES
from watcher.web.server import build_app, listen, serve_app
from watcher.web.source import ArticleView, Overview, PageSource

TOKEN = "s3cret-token"
NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
SIGNER = LinkSigner(Secret("k" * 32))


@dataclass
class Hand(FakeHand):
    """Takes everything, and reads links signed by `SIGNER`."""

    now: datetime = field(default=NOW)

    def link(self, text: str) -> SignedLink | None:
        """Return what the link is for."""
        return SIGNER.read(text, self.now)


async def _nothing() -> Overview:
    raise AssertionError("not asked for")


async def _no_article(_: str) -> ArticleView | None:
    return None


@contextlib.asynccontextmanager
async def door(hand: FakeHand, *, token: str = "", proxies: tuple[str, ...] = ()) -> AsyncIterator[int]:
    source = PageSource(_nothing, _no_article, lambda: {"live": True}, lambda: (True, {}), lambda: b"", hand)
    app = build_app(
        source, token=Secret(token) if token else None, public_url="https://desk.example", trusted_proxies=proxies
    )
    listening, stopping = listen("127.0.0.1:0"), asyncio.Event()
    port: int = listening.getsockname()[1]
    async with asyncio.TaskGroup() as group:
        group.create_task(serve_app(app, listening, stopping))
        try:
            yield port
        finally:
            stopping.set()


async def send(
    port: int,
    path: str,
    form: dict[str, str] | bytes,
    *,
    method: str = "POST",
    host: str | None = None,
    origin: str | None = "same",
    kind: str = "application/x-www-form-urlencoded",
    more: tuple[str, ...] = (),
) -> tuple[int, str]:
    """Return the status and the whole answer to a form."""
    body = form if isinstance(form, bytes) else urlencode(form).encode()
    host = host or f"127.0.0.1:{port}"
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    if origin is not None:
        lines.append(f"Origin: {f'http://{host}' if origin == 'same' else origin}")
    lines += [*more, "Connection: close", "", ""]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write("\r\n".join(lines).encode("latin-1") + body)
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1]), answer.decode("utf-8", "replace")


MUTE = {"kind": "rule", "what": "shells", "span": "2h", "because": "parade"}
BASIC = f"Authorization: Basic {base64.b64encode(f'Min:{TOKEN}'.encode()).decode()}"


async def test_a_form_of_this_machine_changes_and_leads_to_the_list() -> None:
    hand = Hand()
    async with door(hand) as port:
        status, answer = await send(port, "/do/mute", MUTE)
    assert status == 303
    assert "location: /changes" in answer.lower()
    assert hand.asked == [("mute", "rule", "shells", "2h", "parade", "the page", "")]


@pytest.mark.parametrize(
    "origin",
    [
        None, "null", "https://evil.example", "http://127.0.0.1", "http://127.0.0.1:1", "http://localhost", "https://127.0.0.1:{port}",
        "http://desk.example", "https://desk.example.evil.example", "http://127.0.0.1:{port}, https://evil.example", "", "file://", "x",
    ],
)  # fmt: skip
@pytest.mark.parametrize("token", ["", TOKEN])
async def test_a_form_from_another_page_changes_nothing(origin: str | None, token: str) -> None:
    hand = Hand()
    async with door(hand, token=token) as port:
        given = origin.format(port=port) if origin else origin
        more = (BASIC,) if token else ()
        assert (await send(port, "/do/mute", MUTE, origin=given, more=more))[0] == 403
        twice = (*more, "Origin: https://evil.example")
        assert (await send(port, "/do/mute", MUTE, more=twice))[0] == 403
    assert hand.asked == []


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "desk.example.evil.example", "localhost."])
async def test_a_form_under_a_foreign_name_changes_nothing(host: str) -> None:
    hand = Hand()
    for token, more in (("", ()), (TOKEN, (BASIC,))):
        async with door(hand, token=token) as port:
            assert (await send(port, "/do/mute", MUTE, host=host, more=more))[0] == 421
    assert hand.asked == []


async def test_with_a_token_a_change_needs_it_from_proxies_too() -> None:
    hand = Hand()
    for proxies in ((), ("127.0.0.1/32",)):
        async with door(hand, token=TOKEN, proxies=proxies) as port:
            assert (await send(port, "/do/mute", MUTE))[0] == 401
            wrong = base64.b64encode(b"Min:s3cret-tokem").decode()
            for header in ("Basic !!", f"Basic {wrong}", "Bearer s3cret-tokem", "Bearer", "Token s3cret-token"):
                assert (await send(port, "/do/mute", MUTE, more=(f"Authorization: {header}",)))[0] == 401
    assert hand.asked == []
    async with door(hand, token=TOKEN) as port:
        assert (await send(port, "/do/mute", MUTE, more=(BASIC,)))[0] == 303
        public = {"host": "desk.example", "origin": "https://desk.example"}
        assert (await send(port, "/do/unmute", {"what": "shells"}, more=(BASIC,), **public))[0] == 303
    assert [one[-2:] for one in hand.asked] == [("Min, by the page", ""), ("shells", "Min, by the page")]


async def test_without_a_token_nobody_changes_anything_through_a_proxy() -> None:
    hand = Hand()
    async with door(hand, proxies=("127.0.0.1/32",)) as port:
        status, answer = await send(port, "/do/mute", MUTE)
    assert (status, "WATCHER_TOKEN" in answer, hand.asked) == (403, True, [])


@pytest.mark.parametrize(
    ("host", "more"),
    [
        ("desk.example", ()),
        ("desk.example", ("X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https")),
        (None, ("X-Forwarded-For: 203.0.113.9",)),
        (None, ("Forwarded: for=203.0.113.9",)),
        (None, ("X-Real-IP: 203.0.113.9",)),
        (None, ("Via: 1.1 caddy",)),
    ],
)
async def test_without_a_token_nobody_changes_anything_through_a_proxy_of_this_machine(
    host: str | None, more: tuple[str, ...]
) -> None:
    hand = Hand()
    async with door(hand) as port:
        origin = "https://desk.example" if host else "same"
        status, answer = await send(port, "/do/mute", MUTE, host=host, origin=origin, more=more)
        assert (status, "WATCHER_TOKEN" in answer, hand.asked) == (403, True, [])
        path = f"/l/{link(LinkTo.UNSUBSCRIBE, 'min@desk.example')}"
        assert (await send(port, path, {}, host=host, origin=None, more=more))[0] == 200, "links stay open"
    async with door(hand, token=TOKEN) as port:
        assert (await send(port, "/do/mute", MUTE, host=host, origin=origin, more=(*more, BASIC)))[0] == 303


async def test_the_page_of_a_link_has_its_style_without_a_token() -> None:
    async with door(Hand(), token=TOKEN) as port:
        page = (await send(port, f"/l/{link()}", b"", method="GET", host="desk.example", origin=None))[1]
        [path] = re.findall(r'href="(/static/[^"]+)"', page)
        assert (await send(port, path, b"", method="GET", host="desk.example", origin=None))[0] == 200
        assert (await send(port, path, b"", method="GET", host="evil.example", origin=None))[0] == 421
        for other in ("/", "/changes", "/static/../changes", "/static/%2e%2e/changes"):
            assert (await send(port, other, b"", method="GET", host="desk.example", origin=None))[0] in {401, 404}


@pytest.mark.parametrize("path", ["/do/mute", "/do/unmute", "/do/retry", "/do/release"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_only_a_post_changes_something(path: str, method: str) -> None:
    hand = Hand()
    async with door(hand) as port:
        status, _ = await send(port, f"{path}?{urlencode(MUTE)}", MUTE, method=method)
    assert (status, hand.asked) == (405, [])


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"a=" + b"x" * MAX_BYTES, "application/x-www-form-urlencoded", 413),
        (urlencode(MUTE).encode(), "text/plain", 415),
        (urlencode(MUTE).encode(), "multipart/form-data; boundary=x", 415),
        (b'{"kind": "rule"}', "application/json", 415),
        (b"what=%ff%fe", "application/x-www-form-urlencoded", 400),
        (b"what=\xff\xfe", "application/x-www-form-urlencoded", 400),
        (b"what=a&what=b", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"f%d=1" % number for number in range(50)), "application/x-www-form-urlencoded", 400),
    ],
)
async def test_a_body_that_is_no_small_form_is_refused(body: bytes, kind: str, status: int) -> None:
    hand = Hand()
    async with door(hand) as port:
        assert (await send(port, "/do/unmute", body, kind=kind))[0] == status
        # chunked, so that no length warns of it
        chunk = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"POST /do/unmute HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
        writer.write(
            f"{head}Content-Type: {kind}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n".encode() + chunk
        )
        async with asyncio.timeout(10):
            assert int((await reader.read()).split(b" ", 2)[1]) == status
        writer.close()
    assert hand.asked == []


async def test_what_is_written_in_a_form_is_one_short_line() -> None:
    hand = Hand()
    async with door(hand) as port:
        said = "a\r\nb\x00\u202e<script>alert(1)</script>" + "x" * 1000
        assert (await send(port, "/do/mute", {**MUTE, "because": said}))[0] == 303
    [(*_, because, _, _)] = hand.asked
    assert len(because) <= 201
    assert not {"\r", "\n", "\0", "\u202e"} & set(because)


async def test_a_name_is_inert_on_the_page_that_asks() -> None:
    async with door(Hand()) as port:
        hostile = urlencode({"kind": "rule", "what": "\"><script>alert(1)</script><img src=x onerror=1>'"})
        _, answer = await send(port, f"/ask/mute?{hostile}", b"", method="GET", origin=None)
    assert "<script" not in answer
    assert "<img" not in answer
    assert 'value="&#34;&gt;' in answer


def link(to: LinkTo = LinkTo.MUTE_STORY, what: str = "s1", *, until: datetime = NOW + timedelta(days=1)) -> str:
    return SIGNER.sign(SignedLink(to, "desk", what, until))


async def test_a_signed_link_asks_and_only_its_form_changes() -> None:
    hand = Hand()
    async with door(hand, token=TOKEN) as port:
        path = f"/l/{link()}"
        status, page = await send(port, path, b"", method="GET", origin=None)
        assert (status, hand.asked) == (200, [])
        assert "<button" in page
        for kind, what in (("rule", "shells"), ("feed", "wire")):  # a link is for one thing only
            forged = {"span": "1d", "kind": kind, "what": what, "channel": "ops"}
            assert (await send(port, path, forged))[0] == 200
        assert (await send(port, path, {"span": "1d"}, origin="https://evil.example"))[0] == 403
        assert (await send(port, path, {"span": "1d"}, host="evil.example"))[0] == 421
    assert hand.asked == [("mute", "story", "s1", "1d", "", "a link in a message to desk", "desk")] * 2


async def test_a_link_to_vote_asks_and_its_form_votes_on_that_alert_alone() -> None:
    hand = Hand()
    async with door(hand, token=TOKEN) as port:
        path = f"/l/{link(LinkTo.VOTE, 'l1')}"
        status, page = await send(port, path, b"", method="GET", origin=None)
        assert (status, hand.asked) == (200, [])
        assert page.count('<button type="submit" name="value"') == 2
        assert (await send(port, path, {"value": "useful", "what": "l2", "kind": "rule"}))[0] == 200
        form = {"what": "l1", "value": "not-useful"}
        assert (await send(port, "/do/vote", form, more=(BASIC,)))[0] == 303
        assert (await send(port, "/do/unvote", {"what": "l1 the page"}, more=(BASIC,)))[0] == 303
        assert (await send(port, "/do/vote", form))[0] == 401
    assert [one[:3] for one in hand.asked] == [
        ("vote", "l1", "useful"),
        ("vote", "l1", "not-useful"),
        ("unvote", "l1 the page", hand.asked[2][2]),
    ]
    assert hand.asked[0][3] == "a link in a message to desk"


async def test_one_click_of_a_mail_program_unsubscribes_without_a_token_or_origin() -> None:
    hand = Hand()
    async with door(hand, token=TOKEN) as port:
        path = f"/l/{link(LinkTo.UNSUBSCRIBE, 'min@desk.example')}"
        assert (await send(port, path, b"", method="GET", origin=None, host="desk.example"))[0] == 200
        assert hand.asked == []
        one_click = {"List-Unsubscribe": "One-Click"}
        assert (await send(port, path, one_click, origin=None, host="desk.example"))[0] == 200
    assert hand.asked == [("unsubscribe", "desk", "min@desk.example", "a link in a message to desk")]


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n", 200),
        ("", b"", 200),
        ("text/plain", b"\xff\xfe", 200),
        ("application/x-www-form-urlencoded", b"a=1&a=2", 200),
        ("multipart/form-data; boundary=x", b"x" * (MAX_BYTES + 1), 413),
    ],
)  # fmt: skip
async def test_one_click_of_any_kind_of_form_unsubscribes(kind: str, body: bytes, status: int) -> None:
    hand = Hand()
    async with door(hand, token=TOKEN) as port:
        path = f"/l/{link(LinkTo.UNSUBSCRIBE, 'min@desk.example')}"
        assert (await send(port, path, body, origin=None, host="desk.example", kind=kind))[0] == status
    assert len(hand.asked) == (status == 200)


async def test_a_link_says_whose_mail_it_stood_in() -> None:
    hand = Hand()
    theirs = SignedLink(LinkTo.MUTE_STORY, "desk", "s1", NOW + timedelta(days=1), "min@desk.example")
    async with door(hand, token=TOKEN) as port:
        assert (await send(port, f"/l/{SIGNER.sign(theirs)}", {"span": "1d"}, origin=None, host="desk.example"))[
            0
        ] == 200
    assert [one[5] for one in hand.asked] == ["a link in a message to desk, the one to min@desk.example"]


async def test_a_link_that_was_changed_or_is_over_is_none() -> None:
    hand = Hand()
    good = link()
    said, _, signature = good.partition(".")
    other = link(what="s2").partition(".")
    foreign = LinkSigner(Secret("x" * 32)).sign(SignedLink(LinkTo.MUTE_STORY, "desk", "s1", NOW + timedelta(days=1)))
    bad = [
        f"{other[0]}.{signature}", f"{said}.{other[2]}", f"{said}.", said, f".{signature}", ".", "x", f"{good}A", f"{good}=",
        f"{said}=.{signature}", foreign, link(until=NOW), link(until=NOW - timedelta(days=400)), "%C3%A9.%C3%A9", "A" * 5000,
        f"{said}.{signature[:-1]}", f"{good}.{signature}",
    ]  # fmt: skip
    async with door(hand) as port:
        for one in bad:
            path = f"/l/{one}"
            assert (await send(port, path, b"", method="GET", origin=None))[0] == 404, one
            assert (await send(port, path, {"span": "1d"}))[0] == 404, one
    assert hand.asked == []
