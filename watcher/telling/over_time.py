"""What is told of a rule over time: its numbers beside their limit, and what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo
from typing import Final, assert_never

from watcher.core.alerts.over_time import Finding, QuietFinding, SpikeFinding, VolumeFinding
from watcher.core.articles.urls import untracked
from watcher.core.model.durations import in_words
from watcher.core.model.rule import Rule
from watcher.core.web_addresses import safe_link
from watcher.telling.notices import Notice
from watcher.telling.wording import day_and_time, label

_MOST_NAMED: Final = 3
_TITLE_CHARS: Final = 150

_HOLDS = {True: "holds now", False: "does not hold now", None: "cannot be told yet"}


def numbers_now(finding: Finding, zone: tzinfo = UTC) -> Notice:
    """Return one line with the numbers and the limit, and the sentences that explain them; times are those of `zone`.

    For example "volume: 10 stories of arms in 6 h, limit 10".
    """
    match finding:
        case VolumeFinding():
            return _volume(finding)
        case SpikeFinding():
            return _spike(finding)
        case QuietFinding():
            return _quiet(finding, zone)
        case _:
            assert_never(finding)


def condition_of_rule(rule: Rule, finding: Finding, zone: tzinfo = UTC) -> Notice:
    """Return what is sent when the condition of a rule over time begins to hold: severity, name and numbers, and the
    newest stories behind them, each with its link in a line of its own.
    """
    numbers, text = numbers_now(finding, zone)
    lines = [text, f"Rule: {rule.name} ({rule.id}), severity {rule.severity.word}."]
    if not isinstance(finding, QuietFinding) and finding.newest:
        more = finding.stories - len(finding.newest)
        lines.append("The stories:" if more <= 0 else f"The newest {len(finding.newest)} of {finding.stories} stories:")
        for story in finding.newest:
            at = day_and_time(story.at.astimezone(zone))
            lines.append(f"- {label(story.title, _TITLE_CHARS) or '(no title)'} ({label(story.feed, 40)}, {at})")
            lines += [url] if (url := safe_link(untracked(story.url))) else []
    return Notice(f"[{rule.severity.word.capitalize()}] {rule.name}: {numbers}", "\n".join(lines))


def state_now(finding: Finding) -> str:
    """Return whether the condition holds and by which numbers, in one line of `explain`."""
    told = numbers_now(finding)
    return f"{_HOLDS[finding.holds]}: {told.title}. {told.text}"


def _volume(found: VolumeFinding) -> Notice:
    rule, span = found.trend.of, in_words(found.trend.within)
    return Notice(
        f"volume: {_stories(found.stories)} of {rule} in {span}, limit {found.trend.stories}",
        f"The rule {rule} had {_stories(found.stories)} in the last {span}; "
        f"this rule speaks at {found.trend.stories} or more.{_left_out(found.left_out)}{_late(found.late)}",
    )


def _spike(found: SpikeFinding) -> Notice:
    trend, window, baseline = found.trend, in_words(found.trend.window), in_words(found.trend.baseline)
    title = f"spike: {_stories(found.stories)} of {trend.of} in {window}, usually {found.usual:.1f}"
    if found.holds is None:
        short = f"The history before the last {window} is too short: {in_words(found.known)} of {baseline}."
        return Notice(title, f"{short} Until then nothing is usual, and this rule stays quiet.")
    return Notice(
        title,
        f"The rule {trend.of} had {_stories(found.stories)} in the last {window}; over the {baseline} before, {window} "
        f"held {found.usual:.1f} on average. "
        f"This rule speaks at {trend.ratio:g} times that, and {trend.at_least} or more."
        f"{_left_out(found.left_out)}{_late(found.late)}",
    )


def _quiet(found: QuietFinding, zone: tzinfo) -> Notice:
    feed, last = found.trend.feed, found.last_item_at
    limit = in_words(found.trend.longer_than)
    title = f"quiet source: nothing new from {feed} for {in_words(found.quiet_for)}, limit {limit}"
    if found.holds is None:
        return Notice(title, f"The feed {feed} was not asked yet since the watcher started.")
    since = f"since {day_and_time(last.astimezone(zone))}" if last else "since it is watched"
    problem = f"Its last problem: {found.problem}" if found.problem else "It answers, without new items."
    return Notice(title, f"The feed {feed} brought nothing new {since}. {problem}")


def _left_out(names: Sequence[str]) -> str:
    if not names:
        return ""
    shown = ", ".join(label(name, 40) for name in names[:_MOST_NAMED])
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    counted = "1 feed" if len(names) == 1 else f"{len(names)} feeds"
    return f" {counted} left out, not read all that time: {shown}{more}."


def _late(count: int) -> str:
    if not count:
        return ""
    return f" {_stories(count)} left out that came late: published before that time, as after an outage of a feed."


def _stories(count: int) -> str:
    return f"{count} {'story' if count == 1 else 'stories'}"
