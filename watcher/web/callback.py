"""The server at which hubs (WebSub) reach us: a bind of its own, and nothing there but one path a subscription."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

_BODY_SECONDS = 10.0
"""Anybody may send here: who sends a byte now and then does not stay."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a hub is answered."""

    status: int
    text: str = ""


class Subscribed(Protocol):
    """What knows the subscriptions."""

    async def confirm(self, path: str, said: dict[str, str]) -> Answer:
        """Answer a hub that asks back."""
        ...

    async def pushed(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Take what a hub sends."""
        ...


def callback_app(subscribed: Subscribed, most_bytes: int) -> ASGIApp:
    """Return the ASGI application of the callbacks; of a body no more than `most_bytes` is taken."""

    async def asked(request: Request) -> Response:
        answer = await subscribed.confirm(request.path_params["path"], dict(request.query_params))
        return _response(answer)

    async def pushed(request: Request) -> Response:
        body = b""
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                async for part in request.stream():
                    body += part
                    if len(body) > most_bytes:
                        return _response(Answer(413))
        except TimeoutError:
            return _response(Answer(408))
        except ClientDisconnect:
            return _response(Answer(400))
        return _response(await subscribed.pushed(request.path_params["path"], dict(request.headers), body))

    return Starlette(
        routes=[Route("/{path:path}", asked, methods=["GET"]), Route("/{path:path}", pushed, methods=["POST"])]
    )


def _response(answer: Answer) -> Response:
    return PlainTextResponse(answer.text, answer.status, headers={"X-Content-Type-Options": "nosniff"})
