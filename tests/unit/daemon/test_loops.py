"""Sequences of events that once lost, repeated or swallowed an alert, or stopped the loops."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.station import Station, config, rss
from watcher.core.model.alert import FeedContext
from watcher.core.model.article import Article
from watcher.core.model.ids import RuleId
from watcher.core.model.match import FailedMatch, ReadArticle
from watcher.core.model.message import AttemptClass, AttemptResult, Message
from watcher.core.model.outcome import ReadRequest
from watcher.core.model.record import FeedClaim, MessageClaim, PollResult
from watcher.core.model.verdict import Level
from watcher.daemon.page import as_read
from watcher.errors import OutOfDescriptors, StorageError
from watcher.settings.load import load_files


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    """A station with nothing adopted."""
    made = Station(tmp_path)
    yield made
    await made.close()


class Failing:
    """A store whose named method fails so many times."""

    def __init__(self, inner: Any, method: str, times: int = 1) -> None:
        self._inner = inner
        self._method = method
        self.times = times

    def __getattr__(self, name: str) -> Any:
        if name != self._method or self.times <= 0:
            return getattr(self._inner, name)

        async def fail(*args: object, **named: object) -> None:
            self.times -= 1
            raise StorageError("the disk of the database is full")

        return fail


BOTH = config(channels=["desk", "me"], send_to=["desk"])
ONLY_ME = config(channels=["me"], send_to=["me"])


async def test_a_new_tag_of_a_feed_is_for_what_comes_and_changes_and_not_for_the_past(station: Station) -> None:
    rule = "\n  - {name: Shells, all: [shells], where: {tags: [front]}}\n"
    without = config(rules=rule)
    tagged = without.replace("name: wire,", "name: wire, tags: [front],")
    await station.begin(without)
    station.feeds["wire"] = rss("Shells shipped", "Shells counted")
    await station.poll()
    await station.adopt(tagged)
    await station.poll()
    await station.send()
    assert station.told("desk") == [], "as with a rule that is widened, known items as they were are the past"
    station.feeds["wire"] = rss("Shells landed at the coast", "Shells shipped", "Shells counted")
    await station.poll()
    await station.send()
    assert station.told("desk") == [["Shells landed at the coast"]]


async def test_an_alert_is_sent_once(station: Station) -> None:
    await station.begin(BOTH)
    station.feeds["wire"] = rss("Shells shipped")
    for _ in range(3):
        await station.poll()
        await station.send()
    assert station.told("desk") == [["Shells shipped"]]


async def test_messages_of_a_removed_channel_go_to_the_default_one_and_back_as_one_summary(station: Station) -> None:
    await station.begin(BOTH)
    station.feeds["wire"] = rss("Shells shipped", "Shells landed")
    await station.poll()
    await station.adopt(ONLY_ME)
    await station.send()
    assert await station.states() == [("desk", "held", "channel"), ("desk", "held", "channel"), ("me", "sent", "")]
    assert sorted(station.told("me")[0]) == ["Shells landed", "Shells shipped"]
    await station.adopt(BOTH)
    await station.send()
    assert sorted(station.told("desk")[0]) == ["Shells landed", "Shells shipped"]


async def test_a_channel_that_goes_in_the_middle_of_a_send_is_settled_after_it(station: Station) -> None:
    await station.begin(BOTH)
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    desk = station.channels["desk"]

    async def send(message: Message) -> AttemptResult:
        await station.adopt(ONLY_ME)
        return AttemptResult(AttemptClass.RETRY, "503")

    desk.send = send  # type: ignore[method-assign]
    await station.send()
    assert await station.states() == [("desk", "held", "channel"), ("me", "sent", "")]


async def test_a_claim_for_a_channel_that_is_gone_is_held_and_told_elsewhere(station: Station) -> None:
    await station.begin(BOTH)
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    claims = await station.sender._claim()
    await station.adopt(ONLY_ME)
    for claim in claims:
        await station.sender._work(claim)
    await station.send()
    assert await station.states() == [("desk", "held", "channel"), ("me", "sent", "")]
    assert station.channels["desk"].tried == []


async def test_what_a_killed_process_was_sending_to_a_channel_that_is_gone_is_told_elsewhere(station: Station) -> None:
    await station.begin(BOTH)
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    assert len(await station.sender._claim()) == 1
    await station.restart(ONLY_ME)
    await station.send()
    await station.active.settle()  # the chore of each minute
    await station.send()
    assert await station.states() == [("desk", "held", "channel"), ("me", "sent", "")]


async def test_alerts_go_to_the_console_when_no_default_channel_is_ready(station: Station) -> None:
    await station.begin(BOTH)
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    waiting = config(
        channels=[], send_to=["desk"], more="channels: {desk: {type: slack, webhook_url: '${NOT_SET_HOOK}'}}"
    )
    await station.adopt(waiting)
    await station.send()
    assert await station.states() == [("console", "sent", ""), ("desk", "held", "secret")]


@pytest.mark.parametrize("name", ["rules.yaml", "a(b).yaml", "a)b.yaml"])
async def test_rules_that_only_moved_are_the_same_in_the_line_of_a_reload(station: Station, name: str) -> None:
    rules = "rules:\n  - {name: Shells, all: [shells]}\n  - {name: Drones, all: [drone*, $army]}\nconcepts: {army: [army]}\n"
    said = []
    for text in (rules, "# one more line\n" + rules, rules.replace("shells]", "shell*]")):
        files = load_files({"watcher.yaml": "feeds: []", name: text}, station._settings)
        assert files.configuration is not None, files.problems
        said.append(await station.active.adopt(files.configuration))
    assert said[1:] == ["revision 2: 2 same", "revision 3: 1 changed (shells), 1 same"]


async def test_a_renamed_rule_is_neither_added_nor_removed_in_the_line_of_a_reload(station: Station) -> None:
    def rules(*names: str) -> str:
        return "".join(f"\n  - {{name: {name}, all: [shells]}}" for name in names)

    said = [
        await station.adopt(config(rules=text))
        for text in (
            rules("Shells", "Drones"),
            rules("Grads, was: shells", "Drones"),
            rules("Grads, was: shells", "Tanks, was: mines", "Drones"),
        )
    ]
    assert said[1:] == [
        "revision 2: 1 renamed (shells is grads), 1 same",
        "revision 3: 1 added (tanks), 2 same",
    ]


async def test_rules_that_are_paused_and_resumed_are_named_in_the_line_of_a_reload(station: Station) -> None:
    def rules(shells: str) -> str:
        return f"\n  - {{name: Shells, all: [{shells}}}\n  - {{name: Drones, all: [drone*]}}"

    said = [
        await station.adopt(config(rules=rules(text)))
        for text in ("shells]", "shells], paused: true", "shells], paused: false", "grads], paused: true")
    ]
    assert said[1:] == [
        "revision 2: 1 paused (shells), 1 same",
        "revision 3: 1 resumed (shells), 1 same",
        "revision 4: 1 paused (shells), 1 changed (shells), 1 same",
    ]


async def test_a_revision_that_cannot_be_stored_changes_nothing(station: Station) -> None:
    await station.begin(BOTH)
    station.use_store(Failing(station.store, "activate"))
    with pytest.raises(StorageError):
        await station.adopt(ONLY_ME)
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    await station.send()
    assert station.told("desk") == [["Shells shipped"]]


async def test_polling_goes_on_when_messages_cannot_be_fitted_to_new_channels(station: Station) -> None:
    await station.begin(BOTH)
    station.use_store(Failing(station.store, "settle_channels"))
    await station.adopt(ONLY_ME)
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    await station.send()
    assert station.told("me") == [["Shells shipped"]]


async def test_a_message_that_we_fail_to_send_is_tried_plain_and_then_given_up(station: Station) -> None:
    await station.begin(BOTH)
    station.feeds["wire"] = rss("Shells shipped", "Shells landed")
    await station.poll()
    desk = station.channels["desk"]
    send = desk.send

    async def stumble(message: Message) -> AttemptResult:
        if message.alerts[0].headline.text == "Shells shipped" and not message.plain:
            raise TypeError("a mistake of ours")
        return await send(message)

    desk.send = stumble  # type: ignore[method-assign]
    await station.send()
    assert sorted(station.told("desk")) == [["Shells landed"], ["Shells shipped"]]
    assert await station.states() == [("desk", "sent", "")] * 2


async def test_a_channel_is_not_blamed_for_want_of_file_descriptors(station: Station) -> None:
    await station.begin(BOTH)
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    desk = station.channels["desk"]
    send, tries = desk.send, 0

    async def refuse(message: Message) -> AttemptResult:
        nonlocal tries
        tries += 1
        raise OutOfDescriptors("no file descriptor is left")

    desk.send = refuse  # type: ignore[method-assign]
    for _ in range(12):
        await station.send()
        station.clock.advance(minutes=2)
    desk.send = send  # type: ignore[method-assign]
    await station.send()
    assert tries == 12
    assert [message.title for message in desk.sent] == [""]
    assert station.told("desk") == [["Shells shipped"]]
    assert await station.states() == [("desk", "sent", "")]


class Strange:
    """A store that gives out the alerts of claimed messages with a part that nobody expected."""

    def __init__(self, inner: Any, **parts: object) -> None:
        self._inner = inner
        self._parts: dict[str, Any] = parts

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def claim_messages(self, *args: Any) -> list[MessageClaim]:
        """Claim."""
        claims: list[MessageClaim] = list(await self._inner.claim_messages(*args))
        return [
            replace(claim, alerts=tuple(replace(alert, **self._parts) for alert in claim.alerts)) for claim in claims
        ]


@pytest.mark.parametrize("part", [{"match": None}, {"members": (None,)}, {"members": 7}], ids=str)
async def test_an_alert_whose_reasons_cannot_be_told_is_sent_without_them(
    station: Station, part: dict[str, object]
) -> None:
    await station.begin(BOTH)
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    station.use_store(Strange(station.store, **part))
    await station.send()
    [message] = station.channels["desk"].sent
    [alert] = message.alerts
    assert (alert.headline.text, alert.rule_name, alert.why, message.plain) == ("Shells shipped", "Shells", (), False)
    assert "could not be shown" in alert.note
    assert await station.states() == [("desk", "sent", "")]
    assert station.metrics.surprises.labels("summarise")._value.get() == 1


@pytest.mark.parametrize("part", [{"match": None}, {"members": (None,)}, {"members": 7}], ids=str)
async def test_an_alert_whose_reasons_cannot_be_told_does_not_take_the_page_away(
    station: Station, part: dict[str, object]
) -> None:
    await station.begin(BOTH)
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    [alert] = await station.store.recent_alerts(limit=5)
    strange: Any = part
    shown = as_read(replace(alert, **strange), station.world.ruling())
    assert (shown.headline.text, shown.rule_name, shown.why) == ("Shells shipped", "Shells", ())
    assert "could not be shown" in shown.note


async def test_a_mistake_in_matching_one_stored_article_again_leaves_the_others_tried(station: Station) -> None:
    await station.begin(BOTH)
    titles = [f"Shells {word}" for word in ("shipped", "landed", "counted")]
    station.feeds["wire"] = rss(*titles)
    await _leave_pending(station)
    match = station.reader.match

    async def stumble(articles: Sequence[Article], revision: int) -> tuple[ReadArticle, ...]:
        if any(article.title == "Shells landed" for article in articles):
            raise RuntimeError("a mistake of ours")
        return await match(articles, revision)

    station.reader.match = stumble  # type: ignore[method-assign]
    station.clock.advance(hours=1)
    await station.poller.retry_pending()
    await station.send()
    assert sorted(station.told("desk")) == [["Shells counted"], ["Shells shipped"]]
    assert station.metrics.surprises.labels("pending")._value.get() == 1
    station.reader.match = match  # type: ignore[method-assign]
    station.clock.advance(hours=2)
    await station.poller.retry_pending()
    await station.send()
    assert station.told("desk")[-1] == ["Shells landed"]


async def test_a_store_that_fails_at_the_stop_does_not_fail_the_stop(station: Station) -> None:
    await station.begin(BOTH)
    station.use_store(Failing(station.store, "release_messages"))
    station.sender.stopping = True
    station.bell.ring()
    await station.sender.run()


async def test_while_the_clock_is_wrong_nothing_is_too_old(station: Station) -> None:
    await station.begin(BOTH)
    today = station.clock.now()
    station.clock.jump(days=400)
    for number in range(2):
        # The second one comes after a good poll under the wrong clock.
        station.feeds["wire"] = rss(*(f"Shells {place}" for place in "ab"[: number + 1]), at=today)
        await station.poll()
    await station.send()
    assert station.told("desk") == [["Shells a"], ["Shells b"]]


async def test_while_the_clock_is_wrong_nothing_is_given_up_for_its_age(station: Station) -> None:
    await station.begin(BOTH)
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    station.channels["desk"].fails_with(AttemptClass.RETRY, times=1)
    station.clock.jump(days=400)
    await station.send()
    assert await station.states() == [("desk", "retrying", "")]
    station.clock.jump(days=-400)
    await station.send()
    assert station.told("desk") == [["Shells shipped"]]


async def test_a_first_poll_that_fails_half_way_tells_nothing_of_its_second_half(station: Station) -> None:
    before = station.clock.now() - timedelta(hours=2)
    await station.adopt(BOTH)
    station.feeds["wire"] = rss("Shells a", at=before, end="<item><title>Sh")
    await station.poll()
    station.clock.advance(minutes=10)
    station.feeds["wire"] = rss("Shells a", "Shells b", at=before)
    await station.poll()
    assert await station.states() == []


async def test_a_feed_that_is_always_cut_short_is_told_all_the_same(station: Station) -> None:
    await station.adopt(BOTH)
    station.feeds["wire"] = rss("Shells a", at=station.clock.now(), end="<item><title>Sh")
    await station.poll()
    station.clock.advance(minutes=20)
    station.feeds["wire"] = rss("Shells b", at=station.clock.now() - timedelta(minutes=5), end="<item><title>Sh")
    await station.poll()
    await station.send()
    assert station.told("desk") == [["Shells b"]]


async def _leave_pending(station: Station) -> None:
    """Poll the wire while its rule fails on each article."""
    claim = (await _claim(station))[0]
    reading = await station.reader.read(_request(station, claim))
    broken = (FailedMatch(RuleId("shells"), "too long"),)
    failed = tuple(replace(read, matches=(), failed=broken) for read in reading.articles)
    result = PollResult(claim, claim.state, FeedContext(claim.state.feed, "wire", False, station.clock.now()))
    now, ruling = station.clock.now(), station.world.ruling()
    await station.store.commit(replace(result, reading=replace(reading, articles=failed)), ruling.judge, 1, now)


async def test_an_article_that_stops_its_matcher_waits_longer_each_time(station: Station) -> None:
    await station.begin(BOTH)
    station.feeds["wire"] = rss("Shells shipped")
    await _leave_pending(station)
    station.reader.stops_on = "Shells shipped"
    tries = 0
    for _ in range(120):
        station.clock.advance(seconds=30)
        tries += len(await station.store.pending_matches(station.clock.now(), 10))
        await station.poller.retry_pending()
    assert 3 <= tries <= 7
    station.reader.stops_on = ""
    station.clock.advance(hours=2)
    await station.poller.retry_pending()
    await station.send()
    assert station.told("desk") == [["Shells shipped"]]


async def test_a_message_that_ends_the_program_again_and_again_is_held_and_told_once(station: Station) -> None:
    text = config(channels=["desk", "me"], send_to=["desk"], more="meta: {send_to: [me]}")
    await station.begin(text)
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    for _ in range(3):
        assert await station.sender._claim()
        await station.restart(text)
    for _ in range(2):
        await station.send()
        await station.meta.look()
        await station.send()
        await station.restart(text)
    assert [message.title for message in station.channels["me"].sent] == ["A message for desk may end the program"]
    assert ("desk", "held", "suspect") in await station.states()
    station.clock.advance(hours=1)
    await station.send()
    assert station.told("desk") == [["Shells shipped"]]


async def test_a_channel_that_breaks_is_told_elsewhere_and_so_is_its_end(station: Station) -> None:
    await station.begin(config(channels=["desk", "me"], send_to=["desk"], more="meta: {send_to: [desk, me]}"))
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    station.channels["desk"].fails_with(AttemptClass.RETRY)
    for _ in range(30):
        await station.send()
        station.clock.advance(minutes=1)
    assert ("desk", "held", "breaker") in await station.states()
    station.channels["desk"].recovers()
    station.clock.advance(minutes=5)
    await station.send()
    await station.send()
    assert station.told("desk") == [["Shells shipped"]]
    assert sorted(station.told("me")) == [[], [], ["Shells shipped"]]
    assert [message.title for message in station.channels["me"].sent if not message.alerts] == [
        "Channel desk takes no messages",
        "Channel desk takes messages again",
    ]


async def test_what_the_store_gave_up_after_crashes_is_told_once(station: Station) -> None:
    text = config(channels=["desk", "me"], send_to=["desk"], more="meta: {send_to: [me]}")
    await station.begin(text)
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    for _ in range(3):
        station.clock.advance(minutes=20)
        await station.store.request_poll([], station.clock.now())
        await _claim(station)
        await station.restart(text)
    await _claim(station)
    for _ in range(2):
        await station.send()
        await station.meta.look()
        await station.restart(text)
    await station.send()
    assert [message.title for message in station.channels["me"].sent] == [
        "Feed wire is in quarantine",
    ]


async def _claim(station: Station) -> Sequence[FeedClaim]:
    await station.store.request_poll([], station.clock.now())
    owner = f"somebody {station.starts}"
    return await station.store.claim_feeds(owner, station.clock.now(), 10, timedelta(minutes=3))


def _request(station: Station, claim: FeedClaim) -> ReadRequest:
    return ReadRequest(claim.state.feed, station.feeds["wire"], claim.state.url, 1, feed_name="wire")


async def test_a_copy_of_a_message_that_was_asked_for_again_joins_it(station: Station) -> None:
    two = config(channels=["desk"], send_to=["desk"], feeds=["wire", "paper"])
    await station.begin(two)
    title = "Shells shipped from Port Elwin to Velland by night, says the ministry"
    station.feeds["wire"] = rss(title)
    await station.poll()
    station.channels["desk"].fails_with(AttemptClass.CONTENT, times=2)
    await station.send()
    [dead] = await station.store.messages(state="dead")
    # Its copy gets a message of its own, since the first one told nobody; then the first one is asked for again.
    station.feeds["paper"] = rss(title)
    await station.poll()
    await station.store.retry_message(dead.id, station.clock.now())
    await station.send()
    assert station.told("desk") == [[title]]
    assert {one.state.value for one in await station.store.messages(target="desk")} == {"sent", "skipped"}
    [alert] = [one for one in await station.store.recent_alerts() if len(one.members) == 2]
    assert [member.level for member in alert.members] == [Level.NEW, Level.NEAR_COPY]


async def test_other_news_under_a_guid_used_again_is_told_beside_the_old(station: Station) -> None:
    await station.begin(BOTH)
    await _tell_one_guid_twice(station, "Shells shipped from Port Elwin to Velland by night, says the ministry")
    await _tell_one_guid_twice(station, "Harbour festival opens with old shells on show in the northern capital")
    assert len(station.told("desk")) == 2


async def _tell_one_guid_twice(station: Station, title: str) -> None:
    station.feeds["wire"] = rss(title).replace(f"<guid>{title}</guid>".encode(), b"<guid>1</guid>")
    station.clock.advance(days=2)
    await station.poll()
    await station.send()
