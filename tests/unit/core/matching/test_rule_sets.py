"""Rule sets: one made from another, and a rule that cannot be tried."""

from __future__ import annotations

import pytest

from watcher.core.matching.compile import compile_rules
from watcher.core.matching.engine import RuleSet
from watcher.core.matching.keys import Keys
from watcher.core.matching.plan import RulePlan, TermPlan
from watcher.core.matching.planner import Planner
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.match import FailedMatch
from watcher.core.model.place import Place
from watcher.core.model.rule import AllOf, AnyOf, Concept, ConceptRef, Rule, RuleSource, Term
from watcher.errors import ConfigError


def source(*words: str) -> RuleSource:
    return RuleSource(1, tuple(Rule(RuleId(word), word, Term(word)) for word in words))


WAR = {"war": Concept("war", (Term("war"),), label="War")}


def article(title: str) -> Article:
    return Article(ArticleId("a"), FeedId("f"), title=title)


def fired(rules: RuleSet, title: str) -> list[str]:
    return [match.rule for match in rules.tried(article(title)).matches]


@pytest.mark.parametrize(
    ("word", "title"), [("north korea", "North Korea"), ("ship*", "Ships"), ("*ase", "Phase"), ("북한", "북한이")]
)
def test_two_sets_made_from_one_find_the_same(word: str, title: str) -> None:
    first = compile_rules(source("war"))
    compile_rules(source("war", word), previous=first)

    assert fired(compile_rules(source("war", word), previous=first), title) == [word]


def test_a_line_above_keeps_every_compiled_rule() -> None:
    rules = tuple(
        Rule(RuleId(f"r{n}"), f"r{n}", _list_at(n, line=n + 1), place=Place("a.yaml", n + 1)) for n in range(500)
    )
    first = compile_rules(RuleSource(1, rules, WAR))
    lower = tuple(
        Rule(one.id, one.name, _list_at(n, line=n + 2), place=Place("a.yaml", n + 2)) for n, one in enumerate(rules)
    )
    later = compile_rules(RuleSource(2, lower, WAR), previous=first)

    assert later._numbers == first._numbers
    assert later._next == 500
    assert [rule.place.line for rule in later._rules.values()] == list(range(2, 502))


def _list_at(number: int, *, line: int) -> AnyOf:
    return AnyOf((Term(f"word{number}x", place=Place("a.yaml", line)), ConceptRef("war", place=Place("a.yaml", line))))


def test_an_edited_rule_is_found_by_its_new_word_alone_however_often_it_changed() -> None:
    words = [f"{letter}{number}x" for letter in "abc" for number in range(12)]
    current = compile_rules(source("war", words[0]))
    for word in words:
        current = compile_rules(source("war", word), previous=current)
        assert fired(current, " ".join(words)) == [word]


def test_what_was_made_for_rules_that_are_gone_does_not_pile_up() -> None:
    current = compile_rules(source("a", "b", "c"))
    planners = set()
    for number in range(30):
        current = compile_rules(source("a", "b", f"word{number}"), previous=current)
        planners.add(current._plans.planner)
        assert len(current._plans.planner.keys.of_text) <= 9
    assert len(planners) > 5


def test_plans_of_many_rules_are_not_all_kept_and_every_rule_fires() -> None:
    words = [f"word{number}x" for number in range(10_100)]
    many = compile_rules(source(*words))

    assert [plan.rule.id for plan in many.plans()] == words
    assert len(many._plans) < len(words)
    assert fired(many, f"{words[0]} {words[-1]}") == [words[0], words[-1]]
    assert len(many._plans) == 2


def test_a_concept_that_is_wrong_is_called_wrong_for_the_same_reason_again() -> None:
    concepts = {"a": Concept("a", (ConceptRef("b"),))}
    first = compile_rules(RuleSource(1, (), concepts))
    for _ in range(2):
        with pytest.raises(ConfigError, match=r"unknown concept `\$b`"):
            compile_rules(RuleSource(2, (Rule(RuleId("r"), "r", ConceptRef("a")),), concepts), previous=first)


class _Stumbling(Planner):
    """Cannot plan the rule `plan`, nor tell where the word "stumble" stands."""

    def rule(self, rule: Rule) -> RulePlan:
        if rule.id == "plan":
            raise ValueError("no plan")
        return super().rule(rule)

    def term(self, term: Term, stem: str) -> TermPlan:
        if term.text == "stumble":
            raise ValueError("no words")
        return super().term(term, stem)


def test_a_rule_that_cannot_be_tried_is_told_and_the_others_fire() -> None:
    doubtful = AnyOf((Term("War", case=True), Term("wars")))
    rules = (
        Rule(RuleId("words"), "words", Term("stumble")),
        Rule(RuleId("plan"), "plan", doubtful),
        Rule(RuleId("walked"), "walked", doubtful),
        Rule(RuleId("plain"), "plain", Term("shells")),
    )
    stumbling = RuleSet(_Stumbling(Keys(WAR, lemmatised=False)), None, None).renewed(RuleSource(1, rules, WAR))

    tried = stumbling.tried(article("War, and shells stumble"))

    assert [match.rule for match in tried.matches] == ["walked", "plain"]
    assert tried.failed == (
        FailedMatch(RuleId("words"), "ValueError: no words"),
        FailedMatch(RuleId("plan"), "ValueError: no plan"),
    )


def test_an_edited_concept_compiles_only_the_rules_that_use_it() -> None:
    concepts = {
        "ships": Concept("ships", (Term("ship"),)),
        "fleet": Concept("fleet", (ConceptRef("ships"), Term("fleet"))),
        "arms": Concept("arms", (Term("shells"),)),
    }
    rules = tuple(
        Rule(RuleId(name), name, AllOf((ConceptRef(name), AnyOf((Term("port"), Term("pier"))))))
        for name in ("ships", "fleet", "arms")
    )
    first = compile_rules(RuleSource(1, rules, concepts))
    before = {plan.rule.id: plan for plan in first.plans()}
    edited = concepts | {"ships": Concept("ships", (Term("vessel"),))}
    again = compile_rules(RuleSource(2, rules, edited), previous=first)

    assert {plan.rule.id for plan in again.plans() if before[plan.rule.id] is plan} == {"arms"}
    article = Article(ArticleId("a"), FeedId("f"), title="Vessel and shells in port")
    assert [match.rule for match in again.match(article)[0]] == ["ships", "fleet", "arms"]
    assert [match.rule for match in first.match(article)[0]] == ["arms"]


def test_a_concept_that_went_is_said_by_the_rule_that_names_it() -> None:
    rules = (Rule(RuleId("r"), "r", ConceptRef("a")),)
    first = compile_rules(RuleSource(1, rules, {"a": Concept("a", (Term("ship"),))}))
    with pytest.raises(ConfigError, match=r"unknown concept `\$a`"):
        compile_rules(RuleSource(2, rules, {}), previous=first)
