"""Which time zone somebody meant who wrote a city, an offset, or its name a little otherwise."""

from __future__ import annotations

import re
from typing import Final
from zoneinfo import available_timezones

from watcher.core.spelling import nearest_word

_USUAL: Final = "write a name such as Europe/Paris or UTC"
_LIKE_A_CITY: Final = 0.75
_LONG_ENOUGH: Final = 5  # letters; of fewer, such as EST5, too many cities are near
_CONTINENTS: Final = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
_OFFSET: Final = re.compile(r"(?i)(?:utc|gmt)? ?[+-] ?\d{1,2}(?::?\d\d)?")
# Cities that no zone is called by, and old spellings.
_CITIES: Final = {
    "kiev": "Europe/Kyiv",
    "moskva": "Europe/Moscow",
    "moskau": "Europe/Moscow",
    "beijing": "Asia/Shanghai",
    "peking": "Asia/Shanghai",
    "delhi": "Asia/Kolkata",
    "washington": "America/New_York",
    "geneva": "Europe/Zurich",
    "frankfurt": "Europe/Berlin",
    "saigon": "Asia/Ho_Chi_Minh",
}


def zone_meant(text: str) -> str:
    """Return the hint for a text that is no time zone.

    >>> zone_meant("Kiev")
    'did you mean `Europe/Kyiv`?'
    """
    if _OFFSET.fullmatch(text):
        return "a zone is the name of a city, which knows its summer time, such as Europe/Kyiv or Asia/Seoul"
    wanted = text.strip().casefold().replace(" ", "_")
    names = sorted(available_timezones())
    zones = {name.casefold(): name for name in names}
    cities = {name.casefold().rpartition("/")[2]: name for name in names if name.startswith(_CONTINENTS)}
    city = wanted.rpartition("/")[2]
    meant = zones.get(wanted) or _CITIES.get(city) or cities.get(city)
    if not meant and len(city) >= _LONG_ENOUGH:
        meant = cities.get(nearest_word(city, cities, _LIKE_A_CITY), "")
    return f"did you mean `{meant}`?" if meant else _USUAL
