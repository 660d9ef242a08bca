"""Read the dates that feeds write, in whatever form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

_EARLIEST_YEAR = 1990  # before the web: a clock that was never set (1970), or a field that was never filled (year 1)
_LATEST_YEAR = 2100
_MAX_CHARS = 100
_LARGEST_OFFSET = timedelta(hours=14)  # Kiribati; "+3000" was seen, and is read as no zone

_HALF = r"오전|오후|午前|午後|上午|下午|中午|晚上|凌晨|早上|[AaPp]\.?[Mm]\.?(?![^\W\d])"
_CLOCK = r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]{1,9})?)?"
_TIME = rf"(?:({_HALF})\s*)?{_CLOCK}\s*({_HALF})?\s*(.*)"  # half, hour, minute, second, half, zone

_ISO = re.compile(
    rf"(?:[^\W\d]{{2,12}}\.?,?\s+)?([0-9]{{4}})([-/])([0-9]{{1,2}})\2([0-9]{{1,2}})(?:(?:T|\s*-\s+|,?\s+){_TIME})?Z?",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"([0-9]{4})-?([0-9]{2})(?:-?([0-9]{2})(?:T?([0-9]{2}):?([0-9]{2}):?([0-9]{2})?(.*))?)?")
_RFC = re.compile(
    rf"(?:[^\W\d]{{2,12}}\.?,?\s+)?([0-9]{{1,2}})(?:st|nd|rd|th|\.)?[\s-]+(?:de\s+)?([^\W\d]{{3,12}})\.?,?[\s-]+(?:de\s+)?"
    rf"([0-9]{{4}}|[0-9]{{2}})(?![0-9])(?:,?\s+(?:-\s+)?(?:[^\W\d]{{1,3}}\s+)?{_TIME})?"
)
_US = re.compile(
    rf"(?:[^\W\d]{{3,9}}\.?,?\s+)?([^\W\d]{{3,9}})\.?\s+([0-9]{{1,2}})(?:st|nd|rd|th)?,?\s+([0-9]{{4}})(?:,?\s+(?:at\s+|-\s+)?{_TIME})?"
)
_ASCTIME = re.compile(
    rf"[^\W\d]{{3,9}}\s+([^\W\d]{{3}})\s+([0-9]{{1,2}})\s+{_CLOCK}\s+(?:(\S*[^\W\d]\S*)\s+)?([0-9]{{4}})"
)
_DAY_FIRST = re.compile(
    rf"(?:[^\W\d]{{2,12}}\.?,?\s+)?([0-9]{{1,2}})([./-])\s?([0-9]{{1,2}})\2\s?([0-9]{{4}}|[0-9]{{2}})\.?"
    rf"(?:(?:T|,?\s+(?:[^\W\d]{{1,3}}\s+|-\s+)?){_TIME})?"
)
_EAST_ASIAN = re.compile(
    r"([0-9]{4})\s*[年년.]\s*([0-9]{1,2})\s*[月월.]\s*([0-9]{1,2})\s*[日일.]?\s*(?:[(（]?(?:星期|周|週)?[월화수목금토일月火水木金土日一二三四五六](?:요일|曜日?)?[)）]?)?"
    rf"(?:[\s,T]*(?:({_HALF})\s*)?([0-9]{{1,2}})\s*[:時时시点點]\s*([0-9]{{1,2}})?\s*(?:[:分분]\s*([0-9]{{1,2}})?\s*[秒초]?)?\s*({_HALF})?\s*(.*))?"
)
_OFFSET = re.compile(r"\(?(?:GMT|UTC|UT)?\s*([+-])([0-9]{1,2}):?([0-9]{2})?\)?(?:\s*\(.*)?$", re.IGNORECASE)
_OFFSET_INSIDE = re.compile(r"\((?:GMT|UTC)?([+-])([0-9]{1,2}):?([0-9]{2})?\)", re.IGNORECASE)
_EPOCH = re.compile(r"[0-9]{9,10}(?:[0-9]{3})?")

# Hours from UTC. Source: RFC 5322 section 4.3 for the North American ones; the others as feeds of those countries use
# them.
_ZONES = {
    "": 0, "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "met": 1, "cest": 2, "mest": 2, "mez": 1,
    "mesz": 2, "eet": 2, "eest": 3, "sast": 2, "msk": 3, "msd": 4, "trt": 3, "pkt": 5, "ict": 7, "wib": 7, "hkt": 8, "sgt": 8, "myt": 8,
    "pht": 8, "awst": 8, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13, "ast": -4, "adt": -3, "est": -5,
    "edt": -4, "et": -5, "cst": -6, "cdt": -5, "ct": -6, "mst": -7, "mdt": -6, "mt": -7, "pst": -8, "pdt": -7, "pt": -8, "akst": -9,
    "akdt": -8, "hst": -10, "brt": -3, "art": -3, "clt": -4, "clst": -3, "uyt": -3, "bot": -4, "vet": -4, "cot": -5, "pet": -5, "nst": -3.5,
    "ndt": -2.5, "ist": 5.5, "slst": 5.5, "npt": 5.75, "bdt": 6, "mmt": 6.5, "irst": 3.5, "gst": 4, "azt": 4, "samt": 4, "idt": 3, "eat": 3,
    "cat": 2, "wat": 1, "uzt": 5, "almt": 5, "yekt": 5, "omst": 6, "krat": 7, "irkt": 8, "yakt": 9, "vlat": 10, "magt": 11, "pett": 12,
    "wita": 8, "wit": 9, "phst": 8, "acst": 9.5, "acdt": 10.5, "chst": 10, "мск": 3, "uhr": 0,
}  # fmt: skip
# CST is Chinese beside a Chinese date, BST and IST are what most feeds mean by them: British summer, India.
_AFTERNOON = frozenset({"pm", "오후", "午後", "下午", "晚上", "中午"})
_MONTH_NAMES = (
    "ιαν január jan january januar janvier enero gennaio janeiro ocak januari января янв stycznia styczeń ene gen",
    "φεβ február feb february februar février fevrier febrero febbraio fevereiro şubat subat februari февраля фев lutego luty fév",
    "μάρ μαρ március mar march märz marz mars marzo março mart maart марта мар marca mär mrz",
    "απρ április apr april avril abril aprile nisan апреля апр kwietnia avr abr",
    "μάι μαι május may mai mayo maggio maio mayıs mayis mei мая май maja maj mag",
    "ιούν ιουν június jun june juni juin junio giugno junho haziran июня июн czerwca giu",
    "ιούλ ιουλ július jul july juli juillet julio luglio julho temmuz июля июл lipca lug juil",
    "αύγ αυγ aug august août aout agosto ağustos agustos augustus августа авг sierpnia ago aoû",
    "σεπ sep sept september septembre septiembre settembre setembro eylül eylul сентября сен września set",
    "οκτ október oct october oktober octobre octubre ottobre outubro ekim октября окт października okt ott out",
    "νοέ νοε nov november novembre noviembre novembro kasım kasim ноября ноя listopada",
    "δεκ dec december dezember décembre decembre diciembre dicembre dezembro aralık aralik декабря дек grudnia dez déc dic",
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}


def parse_date(text: str) -> datetime | None:
    """Return the moment that a feed's date text means, as aware UTC; a time without zone counts as UTC.

    None for text that is no date ("32 Foo 2026") and for absurd years (before 1990, from 2100 on). Never raises.

    Source: RFC 5322 section 3.3, RFC 3339, W3C-DTF; the national forms are those of feeds in the wild and of
    feedparser's tests. A date in figures alone (03/11/2026) is day first, unless its second number can be no month.
    """
    text = text.strip()
    if not text or len(text) > _MAX_CHARS:
        return None
    for form in (_rfc, _iso, _us, _day_first, _east_asian, _asctime, _epoch, _compact):
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
    year, _, month, day, *time = found.groups()
    return _at(int(year), int(month), int(day), time)


def _compact(text: str) -> datetime | None:
    """Read ISO 8601 without signs (20240205T123000Z), and dates of W3C-DTF without a day (2024-02)."""
    found = _COMPACT.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second, zone = found.groups()
    if day is None and "-" not in text:
        return None  # six figures alone are no month
    return _moment(int(year), int(month), int(day or 1), hour, minute, second, zone or "")


def _rfc(text: str) -> datetime | None:
    found = _RFC.fullmatch(text)
    if not found:
        return None
    day, month_name, year, *time = found.groups()
    month = _MONTHS.get(month_name.lower())
    return None if month is None else _at(_full_year(year), month, int(day), time)


def _us(text: str) -> datetime | None:
    found = _US.fullmatch(text)
    if not found:
        return None
    month_name, day, year, *time = found.groups()
    month = _MONTHS.get(month_name.lower())
    return None if month is None else _at(int(year), month, int(day), time)


def _asctime(text: str) -> datetime | None:
    found = _ASCTIME.fullmatch(text)
    if not found:
        return None
    month_name, day, hour, minute, second, zone, year = found.groups()
    month = _MONTHS.get(month_name.lower())
    return None if month is None else _moment(int(year), month, int(day), hour, minute, second, zone or "")


def _day_first(text: str) -> datetime | None:
    found = _DAY_FIRST.fullmatch(text)
    if not found:
        return None
    first, sign, second, year, *time = found.groups()
    if len(year) == 2 and sign != ".":
        return None  # 26-11-23 may be a year, a month or a day at either end
    day, month = int(first), int(second)
    if month > 12:
        day, month = month, day
    return _at(_full_year(year), month, day, time)


def _east_asian(text: str) -> datetime | None:
    found = _EAST_ASIAN.fullmatch(text)
    if not found:
        return None
    year, month, day, *time = found.groups()
    if (time[-1] or "").strip().lower() == "cst":
        time[-1] = "+0800"
    return _at(int(year), int(month), int(day), time)


def _epoch(text: str) -> datetime | None:
    if not _EPOCH.fullmatch(text):
        return None
    return datetime.fromtimestamp(int(text[:10]) if len(text) > 10 else int(text), UTC)


def _at(year: int, month: int, day: int, time: Sequence[str | None]) -> datetime:
    """Return the moment of a day and the groups of `_TIME`."""
    before, hour, minute, second, after, zone = time
    return _moment(year, month, day, _halved(hour, before or after), minute, second, zone or "")


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
    found = _OFFSET.match(name) or _OFFSET_INSIDE.search(name)
    if found:
        sign, hours, minutes = found.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        if offset > _LARGEST_OFFSET:
            return UTC
        return timezone(-offset if sign == "-" else offset)
    word = name.strip("([").split("(")[0].strip(" )].").lower().removeprefix("etc/")
    # An unknown zone name is read as UTC: a few hours wrong is better than no date.
    return timezone(timedelta(hours=_ZONES.get(word, 0)))


def _full_year(text: str) -> int:
    year = int(text)
    if len(text) > 2:
        return year
    return year + (2000 if year < 70 else 1900)  # RFC 5322 section 4.3, with our range


def _halved(hour: str | None, half: str | None) -> str | None:
    if hour is None or not half:
        return hour
    half = half.lower().replace(".", "")
    if int(hour) > 12:
        return hour  # "14:00 PM"
    if half == "中午" and int(hour) > 10:
        return hour  # noon, of eleven and twelve
    return str(int(hour) % 12 + (12 if half in _AFTERNOON else 0))
