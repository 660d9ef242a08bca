"""Laws of judging that hold for any reading: nothing is lost, nothing is said twice, the same input gives the same
answer.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.core.alerts.judge import make_judge
from watcher.core.dedup.keys import article_keys
from watcher.core.model.alert import Disposition, FeedContext, JudgeContext, Member, PastAlert
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, ChannelName, FeedId, MessageId, RuleId
from watcher.core.model.match import Match, ReadArticle
from watcher.core.model.message import LIVE_STATES, MessageState
from watcher.core.model.outcome import Identity
from watcher.core.model.policy import CONSOLE, ChannelState, Policy
from watcher.core.model.rule import Rule, Term
from watcher.core.model.verdict import Outcome, Stage

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
RULES = tuple(RuleId(name) for name in ("one", "two", "three"))
TARGETS = (CONSOLE, ChannelName("desk"), ChannelName("gone"))


def _read(
    guid: int, page: int, title: str, summary: str, source: str, hours: int, rules: frozenset[RuleId]
) -> ReadArticle:
    article = Article(
        id=ArticleId(f"a{guid}"),
        feed=FeedId("f"),
        guid=str(guid),
        url=f"https://{source}.example/{page}",
        title=title,
        summary=summary,
        source=source,
        published_at=NOW - timedelta(hours=hours),
    )
    return ReadArticle(article, article_keys(article, Identity.GUID), tuple(Match(rule, ()) for rule in sorted(rules)))


_READS = st.lists(
    st.builds(
        _read,
        st.integers(0, 5),
        st.integers(0, 4),
        st.sampled_from(
            [
                "Freighter with shells leaves northern port",
                "Freighter with 3 shells leaves northern port",
                "Access denied",
                "",
                "Storm closes two mountain passes",
            ]
        ),
        st.sampled_from(["", "The ship left on Monday evening, two harbour officials of the town said later."]),
        st.sampled_from(["paper", "coast", "inland"]),
        st.sampled_from([0, 1, 30, 100]),
        st.frozensets(st.sampled_from(RULES)),
    ),
    max_size=8,
)
_STATES = st.sampled_from(list(ChannelState))
_POLICIES = st.builds(
    lambda sends, state: Policy(
        1,
        {rule: Rule(rule, rule, Term(rule), send_to=tuple(send)) for rule, send in zip(RULES, sends, strict=True)},
        {CONSOLE: ChannelState.READY, TARGETS[1]: state},
    ),
    st.tuples(*(st.lists(st.sampled_from(TARGETS), unique=True) for _ in RULES)),
    _STATES,
)
_AWAY = st.sampled_from([timedelta(minutes=10), timedelta(hours=5)])


def _context(away: timedelta, past: tuple[PastAlert, ...] = ()) -> JudgeContext:
    feed = FeedContext(FeedId("f"), "feed", first=False, last_ok_at=NOW - away)
    return JudgeContext(feed, NOW, past=past)


@settings(max_examples=150)
@given(_READS, _POLICIES, _AWAY)
def test_every_match_has_a_verdict_and_every_alert_one_message(
    reads: list[ReadArticle], policy: Policy, away: timedelta
) -> None:
    judgement = make_judge(policy)(reads, _context(away))

    assert judgement == make_judge(policy)(reads, _context(away))
    assert len(judgement.articles) == len(reads)
    for one in judgement.articles:
        if one.disposition is Disposition.UNCHANGED or one.stage is not Stage.MATCHED:
            continue
        for match in one.read.matches:
            said = {v.target for v in judgement.verdicts if (v.article, v.rule) == (one.id, match.rule)}
            assert said >= set(policy.rules[match.rule].send_to or (CONSOLE,))
    alerts = Counter(alert.id for alert in judgement.alerts)
    spoken = Counter([alert for message in judgement.messages for alert in message.alerts])
    assert spoken == alerts
    assert set(alerts.values()) <= {1}
    assert len({message.id for message in judgement.messages}) == len(judgement.messages)
    assert {fold.alert for fold in judgement.folds} <= set(alerts)
    assert {verdict.alert for verdict in judgement.verdicts} == set(alerts)


@settings(max_examples=150)
@given(_READS, _POLICIES, st.sampled_from(list(MessageState)))
def test_reading_again_queues_nothing_twice(reads: list[ReadArticle], policy: Policy, state: MessageState) -> None:
    """The same reading after its articles were forgotten (keys expired) folds into what lives, and never repeats an
    alert's id.
    """
    first = make_judge(policy)(reads, _context(timedelta(minutes=10)))
    stored = {one.id: one.read for one in first.articles}
    past = tuple(
        PastAlert(
            alert.id,
            alert.rule,
            alert.target,
            alert.story,
            alert.kind,
            alert.ordinal,
            alert.severity,
            MessageId("m"),
            state,
            NOW,
            (Member(stored[alert.article].article, stored[alert.article].keys),),
        )
        for alert in first.alerts
    )

    again = make_judge(policy)(reads, _context(timedelta(minutes=10), past))

    assert not {alert.id for alert in again.alerts} & {alert.id for alert in first.alerts}
    if state not in LIVE_STATES:
        assert all(fold.alert not in {alert.id for alert in first.alerts} for fold in again.folds)
    assert all(verdict.outcome in {Outcome.WAITING, Outcome.FOLDED} for verdict in again.verdicts)
