"""Rules to measure with: drawn from the texts, so that they fire on some of them.

1 to 3 groups that must all hold (entities with variants; topics of 3 to 10 words, of which a fifth are phrases and a
seventh prefix wildcards), and for 30 % of the rules up to three words that must not occur. 60 % are drawn from one
article.
"""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise
from typing import NamedTuple

import regex

from watcher.core.articles.letters import forms
from watcher.core.articles.tokens import Token, tokenise
from watcher.core.matching.pattern import SOFT, TIGHT, Gap
from watcher.core.model.article import Article
from watcher.core.model.ids import RuleId
from watcher.core.model.rule import AllOf, AnyOf, Rule, Term

_HANGUL_END = regex.compile(r"[가-힣]\Z")
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_SEEDED = 0.6
_EXCLUDING = 0.3
_PHRASES = 0.2
_PREFIXES = 0.15
_COMMON = 0.02
_RARE = 0.004


class Watch(NamedTuple):
    """A rule in a form that every engine can be given: words of folded letters, phrases, `word*`."""

    groups: tuple[tuple[str, ...], ...]
    none: tuple[str, ...]


class Drawn(NamedTuple):
    """The words of one article that rules may be made of, names first, and neighbours that make phrases."""

    words: list[str]
    names: list[str]
    phrases: list[str]


def draw_watches(articles: list[Article], count: int, seed: int) -> list[Watch]:
    """Return `count` rules drawn from the articles, always the same; the first hundred are the same for any count."""
    draw = random.Random(seed)
    drawn = [_words_of(article) for article in articles]
    seen = Counter(word for article in drawn for word in set(article.words))
    common = {word for word, times in seen.items() if times > _COMMON * len(articles)}
    rare = {word for word, times in seen.items() if times < max(3, _RARE * len(articles))}
    drawn = [
        Drawn([w for w in d.words if w not in common], [w for w in d.names if w in rare], d.phrases) for d in drawn
    ]
    drawn = [d for d in drawn if len(d.words) > 12 and d.names and d.phrases]
    return [_watch(drawn, draw) for _ in range(count)]


def as_rule(number: int, watch: Watch) -> Rule:
    """Return a rule in the project's own words."""
    groups = tuple(AnyOf(tuple(Term(text) for text in group)) for group in watch.groups)
    return Rule(RuleId(f"r{number}"), f"r{number}", AllOf(groups), none=tuple(Term(text) for text in watch.none))


def is_tight(left: Token, right: Token) -> bool:
    """Say whether two words stand in a script that writes no spaces."""
    return _UNSPACED.search(left.cased) is not None and _UNSPACED.search(right.cased) is not None


def gap_between(left: Token, right: Token) -> Gap:
    """Return what may stand between two words of a phrase."""
    return TIGHT if is_tight(left, right) else SOFT


def _words_of(article: Article) -> Drawn:
    words, names, phrases = [], [], []
    for text in (article.title, article.content):
        tokens = tokenise(text)
        for token in tokens:
            if _is_usable(token):
                words.append(token.folded)
                if token.cased[0].isupper():
                    names.append(token.folded)
        for left, right in pairwise(tokens):
            between = text[left.end : right.start]
            if is_tight(left, right) and not between:
                phrases.append(left.folded + right.folded)
            elif between == " " and _is_usable(left) and _is_usable(right):
                phrases.append(f"{left.folded} {right.folded}")
    return Drawn(words, names or words, phrases)


def _is_usable(token: Token) -> bool:
    """Say whether a word alone makes a term that every engine understands: letters of one case-folded, unaccented
    form.
    """
    word = token.folded
    long_enough = len(word) > 2
    return long_enough and word.isalpha() and [(form.key, form.folded) for form in forms(word)] == [(word, word)]


def _watch(drawn: list[Drawn], draw: random.Random) -> Watch:
    seeded = draw.random() < _SEEDED
    source = draw.choice(drawn)
    groups = []
    for _ in range(draw.choice((1, 2, 2, 2, 3, 3))):
        here = source if seeded else draw.choice(drawn)
        groups.append(_entity(here, draw) if draw.random() < 0.5 else _topic(here, drawn, draw))
    if len(groups) == 1:  # a watch for one thing is a watch for a name
        groups = [_entity(source, draw)]
    none: tuple[str, ...] = ()
    if draw.random() < _EXCLUDING:
        none = tuple(dict.fromkeys(_term(draw.choice(drawn), draw) for _ in range(draw.randint(1, 3))))
    return Watch(tuple(groups), none)


def _entity(here: Drawn, draw: random.Random) -> tuple[str, ...]:
    name = _ended(draw.choice(here.names))
    others = [phrase for phrase in here.phrases if phrase.startswith(name)][:1]
    variants = [name, *others, *(_ended(draw.choice(here.names)) for _ in range(draw.randint(0, 2)))]
    return tuple(dict.fromkeys(map(_ended, variants)))


def _topic(here: Drawn, drawn: list[Drawn], draw: random.Random) -> tuple[str, ...]:
    own = [_term(here, draw)]
    return tuple(dict.fromkeys([*own, *(_term(draw.choice(drawn), draw) for _ in range(draw.randint(2, 9)))]))


def _term(here: Drawn, draw: random.Random) -> str:
    kind = draw.random()
    if kind < _PHRASES:
        return _ended(draw.choice(here.phrases))
    word = draw.choice(here.words)
    if kind < _PHRASES + _PREFIXES and len(word) > 5:
        return word[: max(5, len(word) - 2)] + "*"
    return _ended(word)


def _ended(text: str) -> str:
    """Return a term that ends in Korean as a prefix: what may follow a noun there, no peer knows."""
    return text + "*" if _HANGUL_END.search(text) and not text.endswith("*") else text
