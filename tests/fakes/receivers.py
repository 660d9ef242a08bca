"""Receivers of alerts that speak the API of a service, over real sockets: each keeps what it took and answers as the
service does.

    with HttpServer() as server:
        slack = SlackApi(server)
        ...
        assert [post["text"] for post in slack.posts] == [...]

`answers_next` puts other answers before its own, each given once.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from tests.fakes.http_server import Answer, HttpServer, Received


def _json(status: int, body: dict[str, Any], headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    return Answer(status, json.dumps(body).encode(), [("Content-Type", "application/json"), *headers])


@dataclass
class Receiver:
    """Answers at one path by `answer`; what it took stands in `posts`."""

    server: HttpServer
    path: str
    answer: Callable[[Received, dict[str, Any]], Answer]
    posts: list[dict[str, Any]] = field(default_factory=list)
    _first: deque[Answer] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.server.on(self.path, self._handle)

    def answers_next(self, *answers: Answer) -> None:
        """Answer so to the next requests, one each."""
        self._first.extend(answers)

    def _handle(self, request: Received) -> Answer:
        if self._first:
            return self._first.popleft()
        try:
            body = json.loads(request.body)
        except ValueError:
            return Answer(400, b"no JSON")
        answer = self.answer(request, body)
        if 200 <= answer.status < 300 and b'"ok": false' not in answer.body:
            self.posts.append(body)
        return answer


def slack_api(server: HttpServer, token: str, channels: tuple[str, ...] = ("C0ASIA",)) -> Receiver:
    """Return Slack's chat.postMessage: it wants its token and a known channel, and gives each message its ts."""
    count = iter(range(1, 10_000))

    def answer(request: Received, body: dict[str, Any]) -> Answer:
        if request.headers.get("authorization") != f"Bearer {token}":
            return _json(200, {"ok": False, "error": "invalid_auth"})
        if body.get("channel") not in channels:
            return _json(200, {"ok": False, "error": "channel_not_found"})
        if not body.get("text"):
            return _json(200, {"ok": False, "error": "no_text"})
        if len(json.dumps(body.get("blocks", []))) > 40_000 or len(body["text"]) > 40_000:
            return _json(200, {"ok": False, "error": "msg_too_long"})
        return _json(200, {"ok": True, "channel": body["channel"], "ts": f"1795442520.{next(count):06}"})

    return Receiver(server, "/api/chat.postMessage", answer)


def slack_edits(server: HttpServer, token: str) -> Receiver:
    """Return Slack's chat.update: it wants its token, a conversation and the ts of a message."""

    def answer(request: Received, body: dict[str, Any]) -> Answer:
        if request.headers.get("authorization") != f"Bearer {token}":
            return _json(200, {"ok": False, "error": "invalid_auth"})
        if not body.get("ts") or len(body.get("blocks", [])) > 50:
            return _json(200, {"ok": False, "error": "message_not_found"})
        return _json(200, {"ok": True, "channel": body["channel"], "ts": body["ts"], "text": body.get("text", "")})

    return Receiver(server, "/api/chat.update", answer)


@dataclass
class SlackReactionsGet:
    """Slack's reactions.get: `given` holds, by the ts of a message, who gave which emoji; a ts in `heads` stands in the
    thread of that one. `answers_next` puts other answers before its own.
    """

    server: HttpServer
    token: str
    given: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    answers_next: deque[Answer] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.server.on("/api/reactions.get", self._answer)

    def _answer(self, request: Received) -> Answer:
        query = dict(parse_qsl(request.target.partition("?")[2]))
        ts = query.get("timestamp", "")
        self.asked.append(ts)
        if self.answers_next:
            return self.answers_next.popleft()
        if request.method != "GET" or request.headers.get("authorization") != f"Bearer {self.token}":
            return _json(200, {"ok": False, "error": "invalid_auth"})
        if query.get("channel") != "C0ASIA" or query.get("full") != "true" or not ts:
            return _json(200, {"ok": False, "error": "message_not_found"})
        given = self.given.get(ts, {})
        reactions = [{"name": name, "users": users, "count": len(users)} for name, users in given.items() if users]
        message = {
            "type": "message",
            "ts": ts,
            "text": "한" * 20_000,
            **({"reactions": reactions} if reactions else {}),
        }
        message |= {"thread_ts": self.heads[ts]} if ts in self.heads else {}
        return _json(200, {"ok": True, "type": "message", "channel": "C0ASIA", "message": message})


