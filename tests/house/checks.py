"""All rules of the house that are checked by counting."""

from __future__ import annotations

from pathlib import Path

from tests.house.functions import too_long, too_long_file, too_many_ways
from tests.house.names import defined_twice
from tests.house.prose import too_wide
from tests.house.source import Fault, sources

_KNOWN = Path(__file__).with_name("known_names.txt")


def faults() -> list[Fault]:
    """Return what breaks a rule, by rule and place; empty when the house is in order."""
    ours, tests = sources("watcher"), sources("tests")
    return [
        *(fault for source in ours for fault in too_many_ways(source)),
        *(fault for source in ours for fault in too_long(source)),
        *(fault for source in ours for fault in too_long_file(source)),
        *(fault for source in [*ours, *tests] for fault in too_wide(source)),
        *defined_twice(ours, known_names()),
    ]


def known_names() -> frozenset[str]:
    """Return the names that were defined twice when the rule was made, each as `room name`."""
    lines = _KNOWN.read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
