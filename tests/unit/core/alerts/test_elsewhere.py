"""The ways that alerts take round a channel that takes none."""

from __future__ import annotations

from itertools import product

from watcher.core.alerts.elsewhere import circle_of, ways_round
from watcher.core.model.ids import ChannelName

NAMES = ("desk", "me", "ops")


def ways(named: dict[str, str], *meta: str) -> dict[ChannelName, tuple[ChannelName, ...]]:
    as_names = {ChannelName(one): ChannelName(other) for one, other in named.items()}
    return {**ways_round(as_names, map(ChannelName, NAMES), [ChannelName(one) for one in meta])}


def test_what_the_files_name_goes_before_meta() -> None:
    assert ways({"desk": "me"}) == {"desk": ("me",)}
    assert ways({"desk": "me"}, "ops") == {"desk": ("me", "ops"), "me": ("ops",)}
    assert ways({}, "ops", "me") == {"desk": ("ops",), "me": ("ops",)}


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
                # What was told round one channel is never told round the next one back to it.
                assert all(name not in ways(named, *meta).get(other, ()) for other in way)
    assert found > 30
