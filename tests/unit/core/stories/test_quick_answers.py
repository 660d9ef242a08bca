"""What is answered early, or kept from before, is what the long way would have answered."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from watcher.core.dedup.differences import compare
from watcher.core.dedup.titles import tokens_of
from watcher.core.stories import claims, later_texts
from watcher.core.stories.claims import raised_words
from watcher.core.stories.later_texts import SAME_SENTENCE, redated, rescored

_WORDS = (
    "tariff",
    "raised",
    "to",
    "25%",
    "50%",
    "three",
    "thousand",
    "2-1",
    "2:2",
    "3 May",
    "10 May",
    "Sumy",
    "북한군",
    "12",
    "at 7:10",
)
_headlines = st.lists(st.sampled_from(_WORDS), max_size=9).map(" ".join)
_told = st.lists(_headlines, max_size=4)


def _is_alike(one: str, two: str) -> bool:
    return compare(tokens_of(one), tokens_of(two)).likeness >= SAME_SENTENCE


@given(_headlines, _headlines)
def test_a_figure_is_raised_in_like_sentences_alone(new: str, old: str) -> None:
    mine, theirs = claims._any_figures(new), claims._any_figures(old)
    now, before = max(mine - theirs, default=0.0), max(theirs - mine, default=0.0)
    is_raised = _is_alike(new, old) and 0 < before < now
    assert (raised_words(new, [old]) is not None) == is_raised


@given(_headlines, _told)
def test_a_headline_without_a_score_or_a_date_changes_none(headline: str, told: list[str]) -> None:
    like = [one for one in told if _is_alike(headline, one)]
    scores, dates = later_texts._scores(headline), later_texts._dates(headline)
    before = [score for one in like for score in later_texts._scores(one)]
    assert (rescored(headline, told, is_own=True) is not None) == (
        len(scores) == 1 and bool(before) and scores[0] != before[-1]
    )
    days = {date for one in like for date in later_texts._dates(one)}
    assert (redated(headline, told) is not None) == (bool(dates) and bool(days) and not days & set(dates))
