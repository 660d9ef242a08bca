"""What is looked at between the outbox and a channel: silences, recipients, how much a message lists, marks that
cannot be written.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.fakes.station import Station, config, rss
from watcher.core.model.by_hand import HandChange, Paused
from watcher.core.model.ids import ChannelName
from watcher.core.model.message import (
    AttemptClass,
    AttemptResult,
    ChannelTraits,
    Message,
    MessageState,
    RecipientResult,
)
from watcher.daemon.send import Sender
from watcher.daemon.state import Phase
from watcher.daemon.upkeep import Upkeep
from watcher.errors import StorageError

BOTH = config(channels=["desk", "me"], send_to=["desk"], more="meta: {send_to: [me]}")


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    """A station with nothing adopted."""
    made = Station(tmp_path)
    yield made
    await made.close()


def with_silence(silence: str) -> str:
    more = f"meta: {{send_to: [me]}}\nsilences:\n  - {{name: quiet, {silence}, until: 2026-11-30}}"
    return config(channels=["desk", "me"], send_to=["desk"], more=more)


@pytest.mark.parametrize("silence", ["rule: shells", "words: [shipped]", "rule: shells, words: [shipped]"])
async def test_a_silence_made_while_a_message_waits_takes_it_back(station: Station, silence: str) -> None:
    await station.begin(BOTH)
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    await station.adopt(with_silence(silence))
    await station.send()
    assert station.told("desk") == []
    [message] = await station.store.messages(target="desk")
    assert (message.state, message.answer) == (MessageState.SKIPPED, "silenced by quiet")


@pytest.mark.parametrize("silence", ["rule: other", "words: [landed]", "rule: shells, words: [landed]"])
async def test_a_silence_about_something_else_takes_nothing_back(station: Station, silence: str) -> None:
    rules = """
  - name: Shells
    all: [shells]
  - name: Other
    all: [other]
