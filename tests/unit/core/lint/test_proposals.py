"""What people vote becomes the smallest change of a rule that loses nothing useful."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

from watcher.core.backtest import replay
from watcher.core.language.terms import make_term
from watcher.core.lint.precision import Precision, precision_of
from watcher.core.lint.proposals import Change, Kind, Proposal, propose
from watcher.core.matching.compile import compile_rules
from watcher.core.model.article import Article
from watcher.core.model.ids import AlertId, ArticleId, FeedId, RuleId
from watcher.core.model.rule import AllOf, Concept, ConceptRef, Rule, RuleSource
from watcher.core.model.vote import Vote, VoteValue

AT = datetime(2026, 11, 27, tzinfo=UTC)
CONCEPTS = {
    "place": Concept("place", (make_term("Moscow"), make_term("Kursk"))),
    "army": Concept("army", (make_term("troops"), make_term("tank*"), make_term("shell*"), make_term("drone*"))),
}
RULE = Rule(RuleId("r"), "r", AllOf((ConceptRef("place"), ConceptRef("army"))))


def article(number: int, title: str, summary: str = "") -> Article:
    return Article(ArticleId(f"a{number}"), FeedId("f"), title=title, summary=summary)


def articles(*titles: str) -> list[Article]:
    return [article(number, title) for number, title in enumerate(titles)]


def found(useful: list[Article], not_useful: list[Article]) -> Proposal:
    proposal = propose(RULE, CONCEPTS, useful, not_useful)
    assert proposal is not None
    return proposal


def test_a_word_beside_a_hit_is_masked_before_an_article_is_dropped() -> None:
    proposal = found(articles("Kursk troops advance"), articles("Kursk drone show opens", "Moscow drone show tonight"))
    assert proposal.changes == (Change(Kind.EXCEPT, "drone show"),)
    assert len(proposal.removed) == 2


def test_a_word_of_titles_is_dropped_where_no_mask_helps() -> None:
    bad = articles(
        "Hockey: Moscow fans and troops of scouts", "Hockey: tanks of Moscow win", "Hockey in Kursk, shells on ice"
    )
    [change] = found(articles("Kursk troops advance", "Moscow moves tanks"), bad).changes
    assert change == Change(Kind.NONE_TITLE, "hockey")


def test_no_change_that_loses_a_useful_article_is_offered() -> None:
    bad = articles("Museum: Moscow tanks", "Museum: Kursk shells")
    assert propose(RULE, CONCEPTS, articles("Museum near Kursk hit by shells", "Moscow, Kursk tanks"), bad) is None


def test_changes_that_lose_a_useful_article_only_together_are_not_offered_together() -> None:
    """Two masks take the two hits of it; or a mask takes what a distance needs."""
    concepts = {"north": Concept("north", (make_term("North Korea"),))}
    rule = Rule(RuleId("r"), "r", ConceptRef("north"))
    bad = articles(
        "Cheap North Korea guide one",
        "Cheap North Korea atlas two",
        "Old North Korea tours x",
        "Big North Korea tours y",
    )
    useful = [article(9, "Cheap North Korea missile parts; sanctions on North Korea tours operators")]
    proposal = propose(rule, concepts, useful, bad)
    assert proposal is not None
    after = compile_rules(RuleSource(1, (proposal.rule,), concepts))
    assert replay(compile_rules(RuleSource(1, (rule,), concepts)), after, rule.id, useful).after == 1
    assert len(proposal.changes) == 1
    assert len(proposal.removed) == 2


def test_groups_far_apart_are_asked_to_stand_together() -> None:
    long = "one of it all two at any time six in her home one of it all two at any time six in her home"
    bad = [article(number, f"Moscow {long} no {number} troops") for number in range(3)]
    useful = [
        article(4, "Kursk six in her home no troops"),
        article(5, f"Moscow one, no troops of any kind {long} no two"),
    ]
    changes = found(useful, bad).changes
    assert changes == (Change(Kind.NEAR, groups=("place", "army"), distance=20),)


def test_one_article_teaches_nothing() -> None:
    assert propose(RULE, CONCEPTS, articles("Kursk troops"), articles("Moscow drone show")) is None


def test_signs_without_spaces_are_joined_as_they_stand() -> None:
    rule = Rule(RuleId("r"), "r", AllOf((make_term("国防"), make_term("中国"))))
    bad = articles("中国防盲事业进展", "中国防盲联盟成立")
    proposal = propose(rule, {}, articles("中国国防部发言人"), bad)
    assert proposal is not None
    assert len(proposal.removed) == 2


def test_three_planted_topics_among_two_thousand_matches_are_found_and_nothing_useful_is_lost() -> None:
    random = Random(7)
    places, words = ["Moscow", "Kursk"], ["troops", "tanks", "shells", "drones"]
    verbs = ["advance", "seen", "move", "arrive", "hit", "report", "lost", "shown", "counted", "leave", "train", "wait"]
    tails = [
        "officials say",
        "reports say",
        "at dawn",
        "near the river",
        "by rail",
        "after talks",
        "in the east",
        "on film",
    ]
    noise = ["drone show over {} with {} {}", "{} hockey club: {} {}", "film review: {} {} {} on screen"]
    bad, good = [], []
    for number in range(2_000):
        place, word, verb, tail = (random.choice(each) for each in (places, words, verbs, tails))
        if number % 5 == 0:
            text = noise[number // 5 % 3].format(place, word, verb)
            bad.append(article(number, f"{text} {tail}"))
        else:
            good.append(article(number, f"{place}: {word} {verb} {tail} {random.choice(verbs)} {random.choice(tails)}"))
    proposal = propose(RULE, CONCEPTS, good, bad, [*good[:400], *bad])
    assert proposal is not None
    assert len(proposal.changes) == 3
    before, after = (compile_rules(RuleSource(1, (rule,), CONCEPTS)) for rule in (RULE, proposal.rule))
    result = replay(before, after, RULE.id, [*good, *bad])
    assert {one.id for one in result.lost} == {one.id for one in bad}
    assert (result.before, result.after, result.gained) == (2_000, 1_600, ())


def test_a_share_is_told_from_eight_votes_on() -> None:
    assert Precision(6, 1).said() == "6 useful, 1 not useful: too few to tell a share"
    assert Precision(30, 10).said() == "30 useful, 10 not useful: 75 % useful, likely 60 to 86 %"
    bounds = Precision(8, 0).interval()
    assert bounds is not None
    assert [round(bound, 3) for bound in bounds] == [0.676, 1.0]


def test_an_alert_that_one_reader_calls_useful_is_useful() -> None:
    def vote(alert: str, value: VoteValue, by: str) -> Vote:
        return Vote(AlertId(alert), RULE.id, ArticleId("a"), value, by, AT)

    votes = [
        vote("l1", VoteValue.NOT_USEFUL, "a"),
        vote("l1", VoteValue.USEFUL, "b"),
        vote("l2", VoteValue.NOT_USEFUL, "a"),
    ]
    assert precision_of(votes) == Precision(1, 1)
