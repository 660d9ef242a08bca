"""What was changed by hand, for verbs: who is paused, which silences there are, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from watcher.core.alerts.lasting import begun
from watcher.core.model.by_hand import HandChange, Paused
from watcher.core.model.ids import ChannelName
from watcher.core.model.policy import Silence
from watcher.daemon.clock import SystemClock
from watcher.settings.configuration import Configuration
from watcher.settings.env import Settings

if TYPE_CHECKING:
    from watcher.by_hand import ByHand

_BY = "the command line"


@dataclass(frozen=True, slots=True)
class Thinned:
    """How many of the recipients of a channel asked for no more."""

    gone: int
    of: int

    @property
    def is_off(self) -> bool:
        """Whether nobody is left: what is for the channel is held, and told elsewhere."""
        return self.gone == self.of

    def __str__(self) -> str:
        said = f"{self.gone} of {self.of} recipients unsubscribed"
        return f"off, {said}: what is for it is held" if self.is_off else said


def who_left(settings: Settings) -> Sequence[Paused]:
    """Return the recipients of channels who asked for no more; none where there is no database yet.

    Raises:
        StorageError: the database cannot be read.
    """
    if not settings.place().is_made:
        return ()
    from watcher.asking.store import with_store

    return with_store(settings, lambda store: store.paused_recipients())


def lines_of(left: Sequence[Paused]) -> list[str]:
    """Return which recipients of channels get nothing more, a line each."""
    return [
        f"{one.channel}: {one.recipient} gets nothing since {one.at:%d %b %H:%M} UTC, asked for by {one.by}; "
        f"to send there again: watcher notify resume {one.channel} {one.recipient}"
        for one in left
    ]


def thinned(configuration: Configuration, left: Sequence[Paused]) -> dict[ChannelName, Thinned]:
    """Return how many are left of the recipients that channels have in the files, where any asked for no more."""
    found = {}
    for name, setup in configuration.channels.items():
        written = setup.config.recipients if setup.config is not None else None
        gone = {one.recipient for one in left if one.channel == name} & set(written or ())
        if written and gone:
            found[name] = Thinned(len(gone), len(written))
    return found


def write_again(settings: Settings, channel: str, recipient: str) -> str:
    """Send to a recipient again who asked for no more; return what was done.

    Raises:
        StorageError: nobody of that name is paused there.
        ControlError: the daemon refused.
    """
    from watcher.asking.store import change_by_hand

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
    if not settings.place().is_made:
        return []
    from watcher.asking.store import with_store

    return list(with_store(settings, lambda store: store.hand_silences()))


def with_starts(configuration: Configuration, settings: Settings) -> Configuration:
    """Return a configuration whose silences begin when the store says that they did, where there is one.

    Raises:
        StorageError: the database cannot be read.
    """
    if not settings.place().is_made:
        return configuration
    from watcher.asking.store import with_store

    known = with_store(settings, lambda store: store.active_revision())
    starts = {} if known is None else known.silence_starts
    return replace(configuration, silences=begun(configuration.silences, starts))


def unmute(settings: Settings, name: str) -> str:
    """End a silence that was made by hand; return what was done. Raises as `write_again`."""
    from watcher.asking.store import change_by_hand

    async def by_hand(store: ByHand) -> str:
        said = f"ended the silence {name}"
        await store.end_silence(name, HandChange(SystemClock().now(), _BY, said))
        return said

    return change_by_hand(settings, "unmute", name, by_hand)
