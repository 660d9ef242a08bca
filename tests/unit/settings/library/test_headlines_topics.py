"""The shipped topics on headlines of ten languages: what each must find, and the look-alikes that it must not."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from watcher.core.matching.compile import compile_rules
from watcher.core.matching.engine import RuleSet
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule import ConceptRef, Rule, RuleSource
from watcher.settings.concepts import library_concept, library_names

CASES = Path(__file__).resolve().parents[3] / "cases" / "topics.jsonl"


@cache
def topics() -> RuleSet:
    concepts = {
        name: library_concept(full).concept for name, full in library_names().items() if full.startswith("topics/")
    }
    rules = tuple(Rule(RuleId(name), name, ConceptRef(name)) for name in concepts)
    return compile_rules(RuleSource(revision=1, rules=rules, concepts=concepts))


def cases() -> list[dict[str, str]]:
    return [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])
def test_a_topic_judges_a_headline_rightly(case: dict[str, str]) -> None:
    matches, failed = topics().match(Article(ArticleId(case["id"]), FeedId("headlines"), title=case["title"]))
    assert not failed
    assert (case["topic"] in {match.rule for match in matches}) == (case["expect"] == "match"), case["title"]
