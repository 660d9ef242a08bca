"""Manners of guids and links."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from tests.manners import words
from tests.manners.outlets import Document, Outlet
from tests.manners.world import Piece, State, Truth

_HOURS = timedelta(hours=3)


class NodeGuids(Outlet):
    """The guid carries the name of the machine that answered: WordPress multi-site behind a balancer."""

    manner = "guids-per-host"
    every, churns = _HOURS, True

    def guid(self, piece: Piece, state: State, now: datetime) -> str:
        """Return a guid of one of three nodes."""
        return f"https://node{self.reading % 3}.{self.host}/?p={1000 + piece.number}"


class FreshGuids(Outlet):
    """Each poll makes new guids: scrapers such as RSS-Bridge of old, and hand-made scripts with uuid4()."""

    manner = "guids-new-each-poll"
    every, churns = _HOURS, True

    def guid(self, piece: Piece, state: State, now: datetime) -> str:
        """Return a guid that was never seen."""
        return f"urn:uuid:{self.rng.getrandbits(64):016x}"


class ChangedGuids(Outlet):
    """All guids change once, links stay: a site moved from Drupal to WordPress."""

    manner = "guids-new-once"

    def guid(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the old guid until the middle of the season."""
        is_old = now < self.season.start + timedelta(days=self.season.days / 2)
        return f"{1000 + piece.number} at https://{self.host}" if is_old else super().guid(piece, state, now)


