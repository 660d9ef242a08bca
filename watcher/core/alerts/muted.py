"""What silences held, for the message at their end and for the page: how much, and the weightiest of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from watcher.core.alerts.silence import is_in_force
from watcher.core.model.ids import StoryId
from watcher.core.model.policy import Silence
from watcher.core.model.record import MutedRecord
from watcher.core.model.rule import Severity

LISTED: Final = 5
SHOWN_FOR: Final = timedelta(days=7)
"""So long after its end a silence still stands on the page."""


@dataclass(frozen=True, slots=True)
class Holding:
    """One silence and what it held: `stories`, how many `by_severity` (the highest first, in a word), and the
    weightiest.

    `ends_at` is None where it was taken out of the configuration, or never ends; `told_at` is when its end was told
    last.
    """

    silence: str
    because: str
    is_in_force: bool
    ends_at: datetime | None
    told_at: datetime | None
    stories: int
    by_severity: tuple[tuple[str, int], ...]
    weightiest: tuple[MutedRecord, ...]
    by: str = ""  # who made it by hand


def holdings(silences: Sequence[Silence], held: Iterable[MutedRecord], now: datetime) -> list[Holding]:
    """Return the silences that are in force, or ended within `SHOWN_FOR`, each with what it held; those in force first.

    One that was taken out of the configuration counts as ended when its end was told, and until then as ended now.
    """
    by_name: dict[str, list[MutedRecord]] = {}
    for one in held:
        by_name.setdefault(one.muted.silence, []).append(one)
    known = {silence.name: silence for silence in silences}
    found = [
        _holding(name, known.get(name), by_name.get(name, []), now)
        for name in [*known, *sorted(by_name.keys() - known.keys())]
    ]
    shown = [one for one in found if one.is_in_force or _is_recent(one, now)]
    return sorted(shown, key=lambda one: not one.is_in_force)


def _holding(name: str, silence: Silence | None, held: Sequence[MutedRecord], now: datetime) -> Holding:
    stories = _stories(held)
    return Holding(
        name,
        silence.because if silence else "",
        silence is not None and is_in_force(silence, now),
        silence.ends_at if silence else None,
        max((one.told_at for one in held if one.told_at is not None), default=None),
        len(stories),
        _by_severity(stories),
        tuple(stories[:LISTED]),
        silence.by if silence else "",
    )


def _is_recent(one: Holding, now: datetime) -> bool:
    ended_at = one.ends_at or one.told_at
    if ended_at is None:
        return one.stories > 0
    return now - SHOWN_FOR < ended_at <= now


def say_end(silence: str, held: Sequence[MutedRecord]) -> tuple[str, str]:
    """Return title and text of the message that tells one target what an ended silence held; `held` is not empty.

    Silence "drill" ended: it held 7 stories
    1 critical, 6 normal. The weightiest:
    - [critical] 23 Nov 14:02 UTC Shells shipped https://wire.example/1
    ...
    All of it: watcher deliveries silenced drill
    """
    stories = _stories(held)
    by_severity = ", ".join(f"{count} {word}" for word, count in _by_severity(stories))
    lead = "It is" if len(stories) == 1 else "They are" if len(stories) <= LISTED else "The weightiest"
    lines = [f"{by_severity}. {lead}:"]
    lines += [_line(one) for one in stories[:LISTED]]
    lines.append(f"All of it: watcher deliveries silenced '{silence}'")
    count = f"{len(stories)} {'story' if len(stories) == 1 else 'stories'}"
    return f"Silence {silence} ended: it held {count}", "\n".join(lines)


def _stories(held: Sequence[MutedRecord]) -> list[MutedRecord]:
    """Return of each story what weighs most and came first, the weightiest first."""
    in_order = sorted(held, key=lambda one: (-one.muted.severity, one.at, one.muted.article))
    stories: dict[StoryId, MutedRecord] = {}
    for one in in_order:
        stories.setdefault(one.muted.story, one)
    return list(stories.values())


def _by_severity(stories: Sequence[MutedRecord]) -> tuple[tuple[str, int], ...]:
    counts = [(one.word, sum(story.muted.severity is one for story in stories)) for one in reversed(Severity)]
    return tuple((word, count) for word, count in counts if count)


def _line(one: MutedRecord) -> str:
    at = one.at.astimezone(UTC)
    text = f"- [{one.muted.severity.word}] {at.day} {at:%b %H:%M} UTC {one.title or '(its text is no longer kept)'}"
    return f"{text} {one.url}".rstrip()
