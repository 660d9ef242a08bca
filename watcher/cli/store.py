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
from watcher.storage.lock import hold_locks, read_lock
from watcher.storage.open import open_store

T = TypeVar("T")


def with_store(settings: Settings, question: Callable[[Store], Awaitable[T]]) -> T:
    """Open the store read-only, ask, close, and return the answer.

    Raises:
        StorageError: there is no database yet, or it cannot be read.
    """

    refuse_missing(settings)

    async def run() -> T:
        store = await asyncio.to_thread(open_store, settings.database, read_only=True)
        try:
            return await question(store)
        finally:
            await store.close()

    return asyncio.run(run())


def refuse_missing(settings: Settings) -> None:
    """Refuse a database that is not there where the daemon's is known, and say where that one lies.

    Raises:
        StorageError: there is none, but the data directory's lock names another that is there.
    """
    wanted, known = settings.place().file, read_lock(Path(settings.data)).database
    if not wanted.is_file() and known is not None and known.is_file():
        raise StorageError(
            f"there is no database at {wanted}; the daemon of {settings.data} works with {known}: "
            f"give --database sqlite:///{known}"
        )


def retry_message(settings: Settings, id_: str) -> str:
    """Make a message due again, through the daemon where one runs; return what happened in one line.

    Raises:
        StorageError: no such message, or it was sent already.
        ControlError: the daemon refused.
    """

    async def run() -> str:
        data = Path(settings.data)
        refuse_missing(settings)
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
        with hold_locks(data, settings.place().file):
            writer = await asyncio.to_thread(open_store, settings.database)
            try:
                again = await writer.retry_message(MessageId(record.id), SystemClock().now())
            finally:
                await writer.close()
        return f"{again.id} is {again.state.value} again; it goes out when the daemon runs"

    return asyncio.run(run())
