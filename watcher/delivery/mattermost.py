"""The Mattermost channel: an incoming webhook.

A mention such as `@channel` works in any text of Mattermost, escaped or not: a joiner that nobody sees stands behind
each `@`.

Source: Mattermost's reference of incoming webhooks and of message formatting; 16,383 letters a message.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from watcher.core.model.message import Message
from watcher.core.model.secret import Secret
from watcher.delivery.chat import Markup, Service, bare_within, markdown_escaped, markdown_link, text_of
from watcher.delivery.config import ChannelConfig, WebAddress
from watcher.delivery.http import said_by

_UNSEEN_JOINER = "\u2060"


def _escaped(text: str) -> str:
    return markdown_escaped(text).replace("@", f"@{_UNSEEN_JOINER}")


_MARKUP: Final = Markup(12_000, _escaped, "**{}**".format, markdown_link)
_PLAIN: Final = Markup(2_000, _escaped)


class MattermostConfig(ChannelConfig):
    """`{type: mattermost, webhook_url: "${MATTERMOST_WEBHOOK_URL}"}`."""

    type: Literal["mattermost"]
    webhook_url: WebAddress

    @property
    def posts_to(self) -> str:
        """Where it posts."""
        return self.webhook_url.reveal()


def _payload(message: Message, _config: MattermostConfig) -> dict[str, Any]:
    return {"text": text_of(message, _PLAIN if message.plain else _MARKUP)}


def _bare(message: Message, _config: MattermostConfig) -> dict[str, Any]:
    return {"text": bare_within(message, _PLAIN)}


def _url(config: MattermostConfig) -> Secret:
    return config.webhook_url


MATTERMOST: Final = Service("mattermost", _url, _payload, _bare, said_by("ok".__eq__))
