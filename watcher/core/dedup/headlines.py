"""Two headlines over one lead: what they say beyond it.

lead: "North Korea sent troops, Seoul's spy agency said"
"Kim sends troops, Seoul says"  /  "More soldiers for the front"      the lead tells it: one news
"Sirens in Poltava"  /  "Sirens in Odesa", lead: "Go to a shelter"    the lead tells nothing: two
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from watcher.core.dedup.facts import markers, numbers
from watcher.core.dedup.titles import content_of, is_unspaced, title_of
from watcher.core.model.article import Article

_STEM = 5
_SHORT_STEM = 2  # of a script without blanks, or Hangul, whose words are two letters and an ending


@dataclass(frozen=True)
class Told:
    """What two equal leads say."""

    one: tuple[str, ...]
    two: tuple[str, ...]

    @cached_property
    def words(self) -> frozenset[str]:
        """The words that both have."""
        return frozenset(self.one) & frozenset(self.two)

    @cached_property
    def _stems(self) -> frozenset[str]:
        return frozenset(word[:_STEM] for word in self.words)

    @cached_property
    def _text(self) -> str:
        return " ".join(self.one if len(self.one) <= len(self.two) else self.two)

    def tells(self, word: str) -> bool:
        """Return whether a word of a headline stands in the lead, whatever its ending."""
        if is_unspaced(word):
            return all(word[at : at + _SHORT_STEM] in self._text for at in range(0, len(word) - 1, _SHORT_STEM))
        return word in self.words or (len(word) >= _STEM and word[:_STEM] in self._stems)


def untold_clash(one: Article, two: Article, told: Told) -> str:
    """Return in what two headlines differ that their common lead does not tell; "" when they may be about one thing.

    A headline that has no word in common with the lead says nothing of what it is about, and another number or turning word than the
    lead's is another fact. Names beyond the lead may stand on one side only.
    """
    first, second = content_of(title_of(one).tokens), content_of(title_of(two).tokens)
    for words in (first, second):
        if not any(told.tells(word) for word in words):
            return "the lead says nothing of the headline"
    if apart := _facts(first, told) ^ _facts(second, told):
        return "numbers or turning words: " + ", ".join(sorted(apart))
    names = [
        [word for word in _names(article, words) if not told.tells(word)]
        for article, words in ((one, first), (two, second))
    ]
    mine, theirs = ([word for word in names[at] if word not in (second, first)[at]] for at in (0, 1))
    return f"{' '.join(mine[:4])} | {' '.join(theirs[:4])}" if mine and theirs else ""


def _facts(words: tuple[str, ...], told: Told) -> frozenset[str]:
    return (numbers(words) | markers(words)) - numbers(told.words) - markers(told.words)


def _names(article: Article, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words that may be names: capitals tell, but not in a headline that capitalises all, nor in scripts without them."""
    raw = [word.strip(".,:;!?'\"()[]«»„“”‘’") for word in article.title.split()]
    raw = [word for word in raw if word and word[0].isalpha()]
    small = {word.casefold() for word in raw if word[0].islower()}
    long = [word for word in raw[1:] if len(word) > 3]
    if sum(word[0].islower() for word in long) * 2 < len(long):
        return words
    return tuple(word for word in words if word not in small)
