"""Read the dates that feeds write, in whatever form."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from feedparser.datetimes import _parse_date as feedparser_date

_EARLIEST_YEAR = 1970
_LATEST_YEAR = 2100
_MAX_CHARS = 100

_ISO = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:[T\s]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]{1,9})?)?\s*(Z|UTC|GMT|[+-][0-9]{2}:?(?:[0-9]{2})?)?)?",
    re.IGNORECASE,
)
_RFC = re.compile(
    r"(?:[^\W\d]{2,12}\.?,?\s+)?([0-9]{1,2})(?:st|nd|rd|th|\.)?[\s-]+([^\W\d]{3,12})\.?,?[\s-]+([0-9]{4}|[0-9]{2})(?![0-9])"
    r"(?:,?\s+(?:[^\W\d]{1,3}\s+)?([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?\s*([AaPp][Mm])?\s*(.*))?"
)
_US = re.compile(
    r"(?:[^\W\d]{3,9}\.?,?\s+)?([^\W\d]{3,9})\.?\s+([0-9]{1,2})(?:st|nd|rd|th)?,?\s+([0-9]{4})"
    r"(?:,?\s+(?:at\s+)?([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?\s*([AaPp][Mm])?\s*(.*))?"
)
_EAST_ASIAN = re.compile(
    r"([0-9]{4})\s*[年년.]\s*([0-9]{1,2})\s*[月월.]\s*([0-9]{1,2})\s*[日일.]?"
    r"(?:.{0,6}?([0-9]{1,2})[:時时시]\s*([0-9]{2})?(?:[:分분]\s*([0-9]{2}))?.?)?"
)
_SLASHED = re.compile(r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})(?:\s+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?\s*(.*)")
_OFFSET = re.compile(r"\(?(?:GMT|UTC|UT)?\s*([+-])([0-9]{1,2}):?([0-9]{2})?\)?(?:\s*\(.*)?$", re.IGNORECASE)
_EPOCH = re.compile(r"[0-9]{9,10}(?:[0-9]{3})?")

# Hours from UTC. Source: RFC 5322 section 4.3 for the North American ones; the others as feeds of those countries use them.
_ZONES = {
    "": 0, "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "met": 1, "cest": 2, "mest": 2, "mez": 1,
    "mesz": 2, "eet": 2, "eest": 3, "sast": 2, "msk": 3, "msd": 4, "trt": 3, "pkt": 5, "ict": 7, "wib": 7, "hkt": 8, "sgt": 8, "myt": 8,
    "pht": 8, "awst": 8, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13, "ast": -4, "adt": -3, "est": -5,
    "edt": -4, "et": -5, "cst": -6, "cdt": -5, "ct": -6, "mst": -7, "mdt": -6, "mt": -7, "pst": -8, "pdt": -7, "pt": -8, "akst": -9,
    "akdt": -8, "hst": -10, "brt": -3, "art": -3, "clt": -4,
}  # fmt: skip
_MONTH_NAMES = (
    "jan january januar janvier enero gennaio janeiro ocak januari января янв stycznia styczeń ene gen",
    "feb february februar février fevrier febrero febbraio fevereiro şubat subat februari февраля фев lutego luty fév",
    "mar march märz marz mars marzo março mart maart марта мар marca mär mrz",
    "apr april avril abril aprile nisan апреля апр kwietnia avr abr",
    "may mai mayo maggio maio mayıs mayis mei мая май maja maj mag",
    "jun june juni juin junio giugno junho haziran июня июн czerwca giu",
    "jul july juli juillet julio luglio julho temmuz июля июл lipca lug juil",
    "aug august août aout agosto ağustos agustos augustus августа авг sierpnia ago aoû",
    "sep sept september septembre septiembre settembre setembro eylül eylul сентября сен września set",
    "oct october oktober octobre octubre ottobre outubro ekim октября окт października okt ott out",
    "nov november novembre noviembre novembro kasım kasim ноября ноя listopada",
    "dec december dezember décembre decembre diciembre dicembre dezembro aralık aralik декабря дек grudnia dez déc dic",
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}


def parse_date(text: str) -> datetime | None:
    """Return the moment that a feed's date text means, as aware UTC; a time without zone counts as UTC.

    None for text that is no date ("32 Foo 2026") and for absurd years (before 1970, after 2100). Never raises.

    Source: RFC 5322 section 3.3, RFC 3339, W3C-DTF; the odd national forms are read by feedparser and by own patterns.
    """
    text = text.strip()
    if not text or len(text) > _MAX_CHARS:
        return None
    for form in (_iso, _rfc, _us, _slashed, _east_asian, _epoch, _feedparser):
        try:
            moment = form(text)
            if moment is not None:
                moment = moment.astimezone(UTC)
        except (ValueError, OverflowError):
            continue
        if moment is not None:
            return plausible(moment)
    return None


def plausible(moment: datetime | None) -> datetime | None:
    """Return the moment if a publisher can have meant it, else None."""
    if moment is None or not _EARLIEST_YEAR <= moment.year < _LATEST_YEAR:
        return None
    return moment


def _iso(text: str) -> datetime | None:
    found = _ISO.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second, zone = found.groups()
    return _moment(int(year), int(month), int(day), hour, minute, second, zone or "")


def _rfc(text: str) -> datetime | None:
    found = _RFC.fullmatch(text)
    if not found:
        return None
    day, month_name, year, hour, minute, second, half, zone = found.groups()
    month = _MONTHS.get(month_name.lower())
    if month is None:
        return None
    return _moment(_full_year(year), month, int(day), _halved(hour, half), minute, second, zone or "")


def _us(text: str) -> datetime | None:
    found = _US.fullmatch(text)
    if not found:
        return None
    month_name, day, year, hour, minute, second, half, zone = found.groups()
    month = _MONTHS.get(month_name.lower())
    if month is None:
        return None
    return _moment(int(year), month, int(day), _halved(hour, half), minute, second, zone or "")


def _slashed(text: str) -> datetime | None:
    found = _SLASHED.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second, zone = found.groups()
    return _moment(int(year), int(month), int(day), hour, minute, second, zone or "")


def _east_asian(text: str) -> datetime | None:
    found = _EAST_ASIAN.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second = found.groups()
    return _moment(int(year), int(month), int(day), hour, minute, second, "")


def _epoch(text: str) -> datetime | None:
    if not _EPOCH.fullmatch(text):
        return None
    return datetime.fromtimestamp(int(text[:10]) if len(text) > 10 else int(text), UTC)


def _feedparser(text: str) -> datetime | None:
    parts = feedparser_date(text)
    if not parts:
        return None
    year, month, day, hour, minute, second = parts[:6]
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def _moment(
    year: int, month: int, day: int, hour: str | None, minute: str | None, second: str | None, zone: str
) -> datetime:
    seconds = int(second or 0)
    hours = int(hour or 0)
    # Leap seconds and "24:00:00" are written by some systems.
    next_day = hours == 24
    moment = datetime(
        year, month, day, 0 if next_day else hours, int(minute or 0), min(seconds, 59), tzinfo=_zone(zone)
    )
    return moment + timedelta(days=1) if next_day else moment


def _zone(name: str) -> timezone:
    name = name.strip()
    found = _OFFSET.match(name)
    if found:
        sign, hours, minutes = found.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(-offset if sign == "-" else offset)
    word = name.split("(")[0].strip().lower().removeprefix("etc/")
    # An unknown zone name is read as UTC: a few hours wrong is better than no date.
    return timezone(timedelta(hours=_ZONES.get(word, 0)))


def _full_year(text: str) -> int:
    year = int(text)
    if len(text) > 2:
        return year
    return year + (2000 if year < 70 else 1900)  # RFC 5322 section 4.3, with our range from 1970


def _halved(hour: str | None, half: str | None) -> str | None:
    if hour is None or not half:
        return hour
    return str(int(hour) % 12 + (12 if half.lower() == "pm" else 0))
