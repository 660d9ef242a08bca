"""Facts in a text that must not differ between two copies: its numbers, and the words that turn its meaning round."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, TypeAlias

import regex

from watcher.core.dedup.titles import is_unspaced

Tokens: TypeAlias = tuple[str, ...] | frozenset[str]


@lru_cache(maxsize=8192)
def numbers(tokens: Tokens) -> frozenset[str]:
    """Return the numbers among tokens; those in words are digits already (tokens_of), percent signs are left out."""
    found = set()
    for token in tokens:
        if token in _NUMBER_WORDS:
            found.add(_NUMBER_WORDS[token])
        elif _DIGIT.search(token):
            found.add(token.rstrip("%"))
    return frozenset(found)


@lru_cache(maxsize=8192)
def markers(tokens: Tokens) -> frozenset[str]:
    """Return the kinds of turning words among tokens: negation, denial, confirmation, repetition, series, correction.

    Two texts with different kinds may share nearly every word and yet be different news ("Second attack", "does not
    allow", "part 2").
    """
    found = set()
    for token in tokens:
        if kind := _MARKERS.get(token):
            # "Second" and "third" are both repetitions, and two different events.
            found.add(f"{kind} {token}" if kind == "repetition" else kind)
        elif token.endswith("n't"):
            found.add("negation")
        elif is_unspaced(token):
            found.update(kind for sign, kind in _UNSPACED_MARKERS if sign in token)
    if isinstance(tokens, tuple) and tokens[-1:] == ("over",):
        found.add("end")  # "The strike is over", not "arrests over leaks"
    return frozenset(found)


_DIGIT: Final = regex.compile(r"\d")
_NUMBER_WORDS: Final = {
    "dozen": "12", "dozens": "dozens", "hundreds": "hundreds", "thousands": "thousands", "millions": "millions",
}  # fmt: skip

_WORDS: Final = {
    "negation": """
        not no never without neither nor cannot fails failed unlikely halts halted stops stopped cancels canceled suspends suspended
        nicht kein keine keinen nie ne pas aucun jamais sans nunca sin non não не нет без ни ніколи немає nie bez brak
    """,
    "denial": """
        deny denies denied denying denial reject rejects rejected refute refutes refuted dismiss dismisses dismissed retracts
        retracted withdraws withdrawn dementiert leugnet zaprzecza dément niega desmiente опровергает опроверг отрицает
        заперечує спростовує
    """,
    "confirmation": "confirm confirms confirmed confirming bestätigt confirme confirma подтверждает подтвердил підтверджує potwierdza",
    "repetition": """
        second third fourth fifth sixth seventh eighth ninth tenth 2nd 3rd 4th 5th 6th 7th 8th 9th 10th another again new fresh
        further repeat zweite zweiter dritter erneut wieder weitere deuxième troisième nouvel nouvelle nouveau encore segundo
        segunda tercer tercera otra otro nuevo nueva второй вторая третий третья новый новая снова опять другий третій новий знову
    """,
    "series": "part episode chapter volume day week round stage leg game match teil folge partie épisode parte episodio часть серия",
    "correction": "corrected correction corrects clarification retraction berichtigung rectificatif поправка",
    "end": "ends ended resumes resumed lifts lifted reopens reopened closes closed",
}
_MARKERS: Final = {word: kind for kind, words in _WORDS.items() for word in words.split()}
_UNSPACED_MARKERS: Final = (
    ("不", "negation"), ("没", "negation"), ("沒", "negation"), ("未", "negation"), ("非", "negation"), ("無", "negation"),
    ("无", "negation"), ("ません", "negation"), ("なかった", "negation"), ("못", "negation"), ("없", "negation"), ("ない", "negation"), ("않", "negation"), ("아니", "negation"),
    ("否认", "denial"), ("否認", "denial"), ("否定", "denial"), ("부인", "denial"), ("반박", "denial"), ("证实", "confirmation"),
    ("確認", "confirmation"), ("확인", "confirmation"), ("再", "repetition"), ("또", "repetition"), ("第", "series"), ("제2", "series"),
)  # fmt: skip
