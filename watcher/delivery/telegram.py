"""The Telegram channel: a bot that writes to a person, a group or a channel.

`@name`, `/command` and `#tag` come alive in any text, escaped or not: a joiner that nobody sees stands behind each of
these signs.

Source: Telegram's Bot API, sendMessage and "Making requests"; 4,096 UTF-16 units a message, errors by description.
"""

from __future__ import annotations

import html
import re
from typing import Any, Final, Literal

from pydantic import field_validator
from pydantic_core import PydanticCustomError

from watcher.core.model.message import AttemptClass, Message
from watcher.core.model.secret import Secret
from watcher.core.web_addresses import is_exact_web
from watcher.delivery.chat import Markup, Service, bare_within, text_of
from watcher.delivery.config import ChannelConfig, SecretText
from watcher.delivery.http import Heard, is_ok, json_of, said_by, seconds_of, usual_table

_LIVE = re.compile(r"([@/#])(?=\w)")
_ABOVE_IDS: Final = 1 << 31
"""Above every number of a message: the Bot API refuses a larger one as no number."""

_NUMBER = re.compile(r"[1-9][0-9]{0,9}")
_CHAT = re.compile(r"-?\d{1,20}|@[A-Za-z0-9_]{4,32}")
_REFUSED = (
    "chat not found", "user is deactivated", "bot was", "bot is not a member", "not enough rights", "have no rights",
    "chat_write_forbidden", "group chat was upgraded", "peer_id_invalid",
)  # fmt: skip


def _escaped(text: str) -> str:
    return html.escape(_LIVE.sub("\\1\u2060", text))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _link(label: str, url: str) -> str:
    return f'<a href="{html.escape(url)}">{label}</a>'


_MARKUP: Final = Markup(4_000, _escaped, "<b>{}</b>".format, _link, _units)
_PLAIN: Final = Markup(2_000, lambda text: _LIVE.sub("\\1\u2060", text), size=_units)


class TelegramConfig(ChannelConfig):
    """`{type: telegram, token: "${TELEGRAM_TOKEN}", chat: "-1001234"}`; `api_url` for a Bot API server of one's own."""

    type: Literal["telegram"]
    token: SecretText
    chat: str
    api_url: str = "https://api.telegram.org"

    @property
    def posts_to(self) -> str:
        """Where it posts."""
        return self.api_url

    @field_validator("chat")
    @classmethod
    def _is_chat(cls, chat: str) -> str:
        if not _CHAT.fullmatch(chat):
            raise PydanticCustomError("not_a_chat", "chat must be the number of a chat, such as -1001234, or @channel")
        return chat

    @field_validator("api_url")
    @classmethod
    def _is_api(cls, url: str) -> str:
        if not is_exact_web(url):
            raise PydanticCustomError("not_an_address", "api_url must be an http:// or https:// address")
        return url


def _payload(message: Message, config: TelegramConfig) -> dict[str, Any]:
    if message.plain:  # without a parse mode nothing in it can be refused as markup
        return _sent_to(config, message) | {"text": text_of(message, _PLAIN)}
    return _sent_to(config, message) | {"text": text_of(message, _MARKUP), "parse_mode": "HTML"}


def _bare(message: Message, config: TelegramConfig) -> dict[str, Any]:
    return _sent_to(config, message) | {"text": bare_within(message, _PLAIN)}


def _sent_to(config: TelegramConfig, message: Message) -> dict[str, Any]:
    told: dict[str, Any] = {"chat_id": config.chat, "link_preview_options": {"is_disabled": True}}
    if not message.plain and _NUMBER.fullmatch(message.thread) and int(message.thread) < _ABOVE_IDS:
        told["reply_parameters"] = {"message_id": int(message.thread), "allow_sending_without_reply": True}
    return told


def _url(config: TelegramConfig) -> Secret:
    return Secret(f"{config.api_url.rstrip('/')}/bot{config.token.reveal()}/sendMessage")


def _heard(body: str) -> Heard:
    said = json_of(body)
    result, more = said.get("result"), said.get("parameters")
    number = result.get("message_id") if isinstance(result, dict) else None
    wait = seconds_of(more.get("retry_after")) if isinstance(more, dict) else None
    is_number = type(number) is int and 0 < number < _ABOVE_IDS  # True is an int too
    return Heard(str(number) if is_number else "", wait)


def _meaning(status: int, answer: str | None) -> AttemptClass:
    """Return what an answer that is no success means: the description of a 400, then the status."""
    described = str(json_of(answer).get("description", "")).lower()
    if status == 400 and any(words in described for words in _REFUSED):
        return AttemptClass.PERMANENT
    return usual_table(status)


def _secrets(config: TelegramConfig) -> tuple[Secret, ...]:
    return (config.token, Secret(config.chat))


TELEGRAM: Final = Service("telegram", _url, _payload, _bare, said_by(is_ok, _meaning), _heard, secrets=_secrets)
