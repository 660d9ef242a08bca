from __future__ import annotations

import base64

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from watcher.core.model.secret import Secret
from watcher.errors import ConfigError
from watcher.web.access import Access, check_bind, parse_bind


async def _hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


def _client(
    *, token: str = "", public_url: str = "", proxies: tuple[str, ...] = (), peer: str = "127.0.0.1"
) -> httpx.AsyncClient:
    app = Starlette(routes=[Route("/", _hello, methods=["GET", "POST"]), Route("/livez", _hello)])
    guarded = Access(app, token=Secret(token) if token else None, public_url=public_url, trusted_proxies=proxies)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(guarded, client=(peer, 1234)), base_url="http://127.0.0.1:8080"
    )


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:8080", "[::1]:8080", "desk.example"])
async def test_loopback_names_and_the_public_address_are_answered(host: str) -> None:
    async with _client(public_url="https://desk.example") as client:
        assert (await client.get("/", headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    "host", ["LOCALHOST", "Desk.Example:443", "127.0.0.2", "[::1]", "[0:0:0:0:0:0:0:1]:80", "localhost:65535"]
)
async def test_a_name_is_the_same_in_capitals_and_an_address_in_any_of_its_forms(host: str) -> None:
    async with _client(public_url="https://desk.example") as client:
        assert (await client.get("/", headers={"host": host})).status_code == 200


MALFORMED = [
    "", "[", "]", "[]", "[::1", "::1", "[::1]]", "[127.0.0.1]", "[::1%25lo]", "[gg::1]", "x@127.0.0.1", "user:pw@localhost",
    "localhost/evil", "localhost?x", "localhost#x", "localhost\\evil", "localhost:", "localhost:x", "localhost:0", "localhost:65536",
    "localhost:80:80", "localhost:-1", "localhost localhost", "localhost,evil.example", ".localhost", "-", "127.0.0.1:8080@evil.example",
    "localhost\t", "\xff", "loc%61lhost", "x" * 300,
]  # fmt: skip


@pytest.mark.parametrize("host", MALFORMED)
@pytest.mark.parametrize("token", ["", "s3cret-token"])
async def test_a_host_that_is_not_exactly_a_name_is_a_bad_request(host: str, token: str) -> None:
    async with _client(public_url="https://desk.example", token=token) as client:
        sent = {b"host": host.encode("latin-1"), b"authorization": b"Bearer s3cret-token"}
        assert (await client.get("/", headers=sent)).status_code == 400


async def test_two_hosts_are_a_bad_request_and_none_is_one_except_for_probes() -> None:
    async with _client() as client:
        for hosts in (["localhost", "evil.example"], ["localhost", "localhost"], []):
            request = client.build_request("GET", "/")
            request.headers = httpx.Headers([("host", host) for host in hosts])
            assert (await client.send(request)).status_code == 400
        probe = client.build_request("GET", "/livez")
        probe.headers = httpx.Headers([])
        assert (await client.send(probe)).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "desk.example.evil.example",
        "localhost.",
        "127.1",
        "0",
        "[::ffff:127.0.0.1]",
        "[::]",
    ],
)
async def test_a_foreign_name_that_leads_here_is_refused(host: str) -> None:
    async with _client(public_url="https://desk.example") as client:
        assert (await client.get("/", headers={"host": host})).status_code == 421


async def test_with_a_token_every_page_needs_it_but_probes_do_not() -> None:
    basic = base64.b64encode(b"me:s3cret-token").decode()
    async with _client(token="s3cret-token") as client:
        assert (await client.get("/")).status_code == 401
        assert (await client.get("/", headers={"authorization": "Bearer wrong"})).status_code == 401
        assert (await client.get("/", headers={"authorization": "Basic !!"})).status_code == 401
        assert (await client.get("/", headers={"authorization": "Bearer s3cret-token"})).status_code == 200
        assert (await client.get("/", headers={"authorization": f"Basic {basic}"})).status_code == 200
        assert (await client.get("/livez")).status_code == 200


async def test_a_trusted_proxy_speaks_for_its_users() -> None:
    async with _client(token="s3cret-token", proxies=("10.0.0.0/8",), peer="10.1.2.3") as client:
        assert (await client.get("/", headers={"host": "desk.example"})).status_code == 200
    async with _client(token="s3cret-token", proxies=("10.0.0.0/8",), peer="11.1.2.3") as client:
        assert (await client.get("/")).status_code == 401


FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host", "x-client-ip", "true-client-ip")


@pytest.mark.parametrize("header", FORWARDED)
@pytest.mark.parametrize("value", ["10.1.2.3", "for=10.1.2.3", "127.0.0.1", "localhost", "10.1.2.3, 127.0.0.1"])
async def test_nobody_becomes_a_proxy_by_a_header(header: str, value: str) -> None:
    for peer in ("127.0.0.1", "::1", "192.0.2.7", "::ffff:192.0.2.7"):
        async with _client(token="s3cret-token", proxies=("10.0.0.0/8",), peer=peer) as client:
            assert (await client.get("/", headers={header: value})).status_code == 401
    async with _client(proxies=("10.0.0.0/8",), peer="192.0.2.7") as client:
        assert (await client.get("/", headers={header: value})).status_code == 403


@pytest.mark.parametrize("peer", ["127.0.0.1", "::ffff:127.0.0.1"])
async def test_a_proxy_on_this_machine_is_trusted_whatever_it_forwards(peer: str) -> None:
    async with _client(token="s3cret-token", proxies=("127.0.0.1/32",), peer=peer) as client:
        for forwarded in ({}, {"x-forwarded-for": "203.0.113.9"}, {"x-forwarded-for": "nonsense, [::"}):
            answer = await client.get("/", headers={"host": "desk.example", **forwarded})
            assert answer.status_code == 200


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "desk.example"])
async def test_a_stranger_is_no_local_reader_because_it_says_so(host: str) -> None:
    async with _client(public_url="https://desk.example", proxies=("10.0.0.0/8",), peer="192.0.2.7") as client:
        assert (await client.get("/", headers={"host": host})).status_code == 403


async def test_a_method_that_neither_reads_nor_sends_a_form_is_refused() -> None:
    async with _client() as client:
        answer = await client.put("/")
    assert answer.status_code == 405


async def test_every_answer_carries_the_security_headers() -> None:
    async with _client() as client:
        for answer in (await client.get("/"), await client.get("/none"), await client.post("/")):
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("bind", ["0.0.0.0:8080", "[::]:8080", "192.0.2.7:80"])
def test_a_bind_for_strangers_needs_a_token_or_a_proxy(bind: str) -> None:
    with pytest.raises(ConfigError, match="WATCHER_TOKEN"):
        check_bind(bind, None, ())
    check_bind(bind, Secret("s3cret-token"), ())
    check_bind(bind, None, ("10.0.0.0/8",))


@pytest.mark.parametrize("bind", ["8080", "127.0.0.1", "127.0.0.1:x", ":80", "127.0.0.1:99999"])
def test_a_bind_that_is_no_address_is_refused(bind: str) -> None:
    with pytest.raises(ConfigError, match="host and port"):
        parse_bind(bind)


@pytest.mark.parametrize("value", [b"\xff\xfe", "t\u00f6ken".encode(), b"/w==", b"====", b"a", b"", b"Og== Og=="])
@pytest.mark.parametrize("scheme", [b"Basic ", b"basic\t", b"Bearer ", b""])
async def test_an_authorization_that_cannot_be_read_is_no_token(scheme: bytes, value: bytes) -> None:
    async with _client(token="s3cret-token") as client:
        assert (await client.get("/", headers={b"authorization": scheme + value})).status_code == 401
