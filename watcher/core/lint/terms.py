"""What is odd about one term by itself: too short, a word of another meaning, letters of two scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

import regex

from watcher.core.articles.letters import is_mixed
from watcher.core.articles.tokens import Token
from watcher.core.language.tree import AUTO
from watcher.core.lint.covers import tokens_of
from watcher.core.model.article import Field
from watcher.core.model.rule import Limits, Term

Shares: TypeAlias = Callable[[str], float]
"""Folded word -> the share of articles that hold it, 0 to 1; 0 for a word that is not known."""


class Remark(NamedTuple):
    """A code, one sentence, and the mend; `is_wrong`: nobody can have meant it."""

    code: str
    message: str
    hint: str
    is_wrong: bool = False


# Acronyms that are everyday words in small letters, in English, German, French or Spanish.
_ALSO_WORDS = frozenset(
    [
        "US", "WHO", "ICE", "IT", "AIDS", "ARM", "UN", "SEE", "CAR", "ETA", "MAY", "SAW", "EAST", "HAS", "CAN", "AIM", "PIN", "ACT", "AID",
        "SWIFT", "START", "SALT", "FAST", "SHAPE", "PLAN", "STAR", "SUN", "BIS", "EL", "ES", "LA", "AM", "DIE", "SO", "DO", "ON", "ME",
    ]
)  # fmt: skip
# Names in small letters, and what else they are.
_HOMONYMS = {
    "georgia": "an American state", "jordan": "a name of people and shoes", "turkey": "the bird", "chad": "a first name",
    "guinea": "a part of Papua New Guinea and of guinea pig", "niger": "a river, and a state of Nigeria",
    "jersey": "a part of New Jersey, and a shirt", "sudan": "a part of South Sudan", "congo": "the name of two countries",
    "mexico": "a part of New Mexico", "odessa": "a town in Texas", "polish": "what makes things shine",
    "birmingham": "the name of two cities", "dominica": "not the Dominican Republic",
}  # fmt: skip
_CAPITAL_TELLS = frozenset(["turkey", "jersey", "polish"])

# Words without marks that, in the same language, are other words than those with marks.
_FOLDED = {
    "schon": "schön", "fordern": "fördern", "fordert": "fördert", "drucken": "drücken", "zahlen": "zählen", "zahlt": "zählt",
    "wurde": "würde", "konnte": "könnte", "lauten": "läuten", "forderung": "förderung", "ano": "año", "esta": "está",
    "peche": "pêche", "eleve": "élève", "retraite": "retraité", "tue": "tué", "blesse": "blessé", "interne": "interné",
    "laska": "łaska", "sady": "sądy", "paczki": "pączki", "zadanie": "żądanie", "zadania": "żądania", "oldu": "öldü", "sinir": "sınır",
}  # fmt: skip

_SHORTEST_STEM = 3
_SHORTEST_WORD = 3
LONGEST_TITLE = 30
"""Words; fewer than one headline of 14,000 in a hundred is longer."""
LONGEST_TITLE_UNSPACED = 60
"""Characters of a script that writes no spaces."""
_NEARLY_ALWAYS = 0.2
_DROPS_MUCH = 0.1
_WRITTEN_ONTO = ((regex.compile(r"\p{Arabic}"), "و"), (regex.compile(r"\p{Hebrew}"), "ו"))
_ALPHABETIC = regex.compile(r"[\p{Latin}\p{Cyrillic}\p{Greek}\p{Armenian}\p{Georgian}]+")
UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")


def remarks(term: Term, shares: Shares, *, excludes: bool = False) -> Iterator[Remark]:
    """Yield what is odd about a term, whatever rule it stands in; `excludes` = under `none`. Regular expressions are
    not looked at.
    """
    if term.regex:
        return
    yield from _capitals(term)
    yield from _letters(term)
    yield from _joined_to(term)
    yield from _drops(term, shares) if excludes else _common(term, shares)
    yield from _long_title(term)


def stem_remarks(stem: str, asked: Limits | None, has_dictionary: Callable[[str], bool]) -> Iterator[Remark]:
    """Yield that `stem` finds nothing more, when none of the languages that it can meet has a dictionary; `asked` =
    `where.lang`.
    """
    languages: tuple[str, ...] = (stem,) if stem else ()
    if stem == AUTO:
        languages = () if asked is None or asked.negated else asked.values
    if languages and not any(map(has_dictionary, languages)):
        message = f"`stem` finds no other forms in {', '.join(languages)}: there is no dictionary"
        yield Remark("stem", message, "write `word*`, or list the forms, and leave out `stem`")


def homonym(term: Term) -> Remark | None:
    """Return what else a name means; a rule that asks for context beside it need not care."""
    word = term.text.casefold()
    other = _HOMONYMS.get(word)
    tells = word in _CAPITAL_TELLS
    if other is None or term.regex or (tells and term.case):
        return None
    capital = f"; or `={word.capitalize()}` for the capital letter alone" if tells else ""
    hint = f"add a group that must stand beside it, or name the other meaning under `except`{capital}"
    return Remark("ambiguous", f"`{term.text}` is also {other}", hint)


def _capitals(term: Term) -> Iterator[Remark]:
    text = term.text
    if text in _ALSO_WORDS and not term.case:
        yield Remark(
            "ambiguous", f"`{text}` also finds the word `{text.lower()}`", f"write `={text}` for the capitals alone"
        )


def _joined_to(term: Term) -> Iterator[Remark]:
    """Yield that Arabic and Hebrew write "and", "in" or "to" onto the word that follows."""
    onto = next((sign for letters, sign in _WRITTEN_ONTO if letters.match(term.text)), "")
    if onto:
        message = f"`{term.text}` is not found where another word is written onto it, as in `{onto}{term.text}`"
        yield Remark("prefix", message, f'write `"*{term.text}"`, which finds both')


def _letters(term: Term) -> Iterator[Remark]:
    text = term.text
    # Most terms are one word of ASCII letters, of which only the length can be odd.
    tokens = () if text.isascii() and text.isalpha() and len(text) >= _SHORTEST_WORD else tokens_of(text)
    if len(tokens) == 1 and _ALPHABETIC.fullmatch(tokens[0].folded):
        yield from _short(term, tokens[0])
    for token in tokens:
        written = text[token.start : token.end]
        if not written.isascii() and is_mixed(written):
            yield Remark("mixed-script", f"`{written}` mixes Latin and Cyrillic letters", "write it in one script")
    other = _FOLDED.get(text.casefold())
    if other is not None and not term.exact and not term.case:
        hint = f"write `{{term: {text}, exact: true}}` for the word without marks alone"
        yield Remark("folding", f"`{text}` also finds `{other}`", hint)


def _short(term: Term, token: Token) -> Iterator[Remark]:
    """Yield that the only word of a term is so short that it stands in very many texts."""
    text, letters = term.text, len(token.folded)
    has_wildcard = "*" in (text[token.start - 1 : token.start], text[token.end : token.end + 1])
    if has_wildcard and letters < _SHORTEST_STEM:
        beside = "1 letter" if letters == 1 else f"{letters} letters"
        yield Remark("floods", f"`{text}` finds very many words: `*` stands beside {beside}", "write more of the word")
    elif letters < _SHORTEST_WORD and term.field is not Field.LANG and _is_small(term, text):
        yield Remark("floods", f"`{text}` is very short and stands in many texts", "write a longer word, or a phrase")


def _is_small(term: Term, text: str) -> bool:
    return not term.case and not text.isupper() and text.isalpha()


def is_everywhere(term: Term, shares: Shares) -> bool:
    """Say whether a term stands in so many articles that it says little."""
    return share_of(term, shares) >= _NEARLY_ALWAYS


def _common(term: Term, shares: Shares) -> Iterator[Remark]:
    share = share_of(term, shares)
    if share >= _NEARLY_ALWAYS and len(term.text) >= _SHORTEST_WORD:
        yield Remark(
            "floods",
            f"`{term.text}` stands in about {share:.0%} of all articles, so it says little",
            "leave it out, or write a phrase",
        )


def _drops(term: Term, shares: Shares) -> Iterator[Remark]:
    share = share_of(term, shares)
    if share >= _DROPS_MUCH:
        message = f"`{term.text}` under `none` drops about {share:.0%} of all articles"
        yield Remark("not-kills", message, "write a phrase, or write it under `except`, which only ignores words")


def share_of(term: Term, shares: Shares) -> float:
    """Return the share of articles that a term is expected in, at least; 0 where nothing is known of it."""
    if term.regex or term.case or "*" in term.text or term.field not in (None, Field.TITLE):
        return 0.0
    if term.text in _ALSO_WORDS:
        return 0.0  # how often it stands in capitals is not known, and the small letters are a remark of their own
    if " " in term.text:
        return 0.0  # how often words stand side by side is not known
    if term.text.isascii() and term.text.isalpha():
        share = shares(term.text.lower())  # most terms; the token would say the same
    else:
        tokens = tokens_of(term.text)
        share = shares(tokens[0].folded) if len(tokens) == 1 else 0.0
    return share / 10 if term.field is Field.TITLE or term.lead else share


def _long_title(term: Term) -> Iterator[Remark]:
    if term.field is not Field.TITLE:
        return
    words = len(tokens_of(term.text))
    if words > (LONGEST_TITLE_UNSPACED if UNSPACED.search(term.text) else LONGEST_TITLE):
        yield Remark("never", f"a phrase of {words} words is longer than a title", "shorten it, or leave out `title:`")
