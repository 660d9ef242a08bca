"""The one way to speak HTTP: every poll, webhook and page goes through `GuardedClient.exchange`.

1. The address is checked and the checked address dialled, for each hop anew (guard, transport).
2. Redirects are followed here, by hand: a bounded number, no circle, http and https only.
3. Credentials go to the configured origin only, and are gone for good once a hop left it.
4. Cookies that a redirect sets go back to the origin that set them, within one exchange.
5. The body is decoded as it comes, up to a limit; an answer shorter or longer than it says is refused.
6. One deadline holds for all of it: a server that sends a byte now and then never trips a timeout of single reads.
"""

from __future__ import annotations

import asyncio
import base64
import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.metadata import version
from types import MappingProxyType
from urllib.parse import urlsplit

import certifi
import httpx

from watcher.core.model.outcome import FetchProblemKind
from watcher.errors import BlockedAddress, FetchDetail, FetchError
from watcher.network.answer import Body, BrokenExchange
from watcher.network.body import BodyDecoder, too_big
from watcher.network.cookies import ExchangeCookies
from watcher.network.guard import AddressGuard
from watcher.network.policy import HttpAnswer, HttpRequest
from watcher.network.transport import GuardedTransport, ProxyRoute, UnsendableRequest

_MOVED = frozenset({301, 302, 303, 307, 308})
_MOVED_FOR_GOOD = frozenset({301, 308})
_NO_HOST = re.compile(r"(?:https?:)?//(?:[^/?#]*@)?(?::[0-9]*)?(?:[/?#]|\Z)", re.IGNORECASE)
"""An address that leaves its host empty (`//`, `http:///x`); joined to another, it would mean the host of that."""
_BODYLESS = frozenset({204, 304})

_ERROR_BODY_BYTES = 64 * 1024
"""Of the body of an error only the beginning is kept: enough to recognise a bot wall or to show the receiver's
reason.
"""

_ERROR_BODY_SECONDS = 5.0
_LAST_SHARE = 0.1
"""The body of an error is waited for so long, and ends a tenth of all time before the exchange does: status and
headers are the answer.
"""

_PARTS_FREE = 20_000
_BYTES_A_PART = 128
"""More chunks than this many, and than one for so many bytes, are an attack: each costs some 25 us, whatever its
size.
"""

_WORK_A_TURN = 32
"""Steps of decoding (BodyDecoder.work) between two turns of the others: some 2 MiB of zeros, or 32 pieces of one
byte.
"""

_OURS = frozenset(
    {
        "host",
        "connection",
        "accept-encoding",
        "content-length",
        "transfer-encoding",
        "te",
        "trailer",
        "upgrade",
        "expect",
    }
)
"""Headers that steer the exchange itself; the user's word for them is not taken."""

_BODY_HEADERS = frozenset({"content-type", "content-encoding", "content-language"})


def honest_user_agent(contact: str = "") -> str:
    """Return how we call ourselves: name, version, and where our user can be reached."""
    name = f"watcher/{version('news-watcher')}"
    return f"{name} (+{contact})" if contact else name


def tls_context() -> ssl.SSLContext:
    """Return a context that trusts the bundled authorities, and those in the file that SSL_CERT_FILE names.

    Building one costs about 20 ms and 700 kB, so that there is one for all connections.
    """
    context = ssl.create_default_context(cafile=certifi.where())
    if extra := os.environ.get("SSL_CERT_FILE"):
        context.load_verify_locations(cafile=extra)
    return context


@dataclass(slots=True)
class _Hop:
    """Where an exchange stands."""

    url: httpx.URL
    method: str
    content: bytes | None
    body_until: float  # the loop's time after which the body of an error is not waited for
    at_origin: bool = True
    status: int | None = None
    permanent_url: str = ""
    all_permanent: bool = True
    seen: set[str] = field(default_factory=set)
    cookies: ExchangeCookies = field(default_factory=ExchangeCookies)

    @property
    def visit(self) -> str:
        """What is asked of whom with which cookies: the same visit twice is a circle."""
        return f"{self.method} {self.url} {self.cookies.header(_origin(self.url))}"


