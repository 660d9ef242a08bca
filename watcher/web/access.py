"""Who may read the page: one middleware for every route, and the rule for binding beyond loopback."""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from watcher.core.model.secret import Secret
from watcher.errors import ConfigError

OPEN_PATHS = frozenset({"/livez", "/readyz"})
"""Probes need no token; what they answer names no feed, rule or channel."""

SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


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


class Access:
    """Checks Host, token and method on every request, and adds the security headers to every answer.

    Without a token only loopback names and the public address are answered, so that a foreign page cannot reach us by a name of
    its own that leads here (DNS rebinding). With a token the request must carry it, as Bearer or as the password of Basic.
    """

    def __init__(self, app: ASGIApp, *, token: Secret | None, public_url: str, trusted_proxies: Sequence[str]) -> None:
        self._app = app
        self._token = token
        self._public_host = (urlsplit(public_url).hostname or "").lower()
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
        if scope["method"] not in {"GET", "HEAD"}:
            return PlainTextResponse(
                "This page only shows; change the YAML files instead.", 405, {"allow": "GET, HEAD"}
            )
        if scope["path"] in OPEN_PATHS or self._from_proxy(scope):
            return None
        if self._token is not None:
            if _carries(headers.get("authorization", ""), self._token):
                return None
            return PlainTextResponse(
                "The token is needed.", 401, {"www-authenticate": 'Basic realm="watcher", charset="UTF-8"'}
            )
        host = (urlsplit(f"//{headers.get('host', '')}").hostname or "").lower()
        if is_loopback(host) or (host and host == self._public_host):
            return None
        return PlainTextResponse("This name is not known here; set WATCHER_PUBLIC_URL to use it.", 421)

    def _from_proxy(self, scope: Scope) -> bool:
        client = scope.get("client")
        if not client or not self._proxies:
            return False
        try:
            address = ipaddress.ip_address(client[0])
        except ValueError:
            return False
        return any(address in block for block in self._proxies)


def _carries(authorization: str, token: Secret) -> bool:
    scheme, _, value = authorization.partition(" ")
    given = value.strip()
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given, validate=True).decode("utf-8").partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return False
    elif scheme.lower() != "bearer":
        return False
    # Compared in constant time, so that the answer's delay does not tell how much was right.
    return hmac.compare_digest(given.encode(), token.reveal().encode())
