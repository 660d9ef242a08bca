"""Patterns: what a term looks for, as rows of words with what may stand between them."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache

import regex

from watcher.core.articles.korean import stems
from watcher.core.articles.letters import fold, key_of, reads_alike, turkish_key, twin
from watcher.core.articles.tokens import (
    APOSTROPHES,
    DASHES,
    HYPHENS,
    INVISIBLE,
    NAME_DOTS,
    ZERO_WIDTH_BLANKS,
    Token,
    tokenise,
)
from watcher.core.model.rule import Term


class Shape(Enum):
    """How a word of a term is compared with a token."""

    WHOLE = "whole"
    PREFIX = "prefix"
    SUFFIX = "suffix"
    INFIX = "infix"


class Form(Enum):
    """Which form of a token is compared (see core.articles.letters)."""

    FOLDED = "folded"
    KEY = "key"
    CASED = "cased"
    CASED_FOLDED = "cased folded"


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a pattern: `text` is compared in `form`; `folded` is what an index knows it by.

    `noun` marks a Korean word that a particle may follow.
    """

    text: str
    folded: str
    form: Form
    shape: Shape
    cased: str
    noun: bool = False

    @property
    def is_folded(self) -> bool:
        """Whether its folded letters are all that is compared."""
        return self.form is Form.FOLDED and self.text == self.folded and not self.noun

    def accepts(self, token: Token) -> bool:
        """Say whether a token is this word; a noun's token may end in a particle."""
        match self.form:
            case Form.FOLDED:
                found = token.folded
            case Form.KEY:
                found = token.key
            case Form.CASED:
                found = token.cased
            case Form.CASED_FOLDED:
                found = fold(token.cased)
        if self._is(found, self.text):
            return True
        # ı and i are two letters with one capital where the language is not known: DİYARBAKIR is Diyarbakır.
        may_be_turkish = self.form is Form.KEY and ("ı" in self.text or "ı" in found)
        return may_be_turkish and self._is(turkish_key(token.cased), turkish_key(self.cased))

    def _is(self, found: str, text: str) -> bool:
        match self.shape:
            case Shape.WHOLE:
                return found == text or (self.noun and text in stems(found))
            case Shape.PREFIX:
                return found.startswith(text)
            case Shape.SUFFIX:
                return found.endswith(text) or (self.noun and any(map(self._ends, stems(found))))
            case Shape.INFIX:
                return text in found

    def noun_in(self, folded: str) -> str:
        """Return the part of a token's folded form that is this word: without the particle where one was needed to
        accept it.
        """
        if not self.noun or folded == self.folded or (self.shape is Shape.SUFFIX and folded.endswith(self.folded)):
            return folded
        fits = (
            noun for noun in stems(folded) if noun == self.folded or (self.shape is Shape.SUFFIX and self._ends(noun))
        )
        return next(fits, folded)

    def _ends(self, noun: str) -> bool:
        return noun.endswith(self.text)


