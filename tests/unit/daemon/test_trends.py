"""Rules over time and raises by sources in a running daemon: told once, through restarts, and again after they
ended.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.station import Station, config, rss
from watcher.core.model.message import Message, MessageKind
from watcher.daemon.trends import TrendWatch

pytestmark = pytest.mark.filterwarnings("error")

VOLUME = """
  - name: Shells
    all: [shells]
  - name: Many
    severity: high
    volume: {of: shells, stories: 3, within: 6h}
"""
QUIET = """
  - name: Silent wire
    quiet_source: {feed: wire, longer_than: 12h}
"""
SOURCES = """
  - name: Shells
    all: [shells]
    severity: low
    raise:
      - {severity: critical, when: {sources: 3, within: 2h}}
"""
STORIES = (
    "Freighter with shells leaves Nampo harbour for Rason at night",
    "Shells reach Rason by rail",
    "Minister denies shells",
    "Shells found in Odesa",
)
ONE_STORY = (
    STORIES[0],
    "Night freighter takes shells from Nampo harbour to Rason",
    "Shells for Rason: night freighter leaves Nampo harbour",
)


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    made = Station(tmp_path)
    yield made
    await made.close()


def watching(station: Station) -> TrendWatch:
    return TrendWatch(station.world)


def conditions(station: Station) -> list[Message]:
    return [message for message in station.channels["desk"].sent if message.kind is MessageKind.META]


async def test_a_volume_is_told_once_while_it_holds_and_again_after_it_ended(station: Station) -> None:
    await station.begin(config(rules=VOLUME))
    watch = watching(station)
    station.feeds["wire"] = rss(*STORIES[:2])
    await station.poll()
    await watch.look()
    await station.send()
    assert conditions(station) == []
    station.feeds["wire"] = rss(*STORIES[:3])
    await station.poll()
    for _ in range(3):
        await watch.look()
        station.clock.advance(minutes=1)
    await station.send()
    (told,) = conditions(station)
    assert told.title == "[High] Many: volume: 3 stories of shells in 6 h, limit 3"
    assert "Rule: Many (many), severity high." in told.text
    lines = told.text.splitlines()
    assert "(wire, " in lines[lines.index("The stories:") + 1]
    assert sum(line.startswith("- ") for line in lines) == 3

    station.clock.advance(hours=7)
    await watch.look()
    station.feeds["wire"] = rss(*(f"Shells, case {word}" for word in ("alpha", "bravo", "golf")))
    await station.poll()
    await watch.look()
    await station.send()
    assert len(conditions(station)) == 2


async def test_a_restart_repeats_no_condition(station: Station) -> None:
    await station.begin(config(rules=VOLUME))
    station.feeds["wire"] = rss(*STORIES)
    await station.poll()
    await watching(station).look()
    await station.restart(config(rules=VOLUME))
    await watching(station).look()
    await station.send()
    assert len(conditions(station)) == 1


async def test_a_silenced_condition_is_told_when_the_silence_ends_if_it_still_holds(station: Station) -> None:
    silence = "silences: [{rule: many, from: '2026-11-23 00:00', for: 13h}]"
    await station.begin(config(rules=VOLUME, more=silence))
    watch = watching(station)
    station.feeds["wire"] = rss(*STORIES)
    await station.poll()
    await watch.look()
    await station.send()
    assert conditions(station) == []
    station.clock.advance(hours=1)
    await watch.look()
    await station.send()
    assert len(conditions(station)) == 1


async def test_a_quiet_feed_is_told_and_our_own_absence_is_not(station: Station) -> None:
    await station.begin(config(rules=QUIET))
    station.feeds["wire"] = rss("Harbour opens")
    await station.poll()
    station.clock.advance(hours=13)
    await station.restart(config(rules=QUIET))
    watch = watching(station)
    await watch.look()
    await station.send()
    assert "desk" not in station.channels or conditions(station) == []
    await station.poll()
    await watch.look()
    await station.send()
    (told,) = conditions(station)
    assert told.title == "[Normal] Silent wire: quiet source: nothing new from wire for 13 h, limit 12 h"


async def test_nothing_is_decided_on_a_clock_that_is_not_trusted(station: Station) -> None:
    await station.begin(config(rules=VOLUME))
    station.feeds["wire"] = rss(*STORIES)
    await station.poll()
    station.clock.jump(days=400)
    watch = TrendWatch(station.world)
    assert not station.world.is_clock_trusted()
    await watch.look()
    await station.send()
    assert conditions(station) == []


async def test_a_third_source_makes_the_news_critical(station: Station) -> None:
    await station.begin(config(rules=SOURCES, feeds=("wire", "paper", "radio")))
    for name, title in zip(("wire", "paper", "radio"), ONE_STORY, strict=True):
        station.feeds[name] = rss(title)
        await station.poll()
        await station.send()
        station.clock.advance(minutes=20)
    alerts = [alert for message in station.channels["desk"].sent for alert in message.alerts]
    # The second waits to be gathered with more of the story.
    assert [alert.severity.word for alert in alerts] == ["low", "critical"]
    assert alerts[1].story == alerts[0].story
    assert alerts[1].note.startswith("raised from low to critical: now 3 independent sources within 2 h (")


async def test_copies_that_come_after_the_third_source_raise_nothing_more(station: Station) -> None:
    names = ("wire", "paper", "radio", "late", "later")
    await station.begin(config(rules=SOURCES, feeds=names))
    for name, title in zip(names, (*ONE_STORY, ONE_STORY[0], ONE_STORY[2]), strict=True):
        station.feeds[name] = rss(title)
        await station.poll()
        await station.send()
        station.clock.advance(minutes=5)
    alerts = [alert for message in station.channels["desk"].sent for alert in message.alerts]
    assert [(alert.headline.text, alert.severity.word) for alert in alerts] == [
        (ONE_STORY[0], "low"),
        (ONE_STORY[2], "critical"),
    ]
