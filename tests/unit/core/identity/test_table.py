"""The table of signs: its documentation and its code say the same, and every combination has the answer that the
document gives.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from watcher.core.identity.signs import Date, Guid, Lead, Link, Signs, Stay, Text, Title, any_of
from watcher.core.identity.table import TABLE, Answer, decide

DOCUMENT = Path(__file__).parents[4] / "docs" / "explanation" / "identity.md"
SIGNS = {"guid": Guid, "link": Link, "title": Title, "lead": Lead, "text": Text, "date": Date, "listed": Stay}
_MOVED = {Date.MOVED, Date.LATER}
EVERY = [Signs(*words) for words in product(Guid, Link, Title, Lead, Text, Date, Stay)]


def _documented() -> list[list[str]]:
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("| | guid | link"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")][1:])
    return rows


def _by_document(signs: Signs, rows: list[list[str]]) -> str:
    words = list(signs.words().values())
    return next(
        row[-2]
        for row in rows
        if all(not cell or word in cell.split(" or ") for cell, word in zip(row, words, strict=False))
    )


def test_document_prints_the_table_that_decides() -> None:
    printed = _documented()

    assert [row[-2:] for row in printed] == [[row.answer.value, row.why] for row in TABLE]
    cells = [(row.guid, row.link, row.title, row.lead, row.text, row.date, row.stay) for row in TABLE]
    every = [tuple(words) for words in SIGNS.values()]
    for row, code in zip(printed, cells, strict=True):
        said = ["" if tuple(words) == whole else any_of(words) for words, whole in zip(code, every, strict=True)]
        assert row[:-2] == said


def test_every_combination_of_signs_has_the_answer_of_the_document() -> None:
    rows = _documented()

    assert len(EVERY) == 3 * 4 * 5 * 5 * 3 * 4 * 3
    assert all(decide(signs).answer.value == _by_document(signs, rows) for signs in EVERY)


def test_every_row_is_needed() -> None:
    assert {decide(signs) for signs in EVERY} == set(TABLE)


@pytest.mark.parametrize("sign", ["guid", "link"])
def test_no_equal_guid_or_link_alone_makes_one_article(sign: str) -> None:
    nothing = Signs(Guid.OTHER, Link.OTHER, Title.OTHER, Lead.OTHER, Text.OTHER, Date.MOVED, Stay.STAYED)
    same = {"guid": Guid.SAME, "link": Link.SAME}[sign]

    assert decide(replace(nothing, **{sign: same})).answer is Answer.OTHER  # type: ignore[arg-type]


def test_what_differs_in_guid_link_text_and_date_is_never_one_article() -> None:
    apart = [s for s in EVERY if (s.guid, s.link, s.text) == (Guid.OTHER, Link.OTHER, Text.OTHER) and s.date in _MOVED]

    assert {decide(signs).answer for signs in apart} == {Answer.OTHER}


def test_the_same_text_at_the_same_time_is_never_news_but_under_another_id() -> None:
    same = [s for s in EVERY if s.text in {Text.SAME, Text.EARLIER} and s.date is Date.SAME and s.link is not Link.ID]

    assert {decide(signs).answer for signs in same} == {Answer.UNCHANGED}


def test_a_gap_alone_is_never_news_for_a_text_that_was_there() -> None:
    had = [s for s in EVERY if s.stay is Stay.BACK and s.date not in _MOVED and s.text is not Text.OTHER]

    assert all(decide(s).answer is decide(replace(s, stay=Stay.STAYED)).answer for s in had)


def test_an_agreeing_title_half_a_day_later_over_an_unrelated_text_is_other_news_whatever_guid_and_link_say() -> None:
    daily = [s for s in EVERY if s.date is Date.LATER and s.lead is Lead.OTHER and s.text is Text.OTHER]

    assert {decide(s).answer for s in daily if s.title in {Title.EQUAL, Title.SHARED, Title.SERIES}} == {Answer.OTHER}
