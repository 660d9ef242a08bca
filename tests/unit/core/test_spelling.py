"""The word that somebody meant is looked for in one way, wherever one was misspelt."""

from __future__ import annotations

import pytest

from tests.house.source import sources
from watcher.core.spelling import nearest_word

KNOWN = ("severity", "send_to", "Shells")


@pytest.mark.parametrize(
    ("written", "meant"),
    [("severty", "severity"), ("SEND_TO", "send_to"), ("shels", "Shells"), ("quiet", ""), ("", "")],
)
def test_the_nearest_word_is_named_as_it_is_known_and_none_that_is_far(written: str, meant: str) -> None:
    assert nearest_word(written, KNOWN) == meant


def test_a_likeness_that_is_asked_for_is_kept() -> None:
    assert nearest_word("sevrty", ["severity"], 0.95) == ""
    assert nearest_word("severitys", ["severity"], 0.9) == "severity"


def test_of_a_long_word_only_the_beginning_is_compared() -> None:
    assert nearest_word("severity" * 10_000, ["severity" * 12]) == "severity" * 12


def test_nobody_else_looks_for_close_matches() -> None:
    looking = [source.path for source in sources("watcher") if "get_close_matches" in source.text]
    assert looking == ["watcher/core/spelling.py"]
