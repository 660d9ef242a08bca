"""Words: what the quick ways make of a text."""

from __future__ import annotations

import pytest

from watcher.core.articles.words import AsciiWords, ChunkWords, words_of


def test_ascii_text_and_other_text_are_cut_in_their_own_way() -> None:
    assert isinstance(words_of("Troops in Kursk"), AsciiWords)
    assert isinstance(words_of("Войска в Курске"), ChunkWords)


def test_acronyms_are_words_but_no_letters() -> None:
    words = words_of("The U.S. army")
    assert words.words == ["the", "us", "army"]
    assert isinstance(words, AsciiWords)
    assert words.acronyms == {"us"}
    assert words.letters == "the \0\0\0\0 army"
    assert [words.span(index) for index in range(3)] == [(0, 3), (4, 8), (9, 13)]


@pytest.mark.parametrize("text", ["", " ", "…", "https://example.org/a"])
def test_a_text_without_words_has_none(text: str) -> None:
    assert words_of(text).words == []


def test_a_long_text_without_blanks_tells_where_its_words_stand() -> None:
    text = "朝鲜军队" * 30
    words = words_of(text)
    assert words.words == list(text)
    assert words.span(4) == (4, 5)
    assert words.span(119) == (119, 120)


@pytest.mark.parametrize("beside", ["", " and http://example.org"])
def test_an_address_is_masked_in_any_case_whatever_stands_beside_it(beside: str) -> None:
    assert words_of(f"see Www.korea.example{beside}").words == ["see", *beside.split()[:1]]
