"""What `judge` promises: one alert a story, rule and target; nothing missed; every article told apart and accounted
for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from watcher.core.alerts.judge import SAMPLES_OFF, make_judge
from watcher.core.dedup.keys import article_keys
from watcher.core.model.alert import (
    Disposition,
    FeedContext,
    JudgeContext,
    Judgement,
    KnownArticle,
    Member,
    PastAlert,
)
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, ChannelName, FeedId, MessageId, RuleId
from watcher.core.model.match import FailedMatch, Match, ReadArticle
from watcher.core.model.message import HoldReason, MessageKind, MessageState
from watcher.core.model.outcome import Identity
from watcher.core.model.policy import CONSOLE, ChannelState, FirstPoll, Policy, Silence
from watcher.core.model.rule import Rule, Severity, Term
from watcher.core.model.verdict import Level, Outcome, Stage

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
ARMS, SEA = RuleId("arms"), RuleId("sea")
DESK, BOT = ChannelName("desk"), ChannelName("bot")
READY = {CONSOLE: ChannelState.READY, DESK: ChannelState.READY, BOT: ChannelState.READY}
FEED = FeedContext(FeedId("f1"), "Nord Post", first=False, last_ok_at=NOW - timedelta(minutes=10))
TITLE = "Freighter with shells leaves northern port at night"
LEAD = "The ship left on Monday evening, two harbour officials said."


def rule(id_: RuleId, *targets: ChannelName, severity: Severity = Severity.NORMAL) -> Rule:
    return Rule(id_, id_.title(), Term(id_), severity=severity, send_to=targets)


def policy(
    *rules: Rule,
    channels: dict[ChannelName, ChannelState] | None = None,
    defaults: tuple[ChannelName, ...] = (CONSOLE,),
    silences: tuple[Silence, ...] = (),
) -> Policy:
    chosen = rules or (rule(ARMS, DESK),)
    return Policy(3, {one.id: one for one in chosen}, READY if channels is None else channels, defaults, (), silences)


def article(number: int = 1, **changes: object) -> Article:
    base = Article(
        id=ArticleId(f"a{number}"),
        feed=FeedId("f1"),
        guid=f"g{number}",
        url=f"https://nordpost.example/{number}",
        title=TITLE,
        summary=LEAD,
        source="Nord Post",
        published_at=NOW - timedelta(hours=1),
    )
    return replace(base, **changes)  # type: ignore[arg-type]  # the changes are fields of Article


def other_paper(number: int = 2, **changes: object) -> Article:
    return article(number, feed=FeedId("f2"), url=f"https://coast.example/{number}", source="Coast", **changes)


def read(one: Article, *rules: RuleId) -> ReadArticle:
    return ReadArticle(one, article_keys(one, Identity.GUID), tuple(Match(id_, ()) for id_ in rules or (ARMS,)))


def context(**changes: object) -> JudgeContext:
    # the changes are fields of JudgeContext
    return replace(JudgeContext(FEED, NOW), **changes)  # type: ignore[arg-type]


def known(one: Article, stage: Stage = Stage.MATCHED, seen_at: datetime = NOW - timedelta(hours=1)) -> KnownArticle:
    return KnownArticle(
        one.id,
        article_keys(one, Identity.GUID),
        stage,
        one.title,
        first_seen_at=seen_at,
        article=one,
        published_at=one.published_at,
        fired=frozenset({ARMS}),
    )


def past(judgement: Judgement, state: MessageState = MessageState.SENT) -> tuple[PastAlert, ...]:
    """Return the alerts of a judgement as the store gives them back later."""
    reads = {one.id: one.read for one in judgement.articles}
    speaking = {alert: message.id for message in judgement.messages for alert in message.alerts}
    return tuple(
        PastAlert(
            alert.id,
            alert.rule,
            alert.target,
            alert.story,
            alert.kind,
            alert.ordinal,
            alert.severity,
            speaking.get(alert.id, MessageId("")),
            state,
            NOW - timedelta(minutes=30),
            (Member(reads[alert.article].article, reads[alert.article].keys),),
        )
        for alert in judgement.alerts
    )


def judge(reads: Sequence[ReadArticle], where: JudgeContext | None = None, rules: Policy | None = None) -> Judgement:
    return make_judge(rules or policy())(reads, where or context())


def outcomes(judgement: Judgement) -> list[Outcome]:
    return [verdict.outcome for verdict in judgement.verdicts]


# -- identity ---------------------------------------------------------------------------------------


def test_new_match_makes_one_alert_and_one_message() -> None:
    judgement = judge([read(article())])

    assert [one.disposition for one in judgement.articles] == [Disposition.NEW]
    assert outcomes(judgement) == [Outcome.WAITING]
    assert [message.alerts for message in judgement.messages] == [(judgement.alerts[0].id,)]
    assert judgement.messages[0].state is MessageState.WAITING
    assert judgement.alerts[0].revision == 3


def test_same_reading_and_context_give_the_same_judgement() -> None:
    reads = [read(article(1)), read(other_paper()), read(article(3, title="Another matter altogether in the south"))]

    assert judge(reads) == judge(reads)


def test_repeated_identical_item_produces_nothing() -> None:
    judgement = judge([read(article())], context(known=(known(article()),)))

    assert [one.disposition for one in judgement.articles] == [Disposition.UNCHANGED]
    assert not judgement.verdicts
    assert not judgement.alerts
    assert not judgement.messages


def test_item_listed_twice_in_one_document_is_one_item() -> None:
    judgement = judge([read(article()), read(article())])

    assert [one.disposition for one in judgement.articles] == [Disposition.NEW, Disposition.UNCHANGED]
    assert len(judgement.alerts) == 1


def test_rewritten_guids_with_the_same_links_are_not_new() -> None:
    judgement = judge([read(article(1, id=ArticleId("a9"), guid="g9"))], context(known=(known(article()),)))

    assert [(one.id, one.disposition) for one in judgement.articles] == [("a1", Disposition.UNCHANGED)]


def test_guid_with_another_host_is_the_same_item() -> None:
    before = article(guid="http://old.example/?p=1", url="http://old.example/?p=1")
    after = article(1, id=ArticleId("a9"), guid="https://new.example/?p=1", url="https://new.example/?p=1")

    judgement = judge([read(after)], context(known=(known(before),)))

    assert [(one.id, one.disposition) for one in judgement.articles] == [("a1", Disposition.UNCHANGED)]


def test_items_that_share_one_link_are_all_told() -> None:
    link = "https://nordpost.example/live"
    first, second = (
        article(1, url=link),
        article(2, url=link, title="Storm closes two mountain passes", summary="Crews work."),
    )

    judgement = judge([read(first), read(second)])

    assert [one.disposition for one in judgement.articles] == [Disposition.NEW, Disposition.NEW]
    assert len(judgement.alerts) == 2


def test_link_that_a_feed_gives_to_ever_new_titles_is_no_key() -> None:
    link = "https://nordpost.example/live"
    earlier = tuple(
        known(article(n, url=link, title=f"{word} news of the day")) for n, word in enumerate(("Old", "Odd", "Sad"), 5)
    )

    judgement = judge([read(article(1, url=link, title="Red news of the day"))], context(known=earlier))

    assert [one.disposition for one in judgement.articles] == [Disposition.NEW]


def test_revision_stays_in_its_alert() -> None:
    before = article()
    after = replace(before, title=f"{TITLE}, officials say")

    judgement = judge([read(after)], context(known=(known(before),), past=past(judge([read(before)]))))

    assert [one.disposition for one in judgement.articles] == [Disposition.REVISED]
    assert not judgement.alerts
    assert not judgement.messages
    assert [(verdict.level, verdict.of) for verdict in judgement.verdicts] == [(Level.REVISION, "a1")]


def test_revision_that_matches_a_further_rule_is_told_for_that_rule() -> None:
    rules = policy(rule(ARMS, DESK), rule(SEA, DESK))
    before = article()
    first = judge([read(before)], rules=rules)
    after = replace(before, summary=f"{LEAD} A second ship followed.")

    judgement = judge([read(after, ARMS, SEA)], context(known=(known(before),), past=past(first)), rules)

    assert [alert.rule for alert in judgement.alerts] == [SEA]
    assert judgement.alerts[0].story == first.alerts[0].story


def test_guid_used_again_for_other_news_is_told() -> None:
    before = article()
    after = replace(
        before, url="https://nordpost.example/77", title="Dam bursts above old town", summary="Thousands flee."
    )

    judgement = judge([read(after)], context(known=(known(before),), past=past(judge([read(before)]))))

    assert outcomes(judgement) == [Outcome.WAITING]


# -- how far an article comes -----------------------------------------------------------------------


def test_first_poll_is_seen_and_not_told() -> None:
    judgement = judge([read(article())], context(feed=replace(FEED, first=True, last_ok_at=None)))

    assert [one.stage for one in judgement.articles] == [Stage.FIRST_POLL]
    assert judgement.verdicts == ()


def test_first_poll_is_told_where_the_feed_says_so() -> None:
    feed = replace(FEED, first=True, last_ok_at=None, first_poll=FirstPoll.ALERT)

    assert len(judge([read(article())], context(feed=feed)).alerts) == 1


def test_rule_that_failed_on_a_first_poll_article_is_not_tried_again() -> None:
    failed = replace(read(article()), matches=(), failed=(FailedMatch(ARMS, "too slow"),))

    judgement = judge([failed], context(feed=replace(FEED, first=True, last_ok_at=None)))

    assert judgement.articles[0].read.failed == ()


def test_old_article_is_too_old() -> None:
    judgement = judge([read(article(published_at=NOW - timedelta(days=4)))])

    assert [one.stage for one in judgement.articles] == [Stage.TOO_OLD]
    assert judgement.verdicts == ()


def test_article_that_came_out_while_the_feed_was_away_is_not_too_old() -> None:
    feed = replace(FEED, last_ok_at=NOW - timedelta(days=6))

    judgement = judge([read(article(published_at=NOW - timedelta(days=5)))], context(feed=feed))

    assert len(judgement.alerts) == 1


def test_undated_and_future_articles_count_as_now() -> None:
    undated = article(1, published_at=None)
    future = article(2, published_at=NOW + timedelta(days=900), title="Storm closes two mountain passes", summary="")

    assert len(judge([read(undated), read(future)]).alerts) == 2


def test_stored_article_matched_late_is_as_old_as_it_was_when_it_came() -> None:
    came_at = NOW - timedelta(days=5)

    assert len(judge([read(article(published_at=came_at).seen_at(came_at))]).alerts) == 1


def test_edit_of_a_first_poll_article_stays_quiet() -> None:
    before = article(published_at=NOW - timedelta(days=1))

    judgement = judge([read(replace(before, summary="Edited."))], context(known=(known(before, Stage.FIRST_POLL),)))

    assert [one.stage for one in judgement.articles] == [Stage.FIRST_POLL]
    assert judgement.alerts == ()


def test_first_poll_article_updated_with_a_new_date_is_told() -> None:
    before = article(published_at=NOW - timedelta(days=1))
    after = replace(before, summary="Arms were found aboard.", updated_at=NOW)

    assert len(judge([read(after)], context(known=(known(before, Stage.FIRST_POLL),))).alerts) == 1


# -- folding ----------------------------------------------------------------------------------------


def test_wire_copies_that_arrive_together_make_one_alert() -> None:
    copies = [replace(article(n), source=f"Paper {n}", url=f"https://paper{n}.example/x") for n in range(1, 15)]

    judgement = judge([read(copy) for copy in copies])

    assert len(judgement.alerts) == len(judgement.messages) == 1
    assert [fold.level for fold in judgement.folds] == [Level.NEAR_COPY] * 13
    assert {verdict.story for verdict in judgement.verdicts} == {judgement.alerts[0].story}


def test_copy_folds_into_an_alert_that_is_sent_waiting_or_held() -> None:
    first = judge([read(article())])

    for state in (
        MessageState.WAITING,
        MessageState.HELD,
        MessageState.SENDING,
        MessageState.RETRYING,
        MessageState.UNCONFIRMED,
        MessageState.SENT,
    ):
        judgement = judge([read(other_paper())], context(past=past(first, state)))
        assert outcomes(judgement) == [Outcome.FOLDED]
        assert judgement.folds[0].alert == first.alerts[0].id
        assert judgement.verdicts[0].because["equal"] == "title"


def test_copy_of_an_alert_that_told_nobody_gets_its_own() -> None:
    first = judge([read(article())])

    for state in (MessageState.DEAD, MessageState.SKIPPED, MessageState.DROPPED):
        judgement = judge([read(other_paper())], context(past=past(first, state)))
        assert [alert.story for alert in judgement.alerts] == [first.alerts[0].story]
        assert judgement.alerts[0].id != first.alerts[0].id
        assert judgement.alerts[0].id != first.alerts[0].id


def test_copy_does_not_fold_into_another_rules_alert() -> None:
    rules = policy(rule(ARMS, DESK), rule(SEA, DESK))
    first = judge([read(article())], rules=rules)

    judgement = judge([read(other_paper(), SEA)], context(past=past(first)), rules)

    assert [alert.rule for alert in judgement.alerts] == [SEA]
    assert judgement.alerts[0].story == first.alerts[0].story


def test_copy_does_not_fold_into_another_targets_alert() -> None:
    first = judge([read(article())], rules=policy(rule(ARMS, DESK)))

    judgement = judge([read(other_paper())], context(past=past(first)), policy(rule(ARMS, DESK, BOT)))

    assert [alert.target for alert in judgement.alerts] == [BOT]
    assert [fold.alert for fold in judgement.folds] == [first.alerts[0].id]


def test_title_of_a_series_is_told_each_time() -> None:
    first = judge([read(article())])
    again = other_paper()
    pattern = article_keys(again, Identity.GUID).pattern
    assert pattern is not None

    judgement = judge(
        [read(again)],
        context(past=past(first), habits={pattern: {ArticleId("earlier"): None, ArticleId("earliest"): None}}),
    )

    assert outcomes(judgement) == [Outcome.WAITING]


def test_copy_with_other_numbers_is_told() -> None:
    first = judge([read(article(summary="Officials counted 3 containers on the pier."))])

    judgement = judge(
        [read(other_paper(summary="Officials counted 30 containers on the pier."))], context(past=past(first))
    )

    assert outcomes(judgement) == [Outcome.WAITING]


# -- silences ---------------------------------------------------------------------------------------


def test_silence_mutes_its_rule_and_says_why() -> None:
    rules = policy(rule(ARMS, DESK), rule(SEA, DESK), silences=(Silence("holiday", ARMS, because="parade"),))

    judgement = judge([read(article(), ARMS, SEA)], rules=rules)

    assert outcomes(judgement) == [Outcome.SILENCED, Outcome.WAITING]
    assert judgement.verdicts[0].reason == "holiday: parade"


def test_silence_by_words_mutes_only_articles_that_hold_one() -> None:
    rules = policy(silences=(Silence("ships", words=("freighter",)),))
    other = article(2, title="Storm closes two mountain passes", summary="Crews expect to reopen by noon.")

    judgement = judge([read(article()), read(other)], rules=rules)

    assert outcomes(judgement) == [Outcome.SILENCED, Outcome.WAITING]


def test_silence_ends_at_its_end() -> None:
    over = Silence("over", ARMS, ends_at=NOW)
    later = Silence("later", ARMS, starts_at=NOW + timedelta(seconds=1))

    assert len(judge([read(article())], rules=policy(silences=(over, later))).alerts) == 1


def test_copy_never_folds_into_a_silenced_article() -> None:
    rules = policy(silences=(Silence("ships", words=("Monday",)),))

    judgement = judge([read(article()), read(other_paper(summary=""))], rules=rules)

    assert outcomes(judgement) == [Outcome.SILENCED, Outcome.WAITING]


# -- routes -----------------------------------------------------------------------------------------


def test_rule_without_targets_goes_to_the_default_ones() -> None:
    judgement = judge([read(article())], rules=policy(rule(ARMS), defaults=(DESK, BOT)))

    assert [message.target for message in judgement.messages] == [DESK, BOT]


def test_message_to_a_channel_that_is_not_ready_is_held() -> None:
    channels = {**READY, DESK: ChannelState.NO_SECRET}

    judgement = judge([read(article())], rules=policy(rule(ARMS, DESK, BOT), channels=channels))

    assert [(m.target, m.state, m.hold) for m in judgement.messages] == [
        (DESK, MessageState.HELD, HoldReason.SECRET),
        (BOT, MessageState.WAITING, None),
    ]


def test_open_breaker_holds_the_message() -> None:
    judgement = judge([read(article())], context(broken=frozenset({DESK})))

    assert [(m.state, m.hold) for m in judgement.messages] == [(MessageState.HELD, HoldReason.BREAKER)]


def test_rule_with_no_channel_left_tells_the_default_one_and_says_so() -> None:
    channels = {CONSOLE: ChannelState.READY, DESK: ChannelState.NO_SECRET}

    judgement = judge([read(article())], rules=policy(rule(ARMS, DESK, BOT), channels=channels))

    assert [(m.target, m.hold) for m in judgement.messages] == [
        (DESK, HoldReason.SECRET),
        (BOT, HoldReason.CHANNEL),
        (CONSOLE, None),
    ]
    assert [alert.note for alert in judgement.alerts][:2] == ["", ""]
    assert judgement.alerts[2].note == (
        "all channels of this rule are off: desk waits for its secret, bot does not exist or is off"
    )


def test_console_is_told_when_the_default_channels_are_off_too() -> None:
    judgement = judge([read(article())], rules=policy(rule(ARMS), channels={}, defaults=(DESK,)))

    assert [(m.target, m.state) for m in judgement.messages] == [
        (DESK, MessageState.HELD),
        (CONSOLE, MessageState.WAITING),
    ]


# -- messages ---------------------------------------------------------------------------------------


def test_rules_that_match_one_article_share_a_message() -> None:
    rules = policy(rule(ARMS, DESK), rule(SEA, DESK, BOT, severity=Severity.HIGH))

    judgement = judge([read(article(), ARMS, SEA)], rules=rules)

    assert [(m.target, len(m.alerts)) for m in judgement.messages] == [(DESK, 2), (BOT, 1)]


def _many(count: int) -> list[ReadArticle]:
    words = ("Alder", "Birch", "Cedar", "Elm", "Fir", "Hazel", "Larch", "Maple")
    return [
        read(
            article(n, title=f"{words[n]} growers of the valley report a good harvest", summary=f"{words[n]} did well.")
        )
        for n in range(count)
    ]


def test_many_alerts_after_a_silence_come_as_one_summary() -> None:
    away = replace(FEED, last_ok_at=NOW - timedelta(hours=3))

    judgement = judge(_many(6), context(feed=away))

    assert len(judgement.alerts) == 6
    assert [(m.kind, len(m.alerts), m.not_before) for m in judgement.messages] == [
        (MessageKind.SUMMARY, 6, NOW + timedelta(seconds=60))
    ]
    assert judgement.messages[0].title == "CATCH-UP: news since 2026-03-10 09:00 UTC"


def test_few_alerts_after_a_silence_come_one_by_one() -> None:
    away = replace(FEED, last_ok_at=NOW - timedelta(hours=3))

    assert len(judge(_many(5), context(feed=away)).messages) == 5


def test_many_alerts_of_a_feed_that_was_never_away_come_one_by_one() -> None:
    assert len(judge(_many(7)).messages) == 7


def test_late_news_joins_the_summary_that_still_waits() -> None:
    away = replace(FEED, last_ok_at=NOW - timedelta(hours=3))

    judgement = judge(_many(2), context(feed=away, open_summaries={DESK: MessageId("m1")}))

    assert judgement.messages == ()
    assert judgement.joins == tuple(("m1", alert.id) for alert in judgement.alerts)


# -- samples ----------------------------------------------------------------------------------------


def test_sample_goes_to_the_console_only() -> None:
    sample = article(sample=True)
    channels = {CONSOLE: ChannelState.READY, DESK: ChannelState.NO_SECRET}

    judgement = judge([read(sample)], rules=policy(channels=channels))

    assert [(alert.target, alert.sample) for alert in judgement.alerts] == [(CONSOLE, True)]


def test_sample_is_skipped_once_a_real_channel_is_ready() -> None:
    judgement = judge([read(article(sample=True))])

    assert [(v.target, v.outcome, v.reason) for v in judgement.verdicts] == [(CONSOLE, Outcome.SKIPPED, SAMPLES_OFF)]
    assert judgement.alerts == ()


def test_real_news_never_folds_into_a_sample() -> None:
    rules = policy(rule(ARMS, CONSOLE), channels={CONSOLE: ChannelState.READY})

    judgement = judge([read(article(sample=True)), read(other_paper())], rules=rules)

    assert [alert.sample for alert in judgement.alerts] == [True, False]
