"""A store that lives in memory: implements ports.Store, passes the same contract suite as the real one, and forgets
all at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from tests.fakes.memory.by_hand import Hand
from tests.fakes.memory.finding import Finding
from tests.fakes.memory.pages import Paging
from tests.fakes.memory.past import Looking
from tests.fakes.memory.records import FINAL, OPEN, Message, bare, delivery
from tests.fakes.memory.sends import Sending
from tests.fakes.memory.subscriptions import Subscribing
from tests.fakes.memory.tales import Telling
from watcher.core.alerts.by_day import Alerted
from watcher.core.feeds.gave import LOOKED_BACK, Gave, MatchSeen, gave
from watcher.core.model.alert import (
    AlertDetail,
)
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, ChannelName, FeedId, RuleId, StoryId
from watcher.core.model.policy import Keep
from watcher.core.model.record import (
    STOPPED_DAYS,
    ArticleRecord,
    FeedRecord,
    MessageRecord,
    Pruned,
    Stats,
    StoppedBy,
)
from watcher.core.model.rule import Severity
from watcher.errors import AmbiguousId

T = TypeVar("T")


class MemoryStore(Paging, Looking, Finding, Sending, Telling, Hand, Subscribing):
    """Implements ports.Store."""

    async def messages(
        self, *, state: str | None = None, target: str | None = None, limit: int = 50
    ) -> Sequence[MessageRecord]:
        """Return messages, newest first."""
        chosen = [one for one in self._messages.values() if state in (None, one.state.value)]
        chosen = [one for one in chosen if target in (None, one.target)]
        chosen.sort(key=lambda one: (-one.created_at.timestamp(), one.id))
        return [self._record(one) for one in chosen[:limit]]

    async def message(self, id_or_part: str) -> MessageRecord | None:
        """Return one message."""
        names = {id_: id_ for id_ in self._messages} | {
            delivery(one.id, alert): one.id for one in self._messages.values() for alert in one.alerts
        }
        id_ = _only({str(name): found for name, found in names.items()}, id_or_part)
        return None if id_ is None else self._record(self._messages[id_], with_history=True)

    async def article(self, id_or_part: str) -> ArticleRecord | None:
        """Return one article."""
        item = _only({str(one.id): one for one in self._items.values() if one.article}, id_or_part)
        if item is None or item.article is None:
            return None
        decided = [
            self._standing(verdict)
            for _, verdict in sorted(self._verdicts.items(), key=lambda pair: (pair[1].rule, pair[1].target, pair[0]))
            if verdict.article == item.id
        ]
        mine = sorted((key for key in self._muted if key[1] == item.id), key=lambda key: (key[2], key[3], key[0]))
        muted = tuple(self._muted_record(key) for key in mine)
        page = self._pages[item.id][0] if item.id in self._pages else None
        kept = tuple(one for key, one in sorted(self._kept_back.items()) if key[0] == item.id)
        return ArticleRecord(item.article, item.stage, tuple(decided), tuple(sorted(item.pending)), muted, kept, page)

    async def recent_alerts(
        self, *, limit: int = 20, sample: bool | None = None, target: ChannelName | None = None
    ) -> Sequence[AlertDetail]:
        """Return the newest alerts."""
        found = [detail for alert in self._alerts.values() if (detail := self._detail(alert))]
        found = [detail for detail in found if sample in (None, detail.sample)]
        found = [detail for detail in found if target in (None, detail.target)]
        return sorted(found, key=lambda detail: (-detail.created_at.timestamp(), detail.id))[:limit]

    async def alerted(self, since: datetime) -> Sequence[Alerted]:
        """Return how many alerts came when, each once for all its channels."""
        news: dict[tuple[str, ...], tuple[datetime, Severity]] = {}
        for one in await self.recent_alerts(limit=len(self._alerts)):
            if one.created_at >= since:
                key = (one.rule, one.story, one.kind.value, one.article.id)
                at, severity = news.get(key, (one.created_at, one.severity))
                news[key] = min(at, one.created_at), max(severity, one.severity)
        counted = Counter(
            (at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0), severity)
            for at, severity in news.values()
        )
        return [Alerted(at, severity, count) for (at, severity), count in counted.items()]

    async def gave(self, now: datetime) -> Mapping[FeedId, Gave]:
        """Return what each feed gave of the matches of 30 days."""
        stories: dict[tuple[ArticleId, RuleId], set[StoryId | None]] = {}
        for verdict in self._verdicts.values():
            stories.setdefault((verdict.article, verdict.rule), set()).add(verdict.story)
        return gave(
            MatchSeen(item.feed, item.id, rule, story)
            for item in self._items.values()
            if item.article is not None and not item.article.sample and item.first_seen_at > now - LOOKED_BACK
            for rule in {rule for fired in item.fired.values() for rule in fired}
            for story in stories.get((item.id, rule), {None})
        )

    async def feeds(self) -> Sequence[FeedRecord]:
        """Return configured feeds."""
        active = [feed for feed in self._feeds.values() if feed.active]
        return [
            FeedRecord(
                feed.spec.name,
                feed.state,
                sum(one.feed == feed.state.feed and one.article is not None for one in self._items.values()),
                feed.refused,
                feed.memory.notes,
                feed.spec.url,
            )
            for feed in sorted(active, key=lambda feed: feed.spec.name)
        ]

    async def stats(self, now: datetime) -> Stats:
        """Return counts."""
        since = now - timedelta(days=1)
        recent = [one for one in self._items.values() if one.first_seen_at > since]
        every = self._messages.values()
        active = [feed.state for feed in self._feeds.values() if feed.active]
        return Stats(
            feeds=_count(state.status.value for state in active),
            messages=_count(one.state.value for one in every),
            articles=sum(one.article is not None for one in self._items.values()),
            oldest_waiting_at=min((one.created_at for one in every if one.state in OPEN), default=None),
            ready_since=min((self._ready_since(one, now) for one in every if _may_go(one, now)), default=None),
            oldest_poll_due_at=min((state.next_poll_at for state in active), default=None),
            pending_matches=sum(len(one.pending) for one in self._items.values()),
            read=len(recent),
            matched=sum(bool(one.matches) for one in recent),
            stories=len({alert.new.story for alert in self._alerts.values() if alert.created_at > since}),
            sent=sum(one.sent_at is not None and one.sent_at > since for one in every),
        )

    def _ready_since(self, message: Message, now: datetime) -> datetime:
        answered = self._health(message.target, now).last_ok_at
        times = (message.created_at, message.released_at, message.next_try_at, answered)
        return max(one for one in times if one is not None)

    async def stopped(self, now: datetime) -> Sequence[StoppedBy]:
        """Return what `none` stopped lately."""
        found: dict[tuple[RuleId, str], int] = {}
        for (rule, term, day), articles in self._stopped.items():
            if datetime(day.year, day.month, day.day, tzinfo=UTC) > now - STOPPED_DAYS:
                found[rule, term] = found.get((rule, term), 0) + articles
        ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
        return [StoppedBy(rule, term, articles) for (rule, term), articles in ranked]

    async def newest_articles(self, limit: int) -> Sequence[Article]:
        """Return the newest articles."""
        kept = [one for one in self._items.values() if one.article is not None and not one.article.sample]
        kept.sort(key=lambda one: one.first_seen_at, reverse=True)
        return [one.article for one in kept[:limit] if one.article is not None]

    async def newest_texts(self, limit: int) -> Sequence[str]:
        """Return the text of the newest articles."""
        found = await self.newest_articles(limit)
        return [f"{one.title}\n{one.summary[:2000]}\n{one.content[:2000]}" for one in found]

    async def prune(self, keep: Keep, now: datetime) -> Pruned:
        """Delete what is old."""
        live = {alert for one in self._messages.values() if one.state not in FINAL for alert in one.alerts}
        behind = {id_ for alert in live for id_, _, _ in self._alerts[alert].members}
        kept = [one for one in self._items.values() if one.article is not None]
        old = [
            one for one in kept if (one.changed_at or one.first_seen_at) < now - keep.articles and one.id not in behind
        ]
        share = max(1, len(kept) // 4)
        for item in old[:share]:
            self._items[item.id] = replace(item, article=None, left=bare(item.article), texts={}, fired={}, pending={})
        ended = [
            m.id for m in self._messages.values() if m.final_at and m.final_at < now - max(keep.keys, keep.articles)
        ]
        ended = ended[: max(1, len(self._messages) // 4)]
        for message in ended:
            del self._messages[message]
        told = {alert for one in self._messages.values() for alert in one.alerts}
        self._alerts = {id_: alert for id_, alert in self._alerts.items() if id_ in told}
        self._votes = {key: kept for key, kept in self._votes.items() if kept[0].at >= now - keep.matched}
        members = {id_ for alert in self._alerts.values() for id_, _, _ in alert.members}
        keys = 0
        left = max(1, len(self._items) // 4)
        for item in list(self._items.values()):
            is_gone = item.absent_since is not None and item.absent_since < now - keep.keys
            if is_gone and left > 0 and item.article is None and item.id not in members:
                left -= 1
                keys += sum(
                    getattr(item.keys[0], kind) is not None
                    for kind in ("item", "guid", "url", "title", "pattern", "lead")
                )
                del self._items[item.id]
        return Pruned(min(len(old), share), keys, len(ended), len(old) > share)

    async def checkpoint(self) -> None:
        """There is no log."""

    async def check(self) -> Sequence[str]:
        """Nothing can be damaged."""
        return []

    async def close(self) -> None:
        """There is nothing to close."""


def _only(names: Mapping[str, T], part: str) -> T | None:
    found = [value for name, value in names.items() if part and name.startswith(part)]
    if len(found) > 1:
        raise AmbiguousId(part)
    return found[0] if found else None


def _count(words: Iterable[str]) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return counts


def _may_go(message: Message, now: datetime) -> bool:
    return message.state in OPEN and (message.next_try_at is None or message.next_try_at <= now)
