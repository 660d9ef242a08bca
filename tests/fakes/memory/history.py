"""The memory store as rules over time see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tests.fakes.memory.records import Item, Memory
from watcher.core.model.alert import AlertKind, NewMessage
from watcher.core.model.ids import ArticleId, ChannelName, FeedId, MessageId, RuleId, digest, public_id
from watcher.core.model.match import ReadArticle
from watcher.core.model.message import HoldReason, MessageKind, MessageState
from watcher.core.model.record import BegunStory, FeedLife, FeedNews, StoryHistory
from watcher.core.model.verdict import Stage
from watcher.storage.history import MOST_NEWEST


class Remembering(Memory):
    """Stories, news and conditions."""

    def _matched_lately(self, reads: Sequence[ReadArticle], now: datetime) -> dict[RuleId, tuple[ArticleId, ...]]:
        asked = [(match.rule, match.unseen_for) for read in reads for match in read.matches]
        return {
            rule: tuple(item.id for item in self._matched(rule, now - since)[::-1][:2])
            for rule, since in asked
            if since is not None
        }

    def _matched(self, rule: RuleId, since: datetime, stage: Stage | None = None) -> list[Item]:
        found = [
            one
            for one in self._items.values()
            if one.article and rule in one.matches and one.first_seen_at > since and stage in (None, one.stage)
        ]
        return sorted(found, key=lambda one: (one.first_seen_at, one.id))

    async def stories(self, rule: RuleId, since: datetime) -> StoryHistory:
        """Return when each story began."""
        begun: dict[str, tuple[datetime, ArticleId]] = {}
        for alert in self._alerts.values():
            new = alert.new
            if new.rule == rule and new.kind is AlertKind.FIRST and not new.sample and alert.created_at > since:
                first = (alert.created_at, new.article)
                begun[new.story] = min(first, begun.get(new.story, first))
        known_since = min((item.first_seen_at for item in self._items.values()), default=None)
        times: dict[FeedId, list[tuple[datetime, datetime | None]]] = {}
        newest: list[BegunStory] = []
        for at, article in sorted(begun.values()):
            item = self._items[article]
            times.setdefault(item.feed, []).append((at, item.article.published_at if item.article else None))
            if item.article:
                name = self._feeds[item.feed].spec.name
                newest.append(BegunStory(at, name, item.article.title, item.article.url, item.article.published_at))
        lives = []
        for feed in sorted(times):
            since = min(item.first_seen_at for item in self._items.values() if item.feed == feed)
            known = self._feeds[feed]
            begun_at, published = zip(*times[feed], strict=True)
            lives.append(FeedLife(known.spec.name, begun_at, since, known.state.last_ok_at, published))
        told = tuple(sorted(at for at, _ in begun.values()))
        return StoryHistory(told, known_since, tuple(lives), tuple(reversed(newest))[:MOST_NEWEST])

    async def feed_news(self, name: str) -> FeedNews | None:
        """Return the last news of a feed."""
        feed = next((one for one in self._feeds.values() if one.active and one.spec.name == name), None)
        if feed is None:
            return None
        last = max((one.first_seen_at for one in self._items.values() if one.feed == feed.state.feed), default=None)
        problem = feed.state.problem
        return FeedNews(last, feed.state.last_poll_at, problem.message if problem else "")

    async def note_condition(
        self, condition: str, holds: bool, targets: Sequence[ChannelName], title: str, text: str, now: datetime
    ) -> int:
        """Tell when a condition begins to hold."""
        slot = ("condition", condition)
        if not holds or slot in self._slots:
            self._slots = {one for one in self._slots if holds or one != slot}
            return 0
        self._slots.add(slot)
        return self._say("condition", condition, targets, title, text, now)

    async def end_condition(
        self, condition: str, targets: Sequence[ChannelName], title: str, text: str, now: datetime
    ) -> int:
        """Tell when a condition ends to hold."""
        slot = ("condition", condition)
        if slot not in self._slots:
            return 0
        self._slots.remove(slot)
        return self._say("ended", condition, targets, title, text, now)

    async def note_conditions(
        self, begun: Sequence[str], targets: Sequence[ChannelName], title: str, text: str, now: datetime
    ) -> int:
        """Tell when one of several conditions begins to hold."""
        new = [one for one in begun if ("condition", one) not in self._slots]
        self._slots |= {("condition", one) for one in new}
        return self._say("conditions", " ".join(new), targets, title, text, now) if new else 0

    async def end_conditions(
        self, ended: Sequence[str], targets: Sequence[ChannelName], title: str, text: str, now: datetime
    ) -> int:
        """Tell where one of several conditions held."""
        held = [one for one in ended if ("condition", one) in self._slots]
        self._slots -= {("condition", one) for one in held}
        return self._say("conditions ended", " ".join(held), targets, title, text, now) if held else 0

    def _say(
        self, what: str, condition: str, targets: Sequence[ChannelName], title: str, text: str, now: datetime
    ) -> int:
        told = 0
        for target in dict.fromkeys(targets):
            id_ = MessageId(public_id("m", digest(what, target, condition, now.isoformat())))
            new = NewMessage(id_, target, MessageKind.META, (), title=title)
            if target in self._broken():
                new = replace(new, state=MessageState.HELD, hold=HoldReason.BREAKER)
            told += self._put(new, now, text)
        return told
