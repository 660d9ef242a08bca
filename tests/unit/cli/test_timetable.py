"""Who gets what and when, in the words of `check`."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from watcher.asking.timetable import next_times, odd_silences, ways
from watcher.settings.configuration import Configuration
from watcher.settings.env import read_settings
from watcher.settings.load import load_files

TEXT = """
rules: [{name: Shells, all: [shells], send_to: [desk]}, {name: Ships, any: [tanker]}]
feeds: [{url: 'https://wire.example/feed', name: wire}]
defaults: {zone: Europe/Paris}
schedules:
  night: {from: "23:00", until: "06:30"}
  morning: {at: "06:30", days: mon-fri}
  daily: {at: "18:00"}
  never: {cron: "0 6 31 2 *"}
channels:
  desk: {type: file, path: desk.txt, quiet: {during: night, then: send, pass: none}, limit: {stories: 5, then: drop}}
  me: {type: file, path: me.txt, quiet: night}
routes:
  - {when: {severity: [high, critical], rule: shells}, send_to: [me]}
  - {when: {tags: [Wires], feed: wire}, send_only_to: [console], digest: {at: morning, holds: high}}
"""
FRIDAY = datetime(2026, 11, 27, 12, tzinfo=UTC)


def configuration() -> Configuration:
    loaded = load_files({"a.yaml": TEXT}, read_settings(), shares=None)
    assert loaded.configuration is not None, loaded.problems
    return loaded.configuration


def test_a_rule_says_what_its_channels_and_routes_hold_or_add() -> None:
    shells, ships = configuration().rules
    of_route = "feed wire and tags wires: only console; digest morning holds up to high"
    assert ways(shells, configuration()) == [
        "desk: quiet 23:00 to 06:30, then each on its own, nothing passes, at most 5 in 30 min, the rest is dropped",
        "me: quiet 23:00 to 06:30, then one message, critical passes",
        "critical, high: also me",
        of_route,
    ]
    assert ways(ships, configuration()) == [of_route]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (FRIDAY, "next Fri 27 Nov 23:00 to Sat 28 Nov 06:30 CET"),
        (FRIDAY.replace(hour=23), "now, until Sat 28 Nov 06:30 CET"),
    ],
)
def test_a_window_says_when_it_begins_or_ends(now: datetime, expected: str) -> None:
    assert next_times(configuration(), now)[0].said == expected


def test_a_digest_says_its_next_time_and_its_longest_wait() -> None:
    said = {one.name: one.said for one in next_times(configuration(), FRIDAY)}
    assert said["morning"] == "next Mon 30 Nov 06:30 CET, the longest wait is 73 h: more than a day"
    assert said["daily"] == "next Fri 27 Nov 18:00 CET, the longest wait is 25 h"
    assert said["never"] == "never within a year"


def test_silences_that_are_over_or_longer_than_a_week_are_named() -> None:
    silences = """
silences:
  - {name: long, rule: shells, for: 10d, because: x}
  - {name: over, words: [parade], from: "2026-11-01 00:00", for: 1h, because: y}
  - {name: short, rule: ships, for: 7d, because: z}
"""
    loaded = load_files({"a.yaml": TEXT + silences}, read_settings(), shares=None)
    assert loaded.configuration is not None, loaded.problems
    assert odd_silences(loaded.configuration, FRIDAY) == [
        "silence long: 10 days, more than a week; what it holds: watcher deliveries silenced",
        "silence over: is over, and mutes nothing; take it out",
    ]