@dataclass(frozen=True, slots=True)
class Gap:
    """What may stand between two words, or at the end of a pattern; a regular expression over the text between."""

    expression: regex.Pattern[str]

    def accepts(self, between: str) -> bool:
        """Say whether this may stand between the words."""
        if between == " " and self is SOFT:
            return True
        return self.expression.fullmatch(between) is not None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A row of words; `gaps[i]` stands between word i and i + 1; `before` and `after` must touch the row, "" =
    anything may. With a blank at their inner end blanks may stand there.

    `anchor` is the word that is looked up first, the longest.
    """

    words: tuple[Word, ...]
    gaps: tuple[Gap, ...]
    before: str = ""
    after: str = ""
    anchor: int = 0

    @property
    def needs(self) -> frozenset[str]:
        """The folded words without which it cannot occur."""
        return frozenset(word.folded for word in self.words if word.shape is Shape.WHOLE)

    @property
    def inflects(self) -> bool:
        """Whether dictionary forms may stand for its words: not where letters count as written, nor beside a
        wildcard.
        """
        return all(word.shape is Shape.WHOLE and word.form in (Form.FOLDED, Form.KEY) for word in self.words)

    @property
    def may_straddle(self) -> bool:
        """Whether it is so short a row of characters of a script without spaces that other words may happen to spell
        it.
        """
        return len(self.words) <= _SHORT_ROW and all(
            word.shape is Shape.WHOLE and _UNSPACED.match(word.cased) for word in self.words
        )


@dataclass(frozen=True, slots=True)
class WordRow:
    """Folded words that are all there is to look for, with the same gap between each; `prefix`: one word, any that
    begins with it will do.
    """

    words: tuple[str, ...]
    gap: Gap
    prefix: bool


_BLANK = rf"[\s{ZERO_WIDTH_BLANKS}{INVISIBLE}]"
_BLANKS = rf"[^\S\n]*+[{ZERO_WIDTH_BLANKS}{INVISIBLE}]*+"
_JOINT = rf"[{re.escape(APOSTROPHES + HYPHENS + NAME_DOTS)}]"
# An empty line ends a paragraph. A hyphen or apostrophe with blanks on both sides is a dash or a quote.
_FEW_BLANKS = rf"(?:(?!\n){_BLANK})*+(?:\n(?:(?!\n){_BLANK})*+)?"
SOFT = Gap(regex.compile(rf"{_FEW_BLANKS}|{_JOINT}+{_FEW_BLANKS}|{_FEW_BLANKS}{_JOINT}+|[{DASHES}]"))
# Within a word of a script without spaces only what shows nothing may stand: a blank there separates two words (東京
# 都知事).
TIGHT = Gap(regex.compile(rf"[{ZERO_WIDTH_BLANKS}{INVISIBLE}]*+|\r?\n"))
_PARTED = Gap(
    regex.compile(rf"{SOFT.expression.pattern}|{_FEW_BLANKS}[{re.escape(HYPHENS)}{DASHES}—]{_FEW_BLANKS}")
)  # a dash between blanks, where the term has it: "Trump – Putin"
_DASH_BETWEEN_BLANKS = regex.compile(rf"\s[{re.escape(HYPHENS)}{DASHES}]\s")
HYPHENATED = Gap(regex.compile(rf"[{INVISIBLE}]*[{re.escape(HYPHENS + DASHES)}][{INVISIBLE}]*"))

_SOFT_SIGNS = regex.compile(rf"{_BLANK}|{_JOINT}|[{DASHES}*]")
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»″״＂〝〞", '"'))
_OF_AMOUNTS = regex.compile(r"[%‰№§°\p{Sc}]+")
_BLANKS_BEFORE, _BLANKS_AFTER = regex.compile(r"[^\S\n]*\Z"), regex.compile(r"[^\S\n]*")
_MOST_APART = 3
_STOPS = ".,:;!?。、，"
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\u30FC]")
_HANGUL_END = regex.compile(r"[가-힣]\Z")
_DESIGNATOR = regex.compile(r"([\p{Latin}\p{Cyrillic}]+)(\p{Nd}\w*)")
_LETTERS = regex.compile(r"[\p{Latin}\p{Cyrillic}]+")
_SHORT_DESIGNATOR = 2
_LETTER = regex.compile(r"[\p{Latin}\p{Cyrillic}]\p{M}*")
_NO_WORDS = frozenset("BCDFGHJKLMNPQRSTUVWXZ")
"""Letters that are a word of few languages, so that a capital one before a blank is a designator: "H bomb", "S 400".
A, E, I, O and Y are words of many ("A bomb"), and so are Cyrillic С and К, "from" and "to".
"""
_SHORT_ROW = 2  # longer rows rarely collide, and segmenters split rare names


@lru_cache(maxsize=4096)
def patterns_of(term: Term) -> tuple[Pattern, ...]:
    """Return the patterns of a term, any of which is a hit; the first is the term as written.

    A designator such as T-72 has several: T72, "T 72" with the capital kept, and the Cyrillic twin of its letters. A
    hyphen after a single letter must be there, or the letter is a capital that is no word: A-bomb is not "a bomb",
    X-ray is "X ray" too.
    """
    tokens = tokenise(term.text, prose=False)
    strict = term.exact or any(token.key != token.folded for token in tokens)
    words = tuple(
        _word(term, token, strict=strict, last=index == len(tokens) - 1) for index, token in enumerate(tokens)
    )
    base = Pattern(
        words=words,
        gaps=tuple(_gap(term.text, left, right) for left, right in itertools.pairwise(tokens)),
        before=_touching(term.text[: tokens[0].start], at_end=True),
        after=_touching(term.text[tokens[-1].end :], at_end=False),
    )
    found = _spellings(term.text, tokens, base)
    found = [form for pattern in found for form in _hyphens_kept(pattern, term.text, tokens)]
    found += [twinned for pattern in found if (twinned := _twinned(pattern)) is not None]
    return tuple(dict.fromkeys(replace(pattern, anchor=_anchor(pattern.words)) for pattern in found))


def word_row_of(patterns: Sequence[Pattern]) -> WordRow | None:
    """Return the row of words that the patterns of a term come to, None where more than folded letters decide."""
    first = patterns[0]
    gaps, shapes = set(first.gaps), {word.shape for word in first.words}
    prefix = shapes == {Shape.PREFIX} and len(first.words) == 1
    if len(patterns) > 1 or len(gaps) > 1 or not (prefix or shapes == {Shape.WHOLE}):
        return None
    if first.before or first.after or first.may_straddle or not all(word.is_folded for word in first.words):
        return None
    return WordRow(tuple(word.folded for word in first.words), gaps.pop() if gaps else SOFT, prefix)


def same_signs(text: str) -> str:
    """Return signs in the form in which they are compared, character for character."""
    return "".join(_same_sign(letter) for letter in text)


def _word(term: Term, token: Token, *, strict: bool, last: bool) -> Word:
    text = term.text
    # A dotted term (U.S.) means the capitals: "us." at the end of a sentence is not the country.
    case = term.case or "." in text[token.start : token.end]
    if case:
        form, compared = (Form.CASED, token.cased) if strict else (Form.CASED_FOLDED, fold(token.cased))
    else:
        form, compared = (Form.KEY, token.key) if strict else (Form.FOLDED, token.folded)
    shape = _shape(text[token.start - 1 : token.start] == "*", text[token.end : token.end + 1] == "*")
    noun = last and shape in (Shape.WHOLE, Shape.SUFFIX) and _HANGUL_END.search(token.folded) is not None
    return Word(compared, token.folded, form, shape, token.cased, noun)


def _shape(before: bool, after: bool) -> Shape:
    if before:
        return Shape.INFIX if after else Shape.SUFFIX
    return Shape.PREFIX if after else Shape.WHOLE


def _gap(text: str, left: Token, right: Token) -> Gap:
    between = text[left.end : right.start]
    signs = _SOFT_SIGNS.sub("", between)
    if signs:
        return _signed(tuple(same_signs(signs)), spaced=any(letter.isspace() for letter in between))
    if _DASH_BETWEEN_BLANKS.search(between):
        return _PARTED
    if not between and _UNSPACED.search(left.cased) and _UNSPACED.search(right.cased):
        return TIGHT
    return SOFT


@lru_cache(maxsize=4096)
def _signed(signs: tuple[str, ...], *, spaced: bool) -> Gap:
    """Return a gap that must hold these signs; a full stop or comma written without a blank allows none."""
    blanks = "" if not spaced and any(sign in _STOPS for sign in signs) else _FEW_BLANKS
    row = blanks.join(_sign_class(sign) for sign in signs)
    return Gap(regex.compile(f"{_JOINT}*{blanks}{row}{blanks}{_JOINT}*"))


def _sign_class(sign: str) -> str:
    if sign == '"':
        return '["“”„‟«»″״＂〝〞]'
    wide = chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign  # the full-width form of an ASCII sign
    return f"(?:{regex.escape(sign)}|{regex.escape(wide)})"


def _touching(text: str, *, at_end: bool) -> str:
    """Return the signs that touch the first or last word and must be there: ++ of C++, the full stop of .NET.

    A blank at their inner end: one stands there in the term too (`№ 5`), or they are signs of amounts, which half of
    all writers set apart (`50 %`).
    """
    pieces = text.replace("*", "").split()
    if not pieces:
        return ""
    found = pieces[-1] if at_end else pieces[0]
    signs = same_signs("".join(sign for sign in found if not _SOFT_SIGNS.fullmatch(sign)))
    inner = text[-1:] if at_end else text[:1]
    if not signs or not (inner.isspace() or _OF_AMOUNTS.fullmatch(signs)):
        return signs
    return f"{signs} " if at_end else f" {signs}"


def signs_begin(text: str, signs: str, end: int) -> int | None:
    """Return where the signs before a word that begins at `end` begin, or None where they do not stand there."""
    bare = signs.rstrip()
    place = end if bare == signs else _BLANKS_BEFORE.search(text, max(0, end - _MOST_APART), end).start()  # type: ignore[union-attr]
    start = place - len(bare)
    return start if start >= 0 and same_signs(text[start:place]) == bare else None


def signs_end(text: str, signs: str, start: int) -> int | None:
    """Return where the signs behind a word that ends at `start` end, or None where they do not stand there."""
    bare = signs.lstrip()
    place = start if bare == signs else _BLANKS_AFTER.match(text, start, start + _MOST_APART).end()  # type: ignore[union-attr]
    end = place + len(bare)
    return end if same_signs(text[place:end]) == bare else None


def _same_sign(letter: str) -> str:
    plain = unicodedata.normalize("NFKC", letter.translate(_QUOTES))
    return plain if len(plain) == 1 else letter


def _spellings(text: str, tokens: Sequence[Token], base: Pattern) -> list[Pattern]:
    """Return a pattern with the other spellings of the first designator in it: letters, hyphen, digits; letters and
    digits.
    """
    for index, (left, right) in enumerate(itertools.pairwise(tokens)):
        hyphen = text[left.end : right.start]
        if hyphen and hyphen in HYPHENS + DASHES and _LETTERS.fullmatch(left.cased) and right.cased[0].isdigit():
            return _written_apart(base, index)
    for index, token in enumerate(tokens):
        found = _DESIGNATOR.fullmatch(token.cased)
        if found and base.words[index].shape in (Shape.WHOLE, Shape.PREFIX):
            return [base, _split(base, index, found.group(1), found.group(2))]
    return [base]


def _hyphens_kept(base: Pattern, text: str, tokens: Sequence[Token]) -> list[Pattern]:
    """Return a pattern that asks for the hyphen between one letter and a word (A-bomb), and where a capital letter
    alone says as much one that takes a blank there.
    """
    at = [
        index
        for index, (left, right) in enumerate(itertools.pairwise(tokens))
        if text[left.end : right.start] in tuple(HYPHENS + DASHES)
        and _LETTER.fullmatch(left.cased)
        and _LETTERS.match(right.cased)
    ]
    if not at or len(base.words) != len(tokens):
        return [base]
    gaps = tuple(HYPHENATED if index in at else gap for index, gap in enumerate(base.gaps))
    kept = replace(base, gaps=gaps)
    if any(tokens[index].cased.upper() not in _NO_WORDS for index in at):
        return [kept]
    words = tuple(_as_capital(word) if index in at else word for index, word in enumerate(base.words))
    return [kept, replace(base, words=words)]


def _as_capital(word: Word) -> Word:
    capital = word.cased.upper()
    return replace(word, text=fold(capital), form=Form.CASED_FOLDED, cased=capital)


def _written_apart(base: Pattern, index: int) -> list[Pattern]:
    """Return T-72 also as T72 and "T 72"; the last keeps the capitals of short letters ("a 10 % rise" is not A-10),
    and is left out where one letter is a word ("A 10 % rise", "С 500 рублей").
    """
    left, right = base.words[index], base.words[index + 1]
    joined = Word(
        left.text + right.text,
        left.folded + right.folded,
        left.form,
        _shape(left.shape in (Shape.SUFFIX, Shape.INFIX), right.shape in (Shape.PREFIX, Shape.INFIX)),
        left.cased + right.cased,
    )
    before, after = base.words[:index], base.words[index + 2 :]
    together = replace(base, words=(*before, joined, *after), gaps=(*base.gaps[:index], *base.gaps[index + 1 :]))
    if len(left.cased) > _SHORT_DESIGNATOR:
        return [base, together]
    hyphened = replace(base, gaps=(*base.gaps[:index], HYPHENATED, *base.gaps[index + 1 :]))
    if len(left.cased) == 1 and left.cased not in _NO_WORDS:
        return [hyphened, together]
    capital = replace(left, text=fold(left.cased), form=Form.CASED_FOLDED)
    return [hyphened, together, replace(base, words=(*before, capital, right, *after))]


def _split(base: Pattern, index: int, letters: str, digits: str) -> Pattern:
    """Return T72 as T-72."""
    word = base.words[index]
    parts = tuple(
        Word(_in_form(part, word.form), fold(key_of(part)), word.form, shape, part)
        for part, shape in ((letters, Shape.WHOLE), (digits, word.shape))
    )
    return replace(
        base,
        words=(*base.words[:index], *parts, *base.words[index + 1 :]),
        gaps=(*base.gaps[:index], HYPHENATED, *base.gaps[index:]),
    )


def _in_form(cased: str, form: Form) -> str:
    match form:
        case Form.CASED:
            return cased
        case Form.CASED_FOLDED:
            return fold(cased)
        case Form.KEY:
            return key_of(cased)
        case Form.FOLDED:
            return fold(key_of(cased))


def _twinned(pattern: Pattern) -> Pattern | None:
    """Return a designator's pattern in the look-alike letters of the other script; None for anything else.

    Letters that are read otherwise there keep the hyphen: Cyrillic С-500 may be typed C-500, but C500 is a camera.
    """
    words = list(pattern.words)
    for index, word in enumerate(words):
        following = words[index + 1] if index + 1 < len(words) else None
        hyphened = following is not None and pattern.gaps[index] is HYPHENATED
        other = _letters_of_twin(word, following) if hyphened or reads_alike(word.cased) else ""
        if other:
            words[index] = _in_letters(word, other)
            # The letters after the number too: T-90M is Т-90М.
            if following is not None and _LETTERS.fullmatch(word.cased) and (rest := twin(following.cased)):
                words[index + 1] = _in_letters(following, rest)
    return replace(pattern, words=tuple(words)) if tuple(words) != pattern.words else None


def _letters_of_twin(word: Word, following: Word | None) -> str:
    """Return the letters of a designator in the other script, "" for a word that is none."""
    before_number = _LETTERS.fullmatch(word.cased) and following is not None and following.cased[0].isdigit()
    if not before_number and not _DESIGNATOR.fullmatch(word.cased):
        return ""
    is_name = word.cased.upper() == word.cased or (word.cased[0].isupper() and len(word.cased) <= _SHORT_DESIGNATOR)
    return twin(word.cased) if is_name else ""


def _in_letters(word: Word, cased: str) -> Word:
    return replace(word, text=_in_form(cased, word.form), folded=fold(key_of(cased)), cased=cased)


def _anchor(words: Sequence[Word]) -> int:
    """Return the word to look up first: a whole one before a wildcard, the longest one, the first of equals."""
    order = {Shape.WHOLE: 0, Shape.PREFIX: 1, Shape.SUFFIX: 2, Shape.INFIX: 3}
    return min(range(len(words)), key=lambda index: (order[words[index].shape], -len(words[index].folded), index))
