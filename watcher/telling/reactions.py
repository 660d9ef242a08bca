"""What is answered in the thread of a message to the reactions of its readers.

An answer leaves the reader and the emoji open, as `{who}` and `{sign}`, for the chat to write them; everything else
stands as it is, with braces doubled, and is for the chat to escape: `{who} took {sign} away: ended it.`
"""

from __future__ import annotations

from watcher.core.model.reaction import Meaning
from watcher.telling import wording

_DONE = {
    Meaning.MUTE: "{who}: %s. It still speaks when it becomes critical, or is denied or corrected. "
    "Take {sign} away to end it.",
    Meaning.CLAIM: "{who} has it. Take {sign} away to give it back.",
    Meaning.USEFUL: "{who} finds this useful. Take {sign} away to undo that.",
    Meaning.NOT_USEFUL: "{who} finds this not useful. Take {sign} away to undo that.",
}
_UNDONE = {
    Meaning.MUTE: "{who} took {sign} away: %s.",
    Meaning.CLAIM: "{who} gave it back.",
    Meaning.USEFUL: "{who} took the vote back.",
    Meaning.NOT_USEFUL: "{who} took the vote back.",
}
_SAID_CHARS = 500


def say_done(meaning: Meaning, said: str = "") -> str:
    """Return what is answered to a reaction that was acted on, with its undo."""
    return _DONE[meaning].replace("%s", _plain(said))


def say_undone(meaning: Meaning, said: str = "") -> str:
    """Return what is answered when a reaction was taken away."""
    return _UNDONE[meaning].replace("%s", _plain(said))


def say_several(meaning: Meaning, count: int) -> str:
    """Return what is answered to a reaction to a message of which it is not clear what is meant."""
    asked = "muted" if meaning is Meaning.MUTE else "voted on"
    return f"{{who}}, this message tells of {count} stories, so nothing was {asked} by {{sign}}: use the page or watcher's commands."


def say_failed(why: str) -> str:
    """Return what is answered where what a reaction asks for cannot be done."""
    return "{who}, nothing was done for {sign}: %s.".replace("%s", _plain(why))


def _plain(text: str) -> str:
    """Return a text that may hold remote words on one line, with nothing in it left open."""
    return wording.label(text, _SAID_CHARS).replace("{", "{{").replace("}", "}}")
