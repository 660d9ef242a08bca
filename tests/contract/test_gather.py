"""Below `high` the alerts of a channel wait a minute for one another, and go as one message: six matches are no six
mails. On every store.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.contract.test_limits import STORIES
from tests.fakes.reporters import FEEDS, Reporters
from tests.fakes.station import config
from watcher.core.model.message import AttemptClass, AttemptResult, Message
from watcher.ports import Store

pytestmark = pytest.mark.filterwarnings("error")

RULES = """
  - {name: Shells, all: [shells]}
  - {name: Derailed, all: [derails], severity: high}
  - {name: Bridges, all: [bridge*], severity: low}
"""
DENIAL = "Army denies that shells hit bridge at Nikopol, traffic stopped"


async def opened(store: Store, folder: Path, rules: str = RULES, more: str = "", gather: str = "60s") -> Reporters:
    return await Reporters.open(folder, store, config(rules=rules, feeds=FEEDS[:3], more=more, gather=gather))


def lines(desk: Reporters) -> list[list[str]]:
    return [sorted(message) for message in desk.told("desk")]


async def test_what_comes_within_a_minute_is_one_message(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path)
    for number in (0, 1, 3, 4):
        await desk.report("wire", STORIES[number], seconds=15)
        await desk.send()
        assert lines(desk) == []
    desk.clock.advance(seconds=14)
    await desk.send()
    assert lines(desk) == []
    desk.clock.advance(seconds=1)
    await desk.send()
    assert lines(desk) == [sorted(STORIES[number] for number in (0, 1, 3, 4))]


async def test_what_comes_after_the_minute_begins_another_one(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path)
    await desk.report("wire", STORIES[0])
    desk.clock.advance(seconds=60)
    await desk.send()
    await desk.report("paper", STORIES[1], seconds=1)
    await desk.send()
    assert lines(desk) == [[STORIES[0]]]
    desk.clock.advance(seconds=60)
    await desk.send()
    assert lines(desk) == [[STORIES[0]], [STORIES[1]]]


async def test_the_message_goes_with_the_copies_that_came_meanwhile(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path)
    await desk.report("wire", STORIES[0])
    assert await desk.report("paper", STORIES[0], seconds=30) == ["folded"]
    desk.clock.advance(seconds=30)
    await desk.send()
    [message] = desk.channels["desk"].sent
    assert [len(alert.lines) for alert in message.alerts] == [2]


async def test_what_is_high_goes_at_once_and_alone(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path)
    await desk.report("wire", STORIES[0])
    await desk.report("wire", STORIES[7].replace("shells", "grain"), seconds=5)
    await desk.send()
    assert lines(desk) == [[STORIES[7].replace("shells", "grain")]]
    desk.clock.advance(seconds=55)
    await desk.send()
    assert lines(desk)[1:] == [[STORIES[0]]]


async def test_several_rules_for_one_article_are_one_message_that_waits_for_none_if_one_is_high(
    store: Store, tmp_path: Path
) -> None:
    desk = await opened(store, tmp_path)
    assert await desk.report("wire", STORIES[7]) == ["first", "first"]
    await desk.send()
    assert lines(desk) == [[STORIES[7]] * 2]


async def test_a_denial_takes_along_what_waits_of_its_story(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path)
    await desk.report("wire", STORIES[2])
    assert "update" in await desk.report("paper", DENIAL, seconds=20)
    await desk.send()
    [told] = lines(desk)
    assert STORIES[2] in told
    assert DENIAL in told


async def test_a_denial_of_another_story_waits_for_nothing_that_is_gathered(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path)
    await desk.report("wire", STORIES[2])
    desk.clock.advance(seconds=60)
    await desk.send()
    await desk.report("wire", STORIES[0])
    await desk.report("paper", DENIAL, seconds=20)
    await desk.send()
    assert len(lines(desk)) == 2
    assert STORIES[0] not in lines(desk)[1]


@pytest.mark.parametrize(("rule", "seconds"), [("10s", 10), ("5m", 300), ("none", 0), ("0s", 0)])
async def test_a_rule_says_how_long_it_waits(store: Store, tmp_path: Path, rule: str, seconds: int) -> None:
    desk = await opened(store, tmp_path, f"\n  - {{name: Shells, all: [shells], gather: {rule}}}")
    await desk.report("wire", STORIES[0])
    if seconds:
        desk.clock.advance(seconds=seconds - 1)
        await desk.send()
        assert lines(desk) == []
        desk.clock.advance(seconds=1)
    await desk.send()
    assert lines(desk) == [[STORIES[0]]]


@pytest.mark.parametrize(("lowered", "minutes"), [("none", 0), ("5m", 4), ("10s", 0), ("50m", 49), ("1h", 59)])
async def test_a_lower_wait_holds_for_what_waits_already(
    store: Store, tmp_path: Path, lowered: str, minutes: int
) -> None:
    rule = "\n  - {{name: Shells, all: [shells], limit: none, gather: {gather}}}"
    desk = await opened(store, tmp_path, rule.format(gather="1h"))
    await desk.report("wire", STORIES[0])
    desk.clock.advance(minutes=1)
    await desk.adopt(config(rules=rule.format(gather=lowered), feeds=FEEDS[:3]))
    if minutes:
        desk.clock.advance(minutes=minutes, seconds=-1)
        await look(desk)
        assert lines(desk) == []
        desk.clock.advance(seconds=1)
    await desk.send()
    assert lines(desk) == [[STORIES[0]]]


async def test_of_two_rules_the_shorter_wait_holds(store: Store, tmp_path: Path) -> None:
    rules = "\n  - {name: Shells, all: [shells], gather: 5m}\n  - {name: Seized, all: [seize], gather: 10s}"
    desk = await opened(store, tmp_path, rules)
    await desk.report("wire", STORIES[0])
    await desk.report("wire", STORIES[4], seconds=30)  # of both rules
    desk.clock.advance(seconds=10)
    await desk.send()
    assert lines(desk) == [sorted([STORIES[0], STORIES[4], STORIES[4]])]


async def test_what_is_gathered_counts_once_for_the_limit(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, "\n  - {name: Shells, all: [shells], limit: {stories: 2}}")
    for number in range(4):
        await desk.report("wire", STORIES[number], seconds=10)
    desk.clock.advance(seconds=60)
    await desk.send()
    assert [len(message) for message in lines(desk)] == [4]
    await desk.report("wire", STORIES[4])
    desk.clock.advance(seconds=60)
    await desk.send()
    assert lines(desk)[1:] == [[STORIES[4]]]
    await desk.report("wire", STORIES[5])
    assert [one[1:] for one in await desk.states() if one[1] == "held"] == [("held", "limit")]


MORE = (
    "Two boys find shells under a barn floor",
    "Court fines dealer over shells sold at auction",
    "Painter covers wall with shells from 1943",
    "Beach closed after divers report shells",
)


async def test_a_flood_is_gathered_in_messages_that_every_channel_can_list(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, "\n  - {name: Shells, all: [shells], limit: none}")
    for title in (*STORIES, *MORE):
        await desk.report("wire", title, seconds=1)
    desk.clock.advance(seconds=60)
    await desk.send()
    assert sorted(len(message) for message in lines(desk)) == [2, 10]
    assert sorted(title for message in lines(desk) for title in message) == sorted((*STORIES, *MORE))


LEAD = "Traffic on the Nikopol bridge has been stopped since shells hit it, the governor told reporters there."
RAISED = "\n  - {name: Shells, all: [shells], limit: none, raise: {severity: critical, when: {any: [killed]}}}"
OTHERS = tuple(title for title in (*STORIES, *MORE) if title != STORIES[2])


@pytest.mark.parametrize("rules", ["\n  - {name: Shells, all: [shells], limit: none}", RAISED])
@pytest.mark.parametrize("others", [8, 9, 11])
@pytest.mark.parametrize(
    "urgent", [DENIAL, "Two killed as shells hit bridge at Nikopol, traffic stopped"], ids=["denial", "death"]
)
async def test_what_cannot_wait_goes_after_the_claim_that_it_is_about_however_full_its_message(
    store: Store, tmp_path: Path, rules: str, others: int, urgent: str
) -> None:
    desk = await opened(store, tmp_path, rules)
    await desk.report("wire", STORIES[2], LEAD)
    for title in OTHERS[:others]:
        await desk.report("wire", title, seconds=1)
    assert "update" in await desk.report("paper", urgent, LEAD, seconds=5)
    await desk.send()
    told = lines(desk)
    assert STORIES[2] in told[0]
    assert any(urgent in message for message in told)
    desk.clock.advance(seconds=60)
    await desk.send()
    assert sorted(title for message in lines(desk) for title in message) == sorted(
        [STORIES[2], urgent, *OTHERS[:others]]
    )


async def test_a_denial_sends_off_no_full_message_of_other_stories(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, "\n  - {name: Shells, all: [shells], limit: none}")
    for title in OTHERS[:10]:
        await desk.report("wire", title, seconds=1)
    await desk.report("wire", STORIES[2], LEAD, seconds=1)
    await desk.report("paper", DENIAL, LEAD, seconds=5)
    await desk.send()
    assert lines(desk) == [sorted([STORIES[2], DENIAL])]


async def test_the_console_gathers_nothing(store: Store, tmp_path: Path) -> None:
    more = "routes:\n  - {send_to: [console]}"
    desk = await opened(store, tmp_path, more=more)
    await desk.report("wire", STORIES[0])
    await desk.send()
    assert [one for one in await desk.states() if one[0] == "console"] == [("console", "sent", "")]


async def test_what_waits_when_quiet_hours_begin_is_held_by_them(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path)
    await desk.report("wire", STORIES[0])
    desk.clock.advance(seconds=60)
    begun, ends = (f"{desk.clock.now() + timedelta(minutes=by):%H:%M}" for by in (-1, 60))
    quiet = (
        f"schedules: {{night: {{from: '{begun}', until: '{ends}', zone: UTC}}}}\n"
        "routes:\n  - {send_to: [desk], quiet: {during: night}}"
    )
    await desk.adopt(config(rules=RULES, feeds=FEEDS[:3], more=quiet, gather="60s"))
    await desk.send()
    assert await desk.states() == [("desk", "held", "quiet")]
    desk.clock.advance(minutes=61)
    await desk.active.settle()
    await desk.send()
    assert lines(desk) == [[STORIES[0]]]


async def test_what_quiet_hours_hold_does_not_join_what_is_gathered(store: Store, tmp_path: Path) -> None:
    more = (
        "schedules: {day: {from: '00:00', until: '23:59', zone: UTC}}\n"
        "routes:\n  - {when: {severity: low}, send_to: [desk], quiet: {during: day}}"
    )
    desk = await opened(store, tmp_path, more=more)
    await desk.report("wire", STORIES[0])
    await desk.report("wire", "Bridge of Chop closes for repairs", seconds=5)
    desk.clock.advance(seconds=60)
    await desk.send()
    assert lines(desk) == [[STORIES[0]]]
    assert [one for one in await desk.states() if one[1] == "held"] == [("desk", "held", "quiet")]


PLANT = "Shells hit chemical plant in Dellbrook, six workers injured"
PLANT_LEAD = "Workers of the Dellbrook chemical plant were taken to hospital after the explosion."
PLANT_MORE = "Dellbrook chemical plant workers injured as shells hit, hospital says"
FERRY = "Shells strike ferry near Orlova harbour, captain killed"
FERRY_LEAD = "The Orlova ferry captain was killed and its harbour closed, the coast guard said."
FERRY_MORE = "Captain of Orlova ferry killed by shells, harbour is closed"
AT_ONCE = "\n  - {name: Shells, all: [shells], severity: high, limit: none}"


async def look(desk: Reporters) -> None:
    """Do the chore of each minute, and send."""
    await desk.active.settle()
    await desk.send()


async def two_stories_with_more(store: Store, folder: Path, desk_is: str = "") -> Reporters:
    """Return a desk that heard of two stories, and for which more of each is gathered."""
    text = config(rules=AT_ONCE, feeds=FEEDS[:3])
    if desk_is:
        text = text.replace("{type: slack, webhook_url: 'https://desk.example/in'}", desk_is)
    desk = await Reporters.open(folder, store, text)
    await desk.report("wire", PLANT, PLANT_LEAD)
    await desk.report("wire", FERRY, FERRY_LEAD, minutes=7)
    await look(desk)
    assert await desk.report("paper", PLANT_MORE, PLANT_LEAD, minutes=1) == ["follow_up"]
    assert await desk.report("post", FERRY_MORE, FERRY_LEAD, minutes=1) == ["follow_up"]
    await look(desk)
    return desk


async def test_what_is_gathered_of_several_stories_rings_once(store: Store, tmp_path: Path) -> None:
    desk = await two_stories_with_more(store, tmp_path)
    assert len(lines(desk)) == 2
    desk.clock.advance(hours=24)
    await look(desk)
    assert lines(desk)[2:] == [sorted([PLANT_MORE, FERRY_MORE])]
    desk.clock.advance(hours=24)
    await look(desk)
    assert len(lines(desk)) == 3


async def test_what_is_gathered_goes_with_a_summary_that_rings_anyway(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, "\n  - {name: Shells, all: [shells], severity: high, limit: {stories: 1}}")
    await desk.report("wire", PLANT, PLANT_LEAD)
    assert await desk.report("paper", PLANT_MORE, PLANT_LEAD, minutes=1) == ["follow_up"]
    await desk.report("wire", FERRY, FERRY_LEAD, minutes=1)
    await look(desk)
    assert lines(desk) == [[PLANT]]
    desk.clock.advance(minutes=30)
    await look(desk)
    assert lines(desk)[1:] == [sorted([PLANT_MORE, FERRY])]


async def test_more_of_a_story_rides_with_nothing_before_what_began_it(store: Store, tmp_path: Path) -> None:
    rules = """
  - {name: Shells, all: [shells], gather: 1h}
  - {name: Derailed, all: [derails], severity: high, limit: {stories: 1}}