class GuardedClient:
    """Makes exchanges over new connections; keeps no cookies and nothing of the environment's proxies, and a
    connection for a moment only where a request says so.
    """

    def __init__(self, guard: AddressGuard, *, user_agent: str = "", tls: ssl.SSLContext | None = None) -> None:
        self.user_agent = user_agent or honest_user_agent()
        self._transport = GuardedTransport(guard, tls or tls_context())

    async def exchange(self, request: HttpRequest) -> HttpAnswer:
        """Return the last answer of a chain of redirects, whatever its status, with its body whole and decoded.

        Of an answer with status 400 or above only the first 64 KiB of body are kept, and a body that breaks or stalls
        is no error: a 429 has said when to come again.

        Raises:
            BlockedAddress: the address, or that of a redirect, may not be dialled.
            FetchError: `kind` says what failed; `detail.status` is set when a status had come.
            OutOfDescriptors: this machine could not ask; the server is not to blame.
        """
        start, userinfo = _start(request.url)
        body_until = asyncio.get_running_loop().time() + request.limits.total.total_seconds() * (1 - _LAST_SHARE)
        hop = _Hop(start, request.method, request.content, body_until, at_origin=not request.is_led)
        if userinfo:
            request = replace(request, origin_headers=_with_authorization(request.origin_headers, userinfo))
        try:
            async with asyncio.timeout(request.limits.total.total_seconds()):
                return await self._follow(hop, request)
        except TimeoutError as error:
            told = "did not finish its answer" if hop.status else "did not answer"
            raise _failed(
                hop, f"{told} within {request.limits.total.total_seconds():g} s", FetchProblemKind.TIMEOUT
            ) from error
        except UnsendableRequest as error:
            raise _failed(hop, "was not asked: a configured header cannot be sent", FetchProblemKind.CONNECT) from error
        except BrokenExchange as error:
            told = "closed the connection inside its answer"
            if error.said:
                told = f"broke off or does not speak HTTP ({error.said:.150})"
            raise _failed(hop, told, FetchProblemKind.CLOSED) from error

    async def aclose(self) -> None:
        """Close what is open: connections that are kept for a moment."""
        await self._transport.aclose()

    async def _follow(self, hop: _Hop, request: HttpRequest) -> HttpAnswer:
        left = request.limits.max_redirects
        while True:
            hop.status = None
            hop.seen.add(hop.visit)
            answer = await self._once(hop, request)
            location = answer.headers.get("location", "")
            if answer.status not in _MOVED or not location or request.limits.max_redirects == 0:
                return answer
            if left == 0:
                raise _failed(
                    hop, f"leads on after {request.limits.max_redirects} redirects", FetchProblemKind.REDIRECT
                )
            left -= 1
            _move_on(hop, location)

    async def _once(self, hop: _Hop, request: HttpRequest) -> HttpAnswer:
        wanted = httpx.Request(
            hop.method,
            hop.url,
            headers=self._headers(hop, request),
            content=hop.content,
            extensions={
                "allow_private": request.allow_private if hop.at_origin else None,
                "connect": request.limits.connect,
                "proxy": _route(request),
                "tls": request.tls if hop.at_origin else None,
                "keeps": request.keeps and hop.at_origin,
            },
        )
        response = await self._transport.handle_async_request(wanted)
        try:
            hop.status = response.status_code
            if hop.status in _MOVED:
                hop.cookies.take(_origin(hop.url), response.headers.get_list("set-cookie"))
            headers = _answer_headers(response)
            body = b"" if _has_no_body(hop, headers) else await _body(response, headers, hop, request)
        finally:
            await response.aclose()
        return HttpAnswer(hop.status, headers, body, str(hop.url), hop.permanent_url)

    def _headers(self, hop: _Hop, request: HttpRequest) -> list[tuple[bytes, bytes]]:
        merged = {"user-agent": ("User-Agent", self.user_agent), "accept": ("Accept", "*/*")}
        asked = {**request.headers, **(request.origin_headers if hop.at_origin else {})}
        for name, value in asked.items():
            key = name.lower()
            if key not in _OURS and (hop.content is not None or key not in _BODY_HEADERS):
                merged[key] = (name, value)
        configured = merged.pop("cookie", ("", ""))[1]
        if cookies := hop.cookies.header(_origin(hop.url), configured):
            merged["cookie"] = ("Cookie", cookies)
        merged["accept-encoding"] = ("Accept-Encoding", "gzip")
        if not (request.keeps and hop.at_origin and not request.proxy):
            merged["connection"] = ("Connection", "close")
        return [(name.encode("ascii", "replace"), _wire(value)) for name, value in merged.values()]


