"""Finding stored articles by their words: what an index knows an article by, and what it is asked for rules.

Both sides are the keys of the engine (keys.py): what is asked may find too much, never too little, and the engine
decides on what was found.

    Kim Jong-un met 김정은이     known by kim, jong, un, met, 김정은이, 김정은
    朝鲜                        known by 朝, 鲜, 朝鲜
    Kim OR "test flight"        asked for kim, or for test and flight
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TypeAlias

import regex

from watcher.core.articles.korean import stems
from watcher.core.articles.words import folded_words
from watcher.core.matching.keys import ALWAYS, Clause, Key, Keys, is_listed
from watcher.core.matching.word_rows import prose_of
from watcher.core.model.article import Article, Field
from watcher.core.model.rule import Rule

Piece: TypeAlias = tuple[str, ...]
"""Words all of which an article must have; the last may end in `*`, for any word that begins so."""

Asked: TypeAlias = tuple[tuple[frozenset[Piece], ...], ...]
"""Clauses, one of which must hold: of each of its sets an article must have a piece. No clause: no article will do."""

_PROSE = frozenset((Field.TITLE, Field.SUMMARY, Field.CONTENT))
_NO_PROSE = tuple(field for field in Field if field not in _PROSE)
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_HANGUL = regex.compile(r"\p{Hangul}")
_GIVES_MORE = regex.compile(f"{_UNSPACED.pattern}|{_HANGUL.pattern}")
"""Letters of scripts in which words give others beside themselves, which no two fields do together."""
_MAY_GIVE_MORE = re.compile(
    "[\u0e00-\u0eff\u1000-\u11ff\u1700-\u19ff\u2e80-\u9fff\ua900-\uabff\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef"
    "\U00011300-\U0001133f\U000116d0-\U000116ff\U00016fe0-\U00016fff\U0001aff0-\U0001b2ff\U0001f200\U00020000-\U0003ffff]"
)
"""The blocks that hold them: to ask this first takes a tenth of the time for what is in other scripts."""
_LONGEST = 200
_SIGNS = dict.fromkeys(code for code in range(128) if not chr(code).isalnum())


def words_to_index(article: Article) -> list[str]:
    """Return the words that an index knows an article by, each once: the folded words of all its fields, the nouns
    before Korean particles, and two neighbours in scripts without spaces as one.
    """
    prose = prose_of(article)
    if not (_MAY_GIVE_MORE.search(prose) and _GIVES_MORE.search(prose)):
        # In one, as the rules look at it: its words are remembered.
        found, others = dict.fromkeys(folded_words(prose)), _NO_PROSE
    else:
        found, others = dict[str, None](), tuple(Field)
    for field in others:
        text = article.text_of(field)
        if not text:
            continue
        # A phrase never crosses two tags.
        words = folded_words(text.replace("\n", "\0") if field is Field.TAG else text, prose=field in _PROSE)
        found.update(dict.fromkeys(words))
        if not text.isascii():
            found.update(dict.fromkeys(_beside(words, text)))
    if max(map(len, found), default=0) <= _LONGEST and "".join(found).isalnum():
        return list(filter(None, found))
    return list(filter(None, dict.fromkeys(map(_plain, found))))


def asked_for(rules: Iterable[Rule], keys: Keys) -> Asked | None:
    """Return what an index is asked for articles on which one of the rules may fire; None = any article may be one.

    Raises:
        ConfigError, TermError: as `Keys.of_rule`.
    """
    asked = []
    for rule in rules:
        for clause in keys.of_rule(rule):
            sets = _sets(clause)
            if not sets:
                return None
            if all(sets):
                asked.append(sets)
    return tuple(asked)


def _beside(words: Sequence[str], text: str) -> Iterable[str]:
    """Yield what words give beside themselves."""
    if _HANGUL.search(text):
        for word in words:
            yield from stems(word)
    if _UNSPACED.search(text):
        for left, right in pairwise(words):
            if _is_unspaced(left) and _is_unspaced(right):
                yield left + right


def _sets(clause: Clause) -> tuple[frozenset[Piece], ...]:
    """Return the sets of a clause that an index can look for; a set it cannot look for asks nothing."""
    return tuple(frozenset(filter(None, map(_piece, keys))) for keys in clause if not any(map(_is_out_of_reach, keys)))


def _is_out_of_reach(key: Key) -> bool:
    """Say whether no beginning of a word tells that an article has a key."""
    return key == ALWAYS or is_listed(key) or key[0][:1] == "*" or not _piece(key)


def _piece(key: Key) -> Piece:
    if isinstance(key, tuple):
        left, right = key
        words = [left + right] if _is_unspaced(left) and _is_unspaced(right) else [left, right]
        return tuple(filter(None, map(_plain, words)))
    if key.endswith("*"):
        beginning = _plain(key[:-1])
        return (f"{beginning}*",) if beginning else ()
    return tuple(filter(None, (_plain(key),)))


def _is_unspaced(word: str) -> bool:
    return _UNSPACED.match(word) is not None


def _plain(word: str) -> str:
    """Return a word without the signs that some letters fold to (⒈ is "1."), which an index would cut it at; of a very
    long one the beginning.
    """
    return word[:_LONGEST] if word.isalnum() else word.translate(_SIGNS)[:_LONGEST]
