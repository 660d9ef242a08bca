"""What one exchange over HTTP is allowed to do and cost, and what came of it."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

from watcher.core.model.policy import FetchLimits


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request.

    `headers` are sent on every hop, `origin_headers` (credentials, cookies, user headers) only while scheme, host and
    port are those of `url`. `allow_private` holds CIDR blocks that may be dialled for that origin although they are
    not public. `limits.max_redirects` 0 = a redirect is returned as the answer. `keeps_cut` asks for what came of a
    body whose packing ends too early, from a reader that sees for itself whether a document is whole. `proxy` is the
    address of a proxy (http, a user and password may stand in it) for all hops; `tls` is for that origin only.
    `is_led`: nobody configured `url`, a document named it, and it is asked as where a redirect leads. `keeps` = the
    connection may serve the next such request to the same place, within a second.
    """

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    origin_headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    allow_private: tuple[str, ...] = ()
    limits: FetchLimits = FetchLimits()
    keeps_cut: bool = False
    proxy: str = field(default="", repr=False)
    tls: ssl.SSLContext | None = None
    is_led: bool = False
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came: `headers` in lower case, `body` decoded and within the limit, `url` of the last hop, `permanent_url`
    as in `Fetched`.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    permanent_url: str = ""
