"""What was changed by hand, for verbs: who is paused, which silences there are, and the way back."""

from __future__ import annotations

from watcher.asking.store import change_by_hand, with_store
from watcher.by_hand import ByHand
from watcher.core.model.by_hand import HandChange
from watcher.core.model.ids import ChannelName
from watcher.core.model.policy import Silence
from watcher.daemon.clock import SystemClock
from watcher.settings.env import Settings

_BY = "the command line"


def paused_lines(settings: Settings) -> list[str]:
    """Return which recipients of channels get nothing more, a line each.

    Raises:
        StorageError: the database cannot be read.
    """
    return [
        f"{one.channel}: {one.recipient} gets nothing since {one.at:%d %b %H:%M} UTC, asked for by {one.by}; "
        f"to send there again: watcher notify resume {one.channel} {one.recipient}"
        for one in with_store(settings, lambda store: store.paused_recipients())
    ]


def write_again(settings: Settings, channel: str, recipient: str) -> str:
    """Send to a recipient again who asked for no more; return what was done.

    Raises:
        StorageError: nobody of that name is paused there.
        ControlError: the daemon refused.
    """

    async def by_hand(store: ByHand) -> str:
        said = f"{recipient} of {channel} gets messages again"
        await store.resume_recipient(ChannelName(channel), recipient, HandChange(SystemClock().now(), _BY, said))
        return said

    return change_by_hand(settings, "resume", f"{channel} {recipient}", by_hand)


def silences(settings: Settings) -> list[Silence]:
    """Return the silences that were made by hand; none where there is no database yet.

    Raises:
        StorageError: the database cannot be read.
    """
    if not settings.place().file.is_file():
        return []
    return list(with_store(settings, lambda store: store.hand_silences()))


def unmute(settings: Settings, name: str) -> str:
    """End a silence that was made by hand; return what was done. Raises as `write_again`."""

    async def by_hand(store: ByHand) -> str:
        said = f"ended the silence {name}"
        await store.end_silence(name, HandChange(SystemClock().now(), _BY, said))
        return said

    return change_by_hand(settings, "unmute", name, by_hand)
