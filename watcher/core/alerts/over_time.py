"""Rules over time: whether a count of stories, the silence of a feed or a first match amounts to something.

volume         so many stories of a rule within a time
spike          more stories in the last window than `ratio` usual windows hold
quiet_source   a feed without a new item for too long

first_seen     a match when nothing matched the rule for so long; asked by the judge, article by article

All decide on counts and times that the store gives, never on texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from watcher.core.model.alert import JudgeContext
from watcher.core.model.durations import in_words
from watcher.core.model.ids import ArticleId, RuleId
from watcher.core.model.match import Match
from watcher.core.model.record import FeedNews, StoryHistory
from watcher.core.model.rule import FirstSeen, QuietSource, Spike, Trend, Volume


@dataclass(frozen=True, slots=True)
class Finding:
    """What the numbers say now: `holds` None = it cannot be told yet, and `text` says why.

    `title` is one line with the numbers and the limit; `text` explains them.
    """

    holds: bool | None
    title: str
    text: str


def volume(trend: Volume, history: StoryHistory, now: datetime) -> Finding:
    """Return whether the rule had its number of stories in the time up to `now`."""
    count = _between(history.begun_at, now - trend.within, now)
    span = in_words(trend.within)
    return Finding(
        holds=count >= trend.stories,
        title=f"volume: {_stories(count)} of {trend.of} in {span}, limit {trend.stories}",
        text=f"The rule {trend.of} had {_stories(count)} in the last {span}; this rule speaks at {trend.stories} or more.",
    )


def spike(trend: Spike, history: StoryHistory, now: datetime) -> Finding:
    """Return whether the last window stands out from the baseline before it.

    The usual number is the mean over the baseline, which does not include the window itself. A history shorter than
    that says nothing yet.

    Source: ElastAlert's spike rule, with a baseline of many windows instead of one.
    """
    begin = now - trend.window
    count = _between(history.begun_at, begin, now)
    before = _between(history.begun_at, begin - trend.baseline, begin)
    usual = before * (trend.window / trend.baseline)
    window, baseline = in_words(trend.window), in_words(trend.baseline)
    title = f"spike: {_stories(count)} of {trend.of} in {window}, usually {usual:.1f}"
    known = timedelta(0) if history.known_since is None else max(timedelta(0), begin - history.known_since)
    if known < trend.baseline:
        short = f"The history before the last {window} is too short: {in_words(known)} of {baseline}."
        return Finding(None, title, f"{short} Until then nothing is usual, and this rule stays quiet.")
    return Finding(
        holds=count >= trend.at_least and count >= trend.ratio * usual,
        title=title,
        text=(
            f"The rule {trend.of} had {_stories(count)} in the last {window}; over the {baseline} before, {window} held {usual:.1f} on average. "
            f"This rule speaks at {_number(trend.ratio)} times that, and {trend.at_least} or more."
        ),
    )


def quiet_source(trend: QuietSource, news: FeedNews, watched_since: datetime, now: datetime) -> Finding:
    """Return whether the feed has brought nothing new for too long.

    `watched_since` is when we began to look: our own absence is not the feed's silence. A feed counts only once it
    was asked since then.
    """
    last = news.last_item_at
    quiet_for = now - (watched_since if last is None else min(last, now))
    limit = in_words(trend.longer_than)
    since = f"since {last:%Y-%m-%d %H:%M} UTC" if last else "since it is watched"
    title = f"quiet source: nothing new from {trend.feed} for {in_words(quiet_for)}, limit {limit}"
    if news.last_poll_at is None or news.last_poll_at < watched_since:
        return Finding(None, title, f"The feed {trend.feed} was not asked yet since the watcher started.")
    problem = f" Its last problem: {news.problem}" if news.problem else " It answers, without new items."
    return Finding(quiet_for > trend.longer_than, title, f"The feed {trend.feed} brought nothing new {since}.{problem}")


def reach(trend: Trend) -> timedelta:
    """Return how far back the stories of another rule must be known."""
    match trend:
        case Volume():
            return trend.within
        case Spike():
            return trend.window + trend.baseline
        case QuietSource() | FirstSeen():
            return timedelta(0)


class FirstMatches:
    """What matched each rule that wants first matches only, in order of arrival; grows while a reading is judged."""

    def __init__(self, context: JudgeContext) -> None:
        self._seen: dict[RuleId, list[ArticleId]] = {rule: list(ids) for rule, ids in context.seen.items()}

    def add(self, match: Match, article: ArticleId) -> None:
        """Note a match."""
        if match.unseen_for is not None:
            self._seen.setdefault(match.rule, []).append(article)

    def seen_before(self, match: Match, article: ArticleId) -> str:
        """Return why a match is not the first one, when its rule wants only that; else ""."""
        if match.unseen_for is None:
            return ""
        other = next((id_ for id_ in self._seen.get(match.rule, ()) if id_ != article), None)
        return "" if other is None else f"not the first in {in_words(match.unseen_for)}: {other} matched before"


def _between(times: Sequence[datetime], after: datetime, until: datetime) -> int:
    return sum(after < time <= until for time in times)


def _stories(count: int) -> str:
    return f"{count} {'story' if count == 1 else 'stories'}"


def _number(ratio: float) -> str:
    return f"{ratio:g}"
