"""What people change while the program runs: over the page, by a signed link, by a reaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from watcher.core.model.ids import ChannelName


class Undo(StrEnum):
    """What takes a change back."""

    NONE = ""
    UNMUTE = "unmute"
    RESUME = "resume"
    UNVOTE = "unvote"


@dataclass(frozen=True, slots=True)
class HandChange:
    """One change: when, by whom as far as that is known, and what was done, in one sentence.

    `undo` takes it back, given `what`, such as the name of a silence.
    """

    at: datetime
    by: str
    did: str
    undo: Undo = Undo.NONE
    what: str = ""


@dataclass(frozen=True, slots=True)
class Paused:
    """One recipient of a channel who asked for no more messages: since when, and by whom that is known."""

    channel: ChannelName
    recipient: str
    at: datetime
    by: str
