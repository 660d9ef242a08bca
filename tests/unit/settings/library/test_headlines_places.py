"""Three rules that mix places with each other and with the armed forces, on own headlines of ten languages."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.unit.settings.support import good
from watcher.core.matching.compile import compile_rules
from watcher.core.matching.engine import RuleSet
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId

OWN = Path(__file__).resolve().parents[3] / "cases" / "headlines_places.jsonl"
RULES = """
rules:
  - name: strait
    use: [places/china, places/taiwan, topics/military]
    all: [$china, $taiwan, $military]
  - name: gulf
    use: [places/iran, places/israel, places/united-states, topics/military]
    all: [$iran, [$israel, $united-states], $military]
  - name: allies
    use: [places/belarus, places/south-korea, places/nato, places/ukraine, topics/military]
    all: [[$belarus, $south-korea], [$nato, $ukraine], $military]
"""


@cache
def three_rules() -> RuleSet:
    return compile_rules(good(RULES).rule_source(1))


def cases() -> list[dict[str, Any]]:
    return [json.loads(line) for line in OWN.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])
def test_places_meet_in_a_headline_as_they_should(case: dict[str, Any]) -> None:
    where = ArticleId(case["id"]), FeedId("headlines")
    article = Article(*where, title=case["title"], summary=case["summary"], lang=case["lang"])
    assert sorted(match.rule for match in three_rules().match(article)[0]) == case["expect"], case["title"]
