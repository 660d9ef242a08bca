"""Two headlines over one lead: what they say beyond it.

lead: "North Korea sent troops, Seoul's spy agency said"
"Kim sends troops, Seoul says"  /  "More soldiers for the front"      the lead tells it: one news
"Sirens in Poltava"  /  "Sirens in Odesa", lead: "Go to a shelter"    the lead tells nothing: two
"Embassy in Tunis shut"  /  "Embassy in Algiers shut", lead: "The embassy in Tunis ..."    it tells one only: two
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import regex

from watcher.core.dedup.differences import compare
from watcher.core.dedup.facts import markers, numbers
from watcher.core.dedup.titles import content_of, is_unspaced, title_of
from watcher.core.model.article import Article

_STEM: Final = 5
_SHORT_NAME: Final = 4
_SHORT_STEM: Final = 2  # of a script without blanks, or Hangul, whose words are two letters and an ending


@dataclass(frozen=True)
class CommonLead:
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

    def begins(self, word: str) -> bool:
        """Return whether the lead has a word with the beginning of a name, whatever its ending ("Киев", "в Киеве")."""
        return any(known.startswith(word[:_SHORT_NAME]) for known in self.words)


def headline_clash(one: Article, two: Article, shared: CommonLead) -> str:
    """Return in what two headlines differ that their common lead does not tell; "" when they may be about one thing.

    A headline that has no word in common with the lead says nothing of what it is about, and another number or
    turning word than the lead's is another fact. Names beyond the lead may stand on one side only.
    """
    first, second = content_of(title_of(one).tokens), content_of(title_of(two).tokens)
    for words in (first, second):
        if not any(shared.tells(word) for word in words):
            return "the lead says nothing of the headline"
    if apart := _facts(first, shared) ^ _facts(second, shared):
        return "numbers or turning words: " + ", ".join(sorted(apart))
    return _exchanged(one, two, shared) or _names_apart(one, two, shared)


def _exchanged(one: Article, two: Article, shared: CommonLead) -> str:
    """Return which word stands for another in two headlines of the same words, where the lead does not tell both.

    "Embassy of Germany in Tunis evacuated" / "... in Algiers evacuated", lead: "The embassy in Tunis ...".
    """
    found = compare(title_of(one).tokens, title_of(two).tokens)
    if found.likeness < _SAME_SENTENCE or not found.clash:
        return ""
    return "" if all(shared.tells(word) for word in content_of((*found.one, *found.two))) else found.clash


def _names_apart(one: Article, two: Article, shared: CommonLead) -> str:
    """Return the names beyond the lead that stand against each other, or the place that a headline alone puts the
    news at.

    Other names beyond the lead may stand on one side only: "Kim sends troops" over a lead that says "North Korea".
    """
    first, second = content_of(title_of(one).tokens), content_of(title_of(two).tokens)
    mine = [word for word in _names(one, first) if word not in second and not shared.tells(word)]
    theirs = [word for word in _names(two, second) if word not in first and not shared.tells(word)]
    if mine and theirs:
        return f"{' '.join(mine[:4])} | {' '.join(theirs[:4])}"
    places = _places(one) | _places(two)
    place = next((word for word in (*mine, *theirs) if word in places and not shared.begins(word)), "")
    return f"the lead does not tell of {place}" if place else ""


def _facts(words: tuple[str, ...], shared: CommonLead) -> frozenset[str]:
    return (numbers(words) | markers(words)) - numbers(shared.words) - markers(shared.words)


def _names(article: Article, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words that may be names: capitals tell, but not in a headline that capitalises all, nor in scripts
    without them.
    """
    if not _has_small_words(article):
        return words
    small = {word.casefold() for word in _raw_words(article) if word[0].islower()}
    return tuple(word for word in words if word not in small)


def _has_small_words(article: Article) -> bool:
    """Return whether capitals tell the names in a headline: two in five of its longer words are written small."""
    long = [word for word in _raw_words(article)[1:] if len(word) > 3]
    return bool(long) and sum(word[0].islower() for word in long) * 5 >= len(long) * 2


def _raw_words(article: Article) -> list[str]:
    raw = [word.strip(".,:;!?'\"()[]«»„“”‘’") for word in article.title.split()]
    return [word for word in raw if word and word[0].isalpha()]


def _places(article: Article) -> frozenset[str]:
    """Return the names behind a word that says where, all of them where there are several ("in Tunis and Tripoli")."""
    if not _has_small_words(article):
        return frozenset()
    return frozenset(
        word.casefold() for found in _WHERE.finditer(article.title) for word in _WORD.findall(found["names"])
    )


_SAME_SENTENCE: Final = 0.6
_WORD: Final = regex.compile(r"[\p{L}\p{M}]+")
_WHERE: Final = regex.compile(
    r"""(?<![\p{L}\p{M}])(?:in|at|near|outside|off|nahe|à|en|près\ de|dans|cerca\ de|w|pod|koło|в|на|под|у|возле|біля|під)\ (?P<names>\p{Lu}[\p{L}\p{M}’'-]+
        (?:(?:,\ |\ (?:and|und|et|y|i|и|та)\ |\ )\p{Lu}[\p{L}\p{M}’'-]+){0,4})""",
    flags=regex.X,
)
