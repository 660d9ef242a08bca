"""Results of polls that bring nothing: those of one moment share a transaction, each with its own fence."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

from watcher.core.model.ids import FeedId, raw_id
from watcher.core.model.outcome import Reading
from watcher.errors import LostClaim, StorageError
from watcher.storage.turns import NeedsTurn
from watcher.storage.writer import Writer, finish

_T = TypeVar("_T")

MOST_TOGETHER: Final = 64
TOGETHER_SECONDS: Final = 0.05
"""So many results go in one transaction, and so long each waits for others: a transaction is a write to the disk that
is waited for, which costs more than what a poll without news writes.
"""


@dataclass(frozen=True, slots=True)
class _Part:
    """One of several pieces of work in a transaction, and the feed as it is stored."""

    feed: bytes
    work: Callable[[Connection], Any]
    future: Future[Any]


class PollsInHand:
    """Knows how many claimed feeds have no result yet, and so whether it is worth waiting for others."""

    def __init__(self) -> None:
        self._count = 0
        self._parts: list[_Part] = []

    def begun(self, claimed: Sequence[_T]) -> Sequence[_T]:
        """Note what was claimed, and return it."""
        self._count += len(claimed)
        return claimed

    def ended(self) -> None:
        """Note that a claim ended, with a result or without."""
        self._count = max(0, self._count - 1)

    async def write(
        self, writer: Writer, feed: FeedId, reading: Reading | None, work: Callable[[Connection, bool], _T]
    ) -> _T:
        """Return what `work` returns, once it is committed. It is told whether to take the turn of writers before it
        looks at anything (see turns): a result with news does, where `work` asks for it by NeedsTurn.

        Results without news go together in one transaction. Work that raises LostClaim has written nothing and takes
        none of the others with it; after any other error each has a transaction of its own.

        Raises:
            StorageError: the database refused; nothing was written.
        """
        try:
            if reading is None:
                return await self._together(writer, feed, lambda db: work(db, False))
            with contextlib.suppress(NeedsTurn):
                return await writer.run(lambda db: work(db, False), turn=False)
            return await writer.run(lambda db: work(db, True), turn=False)
        finally:
            self.ended()

    async def _together(self, writer: Writer, feed: FeedId, work: Callable[[Connection], _T]) -> _T:
        future: Future[_T] = Future()
        self._parts.append(_Part(raw_id(feed), work, future))
        if len(self._parts) >= min(self._count, MOST_TOGETHER):
            self._begin(writer)
        else:
            asyncio.get_running_loop().call_later(TOGETHER_SECONDS, self._begin, writer)
        return await finish(future)

    def _begin(self, writer: Writer) -> None:
        parts, self._parts = self._parts, []
        if not parts:
            return
        try:
            writer.queue(lambda: _write(writer, parts))
        except StorageError as error:
            for part in parts:
                part.future.set_exception(error)


def _write(writer: Writer, parts: Sequence[_Part]) -> None:
    """Do the work in one transaction, or, where that fails, each in one of its own; in the writer's thread."""
    # In one order in all processes, that of the stored ids, in which "2" comes after "z": who holds the row of one feed
    # may wait for that of another.
    live = [part for part in sorted(parts, key=lambda part: part.feed) if part.future.set_running_or_notify_cancel()]
    try:
        answers = writer.transaction(lambda db: [_answer(part, db) for part in live], turn=False)
    except BaseException as error:  # noqa: BLE001 - whoever asked gets it, and the thread goes on
        _write_each(writer, live, error)
        return
    for part, answer in zip(live, answers, strict=True):
        if isinstance(answer, LostClaim):
            part.future.set_exception(answer)
        else:
            part.future.set_result(answer)


def _answer(part: _Part, connection: Connection) -> Any:  # noqa: ANN401 - what its work returns
    try:
        return part.work(connection)
    except LostClaim as lost:
        return lost


def _write_each(writer: Writer, parts: Sequence[_Part], error: BaseException) -> None:
    if len(parts) == 1:
        parts[0].future.set_exception(error)
        return
    for part in parts:
        try:
            part.future.set_result(writer.transaction(part.work, turn=False))
        except BaseException as failed:  # noqa: BLE001 - as above
            part.future.set_exception(failed)
