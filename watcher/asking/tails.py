"""What happens, as it happens: articles that come, what is decided of them, and messages that change their state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, MessageId
from watcher.core.model.record import MessageRecord
from watcher.core.model.verdict import Verdict
from watcher.searching import Listed, after_of
from watcher.telling.json_forms import record_json
from watcher.telling.outlets import outlet_of
from watcher.telling.payload import rfc3339
from watcher.telling.states import why
from watcher.telling.verdicts import say_verdict
from watcher.telling.wording import label

if TYPE_CHECKING:
    from watcher.ports import Shown

_PIECE: Final = 500
_MESSAGES: Final = 200
_HEADLINE: Final = 110


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened: `line` for people, `fields` for programs."""

    at: datetime
    what: str
    line: str
    fields: Mapping[str, Any]

    def shown(self) -> str:
        """Return it as a line for a terminal."""
        return f"{self.at:%H:%M:%S}  {self.what:<8} {self.line}"

    def json(self) -> Mapping[str, Any]:
        """Return it as a JSON object."""
        return {"at": rfc3339(self.at), "what": self.what, **self.fields}


class Tail:
    """Looks into the store again and again; each look tells what is new since the one before."""

    def __init__(self, store: Shown, since: datetime) -> None:
        self._store = store
        self._after: Listed | datetime = since
        self._states: dict[MessageId, tuple[str, int]] | None = None

    async def look(self, now: datetime) -> list[Happened]:
        """Return what happened since the last look; the first one tells of articles alone."""
        return [*await self._articles(now), *await self._messages(now)]

    async def _articles(self, now: datetime) -> list[Happened]:
        found: list[Happened] = []
        while articles := await self._store.articles_since(self._after, _PIECE):
            for article in articles:
                at = article.first_seen_at or now
                found.append(_article(article, at))
                found += await self._verdicts(article.id, at)
            self._after = after_of(articles[-1])
        return found

    async def _verdicts(self, article: ArticleId, at: datetime) -> list[Happened]:
        record = await self._store.article(article)
        return [] if record is None else [_verdict(one, at) for one in record.verdicts]

    async def _messages(self, now: datetime) -> list[Happened]:
        records = await self._store.messages(limit=_MESSAGES)
        states = {one.id: (one.state.value, one.attempts) for one in records}
        before, self._states = self._states, {**(self._states or {}), **states}
        if before is None:
            return []
        return [_message(one, now) for one in reversed(records) if before.get(one.id) != states[one.id]]


def _article(article: Article, at: datetime) -> Happened:
    line = f"{label(article.title, _HEADLINE) or '(no title)'}  ({label(outlet_of(article))}, {article.id})"
    fields = {"article": article.id, "title": article.title or None, "url": article.url or None}
    return Happened(at, "article", line, {**fields, "source": outlet_of(article)})


def _verdict(one: Verdict, at: datetime) -> Happened:
    fields = {"article": one.article, "rule": one.rule, "channel": one.target, "outcome": one.outcome.value}
    return Happened(at, "decided", say_verdict(one), {**fields, "story": one.story, "alert": one.alert})


def _message(one: MessageRecord, at: datetime) -> Happened:
    said = f": {label(one.answer, _HEADLINE)}" if one.answer else ""
    state = why(one) if one.sent_at is None else f"{one.state.value}{said}"
    return Happened(at, "message", f"{label(one.target)}  {one.id}  {state}", dict(record_json(one)))
