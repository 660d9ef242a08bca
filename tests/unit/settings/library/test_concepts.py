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
    loaded = yaml.load((LIBRARY / f"{name}.yaml").read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)
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


def _flat(items: list[Any]) -> list[str]:
    return [word for item in items for word in (item if isinstance(item, list) else [item])]


@pytest.mark.parametrize("name", NAMES)
def test_a_concept_names_no_term_twice_in_one_language(name: str) -> None:
    weak = [_flat(items) for items in shipped(name).get("weak", {}).values()]
    longer = shipped(name).get("blockers", {}).values()
    lists = [*shipped(name)["terms"].values(), *weak, *longer, shipped(name)["except"]]
    repeated = {term for terms in lists for term in terms if terms.count(term) > 1}
    assert repeated == set()


@pytest.mark.parametrize("name", NAMES)
def test_no_term_is_masked_by_the_concept_itself(name: str) -> None:
    concept = library_concept(name).concept
    terms = [term for term in concept.terms if isinstance(term, Term)]
    company = next(term.text.replace("*", "") for term in terms if not term.weak)
    dead = []
    for term in terms:
        text = term.text.replace("*", "")
        found = finds(name, f"{text}. {company}" if term.weak else text)
        if not found or (term.weak and len(found) < 2):
            dead.append(term.text)
    assert dead == []


@pytest.mark.parametrize("name", NAMES)
def test_a_weak_word_is_not_found_alone(name: str) -> None:
    terms = [term for term in library_concept(name).concept.terms if isinstance(term, Term)]
    strong = {term.text for term in terms if not term.weak}  # in another language
    weak = [term for term in terms if term.weak and term.text not in strong]
    assert [term.text for term in weak if finds(name, term.text.replace("*", ""))] == []
