"""Zones that feeds write by name are as far from UTC as the tz database says of the places that use them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from watcher.core.feeds.dates import parse_date

PLACES = {
    "America/New_York": "EST EDT",
    "America/Chicago": "CST CDT",
    "America/Denver": "MST MDT",
    "America/Los_Angeles": "PST PDT",
    "America/Anchorage": "AKST AKDT",
    "America/Halifax": "AST ADT",
    "America/St_Johns": "NST NDT",
    "America/Santiago": "CLT CLST",
    "Europe/Lisbon": "WET WEST",
    "Europe/London": "GMT BST",
    "Europe/Berlin": "CET CEST, MEZ MESZ, MET MEST",
    "Europe/Athens": "EET EEST",
    "Australia/Sydney": "AEST AEDT",
    "Australia/Adelaide": "ACST ACDT",
    "Pacific/Auckland": "NZST NZDT",
    "Pacific/Honolulu": "HST",
    "America/Sao_Paulo": "BRT",
    "America/Argentina/Buenos_Aires": "ART",
    "America/Montevideo": "UYT",
    "America/La_Paz": "BOT",
    "America/Caracas": "VET",
    "America/Bogota": "COT",
    "America/Lima": "PET",
    "Africa/Johannesburg": "SAST",
    "Africa/Nairobi": "EAT",
    "Africa/Maputo": "CAT",
    "Africa/Lagos": "WAT",
    "Europe/Moscow": "MSK, мск",
    "Europe/Istanbul": "TRT",
    "Europe/Samara": "SAMT",
    "Asia/Baku": "AZT",
    "Asia/Dubai": "GST",
    "Asia/Tehran": "IRST",
    "Asia/Karachi": "PKT",
    "Asia/Tashkent": "UZT",
    "Asia/Almaty": "ALMT",
    "Asia/Yekaterinburg": "YEKT",
    "Asia/Kolkata": "IST",
    "Asia/Colombo": "SLST",
    "Asia/Kathmandu": "NPT",
    "Asia/Dhaka": "BDT",
    "Asia/Omsk": "OMST",
    "Asia/Yangon": "MMT",
    "Asia/Bangkok": "ICT",
    "Asia/Krasnoyarsk": "KRAT",
    "Asia/Jakarta": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Jayapura": "WIT",
    "Asia/Irkutsk": "IRKT",
    "Asia/Hong_Kong": "HKT",
    "Asia/Singapore": "SGT",
    "Asia/Kuala_Lumpur": "MYT",
    "Asia/Manila": "PHT, PHST",
    "Australia/Perth": "AWST",
    "Asia/Tokyo": "JST",
    "Asia/Seoul": "KST",
    "Asia/Yakutsk": "YAKT",
    "Asia/Vladivostok": "VLAT",
    "Pacific/Guam": "CHST",
    "Asia/Magadan": "MAGT",
    "Asia/Kamchatka": "PETT",
}
"""Names of a place: in standard time, and in summer time where it has one."""


@pytest.mark.parametrize("place", PLACES)
def test_a_zone_by_name_is_as_far_from_utc_as_its_place(place: str) -> None:
    seasons = sorted((datetime(2026, month, 15, 12, tzinfo=ZoneInfo(place)) for month in (1, 7)), key=_offset)
    for pair in PLACES[place].split(", "):
        for name, noon in zip(pair.split(), seasons, strict=False):
            written = f"{noon:%a, %d %b %Y %H:%M:%S} {name}"
            assert parse_date(written) == noon.astimezone(UTC), written


def _offset(noon: datetime) -> float:
    offset = noon.utcoffset()
    assert offset is not None
    return offset.total_seconds()
