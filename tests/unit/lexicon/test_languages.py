"""The language of Latin letters, by a table of groups of letters."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from watcher.lexicon.languages import detect

CASES = Path(__file__).parents[2] / "cases" / "headlines.jsonl"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("DeSantis signs school funding bill", "en"),
        ("Texas teen crowned prom queen", "en"),
        ("Wyrok NSA w sprawie podatku", "pl"),
        ("To moja duma, mówi trener", "pl"),
        ("WYROK NSA W SPRAWIE PODATKU", "pl"),
        ("Der Kanzler reist nach Warschau", "de"),
        ("Le ministre dénonce les sanctions", "fr"),
        ("El ministro denuncia las sanciones", "es"),
        ("Russia e Corea del Nord firmano un accordo", "it"),
    ],
)
def test_likeliest_language_is_that_of_the_text(text: str, language: str) -> None:
    assert detect(text)[0][0] == language


@pytest.mark.parametrize("text", ["", "Tapo C225 i C500", "12.11.2026 100 %", "...", "北京"])
def test_too_few_letters_say_nothing(text: str) -> None:
    assert detect(text) == ()


def test_shares_are_those_of_one_whole_and_the_likeliest_comes_first() -> None:
    shares = [share for _, share in detect("Satellite images show soldiers drilling")]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1.0)


def test_no_headline_loses_its_own_language() -> None:
    lost = []
    for line in CASES.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        found = detect(case["title"])
        own = [share for code, share in found if code == case["lang"]]
        if own and own[0] < 0.1 * found[0][1]:
            lost.append(case["title"])
    assert lost == []


def test_hostile_text_is_read_no_further_than_its_beginning() -> None:
    assert detect("war " * 100_000) == detect("war " * 75)
