"""Bars of the alerts of the last days, as figures that a template draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from watcher.core.alerts.by_day import AlertDay

HEIGHT: Final = 100
_LEAST: Final = 2.0
"""A single alert beside a day of thousands is still seen."""


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a bar for one severity, from the top."""

    severity: str
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One day; `said` is all of it in words: "Mon 23 Nov: 3 alerts (1 high, 2 normal)"."""

    day: str
    alerts: int
    said: str
    parts: Sequence[Part]


def bars(days: Sequence[AlertDay]) -> list[Bar]:
    """Return a bar a day; the day with the most alerts has the full height."""
    most = max((day.alerts for day in days), default=0)
    return [_bar(day, most) for day in days]


def _bar(day: AlertDay, most: int) -> Bar:
    parts: list[Part] = []
    bottom = float(HEIGHT)
    for severity, count in reversed(list(day.by_severity.items())):
        height = min(max(count / most * HEIGHT, _LEAST), bottom)
        bottom -= height
        parts.append(Part(severity.word, round(bottom, 1), round(height, 1)))
    kinds = ", ".join(f"{count:,} {severity.word}" for severity, count in day.by_severity.items())
    counted = f"{day.alerts:,} {'alert' if day.alerts == 1 else 'alerts'}" + (f" ({kinds})" if kinds else "")
    return Bar(f"{day.day.day} {day.day:%b}", day.alerts, f"{day.day:%a} {day.day.day} {day.day:%b}: {counted}", parts)
