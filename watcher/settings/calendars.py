"""Reads the dates of a calendar file (.ics), such as the holidays of a country.

Source: RFC 5545, sections 3.1 (folded lines), 3.6.1 (VEVENT), 3.3.10 (RRULE).
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

LAST_YEAR: Final = 2100
"""What comes each year is listed up to here."""
_MOST_DAYS: Final = 366
_DATE: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")


def read_calendar(text: str) -> tuple[frozenset[date], list[str]]:
    """Return the days of all events, and what is wrong with the file in sentences.

    An event that comes each year counts each year; of one that is repeated otherwise the first day counts, and that is
    said.
    """
    days: set[date] = set()
    wrong: list[str] = []
    for event in _events(text):
        found = _days(event)
        if found is None:
            wrong.append(f"the event `{event.get('SUMMARY', '')[:60]}` has no date")
            continue
        rule = event.get("RRULE", "")
        if rule and "FREQ=YEARLY" not in rule.upper():
            wrong.append(
                f"the event `{event.get('SUMMARY', '')[:60]}` is repeated by {rule[:60]}; only its first counts"
            )
        days.update(found if "FREQ=YEARLY" not in rule.upper() else _each_year(found, rule))
    if not days and not wrong:
        wrong.append("there are no events in it")
    return frozenset(days), wrong


def _events(text: str) -> list[dict[str, str]]:
    unfolded = re.sub(r"\r?\n[ \t]", "", text)
    events: list[dict[str, str]] = []
    inside = False
    for line in unfolded.splitlines():
        head, _, value = line.partition(":")
        name = head.partition(";")[0].strip().upper()
        if (name, value.strip().upper()) == ("BEGIN", "VEVENT"):
            inside = True
            events.append({})
        elif name == "END":
            inside = False
        elif inside and events:
            events[-1].setdefault(name, value.strip())
    return events


def _days(event: dict[str, str]) -> list[date] | None:
    begins, ends = _date(event.get("DTSTART", "")), _date(event.get("DTEND", ""))
    if begins is None:
        return None
    length = 1 if ends is None else max(1, min((ends - begins).days, _MOST_DAYS))
    return [begins + timedelta(days=number) for number in range(length)]


def _each_year(days: list[date], rule: str) -> list[date]:
    until = re.search(r"UNTIL=(\d{4})", rule.upper())
    last = min(int(until.group(1)), LAST_YEAR) if until else LAST_YEAR
    found = []
    for day in days:
        for year in range(day.year, last + 1):
            try:
                found.append(day.replace(year=year))
            except ValueError:  # 29 February
                continue
    return found


def _date(text: str) -> date | None:
    found = _DATE.match(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
