"""The store for verbs: readers open it themselves, writers go through the running daemon or take the lock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from watcher.core.model.ids import MessageId
from watcher.daemon.clock import SystemClock
from watcher.daemon.control import ask, socket_path
from watcher.errors import StorageError
from watcher.ports import Store
from watcher.settings.env import Settings
from watcher.storage.lock import hold_lock
from watcher.storage.open import open_store

T = TypeVar("T")


def with_store(settings: Settings, question: Callable[[Store], Awaitable[T]]) -> T:
    """Open the store read-only, ask, close, and return the answer.

    Raises:
        StorageError: there is no database yet, or it cannot be read.
    """

    async def run() -> T:
        store = await asyncio.to_thread(open_store, settings.database, read_only=True)
        try:
            return await question(store)
        finally:
            await store.close()

    return asyncio.run(run())


def retry_message(settings: Settings, id_: str) -> str:
    """Make a message due again, through the daemon where one runs; return what happened in one line.

    Raises:
        StorageError: no such message, or it was sent already.
        ControlError: the daemon refused.
    """

    async def run() -> str:
        data = Path(settings.data)
        store = await asyncio.to_thread(open_store, settings.database, read_only=True)
        try:
            record = await store.message(id_)
        finally:
            await store.close()
        if record is None:
            raise StorageError(f"no message or delivery has the id {id_}; see: watcher deliveries list")
        if await asyncio.to_thread(socket_path(data).exists):
            answer = await ask(data, {"verb": "retry", "message": record.id})
            return f"{record.id} is {answer['state']} again; the daemon sends it now"
        with hold_lock(data):
            writer = await asyncio.to_thread(open_store, settings.database)
            try:
                again = await writer.retry_message(MessageId(record.id), SystemClock().now())
            finally:
                await writer.close()
        return f"{again.id} is {again.state.value} again; it goes out when the daemon runs"

    return asyncio.run(run())
