"""The wrap in words: one plain text, whose first line is its subject."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from watcher.core.alerts.wrap import GATHERED, MutedLine, StoryLine, Wrap
from watcher.telling.notices import Notice

MOST_STORIES: Final = 15
MOST_LISTED: Final = 5
TITLE: Final = "Wrap of"
"""The first words of every wrap, by which one is known."""

_WAITS: Final = {
    GATHERED: "for more of their story",
    "quiet": "for the end of quiet hours",
    "digest": "for a digest",
    "limit": "for room within a limit",
    "breaker": "for the channel, which refuses messages",
    "restored": "of before the database was restored: watcher deliveries restored",
    "rest": "to be asked for: watcher deliveries list --state held",
}


def wrap_notice(wrap: Wrap) -> Notice:
    """Return a wrap as a subject and lines: stories first, figures last."""
    day = wrap.until.astimezone(wrap.zone)
    parts = [
        _section("Told", [_story(one, wrap) for one in wrap.stories], MOST_STORIES, "watcher stories list"),
        _section("Not told yet", [f"{count} wait {_WAITS.get(why, f'({why})')}" for why, count in wrap.waiting]),
        _section("Muted", [_muted(one, wrap) for one in wrap.muted]),
        _section("Not told, for it was known", list(_not_told(wrap)), MOST_LISTED + 1, "watcher stories suppressed"),
        _section("Feeds that need a look", list(wrap.troubled), MOST_LISTED, "watcher feeds list --troubled"),
        _section("Rules that told nothing in 30 days", list(wrap.idle), MOST_LISTED, "watcher rules audit"),
        _section("About watcher", [f"{said} ({count} times)" if count > 1 else said for said, count in wrap.notices]),
        _figures(wrap),
    ]
    return Notice(f"{TITLE} {day:%a %d %b %Y}: {_subject(wrap)}", "\n\n".join(part for part in parts if part))


def _subject(wrap: Wrap) -> str:
    if not wrap.stories:
        return f"{sum(wrap.feeds.values()):,} feeds, {wrap.articles:,} articles, {wrap.matched:,} matches"
    words = [f"{len(wrap.stories)} {'story' if len(wrap.stories) == 1 else 'stories'}"]
    changed = sum(bool(one.changes) for one in wrap.stories)
    waits = sum(count for _, count in wrap.waiting)
    words += [f"{changed} changed"] if changed else []
    words += [f"{waits} held back"] if waits else []
    return ", ".join(words)


def _section(title: str, lines: Sequence[str], most: int = MOST_LISTED, command: str = "") -> str:
    if not lines:
        return ""
    shown = [f"- {line}" for line in lines[:most]]
    if len(lines) > most:
        shown.append(f"and {len(lines) - most} more" + (f": {command}" if command else ""))
    return "\n".join((f"{title}:", *shown))


def _story(one: StoryLine, wrap: Wrap) -> str:
    newest = f"{one.changes[0][1]} ({_clock(one.changes[0][0], wrap)}); first told: " if one.changes else ""
    counts = f"{one.sources} {'source' if one.sources == 1 else 'sources'}"
    counts += f", {one.outlets} outlets" if one.outlets > one.sources else ""
    return f"{_clock(one.told_at, wrap)} {one.severity.word}: {newest}{one.headline} ({counts})"


def _muted(one: MutedLine, wrap: Wrap) -> str:
    held = f"{one.stories} {'story' if one.stories == 1 else 'stories'}"
    if one.ends_at is None:
        until = "no end was said"
    elif one.ends_at <= wrap.until:
        until = "over"
    else:
        until = f"until {one.ends_at.astimezone(wrap.zone):%a %d %b %H:%M}"
    because = f", because: {one.because}" if one.because else ""
    return f"{one.name}: {held} ({until}{because})"


def _not_told(wrap: Wrap) -> Iterator[str]:
    if wrap.folded:
        yield f"{wrap.folded:,} {'copy' if wrap.folded == 1 else 'copies'} of what was told"
    for title in wrap.near:
        yield f"nearly taken for a copy, and told: {title}"


def _figures(wrap: Wrap) -> str:
    total = sum(wrap.feeds.values())
    states = ", ".join(f"{count} {state}" for state, count in sorted(wrap.feeds.items()) if count)
    feeds = f"{total:,} feeds ({states})" if states else "no feeds"
    return (
        f"{feeds}, {wrap.articles:,} articles, {wrap.matched:,} matches in 24 hours.\n"
        f"From {_day(wrap.since, wrap)} to {_day(wrap.until, wrap)}, times of {wrap.zone}."
    )


def _clock(at: datetime, wrap: Wrap) -> str:
    return f"{at.astimezone(wrap.zone):%H:%M}"


def _day(at: datetime, wrap: Wrap) -> str:
    return f"{at.astimezone(wrap.zone):%a %d %b %H:%M}"
