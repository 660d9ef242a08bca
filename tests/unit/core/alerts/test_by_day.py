"""Alerts by day: days of a zone, also where its clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from watcher.core.alerts.by_day import DAYS, Alerted, by_day, first_day
from watcher.core.model.rule import Severity

KYIV = ZoneInfo("Europe/Kyiv")
NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


def test_a_day_is_one_of_the_zone() -> None:
    late = datetime(2026, 10, 31, 22, 30, tzinfo=UTC)  # 00:30 of the next day in Kyiv
    days = by_day([Alerted(late, Severity.HIGH, 2)], NOW, KYIV)
    assert [(one.day, one.by_severity) for one in days if one.alerts] == [(date(2026, 11, 1), {Severity.HIGH: 2})]
    assert [one.day for one in by_day([Alerted(late, Severity.HIGH, 2)], NOW, UTC) if one.alerts] == [
        date(2026, 10, 31)
    ]


def test_all_days_stand_there_in_order_once_also_where_the_clocks_change() -> None:
    days = [one.day for one in by_day([], NOW, KYIV)]
    assert days == [date(2026, 11, 1) - timedelta(days=DAYS - 1 - number) for number in range(DAYS)]


def test_the_first_day_begins_at_its_own_midnight() -> None:
    assert first_day(NOW, KYIV).astimezone(UTC) == datetime(2026, 10, 18, 21, 0, tzinfo=UTC)  # summer time still


def test_what_is_older_than_the_first_day_does_not_count() -> None:
    old = first_day(NOW, KYIV) - timedelta(minutes=15)
    assert sum(one.alerts for one in by_day([Alerted(old, Severity.LOW, 1)], NOW, KYIV)) == 0


def test_the_weightiest_stands_first() -> None:
    came = [Alerted(NOW, one, 1) for one in (Severity.LOW, Severity.CRITICAL, Severity.NORMAL)]
    today = by_day(came, NOW, KYIV)[-1]
    assert list(today.by_severity) == [Severity.CRITICAL, Severity.NORMAL, Severity.LOW]
    assert today.alerts == 3
