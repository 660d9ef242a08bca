"""Stories kept in memory, as a store keeps them in rows: for what is judged without a store, and for tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from watcher.core.model.ids import StoryId
from watcher.core.model.match import ReadArticle
from watcher.core.model.story import Story, StoryChanges, WordCounts
from watcher.core.stories.counting import asked_by, counted_by, faded_count, that_may_join
from watcher.core.stories.link import ALIVE, MOST_FILED

AskedWord = tuple[str, str]


class Shelf:
    """Stories, the words that they are filed under, and the counts of words."""

    def __init__(self) -> None:
        self.stories: dict[StoryId, Story] = {}
        self.filed: dict[AskedWord, dict[StoryId, datetime]] = {}
        self.words: dict[AskedWord, tuple[float, datetime]] = {}
        self.merged: dict[StoryId, StoryId] = {}

    def load(self, reads: Sequence[ReadArticle], now: datetime) -> tuple[tuple[Story, ...], dict[str, WordCounts]]:
        """Return the stories that arriving articles may belong to, and the counts of their words."""
        counts = self._counts(counted_by(reads), now)
        ids = {id_ for asked in asked_by(reads, counts) for id_ in self._filed_under(asked, now)}
        alive = {id_ for id_ in ids if self.stories[id_].last_at > now - ALIVE}
        return that_may_join(reads, (self.stories[id_] for id_ in sorted(alive)), counts), counts

    def write(self, changes: StoryChanges, now: datetime) -> None:
        """Keep what a reading changed."""
        for gone, into in changes.merged.items():
            self.merged[gone] = into
            self.stories.pop(gone, None)
            for filed in self.filed.values():
                filed.pop(gone, None)
        self.stories |= {story.id: story for story in changes.stories}
        for id_, words in changes.filed.items():
            for asked in words:
                self.filed.setdefault(asked, {})[id_] = now
        grown = {**changes.began, **{(lang, ""): count for lang, count in changes.stories_begun.items()}}
        for asked, count in grown.items():
            self.words[asked] = (self._count(asked, now) + count, now)

    def now(self, id_: StoryId) -> StoryId:
        """Return the story that a story is by now."""
        while id_ in self.merged:
            id_ = self.merged[id_]
        return id_

    def copy(self) -> Shelf:
        """Return the same shelf, changed no more by what happens to this one."""
        other = Shelf()
        other.stories, other.words, other.merged = dict(self.stories), dict(self.words), dict(self.merged)
        other.filed = {asked: dict(ids) for asked, ids in self.filed.items()}
        return other

    def _filed_under(self, asked: AskedWord, now: datetime) -> list[StoryId]:
        alive = [(at, id_) for id_, at in self.filed.get(asked, {}).items() if at > now - ALIVE]
        return [id_ for _, id_ in sorted(alive, key=lambda one: (-one[0].timestamp(), one[1]))[:MOST_FILED]]

    def _counts(self, asked: Iterable[AskedWord], now: datetime) -> dict[str, WordCounts]:
        words: dict[str, dict[str, float]] = {}
        for lang, word in asked:
            words.setdefault(lang, {})[word] = self._count((lang, word), now)
        return {lang: WordCounts(self._count((lang, ""), now), counted) for lang, counted in words.items()}

    def _count(self, asked: AskedWord, now: datetime) -> float:
        count, at = self.words.get(asked, (0.0, now))
        return faded_count(count, at, now)
