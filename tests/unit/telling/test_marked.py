"""Remote text is made safe to show and cut without losing its marks."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.core.model.message import Marked
from watcher.telling.marked import (
    _cleaned,
    cut,
    cut_text,
    pieces,
    shown,
    shown_lines,
    shown_marked,
    without_overlaps,
)


def words(marked: Marked) -> list[tuple[str, int]]:
    return [(text, group) for text, group in pieces(marked) if group]


def test_what_could_change_the_text_around_it_is_gone() -> None:
    assert shown("a\r\nBcc: x\tb") == "a Bcc: x b"
    assert shown("\x1b[31mred\x07 \u202eexe.gnp\u2069 nul\x00 \ufeffz\u200bw\u00adx") == "[31mred exe.gnp nul zwx"
    assert shown("lone \ud800 half") == "lone \ufffd half"
    assert shown("para\u2028graph\u2029s\x85t") == "para graph s t"


def test_joiners_stay_where_a_script_or_an_emoji_needs_them() -> None:
    assert shown("می\u200cخواهم") == "می\u200cخواهم"
    assert shown("👩\u200d🚀") == "👩\u200d🚀"
    assert shown("pay\u200dpal\u200c.example") == "paypal.example"


def test_marks_move_with_their_words() -> None:
    text = "a\u202e\x00b  Pyongyang\r\nships"
    marked = shown_marked(Marked(text, ((text.index("Py"), text.index("Py") + 9, 2), (0, 99, 1))))
    assert marked.text == "ab Pyongyang ships"
    assert words(marked) == [("Pyongyang", 2)]


def test_a_mark_on_nothing_that_is_shown_is_dropped() -> None:
    assert shown_marked(Marked("a\u202eb", ((1, 2, 1),))) == Marked("ab")


def test_lines_are_kept_where_they_are_wanted() -> None:
    assert shown_lines("one\r\ntwo\x00\nthree", 100) == "one\ntwo\nthree"


def test_a_cut_falls_between_words_and_keeps_the_marks_before_it() -> None:
    marked = cut(Marked("Pyongyang ships shells", ((0, 9, 1), (16, 22, 2))), 17)
    assert marked.text == "Pyongyang ships…"
    assert words(marked) == [("Pyongyang", 1)]


def test_a_script_without_blanks_is_cut_where_it_stands() -> None:
    assert cut_text("朝鲜向俄罗斯提供炮弹" * 10, 12) == "朝鲜向俄罗斯提供炮弹朝…"


def test_an_accent_stays_with_its_letter() -> None:
    assert cut_text("e\u0301" * 40, 10) == "e\u0301" * 4 + "…"


@pytest.mark.parametrize(
    ("letter", "limit"),
    [
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", 8),  # a family is five code points
        ("\U0001f1f0\U0001f1f5", 8),  # a flag is two
        ("\u0915\u094d\u0937\u093f", 7),  # a syllable of Devanagari
        ("\u1100\u1161\u11a8", 9),  # a syllable of Hangul in its parts
        ("\U0001f44d\U0001f3fd", 8),  # a hand with its colour
    ],
)
def test_what_is_read_as_one_letter_is_not_cut(letter: str, limit: int) -> None:
    found = cut_text(letter * 20, limit)
    assert found.endswith("\u2026")
    assert len(found) <= limit
    assert set(found.removesuffix("\u2026").split(letter)) == {""}, ascii(found)


def test_where_marks_overlap_the_longer_one_stays() -> None:
    assert without_overlaps([(0, 5, 1), (3, 12, 2), (12, 14, 3), (90, 99, 4)], 20) == ((3, 12, 2), (12, 14, 3))


ANY_TEXT = st.text(st.characters(), max_size=80)  # lone surrogates too
ANY_MARKS = st.lists(st.tuples(st.integers(-5, 90), st.integers(-5, 90), st.integers(1, 9)), max_size=6).map(tuple)


@given(ANY_TEXT, ANY_MARKS)
def test_shown_text_is_one_line_of_encodable_harmless_letters(
    text: str, marks: tuple[tuple[int, int, int], ...]
) -> None:
    marked = shown_marked(Marked(text, marks))
    marked.text.encode("utf-8")
    assert all(unicodedata.category(letter) not in ("Cc", "Cs") for letter in marked.text)
    assert "  " not in marked.text
    assert all(0 <= start < end <= len(marked.text) for start, end, _ in marked.marks)
    assert shown_marked(marked).text == marked.text


@given(ANY_TEXT, ANY_MARKS, st.integers(2, 60))
def test_pieces_join_to_the_text_and_a_cut_never_exceeds_its_limit(
    text: str, marks: tuple[tuple[int, int, int], ...], limit: int
) -> None:
    marked = cut(shown_marked(Marked(text, marks)), limit)
    assert len(marked.text) <= limit
    assert "".join(part for part, _ in pieces(marked)) == marked.text


@given(st.one_of(ANY_TEXT, st.text(st.sampled_from("ab é北 \u00a0\u200d"), max_size=12)), ANY_MARKS)
def test_text_that_stays_as_it_is_is_what_cleaning_makes_of_it(
    text: str, marks: tuple[tuple[int, int, int], ...]
) -> None:
    assert shown_marked(Marked(text, marks)) == _cleaned(Marked(text, marks))


def test_cleaning_changes_no_letter_that_can_be_printed() -> None:
    letters = "".join(letter for letter in map(chr, range(0x21, 0x110000)) if letter.isprintable())
    assert _cleaned(Marked(letters)).text == letters
