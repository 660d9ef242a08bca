"""Pieces of sentences for people: a cut text, a counted noun."""

from __future__ import annotations

_SHORT_CHARS = 60


def short(text: str) -> str:
    """Return a text cut to what fits into a sentence."""
    return text if len(text) <= _SHORT_CHARS else text[: _SHORT_CHARS - 1] + "…"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 rule`, `0 rules`, `2 rules`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
