"""The entries of each feed's last document, kept in memory: what is listed again as it was is not read again."""

from __future__ import annotations

import struct
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from watcher.core.model.ids import FeedId
from watcher.core.model.outcome import EntryMark, FeedState
from watcher.core.model.seen import SeenEntry

MOST_SEEN_BYTES: Final = 32 * 1024 * 1024
"""Room for 500,000 entries; of more, the feeds that changed longest ago are read whole once more."""

_ENTRY: Final = struct.Struct("<16s16s16s8sq")
_UNDATED: Final = -(2**63)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What one document listed, under which rules, and the state of its feed after it."""

    revision: int
    stripped_hash: bytes
    document_at: datetime | None
    packed: bytes

    def is_of(self, state: FeedState) -> bool:
        """Return whether no other document was read since, by whomever."""
        return bool(self.stripped_hash) and (self.stripped_hash, self.document_at) == (
            state.stripped_hash,
            state.document_at,
        )


class SeenEntries:
    """Knows of each feed the entries of its last document, as long as rules, configuration and process are the same."""

    def __init__(self, most_bytes: int = MOST_SEEN_BYTES) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[FeedId, _Kept] = OrderedDict()
        self._bytes = 0

    def of(self, state: FeedState, revision: int) -> dict[bytes, SeenEntry]:
        """Return, by their digests, the entries of the document that a feed's state speaks of."""
        kept = self._kept.get(state.feed)
        if kept is None or kept.revision != revision or not kept.is_of(state):
            return {}
        return {one.mark.entry: one for one in _unpacked(kept.packed)}

    def read(self, after: FeedState, revision: int, entries: Iterable[SeenEntry]) -> None:
        """Note what the last document listed; `after` is the state that its poll left."""
        self._forget(after.feed)
        packed = b"".join(map(_packed, entries)) if after.stripped_hash else b""
        if not packed:
            return
        self._kept[after.feed] = _Kept(revision, after.stripped_hash, after.document_at, packed)
        self._bytes += len(packed)
        while self._bytes > self._most:
            self._forget(next(iter(self._kept)))

    def stood_still(self, before: FeedState, after: FeedState) -> None:
        """Note that a poll brought nothing new, so that what was listed before is listed still."""
        kept = self._kept.get(before.feed)
        if kept is not None and kept.is_of(before):
            self._kept[before.feed] = _Kept(kept.revision, after.stripped_hash, after.document_at, kept.packed)

    def _forget(self, feed: FeedId) -> None:
        kept = self._kept.pop(feed, None)
        self._bytes -= len(kept.packed) if kept is not None else 0


def _packed(one: SeenEntry) -> bytes:
    moment = _UNDATED if one.published_at is None else (one.published_at - _EPOCH) // _MICROSECOND
    return _ENTRY.pack(one.mark.entry, one.item, one.content, one.mark.piece, moment)


def _unpacked(packed: bytes) -> Iterable[SeenEntry]:
    for entry, item, content, piece, moment in _ENTRY.iter_unpack(packed):
        published_at = None if moment == _UNDATED else _EPOCH + moment * _MICROSECOND
        yield SeenEntry(EntryMark(entry, piece.strip(b"\0") and piece), item, content, published_at)
