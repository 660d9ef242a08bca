"""What is answered in the thread of a message to the reactions of its readers; `who` and `sign` as the chat writes
them.
"""

from __future__ import annotations

from watcher.core.model.reaction import Meaning

_DONE = {
    Meaning.MUTE: "{who}: {said}. It still speaks when it becomes critical, or is denied or corrected. "
    "Take {sign} away to end it.",
    Meaning.CLAIM: "{who} has it. Take {sign} away to give it back.",
    Meaning.USEFUL: "{who} finds this useful. Take {sign} away to undo that.",
    Meaning.NOT_USEFUL: "{who} finds this not useful. Take {sign} away to undo that.",
}
_UNDONE = {
    Meaning.MUTE: "{who} took {sign} away: {said}.",
    Meaning.CLAIM: "{who} gave it back.",
    Meaning.USEFUL: "{who} took the vote back.",
    Meaning.NOT_USEFUL: "{who} took the vote back.",
}


def say_done(meaning: Meaning, who: str, sign: str, said: str = "") -> str:
    """Return what is answered to a reaction that was acted on, with its undo."""
    return _DONE[meaning].format(who=who, sign=sign, said=said)


def say_undone(meaning: Meaning, who: str, sign: str, said: str = "") -> str:
    """Return what is answered when a reaction was taken away."""
    return _UNDONE[meaning].format(who=who, sign=sign, said=said)


def say_several(meaning: Meaning, who: str, sign: str, count: int) -> str:
    """Return what is answered to a reaction to a message of which it is not clear what is meant."""
    asked = "muted" if meaning is Meaning.MUTE else "voted on"
    return f"{who}, this message tells of {count} stories, so nothing was {asked} by {sign}: use the page or watcher's commands."


def say_failed(who: str, sign: str, why: str) -> str:
    """Return what is answered where what a reaction asks for cannot be done."""
    return f"{who}, nothing was done for {sign}: {why}."
