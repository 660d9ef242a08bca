"""Who is to blame when the process ended in the middle of work: the one rule, for feeds and for messages, whatever
the store.

1. What was in hand at an unclean end, feeds and messages together, is suspected: `after_unclean_end`.
2. Suspects are tried one at a time over both kinds, beside what is not suspected: `to_begin`.
3. What was the only suspect in hand at two unclean ends in a row is set aside, and tried after `pause`.
4. Any result that is stored makes it `CLEAR` again.

So a power cut or a kill at random blames nobody for good, and the one feed that ends the process is found in three
ends.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

from watcher.core.model.suspicion import ENDS_ALONE, Suspicion

Id = TypeVar("Id", bound=Hashable)

FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=1)

_MOST_DOUBLINGS = 10


def after_unclean_end(in_hand: Mapping[Id, Suspicion], others: int = 0) -> dict[Id, Suspicion]:
    """Return what is thought of each piece of work that the process had in hand when it ended.

    `in_hand` is all that it had claimed of this kind and had no result of, with what was thought of it before;
    `others` says how many suspects of the other kind it had in hand. The same for any order.

    >>> after_unclean_end({"wire": Suspicion(ends=1), "paper": Suspicion()})
    {'wire': Suspicion(ends=2, alone=1), 'paper': Suspicion(ends=1, alone=0)}
    >>> after_unclean_end({"wire": Suspicion(ends=1)}, others=1)
    {'wire': Suspicion(ends=2, alone=0)}
    """
    is_alone = others + sum(before.is_suspected for before in in_hand.values()) == 1
    return {
        id_: Suspicion(before.ends + 1, before.alone + 1 if before.is_suspected and is_alone else 0)
        for id_, before in in_hand.items()
    }


def to_begin(due: Sequence[tuple[Id, Suspicion]], *, has_suspect_in_hand: bool) -> list[Id]:
    """Return what of `due` may begin now, in its order: all that is not suspected, and one suspect where none of
    either kind is in hand.

    Of several suspects it is the one with the fewest unclean ends, so that one that ends the process does not keep
    the others waiting.
    """
    suspects = [(suspicion.ends, place) for place, (_, suspicion) in enumerate(due) if suspicion.is_suspected]
    chosen = min(suspects)[1] if suspects and not has_suspect_in_hand else None
    return [id_ for place, (id_, suspicion) in enumerate(due) if not suspicion.is_suspected or place == chosen]


def pause(suspicion: Suspicion) -> timedelta:
    """Return how long what is set aside waits before it is tried again: 5 minutes, doubled at each further end, at
    most an hour.
    """
    doublings = min(max(suspicion.alone - ENDS_ALONE, 0), _MOST_DOUBLINGS)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)
