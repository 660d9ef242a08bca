"""The ntfy channel: push messages to phones, by ntfy.sh or a server of one's own. All text is plain.

Source: ntfy's reference "Publishing", as JSON; a message of more than 4,096 bytes becomes an attachment. The codes are
those of `server/errors.go` of ntfy.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final, Literal

from pydantic import field_validator
from pydantic_core import PydanticCustomError

from watcher.core.model.message import AttemptClass, Message
from watcher.core.model.rule import Severity
from watcher.core.model.secret import Secret
from watcher.core.web_addresses import safe_link
from watcher.delivery.chat import Markup, Service, bare_within, text_of
from watcher.delivery.config import ChannelConfig, SecretText, WebAddress
from watcher.delivery.http import Heard, has_id, json_of, said_by, usual_table
from watcher.telling import wording
from watcher.telling.marked import cut_text

_MARKUP: Final = Markup(3_500, size=lambda text: len(text.encode("utf-8", "replace")))
_OF_THE_TOPIC: Final = frozenset({40009, 40010})
"""Codes of a 400 that no other message mends: the topic is spelt so that the server takes none, or its name is kept for
the server itself.
"""
_FOR_THE_DAY: Final = frozenset({42905, 42908})
"""Codes of a 429 that end at midnight UTC, while others end within a minute."""
_A_DAY_IS_LONG: Final = timedelta(hours=1)
_PRIORITIES: Final = {Severity.LOW: 2, Severity.NORMAL: 3, Severity.HIGH: 4, Severity.CRITICAL: 5}


class NtfyConfig(ChannelConfig):
    """`{type: ntfy, url: "https://ntfy.sh/some-topic"}`; whoever knows the topic can read it."""

    type: Literal["ntfy"]
    url: WebAddress
    token: SecretText | None = None

    @property
    def posts_to(self) -> str:
        """Where it posts."""
        return self.url.reveal()

    @field_validator("url")
    @classmethod
    def _has_topic(cls, url: Secret) -> Secret:
        if not url.reveal().rstrip("/").split("://", 1)[1].partition("/")[2]:
            raise PydanticCustomError("no_topic", "url must end in the topic, as https://ntfy.sh/some-topic")
        return url


def _payload(message: Message, config: NtfyConfig) -> dict[str, Any]:
    return _begun(message, config) | {
        "title": cut_text(wording.one_line(message), 250),
        "message": text_of(message, _MARKUP),
    }


def _bare(message: Message, config: NtfyConfig) -> dict[str, Any]:
    return {"topic": _parts(config)[1], "message": bare_within(message, _MARKUP)}


def _begun(message: Message, config: NtfyConfig) -> dict[str, Any]:
    told: dict[str, Any] = {"topic": _parts(config)[1]}
    if message.alerts:
        told["priority"] = _PRIORITIES[max(alert.severity for alert in message.alerts)]
    click = safe_link(message.alerts[0].url) if message.alerts and not wording.is_list(message) else ""
    return told | ({"click": click} if click else {})


def _parts(config: NtfyConfig) -> tuple[str, str]:
    server, _, topic = config.url.reveal().rstrip("/").rpartition("/")
    return server, topic


def _url(config: NtfyConfig) -> Secret:
    return Secret(_parts(config)[0])


def _headers(config: NtfyConfig) -> dict[str, str]:
    return {"authorization": f"Bearer {config.token.reveal()}"} if config.token is not None else {}


def _secrets(config: NtfyConfig) -> tuple[Secret, ...]:
    return (Secret(_parts(config)[1]), *([config.token] if config.token is not None else []))


def _heard(body: str) -> Heard:
    said = json_of(body)
    return Heard(str(said.get("id", ""))[:40], _A_DAY_IS_LONG if _code(body) in _FOR_THE_DAY else None)


def _code(body: str | None) -> int:
    """Return the code in an answer, 0 where it has none."""
    code = json_of(body).get("code")
    return code if type(code) is int else 0  # True is an int too


def _meaning(status: int, answer: str | None) -> AttemptClass:
    """Return what an answer that is no success means: its code in the body, then the status."""
    return AttemptClass.PERMANENT if _code(answer) in _OF_THE_TOPIC else usual_table(status)


NTFY: Final = Service("ntfy", _url, _payload, _bare, said_by(has_id, _meaning), _heard, _headers, _secrets)
