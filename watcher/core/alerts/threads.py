"""Under which message of a channel later news of a story stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from watcher.core.model.alert import AlertDetail, AlertKind
from watcher.core.model.ids import StoryId


def story_followed(alerts: Sequence[AlertDetail]) -> StoryId | None:
    """Return the story that a message tells more of; None where it begins one, or tells several.

    A first alert begins a story, also where it is another event of one that was told: it stands for itself.
    """
    stories = {alert.story for alert in alerts}
    begins = any(alert.kind is AlertKind.FIRST for alert in alerts)
    return stories.pop() if len(stories) == 1 and not begins else None


def is_loud(alerts: Iterable[AlertDetail]) -> bool:
    """Return whether a message must be heard also where it stands in a thread."""
    return any(alert.is_urgent or alert.kind is AlertKind.RAISE for alert in alerts)
