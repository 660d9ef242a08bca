"""What no stored article holds: which terms are asked about, and how they are named."""

from __future__ import annotations

from watcher.core.lint.unseen import Owner, owners, unseen_terms
from watcher.core.model.ids import RuleId
from watcher.core.model.place import Place
from watcher.core.model.rule import AllOf, AnyOf, Concept, ConceptRef, Not, Rule, RuleSource, Term


def term(text: str, column: int = 5, *, regex: bool = False) -> Term:
    return Term(text, regex=regex, place=Place("r.yaml", 3, column))


ARMY = Concept("army", (term("troops"), Term("shipped")), place=Place("r.yaml", 9))
RULE = Rule(RuleId("r"), "R", AllOf((AnyOf((term("kn-25 shells"), term("shels", 9))), ConceptRef("army"))))


def test_only_terms_that_somebody_wrote_and_that_make_a_rule_hold_are_asked_about() -> None:
    rule = Rule(RuleId("r"), "R", AllOf((term("a"), term("/b/", regex=True), Not(term("c")), Term("d"))))
    shipped = Concept("places", (Term("Russia"),))
    source = RuleSource(1, (rule,), {"army": ARMY, "places": shipped})
    assert [[one.text for one in owner.terms] for owner in owners(source)] == [["a"], ["troops"]]


def test_a_rule_that_wants_to_hear_nothing_of_it_is_not_asked_about() -> None:
    quiet = Rule(RuleId("r"), "R", term("a"), quiet_lint=("unseen",))
    assert list(owners(RuleSource(1, (quiet,)))) == []


def test_terms_of_a_list_are_one_warning_at_the_first_of_them() -> None:
    (owner,) = owners(RuleSource(1, (RULE,)))
    assert unseen_terms(owner, set(), 148_310, {}) is None
    found = unseen_terms(owner, set(owner.terms), 148_310, {owner.terms[1]: "shells"})
    assert found is not None
    assert (found.place, found.rule, found.code) == (Place("r.yaml", 3, 5), "r", "unseen")
    assert found.message == "2 of 2 terms stand in none of 148,310 stored articles: `kn-25 shells`, `shels`"
    assert found.hint == "articles have `shells` for `shels`"


def test_one_term_alone_is_the_subject() -> None:
    found = unseen_terms(Owner(RULE, (term("shels"),)), {term("shels")}, 2_000, {})
    assert found is not None
    assert found.message == "`shels` stands in none of 2,000 stored articles"


def test_of_many_the_first_are_named() -> None:
    terms = tuple(term(f"word{number}") for number in range(9))
    found = unseen_terms(Owner(ARMY, terms), set(terms[1:]), 2_000, {})
    assert found is not None
    assert found.message.endswith(": `word1`, `word2`, `word3`, `word4` and 4 more")
    assert found.rule == ""
