"""Silences that only say how long they last: since when each is held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from watcher.core.model.ids import RuleId, digest
from watcher.core.model.policy import Silence

OF_A_SILENCE: Final = " (silence) "
"""Stands in the name of each silence for the store, which keeps it beside conditions of rules over time: the names of
these begin with a rule, too.
"""

LONG = timedelta(days=7)
"""A silence of more is warned of."""


def what_it_names(silence: Silence) -> str:
    """Return what tells a silence from others whatever its length, for the store: its rule, `OF_A_SILENCE`, and a
    digest of all else that it names.
    """
    named = [silence.feed, silence.story or "", silence.channel or "", *sorted(silence.words)]
    return f"{silence.rule or ''}{OF_A_SILENCE}{digest('silence', *named).hex()}"


def under_new_name(what: str, renames: Mapping[RuleId, RuleId]) -> str:
    """Return what `what_it_names` gave for a silence, under the name that its rule has now."""
    rule, mark, rest = what.partition(OF_A_SILENCE)
    return f"{renames.get(RuleId(rule), rule)}{mark}{rest}"


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