"""
    await station.begin(config(rules=rules, channels=["desk"], send_to=["desk"]))
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    more = f"silences:\n  - {{name: quiet, {silence}, until: 2026-11-30}}"
    await station.adopt(config(rules=rules, channels=["desk"], send_to=["desk"], more=more))
    await station.send()
    assert station.told("desk") == [["Shells shipped"]]


async def test_a_silence_that_covers_the_first_article_and_not_its_copy_takes_nothing_back(station: Station) -> None:
    two = config(channels=["desk"], send_to=["desk"], feeds=["wire", "paper"])
    await station.begin(two)
    title = "Shells shipped from Port Elwin to Velland by night, says the ministry"
    station.feeds["wire"] = rss(title).replace(b"</guid>", b"</guid><description>Seen by Zolu</description>")
    station.feeds["paper"] = rss(title)
    await station.poll()
    silent = two + "\nsilences:\n  - {name: quiet, words: [Zolu], until: 2026-11-30}"
    await station.adopt(silent)
    await station.send()
    assert station.told("desk") == [[title]]


async def test_a_breaker_lets_49_alerts_go_in_messages_that_list_them_all(station: Station) -> None:
    await station.begin(BOTH)
    station.channels["desk"].traits = ChannelTraits(lists_at_most=15, address="desk")
    station.feeds["wire"] = rss("Shells 0")
    await station.poll()
    station.channels["desk"].fails_with(AttemptClass.PERMANENT)
    await station.send()
    titles = [f"Shells {number}" for number in range(50)]
    station.feeds["wire"] = rss(*titles)
    await station.poll()
    station.channels["desk"].recovers()
    station.clock.advance(hours=1)
    await station.send()
    told = station.told("desk")
    assert sorted(title for message in told for title in message) == sorted(titles)
    assert max(len(message) for message in told) == 15


class Mail:
    """Answers for recipients as a mail server does; `answers` by recipient, OK where it says nothing."""

    def __init__(self, station: Station, *recipients: str) -> None:
        self._channel = station.channels["desk"]
        self._channel.traits = ChannelTraits(recipients=recipients, address="mail")
        self._channel.send = self.send  # type: ignore[method-assign]
        self.answers: dict[str, AttemptClass] = {}
        self.asked: list[tuple[str, ...]] = []

    async def send(self, message: Message) -> AttemptResult:
        assert message.recipients is not None
        self.asked.append(message.recipients)
        heard = {
            name: RecipientResult(self.answers.get(name, AttemptClass.OK), "said so") for name in message.recipients
        }
        kinds = [one.result for one in heard.values()]
        worst = AttemptClass.RETRY if AttemptClass.RETRY in kinds else AttemptClass.OK
        if set(kinds) == {AttemptClass.PERMANENT}:
            worst = AttemptClass.PERMANENT
        return AttemptResult(worst, "said so", recipients=heard)


async def test_a_recipient_refused_for_good_is_a_dead_letter_of_its_own_and_told_once(station: Station) -> None:
    await station.begin(BOTH)
    mail = Mail(station, "ann@x", "bob@x")
    mail.answers["bob@x"] = AttemptClass.PERMANENT
    station.feeds["wire"] = rss("Shells 0", "Shells 1")
    await station.poll()
    await station.send()
    assert await station.states() == [("desk", "dead", "")] * 2 + [("desk", "sent", "")] * 2 + [("me", "sent", "")]
    assert [message.title for message in station.channels["me"].sent] == ["desk: bob@x does not get its messages"]
    # Redrive goes to that recipient alone; once it got something, the next refusal is told again.
    mail.answers.clear()
    mail.asked.clear()
    for letter in await station.store.messages(state="dead"):
        await station.store.retry_message(letter.id, station.clock.now())
    await station.send()
    assert mail.asked == [("bob@x",)] * 2
    again = "desk: bob@x gets its messages again"
    assert [message.title for message in station.channels["me"].sent][1:] == [again], "its end is told once"
    station.clock.advance(hours=1)
    mail.answers["bob@x"] = AttemptClass.PERMANENT
    station.feeds["wire"] = rss("Shells 2")
    await station.poll()
    await station.send()
    assert len(station.channels["me"].sent) == 3


async def test_a_recipient_who_takes_mail_again_after_a_restart_is_told(station: Station) -> None:
    await station.begin(BOTH)
    mail = Mail(station, "ann@x", "bob@x")
    mail.answers["bob@x"] = AttemptClass.PERMANENT
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    await station.send()
    await station.restart(BOTH)
    mail.answers.clear()
    station.clock.advance(hours=1)
    station.feeds["wire"] = rss("Shells landed in Rason", "Shells shipped")
    await station.poll()
    await station.send()
    assert [message.title for message in station.channels["me"].sent] == [
        "desk: bob@x does not get its messages",
        "desk: bob@x gets its messages again",
    ]


async def test_a_recipient_put_off_for_ever_is_a_dead_letter_of_its_own(station: Station) -> None:
    await station.begin(BOTH)
    mail = Mail(station, "ann@x", "bob@x")
    mail.answers["bob@x"] = AttemptClass.RETRY
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    for _ in range(9 * 24):
        station.clock.advance(hours=1)
        await station.send()
    assert await station.states() == [("desk", "dead", ""), ("desk", "sent", ""), ("me", "sent", "")]
    assert mail.asked.count(("ann@x", "bob@x")) == 1
    assert station.state.phase is not None


async def test_when_the_only_open_recipient_leaves_nobody_gets_the_message_again(station: Station) -> None:
    await station.begin(BOTH)
    mail = Mail(station, "ann@x", "bob@x")
    mail.answers["bob@x"] = AttemptClass.RETRY
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    await station.send()
    station.channels["desk"].traits = ChannelTraits(recipients=("ann@x", "eve@x"), address="mail")
    station.clock.advance(hours=1)
    await station.send()
    assert mail.asked == [("ann@x", "bob@x")]
    assert await station.states() == [("desk", "sent", "")]


@pytest.mark.parametrize("leaves", ["asks for no more", "leaves the configuration"])
async def test_what_nobody_has_is_held_and_told_where_only_those_are_left_who_refused_it(
    station: Station, leaves: str
) -> None:
    await station.begin(BOTH)
    mail = Mail(station, "ann@x", "bob@x")
    mail.answers |= {"ann@x": AttemptClass.PERMANENT, "bob@x": AttemptClass.RETRY}
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    await station.send()
    if leaves == "asks for no more":
        paused = Paused(ChannelName("desk"), "bob@x", station.clock.now(), "a link")
        await station.store.pause_recipient(paused, HandChange(station.clock.now(), "a link", "paused bob@x"))
        await station.active.take_changes()
    else:
        station.channels["desk"].traits = ChannelTraits(recipients=("ann@x",), address="mail")
    station.clock.advance(hours=1)
    await station.send()
    assert mail.asked[-1] == ("ann@x",)
    assert await station.states() == [("desk", "held", "breaker"), ("me", "sent", ""), ("me", "sent", "")]
    assert station.told("me") == [["Shells shipped"], []]
    assert station.channels["me"].sent[1].title == "Channel desk refuses our messages"
    mail.answers.clear()
    station.clock.advance(hours=1)
    await station.send()
    assert (await station.states())[0] == ("desk", "sent", "")


class Gate:
    """A store whose marks fail while it is shut."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.is_shut = True
        self.claims = 0

    async def mark(self, *args: object) -> object:
        if self.is_shut:
            raise StorageError("the disk of the database is full")
        return await self._inner.mark(*args)

    async def claim_messages(self, *args: object) -> object:
        self.claims += 1
        return await self._inner.claim_messages(*args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


async def test_while_a_mark_cannot_be_written_nothing_new_is_claimed(station: Station) -> None:
    await station.begin(config(channels=["desk", "me"], send_to=["desk", "me"]))
    station.feeds["wire"] = rss("Shells 0", "Shells 1")
    await station.poll()
    gate = Gate(station.store)
    station.use_store(gate)  # type: ignore[arg-type] # it has every method
    claimed_while_shut: list[object] = []

    async def look(seconds: float) -> None:
        claimed_while_shut.extend(await station.sender._claim())
        gate.is_shut = len(station.channels["desk"].sent) + gate.claims > 50
        if seconds >= 2.0:
            gate.is_shut = False

    station.sender = Sender(station.world, station.meta, station.active.settle, pause=look)
    [first, *_] = claims = await station.sender._claim()
    assert len(claims) == 2
    await station.sender._work(first)
    assert claimed_while_shut == []
    assert gate.claims == 1, "the store is not even asked"
    await station.sender._work(claims[1])
    await station.send()
    assert sorted(station.told("desk")) == [["Shells 0"], ["Shells 1"]]
    assert sorted(station.told("me")) == [["Shells 0"], ["Shells 1"]]


async def test_a_message_that_waited_behind_a_breaker_for_longer_than_it_may_is_not_dead_of_it(
    station: Station,
) -> None:
    await station.begin(BOTH)
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    desk = station.channels["desk"]
    desk.fails_with(AttemptClass.PERMANENT)
    await station.send()
    station.clock.advance(days=30)  # nobody tried: we were down
    desk.fails_with(AttemptClass.PERMANENT)
    await station.send()
    assert ("desk", "held", "breaker") in await station.states()
    desk.recovers()
    station.clock.advance(hours=1)
    await station.send()
    assert station.told("desk") == [["Shells shipped"]]


@pytest.mark.parametrize(("said", "hours"), [("", 7 * 24), (", give_up: 5h", 5)])
async def test_a_message_that_was_tried_behind_a_breaker_for_so_long_is_given_up_and_told(
    station: Station, said: str, hours: int
) -> None:
    await station.begin(BOTH.replace("https://desk.example/in'", f"https://desk.example/in'{said}"))
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    station.channels["desk"].fails_with(AttemptClass.PERMANENT)
    for _ in range(hours - 1):
        await station.send()
        station.clock.advance(hours=1)
    assert ("desk", "held", "breaker") in await station.states()
    for _ in range(3):
        await station.send()
        station.clock.advance(hours=1)
    assert ("desk", "dead", "") in await station.states()
    assert "A message for desk was given up" in [message.title for message in station.channels["me"].sent]


async def test_a_changed_address_is_tried_at_once_and_so_is_a_start(station: Station) -> None:
    await station.begin(BOTH)
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    desk = station.channels["desk"]
    desk.fails_with(AttemptClass.PERMANENT)
    await station.send()
    await station.send()
    assert len(desk.tried) == 1
    await station.restart(BOTH)
    await station.send()
    assert len(desk.tried) == 2
    desk.traits = replace(desk.traits, address="mended")
    desk.recovers()
    await station.adopt(BOTH)
    await station.send()
    assert station.told("desk") == [["Shells shipped"]]
    assert station.clock.now() - (await station.store.messages())[0].created_at < timedelta(minutes=1)


async def test_a_channel_that_is_broken_makes_the_daemon_degraded_and_leaves_it_ready(station: Station) -> None:
    await station.begin(BOTH)
    upkeep = Upkeep(station.world, station.active)
    station.state.phase = Phase.RUNNING
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    station.channels["desk"].fails_with(AttemptClass.PERMANENT)
    for expected in (False, True):
        await upkeep.gauges()
        assert (station.state.readiness()[0], station.state.degraded) == (True, expected)
        await station.send()
    station.channels["desk"].recovers()
    station.clock.advance(hours=1)
    await station.send()
    await upkeep.gauges()
    assert not station.state.degraded


async def test_the_end_of_a_silence_is_told_once_with_what_it_held_also_after_a_restart(station: Station) -> None:
    silent = with_silence("rule: shells").replace("2026-11-30", "2026-11-24")
    await station.begin(silent)
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    await station.send()
    await station.active.settle()
    assert await station.states() == []
    station.clock.advance(hours=30)
    await station.restart(silent)
    for _ in range(2):
        await station.active.settle()
        await station.send()
        await station.restart(silent)
    [message] = station.channels["desk"].sent
    assert message.title == "Silence quiet ended: it held 1 story"
    assert "Shells shipped" in message.text
    [held] = await station.store.muted("quiet")
    assert (held.title, held.muted.target) == ("Shells shipped", "desk")


async def test_a_silence_that_is_taken_out_of_the_files_is_over_and_so_is_what_the_last_look_took_back(
    station: Station,
) -> None:
    await station.begin(BOTH)
    station.feeds["wire"] = rss("Shells shipped", "Shells landed")
    await station.poll()
    await station.adopt(with_silence("words: [shipped, landed]"))
    await station.send()
    assert station.channels["desk"].sent == []
    await station.adopt(BOTH)
    await station.send()
    [message] = station.channels["desk"].sent
    assert message.title == "Silence quiet ended: it held 2 stories"


async def test_the_end_of_a_silence_waits_for_a_channel_that_is_broken(station: Station) -> None:
    silent = with_silence("words: [shipped]").replace("2026-11-30", "2026-11-24")
    await station.begin(silent)
    station.feeds["wire"] = rss("Shells shipped", "Shells landed")
    await station.poll()
    station.channels["desk"].fails_with(AttemptClass.PERMANENT)
    await station.send()
    station.clock.advance(hours=30)
    await station.active.settle()
    await station.send()
    station.channels["desk"].recovers()
    station.clock.advance(hours=1)
    await station.send()
    titles = [message.title for message in station.channels["desk"].sent if not message.alerts]
    assert titles == ["Silence quiet ended: it held 1 story"]


class Picky:
    """A store that stumbles, by a mistake of ours, over some text that a receiver sent."""

    def __init__(self, inner: Any, at: Callable[[AttemptResult], str]) -> None:
        self._inner = inner
        self._at = at

    async def mark(self, claim: object, result: AttemptResult, *more: object) -> Any:
        self._at(result).encode()
        return await self._inner.mark(claim, result, *more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


@pytest.mark.parametrize("part", ["remote", "answer"])
async def test_a_message_whose_answer_cannot_be_stored_is_sent_once(station: Station, part: str) -> None:
    await station.begin(config(channels=["desk"], send_to=["desk"]))
    station.feeds["wire"] = rss("Shells 0")
    await station.poll()
    station.use_store(Picky(station.store, lambda result: str(getattr(result, part))))
    desk = station.channels["desk"]
    usual = desk.send
    changes: dict[str, Any] = {part: "\ud800"}

    async def send(message: Message) -> AttemptResult:
        return replace(await usual(message), **changes)

    desk.send = send  # type: ignore[method-assign]
    await station.send()
    station.clock.advance(hours=1)
    await station.send()
    assert station.told("desk") == [["Shells 0"]]
    [message] = await station.store.messages(target="desk")
    assert (message.state, message.answer) == (
        MessageState.SENT,
        "the answer could not be stored; the log has the details",
    )


async def test_the_log_says_each_alert_in_one_line_and_each_message_with_its_answer(station: Station) -> None:
    await station.begin(config(channels=["desk", "me"], send_to=["desk", "me"], more="meta: {send_to: [me]}"))
    station.feeds["wire"] = rss("Shells shipped")
    with capture_logs() as logs:
        await station.poll()
        await station.send()
    [made] = [one for one in logs if one["event"] == "alert"]
    assert (made["rule"], made["headline"], made["channels"]) == ("shells", "Shells shipped", ["desk", "me"])
    assert made["story"].startswith("s")
    assert made["article"].startswith("a")
    sent = [one for one in logs if one["event"] == "message sent"]
    assert sorted(one["channel"] for one in sent) == ["desk", "me"]
    assert all(one["answer"] for one in sent)


async def test_the_seconds_from_first_seen_to_sent_are_counted_by_rule(station: Station) -> None:
    await station.begin(BOTH)
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    station.clock.advance(seconds=90)
    await station.send()
    found = station.metrics.registry.get_sample_value
    assert found("watcher_rule_seen_to_sent_seconds_count", {"rule": "shells"}) == 1
    assert found("watcher_rule_seen_to_sent_seconds_sum", {"rule": "shells"}) == 90
