"""Which known word somebody meant who wrote another one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

USUAL_LIKENESS: Final = 0.6
"""How much of two words must agree, 0 to 1: `shels` and `shells` agree by 0.91, `wire` and `mail` by 0.25."""

_MOST_CHARS: Final = 100  # the time grows with the square of the length


def nearest_word(word: str, known: Iterable[str], likeness: float = USUAL_LIKENESS) -> str:
    """Return the known word that `word` is most like, upper and lower case aside, or "" where none is near.

    >>> nearest_word("Severty", ["severity", "send_to"])
    'severity'

    Source: Ratcliff and Metzener, "Pattern Matching: The Gestalt Approach" (1988), as difflib has it.
    """
    folded = {choice.casefold(): choice for choice in sorted(set(known))}
    near = difflib.get_close_matches(word.casefold()[:_MOST_CHARS], folded, n=1, cutoff=likeness)
    return folded[near[0]] if near else ""
