"""The short part of `make manners`: no manner may lose, repeat or misfold more than was written down."""

from __future__ import annotations

import pytest

from tests.manners.cases import MANNERS, Case, expected, play_case


@pytest.mark.parametrize("manner", MANNERS)
def test_a_manner_costs_no_more_than_the_document_says(manner: str) -> None:
    tally = play_case(Case(manner))
    found, known = tally.figures()[manner], expected()[manner]
    again = f'make manners ARGS="--manner {manner} --case 0"'
    said = "\n".join([f"{again} shows it; what was written down: {known}", *tally.complaints(manner)])
    assert found.news == known.news, said
    assert found.lost <= known.lost, said
    assert found.wrongly_folded <= known.wrongly_folded, said
    assert found.repeated <= known.repeated, said
    assert found.updates_told >= known.updates_told, said
    assert found.unsent == 0, said


def test_a_case_is_the_same_each_time() -> None:
    case = Case("plain", seed=3, days=2)
    assert play_case(case, with_log=True).log == play_case(case, with_log=True).log
