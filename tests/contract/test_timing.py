"""Quiet hours, digests and routes: what waits for its time comes as one message and is never lost, on every store.

The night in question is that of 23 November 2026, a Monday; Paris is an hour ahead of UTC.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.contract.test_limits import STORIES
from tests.fakes.reporters import FEEDS, Reporters
from watcher.core.model.message import AttemptClass, MessageState
from watcher.core.model.verdict import Outcome
from watcher.ports import Store

pytestmark = pytest.mark.filterwarnings("error")

SCHEDULES = """
schedules:
  night: {from: "23:00", until: "06:30", zone: Europe/Paris}
  morning: {at: "06:30", zone: Europe/Paris}
"""
RULES = """
rules:
  - {name: Shells, all: [shells], limit: none}
  - {name: Alarm, all: [derails], severity: critical, limit: none}
  - {name: Hearsay, all: [museum], severity: low, limit: none}
"""
ALARM, LOW = STORIES[7], "Museum of Lviv shows old uniforms"


def config(desk: str = "", *, routes: str = "", send_to: str = "desk", rules: str = RULES, more: str = "") -> str:
    feeds = "\n".join(
        f"  - {{url: 'https://{name}.example/feed', name: {name}, every: 5m, tags: [{'wires' if name == 'wire' else 'papers'}]}}"
        for name in FEEDS[:3]
    )
    channels = f"""
channels:
  desk: {{type: slack, webhook_url: 'https://desk.example/in'{desk}}}
  me: {{type: slack, webhook_url: 'https://me.example/in'}}
