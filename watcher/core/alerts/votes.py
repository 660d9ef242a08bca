"""What is said of a vote, and what takes it back."""

from __future__ import annotations

from typing import Final

from watcher.core.model.by_hand import HandChange, Undo
from watcher.core.model.ids import AlertId
from watcher.core.model.vote import AlertName, Vote

_TITLE_CHARS: Final = 120


def vote_change(vote: Vote, name: AlertName) -> HandChange:
    """Return the line in the list of changes: "voted useful: Shells hit bridge (rule shells)"."""
    return HandChange(vote.at, vote.by, say_vote(vote, name), Undo.UNVOTE, undo_of(vote.alert, vote.by))


def say_vote(vote: Vote, name: AlertName | None) -> str:
    """Return what is said of a vote."""
    return f"voted {vote.value.words}: {_about(vote, name)}"


def taken_back(vote: Vote, by: str, name: AlertName | None) -> str:
    """Return what is said of a vote that `by` took back."""
    of = "" if vote.by == by else f" of {vote.by}"
    return f"took back the vote {vote.value.words}{of}: {_about(vote, name)}"


def undo_of(alert: AlertId, voter: str) -> str:
    """Return what names a vote where it is taken back: the alert, a blank, and who voted."""
    return f"{alert} {voter}"


def of_undo(what: str) -> tuple[AlertId, str]:
    """Return the alert and the voter that `undo_of` names."""
    alert, _, by = what.partition(" ")
    return AlertId(alert), by


def _about(vote: Vote, name: AlertName | None) -> str:
    title = "" if name is None else name.title
    title = title if len(title) <= _TITLE_CHARS else f"{title[: _TITLE_CHARS - 1]}…"
    return f"{title or f'alert {vote.alert}'} (rule {vote.rule})"
