"""A replay looks at a small part of what was told; that leaves out nothing which another answer would come of."""

from __future__ import annotations

import random
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from watcher.core.alerts.replay import Replay, as_it_is, as_tried
from watcher.core.alerts.stream import Stream
from watcher.core.alerts.told import newest_told
from watcher.core.matching.compile import compile_rules
from watcher.core.model.alert import JudgeContext, PastAlert
from watcher.core.model.article import Article
from watcher.core.model.ids import AlertId, ArticleId, FeedId, RuleId, StoryId, digest, public_id
from watcher.core.model.rule import AnyOf, Rule, RuleSource, Term
from watcher.core.model.verdict import Level

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
WHERE = ("Kado harbour", "Dellbrook plant", "Orlan refinery", "Tarsan market", "Velland border")
WHAT = (
    "blast injures {n} workers at {where}, governor says",
    "Blast at {where}: {n} killed, {m} missing after night fire",
    "Police arrest {n} suspects after blast at {where}",
    "Governor denies report of blast at {where}",
    "Second blast at {where} as crews search for {m} missing",
    "Crews leave {where}; strike over pay enters day {n}",
)
WORDS = ("blast", "police", "governor", "strike", "missing", "crews", "Kado", "Dellbrook", "Orlan", "market", "border")


class LooksAtAll(Stream):
    """A stream that hands all that any rule told of a story to the judge."""

    def _told_of(self, stories: Iterable[StoryId], fired: AbstractSet[RuleId]) -> list[PastAlert]:
        wanted = set(stories)
        return newest_told([one for one in self._alerts.values() if one.story in wanted])


def articles(count: int, feeds: int, seed: int = 7) -> list[Article]:
    rng, found = random.Random(seed), list[Article]()
    for number in range(count):
        at = NOON + timedelta(minutes=23 * number)
        title = rng.choice(WHAT).format(where=rng.choice(WHERE), n=rng.randint(2, 19), m=rng.randint(2, 9))
        if found and rng.random() < 0.25:
            title = rng.choice(found[-40:]).title
        text = f"{title}. {rng.choice(WHAT).format(where=rng.choice(WHERE), n=rng.randint(2, 19), m=3)}."
        feed = rng.randrange(feeds)
        article = Article(
            id=ArticleId(public_id("a", digest("replayed", str(number)))),
            feed=FeedId(f"f{feed}"),
            feed_name=f"feed{feed}",
            guid=f"urn:{number}",
            url=f"https://feed{feed}.example/{number}",
            title=title,
            summary=text,
            lang="en",
            published_at=at,
            first_seen_at=at,
        )
        found.append(article)
    return found


def a_replay() -> Replay:
    tried = [
        as_tried(Rule(RuleId(f"r{number}"), f"r{number}", AnyOf((Term(one), Term(WORDS[-number])))))
        for number, one in enumerate(WORDS)
    ]
    live = [as_it_is(replace(rule, body=rule.body.items[0])) for rule in tried if isinstance(rule.body, AnyOf)]
    source = RuleSource(1, (*tried, *live), {})
    return Replay([compile_rules(source)], source.rules)


@pytest.mark.parametrize("seed", [1, 2])
def test_rules_tell_the_same_whatever_else_was_told_of_their_stories(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = a_replay()
    monkeypatch.setattr("watcher.core.alerts.replay.Stream", LooksAtAll)
    whole = a_replay()
    assert isinstance(whole._stream, LooksAtAll)
    for article in articles(120, 5, seed):
        quick.add(article)
        whole.add(article)
    found = quick.result()
    assert sum(one.gained_count for one in found) > 2
    assert repr(found) == repr(whole.result())


def test_what_a_thousand_others_told_of_a_story_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    stream, told = Stream(), list[JudgeContext]()
    judged = stream._judge

    def noted(reads: Any, context: JudgeContext) -> Any:
        told.append(context)
        return judged(reads, context)

    monkeypatch.setattr(stream, "_judge", noted)
    stream.read(articles(1, 1))
    (alert,) = stream._alerts.values()
    others = [replace(alert, id=AlertId(f"l{number}"), rule=RuleId(f"other{number}")) for number in range(1000)]
    for one in others:
        stream._alerts[one.id], stream._members[one.id] = one, [(ArticleId("elsewhere"), Level.NEW, 1)]
        stream._alerts_in[one.story][one.rule] = [one.id]
    stream._texts[ArticleId("elsewhere")] = {1: articles(1, 1)[0]}
    stream._known[ArticleId("elsewhere")] = next(iter(stream._known.values()))
    stream.read([replace(articles(1, 1)[0], id=ArticleId("next"), guid="urn:next", url="", feed=FeedId("f2"))])
    assert [one.id for one in told[-1].past] == [alert.id]


def test_of_what_a_feed_listed_the_newest_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    stream, told = Stream(), list[JudgeContext]()
    judged = stream._judge

    def noted(reads: Any, context: JudgeContext) -> Any:
        told.append(context)
        return judged(reads, context)

    monkeypatch.setattr(stream, "_judge", noted)
    made = [replace(one, title=f"Report {number} of harbour {number}") for number, one in enumerate(articles(120, 1))]
    for article in made:
        stream.read([article])
    assert {one.id for one in made[-51:-1]} <= {known.id for known in told[-1].known}
