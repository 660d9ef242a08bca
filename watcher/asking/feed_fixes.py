"""What polls found out about feeds, written into the files: where they moved to for good, which are gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from watcher.asking.feed_edits import written_lines
from watcher.asking.feed_lines import KnownFeed
from watcher.core.feeds.condition import Condition
from watcher.core.model.outcome import FeedStatus
from watcher.core.model.policy import FeedForm, FeedSpec
from watcher.errors import ConfigError
from watcher.settings.edit import FeedFiles, editing
from watcher.settings.env import Settings
from watcher.telemetry.logging import printable


class Gone(StrEnum):
    """What is done with the line of a feed that is gone."""

    PAUSE = "pause"
    REMOVE = "remove"
    KEEP = "keep"


Decide = Callable[[str, str], Gone]
"""Asked what to do with a feed that is gone: its name, and what was seen of it."""


def fix(settings: Settings, feeds: Sequence[KnownFeed], now: datetime, decide: Decide) -> list[str]:
    """Write new addresses, and pause or remove what is gone; return what was done and left, in lines.

    What cannot be edited is named with the reason and left as it is.

    Raises:
        ConfigError: the files have mistakes, or cannot be written; nothing was written.
    """
    lines: list[str] = []
    with editing(Path(settings.config), settings) as files:
        for feed in feeds:
            lines += _fixed(files, feed, now, decide)
        lines += written_lines(files.write())
    return lines or ["nothing to fix: no feed moved for good, and none is gone"]


def _fixed(files: FeedFiles, feed: KnownFeed, now: datetime, decide: Decide) -> Iterator[str]:
    state, name = feed.state, feed.spec.name
    spec = next((one for one in files.configuration.feeds if one.url == feed.spec.url), None)
    if state is None or feed.record is None or spec is None or spec.paused:
        return
    moved = state.url != spec.url and spec.form is not FeedForm.TELEGRAM
    if feed.record.configured_url != spec.url:
        if moved or state.status is FeedStatus.PAUSED:
            yield f"left    {name}: its address was changed in the files; what polls found out is of the one before"
    elif moved:
        yield _moved(files, spec, state.url)
    elif state.status is FeedStatus.PAUSED:
        yield _gone(files, spec, decide(name, feed.told(now)[0]))
    elif feed.health(now).condition is Condition.MOVED:
        yield f"waits   {name}: it sends us to {printable(state.moved_to)}, not yet for a day; its line stays as it is"


def _moved(files: FeedFiles, spec: FeedSpec, url: str) -> str:
    known = next((one for one in files.configuration.feeds if one.url == url), None)
    if known is not None:
        return f"twice   {spec.name}: it moved to {printable(url)}, which is {known.name}; watcher feeds remove {spec.name}"
    try:
        name = files.readdress(spec, url)
    except ConfigError as error:
        return f"left    {spec.name}: {printable(url)} cannot be written: {_first_line(error)}"
    called = f", called {name} now" if name != spec.name else ""
    return f"moved   {spec.name}: {spec.url} is {printable(url)}{called}; its history stays"


def _gone(files: FeedFiles, spec: FeedSpec, wanted: Gone) -> str:
    try:
        match wanted:
            case Gone.PAUSE:
                files.pause(spec)
                return f"paused  {spec.name}: it is gone; again: watcher feeds resume {spec.name}"
            case Gone.REMOVE:
                files.remove(spec)
                return f"removed {spec.name}: it is gone; what it brought stays known"
            case Gone.KEEP:
                return f"gone    {spec.name}: its line stays; --gone pause or --gone remove takes it out of the polls"
    except ConfigError as error:
        return f"left    {spec.name}: {_first_line(error)}"


def _first_line(error: ConfigError) -> str:
    """Return what a refused edit says: the last line, which names the mistake that it would make."""
    said = str(error).splitlines()
    return next((line for line in said[1:] if line.strip()), said[0])
