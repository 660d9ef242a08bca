"""Words that several channels use: headlines, times, reasons, links; plain text, not yet escaped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from watcher.core.model.message import AlertSummary, Marked, Message, MessageKind, WhyGroup
from watcher.core.model.story import Reach
from watcher.core.web_addresses import safe_link
from watcher.telling.marked import shown_start
from watcher.telling.scripts import script_of

if TYPE_CHECKING:
    from watcher.core.model.record import StoppedBy

HEADLINE_CHARS = 300
NAME_CHARS = 80
_MAX_HITS = 6  # of one reason; the rest is counted
_MAX_WORD_CHARS = 60
_STOPS_SHOWN = 3
_MAX_DIED_CHARS = 80
_MAX_GLOSS_CHARS = 30
_MOST_GLOSSED = 4
_MAX_RULE_CHARS = 40
_MOST_RULES = 3
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
    about = gloss(first)
    said = f"{about}: {headline(first).text}" if about else headline(first).text
    return f"{prefix}[{first.severity.word.capitalize()}] {said}"


def gloss(alert: AlertSummary) -> str:
    """Return what a headline is about in the words of the rule, where these are of another script than the headline;
    else "". It stands in front, so that a cut takes of the headline.

        북한, 러시아에 포탄 보내  ->  "North Korea · Russia"
    """
    its = script_of(alert.headline.text[:HEADLINE_CHARS])
    if not its:
        return ""
    labels = dict.fromkeys(label(group.label.rstrip("*"), _MAX_GLOSS_CHARS) for group in alert.why)
    others = [one for one in labels if script_of(one) not in ("", its)]
    return " · ".join(others[:_MOST_GLOSSED])


def title(message: Message) -> str:
    """Return the title of a message that is not about one article."""
    if message.title:
        return label(message.title, HEADLINE_CHARS)
    every = listed(message)
    if not every:
        return "Notice from watcher"
    return f"{len(every)} {'alert' if len(every) == 1 else 'alerts'}: {_by_severity(every)} ({_rules_of(every)})"


def _by_severity(alerts: Sequence[AlertSummary]) -> str:
    """Return how many alerts there are of each severity, the weightiest first: "1 critical, 2 high"."""
    counts = Counter(alert.severity for alert in alerts)
    return ", ".join(f"{counts[one]} {one.word}" for one in sorted(counts, reverse=True))


def _rules_of(alerts: Sequence[AlertSummary]) -> str:
    """Return the names of the rules of a list, the first three by name."""
    names = list(dict.fromkeys(name for alert in alerts for name in alert.rule_name.split(", ")))
    said = ", ".join(label(name, _MAX_RULE_CHARS) for name in names[:_MOST_RULES])
    return said + (f" and {len(names) - _MOST_RULES} more rules" if len(names) > _MOST_RULES else "")


def link_line(line: str) -> str:
    """Return the link that a line of a notice is as a whole, or "": such a line may be shown as a link."""
    return line if line.startswith(("https://", "http://")) and safe_link(line) == line else ""


def prefix_of(message: Message) -> str:
    """Return "SAMPLE " or "TEST " in front of what is not news, else ""."""
    if message.kind is MessageKind.TEST:
        return "TEST "
    return "SAMPLE " if message.alerts and all(alert.sample for alert in message.alerts) else ""


def clock_time(moment: datetime) -> str:
    """Return hours and minutes, in the zone of the moment."""
    return moment.strftime("%H:%M")


def labelled_time(moment: datetime) -> str:
    """Return hours and minutes with their zone: "14:02 EET"."""
    return f"{clock_time(moment)} {_zone(moment)}"


def day_and_time(moment: datetime) -> str:
    """Return day, month, time and zone, as "23 Nov 14:02 UTC"."""
    return f"{moment.day} {moment:%b} {labelled_time(moment)}"


def _zone(moment: datetime) -> str:
    """Return the name of a zone; of one that has only a number, that: "UTC+03"."""
    name = moment.tzname() or "UTC"
    return name if name[0].isalpha() else f"UTC{name}"


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
        copies = max(alert.outlets, alert.sources) - alert.sources
        if alert.agency and copies > 0:
            carry = f"{copies} carry {alert.agency}" if copies > 1 else f"1 carries {alert.agency}"
            said = said.rpartition(", ")[0] + f", {carry}"
    if alert.copies and alert.outlets <= alert.sources:  # an outlet that repeats itself
        said += f", {alert.copies} {'copy' if alert.copies == 1 else 'copies'} folded"
    return said


def provenance(alert: AlertSummary) -> str:
    """Return in one line where the news came from and how far it went: "first: Peninsula Wire 06:12; 14 outlets, 3
    independent, 11 carry Yonhap".
    """
    if not alert.lines or alert.sources == 0:
        return spread(alert) + (f", first {label(alert.source, 40)}" if alert.source else "")
    first = alert.lines[0]
    name = label(first.name, 40)
    signed = f" ({alert.agency})" if alert.agency and alert.agency.lower() not in name.lower() else ""
    return f"first: {name}{signed} {clock_time(first.at)}; {spread(alert)}"


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
    """Return what is to be said about the message itself: notes of its alerts, how long its channel was down, and
    that it may be a repeat.
    """
    found = [label(alert.note, HEADLINE_CHARS) for alert in message.alerts if alert.note]
    if message.down is not None:
        since, until = (day_and_time(moment) for moment in message.down)
        found.append(f"This channel took no messages from {since} to {until}; this one tells what waited.")
    if message.repeat:
        found.append("This message may have reached you before: the last attempt ended without an answer.")
    return list(dict.fromkeys(found))


def died(message: Message, most: int = 10) -> list[str]:
    """Return in lines what was given up for its age while the channel took nothing, and how to send it all the same;
    no line where nothing was.

        2 alerts became too old meanwhile and were given up:
        - Shells fell on the port of Reni (mfxvb4d7dbhli)
        - A drone fell near Izmail (mhq2ktczw5bly)
        Send them: watcher deliveries retry --dead --channel desk
    """
    if not message.died:
        return []
    count = max(message.died_in_all, len(message.died))
    said = f"{count} alert became" if count == 1 else f"{count} alerts became"
    was = "was" if count == 1 else "were"
    lines = [f"{said} too old meanwhile and {was} given up" + (":" if most else ".")]
    shown = message.died[:most]
    lines += [f"- {label(one.title, _MAX_DIED_CHARS) or '(no title)'} ({one.message[:13]})" for one in shown]
    if most and count > len(shown):
        lines.append(f"and {count - len(shown)} more")
    again = "it" if count == 1 else "them"
    return [*lines, f"Send {again}: watcher deliveries retry --dead --channel {label(message.channel)}"]


def is_list(message: Message) -> bool:
    """Return whether the message is about several articles, or has a title of its own above those it lists; several
    rules on one article are not a list, nor is a summary of which one article is left.
    """
    articles = {(alert.url, alert.headline.text) for alert in message.alerts}
    return len(articles) > 1 or (message.kind is MessageKind.SUMMARY and bool(message.title))


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
