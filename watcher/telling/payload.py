"""A message as JSON values: what the webhook posts and the file channel writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from watcher.core.model.message import AlertSummary, Message, MessageKind, SourceLine, WhyGroup
from watcher.core.web_addresses import safe_link
from watcher.telling.bare import bare_text, bare_title, rendered
from watcher.telling.marked import shown_lines
from watcher.telling.wording import HEADLINE_CHARS, TEXT_CHARS, excerpt, headline, label, one_line

if TYPE_CHECKING:
    from watcher.core.model.record import CopyNote

TYPES = {
    MessageKind.ALERT: "alert.new",
    MessageKind.SUMMARY: "alert.summary",
    MessageKind.META: "watcher.notice",
    MessageKind.TEST: "watcher.test",
}
_BRIEF_CHARS = 60
_BRIEF_LINK_CHARS = 250
_DETAIL = ((20, True), (5, True), (1, True), (0, True), (0, False))  # (articles listed, with excerpt and reasons)


def message_json(message: Message, max_bytes: int | None = None) -> dict[str, Any]:
    """Return `{type, timestamp, data}`, smaller than `max_bytes` if given.

    What does not fit goes in this order: articles of each alert, excerpt and reasons, long titles and links, then the
    last alerts; `data.omitted` counts those. The plain form holds the headline, link and counts only.
    """
    for payload in _sizes(message):
        if max_bytes is None or len(encoded(payload)) < max_bytes:
            return payload
    return _payload(message, 0, 0, with_text=False)


def encoded_message(message: Message, max_bytes: int | None = None) -> bytes:
    """Return the bytes that go out for a message, as `message_json` makes them, or its bare form where that cannot be
    made.
    """
    return rendered(message, lambda: encoded(message_json(message, max_bytes)), lambda: encoded(_bare(message)))


def encoded_lines(message: Message) -> bytes:
    """Return a message as JSON lines, one an alert and one for a notice: what a console without a terminal shows."""
    return rendered(message, lambda: _lines(message), lambda: encoded(_bare(message)) + b"\n")


def _lines(message: Message) -> bytes:
    head = {
        "type": TYPES[message.kind],
        "timestamp": rfc3339(message.at),
        "message": message.id,
        "channel": message.channel,
        "possible_repeat": message.repeat,
    }
    if not message.alerts:
        return encoded({**head, "title": one_line(message), "text": shown_lines(message.text, TEXT_CHARS)}) + b"\n"
    head |= {"message_title": one_line(message), "message_text": shown_lines(message.text, TEXT_CHARS)}
    alerts = [{**head, **_alert(alert, 0, with_text=not message.plain)} for alert in message.alerts]
    return b"".join(encoded(alert) + b"\n" for alert in alerts)


def copies_json(note: CopyNote) -> bytes:
    """Return the JSON line that says how many copies joined an alert."""
    title = label(note.headline, HEADLINE_CHARS)
    return encoded({"type": "alert.copies", "rule": note.rule, "title": title, "copies": note.copies}) + b"\n"


def _bare(message: Message) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": message.id,
        "channel": message.channel,
        "kind": message.kind.value,
        "title": bare_title(message),
        "text": bare_text(message),
        "alerts": [],
        "omitted": len(message.alerts),
        "possible_repeat": message.repeat,
    }
    return {"type": TYPES[message.kind], "timestamp": rfc3339(message.at), "data": data}


def encoded(payload: dict[str, Any]) -> bytes:
    """Return the payload as the bytes that go out."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")


def rfc3339(moment: datetime) -> str:
    """Return a time in UTC, as 2026-11-23T14:02:00Z."""
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _sizes(message: Message) -> Iterator[dict[str, Any]]:
    """The payload from its fullest form down to one without alerts."""
    count = len(message.alerts)
    for articles, with_text in _DETAIL[-1:] if message.plain else _DETAIL:
        yield _payload(message, count, articles, with_text=with_text)
    yield _brief(message, count)
    while count > 0:
        count -= max(1, count // 4)
        yield _brief(message, count)


def _brief(message: Message, count: int) -> dict[str, Any]:
    """The payload with of each alert only what tells it: so that a long list loses words before it loses an alert."""
    payload = _payload(message, count, 0, with_text=False)
    for short, alert in zip(payload["data"]["alerts"], message.alerts, strict=False):
        short |= {"title": headline(alert, _BRIEF_CHARS).text, "rule_name": label(alert.rule_name, _BRIEF_CHARS)}
        short |= {"source": "", "story_url": None, "note": ""}
        if len(short["url"] or "") > _BRIEF_LINK_CHARS:
            short["url"] = None
    return payload


def _payload(message: Message, count: int, articles: int, *, with_text: bool) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": message.id,
        "channel": message.channel,
        "kind": message.kind.value,
        "title": one_line(message),
        "text": shown_lines(message.text, TEXT_CHARS),
        "alerts": [_alert(alert, articles, with_text=with_text) for alert in message.alerts[:count]],
        "omitted": len(message.alerts) - count,
        "possible_repeat": message.repeat,
    }
    if message.died:
        data["given_up"] = _given_up(message)
    return {"type": TYPES[message.kind], "timestamp": rfc3339(message.at), "data": data}


def _given_up(message: Message) -> dict[str, Any]:
    """Return what was given up while the channel took nothing; the newest of it is listed."""
    listed = [{"message": one.message, "title": label(one.title, HEADLINE_CHARS)} for one in message.died]
    return {"alerts": max(message.died_in_all, len(listed)), "listed": listed}


def _alert(alert: AlertSummary, articles: int, *, with_text: bool) -> dict[str, Any]:
    short: dict[str, Any] = {
        "id": alert.id,
        "rule": alert.rule,
        "rule_name": label(alert.rule_name),
        "revision": alert.revision,
        "story": alert.story,
        "severity": alert.severity.word,
        "title": headline(alert).text,
        "url": safe_link(alert.url) or None,
        "source": label(alert.source),
        "lang": label(alert.lang) or None,
        "at": rfc3339(alert.at),
        "sources": alert.sources,
        "outlets": alert.outlets,
        "copies": alert.copies,
        "languages": alert.languages,
        "story_url": safe_link(alert.story_url) or None,
        "sample": alert.sample,
        "note": label(alert.note, HEADLINE_CHARS),
    }
    if with_text:
        short["excerpt"] = excerpt(alert).text
        short["why"] = [_why(group) for group in alert.why[:20]]
    if articles:
        short["articles"] = [_article(line) for line in alert.lines[:articles]]
        short["articles_omitted"] = max(0, len(alert.lines) - articles)
    return short


def _why(group: WhyGroup) -> dict[str, Any]:
    words = [{"word": label(word), "count": count, "in_title": title} for word, count, title in group.hits[:20]]
    return {"group": label(group.label), "words": words, "asks": label(group.asks, HEADLINE_CHARS) or None}


def _article(line: SourceLine) -> dict[str, Any]:
    return {
        "at": rfc3339(line.at),
        "source": label(line.name),
        "url": safe_link(line.url) or None,
        "title": label(line.title, HEADLINE_CHARS),
        "lang": label(line.lang) or None,
        "copy": line.copy,
    }
