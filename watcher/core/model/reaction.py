"""Reactions of readers to our own messages in a chat, and what each means."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from watcher.core.model.ids import AlertId, ArticleId, MessageId, StoryId
from watcher.core.model.message import AttemptClass


class Meaning(StrEnum):
    """What a reader asks for by a reaction."""

    MUTE = "mute"
    CLAIM = "claim"
    USEFUL = "useful"
    NOT_USEFUL = "not_useful"


Mark = tuple[Meaning, str]
"""What one reader, by the id that the service knows them under, asks for."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """One reaction that was acted on; `undo` names the silence that it made, "" where it made none.

    `owed` is what its reader is yet to be told, "" = they were; `is_gone`: it was taken away and undone, and only that
    is yet to be told.
    """

    message: MessageId
    meaning: Meaning
    user: str
    at: datetime
    undo: str = ""
    owed: str = ""
    is_gone: bool = False

    @property
    def mark(self) -> Mark:
        """What it asks for."""
        return self.meaning, self.user


@dataclass(frozen=True, slots=True)
class Said:
    """What is answered to one reaction: words with `{who}` and `{sign}` left open, as in telling/reactions.py."""

    mark: Mark
    words: str


@dataclass(frozen=True, slots=True)
class OwnMessage:
    """A message of ours that its readers may react to: what its service calls it, what it tells, the reactions that
    were acted on so far, and those of which the reader is yet to be told.
    """

    id: MessageId
    remote: str
    sent_at: datetime
    alerts: tuple[tuple[AlertId, ArticleId, StoryId], ...]
    reactions: tuple[Reaction, ...] = ()
    owed: tuple[Reaction, ...] = ()


@dataclass(frozen=True, slots=True)
class SeenReactions:
    """What came of asking for the reactions to one message: `marks` where the result is OK, and `thread`, where an
    answer to them belongs. `is_place`: where it was refused, that is about the place of the message alone.
    """

    result: AttemptClass
    answer: str = ""
    marks: frozenset[Mark] = field(default_factory=frozenset)
    thread: str = ""
    is_place: bool = False
    retry_after: timedelta | None = None


class ReadingLease(StrEnum):
    """Whether a process is the one that reads the reactions of a channel."""

    OTHERS = "others"  # another one does
    BEGUN = "begun"  # it is from now on
    KEPT = "kept"  # it was before
