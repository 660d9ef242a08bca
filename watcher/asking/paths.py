"""The two ends of an article's way: where it came from, and what receivers answered to the messages about it."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from watcher.telling.states import reason
from watcher.telling.wording import day_and_time, label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watcher.core.model.record import ArticleRecord, MessageRecord
    from watcher.ports import Shown
    from watcher.settings.env import Settings


def came_from(record: ArticleRecord) -> list[str]:
    """Return where a stored article came from and when, in one line."""
    article = record.article
    feed = label(article.feed_name or article.source or "an unnamed feed")
    parts = [f"came from {feed}"]
    if article.first_seen_at is not None:
        parts.append(f"first seen {day_and_time(article.first_seen_at)}")
    parts.append(f"published {day_and_time(article.published_at)}" if article.published_at else "without a date")
    if article.text > 1:
        parts.append(f"this is its text number {article.text}")
    return [", ".join(parts), *([label(article.url, 300)] if article.url else [])]


def sent_where(settings: Settings, record: ArticleRecord) -> list[str]:
    """Return which messages tell of an article, or of the alert that it joined, and what each receiver answered."""

    async def question(store: Shown) -> Sequence[MessageRecord]:
        alerts = {verdict.alert for verdict in record.verdicts if verdict.alert is not None}
        found: dict[str, MessageRecord] = {}
        for story in dict.fromkeys(verdict.story for verdict in record.verdicts if verdict.alert is not None):
            told = await store.story(story)
            for one in told.told if told is not None else ():
                if one.alert in alerts and one.message is not None and one.message not in found:
                    message = await store.message(one.message)
                    if message is not None:
                        found[message.id] = message
        return list(found.values())

    from watcher.asking.store import with_store

    return [_sent(one) for one in with_store(settings, question)]


def _sent(one: MessageRecord) -> str:
    """Return "desk: m… sent 23 Nov 14:05 UTC after 2 attempts: 200 ok"."""
    at = f" {day_and_time(one.sent_at)}" if one.sent_at is not None else ""
    tries = f" after {one.attempts} attempts" if one.attempts > 1 else ""
    said = one.history[-1].answer if one.history else ""
    because = "" if one.sent_at is not None else reason(one, UTC)
    tail = "; ".join(label(part, 200) for part in (because, said) if part)
    return f"{label(one.target)}: {one.id} {one.state.value}{at}{tries}{f': {tail}' if tail else ''}"
