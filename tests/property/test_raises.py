"""Laws of raising: over any run of copies, each severity of a story is told at most once, and only upwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.core.alerts.judge import make_judge
from watcher.core.dedup.keys import article_keys
from watcher.core.model.alert import AlertKind, FeedContext, JudgeContext, Judgement, Member, NewAlert, PastAlert
from watcher.core.model.article import Article
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, FeedId, MessageId, RuleId
from watcher.core.model.match import Match, Raised, ReadArticle
from watcher.core.model.message import MessageState
from watcher.core.model.outcome import Identity
from watcher.core.model.policy import CONSOLE, ChannelState, Policy
from watcher.core.model.rule import Independent, Raise, Rule, Severity, Term
from watcher.core.stories.shelf import Shelf

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ARMS, DESK = RuleId("arms"), ChannelName("desk")
RULE = Rule(
    ARMS,
    "Arms",
    Term("arms"),
    severity=Severity.LOW,
    send_to=(DESK,),
    raises=(
        Raise(Severity.NORMAL, Term("a")),
        Raise(Severity.HIGH, Term("b")),
        Raise(Severity.CRITICAL, sources=Independent(3, HOUR)),
    ),
)
TITLES = (
    "Freighter with shells leaves northern port at night",
    "Storm closes two mountain passes in the east",
    "Minister visits the harbour town after long talks",
)
STATES = (MessageState.WAITING, MessageState.HELD, MessageState.SENT, MessageState.DEAD)

_ARRIVALS = st.lists(
    st.tuples(
        st.sampled_from(TITLES),
        st.sampled_from(("north", "coast", "inland", "valley")),
        st.sets(st.sampled_from((0, 1))),
        st.sampled_from(STATES),
    ),
    max_size=12,
)


def _read(number: int, title: str, source: str, raised: set[int]) -> ReadArticle:
    article = Article(
        ArticleId(f"a{number}"), FeedId("f"), guid=str(number), url=f"https://{source}.example/{number}", title=title
    )
    held = tuple(Raised(one, "words") for one in sorted(raised))
    return ReadArticle(article, article_keys(article, Identity.GUID), (Match(ARMS, (), held, HOUR),))


class _Store:
    """The alerts and articles so far, as the real store gives them back."""

    def __init__(self) -> None:
        self.alerts: dict[AlertId, PastAlert] = {}
        self.members: dict[ArticleId, Member] = {}
        self.shelf = Shelf()
        self.told: list[tuple[NewAlert, MessageState]] = []

    def context(self, read: ReadArticle) -> JudgeContext:
        feed = FeedContext(FeedId("f"), "F", first=False, last_ok_at=NOW)
        _, counts = self.shelf.load([read], NOW)
        stories = tuple(self.shelf.stories.values())
        return JudgeContext(feed, NOW, past=tuple(self.alerts.values()), stories=stories, story_counts=counts)

    def write(self, judgement: Judgement, state: MessageState) -> None:
        known = {one.id: Member(one.read.article, one.read.keys) for one in judgement.articles}
        self.shelf.write(judgement.stories, NOW)
        self.members |= known
        for new in judgement.alerts:
            assert new.id not in self.alerts, "an alert is made once"
            self.told.append((new, state))
            self.alerts[new.id] = PastAlert(
                new.id,
                new.rule,
                new.target,
                new.story,
                new.kind,
                new.ordinal,
                new.severity,
                MessageId("m"),
                state,
                NOW,
                (known[new.article],),
            )
        for fold in judgement.folds:
            alert = self.alerts[fold.alert]
            member = replace(self.members[fold.article], level=fold.level)
            self.alerts[fold.alert] = replace(alert, members=(*alert.members, member))


@settings(max_examples=150)
@given(_ARRIVALS)
def test_each_severity_of_a_story_is_raised_at_most_once_and_only_upwards(
    arrivals: list[tuple[str, str, set[int], MessageState]],
) -> None:
    channels = {CONSOLE: ChannelState.READY, DESK: ChannelState.READY}
    judge = make_judge(Policy(1, {ARMS: RULE}, channels))
    store = _Store()
    for number, (title, source, raised, state) in enumerate(arrivals):
        read = _read(number, title, source, raised)
        judgement = judge([read], store.context(read))
        assert len(judgement.alerts) <= 1, "one article, one rule and one channel make one alert"
        assert [alert.id for alert in judgement.alerts] == [id_ for one in judgement.messages for id_ in one.alerts]
        for alert in judgement.alerts:
            if alert.kind is AlertKind.RAISE:
                live = [
                    told.severity
                    for told, was in store.told
                    if told.story == alert.story and was is not MessageState.DEAD
                ]
                assert live, "only a story that was told can be raised"
                assert alert.severity > max(live)
                assert alert.note.startswith(f"raised from {max(live).word} to {alert.severity.word}: now ")
        store.write(judgement, state)
    raised_to = [(alert.story, alert.severity) for alert, _ in store.told if alert.kind is AlertKind.RAISE]
    assert len(raised_to) == len(set(raised_to))
