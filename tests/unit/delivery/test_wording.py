from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fakes.messages import AT, an_alert
from watcher.core.model.message import SourceLine
from watcher.delivery.wording import seen


def lines(*names: str) -> tuple[SourceLine, ...]:
    """One line a name; a name that ends in * brought a copy."""
    return tuple(SourceLine(AT, name.rstrip("*"), "", "", copy=name.endswith("*")) for name in names)


@pytest.mark.parametrize(
    ("carriers", "words"),
    [
        (("Wire",), "1 outlet"),
        (("Wire", "Post*"), "2 outlets, 1 of them a copy"),
        (("Wire", "Post*", "Desk*"), "3 outlets, 2 of them copies"),
        (("Wire", "Post*", "Desk"), "3 outlets, 1 of them a copy"),
        (("Wire", "Wire*"), "1 outlet, 1 copy folded"),
        (("Wire", "Post", "Post*"), "2 outlets, 1 copy folded"),
    ],
)
def test_outlets_and_copies_are_told_apart(carriers: tuple[str, ...], words: str) -> None:
    copies = sum(name.endswith("*") for name in carriers)
    assert seen(an_alert(lines=lines(*carriers), sources=1, copies=copies, languages=1)) == words


def test_a_sample_is_no_outlet() -> None:
    alert = an_alert(lines=lines("Wire", "Post*"), sources=0, copies=1, languages=1, sample=True)
    assert seen(alert) == "sample feed, 1 copy folded"


def test_an_alert_whose_lines_are_gone_still_says_how_many_stood_behind_it() -> None:
    assert seen(replace(an_alert(), lines=(), sources=4, copies=0, languages=1)) == "4 outlets"
