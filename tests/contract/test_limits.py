"""A rule rings one channel so often, then what is over comes as one summary: nothing is lost by it, on every store."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.reporters import FEEDS, Reporters
from tests.fakes.station import config
from watcher.core.model.message import MessageState
from watcher.ports import Store

pytestmark = pytest.mark.filterwarnings("error")

PLACES = ("Sumy", "Kherson", "Nikopol", "Izmail", "Odesa", "Chernihiv", "Poltava", "Lviv")
WHAT = (
    "Shells found in a shed near {}",
    "Museum of {} shows old shells",
    "Shells hit bridge at {}, traffic stopped",
    "Factory in {} begins to make shells",
    "Customs seize shells on a lorry in {}",
    "Fishermen of {} catch shells in their nets",
    "Mayor of {} wants shells removed from park",
    "Train with shells derails outside {}",
)
STORIES = [text.format(place) for text, place in zip(WHAT, PLACES, strict=True)]


def rules(limit: str = "", severity: str = "normal") -> str:
    return f"\n  - {{name: Shells, all: [shells], severity: {severity}{limit}}}"


async def opened(store: Store, folder: Path, text: str) -> Reporters:
    return await Reporters.open(folder, store, text)


async def held(desk: Reporters) -> list[tuple[str, str, str]]:
    return [one for one in await desk.states() if one[1] == "held"]


async def look(desk: Reporters) -> None:
    """Do the chore of each minute, and send."""
    await desk.active.settle()
    await desk.send()


async def test_the_fourth_story_within_half_an_hour_waits_and_comes_in_a_summary(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, config(rules=rules(), feeds=FEEDS[:3]))
    for number in range(6):
        assert await desk.report("wire", STORIES[number], minutes=5) == ["first"]
        await look(desk)
    assert desk.told("desk") == [[title] for title in STORIES[:3]]
    assert await held(desk) == [("desk", "held", "limit")] * 3
    desk.clock.advance(minutes=4)
    await look(desk)
    assert len(desk.told("desk")) == 3
    desk.clock.advance(minutes=1)
    await look(desk)
    assert sorted(desk.told("desk")[3]) == sorted(STORIES[3:6])
    assert await held(desk) == []


async def test_the_story_after_a_summary_begins_a_new_half_hour(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, config(rules=rules(), feeds=FEEDS[:3]))
    for number in range(4):
        await desk.report("wire", STORIES[number], minutes=1)
        await look(desk)
    desk.clock.advance(minutes=30)
    await look(desk)
    for number in range(4, 8):
        await desk.report("wire", STORIES[number], minutes=1)
        await look(desk)
    assert desk.told("desk")[3:] == [[title] for title in STORIES[3:7]]
    assert await held(desk) == [("desk", "held", "limit")]


async def test_critical_alerts_and_denials_do_not_wait(store: Store, tmp_path: Path) -> None:
    both = rules() + "\n  - {name: Alarm, all: [derails], severity: critical}"
    desk = await opened(store, tmp_path, config(rules=both, feeds=FEEDS[:3]))
    for number in range(4):
        await desk.report("wire", STORIES[number], minutes=1)
    assert await desk.report("wire", STORIES[7], minutes=1) == ["first", "first"]
    assert await desk.report("paper", "Army denies that shells hit bridge at Nikopol, traffic stopped") == ["update"]
    await look(desk)
    told = desk.told("desk")
    assert [STORIES[7], STORIES[7]] in told  # by both rules
    assert ["Army denies that shells hit bridge at Nikopol, traffic stopped"] in told
    assert [STORIES[3]] not in told


async def test_a_denial_of_what_a_limit_holds_goes_with_it(store: Store, tmp_path: Path) -> None:
    """Who was not told the claim is not rung for its denial, nor told the claim as news after it."""
    desk = await opened(store, tmp_path, config(rules=rules(", limit: {stories: 1, per: 2h}"), feeds=FEEDS[:3]))
    for number in (0, 2):
        await desk.report("wire", STORIES[number], minutes=1)
    denial = "Army denies that shells hit bridge at Nikopol, traffic stopped"
    assert await desk.report("paper", denial, minutes=5) == ["update"]
    for _ in range(2):
        await look(desk)
        assert desk.told("desk") == [[STORIES[0]]]
        desk.clock.advance(minutes=40)
    desk.clock.advance(minutes=40)
    await look(desk)
    assert sorted(desk.told("desk")[1]) == sorted([denial, STORIES[2]])
    assert await held(desk) == []


async def test_a_copy_of_what_a_limit_holds_folds_into_it(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, config(rules=rules(), feeds=FEEDS[:3]))
    for number in range(4):
        await desk.report("wire", STORIES[number], minutes=1)
    assert await desk.report("paper", STORIES[3], minutes=1) == ["folded"]


@pytest.mark.parametrize("limit", [", limit: none", ", limit: {stories: 9}", ", limit: {stories: 1, per: 1m}"])
async def test_a_limit_that_is_changed_lets_go_what_waits_within_a_minute(
    store: Store, tmp_path: Path, limit: str
) -> None:
    desk = await opened(store, tmp_path, config(rules=rules(), feeds=FEEDS[:3]))
    for number in range(5):
        await desk.report("wire", STORIES[number], minutes=1)
    await look(desk)
    assert len(await held(desk)) == 2
    desk.clock.advance(minutes=1)
    await desk.adopt(config(rules=rules(limit), feeds=FEEDS[:3]))
    await look(desk)
    assert await held(desk) == []
    assert sorted(title for message in desk.told("desk") for title in message) == sorted(STORIES[:5])


async def test_what_a_limit_holds_for_a_channel_that_is_taken_out_is_told_to_the_default_one(
    store: Store, tmp_path: Path
) -> None:
    desk = await opened(store, tmp_path, config(rules=rules(), feeds=FEEDS[:3]))
    for number in range(5):
        await desk.report("wire", STORIES[number], minutes=1)
    await look(desk)
    await desk.adopt(config(rules=rules(), feeds=FEEDS[:3], channels=["me"], send_to=["me"]))
    await look(desk)
    assert sorted(title for message in desk.told("me") for title in message) == sorted(STORIES[3:5])


async def test_what_a_limit_holds_is_sent_by_hand(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, config(rules=rules(), feeds=FEEDS[:3]))
    for number in range(4):
        await desk.report("wire", STORIES[number], minutes=1)
    await look(desk)
    [waiting] = [one for one in await store.messages() if one.state is MessageState.HELD]
    await store.retry_message(waiting.id, desk.clock.now())
    await desk.send()
    assert desk.told("desk")[3:] == [[STORIES[3]]]


async def test_the_console_is_not_limited(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, config(rules=rules(), feeds=FEEDS[:3], channels=[], send_to=["console"]))
    for number in range(6):
        await desk.report("wire", STORIES[number], minutes=1)
    assert await held(desk) == []