"""
    desk = await opened(store, tmp_path, rules)
    await desk.report("wire", PLANT, PLANT_LEAD)
    assert await desk.report("paper", PLANT_MORE, PLANT_LEAD, minutes=1) == ["follow_up"]
    await desk.report("wire", "Train derails near Lviv")
    await desk.report("wire", "Tram derails in Warsaw", minutes=1)
    await look(desk)
    desk.clock.advance(minutes=30)
    await look(desk)
    assert lines(desk) == [["Train derails near Lviv"], ["Tram derails in Warsaw"]]
    desk.clock.advance(hours=3)
    await look(desk)
    assert lines(desk)[2] == [PLANT]


async def test_in_a_channel_with_threads_more_of_a_story_stays_in_its_thread(store: Store, tmp_path: Path) -> None:
    desk = await two_stories_with_more(store, tmp_path, "{type: slack, token: xoxb-1, channel: C0ASIA}")
    desk.clock.advance(hours=24)
    await look(desk)
    await look(desk)
    assert sorted(lines(desk)[2:]) == sorted([[PLANT_MORE], [FERRY_MORE]])


# -- a channel that refuses one text ----------------------------------------------------------------


def _refuse(desk: Reporters, word: str, *, by: str = "refused") -> None:
    """Let the channel refuse each message that holds a word, or break at it."""
    channel = desk.channels["desk"]
    take = channel.send

    async def send(message: Message) -> AttemptResult:
        if not any(word in alert.headline.text for alert in message.alerts):
            return await take(message)
        if by == "mistake":
            raise ValueError("a mistake of ours")
        return AttemptResult(AttemptClass.CONTENT, "400 these words are refused")

    channel.send = send  # type: ignore[method-assign]


@pytest.mark.parametrize("by", ["refused", "mistake"])
async def test_one_refused_text_takes_no_other_story_with_it(store: Store, tmp_path: Path, by: str) -> None:
    desk = await opened(store, tmp_path, "\n  - {name: Shells, all: [shells], limit: none}")
    _refuse(desk, "Museum", by=by)
    bad = next(story for story in STORIES[:6] if "Museum" in story)
    for story in STORIES[:6]:
        await desk.report("wire", story, seconds=1)
    desk.clock.advance(minutes=2)
    await desk.send()
    assert sorted(lines(desk)) == sorted([story] for story in STORIES[:6] if story != bad)
    states = [state for target, state, _ in await desk.states() if target == "desk"]
    assert sorted(states) == ["dead", *["sent"] * 5]
    [dead] = await store.messages(state="dead")
    assert dead.dead_class is AttemptClass.CONTENT
    assert await store.check() == []


async def test_a_divided_message_tells_a_denial_after_what_it_denies(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path)
    _refuse(desk, "Museum")
    bad = next(story for story in STORIES[:6] if "Museum" in story)
    await desk.report("wire", bad)
    await desk.report("wire", STORIES[2], seconds=1)
    await desk.report("paper", DENIAL, seconds=20)
    await desk.send()
    desk.clock.advance(minutes=2)
    await desk.send()
    assert [set(message) for message in lines(desk)] == [{STORIES[2]}, {DENIAL}]


async def test_a_probe_that_is_refused_goes_on_article_by_article(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, "\n  - {name: Shells, all: [shells], limit: none}")
    for story in STORIES[:4]:
        await desk.report("wire", story, seconds=1)
    desk.channels["desk"].fails_with(AttemptClass.PERMANENT)
    desk.clock.advance(minutes=2)
    await desk.send()
    desk.channels["desk"].recovers()
    _refuse(desk, "Museum")
    for _ in range(12):
        desk.clock.advance(hours=1)
        await desk.send()
    bad = next(story for story in STORIES[:6] if "Museum" in story)
    assert sorted(lines(desk)) == sorted([story] for story in STORIES[:4] if story != bad)


async def test_a_refused_message_of_one_article_is_dead_at_the_second_refusal(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path)
    desk.channels["desk"].fails_with(AttemptClass.CONTENT)
    await desk.report("wire", STORIES[7])  # of two rules
    await desk.send()
    [dead] = await store.messages(state="dead")
    assert (dead.attempts, len(dead.deliveries)) == (2, 2)


PLANT_TEN = "Shells hit chemical plant in Dellbrook, ten workers injured"


@pytest.mark.parametrize("gather", ["1h", "45m", "5m"])
@pytest.mark.parametrize("more", [PLANT_TEN, PLANT_MORE])
async def test_more_on_a_story_is_told_no_sooner_than_what_began_it(
    store: Store, tmp_path: Path, gather: str, more: str
) -> None:
    desk = await opened(store, tmp_path, f"\n  - {{name: Shells, all: [shells], limit: none, gather: {gather}}}")
    await desk.report("wire", PLANT, PLANT_LEAD)
    await desk.report("paper", more, PLANT_LEAD, minutes=2)
    for _ in range(70):
        desk.clock.advance(minutes=1)
        await look(desk)
    desk.clock.advance(hours=24)
    await look(desk)
    assert lines(desk) == [[PLANT], [more]]


async def test_more_on_two_stories_waits_for_the_head_of_each(store: Store, tmp_path: Path) -> None:
    rules = (
        "\n  - {name: Plant, all: [plant], limit: none, gather: 1h}"
        "\n  - {name: Ferry, all: [ferry], limit: none, severity: high}"
    )
    desk = await opened(store, tmp_path, rules)
    await desk.report("wire", PLANT, PLANT_LEAD)
    await desk.report("wire", FERRY, FERRY_LEAD, minutes=1)
    assert await desk.report("paper", PLANT_TEN, PLANT_LEAD, minutes=1) == ["update"]
    ferry = FERRY.replace("captain killed", "captain and cook killed")
    assert await desk.report("paper", ferry, FERRY_LEAD, minutes=1) != []
    for _ in range(64):
        desk.clock.advance(minutes=1)
        await look(desk)
    told = [title for message in lines(desk) for title in message]
    assert told.index(FERRY) < told.index(PLANT) < told.index(PLANT_TEN)
