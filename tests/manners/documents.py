"""Manners of documents: what is listed in which order, what comes back, what is down, what moves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from tests.manners.outlets import Document, Outlet
from tests.manners.world import Piece, State
from watcher.core.model.article import Entry
from watcher.core.model.policy import FeedSpec

_HOURS = timedelta(hours=3)


class OldestFirst(Outlet):
    """Oldest first, and the list is long: feeds of databases without ORDER BY."""

    manner = "oldest-first"
    listed = 40

    def chosen(self, now: datetime) -> Sequence[Piece]:
        """Return the pieces in order of time."""
        return super().chosen(now)[::-1]


class Shuffled(Outlet):
    """Another order at each poll: "most relevant" lists."""

    manner = "shuffled"
    every, churns = _HOURS, True

    def chosen(self, now: datetime) -> Sequence[Piece]:
        """Return the pieces in any order."""
        return self.rng.sample(list(super().chosen(now)), k=len(super().chosen(now)))


class CutShort(Outlet):
    """Two of three documents break off: servers behind a proxy with a time limit."""

    manner = "cut-documents"
    every, churns = _HOURS, True

    def answer(self, now: datetime) -> Document:
        """Return a part, mostly."""
        entries = super().answer(now).entries
        if self.reading % 3 == 0:
            return Document(entries)
        return Document(entries[: self.rng.randint(1, max(len(entries) - 1, 1))], whole=False)


class CutUndated(CutShort):
    """As cut-documents, never whole and without dates."""

    manner = "cut-always-undated"

    def answer(self, now: datetime) -> Document:
        """Return the newest half."""
        entries = Outlet.answer(self, now).entries
        return Document(entries[: max(len(entries) // 2, 1)], whole=False)

    def published(self, piece: Piece, state: State, now: datetime) -> datetime | None:
        """Return none."""
        return None


class Archive(Outlet):
    """Every three days all that it ever listed stands in one document, under new guids: imports, migrations."""

    manner = "archive-new-guids"
    gap, lasts = timedelta(days=3), timedelta(hours=2)

    def _round(self, now: datetime) -> int:
        """Return which archive is shown, 0 for none."""
        number, into = divmod(now - self.season.start, self.gap)
        return number if number > 0 and into < self.lasts else 0

    def moments(self) -> Iterable[datetime]:
        """Return the usual, and when the archive comes and goes."""
        shown = [self.season.start + number * self.gap for number in range(1, int(self.season.days // 3) + 1)]
        return [*super().moments(), *shown, *(at + self.lasts for at in shown)]

    def chosen(self, now: datetime) -> Sequence[Piece]:
        """Return the usual, or all that was listed since the first document."""
        if not self._round(now):
            return super().chosen(now)
        first = super().chosen(self.season.start)[-1:] or self.pieces[:1]
        return [piece for piece in self.pieces if first[0].at <= piece.at <= now][::-1]

    def guid(self, piece: Piece, state: State, now: datetime) -> str:
        """Return a guid of the import while the archive is shown."""
        number = self._round(now)
        return f"import-{number}-{piece.number}" if number else super().guid(piece, state, now)


class ArchiveAnew(Archive):
    """As archive-new-guids, and everything is dated today; the links stay."""

    manner = "archive-new-guids-redated"

    def published(self, piece: Piece, state: State, now: datetime) -> datetime | None:
        """Return the time of the import while the archive is shown."""
        return self.season.start + self._round(now) * self.gap if self._round(now) else piece.at


class ArchiveElsewhere(ArchiveAnew):
    """As archive-new-guids-redated, under new links too: only the words tell that all of it is old."""

    manner = "archive-all-new"

    def link(self, piece: Piece, state: State, now: datetime) -> str:
        """Return another address while the archive is shown."""
        number = self._round(now)
        return f"https://{self.host}/{number}/a{piece.number}" if number else super().link(piece, state, now)


class ArchiveUnknown(Archive):
    """As archive-new-guids, with forty days of pieces that were never listed before, under their own dates."""

    manner = "archive-never-listed"
    backlog = timedelta(days=40)

    def chosen(self, now: datetime) -> Sequence[Piece]:
        """Return the usual, or all of the last forty days."""
        if not self._round(now):
            return super().chosen(now)
        return [piece for piece in self.pieces if now - timedelta(days=40) < piece.at <= now][::-1]


class ArchiveUnknownAnew(ArchiveUnknown):
    """As archive-never-listed, and everything is dated today: nothing tells that it is old."""

    manner = "archive-never-listed-redated"

    def published(self, piece: Piece, state: State, now: datetime) -> datetime | None:
        """Return the time of the import while the archive is shown."""
        return self.season.start + self._round(now) * self.gap if self._round(now) else piece.at


class HotList(Outlet):
    """Pieces leave and come back by their clicks: "most read" as a feed, Hacker News."""

    manner = "hot-list"
    every, churns = _HOURS, True

    def chosen(self, now: datetime) -> Sequence[Piece]:
        """Return eight of the last twenty, and always the newest two."""
        known = [piece for piece in self.pieces if piece.at <= now][-20:]
        return [*known[-2:], *self.rng.sample(known[:-2], min(8, max(len(known) - 2, 0)))]


class StaleCache(Outlet):
    """Every other poll shows the document of some hours ago: one of two caches is slow."""

    manner = "stale-cache"
    every, churns = _HOURS, True

    def answer(self, now: datetime) -> Document:
        """Return the document of now, or of seven hours ago."""
        return super().answer(now - timedelta(hours=7) if self.reading % 2 == 0 else now)


class Emptied(Outlet):
    """Every fifth document is empty: the database was away."""

    manner = "empty-at-times"
    every, churns = _HOURS, True

    def answer(self, now: datetime) -> Document:
        """Return the document, or one without items."""
        return Document() if self.reading % 5 == 0 else super().answer(now)


class Boxes(Outlet):
    """Each text ends in a box of the headlines that are read most now: most news sites with full text."""

    manner = "boxes"
    every, churns = _HOURS, True

    def content(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the text with the box."""
        known = [one for one in self.pieces if one.at <= now][-15:]
        box = Random(f"{self.name} {self.reading}").sample(known, min(4, len(known)))
        links = "".join(f"<li>{one.state(now).telling.title}</li>" for one in box)
        return f"<p>{super().content(piece, state, now)}</p><h3>Most read</h3><ul>{links}</ul>"


