"""Terms in the notation of other programs are told, with what to write instead."""

from __future__ import annotations

import pytest

from watcher.core.language.query import read_query
from watcher.core.language.terms import odd_sign


@pytest.mark.parametrize(
    ("term", "mend"),
    [
        ("AT&amp;T", "write `AT&T`"),
        ("&#1076;рон", "write `дрон`"),
        ("North&nbsp;Korea", "write `North Korea`"),
        ("<b>drone</b>", "write `drone`"),
        ("%drone%", "`*drone*`"),
        ("дрон%", "`дрон*`"),
        ("drone~2", "write `drone*`"),
        ('"North Korea"~5', "{near: [North, Korea, 5]}"),
        ("regex:drone", "write `/drone/`"),
        ("inurl:drone", "write `url:drone`"),
        ("Title:drone", "write `title:drone`"),
        ("TITLE:дрон", "write `title:дрон`"),
        ("title: drone", "write `title:drone`"),
        ("drone | missile", "write [drone, missile]"),
        ("드론 || 무인기", "write [드론, 무인기]"),
        ("drone && missile", "write [drone, missile]"),
        ("drone; missile", "write [drone, missile]"),
        ("-drone", "write `none: [drone]`"),
        ("−дрон", "write `none: [дрон]`"),
        ("!drone", "write `none: [drone]`"),
        ("+drone", "write `drone`"),
        ("~drone", "write `drone`"),
        ("– drone", "begins with `- `"),
        ("• drone", "begins with `- `"),
        ("Kim Jong…", "write `Kim Jong`"),
        ("Kim Jong...", "write `Kim Jong`"),
        ("drone,", "write `drone`"),
        ("무인기，", "write `무인기`"),
        ("(drone", "write `drone`"),
        ('drone"', "write `drone`"),
        ("drone＊", "write `*`"),
        ("drone NEAR ship", "write `{near: [a, b, 5]}`"),
    ],
)
def test_what_another_program_would_read_is_told(term: str, mend: str) -> None:
    odd = odd_sign(term)
    assert odd is not None
    assert mend in odd.hint
    assert term in odd.message
    assert 0 <= odd.offset < odd.offset + odd.length <= len(term)


@pytest.mark.parametrize(
    "term",
    [
        "Bloomberg | Markets", "re:publica", "x^2", "AT&T", "P&O", "Johnson & Johnson", "R&D", "Yahoo!", "-40", "+972 Magazine",
        "~500", "50%", "№ 5", "Moscow, Idaho", "ロ、", "露、", 'צה"ל', "f(x)", ":)", '12"', "Inc.", "U.S.", "(US)", "«Вашингтон»",
        "drone-", "T-72", "Nearby", "Breaking:", "9/11", "Re: Zero", "Source Code: a film", "{term}",
    ],
)  # fmt: skip
def test_signs_that_news_has_are_no_notation(term: str) -> None:
    assert odd_sign(term) is None


@pytest.mark.parametrize(
    ("query", "mend"),
    [
        ("!drone ship", "`NOT drone`"),
        ("drone~2", "write `drone*`"),
        ("drone,missile", "write drone OR missile"),
        ("AT&amp;T fined", "write `AT&T`"),
        ("drone ODER missile", "written OR"),
        ("дрон И ракета", "written AND"),
        ("drone SAUF missile", "written NOT"),
    ],
)
def test_a_query_of_another_program_is_told(query: str, mend: str) -> None:
    [hint] = read_query(query).hints
    assert mend in hint.hint


@pytest.mark.parametrize("query", ["und drone", "=NO drone", "AT&T fined", '"Moscow,Idaho"', "drone OR missile"])
def test_a_plain_query_has_no_hint(query: str) -> None:
    assert read_query(query).hints == ()