"""
    return f"{rules}\nfeeds:\n{feeds}{channels}{SCHEDULES}{routes}\ndefaults: {{send_to: [{send_to}], gather: none}}\n{more}"


def until(desk: Reporters, text: str) -> None:
    """Let it become that time, in UTC."""
    desk.clock.advance(seconds=(datetime.fromisoformat(text).replace(tzinfo=UTC) - desk.clock.now()).total_seconds())


async def opened(store: Store, folder: Path, text: str, at: str = "2026-11-23 23:00") -> Reporters:
    desk = await Reporters.open(folder, store, text)
    until(desk, at)
    await look(desk)
    return desk


async def look(desk: Reporters) -> None:
    """Do the chore of each minute, and send."""
    await desk.active.settle()
    await desk.send()


async def held(desk: Reporters) -> list[str]:
    return sorted(hold for _, state, hold in await desk.states() if state == "held")


async def test_a_night_ends_with_one_message_of_all_that_it_held(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, config(", quiet: night"))
    for number in range(4):
        await desk.report("wire", STORIES[number], minutes=20)
        await look(desk)
    assert desk.told("desk") == []
    assert await held(desk) == ["quiet"] * 4
    until(desk, "2026-11-24 05:29")
    await look(desk)
    assert desk.told("desk") == []
    until(desk, "2026-11-24 05:30")
    await look(desk)
    await look(desk)
    assert [set(titles) for titles in desk.told("desk")] == [set(STORIES[:4])]


async def test_critical_alerts_pass_a_night_and_their_story_is_not_told_twice(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, config(", quiet: night"))
    await desk.report("wire", ALARM, minutes=1)
    await look(desk)
    assert desk.told("desk") == [[ALARM, ALARM]]  # by both rules, in one message
    until(desk, "2026-11-24 05:30")
    await look(desk)
    assert len(desk.told("desk")) == 1


@pytest.mark.parametrize(("passes", "told"), [("none", 0), ("critical", 1), ("low", 2)])
async def test_pass_says_what_breaks_through(store: Store, tmp_path: Path, passes: str, told: int) -> None:
    desk = await opened(store, tmp_path, config(f", quiet: {{during: night, pass: {passes}}}"))
    await desk.report("wire", ALARM, minutes=1)
    await desk.report("wire", STORIES[0], minutes=1)
    await look(desk)
    assert len(desk.told("desk")) == told


async def test_a_denial_waits_for_the_morning_as_its_story_does(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, config(", quiet: night"), at="2026-11-23 21:30")
    bridge = STORIES[2]
    await desk.report("wire", bridge, minutes=1)
    await look(desk)
    denial = "Army denies that shells hit bridge at Nikopol, traffic stopped"
    assert await desk.report("paper", denial, hours=2) == ["update"]
    await look(desk)
    assert desk.told("desk") == [[bridge]]
    until(desk, "2026-11-24 05:30")
    await look(desk)
    assert desk.told("desk") == [[bridge], [denial]]


async def test_what_was_gathered_when_the_night_began_waits_for_the_morning(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, config(", quiet: night"), at="2026-11-23 21:40")
    await desk.report("wire", "Shells kill 6 in Sumy", minutes=1)
    await look(desk)
    assert await desk.report("paper", "Shells kill 9 in Sumy", minutes=5) == ["update"]
    until(desk, "2026-11-23 22:20")
    await look(desk)
    assert desk.told("desk") == [["Shells kill 6 in Sumy"]]
    assert await held(desk) == ["quiet"]
    until(desk, "2026-11-24 05:30")
    await look(desk)
    assert desk.told("desk")[1:] == [["Shells kill 9 in Sumy"]]


async def test_what_is_dropped_is_listed_and_can_be_released(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, config(", quiet: {during: night, then: drop}"))
    await desk.report("wire", STORIES[0], minutes=1)
    await look(desk)
    until(desk, "2026-11-24 06:00")
    await look(desk)
    assert desk.told("desk") == []
    [dropped] = await store.suppressed(datetime(2026, 11, 23, 23, tzinfo=UTC))
    assert dropped.verdict is not None
    assert dropped.verdict.outcome is Outcome.DROPPED
    assert "quiet hours" in dropped.verdict.reason
    await store.release_article(dropped.article.id, desk.clock.now())
    await desk.send()
    assert desk.told("desk") == [[STORIES[0]]]


async def test_what_is_sent_one_by_one_in_the_morning(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, config(", quiet: {during: night, then: send}"))
    for number in range(3):
        await desk.report("wire", STORIES[number], minutes=20)
    until(desk, "2026-11-24 05:30")
    await look(desk)
    assert [set(titles) for titles in desk.told("desk")] == [{title} for title in STORIES[:3]]


async def test_quiet_hours_that_are_taken_out_let_go_what_they_held(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, config(", quiet: night"))
    await desk.report("wire", STORIES[0], minutes=1)
    await look(desk)
    await desk.adopt(config())
    await look(desk)
    assert desk.told("desk") == [[STORIES[0]]]


async def test_what_is_asked_for_by_hand_goes_at_night(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, config(", quiet: night"))
    await desk.report("wire", STORIES[0], minutes=1)
    [waiting] = [one for one in await store.messages() if one.state is MessageState.HELD]
    await store.retry_message(waiting.id, desk.clock.now())
    await desk.send()
    assert desk.told("desk") == [[STORIES[0]]]


async def test_what_a_night_held_for_a_channel_that_is_taken_out_is_told_to_the_default_one(
    store: Store, tmp_path: Path
) -> None:
    desk = await opened(store, tmp_path, config(", quiet: night"))
    await desk.report("wire", STORIES[0], minutes=1)
    gone = config().replace("  desk: {type: slack, webhook_url: 'https://desk.example/in'}\n", "")
    await desk.adopt(gone.replace("send_to: [desk]", "send_to: [me]"))
    await look(desk)
    assert desk.told("me") == [[STORIES[0]]]


async def test_a_digest_goes_once_a_day_and_holds_what_is_not_weighty(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, config(", digest: morning"), at="2026-11-23 18:30")
    await desk.report("wire", STORIES[0], minutes=1)
    await desk.report("wire", ALARM, minutes=1)
    await desk.report("wire", STORIES[2], hours=2)
    await look(desk)
    assert desk.told("desk") == [[ALARM, ALARM]]
    for at in ("2026-11-24 05:29", "2026-11-24 05:30", "2026-11-24 05:31"):
        until(desk, at)
        await look(desk)
    assert [sorted(titles) for titles in desk.told("desk")[1:]] == [sorted((STORIES[0], STORIES[2]))]
    await desk.report("wire", STORIES[3], minutes=1)
    until(desk, "2026-11-24 20:00")
    await look(desk)
    assert len(desk.told("desk")) == 2
    until(desk, "2026-11-25 05:30")
    await look(desk)
    assert desk.told("desk")[2:] == [[STORIES[3]]]


async def test_a_digest_that_was_missed_goes_at_the_start(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, config(", digest: morning"), at="2026-11-23 18:30")
    await desk.report("wire", STORIES[0], minutes=1)
    until(desk, "2026-11-24 11:00")
    await desk.adopt(config(", digest: morning"))
    await look(desk)
    assert desk.told("desk") == [[STORIES[0]]]


@pytest.mark.parametrize("holds", ["high", "critical"])
async def test_a_digest_holds_more_where_it_says_so(store: Store, tmp_path: Path, holds: str) -> None:
    rules = RULES.replace("critical", "high")
    desk = await opened(store, tmp_path, config(f", digest: {{at: morning, holds: {holds}}}", rules=rules))
    await desk.report("wire", ALARM, minutes=1)
    await look(desk)
    assert await held(desk) == ["digest"]


async def test_a_digest_at_the_end_of_the_night_is_one_message_with_it(store: Store, tmp_path: Path) -> None:
    routes = "\nroutes:\n  - {when: {severity: low}, send_to: [desk], digest: morning}\n"
    desk = await opened(store, tmp_path, config(", quiet: night", routes=routes), at="2026-11-23 18:30")
    await desk.report("wire", LOW, minutes=1)
    until(desk, "2026-11-23 23:00")
    await desk.report("wire", STORIES[0], minutes=1)
    await look(desk)
    until(desk, "2026-11-24 05:30")
    await look(desk)
    assert [sorted(titles) for titles in desk.told("desk")] == [sorted((LOW, STORIES[0]))]


async def test_all_routes_that_fit_apply_and_one_that_replaces_takes_the_place_of_those_before(
    store: Store, tmp_path: Path
) -> None:
    routes = """
