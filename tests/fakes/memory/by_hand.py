"""The memory store's silences by hand, and its list of what people changed."""

from __future__ import annotations

from collections.abc import Sequence

from tests.fakes.memory.records import Memory
from watcher.core.model.by_hand import HandChange, Paused
from watcher.core.model.ids import ChannelName
from watcher.core.model.policy import Silence
from watcher.errors import StorageError


class Hand(Memory):
    """What people change and are shown."""

    async def add_silence(self, silence: Silence, change: HandChange, instead_of: Sequence[str] = ()) -> None:
        """Store a silence, instead of others."""
        if silence.name in self._hand_silences and silence.name not in instead_of:
            raise StorageError(f"there is a silence `{silence.name}` already")
        for name in instead_of:
            self._hand_silences.pop(name, None)
        self._hand_silences[silence.name] = silence
        self._hand_changes.append(change)

    async def end_silence(self, name: str, change: HandChange) -> None:
        """Take a silence back."""
        if self._hand_silences.pop(name, None) is None:
            raise StorageError(f"no silence `{name}` was made by hand, or it was ended already")
        self._hand_changes.append(change)

    async def pause_recipient(self, paused: Paused, change: HandChange) -> bool:
        """Write to one recipient no more."""
        if any(one.channel == paused.channel and one.recipient == paused.recipient for one in self._paused):
            return False
        self._paused.append(paused)
        self._hand_changes.append(change)
        return True

    async def resume_recipient(self, channel: ChannelName, recipient: str, change: HandChange) -> None:
        """Write to a recipient again."""
        left = [one for one in self._paused if (one.channel, one.recipient) != (channel, recipient)]
        if len(left) == len(self._paused):
            raise StorageError(f"{recipient} of {channel} is not paused")
        self._paused = left
        self._hand_changes.append(change)

    async def paused_recipients(self) -> Sequence[Paused]:
        """Return who is written to no more."""
        return sorted(self._paused, key=lambda one: (one.channel, one.at))

    async def note_change(self, change: HandChange) -> None:
        """Write down what was changed."""
        self._hand_changes.append(change)

    async def hand_silences(self) -> Sequence[Silence]:
        """Return the silences."""
        return sorted(self._hand_silences.values(), key=lambda one: (str(one.starts_at), one.name))

    async def changes(self, limit: int = 50) -> Sequence[HandChange]:
        """Return what was changed."""
        return self._hand_changes[::-1][:limit]
