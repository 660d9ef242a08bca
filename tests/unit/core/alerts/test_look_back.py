"""What a rule tells of what came before it: once, as one summary, and no flood."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from watcher.core.alerts.judge import make_judge
from watcher.core.alerts.look_back import (
    MOST,
    NO_FEED,
    TOLD_BEFORE,
    Notice,
    asks_of,
    due,
    is_past_of,
    newest_of,
    say_gained,
    say_left,
    tell_past,
    together,
    with_rules_of,
)
from watcher.core.dedup.keys import article_keys
from watcher.core.model.alert import AlertKind, JudgeContext, Judgement, Member, PastAlert
from watcher.core.model.article import Article
from watcher.core.model.ids import (
    AlertId,
    ArticleId,
    ChannelName,
    FeedId,
    MessageId,
    RuleId,
    StoryId,
    digest,
    public_id,
)
from watcher.core.model.match import FailedMatch, Match, ReadArticle
from watcher.core.model.message import HoldReason, MessageKind, MessageState
from watcher.core.model.outcome import Identity
from watcher.core.model.past import Gained, LookBack
from watcher.core.model.place import Place
from watcher.core.model.policy import CONSOLE, ChannelState, Policy
from watcher.core.model.rule import AllOf, Concept, ConceptRef, Limit, QuietSource, Rule, Severity, Term
from watcher.core.model.verdict import Outcome

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ARMS, SEA = RuleId("arms"), RuleId("sea")
DESK, ME = ChannelName("desk"), ChannelName("me")
PLACES = ("Odesa", "Sumy", "Kherson", "Lviv", "Poltava", "Kharkiv", "Izium", "Balta", "Reni", "Kovel", "Uman", "Dnipro")


def rule(id_: RuleId, severity: Severity = Severity.NORMAL, **changes: object) -> Rule:
    plain = Rule(id_, id_.title(), Term(id_), severity=severity, send_to=(DESK,))
    return replace(plain, **changes)  # type: ignore[arg-type]  # the changes are fields of Rule


def article(number: int, title: str = "", **changes: object) -> Article:
    place = PLACES[number % len(PLACES)]
    plain = Article(
        id=ArticleId(public_id("a", digest("article", str(number)))),
        feed=FeedId("f1"),
        guid=str(number),
        url=f"https://wire.example/{number}",
        title=title or f"Depot number{number}x burns{number} near {place}{number}",
        source="wire",
        published_at=NOW - timedelta(hours=1),
        first_seen_at=NOW - timedelta(minutes=50),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # the changes are fields of Article


def read(one: Article, *rules: RuleId) -> ReadArticle:
    return ReadArticle(one, article_keys(one, Identity.GUID), tuple(Match(id_, ()) for id_ in rules or (ARMS,)))


def past(
    reads: list[ReadArticle], *rules: Rule, told: tuple[PastAlert, ...] = (), by_hand: bool = False
) -> tuple[Judgement, tuple[Gained, ...], tuple[Notice, ...]]:
    chosen = {one.id: one for one in rules or (rule(ARMS),)}
    policy = Policy(3, chosen, {CONSOLE: ChannelState.READY, DESK: ChannelState.READY, ME: ChannelState.READY})
    context = JudgeContext(NO_FEED, NOW, past=told, rematched=frozenset(one.article.id for one in reads))
    asked = LookBack(dict.fromkeys(chosen, NOW - DAY), tuple(reads), is_by_hand=by_hand)
    return tell_past(make_judge(policy)(reads, context), context, asked)


def alert(one: Article, target: ChannelName = DESK, rule_: RuleId = SEA) -> PastAlert:
    member = Member(one, article_keys(one, Identity.GUID))
    story = StoryId(public_id("s", digest("story", one.id)))
    id_ = AlertId(public_id("l", digest("alert", one.id, target)))
    return PastAlert(
        id_,
        rule_,
        target,
        story,
        AlertKind.FIRST,
        0,
        Severity.NORMAL,
        MessageId("m1"),
        MessageState.SENT,
        NOW - DAY,
        (member,),
    )


def test_what_a_new_rule_finds_is_one_summary_whatever_the_limit_of_the_rule() -> None:
    judgement, [gained], notices = past([read(article(n)) for n in range(7)], rule(ARMS, limit=Limit(1, DAY)))
    [message] = judgement.messages
    assert (message.kind, message.state, len(message.alerts)) == (MessageKind.SUMMARY, MessageState.WAITING, 7)
    assert (gained.stories, dict(gained.targets), gained.told) == (7, {DESK: 7}, True)
    assert notices == ()
    assert say_gained([gained]) == "arms looks back: 7 stories (desk 7)"


def test_a_critical_story_goes_at_once_and_the_rest_behind_it() -> None:
    reads = [read(article(1)), read(article(2), SEA), read(article(3))]
    judgement, gained, _ = past(reads, rule(ARMS), rule(SEA, Severity.CRITICAL))
    assert [(m.kind, len(m.alerts), m.place) for m in judgement.messages] == [
        (MessageKind.ALERT, 1, 0),
        (MessageKind.SUMMARY, 2, 1),
    ]
    assert say_gained(gained) == "arms looks back: 2 stories (desk 2); sea looks back: 1 story (desk 1)"


def test_what_the_target_was_told_by_another_rule_is_not_told_again() -> None:
    known, new = article(1), article(2)
    judgement, [gained], _ = past([read(known), read(new)], told=(alert(known),))
    assert [one.article for one in judgement.alerts] == [new.id]
    assert gained.stories == 1
    skipped = next(one for one in judgement.verdicts if one.article == known.id)
    assert (skipped.outcome, skipped.alert, skipped.reason) == (Outcome.SKIPPED, None, TOLD_BEFORE)
    # What another channel was told is news here.
    judgement, [gained], _ = past([read(known), read(new)], told=(alert(known, ME),))
    assert gained.stories == 2


def test_nothing_is_said_where_all_was_told() -> None:
    known = article(1)
    judgement, gained, notices = past([read(known)], told=(alert(known),))
    assert (judgement.alerts, judgement.messages, gained, notices) == ((), (), (), ())


def test_more_than_twenty_stories_are_counted_and_the_critical_ones_told() -> None:
    reads = [read(article(n)) for n in range(MOST + 5)]
    loud = rule(SEA, Severity.CRITICAL)
    judgement, gained, [notice] = past([*reads, read(article(90), SEA)], rule(ARMS), loud)
    assert [one.rule for one in judgement.alerts] == [SEA]
    assert [len(one.alerts) for one in judgement.messages] == [1]
    assert notice.title == f"arms looks back: {MOST + 5} stories"
    assert notice.text.count("\n- [normal] 10 Mar 11:00 UTC Depot") == 3
    assert notice.text.endswith("All of them: watcher rules send arms --since 24h")
    assert "too many to tell: watcher rules send arms --since 24h" in say_gained(gained)
    skipped = [one for one in judgement.verdicts if one.rule == ARMS]
    assert {one.outcome for one in skipped} == {Outcome.SKIPPED}
    assert all("watcher rules send arms" in one.reason for one in skipped)
    assert all(fold.alert in {one.id for one in judgement.alerts} for fold in judgement.folds)


def test_of_a_rule_with_too_many_stories_the_critical_ones_are_told() -> None:
    grave = rule(ARMS, Severity.CRITICAL)
    judgement, [gained], [notice] = past([read(article(n)) for n in range(MOST + 1)], grave)
    assert len(judgement.alerts) == len(judgement.messages) == MOST + 1
    assert not gained.told
    assert notice.target == DESK


def test_what_somebody_asks_for_is_told_however_much_it_is() -> None:
    judgement, [gained], notices = past([read(article(n)) for n in range(MOST + 5)], by_hand=True)
    [message] = judgement.messages
    assert (len(message.alerts), gained.told, notices) == (MOST + 5, True, ())


def test_a_copy_of_what_is_told_so_is_folded_and_counts_once() -> None:
    text = "Freighter with shells leaves northern port at night, two officials said on Monday evening"
    lead = "The ship left on Monday evening, two harbour officials said, with forty containers of shells aboard it."
    one = article(1, text, summary=lead)
    other = article(2, text, summary=lead, feed=FeedId("f2"), source="coast", url="https://coast.example/2")
    judgement, [gained], _ = past([read(one), read(other)])
    assert (len(judgement.alerts), len(judgement.folds), gained.stories) == (1, 1, 1)


@pytest.mark.parametrize(
    ("changes", "is_of"),
    [
        ({}, True),
        ({"published_at": NOW - timedelta(hours=25)}, False),
        ({"published_at": None}, True),
        ({"published_at": None, "first_seen_at": NOW - timedelta(hours=25)}, False),
        ({"published_at": NOW + timedelta(hours=3)}, True),
        ({"sample": True}, False),
    ],
)
def test_what_a_rule_looks_at(changes: dict[str, Any], is_of: bool) -> None:
    assert is_past_of(article(1, **changes), NOW - DAY) is is_of


def test_what_the_rule_matched_before_and_what_other_rules_match_is_left_out() -> None:
    asked = LookBack({ARMS: NOW - DAY}, (read(article(1), ARMS, SEA), read(article(2)), read(article(3), SEA)))
    asked = replace(
        asked, reads=(*asked.reads, replace(read(article(4)), matches=(), failed=(FailedMatch(ARMS, "long"),)))
    )
    left = with_rules_of(asked, {article(2).id: frozenset({ARMS})})
    assert [one.article.guid for one in left.reads] == ["1", "4"]
    assert [match.rule for match in left.reads[0].matches] == [ARMS]
    by_hand = with_rules_of(replace(asked, is_by_hand=True), {article(2).id: frozenset({ARMS})})
    assert [one.article.guid for one in by_hand.reads] == ["1", "2", "4"]


def asks(*rules: Rule, concepts: dict[str, Concept] | None = None) -> dict[RuleId, str]:
    return asks_of(rules, concepts or {})


def test_only_what_is_new_or_asks_for_something_else_looks_back() -> None:
    before = asks(rule(ARMS))
    assert due([rule(ARMS)], before, before).rules == ()
    wider = rule(ARMS, body=AllOf((Term("arms"), Term("ships"))))
    found = due([wider, rule(SEA)], asks(wider, rule(SEA)), before)
    assert found.rules == (ARMS, SEA)
    assert due([wider, rule(SEA)], asks(wider, rule(SEA)), found.noted).rules == ()


def test_nothing_looks_back_at_the_very_first_start() -> None:
    found = due([rule(ARMS), rule(SEA)], asks(rule(ARMS), rule(SEA)), None)
    assert (found.rules, set(found.noted)) == ((), {ARMS, SEA})


def test_where_a_rule_stands_and_what_it_tells_whom_is_no_change() -> None:
    moved = rule(ARMS, Severity.HIGH, body=Term("arms", place=Place("b.yaml", 7, 1)), send_to=(ME,))
    assert asks(moved) == asks(rule(ARMS))


@pytest.mark.parametrize("was", [(ARMS,), ()])
def test_a_renamed_rule_does_not_look_back(was: tuple[RuleId, ...]) -> None:
    renamed = rule(SEA, body=Term("arms"), was=was)
    assert due([renamed], asks(renamed), asks(rule(ARMS))).rules == ()


def test_a_rule_that_is_renamed_and_widened_does() -> None:
    renamed = rule(SEA, was=(ARMS,))
    assert due([renamed], asks(renamed), asks(rule(ARMS))).rules == (SEA,)


def test_a_rule_whose_concept_has_another_word_looks_back() -> None:
    def book(*words: str) -> dict[str, Concept]:
        ships = Concept("ships", tuple(map(Term, words)), place=Place("c.yaml", len(words), 1))
        return {"ships": ships, "sea": Concept("sea", (ConceptRef("ships"), Term("sea")))}

    user = rule(SEA, body=ConceptRef("sea"))
    before = asks(user, rule(ARMS), concepts=book("ship"))
    after = asks(user, rule(ARMS), concepts=book("ship", "boat"))
    assert due([user, rule(ARMS)], after, before).rules == (SEA,)
    assert before == asks(user, rule(ARMS), concepts=book("ship"))


def test_look_back_of_none_and_rules_over_time_are_only_noted() -> None:
    quiet = rule(ARMS, look_back=timedelta(0))
    over_time = rule(SEA, trend=QuietSource("wire", DAY))
    found = due([quiet, over_time], asks(quiet, over_time), {})
    assert (found.rules, set(found.noted)) == ((), {ARMS, SEA})


def test_a_paused_rule_looks_back_once_it_is_resumed() -> None:
    paused = rule(ARMS, is_paused=True)
    found = due([paused], asks(paused), {})
    assert (found.rules, found.noted) == ((), {})
    assert due([rule(ARMS)], asks(rule(ARMS)), found.noted).rules == (ARMS,)
    # One that only rested asks for what it asked before.
    assert due([paused], asks(paused), asks(paused)).noted == asks(paused)


def test_a_summary_for_a_channel_that_is_held_waits_and_one_free_alert_lets_it_go() -> None:
    policy = Policy(3, {ARMS: rule(ARMS)}, {CONSOLE: ChannelState.READY, DESK: ChannelState.NO_SECRET})
    reads = [read(article(n)) for n in range(3)]
    context = JudgeContext(NO_FEED, NOW, rematched=frozenset(one.article.id for one in reads))
    asked = LookBack({ARMS: NOW - DAY}, tuple(reads))
    judgement, _, _ = tell_past(make_judge(policy)(reads, context), context, asked)
    assert {(one.target, one.state, one.hold) for one in judgement.messages} == {
        (DESK, MessageState.HELD, HoldReason.SECRET),
        (CONSOLE, MessageState.WAITING, None),
    }


def test_what_is_too_much_is_counted_and_takes_no_other_rule_its_place() -> None:
    rare, flood = read(article(0), SEA), [read(article(number)) for number in range(1, 9)]
    asked = LookBack({ARMS: NOW - DAY, SEA: NOW - DAY}, (rare, *flood))
    kept, left = newest_of(asked, most=4)
    assert kept.reads == (rare, *flood[-2:])
    assert left == {ARMS: 6}
    assert newest_of(asked, most=9) == (asked, {})
    alone = LookBack(dict.fromkeys((ARMS, SEA, RuleId("x"), RuleId("y")), NOW - DAY), tuple(flood))
    assert newest_of(alone, most=4)[0].reads == tuple(flood[-4:]), "who found nothing needs no share"
    assert say_left(left, {ARMS: DAY}) == ("arms: 6 older articles not looked at: watcher rules send arms --since 24h")


def test_what_a_rule_gains_in_parts_is_said_as_one_sum() -> None:
    parts = [Gained(ARMS, 2, {DESK: 2}), Gained(SEA, 1, {ME: 1}), Gained(ARMS, 3, {DESK: 1, ME: 3})]
    assert say_gained(together(parts)) == ("arms looks back: 5 stories (desk 3, me 3); sea looks back: 1 story (me 1)")
