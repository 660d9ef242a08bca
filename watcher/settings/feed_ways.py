"""Checks the way to a feed or channel as far as it can be seen without asking anybody: its address, its proxy, whose
certificates are trusted there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

from watcher.network.addresses import literal, may_dial, parse_networks
from watcher.settings.feed_schema import FeedModel
from watcher.settings.issues import Issues
from watcher.settings.phrases import short
from watcher.settings.yaml_text import MapNode, YamlNode


def private_host(url: str, allowed: Iterable[str]) -> str:
    """Return a sentence when a URL's host can be seen, without a look-up, to be refused when it is dialled; else ""."""
    # Signs that IDNA maps to digits and dots spell an address too.
    host = unicodedata.normalize("NFKC", urlsplit(url).hostname or "").replace("。", ".").split("%")[0].rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        host, shown = "127.0.0.1", host  # RFC 6761 section 6.3
    else:
        shown = host
    try:
        address = literal(host)
    except ValueError:
        return f"`{short(shown)}` is an unusual way to write an address"
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        shown = str(mapped)
    if address is None or may_dial(address, parse_networks(allowed)):
        return ""  # a name is looked up, and checked, when it is dialled
    return f"{shown} is not a public address"


class WayChecks:
    """Notes what is wrong with the way to one feed; `allowed` are blocks that any feed may dial."""

    def __init__(self, issues: Issues, allowed: tuple[str, ...]) -> None:
        self._issues = issues
        self._allowed = allowed

    def check_proxy(self, node: YamlNode, model: FeedModel) -> None:
        """Note a proxy that cannot be asked; its address is a secret and not shown."""
        if model.proxy is None or not model.proxy.reveal():
            return
        at = _at(node, "proxy")
        try:
            parts = urlsplit(model.proxy.reveal())
            _ = parts.port
        except ValueError:
            parts = urlsplit("")
        if parts.scheme != "http" or not parts.hostname:
            self._issues.error(
                at, "this is no proxy that can be asked", hint="write http://HOST:PORT; others are not spoken"
            )
        elif refused := private_host(model.proxy.reveal(), (*self._allowed, *model.allow_private)):
            hint = "add `allow_private: [...]` with its block to the feed, if that is meant"
            self._issues.error(at, f"of the proxy, {refused}", hint=hint)

    def check_tls(self, node: YamlNode, model: FeedModel, *, has_credentials: bool) -> None:
        """Note what TLS options give away: without a certificate anybody on the way may answer, and hear a password."""
        if model.tls is None or not model.tls.insecure:
            return
        at = _at(node, "tls")
        if has_credentials or model.headers or model.cookies:
            self._issues.error(
                at,
                "`insecure` would hand credentials, headers and cookies of this feed to anybody on the way",
                hint="write `tls: {ca: FILE}` with the certificate of its server instead",
            )
        else:
            self._issues.warn(
                at,
                "nobody checks who answers for this feed: anybody on the way can write what it says",
                hint="`tls: {ca: FILE}` with the certificate of its server is as easy, and safe",
            )


def _at(node: YamlNode, key: str) -> YamlNode:
    return (node.key(key) if isinstance(node, MapNode) else None) or node