routes:
  - {when: {severity: critical}, send_to: [me]}
  - {when: {severity: low}, send_only_to: [me]}
"""
    desk = await opened(store, tmp_path, config(routes=routes))
    await desk.report("wire", ALARM, minutes=1)
    await desk.report("wire", LOW, minutes=1)
    await desk.report("wire", STORIES[0], minutes=1)
    await look(desk)
    assert desk.told("me") == [[ALARM], [LOW]]
    assert [sorted(set(titles)) for titles in desk.told("desk")] == [[ALARM], [STORIES[0]]]


@pytest.mark.parametrize(
    ("when", "fits"),
    [
        ("tags: [Wires]", True),
        ("tags: [papers]", False),
        ("feed: wire", True),
        ("feed: [paper, post]", False),
        ("rule: shells", True),
        ("rule: hearsay", False),
        ("severity: [normal, high], tags: wires", True),
        ("severity: high, tags: wires", False),
    ],
)
async def test_a_route_asks_for_rule_severity_tags_and_feed(
    store: Store, tmp_path: Path, when: str, fits: bool
) -> None:
    desk = await opened(store, tmp_path, config(routes=f"\nroutes:\n  - {{when: {{{when}}}, send_only_to: [me]}}\n"))
    await desk.report("wire", STORIES[0], minutes=1)
    await look(desk)
    assert (desk.told("me"), desk.told("desk")) == (([[STORIES[0]]], []) if fits else ([], [[STORIES[0]]]))


async def test_quiet_hours_of_a_route_hold_for_what_it_takes_only(store: Store, tmp_path: Path) -> None:
    routes = "\nroutes:\n  - {when: {tags: [wires]}, send_to: [desk], quiet: night}\n"
    desk = await opened(store, tmp_path, config(routes=routes))
    await desk.report("wire", STORIES[0], minutes=1)
    await desk.report("paper", STORIES[1], minutes=1)
    await look(desk)
    assert [titles[0] for titles in desk.told("desk")] == [STORIES[1]]
    until(desk, "2026-11-24 05:30")
    await look(desk)
    assert desk.told("desk")[-1] == [STORIES[0]]


async def test_a_limit_of_a_channel_counts_all_rules_and_one_that_drops_makes_no_summary(
    store: Store, tmp_path: Path
) -> None:
    desk = await opened(store, tmp_path, config(", limit: {stories: 2, per: 1h, then: drop}"))
    await desk.report("wire", STORIES[0], minutes=1)
    await desk.report("wire", LOW, minutes=1)
    await desk.report("wire", STORIES[3], minutes=1)
    await look(desk)
    until(desk, "2026-11-24 05:30")
    await look(desk)
    assert desk.told("desk") == [[STORIES[0]], [LOW]]
    assert [
        one.verdict.outcome for one in await store.suppressed(datetime(2026, 11, 23, 23, tzinfo=UTC)) if one.verdict
    ] == [Outcome.DROPPED]


async def test_a_channel_that_is_mended_at_night_keeps_quiet_until_the_morning(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, config(", quiet: night"), at="2026-11-23 21:00")
    desk.channels["desk"].fails_with(AttemptClass.PERMANENT)
    await desk.report("wire", STORIES[0], minutes=1)
    await look(desk)
    await desk.report("wire", STORIES[2], minutes=30)
    desk.channels["desk"].recovers()
    until(desk, "2026-11-23 23:30")
    await look(desk)
    await look(desk)
    assert desk.told("desk") == []  # the next try would ring, too
    until(desk, "2026-11-24 05:30")
    await look(desk)
    assert desk.told("desk") == [[STORIES[2], STORIES[0]]]


async def test_a_digest_whose_time_lies_in_the_night_goes_at_its_end(store: Store, tmp_path: Path) -> None:
    early = config(", quiet: night, digest: dawn").replace(
        "schedules:", 'schedules:\n  dawn: {at: "06:00", zone: Europe/Paris}'
    )
    desk = await opened(store, tmp_path, early, at="2026-11-23 17:30")
    await desk.report("wire", STORIES[0], minutes=1)
    for minute in ("05:00", "05:01", "05:29"):
        until(desk, f"2026-11-24 {minute}")
        await look(desk)
    assert desk.told("desk") == []
    until(desk, "2026-11-24 05:30")
    await look(desk)
    assert desk.told("desk") == [[STORIES[0]]]


async def test_a_digest_whose_time_came_while_its_channel_was_broken_goes_when_it_is_mended(
    store: Store, tmp_path: Path
) -> None:
    desk = await opened(store, tmp_path, config(", digest: morning"), at="2026-11-23 17:30")
    await desk.report("wire", STORIES[0], minutes=1)
    await desk.report("wire", STORIES[1], minutes=1)
    desk.channels["desk"].fails_with(AttemptClass.PERMANENT, times=1)
    await desk.report("wire", ALARM, minutes=1)
    await look(desk)
    for hour in ("23 18:30", "24 05:30", "24 05:31", "24 12:00", "24 12:05"):
        until(desk, f"2026-11-{hour}")
        await look(desk)
        await look(desk)
    assert {title for told in desk.told("desk") for title in told} >= {STORIES[0], STORIES[1], ALARM}
    assert await held(desk) == []


async def test_quiet_hours_that_drop_keep_what_was_made_before_them_and_denials(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, config(", quiet: {during: night, then: drop}"), at="2026-11-23 21:30")
    bridge, late = STORIES[2], STORIES[0]
    await desk.report("wire", bridge, minutes=1)
    await look(desk)
    desk.channels["desk"].fails_with(AttemptClass.RETRY, times=1)
    await desk.report("wire", late, minutes=27)
    await look(desk)
    until(desk, "2026-11-23 22:30")
    await look(desk)
    denial = "Army denies that shells hit bridge at Nikopol, traffic stopped"
    assert await desk.report("paper", denial, minutes=30) == ["update"]
    await desk.report("wire", STORIES[3], minutes=1)  # of the night itself
    await look(desk)
    until(desk, "2026-11-24 05:30")
    await look(desk)
    await look(desk)
    told = [title for titles in desk.told("desk") for title in titles]
    assert sorted(told) == sorted([bridge, late, denial])


async def test_a_night_longer_than_a_channel_lists_is_told_whole(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, config(", quiet: night, digest: morning"))
    desk.channels["desk"].traits = replace(desk.channels["desk"].traits, lists_at_most=2)
    for number in range(5):
        await desk.report("wire", STORIES[number], minutes=20)
    until(desk, "2026-11-24 05:30")
    for _ in range(4):
        await look(desk)
    assert {title for titles in desk.told("desk") for title in titles} == set(STORIES[:5])
