"""The page's server: the status page, the door for changes, probes and metrics, on uvicorn in the daemon's own loop."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from watcher.core.model.secret import Secret
from watcher.errors import ConfigError
from watcher.web.access import Access, parse_bind
from watcher.web.door import door_routes
from watcher.web.idle import ClosingWhenIdle
from watcher.web.pages import render_article, render_status
from watcher.web.source import PageSource

log = structlog.get_logger()

_HERE = Path(__file__).parent
_SHUTDOWN_SECONDS = 3
_STORY_ID = re.compile(r"s[a-z2-7]{4,26}")
_ARTICLE_ID = re.compile(r"a[a-z2-7]{4,26}")


def build_app(
    source: PageSource, *, token: Secret | None = None, public_url: str = "", trusted_proxies: Sequence[str] = ()
) -> ASGIApp:
    """Return the ASGI application that answers from `source`."""

    async def status(request: Request) -> Response:
        if not source.is_open():
            return _starting()
        return HTMLResponse(render_status(await source.overview()))

    async def story(request: Request) -> Response:
        """The "story" links of messages: to its place on the page, which shows the newest."""
        id_ = request.path_params["story"]
        if not _STORY_ID.fullmatch(id_):
            return PlainTextResponse("There is no such story.", 404)
        return RedirectResponse(f"../#{id_}", 302)

    async def article(request: Request) -> Response:
        if not source.is_open():
            return _starting()
        id_ = request.path_params["article"]
        view = await source.article(id_) if _ARTICLE_ID.fullmatch(id_) else None
        if view is None:
            return PlainTextResponse("There is no such article; its text may be older than `keep.articles`.", 404)
        return HTMLResponse(render_article(view))

    async def livez(request: Request) -> Response:
        answer = source.live()
        return JSONResponse(answer, 200 if answer["live"] else 503)

    async def readyz(request: Request) -> Response:
        ready, answer = source.ready()
        return JSONResponse(answer, 200 if ready else 503)

    async def metrics(request: Request) -> Response:
        return Response(source.metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return Starlette(
        routes=[
            Route("/", status),
            Route("/s/{story}", story),
            Route("/a/{article}", article),
            Route("/livez", livez),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            *door_routes(source),
            Mount("/static", StaticFiles(directory=_HERE / "static")),
        ],
        middleware=[Middleware(Access, token=token, public_url=public_url, trusted_proxies=trusted_proxies)],
    )


def _starting() -> Response:
    return PlainTextResponse("watcher is starting; try again in a moment.", 503, {"retry-after": "5"})


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling: the daemon stops it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the daemon."""
        yield


async def serve_app(app: ASGIApp, listening: socket.socket, stopping: asyncio.Event) -> None:
    """Serve on an open socket until `stopping` is set, and close it."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        # The library would take X-Forwarded-For from this machine (FORWARDED_ALLOW_IPS) for the one who asks, before
        # our own check.
        proxy_headers=False,
        ws="none",
        http=ClosingWhenIdle,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    server = _Server(config)
    with listening:
        async with asyncio.TaskGroup() as group:
            group.create_task(server.serve(sockets=[listening]))
            await stopping.wait()
            server.should_exit = True


def listen(bind: str) -> socket.socket:
    """Return a socket that listens on `host:port`; port 0 takes any free one.

    Raises:
        ConfigError: the address is taken or cannot be bound.
    """
    host, port = parse_bind(bind)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        raise ConfigError(
            f"the page cannot listen on {bind}: {error.strerror or error}; choose another --bind"
        ) from error
