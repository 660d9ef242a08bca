"""The control socket: verbs that write talk to the running daemon here, one JSON object a line each way."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from watcher.errors import ControlError, WatcherError
from watcher.late import Late

if TYPE_CHECKING:
    import structlog
else:
    structlog = Late("structlog")

SOCKET_NAME = "control.sock"
_MAX_LINE_BYTES = 64 * 1024
_LONGEST_PATH = 100  # a unix socket's path may have 107 bytes on Linux

Handler = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]


def socket_path(data: Path) -> Path:
    """Return where the daemon of a data directory listens."""
    return data / SOCKET_NAME


@contextlib.asynccontextmanager
async def serve_control(data: Path, handlers: Mapping[str, Handler]) -> AsyncIterator[None]:
    """Listen while the block runs; the socket belongs to us alone (mode 0600).

    Raises:
        ControlError: the path is too long for a socket.
    """
    path = socket_path(data)
    if len(os.fsencode(path.absolute())) > _LONGEST_PATH:
        raise ControlError(f"the data directory's path is too long for a socket: {path}")
    path.unlink(missing_ok=True)  # left by a daemon that was killed; the lock says that none runs

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answer = await _answer(await reader.readline(), handlers)
            writer.write(json.dumps(answer, ensure_ascii=False, default=str).encode() + b"\n")
            await writer.drain()
        except (ConnectionError, ValueError) as error:
            structlog.get_logger().debug("control connection failed", reason=str(error))
        finally:
            writer.close()

    before = os.umask(0o177)
    try:
        server = await asyncio.start_unix_server(talk, path, limit=_MAX_LINE_BYTES)
    finally:
        os.umask(before)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)


async def _answer(line: bytes, handlers: Mapping[str, Handler]) -> Mapping[str, Any]:
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        return {"ok": False, "error": "not JSON"}
    verb = request.get("verb") if isinstance(request, dict) else None
    handler = handlers.get(verb) if isinstance(verb, str) else None
    if handler is None:
        return {"ok": False, "error": f"unknown verb; known are {', '.join(handlers)}"}
    try:
        return {"ok": True, **await handler(request)}
    except WatcherError as error:
        return {"ok": False, "error": str(error)}
    except Exception:
        # The foot of a connection: whoever asked is told, the daemon goes on, and the log has the details.
        log = structlog.get_logger()
        log.exception("control request failed", verb=verb)
        return {"ok": False, "error": "that failed by a mistake of ours; the log of the daemon has the details"}


async def ask(data: Path, request: Mapping[str, Any], timeout_seconds: float = 30.0) -> Mapping[str, Any]:
    """Send one request to the daemon of a data directory and return its answer.

    Raises:
        ControlError: no daemon listens, it refused, or it did not answer in time.
    """
    path = socket_path(data)
    try:
        async with asyncio.timeout(timeout_seconds):
            reader, writer = await asyncio.open_unix_connection(path, limit=16 * 1024 * 1024)
            try:
                writer.write(json.dumps(request).encode() + b"\n")
                await writer.drain()
                answer = json.loads(await reader.readline())
            finally:
                writer.close()
    except (OSError, ValueError) as error:
        raise ControlError(
            f"no daemon answers at {path}; is `watcher run` running with this data directory?"
        ) from error
    except TimeoutError as error:
        raise ControlError(f"the daemon at {path} did not answer within {timeout_seconds:.0f} s") from error
    if not answer.get("ok"):
        raise ControlError(str(answer.get("error", "the daemon refused")))
    return dict(answer)