class TokenLinks(Outlet):
    """Link and guid carry a random parameter: sites that count clicks (rand=)."""

    manner = "link-random"
    every, churns = _HOURS, True

    def link(self, piece: Piece, state: State, now: datetime) -> str:
        """Return a link with a token of its own at each poll."""
        return f"{super().link(piece, state, now)}?rand={self.rng.getrandbits(32)}"

    def guid(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the link."""
        return self.link(piece, state, now)


class SessionLinks(Outlet):
    """No guid, and the link carries a session of the reader: PHPSESSID and sid= of old portals."""

    manner = "link-session"
    every, churns = _HOURS, True

    def link(self, piece: Piece, state: State, now: datetime) -> str:
        """Return a link with one session for the document."""
        return f"https://{self.host}/story.php?id={1000 + piece.number}&sid={self.reading * 7919:08x}"

    def guid(self, piece: Piece, state: State, now: datetime) -> str:
        """Return none."""
        return ""


class TimeLinks(Outlet):
    """No guid, and the link carries the second of the poll: caches that are to be missed (t=)."""

    manner = "link-time"
    every, churns = _HOURS, True

    def link(self, piece: Piece, state: State, now: datetime) -> str:
        """Return a link with the time."""
        return f"{super().link(piece, state, now)}?t={int(now.timestamp())}"

    def guid(self, piece: Piece, state: State, now: datetime) -> str:
        """Return none."""
        return ""


class HostFlips(Outlet):
    """The host is with and without "www.": two machines with two configurations."""

    manner = "host-flips"
    every, churns = _HOURS, True

    def link(self, piece: Piece, state: State, now: datetime) -> str:
        """Return a link on one of two hosts."""
        link = super().link(piece, state, now)
        return link.replace("https://", "https://www.") if self.reading % 2 else link

    def guid(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the link."""
        return self.link(piece, state, now)


class EditCounter(Outlet):
    """The guid counts edits behind the link: BBC (`#0`, `#1`)."""

    manner = "guid-edit-counter"

    def guid(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the link with the count."""
        return f"{self.link(piece, state, now)}#{piece.states.index(state)}"


class TimeGuids(Outlet):
    """The guid is the link with the second of the last edit: Al Jazeera (`?t=1771374614`)."""

    manner = "guid-time"

    def guid(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the link with the time of the edit."""
        return f"{self.link(piece, state, now)}?t={int(state.at.timestamp())}"


class SlotGuids(Outlet):
    """The guid is the place in the list: templates that print the number of the loop."""

    manner = "guid-of-slot"

    def answer(self, now: datetime) -> Document:
        """Return a document whose guids are 1, 2, 3."""
        entries = super().answer(now).entries
        return Document(tuple(replace(entry, guid=f"item-{place}") for place, entry in enumerate(entries)))


class ReusedItem(Outlet):
    """One item with a constant guid and link is used for each news: "breaking" boxes of broadcasters."""

    manner = "guid-reused"
    listed, per_day = 1, 1.5

    def guid(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the guid of the box."""
        return "breaking"

    def link(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the page of the box."""
        return f"https://{self.host}/breaking"


class ReusedUndated(ReusedItem):
    """As guid-reused, and without dates."""

    manner = "guid-reused-undated"

    def published(self, piece: Piece, state: State, now: datetime) -> datetime | None:
        """Return none."""
        return None


class SingleItem(Outlet):
    """One item that links to /latest, with guids of its own: warning services."""

    manner = "single-item"
    listed, per_day = 1, 2.0

    def link(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the constant link."""
        return f"https://{self.host}/latest"

    def guid(self, piece: Piece, state: State, now: datetime) -> str:
        """Return a counted guid."""
        return f"alert-{piece.number}"


class Planet(Outlet):
    """Two blogs in one document, both with guids like ?p=12: Planet and Venus aggregators."""

    manner = "planet"

    def _blog(self, piece: Piece) -> str:
        return f"blog-{'ab'[piece.number % 2]}.example"

    def guid(self, piece: Piece, state: State, now: datetime) -> str:
        """Return a guid that its blog alone makes telling."""
        return f"https://{self._blog(piece)}/?p={100 + piece.number // 2}"

    def link(self, piece: Piece, state: State, now: datetime) -> str:
        """Return a link of its blog."""
        return f"https://{self._blog(piece)}/{piece.at:%Y/%m}/{self.slug(piece)}"


class LinksOnly(Outlet):
    """No guids: RSS 0.91 and many hand-made feeds."""

    manner = "no-guids"

    def guid(self, piece: Piece, state: State, now: datetime) -> str:
        """Return none."""
        return ""


class FrontPageLinks(Outlet):
    """No guids, and each link is the front page: ministries, sheriffs' offices."""

    manner = "front-page-links"

    def guid(self, piece: Piece, state: State, now: datetime) -> str:
        """Return none."""
        return ""

    def link(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the front page."""
        return f"https://{self.host}/"


class TwoLanguages(Outlet):
    """One feed with two editions whose guids differ by the host alone: en.site/news/123 and ru.site/news/123 are not
    the same news.
    """

    manner = "guid-of-edition"

    def guid(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the guid of the edition."""
        return f"https://{('en', 'ru')[piece.number % 2]}.{self.host}/news/{500 + piece.number // 2}"

    def link(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the guid."""
        return self.guid(piece, state, now)


class ReusedLater(Outlet):
    """Guids begin again at 0 after 20 pieces: a counter in a small table, or a database that was set up anew."""

    manner = "guid-counter-restarts"

    def guid(self, piece: Piece, state: State, now: datetime) -> str:
        """Return a small number."""
        return str(piece.number % 20)

    def link(self, piece: Piece, state: State, now: datetime) -> str:
        """Return a link of the same number."""
        return f"https://{self.host}/item/{piece.number % 20}"


class Twins(Outlet):
    """Each piece comes twice within minutes, under two guids and links: a desk that files into two sections."""

    manner = "two-sections"
    per_day = 2.0

    def plan(self) -> Iterable[Piece]:
        """Return each piece twice."""
        once = list(super().plan())
        again = [
            Piece(piece.number + 5000, piece.at + timedelta(minutes=4), _later(piece.states))
            for piece in once
            if piece.states[0].truth != Truth()
        ]
        return [*once, *again]

    def link(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the address in the section."""
        return f"https://{self.host}/{'world' if piece.number >= 5000 else 'defence'}/{self.slug(piece)}"


def _later(states: tuple[State, ...]) -> tuple[State, ...]:
    return tuple(replace(state, at=state.at + timedelta(minutes=4)) for state in states)


class Tickers(Outlet):
    """No titles, guids and links of a ticker's anchors (/ticker#p12): live tickers as feeds."""

    manner = "ticker-anchors"

    def link(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the anchor."""
        return f"https://{self.host}/ticker#p{piece.number}"

    def guid(self, piece: Piece, state: State, now: datetime) -> str:
        """Return the anchor."""
        return self.link(piece, state, now)

    def title(self, piece: Piece, state: State, now: datetime) -> str:
        """Return none."""
        return ""

    def report(self, number: int, at: datetime) -> list[Piece]:
        """Return an entry of the ticker, which is never edited."""
        news, event = self.event(at)
        return [self.piece(number, at, words.tell(event, 0, self.rng), Truth(news))]


ALL: tuple[type[Outlet], ...] = (
    Outlet,
    NodeGuids,
    FreshGuids,
    ChangedGuids,
    TokenLinks,
    SessionLinks,
    TimeLinks,
    HostFlips,
    EditCounter,
    TimeGuids,
    SlotGuids,
    ReusedItem,
    ReusedUndated,
    SingleItem,
    Planet,
    LinksOnly,
    FrontPageLinks,
    TwoLanguages,
    ReusedLater,
    Twins,
    Tickers,
)