def slack_webhook(server: HttpServer) -> Receiver:
    """Return an incoming webhook of Slack."""
    return Receiver(
        server, "/services/T0/B0", lambda _, body: Answer(200, b"ok") if body.get("text") else Answer(400, b"no_text")
    )


def discord(server: HttpServer) -> Receiver:
    """Return a webhook of Discord: it refuses what is longer than Discord takes, and waits only where asked to."""

    def answer(request: Received, body: dict[str, Any]) -> Answer:
        embeds = body.get("embeds", [])
        if len(body.get("content", "")) > 2000 or any(len(one["description"]) > 4096 for one in embeds):
            return _json(400, {"code": 50035, "message": "Invalid Form Body"})
        if not body.get("content") and not embeds:
            return _json(400, {"code": 50006, "message": "Cannot send an empty message"})
        return _json(200, {"id": "1234567890"}) if "wait=true" in request.target else Answer(204)

    return Receiver(server, "/api/webhooks/1/token", answer)


def mattermost(server: HttpServer) -> Receiver:
    """Return an incoming webhook of Mattermost."""

    def answer(_: Received, body: dict[str, Any]) -> Answer:
        return Answer(200, b"ok") if 0 < len(body.get("text", "")) <= 16_383 else Answer(400, b"text too long")

    return Receiver(server, "/hooks/abc", answer)


def teams(server: HttpServer) -> Receiver:
    """Return a workflow of Teams: it accepts a card of at most 28 KB, and says no more."""

    def answer(request: Received, body: dict[str, Any]) -> Answer:
        cards = body.get("attachments", [])
        is_card = all(one["content"]["type"] == "AdaptiveCard" for one in cards)
        return Answer(202) if cards and is_card and len(request.body) <= 28_000 else Answer(413)

    return Receiver(server, "/workflows/abc", answer)


def telegram(server: HttpServer, token: str, chat: str = "-1001234") -> Receiver:
    """Return the Bot API's sendMessage."""
    count = iter(range(1, 10_000))

    def answer(_: Received, body: dict[str, Any]) -> Answer:
        if body.get("chat_id") != chat:
            return _json(400, {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"})
        if not 0 < len(body["text"].encode("utf-16-le")) // 2 <= 4096:
            return _json(400, {"ok": False, "error_code": 400, "description": "Bad Request: message is too long"})
        return _json(200, {"ok": True, "result": {"message_id": next(count), "chat": {"id": int(chat)}}})

    return Receiver(server, f"/bot{token}/sendMessage", answer)


def ntfy(server: HttpServer) -> Receiver:
    """Return a server of ntfy, published to by JSON at its root."""

    def answer(_: Received, body: dict[str, Any]) -> Answer:
        if not body.get("topic"):
            return _json(400, {"code": 40009, "error": "invalid request: topic invalid"})
        if len(body["message"].encode()) > 4096:
            return _json(413, {"code": 41301, "error": "attachment too large"})
        return _json(200, {"id": "sPs71M8A2T", "topic": body["topic"]})

    return Receiver(server, "/", answer)


def generic(server: HttpServer) -> Receiver:
    """Return a receiver of signed webhooks; it takes bodies of at most 20 KB."""
    return Receiver(server, "/hook", lambda request, _: Answer(204 if len(request.body) <= 20_000 else 413))