@lru_cache(maxsize=2048)
def _start(url: str) -> tuple[httpx.URL, str]:
    """Return where an exchange begins, and the Authorization that the user and password of its address make ("" =
    none).

    Raises:
        BlockedAddress: it is no address that is fetched.
    """
    try:
        parsed = httpx.URL(url)
        host = parsed.host  # read here, since a broken name ("xn--") shows itself only when it is
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        # The error's text may hold the URL, and the URL a password.
        raise BlockedAddress("the address cannot be read; it is no valid http or https URL") from error
    if parsed.scheme not in ("http", "https") or not host:
        raise BlockedAddress(f"only http and https are fetched, not {parsed.scheme[:40]!a}")
    authorization = basic_authorization(parsed.username, parsed.password) if parsed.userinfo else ""
    return parsed.copy_with(userinfo=b"", fragment=None), authorization


def _route(request: HttpRequest) -> ProxyRoute | None:
    """Return the proxy of a request, which stays for where it is led: it is how this machine gets out.

    Raises:
        BlockedAddress: it is no proxy that can be asked.
    """
    if not request.proxy:
        return None
    try:
        url, authorization = _start(request.proxy)
        port = urlsplit(request.proxy).port  # httpx forgets one that is usual for http, which is not so for a proxy
    except BlockedAddress as error:
        raise BlockedAddress(f"of the proxy {error}") from error
    if url.scheme != "http":
        raise BlockedAddress("the proxy is not asked: only http:// proxies are")
    return ProxyRoute(
        url.raw_host.decode("ascii"), 8080 if port is None else port, authorization, request.allow_private
    )


def _with_authorization(headers: Mapping[str, str], value: str) -> Mapping[str, str]:
    """Return the headers with an Authorization, unless there is one already."""
    if any(name.lower() == "authorization" for name in headers):
        return headers
    return {**headers, "Authorization": value}


