"""The neutral matching cases that lie beside the project, run straight through the engine."""

from __future__ import annotations

import pytest

from tests.neutral_cases import article_of, read_cases, rule_of
from tests.shared import SHARED, needs_shared, shared
from watcher.core.matching.compile import compile_rules
from watcher.core.model.rule import RuleSource

_WITHOUT_EXTRAS = ("core", "homoglyph", "particles")


@needs_shared
@pytest.mark.shared
def test_every_core_case_holds_with_its_spans() -> None:
    assert SHARED is not None
    wrong = []
    for case in read_cases(shared("cases/matching.jsonl")):
        if case.get("needs", "core") not in _WITHOUT_EXTRAS:
            continue
        matches, failed = compile_rules(RuleSource(1, (rule_of(case),))).match(article_of(case))
        spans = sorted({(span.start, span.end) for match in matches for span in match.spans})
        if (
            failed
            or bool(matches) != case["expect"]
            or (matches and spans != sorted(map(tuple, case.get("spans", spans))))
        ):
            wrong.append((case["id"], case["query"], case["text"], spans))
    assert wrong == []
