"""How frequent words are in stored articles."""

from __future__ import annotations

import pytest

from watcher.core.matching.frequency import word_shares


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
