"""Whose certificates are trusted for one feed (`tls`): those of a file beside the usual ones, or nobody is asked."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Final

from watcher.core.model.outcome import FetchProblemKind
from watcher.core.model.policy import RequestPolicy
from watcher.errors import FetchError
from watcher.fetching.files import SCHEME, read_file_feed
from watcher.network.client import tls_context

_MOST_BYTES: Final = 1024 * 1024
_MOST_KEPT: Final = 16
"""Contexts of 700 kB each; feeds with certificates of their own are few."""


class OwnTrust:
    """Makes TLS contexts, and keeps the last ones by what their file holds."""

    def __init__(self, config_dir: Path) -> None:
        self._config_dir = config_dir
        self._kept: dict[str, ssl.SSLContext] = {}

    async def context_of(self, policy: RequestPolicy) -> ssl.SSLContext | None:
        """Return the context that a feed asks for, None for the usual one.

        Raises:
            FetchError: kind file or tls; its file is not there, or holds no certificate.
        """
        if policy.unverified:
            return self._known("", "") or self._keep("", _unverified())
        if not policy.ca_file:
            return None
        return await asyncio.to_thread(self._with_file, policy.ca_file)

    def _with_file(self, name: str) -> ssl.SSLContext:
        document = read_file_feed(f"{SCHEME}{name}", self._config_dir, _MOST_BYTES)
        if known := self._known(name, document.etag):
            return known
        context = tls_context()
        try:
            context.load_verify_locations(cadata=document.body.decode("ascii", "replace"))
        except (ssl.SSLError, ValueError) as error:
            told = f"the file {name!r} that `tls` names holds no certificate in PEM form"
            raise FetchError(told, kind=FetchProblemKind.TLS) from error
        return self._keep(f"{name} {document.etag}", context)

    def _known(self, name: str, etag: str) -> ssl.SSLContext | None:
        return self._kept.get(f"{name} {etag}".strip())

    def _keep(self, key: str, context: ssl.SSLContext) -> ssl.SSLContext:
        while len(self._kept) >= _MOST_KEPT:
            self._kept.pop(next(iter(self._kept)), None)
        self._kept[key] = context
        return context


def _unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
