"""The shipped example configuration: it loads, waits for its secrets, and shows its job without a network."""

from __future__ import annotations

from functools import cache
from urllib.parse import urlsplit

from watcher.core.matching.compile import compile_rules
from watcher.core.model.ids import ChannelName, FeedId, RuleId
from watcher.core.model.outcome import Reading, ReadRequest
from watcher.core.model.policy import ChannelState, FirstPoll
from watcher.core.read import read_document
from watcher.settings.bundled import bundled
from watcher.settings.configuration import Configuration
from watcher.settings.env import Settings
from watcher.settings.load import load

RULE = RuleId("dprk-russia-military")


@cache
def shipped() -> Configuration:
    loaded = load(bundled("config"), Settings())
    assert loaded.configuration is not None, loaded.problems
    return loaded.configuration


@cache
def sample() -> Reading:
    spec = next(feed for feed in shipped().feeds if feed.sample)
    body = (bundled("config") / spec.url.removeprefix("file:")).read_bytes()
    request = ReadRequest(feed=FeedId("sample"), body=body, url=spec.url, revision=1, sample=True)
    return read_document(request, compile_rules(shipped().rule_source(1)))


def test_the_only_complaints_are_channels_that_wait() -> None:
    problems = load(bundled("config"), Settings()).problems
    assert {problem.level for problem in problems} <= {"warning"}
    waiting = ("waits for", "nobody but the console", "`meta`")
    assert all(any(word in problem.message for word in waiting) for problem in problems)


def test_the_channels_wait_for_their_secrets() -> None:
    states = {name: setup.state for name, setup in shipped().channels.items()}
    for name in ("desk", "me", "hook"):
        assert states[ChannelName(name)] is ChannelState.NO_SECRET


def test_the_example_rule_asks_for_all_three_concepts_and_sends_to_people() -> None:
    rule = next(rule for rule in shipped().rules if rule.id == RULE)
    assert rule.send_to == (ChannelName("desk"), ChannelName("me"))
    places = {"north-korea", "south-korea", "russia", "ukraine", "kursk", "china", "iran"}
    people = {"kim", "korean-soldiers", "north-koreans", "captives"}
    topics = {"military", "soldiering", "casualties", "deployment", "sport"}
    assert set(shipped().concepts) == places | people | topics


def test_real_feeds_are_https_and_named() -> None:
    real = [feed for feed in shipped().feeds if not feed.sample]
    assert len(real) >= 12
    assert all(urlsplit(feed.url).scheme == "https" and feed.named for feed in real)
    assert all(feed.first_poll is FirstPoll.SEEN for feed in real)


def test_the_sample_feed_is_whole_and_holds_no_dates() -> None:
    assert sample().whole
    assert sample().problem is None
    assert all(read.article.published_at is None and read.article.updated_at is None for read in sample().articles)


def test_the_sample_feed_alerts_on_one_story_and_its_copy_only() -> None:
    matched = [read for read in sample().articles if read.matches]
    assert [[match.rule for match in read.matches] for read in matched] == [[RULE], [RULE]]
    assert len({(read.article.title, read.article.summary) for read in matched}) == 1
    assert len(sample().articles) > len(matched)
