from __future__ import annotations

from tests.unit.settings.support import good, mistake, mistakes
from watcher.core.model.rule import ConceptRef, Languages, Term
from watcher.settings.concepts import library_concept, library_names


def words(text: str, name: str) -> list[str]:
    return [
        term.text if isinstance(term, Term) else f"${term.name}" if isinstance(term, ConceptRef) else "?"
        for term in good(text).concepts[name].terms
    ]


def test_an_own_concept_is_a_list_of_terms() -> None:
    text = 'concepts: {shadow-fleet: [shadow fleet, dark fleet, "flag of convenience"]}\n'
    assert words(text, "shadow-fleet") == ["shadow fleet", "dark fleet", "flag of convenience"]
    assert good(text).concepts["shadow-fleet"].label == "Shadow fleet"


def test_an_own_concept_may_hold_its_own_name_and_other_concepts() -> None:
    assert words("concepts: {fleet: [fleet, tanker], sea: [$fleet, ocean]}\n", "sea") == ["$fleet", "ocean"]


def test_an_own_concept_begins_from_the_library_with_terms_added_and_dropped() -> None:
    shipped = library_concept(library_names()["military"]).concept
    first = next(term.text for term in shipped.terms if isinstance(term, Term) and term.text.isalpha())
    text = f"concepts: {{military: {{use: topics/military, add: [Kursk deployment], drop: [{first}], except: [toy army]}}}}\n"
    found = good(text).concepts["military"]
    assert "Kursk deployment" in words(text, "military")
    assert first not in words(text, "military")
    assert found.label == shipped.label
    assert [term.text for term in found.excepts][-1] == "toy army"
    assert len(found.excepts) == len(shipped.excepts) + 1


def test_only_concepts_in_use_come_from_the_library() -> None:
    assert list(good("rules: [{name: r, use: [places/russia], all: [$russia]}]\n").concepts) == ["russia"]


def test_an_except_word_of_the_library_can_be_dropped_too() -> None:
    masked = library_concept("topics/military").masked
    found = good("concepts: {military: {use: topics/military, drop: [Salvation Army]}}\n").concepts["military"]
    assert "Salvation Army" in masked
    left = [term.text for term in found.excepts]
    assert "Salvation Army" not in left
    assert "military band*" in left
    assert len(found.terms) == len(library_concept("topics/military").concept.terms)


def test_dropping_what_is_not_there_is_a_mistake() -> None:
    said = mistake("concepts: {a: {terms: [tanker], drop: [tankers]}}\n")
    assert (
        said == "a.yaml:1:40: `tankers` is neither a term nor an `except` word of this concept; did you mean `tanker`?"
    )
    said = mistake("concepts: {military: {use: topics/military, drop: [Salvation Armi]}}\n")
    assert said.endswith("did you mean `Salvation Army`?")


def test_a_circle_of_concepts_is_a_mistake() -> None:
    found = mistakes("concepts: {a: [$b], b: [$c], c: [$a, x]}\n")
    assert found[0] == "a.yaml:1:12: concept a contains itself: $a -> $b -> $c -> $a; delete one of these references"
    assert "contains itself" in mistake("concepts: {a: [$a]}\n")


def test_a_library_concept_and_an_own_one_of_the_same_name_are_a_mistake() -> None:
    said = mistake("concepts: {russia: [Moscow]}\nrules: [{name: r, use: [places/russia], all: [$russia]}]\n")
    assert said.startswith("a.yaml:2:25: `russia` is also one of your own concepts")


def test_an_unknown_library_concept_is_a_mistake() -> None:
    assert "did you mean `places/russia`?" in mistake("rules: [{name: r, use: [places/rusia], any: [a]}]\n")
    assert "write `places/russia`" in mistake("rules: [{name: r, use: [russia], any: [a]}]\n")
    assert "without `use`" in mistake("concepts: {sea: [b]}\nrules: [{name: r, use: [sea], any: [a]}]\n")


def test_every_shipped_concept_can_be_used_at_once() -> None:
    names = ", ".join(library_names().values())
    refs = ", ".join(f"${name}" for name in library_names())
    assert len(good(f"rules: [{{name: r, use: [{names}], any: [{refs}]}}]\n").concepts) >= len(library_names())


def test_own_concept_may_hold_lists_by_language() -> None:
    text = "concepts: {ship: {terms: {en: [ship], de: [Schiff*], any: [IMO]}, except: [battleship]}}\n"
    terms = good(text).concepts["ship"].terms
    assert [(term.text, term.langs) for term in terms if isinstance(term, Term)] == [
        ("ship", Languages(("en",))),
        ("Schiff*", Languages(("de",))),
        ("IMO", None),
    ]


def test_added_terms_may_be_lists_by_language_and_tied_terms_are_dropped_as_written() -> None:
    text = "concepts: {m: {use: topics/military, add: {de: [Panzerhaubitze*]}, drop: [desant*]}}\n"
    assert "Panzerhaubitze*" in words(text, "m")
    assert "desant*" not in words(text, "m")


def test_code_that_is_no_language_is_a_mistake_with_its_mend() -> None:
    assert "`ua` is a country, not a language: uk = Ukrainian" in mistake("concepts: {a: {terms: {ua: [b]}}}\n")
    assert "`deu` is not a language code: write `de`" in mistake("concepts: {a: {terms: {deu: [b]}}}\n")
    assert "`qq` is not a language code" in mistake("concepts: {a: {terms: {qq: [b]}}}\n")
