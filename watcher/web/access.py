"""Who may read the page: one middleware for every route, and the rule for binding beyond loopback."""

from __future__ import annotations

import base64
import hmac
import ipaddress
import re
from collections.abc import Sequence
from typing import TypeAlias

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from watcher.core.model.secret import Secret
from watcher.core.web_addresses import host_of, is_web, origin_of
from watcher.errors import ConfigError

_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

OPEN_PATHS = frozenset({"/livez", "/readyz"})
"""Probes need no token; what they answer names no feed, rule or channel."""

SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    # With "no-referrer" a browser sends `Origin: null` with our own forms, which then look like a stranger's.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}

LINKS = "/l/"
"""Where signed links lead: they need no token, for whoever holds one may do what it says."""

STATIC = "/static/"
"""Files of the program alone, the same for everybody; the pages of signed links need them too."""

_PASSED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
"""Headers that proxies add. Whoever asks may leave them out, so that they only ever refuse."""

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST = re.compile(r"(?:\[(?P<v6>[0-9a-f:.]{2,45})\]|(?P<name>[a-z0-9_][a-z0-9._-]{0,252}))(?::(?P<port>[0-9]{1,5}))?")


def parse_bind(bind: str) -> tuple[str, int]:
    """Return host and port of `host:port` or `[v6]:port`.

    Raises:
        ConfigError: it is neither.
    """
    host, _, port = bind.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise ConfigError(f"WATCHER_BIND is {bind!r}; give host and port, like 127.0.0.1:8080")
    return host.strip("[]"), int(port)


def is_loopback(host: str) -> bool:
    """Return whether a bind address or Host name means this machine alone."""
    if host.lower() in _LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_bind(bind: str, token: Secret | None, trusted_proxies: Sequence[str]) -> None:
    """Refuse to listen where strangers could read without a token.

    Raises:
        ConfigError: the address is not loopback and there is neither a token nor a trusted proxy.
    """
    host, _ = parse_bind(bind)
    if not is_loopback(host) and token is None and not trusted_proxies:
        raise ConfigError(
            f"the page would listen on {bind} for everybody; set WATCHER_TOKEN (or WATCHER_TOKEN_FILE), "
            "or WATCHER_TRUSTED_PROXIES, or bind to 127.0.0.1"
        )


def host_name(hosts: Sequence[str]) -> str:
    """Return the name or address in the one Host header of a request, in lower case; "" where it is not exactly one
    name, or none came.

    A parser of addresses is too kind here: it finds `127.0.0.1` in `x@127.0.0.1`, and `localhost` in `localhost/evil`.

    Source: RFC 9112 section 3.2 (one Host, else 400), RFC 3986 section 3.2.2.
    """
    found = _HOST.fullmatch(hosts[0].lower()) if len(hosts) == 1 else None
    if found is None or not 1 <= int(found["port"] or 80) <= 65535:
        return ""
    if found["v6"] is None:
        return found["name"]
    try:
        return str(ipaddress.IPv6Address(found["v6"]))
    except ValueError:
        return ""


