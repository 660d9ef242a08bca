"""The ways that alerts take round a channel that takes none."""

from __future__ import annotations

from itertools import product

from watcher.core.alerts.elsewhere import circle_of, was_sent_on_from, ways_round, with_what_was_sent
from watcher.core.model.ids import ChannelName

NAMES = ("desk", "me", "ops")


def ways(named: dict[str, str], *meta: str) -> dict[ChannelName, tuple[ChannelName, ...]]:
    as_names = {ChannelName(one): ChannelName(other) for one, other in named.items()}
    return {**ways_round(as_names, map(ChannelName, NAMES), [ChannelName(one) for one in meta])}


def test_what_the_files_name_goes_before_meta() -> None:
    assert ways({"desk": "me"}) == {"desk": ("me",)}
    assert ways({"desk": "me"}, "ops") == {"desk": ("me", "ops"), "me": ("ops",)}
    assert ways({}, "ops", "me") == {"desk": ("ops", "me"), "me": ("ops",), "ops": ("me",)}


def test_no_way_comes_back_to_a_channel_whatever_is_named() -> None:
    found = 0
    for targets in product((None, *NAMES), repeat=3):
        named = {name: to for name, to in zip(NAMES, targets, strict=True) if to is not None}
        as_names = {ChannelName(name): ChannelName(to) for name, to in named.items()}
        if any(name == to or circle_of(name, as_names) for name, to in as_names.items()):
            continue
        for meta in (("ops",), ("desk", "me"), ("me", "desk", "ops")):
            found += 1
            for name, way in ways(named, *meta).items():
                assert name not in way
                assert len(set(way)) == len(way)
                # All of `meta` is asked in the end.
                assert {ChannelName(one) for one in meta} <= {name, *way}
    assert found > 30


def test_an_alert_knows_the_channels_that_it_was_sent_on_from() -> None:
    note = "high: 3 sources; sent here because the channel desk takes no messages now; sent here because the channel me is off"
    assert [was_sent_on_from(note, ChannelName(name)) for name in NAMES] == [True, True, False]
    assert not was_sent_on_from("sent here because the channel desktop is off", ChannelName("desk"))


def test_a_note_names_only_the_channels_that_took_the_alert() -> None:
    note = "sirens; also sent to me; also sent to ops"
    assert with_what_was_sent(note, {ChannelName("ops")}) == "sirens; also sent to ops"
    assert with_what_was_sent(note, ()) == "sirens"
    assert with_what_was_sent("", ()) == ""
