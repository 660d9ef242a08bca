"""The memory store's answers about stories, and its part in a release by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tests.fakes.memory.records import Alert, Item, Memory
from watcher.core.alerts.release import RELEASED_NOTE, messages_of_release, release
from watcher.core.model.decided import ArticleName, Decided, Released, StoryRecord, StoryTold
from watcher.core.model.ids import ArticleId, StoryId
from watcher.core.model.story import Story
from watcher.core.model.verdict import Level, Outcome, Stage, Verdict
from watcher.errors import AmbiguousId, StorageError

_SUPPRESSED = (Outcome.FOLDED, Outcome.SILENCED, Outcome.SKIPPED, Outcome.DROPPED)


class Telling(Memory):
    """Stories for show."""

    async def newest_stories(self, limit: int) -> Sequence[StoryRecord]:
        """Return the newest stories."""
        found = sorted(self._shelf.stories.values(), key=lambda story: (-story.last_at.timestamp(), story.id))
        return [StoryRecord(story, self._told_of(story.id)) for story in found[:limit]]

    async def story(self, id_or_part: str) -> StoryRecord | None:
        """Return one story."""
        by_article = {one.article: one.story for one in self._verdicts.values()}
        names: dict[str, StoryId] = {
            id_: id_ for id_ in (*self._shelf.stories, *self._shelf.merged, *by_article.values())
        }
        names.update({str(id_): story for id_, story in by_article.items()})
        found = {story for name, story in names.items() if name.startswith(id_or_part)}
        if not id_or_part or not found:
            return None
        if len(found) > 1:
            raise AmbiguousId(id_or_part)
        id_ = self._shelf.now(StoryId(found.pop()))
        places = [place for place, verdict in self._verdicts.items() if verdict.story == id_]
        decided = sorted((self._as_decided(place) for place in places), key=lambda one: (one.at, one.article.id))
        known = self._shelf.stories.get(id_)
        if known is None and not decided:
            return None
        at = decided[0].at if decided else None
        # at is known here
        story = known or Story(id_, decided[0].article.title, at, at, at, {}, {})  # type: ignore[arg-type]
        return StoryRecord(story, self._told_of(id_), tuple(decided))

    async def suppressed(self, since: datetime, limit: int = 200) -> Sequence[Decided]:
        """Return what was folded or passed over."""
        wanted = [
            place
            for place, verdict in self._verdicts.items()
            if self._decided_at[place] >= since and (verdict.outcome in _SUPPRESSED or verdict.miss)
        ]
        found = [self._as_decided(place) for place in wanted]
        found += [
            Decided(_name(item, 0), item.first_seen_at, stage=item.stage)
            for item in self._items.values()
            if item.first_seen_at >= since and item.stage is not Stage.MATCHED and any(item.fired.values())
        ]
        found += [
            Decided(_name(self._items[one.kept.article], 0), one.last_at, kept_back=one)
            for one in self._kept_back.values()
            if one.last_at >= since
        ]
        return sorted(found, key=lambda one: (-one.at.timestamp(), one.article.id))[:limit]

    async def release_article(self, article: ArticleId, now: datetime) -> Released:
        """Give an article an alert of its own."""
        item = self._items.get(article)
        if item is None or item.article is None:
            raise StorageError(f"no stored article has the id {article}; see: watcher stories suppressed")
        verdicts = [self._standing(one) for one in self._verdicts.values() if one.article == article]
        severities = {id_: alert.new.severity for id_, alert in self._alerts.items()}
        kept = [one for one in self._kept_back.values() if one.kept.article == article]
        made = release(item.article, verdicts, kept, severities, self._revision.number if self._revision else 0)
        for message in messages_of_release(made, self._broken()):
            self._put(message, now)
            for alert in made.made:
                self._kept_back.pop((alert.article, alert.rule, alert.target), None)
                if alert.id in message.alerts:
                    self._alerts[alert.id] = Alert(alert, now, message.id, (), ((article, Level.NEW, alert.text),))
        for verdict, alert in made.alerts:
            place = (article, verdict.text, verdict.rule, verdict.target)
            told = replace(verdict, outcome=Outcome.WAITING, alert=alert.id, story=alert.story, reason=RELEASED_NOTE)
            self._verdicts[place] = told
            for id_, other in self._alerts.items():
                if (other.new.rule, other.new.target) == (alert.rule, alert.target) and id_ != alert.id:
                    left = tuple(one for one in other.members if one[0] != article or one[1] is Level.NEW)
                    self._alerts[id_] = replace(other, members=left)
        return Released(article, tuple(dict.fromkeys(alert.target for alert in made.made)), made.kept)

    def _told_of(self, story: StoryId) -> tuple[StoryTold, ...]:
        mine = sorted(
            (one for one in self._alerts.values() if one.new.story == story),
            key=lambda one: (one.created_at, one.new.id),
        )
        return tuple(
            StoryTold(
                one.new.id,
                one.new.kind,
                one.new.rule,
                one.new.target,
                one.new.severity,
                _name(self._items[one.new.article], one.new.text),
                one.created_at,
                one.new.note,
                one.message,
                self._messages[one.message].state,
            )
            for one in mine
        )

    def _as_decided(self, place: tuple[ArticleId, int, str, str]) -> Decided:
        verdict = self._verdicts[place]  # type: ignore[index]  # the place is one of its keys
        at = self._decided_at[place]  # type: ignore[index]  # the same
        return Decided(_name(self._items[verdict.article], verdict.text), at, self._standing(verdict))

    def _standing(self, verdict: Verdict) -> Verdict:
        """Return a verdict with what became of its alert since."""
        alert = self._alerts.get(verdict.alert) if verdict.alert and verdict.outcome is Outcome.WAITING else None
        message = None if alert is None else self._messages.get(alert.message)
        return verdict if message is None else replace(verdict, outcome=Outcome(message.state.value))


def _name(item: Item, number: int) -> ArticleName:
    text = item.texts.get(number, item.article)
    if text is None or item.article is None:
        return ArticleName(item.id)
    return ArticleName(item.id, text.title, text.url, text.source or text.feed_name, text.lang, item.first_seen_at)