class RelatedBoxes(Outlet):
    """Each text ends in links to others that it chose for itself, and they change: "related" by plug-ins."""

    manner = "boxes-of-their-own"
    every, churns = _HOURS, True

    def content(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the text with two links."""
        known = [one for one in self.pieces if one.at <= now][-15:]
        related = self.rng.sample(known, min(2, len(known)))
        links = "".join(f"<p>Read also: {one.state(now).telling.title}</p>" for one in related)
        return f"<p>{super().content(piece, state, now)}</p>{links}"


class Boilerplate(Outlet):
    """Each lead is the same forty words: paywalls, agencies of states."""

    manner = "boilerplate-lead"

    def summary(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the sentences of the site."""
        return (
            "This report is for subscribers of our service. You can read the first paragraphs on our site, where you will also find "
            "photographs, maps and the archive of the last ten years; a trial month is free and ends by itself without notice."
        )

    def content(self, piece: Piece, state: State, now: datetime) -> str:
        """Return none."""
        return ""


class TheyAreDown(Outlet):
    """Down for 30 hours every four days."""

    manner = "their-downtime"

    def _is_down(self, now: datetime) -> bool:
        return (now - self.season.start) % timedelta(days=4) > timedelta(days=2.75)

    def answer(self, now: datetime) -> Document:
        """Return the document, or no answer."""
        return Document(answers=False) if self._is_down(now) else super().answer(now)

    def moments(self) -> Iterable[datetime]:
        """Return the usual, and each end of a downtime."""
        ends = [self.season.start + timedelta(days=4 * number) for number in range(1, int(self.season.days // 4) + 1)]
        return [*super().moments(), *ends]


class WeAreDown(TheyAreDown):
    """We do not ask for 30 hours every four days."""

    manner = "our-downtime"

    def is_asked(self, now: datetime) -> bool:
        """Return whether we are up."""
        return not self._is_down(now)

    def answer(self, now: datetime) -> Document:
        """Return the document."""
        return Outlet.answer(self, now)


class Moved(Outlet):
    """The feed gets another address with the same items, under the same name; they are undated."""

    manner = "moved-same-items"

    @property
    def _moved_at(self) -> datetime:
        return self.season.start + timedelta(days=self.season.days / 2)

    def moments(self) -> Iterable[datetime]:
        """Return the usual, and the move."""
        return [*super().moments(), self._moved_at]

    def spec(self, now: datetime) -> FeedSpec:
        """Return the specification with the address of the time."""
        spec = super().spec(now)
        return spec if now < self._moved_at else replace(spec, url=f"https://{self.host}/rss-new.xml")

    def published(self, piece: Piece, state: State, now: datetime) -> datetime | None:
        """Return none."""
        return None


class MovedAnew(Moved):
    """The feed gets another address where every item has another guid and link, dated: another system."""

    manner = "moved-new-items"

    def guid(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the guid of the system of the time."""
        return super().guid(piece, state, now) if now < self._moved_at else f"node/{7000 + piece.number}"

    def link(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the link of the system of the time."""
        link = super().link(piece, state, now)
        return link if now < self._moved_at else link.replace("/news/", "/en/article/")

    def published(self, piece: Piece, state: State, now: datetime) -> datetime | None:
        """Return the date."""
        return piece.at


class Renamed(Moved):
    """The feed gets another name and address, and `was` says so."""

    manner = "renamed-with-was"

    def spec(self, now: datetime) -> FeedSpec:
        """Return the specification of the time."""
        spec = Outlet.spec(self, now)
        if now < self._moved_at:
            return spec
        return replace(spec, name=f"{self.name}-new", url=f"https://{self.host}/rss-new.xml", was=(self.name,))


class RenamedSilently(Renamed):
    """The feed gets another name and address, and nothing says so; the items are dated."""

    manner = "renamed-without-was"

    def spec(self, now: datetime) -> FeedSpec:
        """Return the specification of the time, without `was`."""
        return replace(super().spec(now), was=())

    def published(self, piece: Piece, state: State, now: datetime) -> datetime | None:
        """Return the date."""
        return piece.at


class Doubled(Outlet):
    """Every item stands twice in the document, once with a prefix in the guid: two queries joined without DISTINCT."""

    manner = "listed-twice"

    def answer(self, now: datetime) -> Document:
        """Return each item twice."""
        entries = super().answer(now).entries
        again: list[Entry] = [replace(entry, guid=f"x-{entry.guid}") for entry in entries]
        return Document((*entries, *again))


ALL: tuple[type[Outlet], ...] = (
    OldestFirst,
    Shuffled,
    CutShort,
    CutUndated,
    Archive,
    ArchiveAnew,
    ArchiveElsewhere,
    ArchiveUnknown,
    ArchiveUnknownAnew,
    HotList,
    StaleCache,
    Emptied,
    Boxes,
    RelatedBoxes,
    Boilerplate,
    TheyAreDown,
    WeAreDown,
    Moved,
    MovedAnew,
    Renamed,
    RenamedSilently,
    Doubled,
)
