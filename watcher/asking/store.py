"""The store for verbs: readers open it themselves, writers go through the running daemon or take the lock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeVar

from watcher.asking.progress import Bar
from watcher.by_hand import ByHand
from watcher.core.model.ids import ArticleId, MessageId
from watcher.daemon.clock import SystemClock
from watcher.daemon.control import ask, socket_path
from watcher.errors import StorageError
from watcher.ports import Shown, Store
from watcher.revisions import Revisions
from watcher.settings.env import Settings
from watcher.storage.lock import hold_locks, read_lock
from watcher.storage.place import refuse_absent

T = TypeVar("T")
Id = TypeVar("Id", ArticleId, MessageId)

_PIECE: Final = 500
NOTHING_MORE: Final[Mapping[str, str]] = MappingProxyType({})


class StoredWithRevisions(Shown, Revisions, Protocol):
    """What verbs read: all that is stored, and the revisions of the configuration."""


def with_store(settings: Settings, question: Callable[[Store], Awaitable[T]]) -> T:
    """Open the store read-only, ask, close, and return the answer.

    Raises:
        StorageError: there is no database yet, or it cannot be read.
    """

    refuse_missing(settings)
    refuse_absent(settings.place())
    from watcher.storage.open import open_store

    async def run() -> T:
        store = await asyncio.to_thread(open_store, settings.database, read_only=True)
        try:
            return await question(store)
        finally:
            await store.close()

    return asyncio.run(run())


def index_all(settings: Settings) -> None:
    """Put all stored articles into the search index; the caller holds the locks. Shows how far it is.

    Raises:
        StorageError: the database refused.
    """
    from watcher.storage.open import open_store

    async def run() -> None:
        store = await asyncio.to_thread(open_store, settings.database)
        bar = Bar("filling the search index")
        try:
            while (done := await store.index_more(_PIECE)) < 1.0:
                bar.at(done)
        finally:
            bar.end()
            await store.close()

    asyncio.run(run())


def refuse_missing(settings: Settings) -> None:
    """Refuse a database that is not there where the daemon's is known, and say where that one lies.

    Raises:
        StorageError: there is none, but the data directory's lock names another that is there.
    """
    wanted, known = settings.place(), read_lock(Path(settings.data)).database
    if not wanted.is_made and known is not None and known.is_file():
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

    async def find(store: Shown) -> MessageId:
        record = await store.message(id_)
        if record is None:
            raise StorageError(f"no message or delivery has the id {id_}; see: watcher deliveries list")
        return record.id

    async def by_hand(store: ByHand, found: MessageId) -> str:
        again = await store.retry_message(found, SystemClock().now())
        return f"{again.id} is {again.state.value} again; it goes out when the daemon runs"

    def by_daemon(found: MessageId, answer: Mapping[str, Any]) -> str:
        return f"{found} is {answer['state']} again; the daemon sends it now"

    return _write(settings, find, ("retry", "message"), by_daemon, by_hand)


def release_article(settings: Settings, id_: str) -> str:
    """Give an article that was folded or passed over an alert of its own, through the daemon where one runs; return
    what happened.

    Raises:
        StorageError: no such article, or it has nothing to release.
        ControlError: the daemon refused.
    """

    async def find(store: Shown) -> ArticleId:
        record = await store.article(id_)
        if record is None:
            raise StorageError(f"no stored article has the id {id_}; see: watcher stories suppressed")
        return record.article.id

    async def by_hand(store: ByHand, found: ArticleId) -> str:
        made = await store.release_article(found, SystemClock().now())
        return _say_released(found, made.targets, made.kept, "it goes out when the daemon runs and the channel works")

    def by_daemon(found: ArticleId, answer: Mapping[str, Any]) -> str:
        return _say_released(
            found, answer["targets"], answer["kept"], "the daemon sends it as soon as the channel works"
        )

    return _write(settings, find, ("release", "article"), by_daemon, by_hand)


def change_by_hand(
    settings: Settings, verb: str, what: str, by_hand: Callable[[ByHand], Awaitable[str]], **more: str
) -> str:
    """Have the running daemon do `verb` with `what` and `more`, or do it `by_hand` under the lock; return what was
    done.

    Raises:
        StorageError: the database refused.
        ControlError: the daemon refused.
    """

    async def find(store: Shown) -> MessageId:
        return MessageId(what)

    async def alone(store: ByHand, found: MessageId) -> str:
        return await by_hand(store)

    return _write(settings, find, (verb, "what"), lambda _, answer: str(answer["said"]), alone, more)


def _say_released(id_: ArticleId, targets: Sequence[str], kept: Sequence[str], when: str) -> str:
    return "\n".join([f"{id_} has an alert of its own for {', '.join(targets)}; {when}", *kept])


def _write(
    settings: Settings,
    find: Callable[[Shown], Awaitable[Id]],
    verb: tuple[str, str],
    by_daemon: Callable[[Id, Mapping[str, Any]], str],
    by_hand: Callable[[ByHand, Id], Awaitable[str]],
    more: Mapping[str, str] = NOTHING_MORE,
) -> str:
    """Find something in the store and change it: by the running daemon, asked by `verb` and the key of the id, else
    by hand under the lock.
    """

    async def run() -> str:
        data = Path(settings.data)
        refuse_missing(settings)
        from watcher.storage.open import open_store

        store = await asyncio.to_thread(open_store, settings.database, read_only=True)
        try:
            found = await find(store)
        finally:
            await store.close()
        if await asyncio.to_thread(socket_path(data).exists):
            return by_daemon(found, await ask(data, {"verb": verb[0], verb[1]: found, **more}))
        with hold_locks(data, settings.place().file):
            writer = await asyncio.to_thread(open_store, settings.database)
            try:
                return await by_hand(writer, found)
            finally:
                await writer.close()

    return asyncio.run(run())
