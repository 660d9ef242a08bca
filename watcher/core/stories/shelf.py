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
        """When each story was filed under a word last, the newest last."""
        self.words: dict[AskedWord, tuple[float, datetime]] = {}
        self.merged: dict[StoryId, StoryId] = {}
        self._words_of: dict[StoryId, set[AskedWord]] = {}

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
            for asked in self._words_of.pop(gone, ()):
                self.filed[asked].pop(gone, None)
        self.stories.update((story.id, story) for story in changes.stories)
        for id_, words in changes.filed.items():
            for asked in words:
                self._file(asked, id_, now)
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
        other._words_of = {id_: set(words) for id_, words in self._words_of.items()}
        return other

    def _file(self, asked: AskedWord, id_: StoryId, now: datetime) -> None:
        ids = self.filed.setdefault(asked, {})
        ids.pop(id_, None)
        is_newest = not ids or ids[next(reversed(ids))] <= now
        ids[id_] = now
        if not is_newest:  # the clock went back
            self.filed[asked] = dict(sorted(ids.items(), key=lambda one: one[1]))
        self._words_of.setdefault(id_, set()).add(asked)

    def _filed_under(self, asked: AskedWord, now: datetime) -> list[StoryId]:
        """Return the newest stories of a word that are alive, of one time by their ids; a word that thousands have
        costs no more than one that hundreds have.
        """
        oldest, newest = now - ALIVE, list[tuple[datetime, StoryId]]()
        for id_, at in reversed(self.filed.get(asked, {}).items()):
            if at <= oldest or (len(newest) >= MOST_FILED and at != newest[-1][0]):
                break
            newest.append((at, id_))
        newest.sort(key=lambda one: (-one[0].timestamp(), one[1]))
        return [id_ for _, id_ in newest[:MOST_FILED]]

    def _counts(self, asked: Iterable[AskedWord], now: datetime) -> dict[str, WordCounts]:
        words: dict[str, dict[str, float]] = {}
        for lang, word in asked:
            words.setdefault(lang, {})[word] = self._count((lang, word), now)
        return {lang: WordCounts(self._count((lang, ""), now), counted) for lang, counted in words.items()}

    def _count(self, asked: AskedWord, now: datetime) -> float:
        count, at = self.words.get(asked, (0.0, now))
        return faded_count(count, at, now)