def basic_authorization(username: str, password: str) -> str:
    """Return the value of an Authorization header (RFC 7617, UTF-8)."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode("ascii")


def _move_on(hop: _Hop, location: str) -> None:
    """Change `hop` to where a redirect leads.

    Raises:
        FetchError: kind redirect; a circle, or a place that we do not follow to.
    """
    try:
        target = hop.url.join(location).copy_with(userinfo=b"", fragment=None)
        host = target.host
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise _failed(hop, "redirects to an address that cannot be read", FetchProblemKind.REDIRECT) from error
    if target.scheme not in ("http", "https"):
        raise _failed(hop, f"redirects to {target.scheme[:40]!a}, which is not followed", FetchProblemKind.REDIRECT)
    if not host or _NO_HOST.match(location):
        raise _failed(hop, "redirects to an address that names no host", FetchProblemKind.REDIRECT)
    status = hop.status or 0
    if status == 303 or (status in (301, 302) and hop.method == "POST"):  # as browsers do, RFC 9110 section 15.4
        hop.method, hop.content = ("HEAD" if hop.method == "HEAD" else "GET"), None
    hop.at_origin = hop.at_origin and _origin(target) == _origin(hop.url)
    hop.all_permanent = hop.all_permanent and status in _MOVED_FOR_GOOD
    hop.url = target
    if hop.all_permanent:
        hop.permanent_url = str(target)
    if hop.visit in hop.seen:
        raise _failed(hop, f"redirects in a circle{_cause(hop)}", FetchProblemKind.REDIRECT)


def _cause(hop: _Hop) -> str:
    if not hop.cookies.came:
        return ""
    return (
        "; it needs a cookie that does not come back to it from us, since cookies live for one fetch and go to the origin that set them"
        " (scheme, host and port); configure the address where the circle ends, or the cookie itself (cookies)"
    )


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return (url.scheme, url.host, url.port)


def _has_no_body(hop: _Hop, headers: Mapping[str, str]) -> bool:
    assert hop.status is not None
    return hop.method == "HEAD" or hop.status in _BODYLESS or (hop.status in _MOVED and "location" in headers)


async def _body(response: httpx.Response, headers: Mapping[str, str], hop: _Hop, request: HttpRequest) -> bytes:
    if response.status_code >= 400:
        return await _beginning(response, headers, hop)
    length = _content_length(headers)
    limit = request.limits.max_body_bytes
    try:
        if length is not None and length > limit:
            raise too_big(limit)
        decoder = BodyDecoder(headers.get("content-encoding", ""), limit)
        await _decode(response, decoder)
        body = decoder.finish(keep_cut=request.keeps_cut)
    except FetchError as error:
        raise _failed(hop, f"gave no usable answer: {error}", FetchProblemKind(error.kind)) from error
    stream = response.stream
    assert isinstance(stream, Body)
    if length is not None and "transfer-encoding" not in headers and stream.surplus():
        raise _failed(hop, "sent more than its Content-Length says", FetchProblemKind.CLOSED)
    return body


async def _beginning(response: httpx.Response, headers: Mapping[str, str], hop: _Hop) -> bytes:
    """Return the first 64 KiB of an error's body, or what could be had of them in some seconds."""
    decoder = BodyDecoder(headers.get("content-encoding", ""), _ERROR_BODY_BYTES)
    try:
        async with asyncio.timeout_at(min(asyncio.get_running_loop().time() + _ERROR_BODY_SECONDS, hop.body_until)):
            await _decode(response, decoder)
        return decoder.finish()
    except (TimeoutError, FetchError, BrokenExchange):
        return decoder.so_far()  # the status is the answer; its text is only for show


async def _decode(response: httpx.Response, decoder: BodyDecoder) -> None:
    """Give the body to the decoder as it comes; others get their turn, however small its pieces or how far they
    unpack.
    """
    done = parts = received = 0
    async for part in response.aiter_raw():
        parts += 1
        received += len(part)
        if parts > _PARTS_FREE + received // _BYTES_A_PART:
            raise FetchError(f"it came in more than {_PARTS_FREE} tiny pieces", kind=FetchProblemKind.BAD_ENCODING)
        at = 0
        while at < len(part):
            end = at + decoder.bite
            decoder.feed(part[at:end])
            at = end
            if decoder.work - done >= _WORK_A_TURN:
                done = decoder.work
                await asyncio.sleep(0)


def _content_length(headers: Mapping[str, str]) -> int | None:
    value = headers.get("content-length", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 20 else None


def _answer_headers(response: httpx.Response) -> Mapping[str, str]:
    """Return the headers by lower-case name, byte for byte as Latin-1, so that validators can be echoed exactly."""
    found: dict[str, str] = {}
    for raw_name, raw_value in response.headers.raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name != "set-cookie":  # kept for this exchange at most (cookies), and the one that floods
            found[name] = f"{found[name]}, {value}" if name in found else value
    if "location" in found:
        found["location"] = _text(found["location"])
    return MappingProxyType(found)


def _text(latin: str) -> str:
    """Return a header's text read as UTF-8 where it is that: some servers put raw UTF-8 into Location."""
    try:
        return latin.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return latin


def _wire(value: str) -> bytes:
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8")


def _failed(hop: _Hop, what: str, kind: FetchProblemKind) -> FetchError:
    return FetchError(f"{hop.url.host} {what}", kind=kind, detail=FetchDetail(hop.status))
