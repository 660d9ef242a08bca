"""Common words: one table, each word once, in the form in which words are looked up."""

from __future__ import annotations

from collections import Counter

from watcher.core.articles.common_words import _ESTIMATED, COMMON_WORDS, MEASURED_SHARES, usual_share
from watcher.core.articles.words import folded_words
from watcher.core.lint.rules import lint
from watcher.core.matching.keys import Keys
from watcher.core.model.ids import RuleId
from watcher.core.model.rule import AllOf, Rule, RuleSource, Term


def test_no_word_has_two_shares() -> None:
    written = Counter([*MEASURED_SHARES, *(word for _, words in _ESTIMATED for word in words.split())])
    assert [word for word, times in written.items() if times > 1] == []


def test_every_word_is_written_as_it_is_looked_up() -> None:
    assert [word for word in COMMON_WORDS if list(folded_words(word)) != [word]] == []
    assert all(0 < share < 1 for share in COMMON_WORDS.values())


def test_a_rule_is_never_filed_under_a_common_word() -> None:
    keys = Keys({}, lemmatised=False)
    for word in ("für", "são", "على", "на", "the"):
        rarest = keys.clauses(AllOf((Term(word), Term("rome*"))), "")[0][0]
        assert rarest == {"rome*"}, word


def test_only_what_was_measured_is_told_as_a_figure() -> None:
    assert usual_share("today") == COMMON_WORDS["today"] == 0.1
    assert usual_share("national") == 0.0 < COMMON_WORDS["national"]
    assert not lint(RuleSource(1, (Rule(RuleId("r"), "r", AllOf((Term("von"), Term("ornithopter")))),)))
