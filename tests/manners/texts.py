"""Manners of texts: edits, alarms that recur, series, live pages, wire copies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from tests.manners import words
from tests.manners.outlets import Outlet, Season
from tests.manners.words import Telling
from tests.manners.world import Piece, State, Truth

_HOURS = timedelta(hours=3)


class EditedHeadlines(Outlet):
    """Each headline is edited up to three times within hours, the facts stay: every large site."""

    manner = "edited-headlines"

    def report(self, number: int, at: datetime) -> list[Piece]:
        """Return a piece with edits."""
        news, event = self.event(at)
        later, states = at, list[State]()
        for edit in range(self.rng.randint(1, 4)):
            told = words.tell(event, edit, Random(f"{self.name} {number}"))
            states.append(State(later, replace(told, title=_worded(told.title, edit)), Truth(news)))
            later += timedelta(minutes=self.rng.randint(20, 300))
        return [Piece(number, at, tuple(states))]


def _worded(title: str, edit: int) -> str:
    return title if edit < 3 else f"{title}, officials say"


class HeadlineTests(Outlet):
    """Two headlines take turns from poll to poll: A/B tests of Chartbeat and the like."""

    manner = "headline-tests"
    every, churns = _HOURS, True

    def report(self, number: int, at: datetime) -> list[Piece]:
        """Return a piece that is not edited otherwise."""
        news, event = self.event(at)
        return [self.piece(number, at, words.tell(event, 0, self.rng), Truth(news))]

    def title(self, piece: Piece, state: State, now: datetime) -> str:
        """Return one of two headlines."""
        title = state.telling.title
        return title if (self.reading + piece.number) % 2 else f"What we know: {title}"


class Prefixes(Outlet):
    """A headline begins with BREAKING: for the first hours."""

    manner = "breaking-prefix"

    def moments(self) -> Iterable[datetime]:
        """Return the usual, and when the word goes."""
        return [*super().moments(), *(piece.at + _HOURS for piece in self.pieces)]

    def title(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the headline with the word at first."""
        return f"BREAKING: {state.telling.title}" if now < piece.at + _HOURS else state.telling.title


