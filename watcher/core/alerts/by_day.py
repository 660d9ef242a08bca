"""How many alerts came on each day, by severity: what a list of the latest ones does not show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final, NamedTuple

from watcher.core.model.rule import Severity

DAYS: Final = 14
"""So many days are shown, the last of them today."""


class Alerted(NamedTuple):
    """So many alerts of one severity that came in the quarter of an hour that begins `at`."""

    at: datetime
    severity: Severity
    alerts: int


@dataclass(frozen=True, slots=True)
class AlertDay:
    """One day: its alerts by severity, the weightiest first; severities without any are left out."""

    day: date
    by_severity: Mapping[Severity, int]

    @property
    def alerts(self) -> int:
        """How many there were."""
        return sum(self.by_severity.values())


def first_day(now: datetime, zone: tzinfo) -> datetime:
    """Return when the first day that is shown begins."""
    day = now.astimezone(zone).date() - timedelta(days=DAYS - 1)
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def by_day(alerted: Iterable[Alerted], now: datetime, zone: tzinfo) -> tuple[AlertDay, ...]:
    """Return the last days up to today, in order, those without an alert among them; a day is one of `zone`."""
    first = first_day(now, zone).date()
    counts: dict[date, dict[Severity, int]] = {first + timedelta(days=number): {} for number in range(DAYS)}
    for one in alerted:
        found = counts.get(one.at.astimezone(zone).date())
        if found is not None:
            found[one.severity] = found.get(one.severity, 0) + one.alerts
    return tuple(AlertDay(day, dict(sorted(found.items(), reverse=True))) for day, found in counts.items())
