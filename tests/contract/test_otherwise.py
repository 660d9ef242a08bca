"""What a channel cannot take is told to the one that its `otherwise` names, once, on every store."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.fakes.reporters import FEEDS, Reporters
from tests.fakes.station import config
from watcher.core.model.by_hand import HandChange
from watcher.core.model.ids import ChannelName, RuleId
from watcher.core.model.message import AttemptClass, MessageKind
from watcher.core.model.policy import Silence
from watcher.ports import Store

TOWNS = ("Shells hit bridge at Nikopol", "Shells fell on the port of Odesa", "Shells set a mill near Sumy on fire")


def text(otherwise: str = "me", more: str = "", meta: str = "") -> str:
    """Return a configuration of three channels, of which `desk` names another one."""
    written = config(
        rules="\n  - {name: Shells, all: [shells]}", feeds=FEEDS[:2], channels=("desk", "me", "ops"), more=more
    )
    named = f", otherwise: {otherwise}" if otherwise else ""
    return written.replace("https://desk.example/in'}", f"https://desk.example/in'{named}}}") + meta


async def opened(store: Store, folder: Path, written: str) -> Reporters:
    desk = await Reporters.open(folder, store, written)
    for name in FEEDS[:2]:
        await desk.read(name)
    return desk


async def tell(desk: Reporters, title: str) -> None:
    await desk.report("wire", title, minutes=1)
    await desk.active.settle()
    await desk.send()


def notes(desk: Reporters, channel: str) -> list[str]:
    return [alert.note for message in desk.channels[channel].sent for alert in message.alerts]


async def test_what_a_broken_channel_holds_and_what_comes_for_it_goes_to_the_channel_that_it_names(
    store: Store, tmp_path: Path
) -> None:
    desk = await opened(store, tmp_path, text())
    desk.channels["desk"].fails_with(AttemptClass.PERMANENT, answer="404 no_service", times=3)
    for title in TOWNS:
        await tell(desk, title)
    assert desk.told("me") == [[TOWNS[0]], [TOWNS[1]], [TOWNS[2]]]
    assert notes(desk, "me") == ["sent here because the channel desk takes no messages now"] * 3
    assert desk.told("ops") == []
    for _ in range(5):  # nothing of it is told again
        desk.clock.advance(minutes=1)
        await desk.active.settle()
        await desk.send()
    assert len(desk.told("me")) == 3
    for _ in range(3):  # it is probed each hour
        desk.clock.advance(hours=1)
        await desk.send()
    assert sorted(title for message in desk.told("desk") for title in message) == sorted(TOWNS)
    assert set(notes(desk, "desk")) == {"also sent to me"}


async def test_several_that_were_held_when_the_breaker_opened_are_one_summary_elsewhere(
    store: Store, tmp_path: Path
) -> None:
    desk = await opened(store, tmp_path, text())
    for title in TOWNS:
        await desk.report("wire", title, minutes=1)
    desk.channels["desk"].fails_with(AttemptClass.PERMANENT)
    await desk.send()
    assert [sorted(message) for message in desk.told("me")] == [sorted(TOWNS)]


async def test_a_message_that_is_given_up_is_told_elsewhere_once_and_goes_round_in_no_circle(
    store: Store, tmp_path: Path
) -> None:
    desk = await opened(store, tmp_path, text(meta="\nmeta: {send_to: [desk, me]}"))
    for name in ("desk", "me"):
        desk.channels[name].fails_with(AttemptClass.CONTENT, times=99)
    await tell(desk, TOWNS[0])
    for _ in range(4):
        desk.clock.advance(minutes=1)
        await desk.active.settle()
        await desk.send()
    tried = {name: sum(bool(one.alerts) for one in desk.channels[name].tried) for name in ("desk", "me", "ops")}
    assert tried == {"desk": 2, "me": 2, "ops": 0}, "each tried it whole and plain"
    dead = [one.target for one in await store.messages(state="dead") if one.kind is MessageKind.ALERT]
    assert sorted(dead) == ["desk", "me"]


async def test_what_the_other_channel_was_told_is_not_told_again(store: Store, tmp_path: Path) -> None:
    written = text().replace("send_to: [desk]", "send_to: [desk, me]")
    desk = await opened(store, tmp_path, written)
    desk.channels["desk"].fails_with(AttemptClass.PERMANENT, times=9)
    for title in TOWNS[:2]:
        await tell(desk, title)
    assert desk.told("me") == [[TOWNS[0]], [TOWNS[1]]]
    assert notes(desk, "me") == ["", ""]


async def test_where_the_other_channel_is_broken_too_the_next_of_the_way_is_told(store: Store, tmp_path: Path) -> None:
    written = text().replace("https://me.example/in'}", "https://me.example/in', otherwise: ops}")
    desk = await opened(store, tmp_path, written)
    for name in ("me", "desk"):
        desk.channels[name].fails_with(AttemptClass.PERMANENT, times=9)
    await tell(desk, TOWNS[0])
    await tell(desk, TOWNS[1])
    titles = [title for message in desk.told("ops") for title in message]
    assert sorted(titles) == sorted(TOWNS[:2])


async def test_without_a_name_the_first_channel_of_meta_is_told(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, text(otherwise="", meta="\nmeta: {send_to: [desk, ops]}"))
    desk.channels["desk"].fails_with(AttemptClass.PERMANENT, times=9)
    await tell(desk, TOWNS[0])
    assert [message for message in desk.told("ops") if message] == [[TOWNS[0]]]
    assert desk.told("me") == []


async def test_a_channel_that_is_off_is_stood_for_by_the_one_it_names(store: Store, tmp_path: Path) -> None:
    written = (
        text().replace("otherwise: me", "otherwise: me, paused: true").replace("send_to: [desk]", "send_to: [ops]")
    )
    desk = await opened(store, tmp_path, written.replace("all: [shells]", "all: [shells], send_to: [desk]"))
    await tell(desk, TOWNS[0])
    assert (desk.told("me"), desk.told("ops")) == ([[TOWNS[0]]], [])


async def test_what_waits_for_its_hour_is_told_elsewhere_once_it_could_have_rung(store: Store, tmp_path: Path) -> None:
    day = "schedules: {later: {at: '19:00', zone: UTC}}"
    written = text("me, digest: later", more=day).replace(
        "all: [shells]", "all: [shells]}\n  - {name: Fires, all: [fire], severity: high"
    )
    desk = await opened(store, tmp_path, written)
    desk.channels["desk"].fails_with(AttemptClass.PERMANENT, times=9)
    await tell(desk, TOWNS[0])
    await tell(desk, TOWNS[1])
    await tell(desk, "Fire in a mill near Rivne")
    assert desk.told("me") == [["Fire in a mill near Rivne"]]
    desk.clock.advance(hours=1)
    await desk.active.settle()
    await desk.send()
    assert [sorted(message) for message in desk.told("me")][1:] == [sorted(TOWNS[:2])]


def held(*names: str) -> str:
    """Return a configuration of three channels that all hear about watcher, in the order of these names."""
    return text(otherwise="", meta=f"\nmeta: {{send_to: [{', '.join(names)}]}}")


async def test_what_a_breaker_holds_is_told_to_the_first_channel_that_is_free_again(
    store: Store, tmp_path: Path
) -> None:
    desk = await opened(store, tmp_path, held("me", "desk"))
    for name in ("me", "desk"):
        desk.channels[name].fails_with(AttemptClass.PERMANENT, times=9)
    await store.notify([ChannelName("me")], "a", "A word", "", desk.clock.now())
    await desk.send()
    await tell(desk, TOWNS[0])
    await tell(desk, TOWNS[1])
    assert (desk.told("me"), desk.told("desk"), desk.told("ops")) == ([], [], [])
    desk.channels["me"].recovers()
    desk.clock.advance(hours=1)
    for _ in range(3):
        await desk.send()
        await desk.active.settle()
    titles = [sorted(message) for message in desk.told("me") if message]
    assert titles == [sorted(TOWNS[:2])], "one summary"


async def test_every_other_channel_of_meta_stands_in_and_what_one_told_is_not_told_by_the_next(
    store: Store, tmp_path: Path
) -> None:
    desk = await opened(store, tmp_path, held("me", "ops", "desk"))
    for name in ("me", "desk"):
        desk.channels[name].fails_with(AttemptClass.PERMANENT, times=9)
    await store.notify([ChannelName("me")], "a", "A word", "", desk.clock.now())
    await desk.send()
    await tell(desk, TOWNS[0])
    assert [message for message in desk.told("ops") if message] == [[TOWNS[0]]]
    desk.channels["me"].recovers()
    desk.clock.advance(hours=1)
    for _ in range(3):
        await desk.send()
        await desk.active.settle()
    assert [message for message in desk.told("me") if message] == []


async def test_an_alert_says_that_another_channel_has_it_only_where_that_took_it(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, text())
    desk.channels["desk"].fails_with(AttemptClass.PERMANENT, times=2)
    desk.channels["me"].fails_with(AttemptClass.PERMANENT, times=99)
    await tell(desk, TOWNS[0])
    await tell(desk, TOWNS[1])
    for _ in range(3):
        desk.clock.advance(hours=1)
        await desk.send()
    assert sorted(title for message in desk.told("desk") for title in message) == sorted(TOWNS[:2])
    assert set(notes(desk, "desk")) == {""}


async def test_what_is_muted_on_a_channel_is_not_told_instead_of_it(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, text())
    await tell(desk, TOWNS[0])
    for name in ("me", "desk"):
        desk.channels[name].fails_with(AttemptClass.PERMANENT, times=9)
        await store.notify([ChannelName(name)], name, "A word", "", desk.clock.now())
    await desk.send()
    await tell(desk, TOWNS[1])
    now = desk.clock.now()
    mute = Silence(
        "shells", RuleId("shells"), channel=ChannelName("desk"), starts_at=now, ends_at=now + timedelta(days=1)
    )
    await store.add_silence(mute, HandChange(now, "Min", "muted"))
    await desk.active.take_changes()
    await tell(desk, TOWNS[2])
    desk.channels["me"].recovers()
    desk.clock.advance(hours=1)
    for _ in range(3):
        await desk.send()
        await desk.active.settle()
    await tell(desk, "Shells fell on a farm near Reni")
    titles = [title for message in desk.told("me") for title in message]
    assert titles == [], "neither what waited nor what comes now"


async def test_a_copy_of_what_a_channel_took_before_it_broke_is_not_told_elsewhere(
    store: Store, tmp_path: Path
) -> None:
    desk = await opened(store, tmp_path, text())
    lead = (
        "The bridge at Nikopol was hit by three shells on Monday evening, the regional governor told reporters there."
    )
    await desk.report("wire", TOWNS[0], lead, minutes=1)
    await desk.send()
    desk.channels["desk"].fails_with(AttemptClass.PERMANENT, times=9)
    await store.notify([ChannelName("desk")], "a", "A word", "", desk.clock.now())
    await desk.send()
    assert "skipped" in await desk.report("paper", TOWNS[0], lead, minutes=1)
    await desk.active.settle()
    await desk.send()
    assert desk.told("me") == []
    await tell(desk, TOWNS[1])
    assert desk.told("me") == [[TOWNS[1]]]


async def test_the_first_that_a_mended_channel_takes_is_one_summary_of_all_that_waited(
    store: Store, tmp_path: Path
) -> None:
    desk = await opened(store, tmp_path, text())
    desk.channels["desk"].fails_with(AttemptClass.PERMANENT, times=99)
    for title in TOWNS:
        await tell(desk, title)
    desk.clock.advance(hours=1)
    await desk.active.settle()
    await desk.send()
    desk.channels["desk"].recovers()
    await desk.report("wire", "Shells fell on a farm near Reni", minutes=1)
    desk.clock.advance(hours=1)
    await desk.active.settle()
    await desk.send()
    assert [len(titles) for titles in desk.told("desk")] == [4], "what came after a try that failed is in it too"
    [message] = desk.channels["desk"].sent
    assert message.down is not None
    assert (message.down[1] - message.down[0]) >= timedelta(hours=2)
    held = [one for one in await store.messages(limit=50) if one.target == "desk" and one.state.value == "held"]
    assert held == []


async def test_the_first_that_a_mended_channel_takes_names_what_died_of_age_meanwhile(
    store: Store, tmp_path: Path
) -> None:
    desk = await opened(store, tmp_path, text().replace("otherwise: me", "otherwise: me, give_up: 1d"))
    desk.channels["desk"].fails_with(AttemptClass.PERMANENT, times=99)
    for title in TOWNS[:2]:
        await tell(desk, title)
    for _ in range(26):
        desk.clock.advance(hours=1)
        await desk.active.settle()
        await desk.send()
    dead = await store.messages(limit=50, state="dead", target="desk")
    assert len(dead) == 1
    desk.channels["desk"].recovers()
    await tell(desk, TOWNS[2])
    desk.clock.advance(hours=1)
    await desk.active.settle()
    await desk.send()
    [message] = desk.channels["desk"].sent
    assert {(one.message, one.title) for one in message.died} == {(dead[0].id, title) for title in TOWNS[:2]}
    assert message.died_in_all == 2
    await tell(desk, "Shells fell on a farm near Reni")
    assert desk.channels["desk"].sent[-1].died == ()


async def test_what_may_have_arrived_is_tried_again_as_it_is_and_the_rest_follows(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, text())
    await desk.report("wire", TOWNS[0], minutes=1)
    desk.channels["desk"].fails_with(AttemptClass.UNKNOWN, times=1)
    await desk.send()
    desk.clock.advance(hours=1)
    desk.channels["desk"].fails_with(AttemptClass.PERMANENT, times=1)
    await desk.send()
    for title in TOWNS[1:]:
        await tell(desk, title)
    desk.clock.advance(hours=1)
    await desk.active.settle()
    await desk.send()
    assert [sorted(titles) for titles in desk.told("desk")] == [[TOWNS[0]], sorted(TOWNS[1:])]
