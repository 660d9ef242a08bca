"""Reads the five fields of a crontab line: minute, hour, day of the month, month, weekday.

Source: crontab(5): 0 and 7 are Sunday; where day of the month and weekday are both given, one of them is enough.
"""

from __future__ import annotations

from datetime import time
from typing import Final

from watcher.core.model.timing import Days

MOST_TIMES: Final = 24
"""So many times a day at most: a digest that comes more often is none."""
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FIELDS: Final[tuple[tuple[str, int, int, dict[str, int]], ...]] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of the month", 1, 31, {}),
    ("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    ("weekday", 0, 7, {name: number for number, name in enumerate(("sun", *WEEKDAYS[:6]))}),
)


def read_cron(text: str) -> tuple[tuple[time, ...], Days]:
    """Return the times of day and the days of a crontab line.

    Raises:
        ValueError: it is none; the text says which field is wrong and what it takes.
    """
    fields = text.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"a crontab line has five fields, this one has {len(fields)}")
    minutes, hours, month_days, months, weekdays = (
        _numbers(field, *shape) for field, shape in zip(fields, _FIELDS, strict=True)
    )
    times = tuple(time(hour, minute) for hour in sorted(hours) for minute in sorted(minutes))
    if len(times) > MOST_TIMES:
        raise ValueError(f"that is {len(times)} times a day; {MOST_TIMES} are the most")
    is_either = not fields[2].startswith("*") and not fields[4].startswith("*")
    monday_first = frozenset((day - 1) % 7 for day in weekdays)
    return times, Days(monday_first, frozenset(month_days), frozenset(months), is_either=is_either)


def _numbers(field: str, name: str, lowest: int, highest: int, words: dict[str, int]) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        try:
            every = int(step) if step else 1
            begin = lowest if span == "*" else words.get(first.lower(), -1) if first.lower() in words else int(first)
            end = highest if span == "*" or (step and not dash) else begin
            if dash:
                end = words[last.lower()] if last.lower() in words else int(last)
        except ValueError:
            begin, end, every = -1, -1, 1
        if every < 1 or not lowest <= begin <= end <= highest:
            raise ValueError(
                f"`{part[:40]}` is no {name}: {lowest} to {highest}, `*`, `1-5`, `*/2`, or a list of these"
            )
        found.update(range(begin, end + 1, every))
    return found
