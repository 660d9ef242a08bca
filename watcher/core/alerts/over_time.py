"""Rules over time: whether a count of stories, the silence of a feed or a first match amounts to something.

volume         so many stories of a rule within a time
spike          more stories in the last window than `ratio` usual windows hold
quiet_source   a feed without a new item for too long

first_seen     a match when nothing matched the rule for so long; asked by the judge, article by article

All decide on counts and times that the store gives, never on texts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from watcher.core.model.alert import JudgeContext
from watcher.core.model.durations import in_words
from watcher.core.model.ids import ArticleId, RuleId
from watcher.core.model.match import Match
from watcher.core.model.record import BegunStory, FeedNews, StoryHistory
from watcher.core.model.rule import FirstSeen, QuietSource, Spike, Trend, Volume

MOST_SHOWN: Final = 5
"""So many of the stories behind an alert over time are listed, the newest."""

_LEAST_TO_KNOW: Final = 3
_USUAL_SHARE: Final = 0.9
_CLEARLY_LATE: Final = timedelta(minutes=30)
_PAST_OF_A_VOLUME: Final = timedelta(days=3)
_FIRST_POLLS: Final = timedelta(hours=1)
"""So long it takes a new installation to read all of its feeds once."""


@dataclass(frozen=True, slots=True)
class VolumeFinding:
    """How many stories of the rule began within the time; `left_out` names the feeds that are newer, `late` counts
    what is of an earlier time, `newest` are some of the stories.
    """

    trend: Volume
    stories: int
    holds: bool
    left_out: tuple[str, ...] = ()
    late: int = 0
    newest: tuple[BegunStory, ...] = ()


@dataclass(frozen=True, slots=True)
class SpikeFinding:
    """How many stories began in the last window, and how many do on average in one of the baseline before it.

    `known` is how far back the history reaches before the window, at least 0; `holds` is None while it is shorter
    than the baseline, for nothing is usual until then. `left_out` names the feeds that were not there all the time,
    `late` counts what is of an earlier time than the window, `newest` are some of the stories.
    """

    trend: Spike
    stories: int
    usual: float
    known: timedelta
    holds: bool | None
    left_out: tuple[str, ...] = ()
    late: int = 0
    newest: tuple[BegunStory, ...] = ()


@dataclass(frozen=True, slots=True)
class QuietFinding:
    """How long a feed has brought nothing new; `last_item_at` None = nothing ever, and the watching began the time.

    `holds` is None while the feed was not asked since then. `problem` is that of its last poll, "" for none.
    """

    trend: QuietSource
    last_item_at: datetime | None
    quiet_for: timedelta
    problem: str
    holds: bool | None


Finding = VolumeFinding | SpikeFinding | QuietFinding
"""What the numbers say now; its `holds` is None where that cannot be told yet."""


def volume(trend: Volume, history: StoryHistory, now: datetime) -> VolumeFinding:
    """Return whether the rule had its number of stories in the time up to `now`."""
    begin = now - trend.within
    here = replace(history, by_feed=tuple(one for one in history.by_feed if one.begun_at[-1] > begin))
    begun, left_out = _of_those_alive(here, begin, begin)
    late = _late(here, left_out, begin)
    count = _between(begun, begin, now) - len(late)
    newest = _shown(here, left_out, late, begin)
    return VolumeFinding(trend, count, count >= trend.stories, left_out, len(late), newest)


def spike(trend: Spike, history: StoryHistory, now: datetime) -> SpikeFinding:
    """Return whether the last window stands out from the baseline before it.

    The usual number is the mean over the baseline, which does not include the window itself. A history shorter than
    that says nothing yet. Feeds that were added since the baseline began, or were not read in the window, are left out
    of both, and so is what was published before the window and came late: neither a new feed nor the end of an outage
    is an event.

    Source: ElastAlert's spike rule, with a baseline of many windows instead of one.
    """
    begin = now - trend.window
    begun, left_out = _of_those_alive(history, begin - trend.baseline, begin)
    late = _late(history, left_out, begin)
    count = _between(begun, begin, now) - len(late)
    before = _between(begun, begin - trend.baseline, begin)
    usual = before * (trend.window / trend.baseline)
    known = timedelta(0) if history.known_since is None else max(timedelta(0), begin - history.known_since)
    stands_out = count >= trend.at_least and count >= trend.ratio * usual
    holds = None if known < trend.baseline else stands_out
    return SpikeFinding(trend, count, usual, known, holds, left_out, len(late), _shown(history, left_out, late, begin))


def _of_those_alive(
    history: StoryHistory, since: datetime, window: datetime
) -> tuple[tuple[datetime, ...], tuple[str, ...]]:
    """Return when the stories of those feeds began that were known at `since` and read well after `window`, and the
    names of the others. While all is new no feed is newer than the rest.
    """
    first = history.known_since
    grace = first + _FIRST_POLLS if first is not None else since
    left_out = tuple(
        one.name
        for one in history.by_feed
        if (one.known_since > max(since, grace)) or one.last_ok_at is None or one.last_ok_at < window
    )
    if not left_out:
        return history.begun_at, ()
    kept = [at for one in history.by_feed if one.name not in left_out for at in one.begun_at]
    return tuple(sorted(kept)), tuple(sorted(left_out))


_Late = tuple[str, datetime, datetime]


def _late(history: StoryHistory, left_out: Sequence[str], begin: datetime) -> list[_Late]:
    """Return, by feed, time and publication, the stories since `begin` that were published clearly before, as what a
    feed brings after an outage; how long the feed's news usually takes to reach us is no delay.

    Nothing is late where the feed gives no dates, or had fewer than three dated stories before: unsure, it counts.
    """
    found: list[_Late] = []
    for one in history.by_feed:
        dated = [(at, published) for at, published in zip(one.begun_at, one.published_at, strict=False) if published]
        takes = sorted(at - published for at, published in dated if at <= begin)
        if one.name in left_out or len(takes) < _LEAST_TO_KNOW:
            continue
        usual = takes[int(_USUAL_SHARE * (len(takes) - 1))]
        found += [
            (one.name, at, published)
            for at, published in dated
            if at > begin and published + usual <= begin and at - published - usual >= _CLEARLY_LATE
        ]
    return found


def _shown(
    history: StoryHistory, left_out: Sequence[str], late: Collection[_Late], begin: datetime
) -> tuple[BegunStory, ...]:
    """Return the newest of the stories that count."""
    counted = (
        one
        for one in history.newest
        if one.at > begin and one.feed not in left_out and (one.feed, one.at, one.published_at) not in late
    )
    return tuple(islice(counted, MOST_SHOWN))


def quiet_source(trend: QuietSource, news: FeedNews, watched_since: datetime, now: datetime) -> QuietFinding:
    """Return whether the feed has brought nothing new for too long.

    `watched_since` is when we began to look: our own absence is not the feed's silence. A feed counts only once it
    was asked since then.
    """
    last = news.last_item_at
    quiet_for = now - (watched_since if last is None else min(last, now))
    was_asked = news.last_poll_at is not None and news.last_poll_at >= watched_since
    holds = quiet_for > trend.longer_than if was_asked else None
    return QuietFinding(trend, last, quiet_for, news.problem, holds)


def reach(trend: Trend) -> timedelta:
    """Return how far back the stories of another rule must be known."""
    match trend:
        case Volume():
            return trend.within + _PAST_OF_A_VOLUME  # from which is known how long news of a feed takes
        case Spike():
            return trend.window + trend.baseline
        case QuietSource() | FirstSeen():
            return timedelta(0)


class FirstMatches:
    """What matched each rule that wants first matches only, in order of arrival; grows while a reading is judged."""

    def __init__(self, context: JudgeContext) -> None:
        self._matched: dict[RuleId, list[ArticleId]] = {rule: list(ids) for rule, ids in context.matched_lately.items()}

    def add(self, match: Match, article: ArticleId) -> None:
        """Note a match."""
        if match.unseen_for is not None:
            self._matched.setdefault(match.rule, []).append(article)

    def matched_before(self, match: Match, article: ArticleId) -> str:
        """Return why a match is not the first one, when its rule wants only that; else ""."""
        if match.unseen_for is None:
            return ""
        other = next((id_ for id_ in self._matched.get(match.rule, ()) if id_ != article), None)
        return "" if other is None else f"not the first in {in_words(match.unseen_for)}: {other} matched before"


def _between(times: Sequence[datetime], after: datetime, until: datetime) -> int:
    return sum(after < time <= until for time in times)
