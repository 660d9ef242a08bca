"""Reads matching cases in the neutral form (query, text, expect, spans) and turns them into rules and articles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from watcher.core.language.terms import make_term, parse_term
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule import AllOf, AnyOf, AtLeast, Near, Node, Rule, Sentence, Term


def read_cases(path: Path) -> list[dict[str, Any]]:
    """Return the cases of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def rule_of(case: Mapping[str, Any]) -> Rule:
    """Return a case's query as a rule."""
    query = case["query"]
    items: list[Node] = []
    if "phrase" in query:
        items.append(_term(query["phrase"]))
    if "any" in query:
        items.append(AnyOf(tuple(map(_term, query["any"]))))
    items += map(_group, query.get("all", ()))
    if "near" in query:
        near = query["near"]
        items.append(Near((_group(near["a"]), _group(near["b"])), near["n"], ordered=near.get("ordered", False)))
    if "atleast" in query:
        items.append(AtLeast(_group(query["atleast"]["term"]), query["atleast"]["n"]))
    if "sentence" in query:
        items.append(Sentence(tuple(map(_group, query["sentence"]))))
    return Rule(
        id=RuleId(case["id"]),
        name=case["id"],
        body=items[0] if len(items) == 1 else AllOf(tuple(items)),
        none=tuple(map(_term, query.get("none", ()))),
        excepts=tuple(map(_term, query.get("except", ()))),
        stem="auto" if query.get("stem") else "",
    )


def article_of(case: Mapping[str, Any]) -> Article:
    """Return a case's text as an article."""
    lang = case["language"] if len(case["language"]) == 2 else ""
    return Article(id=ArticleId(case["id"]), feed=FeedId("f"), summary=case["text"], lang=lang)


def _group(group: Any) -> Node:
    return AnyOf(tuple(map(_term, group))) if isinstance(group, list) else _term(group)


def _term(term: Any) -> Term:
    if isinstance(term, str):
        parsed = parse_term(term)
        assert isinstance(parsed, Term)
        return parsed
    made = make_term(term["term"])
    return replace(made, case=term.get("case", False), exact=term.get("exact", False))
