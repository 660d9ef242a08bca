"""Manners of dates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from tests.manners.outlets import Outlet
from tests.manners.world import Piece, State


class Undated(Outlet):
    """No dates: hand-made RSS, many of ministries."""

    manner = "undated"

    def published(self, piece: Piece, state: State, now: datetime) -> datetime | None:
        """Return none."""
        return None


class UndatedNoGuids(Undated):
    """No dates and no guids: RSS 0.91."""

    manner = "undated-no-guids"

    def guid(self, piece: Piece, state: State, now: datetime) -> str:
        """Return none."""
        return ""


class ClockDates(Outlet):
    """Each item carries the time of the poll: templates with date("r") in the loop."""

    manner = "redated-each-poll"
    every, churns = timedelta(hours=3), True

    def published(self, piece: Piece, state: State, now: datetime) -> datetime | None:
        """Return the time of the poll."""
        return now


class RebuiltDates(Outlet):
    """All items get the minute of a rebuild, once: static site generators after a checkout (mtime), imports."""

    manner = "redated-at-once"

    def moments(self) -> Iterable[datetime]:
        """Return the usual, and the rebuild."""
        return [*super().moments(), self._rebuilt]

    @property
    def _rebuilt(self) -> datetime:
        return self.season.start + timedelta(days=self.season.days / 2)

    def published(self, piece: Piece, state: State, now: datetime) -> datetime | None:
        """Return the rebuild for what is older."""
        return max(piece.at, self._rebuilt) if now >= self._rebuilt else piece.at


class Bumped(Outlet):
    """Every fifth piece is put up again some hours later with a new date: editors who want it on top."""

    manner = "redated-one"

    def _bumped(self, piece: Piece) -> datetime | None:
        return piece.at + timedelta(hours=3 + piece.number % 7) if piece.number % 5 == 0 else None

    def moments(self) -> Iterable[datetime]:
        """Return the usual, and each bump."""
        return [*super().moments(), *filter(None, map(self._bumped, self.pieces))]

    def published(self, piece: Piece, state: State, now: datetime) -> datetime | None:
        """Return the bump from then on."""
        bumped = self._bumped(piece)
        return bumped if bumped is not None and now >= bumped else piece.at

    def chosen(self, now: datetime) -> Sequence[Piece]:
        """Return the newest by that date."""
        known = [piece for piece in self.pieces if piece.at <= now]
        by_date = sorted(known, key=lambda piece: (self.published(piece, piece.states[0], now), piece.number))
        return by_date[-self.listed :][::-1]


class EditDates(Outlet):
    """The date is that of the last edit: Atom feeds with `updated` alone."""

    manner = "date-of-edit"

    def published(self, piece: Piece, state: State, now: datetime) -> datetime | None:
        """Return the time of the edit."""
        return state.at


class SlowClock(Outlet):
    """The clock of the server is five hours behind: local time marked as UTC."""

    manner = "clock-behind"

    def published(self, piece: Piece, state: State, now: datetime) -> datetime | None:
        """Return a date that is five hours early."""
        return piece.at - timedelta(hours=5)


class FastClock(Outlet):
    """Dates lie nine hours ahead: local time of Seoul marked as UTC."""

    manner = "clock-ahead"

    def published(self, piece: Piece, state: State, now: datetime) -> datetime | None:
        """Return a date that is nine hours late."""
        return piece.at + timedelta(hours=9)


class FarFuture(Outlet):
    """Every third item is dated in the next year: events in an agenda, mistyped years."""

    manner = "far-future"

    def published(self, piece: Piece, state: State, now: datetime) -> datetime | None:
        """Return a date that is a year late for some."""
        return piece.at + timedelta(days=365) if piece.number % 3 == 0 else piece.at


class Epoch(Outlet):
    """Each item is of 1970: an unset column."""

    manner = "epoch-dates"

    def published(self, piece: Piece, state: State, now: datetime) -> datetime | None:
        """Return the epoch."""
        return datetime(1970, 1, 1, tzinfo=UTC)


class DaysOnly(Outlet):
    """Dates are days, at midnight: agencies of states."""

    manner = "days-only"

    def published(self, piece: Piece, state: State, now: datetime) -> datetime | None:
        """Return the midnight before."""
        return piece.at.replace(hour=0, minute=0, second=0)


class DaysNoGuids(DaysOnly):
    """Dates are days, and neither guid nor link tells an item: lists of ministries."""

    manner = "days-only-front-page"

    def guid(self, piece: Piece, state: State, now: datetime) -> str:
        """Return none."""
        return ""

    def link(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the front page."""
        return f"https://{self.host}/news/"


class DriftingDates(Outlet):
    """Dates move by a minute or two from poll to poll: "17 minutes ago" read back by a scraper."""

    manner = "dates-drift"
    every, churns = timedelta(hours=3), True

    def published(self, piece: Piece, state: State, now: datetime) -> datetime | None:
        """Return a date that is near."""
        return piece.at + timedelta(seconds=self.rng.randint(0, 150))


ALL: tuple[type[Outlet], ...] = (
    Undated,
    UndatedNoGuids,
    ClockDates,
    RebuiltDates,
    Bumped,
    EditDates,
    SlowClock,
    FastClock,
    FarFuture,
    Epoch,
    DaysOnly,
    DaysNoGuids,
    DriftingDates,
)
