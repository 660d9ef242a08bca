"""What unclean ends of the process say about one piece of work."""

from __future__ import annotations

from dataclasses import dataclass

ENDS_ALONE = 2
"""Unclean ends in a row with it as the only suspect in hand, after which a piece of work is set aside."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """How often the process ended uncleanly with this in hand since it last came to an end: `ends`.

    `alone` counts those of them, in a row, at which it was the only suspect in hand. What has `ends` is suspected, no
    more: it shared its fate with whatever else was in hand.
    """

    ends: int = 0
    alone: int = 0

    @property
    def is_suspected(self) -> bool:
        """Whether it is tried with no other suspect beside it."""
        return self.ends > 0

    @property
    def is_set_aside(self) -> bool:
        """Whether it is taken for the cause, and tried rarely."""
        return self.alone >= ENDS_ALONE


CLEAR = Suspicion()
"""Of what came to an end: any stored result clears it, a failure too."""