class Counts(Outlet):
    """Each summary ends in the count of comments and points, another one at each poll: Reddit, Hacker News, forums."""

    manner = "counts-in-summary"
    every, churns = _HOURS, True

    def summary(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the lead with the counts."""
        age = int((now - piece.at).total_seconds() // 3600)
        return f"{state.telling.lead} {age * 3 + piece.number % 5} comments, {age * 11} points"


class LivePage(Outlet):
    """One page a day grows by an event each few hours, under one guid and link; its headline follows the newest: live
    blogs.
    """

    manner = "live-page"

    def plan(self) -> Iterable[Piece]:
        """Return a page for each day, with some plain pieces."""
        pieces = list(super().plan())
        for day in range(int(self.season.days)):
            begins = self.season.start + timedelta(days=day, hours=6)
            pieces.append(self._page(8000 + day, begins))
        return pieces

    def _page(self, number: int, at: datetime) -> Piece:
        states, body, news = list[State](), "", ""
        for step in range(4):
            id_, event = self.event(at)
            news = news or id_
            told = words.tell(event, step, self.rng)
            body = f"{told.lead} {body}"
            states.append(State(at, Telling(f"Live: {told.title}", told.lead, body), Truth(news, step)))
            at += timedelta(hours=self.rng.uniform(1, 4))
        return Piece(number, states[0].at, tuple(states))


class Alarms(Outlet):
    """Air raid alerts of a few regions, ten a day, each with the same title, text and page: warning services."""

    manner = "alarms-same-link"
    per_day, idle_share = 10.0, 0.0

    def report(self, number: int, at: datetime) -> list[Piece]:
        """Return an alarm."""
        news, _ = self.event(at)
        region = words.PLACES[self.rng.randrange(5)]
        told = Telling(f"Air raid alert: {region} region", f"Sirens sound in {region} region. Take cover.", "")
        return [self.piece(number, at, told, Truth(news))]

    def guid(self, piece: Piece, state: State, now: datetime) -> str:
        """Return none."""
        return ""

    def link(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the page of the alarms."""
        return f"https://{self.host}/alarms"


class AlarmsWithGuids(Alarms):
    """As alarms-same-link, with a guid for each."""

    manner = "alarms-with-guids"

    def guid(self, piece: Piece, state: State, now: datetime) -> str:
        """Return a guid."""
        return f"alarm-{piece.number}"


class OneAlarm(Alarms):
    """As alarms-same-link, and the document holds only the last one."""

    manner = "alarm-single-item"
    listed, per_day = 1, 5.0


class OneAlarmOneGuid(OneAlarm):
    """As alarm-single-item, and the guid never changes."""

    manner = "alarm-single-item-one-guid"

    def guid(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the constant guid."""
        return "alarm"


class AlarmsUndated(AlarmsWithGuids):
    """As alarms-with-guids, without dates."""

    manner = "alarms-undated"

    def published(self, piece: Piece, state: State, now: datetime) -> datetime | None:
        """Return none."""
        return None


class Briefings(Outlet):
    """A briefing twice a day with one title, other texts: ministries."""

    manner = "series-one-title"
    per_day = 2.0

    def report(self, number: int, at: datetime) -> list[Piece]:
        """Return a briefing."""
        news, event = self.event(at)
        told = words.tell(event, 0, self.rng)
        return [self.piece(number, at, replace(told, title="Situation update on missile attacks"), Truth(news))]


class Parts(Outlet):
    """A briefing whose title counts or carries the day, with a lead that begins alike: ISW, general staffs."""

    manner = "series-counted"
    per_day = 2.0

    def report(self, number: int, at: datetime) -> list[Piece]:
        """Return a part."""
        news, event = self.event(at)
        told = words.tell(event, 0, self.rng)
        title = f"Missile report, part {number}" if number % 2 else f"Assessment of shelling, {at:%B %d}, {number}"
        lead = f"Key points of the day, as reported by {at:%H:%M}. {told.lead}"
        return [self.piece(number, at, Telling(title, lead, told.body), Truth(news))]


class SeriesWithoutLead(Parts):
    """As series-counted, with titles alone."""

    manner = "series-titles-only"

    def summary(self, piece: Piece, state: State, now: datetime) -> str:
        """Return none."""
        return ""

    def content(self, piece: Piece, state: State, now: datetime) -> str:
        """Return none."""
        return ""


class TitlesOnly(Outlet):
    """Titles without any text: link lists."""

    manner = "titles-only"

    def summary(self, piece: Piece, state: State, now: datetime) -> str:
        """Return none."""
        return ""

    def content(self, piece: Piece, state: State, now: datetime) -> str:
        """Return none."""
        return ""


class EmptyTitles(Outlet):
    """No titles: Mastodon, Bluesky, Telegram bridges."""

    manner = "empty-titles"

    def title(self, piece: Piece, state: State, now: datetime) -> str:
        """Return none."""
        return ""


class ImagePosts(EmptyTitles):
    """As empty-titles, and what is idle is a picture alone: Tumblr, Instagram bridges."""

    manner = "image-posts"

    def summary(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the lead, or a picture."""
        return super().summary(piece, state, now) if state.truth.news else f'<img src="/{piece.number}.jpg">'

    def content(self, piece: Piece, state: State, now: datetime) -> str:
        """Return none."""
        return ""


class WireCopies(Outlet):
    """Five outlets print one agency's text within five hours, some under headlines of their own: every wire report."""

    manner = "wire-copies"
    datelines = ("", "({upper}) ", "{place} (AP) - ", "", "By our staff. ")

    @classmethod
    def cast(cls, name: str, season: Season) -> list[Outlet]:
        """Return five outlets that print the same reports."""
        moments = season.world.moments(season.start + timedelta(hours=2), season.days - 0.5, 2.0)
        wire = [(at, *season.world.news(at)) for at in moments]
        outlets = [cls(f"{name}-{number}", season) for number in range(5)]
        for number, outlet in enumerate(outlets):
            outlet.pieces = sorted([*outlet.pieces, *outlet.printed(number, wire)], key=lambda piece: piece.at)
        return list(outlets)

    def printed(self, number: int, wire: Iterable[tuple[datetime, str, words.Event]]) -> Iterable[Piece]:
        """Return the reports as the outlet of a number prints them: every other one under a headline of its own."""
        for place, (came, news, event) in enumerate(wire):
            at = came + timedelta(minutes=self.rng.randint(1, 280))
            told = words.tell(event, 0, Random(news))
            title = words.tell(event, number, None).title if place % 2 else told.title
            line = self.datelines[number].format(upper=event.place.upper(), place=event.place)
            lead = f"{line}{told.lead} {told.body.split('. ')[0]}."
            yield self.piece(9000 + place, at, Telling(title, lead, told.body), Truth(news))

    def plan(self) -> Iterable[Piece]:
        """Return only idle pieces of its own."""
        moments = self.season.world.moments(self.season.start - timedelta(days=3), self.season.days + 3, 1.0)
        return [self.piece(number, at, words.idle(self.rng), Truth()) for number, at in enumerate(moments)]


ALL: tuple[type[Outlet], ...] = (
    EditedHeadlines,
    HeadlineTests,
    Prefixes,
    Counts,
    LivePage,
    Alarms,
    AlarmsWithGuids,
    OneAlarm,
    OneAlarmOneGuid,
    AlarmsUndated,
    Briefings,
    Parts,
    SeriesWithoutLead,
    TitlesOnly,
    EmptyTitles,
    ImagePosts,
    WireCopies,
)
