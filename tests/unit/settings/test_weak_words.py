"""`weak` of a concept in the files: words that count only beside a second one."""

from __future__ import annotations

import pytest

from tests.unit.settings.support import good, mistake, warnings
from watcher.core.model.rule import Languages, Term
from watcher.settings.concepts import library_concept, library_names


def weak(text: str, name: str = "army") -> dict[str, str]:
    terms = (term for term in good(text).concepts[name].terms if isinstance(term, Term))
    return {term.text: term.weak for term in terms}


def test_each_item_is_a_word_and_a_list_in_it_its_forms() -> None:
    found = weak("concepts: {army: {terms: [troops], weak: [jets, [parade*, march past]]}}\n")
    assert found == {"troops": "", "jets": "jets", "parade*": "parade*", "march past": "parade*"}


def test_one_weak_word_may_be_written_without_a_list() -> None:
    assert weak("concepts: {army: {terms: [troops], weak: parade*}}\n") == {"troops": "", "parade*": "parade*"}


def test_weak_words_may_be_listed_by_language() -> None:
    text = "concepts: {army: {terms: [troops], weak: {en: [[parade, march]], pl: [defilad*]}}}\n"
    assert weak(text) == {"troops": "", "parade": "parade", "march": "parade", "defilad*": "defilad*"}
    [polish] = [
        term for term in good(text).concepts["army"].terms if isinstance(term, Term) and term.weak == "defilad*"
    ]
    assert polish.langs == Languages(("pl",))


def test_a_word_of_the_library_is_made_weak_by_naming_it() -> None:
    found = weak("concepts: {army: {use: topics/military, weak: [troops]}}\n")
    assert found["troops"] == "troops"
    assert found["soldier*"] == ""


def test_a_weak_word_of_the_library_can_be_dropped() -> None:
    assert "defilad*" in weak("concepts: {army: {use: topics/military}}\n")
    assert "defilad*" not in weak("concepts: {army: {use: topics/military, drop: [defilad*]}}\n")


@pytest.mark.parametrize(
    ("concept", "said"),
    [
        ("{terms: [troops], weak: [{near: [a, b, 3]}]}", "`weak` takes terms only"),
        ("{terms: [troops], weak: [$fleet]}", "`weak` takes words, not concepts"),
        ("{terms: [troops], weak: {english: [parade]}}", "english"),
        ("{terms: [troops], weaks: [parade]}", "did you mean `weak`"),
    ],
)
def test_what_is_no_weak_word_is_a_mistake(concept: str, said: str) -> None:
    assert said in mistake(f"concepts: {{fleet: [fleet], army: {concept}}}\n")


def test_one_weak_word_alone_is_never_found() -> None:
    [said] = warnings("concepts: {army: {weak: [[parade, march]]}}\n")
    assert "one weak word and nothing beside it is never found" in said
    assert warnings("concepts: {army: {weak: [parade, jets]}}\n") == []


@pytest.mark.parametrize("full_name", sorted(library_names().values()))
def test_no_word_of_the_library_is_weak_and_strong_in_one_language(full_name: str) -> None:
    found = library_concept(full_name)
    for language, words in found.weak.items():
        assert not set(words) & set(found.written.get(language, ()))
