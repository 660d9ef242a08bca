"""Once a day a channel is told what its day was: what it heard, what was held back, what needs a look; once, over
restarts, processes and both changes of the clock. On every store.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.contract.test_gather import PLANT, PLANT_LEAD, PLANT_MORE, look
from tests.contract.test_limits import STORIES
from tests.fakes.reporters import FEEDS, Reporters
from tests.fakes.station import config
from watcher.core.model.by_hand import HandChange
from watcher.core.model.ids import ChannelName, RuleId
from watcher.core.model.message import AttemptClass, Message, MessageKind
from watcher.core.model.policy import Silence
from watcher.daemon.wraps import WrapWatch
from watcher.ports import Store

pytestmark = pytest.mark.filterwarnings("error")

ZONE = ZoneInfo("Europe/Paris")
RULE = "\n  - {name: Shells, all: [shells], severity: high, limit: {stories: 2}}\n  - {name: Never, all: [zebras]}"
DENIAL = "Army denies shells hit chemical plant in Dellbrook, workers injured"


def text(wrap: str = '{at: "08:00"}', zone: str = "UTC", more: str = "") -> str:
    made = config(rules=RULE, feeds=FEEDS[:3], more=more)
    made = made.replace(
        "webhook_url: 'https://desk.example/in'", f"webhook_url: 'https://desk.example/in', wrap: {wrap}"
    )
    return made.replace("defaults: {", f"defaults: {{zone: {zone}, ")


async def opened(store: Store, folder: Path, configuration: str = "") -> tuple[Reporters, WrapWatch]:
    desk = await Reporters.open(folder, store, configuration or text())
    at = desk.clock.now().replace(hour=9, minute=0, second=0) + timedelta(days=1)
    desk.clock.advance(seconds=(at - desk.clock.now()).total_seconds())
    watch = WrapWatch(desk.world, desk.active)
    await watch.look()  # the day before had nothing of interest
    await look(desk)
    desk.channels["desk"].sent.clear()
    return desk, watch


def wraps(desk: Reporters) -> list[Message]:
    return [one for one in desk.channels["desk"].sent if one.kind is MessageKind.META]


async def next_morning(desk: Reporters, watch: WrapWatch, hour: int = 8) -> None:
    now = desk.clock.now()
    at = (now + timedelta(days=1)).replace(hour=hour, minute=0)
    desk.clock.advance(seconds=(at - now).total_seconds())
    await watch.look()
    await desk.send()


async def test_the_wrap_lists_each_story_once_with_what_changed(store: Store, tmp_path: Path) -> None:
    desk, watch = await opened(store, tmp_path)
    await desk.report("wire", PLANT, PLANT_LEAD)
    await desk.report("paper", PLANT, PLANT_LEAD, minutes=1)
    await look(desk)
    await desk.report("post", DENIAL, PLANT_LEAD, minutes=30)
    await look(desk)
    await next_morning(desk, watch)
    [wrap] = wraps(desk)
    assert "1 story, 1 changed" in wrap.title
    [line] = [line for line in wrap.text.splitlines() if PLANT in line]
    assert line.startswith("- 09:01 high: UPDATE: denied (09:31); first told: ")
    assert "1 copy of what was told" in wrap.text


async def test_the_wrap_says_what_was_held_back(store: Store, tmp_path: Path) -> None:
    desk, watch = await opened(store, tmp_path)
    desk.clock.advance(hours=22, minutes=50)
    for title in STORIES[:4]:
        await desk.report("wire", title, minutes=1)
        await look(desk)
    await next_morning_today(desk, watch)
    [wrap] = wraps(desk)
    assert "2 stories, 2 held back" in wrap.title
    assert "2 wait for room within a limit" in wrap.text


async def next_morning_today(desk: Reporters, watch: WrapWatch) -> None:
    now = desk.clock.now()
    desk.clock.advance(seconds=(now.replace(hour=8, minute=0) - now).total_seconds())
    await watch.look()
    await desk.send()


async def test_a_quiet_day_is_told_in_figures(store: Store, tmp_path: Path) -> None:
    desk, watch = await opened(store, tmp_path)
    await next_morning(desk, watch)
    [wrap] = wraps(desk)
    assert wrap.title.endswith(": 3 feeds, 0 articles, 0 matches")


async def test_a_wrap_is_told_once_over_restarts_and_processes(store: Store, tmp_path: Path) -> None:
    desk, watch = await opened(store, tmp_path)
    other = WrapWatch(desk.world, desk.active)
    await next_morning(desk, watch)
    await other.look()
    await WrapWatch(desk.world, desk.active).look()
    await desk.send()
    assert len(wraps(desk)) == 1


async def test_a_missed_wrap_is_told_at_the_next_look(store: Store, tmp_path: Path) -> None:
    desk, watch = await opened(store, tmp_path)
    await next_morning(desk, watch, hour=15)
    assert len(wraps(desk)) == 1


async def test_a_new_installation_begins_with_no_wrap(store: Store, tmp_path: Path) -> None:
    desk = await Reporters.open(tmp_path, store, text())
    await WrapWatch(desk.world, desk.active).look()
    assert await desk.states() == []


async def test_a_channel_that_is_broken_is_told_once_it_is_well(store: Store, tmp_path: Path) -> None:
    desk, watch = await opened(store, tmp_path)
    desk.channels["desk"].fails_with(AttemptClass.PERMANENT)
    await desk.report("wire", PLANT, PLANT_LEAD)
    await look(desk)
    await next_morning(desk, watch)
    assert len([one for one in await desk.store.messages() if one.title.startswith("Wrap of")]) == 1
    desk.channels["desk"].recovers()
    desk.clock.advance(hours=2)
    await look(desk)
    await watch.look()
    await look(desk)
    assert len(wraps(desk)) == 1


@pytest.mark.parametrize("said", ["none", '"06:30"', '{at: "06:30"}'])
async def test_a_channel_says_when_or_never(store: Store, tmp_path: Path, said: str) -> None:
    desk, watch = await opened(store, tmp_path, text(said))
    await next_morning(desk, watch, hour=7)
    assert len(wraps(desk)) == (0 if said == "none" else 1)


async def test_what_is_gathered_stands_in_the_wrap(store: Store, tmp_path: Path) -> None:
    desk, watch = await opened(store, tmp_path)
    await desk.report("wire", PLANT, PLANT_LEAD, hours=2)
    await look(desk)
    await desk.report("paper", PLANT_MORE, PLANT_LEAD, minutes=5)
    await next_morning(desk, watch)
    [wrap] = wraps(desk)
    assert "1 wait for more of their story" in wrap.text


@pytest.mark.parametrize("change", [datetime(2027, 3, 26, 12, tzinfo=UTC), datetime(2027, 10, 29, 12, tzinfo=UTC)])
async def test_a_week_over_a_change_of_the_clock_has_one_wrap_a_local_day(
    store: Store, tmp_path: Path, change: datetime
) -> None:
    desk = await Reporters.open(tmp_path, store, text(zone="Europe/Paris"))
    desk.clock.advance(seconds=(change - desk.clock.now()).total_seconds())
    watches = [WrapWatch(desk.world, desk.active) for _ in range(2)]
    for watch in watches:
        await watch.look()
    await desk.send()
    desk.channels["desk"].sent.clear()
    told = []
    for _ in range(7 * 24 * 4):
        desk.clock.advance(minutes=15)
        for watch in watches:
            await watch.look()
        await desk.send()
        told += [desk.clock.now().astimezone(ZONE) for _ in wraps(desk)]
        desk.channels["desk"].sent.clear()
    assert [f"{at:%H:%M}" for at in told] == ["08:00"] * 7
    assert len({at.date() for at in told}) == 7


# -- no day is told twice, and none is left out ------------------------------------------------------


async def _at(desk: Reporters, day: int, hour: int, minute: int = 0) -> None:
    now = desk.clock.now()
    then = now.replace(hour=hour, minute=minute, second=0) + timedelta(days=day)
    desk.clock.advance(seconds=(then - now).total_seconds())


async def _told(desk: Reporters, watch: WrapWatch) -> None:
    await watch.look()
    await look(desk)


@pytest.mark.parametrize("hour", ["07:00", "08:15", "09:00"])
async def test_another_hour_makes_no_second_wrap_of_a_day(store: Store, tmp_path: Path, hour: str) -> None:
    desk, watch = await opened(store, tmp_path)
    await next_morning(desk, watch)
    await _at(desk, 0, 8, 30)
    await desk.adopt(text(f'{{at: "{hour}"}}'))
    await _told(desk, watch)
    await _at(desk, 0, 9, 30)
    await _told(desk, watch)
    await WrapWatch(desk.world, desk.active).look()
    await desk.send()
    assert len(wraps(desk)) == 1
    await _at(desk, 1, 9, 30)
    await _told(desk, watch)
    assert len(wraps(desk)) == 2


async def test_a_renamed_channel_is_told_its_day_once(store: Store, tmp_path: Path) -> None:
    desk, watch = await opened(store, tmp_path)
    await desk.report("wire", STORIES[0])
    await look(desk)
    await next_morning(desk, watch)
    renamed = text().replace("  desk: {type: slack,", "  news: {was: desk, type: slack,")
    await desk.adopt(renamed.replace("send_to: [desk]", "send_to: [news]"))
    await _at(desk, 0, 8, 30)
    await _told(desk, watch)
    assert [one for one in desk.channels["news"].sent if one.title.startswith("Wrap of")] == []


async def test_a_wrap_tells_all_since_the_one_before_it(store: Store, tmp_path: Path) -> None:
    desk, watch = await opened(store, tmp_path)
    await desk.report("wire", STORIES[0])
    await look(desk)
    await _at(desk, 3, 9)  # nothing looked for three days
    await _told(desk, watch)
    await _at(desk, 1, 9)
    await _told(desk, watch)
    assert [STORIES[0] in one.text for one in wraps(desk)] == [True, False]


async def test_a_change_of_the_zone_leaves_no_story_out(store: Store, tmp_path: Path) -> None:
    desk, watch = await opened(store, tmp_path)
    for zone, story in (("America/New_York", STORIES[0]), ("Asia/Tokyo", STORIES[5])):
        await desk.report("wire", story)
        await look(desk)
        await desk.adopt(text(zone=zone))
        for _ in range(60):
            desk.clock.advance(hours=1)
            await _told(desk, watch)
    told = [one.text for one in wraps(desk)]
    assert [sum(story in text for text in told) for story in (STORIES[0], STORIES[5])] == [1, 1]


async def test_a_story_told_as_a_wrap_is_made_stands_in_one_of_two(store: Store, tmp_path: Path) -> None:
    desk, watch = await opened(store, tmp_path)
    await _at(desk, 1, 7, 59)
    await desk.report("wire", STORIES[0])
    await look(desk)
    await _at(desk, 0, 8)
    await _told(desk, watch)
    await next_morning(desk, watch)
    assert sum(STORIES[0] in one.text for one in wraps(desk)) == 1


async def test_a_mute_made_by_hand_stands_in_the_wrap_as_in_force(store: Store, tmp_path: Path) -> None:
    desk, watch = await opened(store, tmp_path)
    now = desk.clock.now()
    ends = now + timedelta(days=5)
    mutes = [
        Silence("drill", rule=RuleId("shells"), starts_at=now, ends_at=ends, by="Min", because="drill"),
        Silence("quiet", rule=RuleId("never"), starts_at=now, ends_at=ends, by="Min", because="held nothing"),
        Silence("other", rule=RuleId("never"), starts_at=now, ends_at=ends, by="Min", channel=ChannelName("ops")),
    ]
    for silence in mutes:
        await store.add_silence(silence, HandChange(now, "Min", "muted"))
    await desk.active.take_changes()
    await desk.report("wire", STORIES[0], minutes=5)
    await next_morning(desk, watch)
    [wrap] = wraps(desk)
    lines = [line for line in wrap.text.splitlines() if any(one.name in line for one in mutes)]
    assert len(lines) == 2
    assert all("over" not in line for line in lines)
    assert "1 story" in lines[0]
    assert "no stor" in lines[1] or "nothing" in lines[1] or "0 stories" in lines[1]


async def test_alerts_of_other_channels_push_none_out_of_a_wrap(store: Store, tmp_path: Path) -> None:
    desk, _ = await opened(store, tmp_path)
    await desk.report("wire", STORIES[0])
    assert await store.recent_alerts(target=ChannelName("ops")) == []
    assert len(await store.recent_alerts(target=ChannelName("desk"))) == 1
