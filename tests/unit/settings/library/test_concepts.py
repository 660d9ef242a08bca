"""The shipped concepts: what each must and must not find, said beside its terms, and the ten languages it speaks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import watcher
from watcher.core.matching.compile import compile_rules
from watcher.core.matching.engine import RuleSet
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule import ConceptRef, Rule, RuleSource, Term
from watcher.settings.concepts import library_concept, library_names

LIBRARY = Path(watcher.__file__).parent / "settings" / "library"
LANGUAGES = {"en", "ru", "uk", "ko", "ja", "zh", "de", "fr", "es", "pl"}
NAMES = sorted(library_names().values())


@cache
def shipped(name: str) -> Mapping[str, Any]:
    loaded = yaml.load((LIBRARY / f"{name}.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    assert isinstance(loaded, dict)
    return loaded


@cache
def finder(name: str) -> RuleSet:
    concept = library_concept(name).concept
    rule = Rule(RuleId(concept.name), concept.name, ConceptRef(concept.name))
    return compile_rules(RuleSource(revision=1, rules=(rule,), concepts={concept.name: concept}))


def finds(name: str, text: str) -> tuple[str, ...]:
    matches, failed = finder(name).match(Article(ArticleId("a1"), FeedId("f1"), title=text))
    assert not failed
    return tuple(span.term for match in matches for span in match.spans)


def examples(kind: str) -> list[tuple[str, str]]:
    return [(name, text) for name in NAMES for text in shipped(name)["examples"][kind]]


def test_the_first_three_concepts_ship() -> None:
    assert {"places/north-korea", "places/russia", "topics/military"} <= set(NAMES)


@pytest.mark.parametrize(("name", "text"), examples("match"))
def test_a_concept_finds_its_examples(name: str, text: str) -> None:
    assert finds(name, text)


@pytest.mark.parametrize(("name", "text"), examples("no_match"))
def test_a_concept_passes_over_what_only_looks_like_it(name: str, text: str) -> None:
    assert finds(name, text) == ()


@pytest.mark.parametrize("name", NAMES)
def test_a_concept_has_a_label_and_terms_in_ten_languages(name: str) -> None:
    assert shipped(name)["label"]
    assert set(shipped(name)["terms"]) >= LANGUAGES
    assert library_concept(name).languages >= LANGUAGES


@pytest.mark.parametrize("name", NAMES)
def test_a_concept_names_no_term_twice_in_one_language(name: str) -> None:
    lists = [*shipped(name)["terms"].values(), shipped(name)["except"]]
    repeated = {term for terms in lists for term in terms if terms.count(term) > 1}
    assert repeated == set()


@pytest.mark.parametrize("name", NAMES)
def test_no_term_is_masked_by_the_concept_itself(name: str) -> None:
    concept = library_concept(name).concept
    dead = [
        term.text for term in concept.terms if isinstance(term, Term) and not finds(name, term.text.replace("*", ""))
    ]
    assert dead == []
