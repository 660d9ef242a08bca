"""Facts that no language hides: names by their sound, designators, numbers; and whether two texts share enough of them.

    "Explosion at chemical works in Dellbrook injures 14"      ->  ~TRPRK, ~SPRSN..., 14
    "Explosion in Chemiewerk in Dellbrook: 14 Verletzte"       ->  ~TRPRK, ..., 14

Only articles that one rule matched are compared so, and only to thread them: what is threaded wrongly is still told.
A sentence-embedding model was measured and did not help outside English.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Final

import regex

from watcher.core.dedup.facts import numbers
from watcher.core.dedup.leads import lead
from watcher.core.dedup.titles import MOST_TITLE_LETTERS, title_of
from watcher.core.model.article import Article
from watcher.core.model.story import WordCounts
from watcher.core.stories.names import designators_in, names_in

MOST_FACTS: Final = 40
SOON: Final = timedelta(hours=12)
LATER: Final = timedelta(hours=36)
_WEIGHTS: Final = {"~": 2.0, "!": 2.0, "#": 1.0}  # a name, a designator, a number
_ENOUGH_SOON: Final = 3.0
_ENOUGH_LATER: Final = 4.0
_RARE_SHARE: Final = 0.05
_ALWAYS_RARE: Final = 5.0
_LEAD_LETTERS: Final = 400
_DIGITS: Final = regex.compile(r"(?<![\d.,])\d{2,}(?![.,]?\d)")


def facts_of(article: Article) -> tuple[str, ...]:
    """Return the facts of title and lead, each marked by its kind: `~` name, `!` designator, `#` number; at most
    `MOST_FACTS`.
    """
    tokens = (*title_of(article).tokens, *lead(article))
    return _facts(
        f"{article.title[:MOST_TITLE_LETTERS]}\n{(article.summary or article.content)[:_LEAD_LETTERS]}", tokens
    )


@lru_cache(maxsize=4096)
def _facts(text: str, tokens: tuple[str, ...]) -> tuple[str, ...]:
    found = [f"!{key}" for key in sorted(designators_in(text))]
    found += [f"~{key}" for key in sorted(names_in(text))]
    figures = numbers(tokens) | {run for token in tokens for run in _DIGITS.findall(token)}  # "14명" is one token
    found += [f"#{number}" for number in sorted(figures) if _tells(number)]
    return tuple(found)[:MOST_FACTS]


def shared_facts(mine: tuple[str, ...], theirs: Mapping[str, int], counts: WordCounts) -> tuple[str, ...]:
    """Return the facts that an article shares with a story and few other stories have, weightiest first."""
    most = max(_ALWAYS_RARE, _RARE_SHARE * counts.stories)
    shared = [fact for fact in mine if fact in theirs and counts.words.get(fact, 0.0) <= most]
    return tuple(sorted(shared, key=lambda fact: (-_WEIGHTS[fact[0]], fact)))


def is_enough(shared: tuple[str, ...], apart: timedelta) -> bool:
    """Return whether shared facts make one story of two: a name or designator among them, and more the longer they
    are apart.
    """
    if not shared or shared[0][0] == "#" or apart > LATER:
        return False
    return sum(_WEIGHTS[fact[0]] for fact in shared) >= (_ENOUGH_SOON if apart <= SOON else _ENOUGH_LATER)


def _tells(number: str) -> bool:
    """Return whether a number tells something: two digits or more, and no year."""
    digits = number.replace(".", "").replace(",", "")
    return digits.isdecimal() and len(digits) > 1 and not (len(number) == 4 and number[:2] in {"19", "20"})
