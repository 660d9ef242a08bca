"""Weak words of a concept: they count only beside a second word of it."""

from __future__ import annotations

import pytest

from watcher.core.lint.audit import audit
from watcher.core.matching.compile import compile_rules
from watcher.core.matching.engine import RuleSet
from watcher.core.matching.explain import explain
from watcher.core.model.article import Article
from watcher.core.model.explanation import GroupExplanation
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule import AllOf, AnyOf, Concept, ConceptRef, Near, Node, Rule, RuleSource, Sentence, Term

ARMY = Concept(
    "army",
    (
        Term("troops"),
        Term("parade*", weak="parade*"),
        Term("열병식*", weak="parade*"),
        Term("전승절*", weak="parade*"),
        Term("jets", weak="jets"),
        Term("jets fly", weak="flight"),
    ),
    (Term("hit parade"),),
    "Army",
)
FORCES = Concept("forces", (ConceptRef("army"), Term("fleet")), label="Forces")
MOSCOW = AnyOf((Term("Moscow"), Term("베이징")))


def rules(body: Node, *excepts: str) -> RuleSet:
    rule = Rule(RuleId("r"), "r", body, excepts=tuple(map(Term, excepts)))
    return compile_rules(RuleSource(1, (rule,), {"army": ARMY, "forces": FORCES}))


def article(title: str, content: str = "") -> Article:
    return Article(ArticleId("a"), FeedId("f"), title=title, content=content)


def fires(title: str, body: Node, *excepts: str, content: str = "") -> bool:
    compiled = rules(body, *excepts)
    found = bool(compiled.match(article(title, content))[0])
    [explained] = explain(compiled, article(title, content))
    assert explained.matched is found
    return found


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Moscow parade", False),
        ("Moscow parade after parade", False),
        ("베이징 전승절 열병식", False),  # forms of one word
        ("Moscow parade with jets", True),
        ("Moscow parade of troops", True),
        ("Moscow jets", False),
        ("Moscow jets fly", False),  # one within the other
        ("Moscow troops", True),
        ("Moscow hit parade, jets", False),  # what `except` covers is no second word
        ("Moscow hit parade, parade of jets", True),
    ],
)
def test_a_weak_word_counts_only_beside_a_second_word(title: str, expected: bool) -> None:
    assert fires(title, AllOf((MOSCOW, ConceptRef("army")))) is expected
    assert fires(title, ConceptRef("army")) is expected
    assert fires(title, AnyOf((ConceptRef("army"), Term("opera")))) is expected
    assert fires(title, ConceptRef("forces")) is expected


def test_a_word_that_the_rule_covers_is_no_second_word() -> None:
    assert fires("Moscow troops parade", ConceptRef("army"), "Moscow circus")
    assert not fires("Moscow troops parade", ConceptRef("army"), "Moscow troops")
    assert not fires("Moscow troops parade", AnyOf((ConceptRef("army"), Term("opera"))), "Moscow troops")


def test_the_second_word_may_stand_anywhere_in_the_article() -> None:
    body = Sentence((Term("Moscow"), ConceptRef("army")))
    assert fires("Moscow parade", body, content="Troops came from afar.")
    assert not fires("Moscow parade", body, content="Nobody came.")
    near = Near((Term("Moscow"), ConceptRef("army")), 2)
    assert fires("Moscow parade", near, content="Troops came from afar.")
    assert not fires("Moscow parade", near)


def test_a_second_word_of_an_inner_concept_is_its_own_affair() -> None:
    assert fires("A fleet and a parade", ConceptRef("forces"))
    [match], _ = rules(ConceptRef("forces")).match(article("A fleet and a parade"))
    assert [span.term for span in match.spans] == ["fleet"]


def group(title: str) -> GroupExplanation:
    [found] = explain(rules(AllOf((MOSCOW, ConceptRef("army")))), article(title))
    return found.groups[1]


def test_why_names_the_weak_words() -> None:
    [match], _ = rules(AllOf((MOSCOW, ConceptRef("army")))).match(article("Moscow parade of troops"))
    assert match.groups[1].asks == "parade* is weak: it counts only beside another word"
    assert group("Moscow parade of troops").asks == match.groups[1].asks
    assert group("Moscow troops").asks == ""


def test_an_explanation_shows_the_only_weak_word_and_looks_for_strong_ones() -> None:
    found = group("Moscow parade")
    assert not found.holds
    assert [span.term for span in found.weak] == ["parade*"]
    assert (found.covered, found.wanted) == ((), ("troops",))


def test_a_covered_weak_word_is_covered() -> None:
    found = group("Moscow hit parade")
    assert ([span.term for span in found.covered], found.weak) == (["parade*"], ())


def test_an_audit_takes_a_weak_word_for_what_it_is() -> None:
    compiled = rules(AllOf((MOSCOW, ConceptRef("army"))))
    [found] = audit(compiled, [article("Moscow parade"), article("Moscow parade of troops")])
    assert (found.matched, [one.word for one in found.near]) == (1, ["Army"])
    assert [one.word for group in found.groups if group.label == "Army" for one in group.alone] == []
