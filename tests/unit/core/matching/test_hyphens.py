"""A hyphen after one letter, and letters of another script, are part of what a term says."""

from __future__ import annotations

import pytest

from tests.unit.core.matching.test_engine import article
from watcher.core.language.terms import make_term
from watcher.core.matching.engine import find_terms


def is_found(term: str, text: str) -> bool:
    return bool(find_terms([make_term(term)], article(text)))


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("A-bomb*", "Jetstar flight diverted after a bomb threat"),
        ("A-bomb*", "It was a bombshell of a report"),
        ("A-bomb*", "A bomb went off in the market"),
        ("E-boat*", "Non e boats, just a ferry"),
        ("U-boat", "u boat"),
        ("H-bomb", "We found 3 h bomb alerts"),
        ("А-бомба", "Чай, а бомба была учебной"),
        ("A-10", "A 10-day exercise begins"),
        ("С-500", "С 500 рублей цена выросла"),
        ("К-52", "К 52 годам он стал чемпионом"),
        ("С-500", "Tapo C225 i C500"),
        ("Х-101", "Nowy aparat X101"),
        ("В-52", "Vitamin B52 im Test"),
        ("C500", "С500 рублей"),
    ],
)
def test_hyphen_after_one_letter_is_not_a_blank_and_other_letters_are_not_the_same(term: str, text: str) -> None:
    assert not is_found(term, text)


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("A-bomb*", "Survivors of the A-bomb met"),
        ("A-bomb*", "Survivors of the A‑bombing met"),
        ("A-bomb*", "the a-bomb dome"),
        ("H-bomb*", "Pyongyang tests an H bomb"),
        ("X-ray", "X ray of a suitcase"),
        ("x-ray", "X ray of a suitcase"),
        ("А-бомба", "Как делали А-бомбу и кому нужна была А-бомба"),
        ("K-방산", "K방산 수출"),
        ("T-72", "Т-72 и Т72 на параде"),
        ("T-72", "A T 72 rolls past"),
        ("T-72", "На параде Т72"),
        ("С-500", "ЗРК C-500 на учениях"),
        ("С-500", "ЗРК С500 на учениях"),
        ("B-52", "Бомбардировщики В-52 над морем"),
        ("B-52", "Two B52 bombers"),
        ("C-130", "a C 130 lands"),
        ("S-400", "India gets third S 400 squadron"),
        ("V-22", "V 22 Osprey grounded"),
        ("K-2", "Poland signs K 2 tank order"),
        ("U-boat*", "U boat wreck found"),
        ("anti-aircraft", "anti aircraft guns"),
    ],
)
def test_hyphen_after_one_letter_is_found_in_all_ways_it_is_typed(term: str, text: str) -> None:
    assert is_found(term, text)


def test_hyphen_is_kept_within_a_phrase() -> None:
    assert is_found("second A-bomb", "the second A-bomb fell")
    assert not is_found("second A-bomb", "the second a bomb fell")
