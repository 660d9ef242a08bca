"""Whether the wall clock can be believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from watcher.core.http_dates import http_date
from watcher.core.model.outcome import Fetched, FetchOutcome, FetchRequest, NotModified
from watcher.core.web_addresses import host_of
from watcher.ports import Clock, Fetcher

log = structlog.get_logger()

JUMP_SECONDS: Final = 3600.0
"""A wall clock that moved this much against the machine's own count is not trusted until it agrees for as long; a
`Date` that lies this far away disagrees.
"""

LONG_AWAY: Final = timedelta(days=30)
"""A start this long after the newest stored time is doubted until servers agree: a machine without a clock of its own
begins anywhere.
"""

_HOSTS = 32
"""So many hosts' opinions are kept, the newest."""


class ClockWatch:
    """Tells whether the wall clock can be believed: what ages, expires or is deleted by it must wait while it cannot.

    Three signs are looked at, and none decides against the others: the machine's own count of time (a jump of more
    than an hour against it is doubted for an hour; a sleep is none, as the count goes on); the newest stored time at
    a start; and the `Date` of what servers answer, one vote a host. Example: a machine starts with its clock a year
    ahead. The stored time lies 30 days back or more, so the clock is doubted; two servers that say so confirm it.
    Time is mended, which is a jump; an hour later all agree.
    """

    def __init__(self, clock: Clock, newest: datetime | None = None) -> None:
        self._clock = clock
        self._wall = clock.now()
        self._count = clock.elapsed()
        self._distrust_until = self._count
        self._says: dict[str, float] = {}
        self._why = ""
        self._is_vouched = newest is not None and abs(self._wall - newest) <= timedelta(days=1)
        self._is_doubted_start = newest is not None and not self._is_near(newest)
        if self._is_doubted_start:
            self._distrust_until = self._count + JUMP_SECONDS
            self._why = f"the newest that is stored is of {_minute(newest)}, the clock says {_minute(self._wall)}"
            log.error(
                "the clock disagrees with what is stored; nothing is deleted, too old or given up until servers agree with it, "
                "or for an hour",
                newest_stored=str(newest),
                now=str(self._wall),
            )

    def _is_near(self, newest: datetime) -> bool:
        return -timedelta(seconds=JUMP_SECONDS) <= self._wall - newest <= LONG_AWAY

    def note_date(self, host: str, date: datetime) -> None:
        """Note what time a server says it is."""
        self._look()
        self._says.pop(host, None)
        self._says[host] = (date - self._clock.now()).total_seconds()
        while len(self._says) > _HOSTS:
            del self._says[next(iter(self._says))]
        differ = sum(abs(offset) > JUMP_SECONDS for offset in self._says.values())
        agree = len(self._says) - differ
        if differ > agree and (differ > 1 or not self._is_vouched):
            if self._count >= self._distrust_until:
                self._why = f"{differ} of {len(self._says)} servers say another time, such as {_minute(date)}"
                log.error("servers say another time; nothing is deleted, too old or given up meanwhile", hosts=differ)
            self._distrust_until = self._count + JUMP_SECONDS
            self._is_doubted_start = False
        elif agree > differ and self._is_doubted_start:
            self._is_doubted_start = False
            self._distrust_until = self._count
            log.info("servers agree with the clock; it is trusted")

    def is_trusted(self) -> bool:
        """Look at both clocks; return False while there is doubt and for an hour after."""
        self._look()
        return self._count >= self._distrust_until

    def doubt(self) -> str:
        """Look at both clocks; return why they are not believed, "" while they are."""
        return "" if self.is_trusted() else self._why

    def _look(self) -> None:
        wall, count = self._clock.now(), self._clock.elapsed()
        drift = (wall - self._wall).total_seconds() - (count - self._count)
        self._wall, self._count = wall, count
        if abs(drift) > JUMP_SECONDS:
            self._distrust_until = count + JUMP_SECONDS
            self._is_doubted_start = False
            self._why = f"it jumped by {drift / 3600:+.1f} h, to {_minute(wall)}"
            self._says.clear()  # said of the clock as it was
            log.error("the clock jumped; nothing is deleted, too old or given up for an hour", seconds=round(drift))


class DatedFetcher:
    """Implements ports.Fetcher around another one; shows the clock watch the `Date` of each answer."""

    def __init__(self, inner: Fetcher, watch: ClockWatch) -> None:
        self._inner = inner
        self._watch = watch

    async def fetch(self, request: FetchRequest) -> FetchOutcome:
        """Fetch, and note when the server says that was."""
        outcome = await self._inner.fetch(request)
        date = http_date(_date_of(outcome))
        if date is not None:
            self._watch.note_date(host_of(request.url), date)
        return outcome


def _minute(moment: datetime | None) -> str:
    return "an unknown time" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _date_of(outcome: FetchOutcome) -> str:
    match outcome:
        case Fetched(headers=headers):
            return (headers or {}).get("date", "")
        case NotModified(date=date):
            return date
        case _:
            return ""
