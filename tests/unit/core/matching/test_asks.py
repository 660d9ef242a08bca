from __future__ import annotations

from watcher.core.language.query import parse
from watcher.core.matching.compile import compile_rules
from watcher.core.matching.explain import explain, nearest
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule import Rule, RuleSource, Term


def asked(query: str, title: str) -> dict[str, str]:
    """Return what a match says of each group, by its label."""
    source = RuleSource(1, (Rule(RuleId("r"), "R", parse(query)),), {})
    rules = compile_rules(source)
    article = Article(ArticleId("a1"), FeedId("f1"), title=title)
    [match], _ = rules.match(article)
    [one] = explain(rules, article)
    parts = [(part.label, part.spans) for group in one.groups for part in group.parts]
    assert parts == [(group.label, group.spans) for group in match.groups], (
        "an alert and an explanation name other groups"
    )
    return {group.label: group.asks for group in match.groups}


def test_a_plain_group_is_asked_nothing_more() -> None:
    assert asked("army range", "army at the range") == {"army": "", "range": ""}


def test_each_word_near_another_says_how_near_and_to_what() -> None:
    assert asked("army NEAR/3 range", "army at the range") == {
        "army": "at most 3 words from range",
        "range": "at most 3 words from army",
    }
    assert asked("army ONEAR/3 range", "army at the range")["range"] == "at most 3 words from army, in this order"


def test_a_place_is_named_with_what_must_stand_there_too() -> None:
    assert asked("SENTENCE(army range)", "army at the range") == {
        "army": "in one sentence with range",
        "range": "in one sentence with army",
    }
    assert asked("TITLE_OR_LEAD(army)", "army at the range") == {"army": "in title or lead"}
    assert asked("FIRST/5(army)", "army at the range") == {"army": "in the first 5 words"}


def test_operators_within_operators_are_all_named() -> None:
    assert asked("SENTENCE(ATLEAST/2(army) range)", "army and army at the range")["army"] == (
        "in one sentence with range, at least 2 times"
    )


def test_a_near_miss_is_told_only_where_nothing_else_would_stop_the_rule() -> None:
    rule = Rule(RuleId("r"), "R", parse("army range"), none=(Term("football"),))
    rules = compile_rules(RuleSource(1, (rule,), {}))
    told = [
        explain(rules, Article(ArticleId("a1"), FeedId("f1"), title=title))[0].near_miss
        for title in ("army parade", "army football")
    ]
    assert told == ["range", ""]


def test_of_many_rules_the_nearest_to_an_article_are_told_and_the_others_counted() -> None:
    far = [Rule(RuleId(f"far{number}"), "Far", parse("x y z")) for number in range(30)]
    near = [Rule(RuleId("half"), "Half", parse("army x y")), Rule(RuleId("miss"), "Miss", parse("army x"))]
    fires = Rule(RuleId("fires"), "Fires", parse("army"))
    rules = compile_rules(RuleSource(1, (*far, *near, fires), {}))
    told = nearest(rules, Article(ArticleId("a1"), FeedId("f1"), title="army"))
    assert [one.rule for one in told.explanations[:4]] == ["fires", "miss", "half", "far0"]
    assert (len(told.explanations), told.others) == (20, 13)


def test_a_group_that_is_there_but_not_as_asked_looks_for_no_further_word() -> None:
    rule = Rule(RuleId("r"), "R", parse("ATLEAST/2(army) AND army NEAR/1 (range OR field)"))
    rules = compile_rules(RuleSource(1, (rule,), {}))
    often, near = explain(rules, Article(ArticleId("a1"), FeedId("f1"), title="army"))[0].groups
    assert (often.wanted, len(often.elsewhere)) == ((), 1)
    assert near.wanted == ("range", "field")
