"""What is said at the end of a silence: how much it held, and the weightiest of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Final

from watcher.core.model.ids import StoryId
from watcher.core.model.record import MutedRecord
from watcher.core.model.rule import Severity

LISTED: Final = 5


def say_end(silence: str, held: Sequence[MutedRecord]) -> tuple[str, str]:
    """Return title and text of the message that tells one target what an ended silence held; `held` is not empty.

    Silence "drill" ended: it held 7 stories
    1 critical, 6 normal. The weightiest:
    - [critical] 23 Nov 14:02 UTC Shells shipped https://wire.example/1
    ...
    All of it: watcher deliveries silenced drill
    """
    stories = _stories(held)
    counts = [(severity, sum(one.muted.severity is severity for one in stories)) for severity in reversed(Severity)]
    by_severity = ", ".join(f"{count} {severity.word}" for severity, count in counts if count)
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


def _line(one: MutedRecord) -> str:
    at = one.at.astimezone(UTC)
    text = f"- [{one.muted.severity.word}] {at.day} {at:%b %H:%M} UTC {one.title or '(its text is no longer kept)'}"
    return f"{text} {one.url}".rstrip()
