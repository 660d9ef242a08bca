"""Words that several channels use: headlines, times, reasons, links; plain text, not yet escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from watcher.core.model.message import AlertSummary, Marked, Message, MessageKind, WhyGroup
from watcher.core.model.story import Reach
from watcher.telling.marked import shown_start

if TYPE_CHECKING:
    from watcher.core.model.record import StoppedBy

HEADLINE_CHARS = 300
NAME_CHARS = 80
_MAX_HITS = 6  # of one reason; the rest is counted
_MAX_WORD_CHARS = 60
_STOPS_SHOWN = 3
TEXT_CHARS = 4000


def headline(alert: AlertSummary, limit: int = HEADLINE_CHARS) -> Marked:
    """Return the headline on one line, safe to show, cut on a word."""
    return shown_start(alert.headline, limit)


def excerpt(alert: AlertSummary, limit: int = HEADLINE_CHARS) -> Marked:
    """Return the excerpt on one line, safe to show, cut on a word."""
    return shown_start(alert.excerpt, limit)


def label(text: str, limit: int = NAME_CHARS) -> str:
    """Return the name of a rule, source or group on one line, safe to show."""
    return _label(text[: 4 * limit], limit)


@lru_cache(256)  # one message names the same ones again and again
def _label(text: str, limit: int) -> str:
    return shown_start(Marked(text), limit).text


def one_line(message: Message) -> str:
    """Return the message in one line: what a phone shows, the subject of a mail."""
    prefix = prefix_of(message)
    if is_list(message) or not message.alerts:
        return prefix + title(message)
    first = message.alerts[0]
    return f"{prefix}[{first.severity.word.capitalize()}] {headline(first).text}"


def title(message: Message) -> str:
    """Return the title of a message that is not about one article."""
    if message.title:
        return label(message.title, HEADLINE_CHARS)
    count = len(listed(message))
    return f"{count} {'alert' if count == 1 else 'alerts'}" if count else "Notice from watcher"


def prefix_of(message: Message) -> str:
    """Return "SAMPLE " or "TEST " in front of what is not news, else ""."""
    if message.kind is MessageKind.TEST:
        return "TEST "
    return "SAMPLE " if message.alerts and all(alert.sample for alert in message.alerts) else ""


def clock_time(moment: datetime) -> str:
    """Return hours and minutes in UTC."""
    return moment.astimezone(UTC).strftime("%H:%M")


def day_and_time(moment: datetime) -> str:
    """Return day, month and time, as "23 Nov 14:02 UTC"."""
    utc = moment.astimezone(UTC)
    return f"{utc.day} {utc:%b %H:%M} UTC"


def hits(group: WhyGroup) -> str:
    """Return the words of one reason, and what the rule asks of them: "North Korean (title), Pyongyang ×3; in one
    sentence with Russia".
    """
    parts = []
    for word, count, in_title in group.hits[:_MAX_HITS]:
        part = label(word, _MAX_WORD_CHARS)
        part += " (title)" if in_title else ""
        parts.append(part + (f" ×{count}" if count > 1 else ""))
    more = len(group.hits) - _MAX_HITS
    if more > 0:
        parts.append(f"and {more} more")
    return ", ".join(parts) + (f"; {label(group.asks, HEADLINE_CHARS)}" if group.asks else "")


def spread(alert: AlertSummary) -> str:
    """Return how far the news went: "14 outlets in 4 languages, 3 independent, 11 copies"."""
    if alert.sources == 0:  # samples are no source
        said = "sample feed"
    else:
        said = reach(Reach(max(alert.outlets, alert.sources), alert.sources, alert.languages))
    if alert.copies and alert.outlets <= alert.sources:  # an outlet that repeats itself
        said += f", {alert.copies} {'copy' if alert.copies == 1 else 'copies'} folded"
    return said


def reach(told: Reach) -> str:
    """Return how far a story went: "14 outlets in 4 languages, 3 independent, 11 copies"; of one outlet nothing more
    is said.
    """
    text = f"{told.outlets} {'outlet' if told.outlets == 1 else 'outlets'}"
    text += f" in {told.languages} languages" if told.languages > 1 else ""
    if told.outlets > 1:
        text += f", {told.independent} independent"
    if told.copies > 0:
        text += f", {told.copies} {'copy' if told.copies == 1 else 'copies'}"
    return text


def notes(message: Message) -> list[str]:
    """Return what is to be said about the message itself: notes of its alerts, and that it may be a repeat."""
    found = [label(alert.note, HEADLINE_CHARS) for alert in message.alerts if alert.note]
    if message.repeat:
        found.append("This message may have reached you before: the last attempt ended without an answer.")
    return list(dict.fromkeys(found))


def is_list(message: Message) -> bool:
    """Return whether the message is about several articles; several rules on one article are not a list."""
    articles = {(alert.url, alert.headline.text) for alert in message.alerts}
    return message.kind is MessageKind.SUMMARY or len(articles) > 1


def listed(message: Message) -> tuple[AlertSummary, ...]:
    """Return the alerts of a list as people read them: an article that several rules match stands once, where it weighs
    most, with the names of all of them.

        bridge (high, Shells), ferry (low, Ships), bridge (low, Bridges)  -> bridge (high, Shells, Bridges), ferry
    """
    found: dict[tuple[str, str, str], list[AlertSummary]] = {}
    for alert in message.alerts:
        found.setdefault((alert.story, alert.url, alert.headline.text), []).append(alert)
    return tuple(
        replace(same[0], rule_name=", ".join(dict.fromkeys(label(one.rule_name) for one in same)))
        for same in found.values()
    )


def reasons(message: Message) -> list[WhyGroup]:
    """Return the reasons of all rules of a message about one article, each once."""
    return list(dict.fromkeys(group for alert in message.alerts for group in alert.why))


def rule_names(message: Message) -> str:
    """Return the names of the rules that fired, the weightiest first."""
    return ", ".join(dict.fromkeys(label(alert.rule_name) for alert in message.alerts))


def stopped(rows: Sequence[StoppedBy]) -> str:
    """Return what the `none` of one rule stopped: "stopped by `football`: 11 in 30 days"; the three most frequent
    terms.
    """
    from watcher.core.model.record import STOPPED_DAYS  # noqa: PLC0415 - channels need none of the records

    said = ", ".join(f"`{label(one.term)}`: {one.articles:,}" for one in rows[:_STOPS_SHOWN])
    more = f" and {len(rows) - _STOPS_SHOWN} more terms" if len(rows) > _STOPS_SHOWN else ""
    return f"stopped by {said}{more} in {STOPPED_DAYS.days} days"