class Access:
    """Checks Host, Origin, token and method on every request, and adds the security headers to every answer.

    Who asks is the address at the other end of the connection. No header that says something else about it, such as
    X-Forwarded-For, is read here or by the server in front of us, since whoever asks can write it. From a trusted
    proxy everything is answered. With a token any other request must carry it, as Bearer or as the password of Basic.
    Without one only this machine is answered, under loopback names and the public address, so that a foreign page
    cannot reach us by a name of its own that leads here (DNS rebinding).

    A POST may change something. It must come under a loopback name or the public address, from a page of ours (its
    Origin), and with the token, from proxies too; without a token from this machine alone, under a loopback name, and
    not where a proxy passed it on. A signed link needs no token, and no Origin either, since mail programs send none
    (RFC 8058); neither does the style sheet of its page.
    """

    def __init__(self, app: ASGIApp, *, token: Secret | None, public_url: str, trusted_proxies: Sequence[str]) -> None:
        self._app = app
        self._token = token
        self._public_host = host_of(public_url)
        self._public_origin = origin_of(public_url)
        self._proxies = [ipaddress.ip_network(block, strict=False) for block in trusted_proxies]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Act as ASGI middleware."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    *((k.encode(), v.encode()) for k, v in SECURITY_HEADERS.items()),
                ]
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        host = host_name(headers.getlist("host"))
        if scope["method"] not in {"GET", "HEAD", "POST"}:
            return PlainTextResponse(
                "This page is read with GET and changed with POST.", 405, {"allow": "GET, HEAD, POST"}
            )
        if not host and (headers.getlist("host") or scope["path"] not in OPEN_PATHS):
            return PlainTextResponse("The request has not exactly one Host that is a name or an address.", 400)
        peer = _peer(scope)
        if scope["method"] == "POST":
            return self._refusal_of_change(scope["path"], headers, host, peer)
        if scope["path"] in OPEN_PATHS or (peer is not None and any(peer in block for block in self._proxies)):
            return None
        if scope["path"].startswith((LINKS, STATIC)):
            return self._refusal_of_name(host)
        if self._token is not None:
            return None if _carries(headers.get("authorization", ""), self._token) else _token_is_needed()
        return self._refusal_without_token(peer, host)

    def _refusal_of_change(
        self, path: str, headers: Headers, host: str, peer: _Address | None
    ) -> PlainTextResponse | None:
        """Return why a request that would change something is refused, or None to let it through."""
        if (refusal := self._refusal_of_name(host)) is not None:
            return refusal
        origins = headers.getlist("origin")
        is_link = path.startswith(LINKS)
        if not (is_link and not origins) and not self._is_ours(origins, headers["host"]):
            return PlainTextResponse(
                "This form was not sent from a page of this watcher; open the page and send it there.", 403
            )
        if is_link:
            return None
        if self._token is not None:
            return None if _carries(headers.get("authorization", ""), self._token) else _token_is_needed()
        return self._refusal_from_elsewhere(headers, host, peer)

    def _refusal_from_elsewhere(self, headers: Headers, host: str, peer: _Address | None) -> PlainTextResponse | None:
        """Return why nobody but this machine changes anything without a token. Behind a reverse proxy that runs here
        the whole world comes from a loopback address; the name it asks for, and the proxy's own headers, show it.
        """
        if passed := next((name for name in _PASSED_ON if name in headers), ""):
            return PlainTextResponse(
                f"A proxy passed this on (it has the header {passed}), and changes through a proxy need a token; "
                "set WATCHER_TOKEN or WATCHER_TOKEN_FILE.",
                403,
            )
        is_here = peer is not None and peer.is_loopback and not any(peer in block for block in self._proxies)
        if is_here and is_loopback(host):
            return None
        return PlainTextResponse("Changes from elsewhere need a token; set WATCHER_TOKEN or WATCHER_TOKEN_FILE.", 403)

    def _is_ours(self, origins: Sequence[str], host: str) -> bool:
        """Return whether the one Origin of a request is that of the page that it was sent to.

        Source: RFC 6454 section 7; the Fetch standard sends it with every POST.
        """
        if len(origins) != 1 or not is_web(origins[0]):
            return False
        origin = origin_of(origins[0])
        return origin == self._public_origin or (is_loopback(origin[1]) and origin == origin_of(f"http://{host}"))

    def _refusal_of_name(self, host: str) -> PlainTextResponse | None:
        if is_loopback(host) or host == self._public_host:
            return None
        return PlainTextResponse("This name is not known here; set WATCHER_PUBLIC_URL to use it.", 421)

    def _refusal_without_token(self, peer: _Address | None, host: str) -> PlainTextResponse | None:
        if peer is None or not peer.is_loopback:
            return PlainTextResponse("Only this machine and the trusted proxies are answered.", 403)
        return self._refusal_of_name(host)


def _peer(scope: Scope) -> _Address | None:
    """Return the address at the other end of the connection, an IPv4 one in IPv6 clothes as what it is; None = it has
    none.
    """
    client = scope.get("client")
    try:
        address = ipaddress.ip_address(client[0]) if client else None
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _token_is_needed() -> PlainTextResponse:
    return PlainTextResponse(
        "The token is needed.", 401, {"www-authenticate": 'Basic realm="watcher", charset="UTF-8"'}
    )


def user_of(authorization: str) -> str:
    """Return the name that a browser was given beside the token, "" where there is none; anybody may give any."""
    return _given(authorization)[0]


def _given(authorization: str) -> tuple[str, str]:
    """Return the user and the token of a header; both are empty where it cannot be read."""
    scheme, _, value = authorization.partition(" ")
    given = value.strip()
    if scheme.lower() == "bearer":
        return "", given
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, password = base64.b64decode(given, validate=True).decode("utf-8").partition(":")
    except ValueError:  # no base64, no ASCII in it, or no UTF-8 behind it
        return "", ""
    return user, password


def _carries(authorization: str, token: Secret) -> bool:
    given = _given(authorization)[1]
    # Compared in constant time, so that the answer's delay does not tell how much was right.
    return hmac.compare_digest(given.encode(), token.reveal().encode())
