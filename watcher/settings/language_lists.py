"""Lists of terms by language: `terms: {en: [...], de: [...], any: [...]}`, as in the concepts of the library.

A list counts in articles that may be in its language. What only looks alike elsewhere is thus no hit: Polish `desant*`
in "DeSantis signs bill", German `Schiff*` in "Adam Schiff". A term in letters that only one language writes (Hangul,
kana) counts everywhere, since an article in another language that holds it quotes it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

import regex

from watcher.core.articles.language import as_one
from watcher.core.articles.spoken import TOLD_APART
from watcher.core.model.rule import ConceptRef, Languages, Term

EVERY_LANGUAGE: Final = "any"
"""The key of terms that are written the same in every language."""

Lists: TypeAlias = Mapping[str, Sequence[Term | ConceptRef]]
"""Terms by the language of their list, or EVERY_LANGUAGE."""

_ONE_LANGUAGE = regex.compile(r"[\p{Hangul}\p{Hiragana}\p{Katakana}]")
# Russian and Ukrainian, Chinese and Japanese share half their words, and none was met that means something else in the
# other; Chinese words for firms are Korean ones for small firms.
_SHARED = (
    (regex.compile(r"\p{Cyrillic}"), frozenset[str]()),
    (regex.compile(r"\p{Han}"), frozenset({"ko"})),
)


def tied(lists: Lists, *, elsewhere: bool) -> tuple[Term | ConceptRef, ...]:
    """Return all terms, each once, tied to the languages of the lists it stands in; concepts in them are not tied.

    `elsewhere`: where an article is in a language that has no list here, all lists count, as those of the library do;
    else none does.
    """
    languages: dict[Term | ConceptRef, set[str]] = {}
    for language, terms in lists.items():
        for term in terms:
            languages.setdefault(term, set()).add(_code(language))
    all_languages = {_code(language) for language in lists} - {EVERY_LANGUAGE}
    return tuple(_tied(term, own, all_languages, elsewhere=elsewhere) for term, own in languages.items())


def _code(language: str) -> str:
    """Return the language of a list; one that is not told from others is every language, so that no guess shuts it
    out.
    """
    code = as_one(language)
    return code if code in TOLD_APART else EVERY_LANGUAGE


def untied(term: Term | ConceptRef) -> Term | ConceptRef:
    """Return a term as it is written, whatever list it stands in."""
    return replace(term, langs=None, weak="") if isinstance(term, Term) else term


def _tied(
    term: Term | ConceptRef, own: Collection[str], languages: Collection[str], *, elsewhere: bool
) -> Term | ConceptRef:
    if isinstance(term, ConceptRef) or EVERY_LANGUAGE in own or _ONE_LANGUAGE.search(term.text):
        return term
    if not elsewhere:
        return replace(term, langs=Languages(tuple(sorted(own))))
    others = {code for code in _alike(term.text, languages) if code in languages and code not in own}
    return replace(term, langs=Languages(tuple(sorted(own)), tuple(sorted(others)))) if others else term


def _alike(text: str, languages: Collection[str]) -> Collection[str]:
    """Return the languages between which words in the letters of a term are told apart."""
    return next((written for letters, written in _SHARED if letters.search(text)), set(languages))
