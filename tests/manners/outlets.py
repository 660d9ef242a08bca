"""Outlets: what one feed lists at a time. The plain one is well-behaved; each manner overrides the hook in which it
is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import ClassVar

from tests.manners import words
from tests.manners.words import Event
from tests.manners.world import Piece, State, Truth, World
from watcher.core.model.article import Entry
from watcher.core.model.policy import FeedSpec


@dataclass(frozen=True, slots=True)
class Document:
    """What a poll is given; not `answers`: the server is down. Not `whole`: it broke off."""

    entries: tuple[Entry, ...] = ()
    whole: bool = True
    answers: bool = True


@dataclass(frozen=True, slots=True)
class Season:
    """A run of days in one world."""

    world: World
    rng: Random
    start: datetime
    days: float

    @property
    def end(self) -> datetime:
        """When the last day ends."""
        return self.start + timedelta(days=self.days)


class Outlet:
    """Guids that stay, own links, own dates, newest first: WordPress as it comes."""

    manner: ClassVar[str] = "plain"
    backlog: ClassVar[timedelta] = timedelta(days=3)  # of pieces before the season
    listed: ClassVar[int] = 12
    per_day: ClassVar[float] = 3.0
    idle_share: ClassVar[float] = 0.3
    every: ClassVar[timedelta] = timedelta(minutes=30)
    churns: ClassVar[bool] = False  # its document is another one at each poll

    def __init__(self, name: str, season: Season) -> None:
        self.name = name
        self.host = f"{name}.example"
        self.season = season
        self.rng = Random(f"{season.rng.random()} {name}")
        self.reading = 0
        self.pieces: Sequence[Piece] = sorted(self.plan(), key=lambda piece: piece.at)
        self._began = {piece.states[0].truth.news: piece.at for piece in reversed(self.pieces)}

    @classmethod
    def cast(cls, name: str, season: Season) -> list[Outlet]:
        """Return the outlets of one case."""
        return [cls(name, season)]

    # -- what happens, and what is written about it ----------------------------------------------

    def plan(self) -> Iterable[Piece]:
        """Return all pieces of the season, with those of the days before it."""
        season, pieces = self.season, list[Piece]()
        for at in season.world.moments(season.start - self.backlog, season.days + self.backlog.days, self.per_day):
            if self.rng.random() < self.idle_share:
                pieces.append(self.piece(len(pieces), at, words.idle(self.rng), Truth()))
            else:
                pieces += self.report(len(pieces), at)
        return pieces

    def report(self, number: int, at: datetime) -> list[Piece]:
        """Return the pieces about a news: the first one, and often one with an update, as an edit or as an item of
        its own.
        """
        news, event = self.season.world.news(at)
        form = self.rng.randrange(3)
        first = self.piece(number, at, words.tell(event, form, self.rng), Truth(news))
        if at < self.season.start or self.rng.random() > 0.3:
            return [first]
        kind = self.rng.choice(words.UPDATES)
        later = at + timedelta(hours=self.rng.uniform(0.7, 9))
        _, telling = words.update(event, kind, form)
        if self.rng.random() < 0.5:
            return [first.edited(State(later, telling, Truth(news, 1)))]
        return [first, self.piece(number + 1, later, telling, Truth(news, 1))]

    def piece(self, number: int, at: datetime, telling: words.Telling, truth: Truth) -> Piece:
        """Return a piece that is not edited."""
        return Piece(number, at, (State(at, telling, truth),))

    def is_news(self, truth: Truth) -> bool:
        """Return whether it happened since the play began."""
        return self._began.get(truth.news, self.season.start) >= self.season.start

    def is_recent(self, truth: Truth) -> bool:
        """Return whether it happened in the days before the play began."""
        return self._began[truth.news] >= self.season.start - timedelta(days=3)

    def event(self, at: datetime) -> tuple[str, Event]:
        """Return a news of the world."""
        return self.season.world.news(at)

    # -- when it is asked, and what it answers ---------------------------------------------------

    def moments(self) -> Iterable[datetime]:
        """Return when its document may change, for those whose document is not another one at each poll."""
        return (state.at for piece in self.pieces for state in piece.states)

    def spec(self, now: datetime) -> FeedSpec:
        """Return how it stands in the configuration."""
        return FeedSpec(f"https://{self.host}/feed", self.name, named=True, every=self.every)

    def is_asked(self, now: datetime) -> bool:
        """Return whether we are up."""
        return True

    def document(self, now: datetime) -> Document:
        """Return what it answers; each call is a poll."""
        self.reading += 1
        return self.answer(now)

    def answer(self, now: datetime) -> Document:
        """Return the document of this reading."""
        return Document(tuple(self.entry(piece, piece.state(now), now) for piece in self.chosen(now)))

    def chosen(self, now: datetime) -> Sequence[Piece]:
        """Return the pieces that are listed, in order."""
        return [piece for piece in self.pieces if piece.at <= now][-self.listed :][::-1]

    # -- how it writes an item -------------------------------------------------------------------

    def entry(self, piece: Piece, state: State, now: datetime) -> Entry:
        """Return a piece as an item. Its author is what it tells: no rule looks at authors, and the count is made by
        it.
        """
        return Entry(
            guid=self.guid(piece, state, now),
            link=self.link(piece, state, now),
            title=self.title(piece, state, now),
            summary=self.summary(piece, state, now),
            content=self.content(piece, state, now),
            author=str(state.truth),
            published_at=self.published(piece, state, now),
        )

    def guid(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the guid, "" for none."""
        return f"https://{self.host}/?p={1000 + piece.number}"

    def link(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the link, "" for none."""
        return f"https://{self.host}/news/{self.slug(piece)}"

    def slug(self, piece: Piece) -> str:
        """Return the last segment of an address that tells the piece."""
        text = "".join(letter if letter.isalnum() else "-" for letter in piece.states[0].telling.title.lower())
        return f"{text[:40].strip('-')}-{1000 + piece.number}"

    def title(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the headline."""
        return state.telling.title

    def summary(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the lead."""
        return state.telling.lead

    def content(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the longer text."""
        return f"{state.telling.lead} {state.telling.body}" if state.telling.body else ""

    def published(self, piece: Piece, state: State, now: datetime) -> datetime | None:
        """Return the date of the item, None for none."""
        return piece.at
