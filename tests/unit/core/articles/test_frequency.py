"""How frequent words are in stored articles."""

from __future__ import annotations

import pytest

from watcher.core.articles.frequency import word_shares
from watcher.core.matching.compile import compile_rules
from watcher.core.model.ids import RuleId
from watcher.core.model.rule import Rule, RuleSource, Term


def test_shares_count_articles_not_words() -> None:
    shares = word_shares(["the bank said the bank lent"] * 50 + ["the mint said no"] * 150)
    assert shares is not None
    assert (shares["the"], shares["bank"], shares["mint"]) == pytest.approx((1.0, 0.25, 0.75))


def test_rare_words_are_left_out() -> None:
    shares = word_shares(["plain words"] * 999 + ["ornithopter"])
    assert shares is not None
    assert "ornithopter" not in shares


def test_few_articles_tell_nothing() -> None:
    assert word_shares(["the bank"] * 199) is None


def test_equal_counts_let_rules_be_taken_over() -> None:
    source = RuleSource(1, (Rule(RuleId("r"), "r", Term("army")),))
    rules = compile_rules(source, frequencies={"army": 0.01})

    assert rules.fits(source, None, None, None, {"army": 0.01})
    assert not rules.fits(source, None, None, None, {"army": 0.02})
    assert not rules.fits(source, None, None, None, None)
