"""Silences that only say how long they last: since when each is held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from watcher.core.model.ids import digest
from watcher.core.model.policy import Silence


def what_it_names(silence: Silence) -> str:
    """Return what tells a silence from others whatever its length, for the store: its rule, a blank, and a digest of
    all else that it names.
    """
    named = [silence.feed, silence.story or "", silence.channel or "", *sorted(silence.words)]
    return f"{silence.rule or ''} (silence) {digest('silence', *named).hex()}"


def begun(silences: Iterable[Silence], starts: Mapping[str, datetime]) -> tuple[Silence, ...]:
    """Return silences with the start and end of those that only say how long they last; `starts` are the times of the
    revisions that first held them, by `what_it_names`. One that no revision held yet would begin now.

        for: 2h, first held at 09:10, an hour later edited to for: 3h  ->  09:10 to 12:10
    """
    return tuple(_begun(one, starts.get(what_it_names(one))) for one in silences)


def _begun(silence: Silence, start: datetime | None) -> Silence:
    if silence.lasts is None or start is None:
        return silence
    return replace(silence, starts_at=start, ends_at=start + silence.lasts)
