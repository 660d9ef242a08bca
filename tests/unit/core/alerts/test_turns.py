"""In which order the messages of one reading go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from watcher.core.alerts.coming import Coming, in_time
from watcher.core.alerts.plan import in_turn
from watcher.core.dedup.keys import article_keys
from watcher.core.model.alert import AlertKind, Disposition, NewAlert, NewMessage
from watcher.core.model.article import Article
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, FeedId, MessageId, RuleId, StoryId
from watcher.core.model.match import Match, ReadArticle
from watcher.core.model.message import MessageKind
from watcher.core.model.outcome import Identity
from watcher.core.model.rule import Severity
from watcher.core.model.verdict import Stage

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
LOW, NORMAL, HIGH, CRITICAL = Severity.LOW, Severity.NORMAL, Severity.HIGH, Severity.CRITICAL


def in_order(*planned: tuple[str, str, Severity]) -> list[str]:
    """Return the texts in the order they go, given each with its story and severity as they were planned."""
    alerts = [
        NewAlert(
            AlertId(text), RuleId("shells"), ChannelName("desk"), StoryId(story), AlertKind.FIRST, 0, severity,
            ArticleId(text), 1,
        )
        for text, story, severity in planned
    ]  # fmt: skip
    messages = [NewMessage(MessageId(one.id), one.target, MessageKind.ALERT, (one.id,)) for one in alerts]
    found = in_turn(messages, alerts)
    assert [one.made_at(NOW) for one in found] == [NOW + timedelta(microseconds=n) for n in range(len(found))]
    return [one.id for one in found]


def test_the_weightiest_goes_first_and_nothing_on_a_story_goes_before_what_began_it() -> None:
    planned = [("claim", "s1", NORMAL), ("bridge", "s2", HIGH), ("rain", "s3", LOW), ("denial", "s1", NORMAL)]
    assert in_order(*planned) == ["bridge", "claim", "denial", "rain"]
    planned = [("claim", "s1", LOW), ("bridge", "s2", HIGH), ("first death", "s1", CRITICAL)]
    assert in_order(*planned) == ["claim", "first death", "bridge"]


def test_messages_that_share_stories_keep_their_order_however_heavy_the_last_is() -> None:
    alerts = [
        NewAlert(AlertId(id_), RuleId("r"), ChannelName("desk"), StoryId(story), AlertKind.FIRST, 0, severity,
                 ArticleId(id_), 1)
        for id_, story, severity in [("a", "s1", LOW), ("b", "s1", LOW), ("c", "s2", LOW), ("d", "s2", CRITICAL)]
    ]  # fmt: skip
    listed = [("m1", ("a",)), ("m2", ("b", "c")), ("m3", ("d",))]
    messages = [
        NewMessage(MessageId(id_), ChannelName("desk"), MessageKind.ALERT, tuple(map(AlertId, ids)))
        for id_, ids in listed
    ]
    assert [one.id for one in in_turn(messages, alerts)] == ["m1", "m2", "m3"]


def test_each_channel_counts_its_own() -> None:
    alerts = [
        NewAlert(AlertId(to), RuleId("r"), ChannelName(to), StoryId("s"), AlertKind.FIRST, 0, LOW, ArticleId("a"), 1)
        for to in ("desk", "me")
    ]
    messages = [NewMessage(MessageId(one.id), one.target, MessageKind.ALERT, (one.id,)) for one in alerts]
    assert [one.place for one in in_turn(messages, alerts)] == [0, 0]


def test_a_denial_under_a_heavier_rule_does_not_overtake_the_claim_under_another() -> None:
    alerts = [
        NewAlert(AlertId(id_), RuleId(rule), ChannelName(to), StoryId(story), AlertKind.FIRST, 0, severity,
                 ArticleId(id_), 1)
        for id_, rule, to, story, severity in [
            ("claim", "shells", "desk", "s", NORMAL),
            ("rain", "rain", "desk", "t", NORMAL),
            ("denial", "denials", "desk", "s", HIGH),
            ("elsewhere", "denials", "me", "s", CRITICAL),
        ]
    ]  # fmt: skip
    messages = [NewMessage(MessageId(one.id), one.target, MessageKind.ALERT, (one.id,)) for one in alerts]
    assert [one.id for one in in_turn(messages, alerts) if one.target == "desk"] == ["claim", "denial", "rain"]


CLAIM = "Shells hit bridge at Nikopol, traffic stopped"
DENIAL = "Army denies that shells hit bridge at Nikopol, traffic stopped"
CORRECTION = "Correction: shells did not hit bridge at Nikopol"
EARLY, LATE = NOW - timedelta(hours=2), NOW - timedelta(hours=1)


@pytest.mark.parametrize(
    ("listed", "told"),
    [
        ([(DENIAL, None), (CLAIM, None)], [CLAIM, DENIAL]),
        ([(CLAIM, None), (DENIAL, None)], [CLAIM, DENIAL]),
        ([(CORRECTION, EARLY), (CLAIM, EARLY)], [CLAIM, CORRECTION]),
        ([(DENIAL, NOW + timedelta(days=1)), (CLAIM, None)], [CLAIM, DENIAL]),
        ([(CLAIM, LATE), (DENIAL, EARLY)], [DENIAL, CLAIM]),  # what dates tell, holds
    ],
)
def test_what_takes_back_is_judged_after_what_was_written_at_its_time(
    listed: list[tuple[str, datetime | None]], told: list[str]
) -> None:
    entries = [entry(str(number), title, at) for number, (title, at) in enumerate(listed)]
    assert [one.read.article.title for one in in_time(entries, NOW)] == told


def test_texts_of_one_item_and_what_no_rule_fires_on_keep_their_order() -> None:
    entries = [entry("1", DENIAL), entry("1", CLAIM), entry("2", DENIAL, rules=()), entry("3", CLAIM)]
    assert in_time(entries, NOW) == entries


def entry(id_: str, title: str, at: datetime | None = None, rules: tuple[str, ...] = ("shells",)) -> Coming:
    article = Article(ArticleId(id_), FeedId("f"), id_, "", title, lang="en", published_at=at)
    matches = tuple(Match(RuleId(rule), ()) for rule in rules)
    read = ReadArticle(article, article_keys(article, Identity.GUID), matches)
    return Coming(read, Disposition.NEW, Stage.MATCHED, matches)
