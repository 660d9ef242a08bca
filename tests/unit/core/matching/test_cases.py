"""Our own matching cases: word rules of many scripts, with the words that must be marked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.neutral_cases import article_of, read_cases, rule_of
from watcher.core.matching.compile import compile_rules
from watcher.core.model.rule import RuleSource

_CASES = read_cases(Path(__file__).parents[3] / "cases" / "matching.jsonl")


@pytest.mark.parametrize("case", _CASES, ids=[f"{case['id']}: {case['why']}" for case in _CASES])
def test_word_rules(case: dict[str, Any]) -> None:
    matches, failed = compile_rules(RuleSource(1, (rule_of(case),))).match(article_of(case))

    assert failed == ()
    assert bool(matches) == case["expect"]
    if "spans" in case:
        assert [(span.start, span.end) for span in matches[0].spans] == [tuple(span) for span in case["spans"]]
