"""What `db restore` and `deliveries restored` ask and do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from watcher.asking.store import change_by_hand, with_store
from watcher.by_hand import ByHand
from watcher.core.alerts.restored import say_decided
from watcher.core.model.ids import ChannelName
from watcher.core.model.message import HoldReason, MessageState
from watcher.core.model.record import MessageRecord
from watcher.daemon.clock import SystemClock
from watcher.errors import StorageError
from watcher.settings.env import Settings
from watcher.storage.lock import hold_locks
from watcher.storage.place import NO_FILE

if TYPE_CHECKING:
    from watcher.storage.restore import Contents, Restored

_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person is told before the copy is put in place."""

    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Done:
    """What was put in place, for people and for programs."""

    lines: Sequence[str]
    payload: Mapping[str, object]


def restore_file(settings: Settings, file: Path, agree: Callable[[Asked], bool]) -> Done | None:
    """Put a copy in the place of the database if `agree` says so; return what was done, None where it does not.

    Raises:
        StorageError: a daemon works on the database, or the file is no whole copy of ours.
    """
    from watcher.storage.restore import candidate, contents_of

    place = settings.place().file
    if place is None:
        raise StorageError(NO_FILE)
    with _alone(Path(settings.data), place), candidate(file, place.resolve()) as copy:
        now = contents_of(place)
        lines = [
            f"{file}: {_say(copy.contents)}",
            f"{place}, which it replaces: {_say(now) if now else 'nothing to read'}",
        ]
        if not agree(Asked(lines)):
            return None
        return _done(copy.put_in_place(SystemClock().now()), file, place)


@contextmanager
def _alone(data: Path, place: Path) -> Iterator[None]:
    """Hold the locks; the empty file that they make where there was no database is taken away again."""
    was_there = place.exists()
    with hold_locks(data, place):
        try:
            yield
        finally:
            if not was_there and place.is_file() and place.stat().st_size == 0:
                place.unlink()


def _say(contents: Contents) -> str:
    newest = f", the newest of {contents.newest_at:%Y-%m-%d %H:%M} UTC" if contents.newest_at else ""
    return f"{contents.articles} articles{newest}, {contents.alerts} alerts"


def _done(made: Restored, file: Path, place: Path) -> Done:
    lines = [f"restored {place} from {file}"]
    if made.schema_before != made.contents.schema:
        lines.append(f"its schema {made.schema_before} is {made.contents.schema} now")
    if made.kept is not None:
        lines.append(f"what it replaced is {made.kept}; to undo: watcher db restore {made.kept}")
    messages = "message that waited in it is" if made.held == 1 else "messages that waited in it are"
    lines.append(
        f"{made.held} {messages} held; start the daemon: it holds what the feeds list of before as well, and offers all in one message"
    )
    payload = {
        "database": str(place),
        "schema_before": made.schema_before,
        "schema": made.contents.schema,
        "kept": str(made.kept) if made.kept else None,
        "articles": made.contents.articles,
        "alerts": made.contents.alerts,
        "held": made.held,
    }
    return Done(lines, payload)


def held_since_restore(settings: Settings, channel: str | None) -> Sequence[MessageRecord]:
    """Return the messages that are held since a restore, the newest first. Raises as `with_store`."""
    held = with_store(
        settings, lambda store: store.messages(state=MessageState.HELD.value, target=channel, limit=_MOST)
    )
    return [one for one in held if one.hold is HoldReason.RESTORED]


def decide_restored(settings: Settings, channel: str | None, *, send: bool) -> str:
    """Send or drop what is held since a restore, through the daemon where one runs; return what was done.

    Raises:
        StorageError: the database refused.
        ControlError: the daemon refused.
    """

    async def by_hand(store: ByHand) -> str:
        target = ChannelName(channel) if channel else None
        count = await store.decide_restored(target, SystemClock().now(), send=send)
        return say_decided(count, send=send)

    return change_by_hand(settings, "restored", "send" if send else "drop", by_hand, channel=channel or "")
