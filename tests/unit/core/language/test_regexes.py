"""Regular expressions: Unicode words and edges, offsets in the text as given, and what is refused with its reason."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.core.language.regexes import LONGEST_TEXT, SearchText, compile_regex, composed
from watcher.errors import TermError


def found(pattern: str, text: str, *, case: bool = False) -> list[str]:
    hits = SearchText(text).find(compile_regex(pattern, case=case))
    return [text[start:end] for start, end in hits]


@pytest.mark.parametrize(
    ("pattern", "text", "hits"),
    [
        (r"hwasong-\d+", "Hwasong-17 and Hwasong-x", ["Hwasong-17"]),
        (r"\bпутин\b", "Путин, Путина", ["Путин"]),
        (r"\bkim\b.{0,20}\bjong\b", "Kim the Jong, Jongno, Kimmel Jong", ["Kim the Jong"]),
        (r"\b(foo|bar)\b", "foo bar foobar", ["foo", "bar"]),
        (r"(foo\b) (\bbar)", "foo bar", ["foo bar"]),
        (r"\bfoo\b|\bbar\b", "xfoo bar foo", ["bar", "foo"]),
        (r"foo\b", "foo foobar xfoo", ["foo", "foo"]),
        (r"^foo$", "foo", ["foo"]),
        (r"\bfoo$", "a foo", ["foo"]),
        (r"\b\bfoo", "a foo", ["foo"]),
        (r"\w+", "हिंदी слово_x", ["हिंदी", "слово", "x"]),
        (r"[\w_]+", "a_b c", ["a_b", "c"]),
        (r"[^\W_]+", "a_b", ["a", "b"]),
        (r"\d+", "٣٤ and 12", ["٣٤", "12"]),
        (r"a\sb", "a\u00a0b", ["a\u00a0b"]),
        (r"\bx\W+y\b", "x -- y", ["x -- y"]),
        (r"\b[^x]{3}\b", "abc", ["abc"]),
        (r"\ba\S\b", "aб", ["aб"]),
        (r"\b[\x{80}-\x{10FFFF}]{2}\b", "жж x", ["жж"]),
        (r"\b.{3}\b", "a b", ["a b"]),
        (r"a.b", "a\nb", []),
        (r"(?s)\ba.b\b", "a\nb", ["a\nb"]),
        (r"\Qa.b\E", "axb a.b", ["a.b"]),
        (r"[[:alpha:]]+", "abc1", ["abc"]),
        (r"a{2,3}", "aaaa", ["aaa"]),
        (r"\p{Han}+", "in 朝鲜 today", ["朝鲜"]),
        (r"\bA\.B\b", "a.b", ["a.b"]),
    ],
)
def test_patterns_find_what_they_say(pattern: str, text: str, hits: list[str]) -> None:
    assert found(pattern, text) == hits


def test_case_counts_only_when_asked() -> None:
    assert found("dprk", "DPRK") == ["DPRK"]
    assert found("dprk", "DPRK dprk", case=True) == ["dprk"]


def test_offsets_are_those_of_the_text_behind_many_edges() -> None:
    text = "один два три четыре " * 50 + "цель"

    (span,) = SearchText(text).find(compile_regex(r"\bцель\b", case=False))

    assert span == (len(text) - 4, len(text))


def test_only_the_start_of_an_endless_text_is_searched() -> None:
    assert found("end", "x" * LONGEST_TEXT + " end") == []


@pytest.mark.parametrize(
    ("pattern", "at", "reason", "mend"),
    [
        ("a(?=b)", "(?=", "no look-ahead", "AND"),
        ("(?<!a)b", "(?<!", "no look-behind", r"`\b`"),
        (r"(a)\1", r"\1", "no back-references", "alternatives"),
        ("(?P<x>a)(?P=x)", "(?P=", "no back-reference", ""),
        ("(?>a)", "(?>", "no atomic group", ""),
        ("a++", "++", "no possessive repetition", "`+`"),
        ("a{2000}", "{2000}", "no more than 1000", "smaller"),
        ("a{,5}", "{,5}", "no first number", "{0,5}"),
        (r"a\Z", r"\Z", r"no `\Z`", r"`\z`"),
        (r"a\B", r"\B", r"no `\B`", r"`\w`"),
        (r"\u2014", r"\u", r"no `\u`", r"\x{2014}"),
        (r"\y", r"\y", "means nothing", "`y`"),
        ("[ab", "[", "never closed", r"`\[`"),
        ("(a", "(a", "missing )", ""),
        ("*a", "*", "no argument", ""),
        (r"\p{Klingon}", r"\p{Klingon}", "range", ""),
        (r"\b[\P{L}x]", r"\P{L}", "cannot stand between", "(?:"),
        (r"[\b]", r"\b", "between", "outside"),
        ("a*", "a*", "empty text", "`+`"),
        (r"\b", r"\b", "empty text", ""),
        ("((a{100}){100}){100}", "((a{100}){100}){100}", "memory", "repeat less"),
        (r"\w{500}\w{500}", r"\w{500}\w{500}", "memory", "repeat less"),
        ("x" * 1001, "x" * 1001, "longer than 1000", ""),
    ],
)
def test_what_cannot_be_run_is_refused_with_the_reason(pattern: str, at: str, reason: str, mend: str) -> None:
    with pytest.raises(TermError) as caught:
        compile_regex(pattern, case=False)

    error = caught.value
    assert reason in str(error)
    assert mend in error.hint
    assert pattern[error.offset : error.offset + error.length] == at


@pytest.mark.parametrize(
    ("pattern", "literal"),
    [
        ("Hwasong-[0-9]+", "hwasong-"),
        ("ab?cde", "cde"),
        ("a|bcd", ""),
        ("(abc)d", "d"),
        ("(ab|cd)xy", "xy"),
        (r"x\.y+z", "x.y"),
        ("Straße", "strasse"),
        (r"\bwar\b", "war"),
    ],
)
def test_the_letters_that_must_occur_are_known(pattern: str, literal: str) -> None:
    assert compile_regex(pattern, case=False).literal == literal


@pytest.mark.parametrize(
    "pattern", [r"(a+)+$", r"(.+)+x", r"(a|aa)+$", r"(.*)(\w+)(.*)(\w+)\d$", r"a.{0,300}a.{0,300}b!"]
)
def test_patterns_that_ruin_others_are_harmless(pattern: str) -> None:
    assert found(pattern, "a" * 30_000 + "b") == []


@given(st.text(alphabet="ae\u0301\u0327 b\u1100\u1161\u11a8가\u0958x\u212b", max_size=30))
def test_letters_are_composed_as_unicode_composes_them(text: str) -> None:
    assert composed(text) == unicodedata.normalize("NFC", text)


@given(st.text(alphabet="ae\u0301\u00ad\u200b\u0327 b\u1100\u1161\u11a8가x", max_size=30))
def test_hits_in_a_text_that_is_not_composed_stand_within_it_in_order(text: str) -> None:
    found = list(SearchText(text).find(compile_regex(r"\w", case=False)))
    assert all(0 <= start < end <= len(text) for start, end in found)
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("text", "pattern", "hit"),
    [
        ("le cafe\u0301 ok", r"\bcaf\x{e9}\b", "cafe\u0301"),
        ("cafe\u0301", "cafe\u0301", "cafe\u0301"),
        ("a shell\u00adfire b", "shellfire", "shell\u00adfire"),
        ("\u200bshell\u200b fire", r"\bshell\b", "shell\u200b"),
        ("\u1112\u1161\u11ab국", "한국", "\u1112\u1161\u11ab국"),
    ],
)
def test_hit_is_marked_in_the_text_as_given(text: str, pattern: str, hit: str) -> None:
    assert [text[a:b] for a, b in SearchText(text).find(compile_regex(pattern, case=False))] == [hit]


def test_text_full_of_marks_is_composed_in_time_that_grows_with_its_length() -> None:
    for text in ("e\u0301" * 50_000, "\u0301" * 100_000, "e\u00ad\u0301" * 33_000, "\u00ad" * 100_000):
        before = time.process_time()
        list(SearchText(text).find(compile_regex("x+", case=False)))
        assert time.process_time() - before < 2
