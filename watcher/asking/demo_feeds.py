"""The bundled feeds as a small news world on loopback: documents with fresh dates, in two waves."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

_AT = re.compile(r"\{\{at:([+-])(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?\}\}")


@dataclass(frozen=True, slots=True)
class Outlet:
    """One outlet of the manifest; `later` is "" when its first document stays."""

    name: str
    title: str
    path: str
    content_type: str
    charset: str
    dates: str
    first: str
    lang: str = ""
    tags: Sequence[str] = ()
    later: str = ""


def read_manifest(seeds: Path) -> list[Outlet]:
    """Return the outlets that `manifest.yaml` lists, in its order."""
    manifest = yaml.safe_load((seeds / "manifest.yaml").read_text(encoding="utf-8"))
    return [Outlet(**outlet) for outlet in manifest["outlets"]]


def with_dates(document: str, began_at: datetime, form: str) -> str:
    """Return the document with each `{{at:OFFSET}}` as the date that lies so far from `began_at`."""

    def date(found: re.Match[str]) -> str:
        sign, days, hours, minutes = found.groups()
        offset = timedelta(days=int(days or 0), hours=int(hours or 0), minutes=int(minutes or 0))
        moment = (began_at + offset if sign == "+" else began_at - offset).astimezone(UTC).replace(microsecond=0)
        return format_datetime(moment) if form == "rfc822" else moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    return _AT.sub(date, document)


class NewsWorld:
    """Serves each outlet's document with validators; `publish_later` moves one outlet on to its second wave."""

    def __init__(self, seeds: Path, began_at: datetime) -> None:
        self.outlets = read_manifest(seeds)
        self._seeds = seeds
        self._began_at = began_at
        self._documents: dict[str, tuple[Outlet, bytes]] = {}
        for outlet in self.outlets:
            self._publish(outlet, outlet.first)

    def publish_later(self, outlet: Outlet) -> None:
        """Put the outlet's second document in the place of its first."""
        self._publish(outlet, outlet.later)

    def application(self) -> Starlette:
        """Return the server's application."""
        return Starlette(routes=[Route("/{path:path}", self._answer)])

    def feeds(self, port: int) -> Sequence[Mapping[str, object]]:
        """Return the outlets as the `feeds:` of a configuration."""
        return [
            {
                "name": outlet.name,
                "url": f"http://127.0.0.1:{port}{outlet.path}",
                "tags": list(outlet.tags),
                "allow_private": ["127.0.0.0/8"],
            }
            for outlet in self.outlets
        ]

    def _publish(self, outlet: Outlet, file: str) -> None:
        text = (self._seeds / file).read_text(encoding="utf-8")
        self._documents[outlet.path] = (outlet, with_dates(text, self._began_at, outlet.dates).encode(outlet.charset))

    async def _answer(self, request: Request) -> Response:
        found = self._documents.get(request.url.path)
        if found is None:
            return PlainTextResponse("no such feed", 404)
        outlet, body = found
        etag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers={"etag": etag})
        content_type = f"{outlet.content_type}; charset={outlet.charset}"
        return Response(body, headers={"etag": etag, "content-type": content_type})
