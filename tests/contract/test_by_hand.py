"""Silences that people make while the program runs, and the list of changes, on every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.reporters import FEEDS, Reporters
from tests.fakes.station import config
from watcher.core.alerts.by_hand import MUTED_AT_MOST
from watcher.core.model.by_hand import HandChange, Undo
from watcher.core.model.ids import ChannelName, RuleId
from watcher.core.model.policy import ChannelState, Silence
from watcher.daemon.by_hand import ByHandDoor
from watcher.daemon.meta import Meta
from watcher.daemon.page import page_source
from watcher.errors import ControlError, StorageError
from watcher.ports import Store

RULES = "\n  - {name: Shells, all: [shells], raise: [{severity: critical, when: {title: [dozens]}}]}"
TEXT = config(rules=RULES, feeds=FEEDS[:3], channels=("desk", "ops"), send_to=("desk", "ops"))
BRIDGE = "Shells hit bridge at Nikopol, traffic stopped"
MORE = "Shells hit bridge at Nikopol and traffic is stopped"
DENIAL = "Army denies that shells hit bridge at Nikopol, traffic stopped"


def door_of(desk: Reporters) -> ByHandDoor:
    return ByHandDoor(desk.world, desk.active, Meta(desk.world))


async def test_a_rule_muted_by_hand_is_quiet_until_its_end_and_the_end_is_told(store: Store, tmp_path: Path) -> None:
    desk = await Reporters.open(tmp_path, store, TEXT)
    door = door_of(desk)
    said = await door.mute("rule", "shells", "2h", "parade", "Min, by the page")
    assert said == f"muted the rule shells (Shells) until {_in(desk, 2)}: parade"
    assert await desk.report("wire", BRIDGE) == ["silenced", "silenced"]
    assert await desk.report("paper", "Museum of Kherson shows old shells", hours=3) == ["first", "first"]
    await desk.active.settle()
    await desk.send()
    assert sum("Silence shells ended" in one.title for one in desk.channels["desk"].sent) == 1


async def test_a_silence_by_hand_outlives_a_restart_and_a_new_configuration(store: Store, tmp_path: Path) -> None:
    desk = await Reporters.open(tmp_path, store, TEXT)
    await door_of(desk).mute("feed", "wire", "1d", "", "the page")
    await desk.adopt(TEXT.replace("name: Shells", "name: Shelling, id: shells"))
    assert await desk.report("wire", BRIDGE) == ["silenced", "silenced"]
    await desk.adopt(TEXT.replace("name: Shells", "name: Barrage, was: [shells]"))
    assert [one.feed for one in await store.hand_silences()] == ["wire"]


async def test_a_silence_by_hand_follows_its_rule_to_its_new_name(store: Store, tmp_path: Path) -> None:
    desk = await Reporters.open(tmp_path, store, TEXT)
    await door_of(desk).mute("rule", "shells", "1d", "", "the page")
    await desk.adopt(TEXT.replace("name: Shells", "name: Barrage, was: [shells]"))
    assert [(one.name, one.rule) for one in await store.hand_silences()] == [("barrage", "barrage")]
    assert await desk.report("wire", BRIDGE) == ["silenced", "silenced"]


async def test_a_story_muted_on_one_channel_is_told_on_the_others(store: Store, tmp_path: Path) -> None:
    desk = await Reporters.open(tmp_path, store, TEXT)
    door = door_of(desk)
    await desk.report("wire", BRIDGE)
    await desk.send()
    story = (await store.recent_alerts())[0].story
    await door.mute("story", story, "1d", "", "a link in a message to desk", "desk")
    outcomes = await desk.report("paper", DENIAL.replace("denies", "says"), minutes=5)
    assert "silenced" in outcomes
    quiet = [one.muted.target for one in await store.muted()]
    assert set(quiet) == {"desk"}
    assert await desk.report("post", DENIAL, minutes=5) == ["update", "update"], "what takes it back is told"


@pytest.mark.parametrize(("kind", "what"), [("story", ""), ("feed", "wire"), ("rule", "shells")])
async def test_what_one_reader_mutes_on_a_channel_is_told_to_all_of_it_once(
    store: Store, tmp_path: Path, kind: str, what: str
) -> None:
    desk = await Reporters.open(tmp_path, store, TEXT)
    door = door_of(desk)
    await desk.report("wire", BRIDGE)
    await desk.send()
    what = what or (await store.recent_alerts())[0].story
    by = "a link in a message to desk, the one to ann@desk.example"
    for _ in range(2):
        await door.mute(kind, what, "1d", "enough", by, "desk")
        await desk.send()
    [told] = [one for one in desk.channels["desk"].sent if not one.alerts]
    [silence] = await store.hand_silences()
    assert told.title.startswith(f"Muted the {kind} ")
    assert f"until {_in(desk, 24)} on desk: enough" in told.title
    assert by in told.text
    assert "watcher mute --end" in told.text
    assert silence.name in told.text
    assert not [one for one in desk.channels["ops"].sent if not one.alerts]


async def test_a_mute_on_all_channels_is_on_the_page_and_tells_nobody(store: Store, tmp_path: Path) -> None:
    desk = await Reporters.open(tmp_path, store, TEXT)
    await door_of(desk).mute("rule", "shells", "1d", "", "the page")
    await desk.send()
    assert desk.channels["desk"].sent == []


async def test_an_undo_ends_the_silence_at_once_and_is_offered_once(store: Store, tmp_path: Path) -> None:
    desk = await Reporters.open(tmp_path, store, TEXT)
    door = door_of(desk)
    await door.mute("rule", "shells", "1d", "", "the page")
    assert [(one.did[:20], one.undo, one.what) for one in await door.changes()] == [
        ("muted the rule shell", "unmute", "shells")
    ]
    await door.unmute("shells", "Min, by the page")
    assert await desk.report("wire", BRIDGE) == ["first", "first"]
    assert next((one.did, one.by, one.undo) for one in await door.changes()) == (
        "ended the silence shells",
        "Min, by the page",
        "",
    )
    assert not any(one.undo for one in await door.changes())
    with pytest.raises(StorageError, match="ended already"):
        await door.unmute("shells", "the page")


@pytest.mark.parametrize(("kind", "what", "channel"), [("rule", "shells", ""), ("feed", "wire", "desk")])
async def test_the_same_asked_twice_is_one_silence(
    store: Store, tmp_path: Path, kind: str, what: str, channel: str
) -> None:
    desk = await Reporters.open(tmp_path, store, TEXT)
    door = door_of(desk)
    await door.mute(kind, what, "1d", "", "the page", channel)
    for _ in range(5):
        desk.clock.advance(seconds=61)
        assert "muted already" in await door.mute(kind, what, "1d", "", "the page", channel)
    assert "muted already" in await door.mute(kind, what, "1h", "", "the page", channel)
    await door.mute(kind, what, "3d", "longer", "Min, by the page", channel)
    [silence] = await store.hand_silences()
    assert (silence.name, silence.by, silence.ends_at) == (
        what,
        "Min, by the page",
        desk.clock.now() + timedelta(days=3),
    )
    [undo] = [one.what for one in await door.changes() if one.undo]
    await door.unmute(undo, "the page")
    assert await desk.report("wire", BRIDGE) == ["first", "first"]


async def test_another_channel_or_another_kind_is_another_silence(store: Store, tmp_path: Path) -> None:
    desk = await Reporters.open(tmp_path, store, TEXT)
    door = door_of(desk)
    for kind, what, channel in (("rule", "shells", ""), ("rule", "shells", "desk"), ("feed", "wire", "")):
        assert "already" not in await door.mute(kind, what, "1d", "", "the page", channel)
    assert len(await store.hand_silences()) == 3


async def test_silences_of_the_same_that_stand_beside_each_other_become_one(store: Store, tmp_path: Path) -> None:
    desk = await Reporters.open(tmp_path, store, TEXT)
    door, now = door_of(desk), desk.clock.now()
    await door.mute("rule", "shells", "1d", "", "the page")
    [one] = await store.hand_silences()
    await store.add_silence(replace(one, name="shells (2)"), HandChange(now, "x", "y"))
    await door.mute("rule", "shells", "7d", "", "the page")
    assert len(await store.hand_silences()) == 1


async def test_what_cannot_be_muted_is_refused_with_a_hint(store: Store, tmp_path: Path) -> None:
    desk = await Reporters.open(tmp_path, store, TEXT)
    door = door_of(desk)
    for kind, what, span, channel, why in (
        ("rule", "shell", "1d", "", "did you mean"),
        ("rule", "", "1d", "", "no rule"),
        ("feed", "x" * 9000, "1d", "", "no feed"),
        ("story", "s", "1d", "", "no story"),
        ("story", "szzzz\0'; --", "1d", "", "no story"),
        ("word", "shells", "1d", "", "cannot be muted"),
        ("rule", "shells", "100000d", "", "no length"),
        ("rule", "shells", "", "", "no length"),
        ("rule", "shells", "1d", "nowhere", "no channel"),
    ):
        with pytest.raises(ControlError, match=why):
            await door.mute(kind, what, span, "", "the page", channel)
    assert await store.hand_silences() == []


async def test_silences_by_hand_do_not_pile_up(store: Store, tmp_path: Path) -> None:
    desk = await Reporters.open(tmp_path, store, TEXT)
    door = door_of(desk)
    now = desk.clock.now()
    await door.mute("feed", "wire", "7d", "", "the page")
    one = (await store.hand_silences())[0]
    for number in range(MUTED_AT_MOST - 1):
        await store.add_silence(replace(one, name=f"n{number}"), HandChange(now, "x", "y"))
    with pytest.raises(ControlError, match="end some"):
        await door.mute("feed", "paper", "7d", "", "the page")


async def test_a_name_is_taken_once(store: Store, tmp_path: Path) -> None:
    desk = await Reporters.open(tmp_path, store, TEXT)
    now = desk.clock.now()
    one = Silence("n", RuleId("shells"), starts_at=now, ends_at=now, channel=ChannelName("desk"), by="Min")
    await store.add_silence(one, HandChange(now, "Min", "muted", Undo.UNMUTE, "n"))
    with pytest.raises(StorageError, match="already"):
        await store.add_silence(one, HandChange(now, "Min", "muted again"))
    assert await store.hand_silences() == [one]
    assert [change.did for change in await store.changes()] == ["muted"]


def _in(desk: Reporters, hours: int) -> str:
    end = desk.clock.now() + timedelta(hours=hours)
    return f"{end.day} {end:%b %H:%M} UTC"


ANN, BOB = "ann@desk.example", "bob@desk.example"


async def mail_desk(
    tmp_path: Path, store: Store, *, meta: str = "[ops]", recipients: tuple[str, ...] = (ANN, BOB)
) -> Reporters:
    desk = await Reporters.open(tmp_path, store, TEXT + f"\nmeta: {{send_to: {meta}}}\n")
    desk.channels["desk"].traits = replace(desk.channels["desk"].traits, recipients=recipients)
    return desk


async def test_who_asks_for_no_more_gets_no_more_and_meta_is_told(store: Store, tmp_path: Path) -> None:
    desk = await mail_desk(tmp_path, store)
    door = door_of(desk)
    await desk.report("wire", BRIDGE)
    assert "paused ann" in await door.unsubscribe("desk", ANN, "a link in a message to desk")
    assert "already" in await door.unsubscribe("desk", ANN, "a link in a message to desk")
    await desk.send()
    await desk.report("paper", "Museum of Kherson shows old shells", minutes=40)
    await desk.send()
    assert [one.recipients for one in desk.channels["desk"].sent] == [(BOB,), (BOB,)]
    told = [one.title for one in desk.channels["ops"].sent if not one.alerts]
    assert told == [f"desk: {ANN} gets no more messages"]
    assert [(one.channel, one.recipient) for one in await store.paused_recipients()] == [("desk", ANN)]


async def test_what_is_for_a_channel_that_everybody_left_is_held_and_told_elsewhere_until_an_undo(
    store: Store, tmp_path: Path
) -> None:
    desk = await mail_desk(tmp_path, store)
    await desk.adopt(
        TEXT.replace("send_to: [desk, ops]", "send_to: [ops]").replace("all: [", "send_to: [desk], all: [")
    )
    door = door_of(desk)
    for one in (ANN, BOB):
        await door.unsubscribe("desk", one, "a link in a message to desk")
    assert await desk.report("wire", BRIDGE) == ["first", "first"]
    await desk.send()
    assert desk.channels["desk"].sent == []
    assert desk.told("ops") == [[BRIDGE]]
    assert ("desk", "held", "channel") in await desk.states()
    undo = next(one for one in await door.changes() if one.undo)
    assert (undo.undo, undo.what) == ("resume", f"desk {BOB}")
    await door.resume(undo.what, "Min, by the page")
    await desk.send()
    assert [one.recipients for one in desk.channels["desk"].sent] == [(BOB,)], "what was held is told after an undo"
    await desk.report("paper", "Museum of Kherson shows old shells", minutes=40)
    await desk.send()
    assert [one.recipients for one in desk.channels["desk"].sent] == [(BOB,), (BOB,)]
    with pytest.raises(StorageError, match="not paused"):
        await door.resume(f"desk {BOB}", "the page")


async def test_what_waits_when_the_last_recipient_leaves_is_told_elsewhere(store: Store, tmp_path: Path) -> None:
    desk = await mail_desk(tmp_path, store, recipients=(ANN,))
    await desk.adopt(
        TEXT.replace("send_to: [desk, ops]", "send_to: [ops]").replace("all: [", "send_to: [desk], all: [")
    )
    await desk.report("wire", BRIDGE)
    await door_of(desk).unsubscribe("desk", ANN, "a link in a message to desk")
    await desk.send()
    assert desk.told("ops") == [[BRIDGE]]
    assert desk.channels["desk"].sent == []


@pytest.mark.parametrize("meta", ["[desk]", "[desk, ops]"])
async def test_meta_is_told_elsewhere_where_the_last_recipient_of_its_channel_left(
    store: Store, tmp_path: Path, meta: str
) -> None:
    desk = await mail_desk(tmp_path, store, meta=meta, recipients=(ANN,))
    await door_of(desk).unsubscribe("desk", ANN, "a link in a message to desk")
    await desk.send()
    await desk.meta.tell_directly("disk full", "The disk is full", "Polling is paused.")
    other = desk.channels["ops" if "ops" in meta else "console"]
    assert [one.title for one in other.sent] == [f"desk: {ANN} gets no more messages", "The disk is full"]
    assert "Nobody is left" in other.sent[0].text
    assert desk.channels["desk"].tried == []


async def test_the_page_says_of_a_channel_that_everybody_left_that_it_is_off(store: Store, tmp_path: Path) -> None:
    desk = await mail_desk(tmp_path, store)
    door = door_of(desk)
    said = []
    for one in (ANN, BOB):
        await door.unsubscribe("desk", one, "a link")
        said.append(dict((await page_source(desk.world, desk.active, door).overview()).channels))
    assert said[0]["desk"] == "ready"
    assert "everybody it writes to asked for no more" in said[1]["desk"]
    assert said[1]["ops"] == "ready"


async def test_a_channel_that_everybody_left_stays_off_over_a_restart(store: Store, tmp_path: Path) -> None:
    desk = await mail_desk(tmp_path, store, recipients=(ANN,))
    await door_of(desk).unsubscribe("desk", ANN, "a link in a message to desk")
    await desk.adopt(TEXT.replace("name: Shells", "name: Shelling, id: shells"))
    assert "desk" not in desk.world.ruling().channels
    assert desk.world.ruling().policy.channels[ChannelName("desk")] is ChannelState.OFF
    await desk.adopt(TEXT.replace("  desk: {", "  mail: {was: [desk], ").replace("[desk, ops]", "[mail, ops]"))
    assert "mail" in desk.world.ruling().channels, "a channel without recipients of its own is not left by them"


async def test_what_was_changed_while_a_configuration_is_adopted_is_in_force_at_once(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await mail_desk(tmp_path, store)
    door, activate = door_of(desk), store.activate

    async def meanwhile(*given: Any) -> None:
        await activate(*given)
        await door.mute("rule", "shells", "1d", "", "the page")
        await door.unsubscribe("desk", ANN, "a link")
        monkeypatch.setattr(store, "hand_silences", locked)

    async def locked() -> None:
        raise StorageError("the database is locked")

    monkeypatch.setattr(store, "activate", meanwhile)
    moved = TEXT.replace("name: Shells", "name: Barrage, was: [shells]")
    moved = moved.replace("  desk: {", "  mail: {was: [desk], ").replace("[desk, ops]", "[mail, ops]")
    await desk.adopt(moved)
    policy = desk.world.ruling().policy
    assert [(one.name, one.rule) for one in policy.silences] == [("barrage", "barrage")]
    assert policy.paused == {"mail": frozenset({ANN})}


async def test_who_is_paused_stays_so_over_a_restart_and_a_renamed_channel(store: Store, tmp_path: Path) -> None:
    desk = await mail_desk(tmp_path, store)
    await door_of(desk).unsubscribe("desk", ANN, "a link in a message to desk")
    moved = TEXT.replace("  desk: {", "  mail: {was: [desk], ").replace("[desk, ops]", "[mail, ops]")
    await desk.adopt(moved)
    assert desk.world.ruling().policy.paused == {"mail": frozenset({ANN})}


@pytest.mark.parametrize("state", ["paused: true, ", ""])
async def test_who_gets_mails_of_a_channel_that_is_off_can_still_ask_for_no_more(
    store: Store, tmp_path: Path, state: str
) -> None:
    desk = await Reporters.open(tmp_path, store, TEXT)
    mail = f"\n  mail: {{type: email, {state}to: [{ANN}, {BOB}]}}\ndefaults:"  # its mail server is not set
    await desk.adopt(TEXT.replace("\ndefaults:", mail))
    assert "mail" not in desk.world.ruling().channels
    assert "paused ann" in await door_of(desk).unsubscribe("mail", ANN, "a link")
    assert desk.world.ruling().policy.paused == {"mail": frozenset({ANN})}
    with pytest.raises(ControlError, match="no recipient"):
        await door_of(desk).unsubscribe("mail", "eve@desk.example", "a link")


async def test_what_is_stored_is_done_although_it_is_not_in_force_yet(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await mail_desk(tmp_path, store)
    door = door_of(desk)

    async def locked(*given: Any, **named: Any) -> None:
        raise StorageError("the database is locked")

    with monkeypatch.context() as now:
        now.setattr(store, "settle_channels", locked)
        now.setattr(store, "paused_recipients", locked)
        now.setattr(store, "note_change", locked)
        later = "in force within a minute"
        assert later in await door.mute("rule", "shells", "1d", "", "the page")
        assert later in await door.unsubscribe("desk", ANN, "a link")
        assert later in await door.resume(f"desk {ANN}", "the page")
        assert later in await door.unmute("shells", "the page")
        assert later in await door.mute("feed", "wire", "1d", "", "the page")
        await desk.report("paper", BRIDGE)
        held = (await store.messages(limit=9))[0]
        assert "again" in await door.retry(held.id, "the page")
    await desk.active.settle()
    assert [one.feed for one in desk.world.ruling().policy.silences] == ["wire"]


@pytest.mark.parametrize("what", ["rule", "channel"])
async def test_a_change_can_be_undone_after_a_rename(store: Store, tmp_path: Path, what: str) -> None:
    desk = await mail_desk(tmp_path, store)
    door = door_of(desk)
    await door.mute("rule", "shells", "1d", "", "the page")
    await door.unsubscribe("desk", ANN, "a link")
    rule = TEXT.replace("name: Shells", "name: Barrage, was: [shells]")
    room = TEXT.replace("  desk: {", "  mail: {was: [desk], ").replace("[desk, ops]", "[mail, ops]")
    await desk.adopt(rule if what == "rule" else room)
    undone = {one.undo: one.what for one in await door.changes() if one.undo}
    assert undone == {
        "unmute": "barrage" if what == "rule" else "shells",
        "resume": f"{'mail' if what == 'channel' else 'desk'} {ANN}",
    }
    await door.unmute(undone["unmute"], "the page")
    await door.resume(undone["resume"], "the page")


async def test_only_a_recipient_can_be_paused(store: Store, tmp_path: Path) -> None:
    desk = await mail_desk(tmp_path, store)
    for channel, who in (("desk", "eve@desk.example"), ("nowhere", ANN), ("ops", ANN), ("", "")):
        with pytest.raises(ControlError, match="no recipient"):
            await door_of(desk).unsubscribe(channel, who, "a link")
