"""What each feed gave of what the rules matched: what a dead one costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from watcher.core.model.ids import ArticleId, FeedId, RuleId, StoryId

LOOKED_BACK: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Gave:
    """What a feed gave in a time: so many of all `matches`, a match being an article that fires a rule; `alone` are
    those of whose story no other feed brought an article to the same rule.
    """

    count: int
    matches: int
    alone: int


NOTHING: Final[Mapping[FeedId, Gave]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class MatchSeen:
    """One article of a feed that fired a rule; `story` None = it was told to nobody, so that it belongs to none."""

    feed: FeedId
    article: ArticleId
    rule: RuleId
    story: StoryId | None


def gave(seen: Iterable[MatchSeen]) -> Mapping[FeedId, Gave]:
    """Return what each feed gave; one that gave nothing is left out."""
    rows = set(seen)
    stories: dict[ArticleId, set[tuple[RuleId, StoryId]]] = defaultdict(set)
    feeds: dict[tuple[RuleId, StoryId], set[FeedId]] = defaultdict(set)
    fired = {(row.feed, row.article, row.rule) for row in rows}
    for row in rows:
        if row.story is not None:
            stories[row.article].add((row.rule, row.story))
            feeds[row.rule, row.story].add(row.feed)
    count: dict[FeedId, int] = defaultdict(int)
    shared: dict[FeedId, int] = defaultdict(int)
    for feed, article, rule in fired:
        count[feed] += 1
        shared[feed] += any(len(feeds[one]) > 1 for one in stories[article] if one[0] == rule)
    return {feed: Gave(number, len(fired), number - shared[feed]) for feed, number in count.items()}
