"""Schedules, routes, and what channels say about when they ring: what is read, and what each mistake is told."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from watcher.core.model.ids import RuleId
from watcher.core.model.rule import Severity
from watcher.core.model.timing import Digest, Quiet, Then, Times, Window
from watcher.settings.calendars import read_calendar
from watcher.settings.configuration import Configuration
from watcher.settings.cron import read_cron
from watcher.settings.env import read_settings
from watcher.settings.load import load, load_files

BASE = """
rules: [{name: Shells, all: [shells]}]
feeds: [{url: 'https://wire.example/feed', name: wire}]
defaults: {zone: Europe/Paris}
"""
DESK = "channels: {desk: {type: file, path: desk.txt%s}}\n"
NIGHT = 'schedules: {night: {from: "23:00", until: "06:30"}, morning: {at: "06:30", days: mon-fri}}\n'
CALENDAR = """BEGIN:VCALENDAR
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261224
DTEND;VALUE=DATE:20261227
SUMMARY:Christ
 mas
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20200501
RRULE:FREQ=YEARLY
SUMMARY:Labour Day
END:VEVENT
END:VCALENDAR
"""


def read(text: str, calendar: str = CALENDAR) -> Configuration:
    loaded = load_files({"a.yaml": BASE + text, "days/off.ics": calendar}, read_settings(), shares=None)
    assert loaded.configuration is not None, loaded.problems
    return loaded.configuration


def mistakes(text: str, base: str = BASE, calendar: str = CALENDAR) -> list[str]:
    loaded = load_files({"a.yaml": base + text, "days/off.ics": calendar}, read_settings(), shares=None)
    return [f"{one.message}; {one.hint}" for one in loaded.problems if one.is_error]


def test_a_channel_says_when_it_rings() -> None:
    more = ", quiet: {during: night, then: send, pass: none}, digest: {at: morning, holds: high}, limit: {stories: 5}"
    [desk] = [one for name, one in read(NIGHT + DESK % more).channels.items() if name == "desk"]
    assert desk.timing is not None
    assert desk.timing.quiet == Quiet(
        Window("night", time(23), time(6, 30), zone=ZoneInfo("Europe/Paris")), Then.SEND, None
    )
    assert desk.timing.digest is not None
    assert (desk.timing.digest.at.name, desk.timing.digest.holds) == ("morning", Severity.HIGH)
    assert desk.timing.limit is not None
    assert desk.timing.limit.stories == 5


def test_the_name_of_a_schedule_stands_for_the_usual_way() -> None:
    setup = read(NIGHT + DESK % ", quiet: night, digest: morning").channels
    timing = next(one.timing for name, one in setup.items() if name == "desk")
    assert timing is not None
    assert timing.quiet is not None
    assert (timing.quiet.then, timing.quiet.passes) == (Then.SUMMARY, Severity.CRITICAL)
    assert isinstance(timing.digest, Digest)
    assert timing.digest.holds is Severity.NORMAL


def test_a_channel_that_waits_for_its_secret_keeps_its_hours() -> None:
    text = NIGHT + "channels: {desk: {type: slack, webhook_url: '${NOT_SET_ANYWHERE}', quiet: night}}\n"
    assert next(one.timing for name, one in read(text).channels.items() if name == "desk") is not None


def test_days_are_left_out_by_date_and_by_calendar() -> None:
    text = 'schedules: {m: {at: ["06:30", "18:00"], not_on: [2026-07-14, days/off.ics], zone: UTC}}\n'
    schedule = read(text).schedules["m"]
    assert isinstance(schedule, Times)
    assert schedule.times == (time(6, 30), time(18))
    left_out = {date(2026, 7, 14), date(2026, 12, 24), date(2026, 12, 26), date(2026, 5, 1), date(2040, 5, 1)}
    assert left_out <= schedule.days.not_on
    assert date(2026, 12, 27) not in schedule.days.not_on


def test_a_calendar_that_changes_is_another_revision(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(BASE + "schedules: {m: {at: '06:30', not_on: off.ics}}\n")
    (tmp_path / "off.ics").write_text(CALENDAR)
    first = load(tmp_path, read_settings(), shares=None).configuration
    (tmp_path / "off.ics").write_text(CALENDAR.replace("20261224", "20261223"))
    second = load(tmp_path, read_settings(), shares=None).configuration
    assert first is not None
    assert second is not None
    assert first.digest != second.digest
    assert first.files["off.ics"] == CALENDAR
    again = load_files(first.files, read_settings(), shares=None).configuration
    assert again is not None
    assert again.schedules == first.schedules


def test_routes_are_read_in_order() -> None:
    text = (
        NIGHT
        + DESK % ""
        + "routes: [{when: {severity: [high, critical], rule: shells, feed: wire, tags: Wires}, send_to: desk,"
        " quiet: night}, {send_only_to: [desk, console]}]\n"
    )
    first, second = read(text).routes
    assert first.severities == frozenset({Severity.HIGH, Severity.CRITICAL})
    assert first.rules == frozenset({RuleId("shells")})
    assert (first.feeds, first.tags) == (frozenset({"wire"}), frozenset({"wires"}))
    assert first.timing.quiet is not None
    assert (second.number, second.replaces, second.send_to) == (2, True, ("desk", "console"))


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ('schedules: {m: {at: "25:00"}}', "`25:00` is not a time of day", '"06:30"'),
        ('schedules: {m: {at: "6.30"}}', "`6.30` is not a time of day", '"06:30"'),
        ("schedules: {m: {days: mon}}", "is a time or a window", "`at:"),
        ('schedules: {m: {at: "06:30", cron: "30 6 * * *"}}', "is a time or a window", "`at:"),
        ('schedules: {m: {from: "23:00"}}', "schedule m needs `until`", "add `until:"),
        ('schedules: {m: {at: "06:30", days: mon-foo}}', "`mon-foo` is no day of the week", "mon-fri"),
        ('schedules: {m: {at: "06:30", not_on: [2026-13-01]}}', "`2026-13-01` is not a date", "2026-12-25"),
        ('schedules: {m: {at: "06:30", not_on: days/of.ics}}', "the calendar days/of.ics is not there", "days/off.ics"),
        ('schedules: {m: {at: "06:30", zone: Paris}}', "`Paris` is not a time zone", "Europe/Paris"),
        ('schedules: {m: {cron: "30 6 * *"}}', "has five fields, this one has 4", "minute, hour"),
        ('schedules: {m: {cron: "30 26 * * *"}}', "`26` is no hour: 0 to 23", "minute, hour"),
        ('schedules: {m: {cron: "* * * * *"}}', "1440 times a day", "minute, hour"),
        ('schedules: {m: {cron: "0 6 * * *", days: mon}}', "the days stand in `cron`", "delete `days`"),
        ('schedules: {m: {at: "06:30", timezone: UTC}}', "unknown key `timezone`", "`zone`"),
        (NIGHT + DESK % ", quiet: nihgt", "there is no schedule `nihgt`", "`night`"),
        (NIGHT + DESK % ", quiet: morning", "`morning` is a time, and quiet hours need a window", "`from`"),
        (
            'schedules: {all: {from: "00:00", until: "24:00", zone: UTC}}\n' + DESK % ", quiet: all",
            "`all` is all day, every day",
            "another `from`",
        ),
        (
            'schedules: {never: {cron: "0 8 30 2 *", zone: UTC}}\n' + DESK % ", digest: never",
            "the time of `never` never comes",
            "days and months",
        ),
        (NIGHT + DESK % ", digest: night", "`night` is a window, and a digest needs a time", "`at`"),
        (NIGHT + DESK % ", quiet: {during: night, then: wait}", "`wait` is not known as `then`", "summary, send, drop"),
        (NIGHT + DESK % ", quiet: {during: night, pass: urgent}", "`urgent` is not a severity", "critical"),
        (NIGHT + DESK % ", quiet_hours: night", "unknown key `quiet_hours`", "`quiet`"),
        (DESK % ', wrap: "25:00"', "`25:00` is not a time of day", "06:30"),
        (DESK % ", wrap: {at: soon}", "`soon` is not a time of day", "06:30"),
        (DESK % ", wrap: {when: 08:00}", "unknown key `when`", "at"),
        (DESK % ", wrap: off", "`off` is not a time of day", "06:30"),
        (DESK % ", limit: {stories: 3, then: wait}", "`wait` is not known as `then`", "summary, drop"),
        ("routes: [{when: {severity: low}}]", "route 1 needs `send_to` or `send_only_to`", "takes the place"),
        ("routes: [{send_to: console, send_only_to: console}]", "and only one of them", "adds channels"),
        ("routes: [{send_to: consle}]", "there is no channel `consle`", "`console`"),
        ("routes: [{when: {rule: shels}, send_to: console}]", "there is no rule `shels`", "`shells`"),
        ("routes: [{when: {feed: wires}, send_to: console}]", "there is no feed `wires`", "`wire`"),
        ("routes: [{when: {severity: huge}, send_to: console}]", "`huge` is not a severity", "critical"),
        ("routes: [{severity: low, send_to: console}]", "unknown key `severity` in route 1", "under `when:`"),
    ],
)
def test_each_mistake_names_the_thing_and_its_mend(text: str, said: str, hint: str) -> None:
    [found] = mistakes(text)
    assert said in found
    assert hint in found


def test_a_schedule_needs_a_zone_of_its_own_or_of_defaults() -> None:
    base = BASE.replace("defaults: {zone: Europe/Paris}\n", "")
    [found] = mistakes('schedules: {m: {at: "06:30"}}\n', base)
    assert "schedule m needs a time zone" in found
    assert mistakes('schedules: {m: {at: "06:30", zone: UTC}}\n', base) == []


@pytest.mark.parametrize(
    ("line", "times", "weekdays"),
    [
        ("30 6 * * 1-5", ["06:30"], {0, 1, 2, 3, 4}),
        ("0 8,18 * * sun", ["08:00", "18:00"], {6}),
        ("0 */6 * * 7", ["00:00", "06:00", "12:00", "18:00"], {6}),
        ("0 6 * * 0", ["06:00"], {6}),
        ("0 6 * * MON-FRI", ["06:00"], {0, 1, 2, 3, 4}),
        ("0 6 * * 5-7", ["06:00"], {4, 5, 6}),
    ],
)
def test_weekdays_mean_what_crontab_means(line: str, times: list[str], weekdays: set[int]) -> None:
    found, days = read_cron(line)
    assert [f"{one:%H:%M}" for one in found] == times
    assert days.weekdays == weekdays


@pytest.mark.parametrize("text", ["", "hello", "BEGIN:VEVENT", "BEGIN:VEVENT\nDTSTART:9999\nEND:VEVENT", "\0" * 50])
def test_a_file_that_is_no_calendar_is_said_to_be_none(text: str) -> None:
    days, wrong = read_calendar(text)
    assert not days
    assert wrong


def test_the_first_mail_channel_has_a_wrap_at_eight_and_others_say_so() -> None:
    mail = "{type: email, to: [a@example.org]%s}"
    text = f"channels:\n  one: {mail % '%s'}\n  two: {mail % ''}\n  three: {mail % ', wrap: 18:30'}\n"
    settings = read_settings(smtp_url="smtp://mail.example:25", smtp_from="watcher@example.com")

    def wraps(one: str) -> dict[str, str]:
        made = load_files({"a.yaml": BASE + text % one}, settings, shares=None).configuration
        assert made is not None
        return {name: f"{times.times[0]:%H:%M} {times.zone}" for name, times in made.wraps().items()}

    assert wraps("") == {"one": "08:00 Europe/Paris", "three": "18:30 Europe/Paris"}
    assert wraps(", wrap: none") == {"three": "18:30 Europe/Paris"}
    assert wraps(", wrap: {at: 07:00}") == {"one": "07:00 Europe/Paris", "three": "18:30 Europe/Paris"}
