"""What the event loop reports by itself, put into words where we know them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import structlog

from watcher.network.descriptors import is_shortage

log = structlog.get_logger()

QUIET_SECONDS: Final = 60.0
"""asyncio reports each connection that it cannot take, a hundred at once, and tries again each second."""


def reporter(monotonic: Callable[[], float]) -> Callable[[asyncio.AbstractEventLoop, dict[str, Any]], None]:
    """Return a handler for errors of the event loop: a connection that is not taken for want of descriptors is one
    warning a minute.

    Everything else is asyncio's own report, with its traceback. `monotonic` returns seconds.
    """
    last: float | None = None

    def report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        nonlocal last
        error = context.get("exception")
        if not isinstance(error, OSError) or not is_shortage(error):
            loop.default_exception_handler(context)
            return
        now = monotonic()
        if last is None or now - last >= QUIET_SECONDS:
            last = now
            log.warning("no file descriptors left for connections to the page; they wait")

    return report
