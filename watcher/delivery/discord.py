"""The Discord channel: an incoming webhook. Nobody is mentioned, whatever a headline says: `allowed_mentions` is empty.

Source: Discord's reference of webhooks, message limits and rate limits. `wait=true`: else a message that was not saved
is no error.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from watcher.core.model.message import Message
from watcher.core.model.secret import Secret
from watcher.delivery.chat import Markup, Service, bare_within, markdown_escaped, markdown_link, text_of
from watcher.delivery.config import ChannelConfig, WebAddress
from watcher.delivery.http import Heard, has_id, json_of, said_by, seconds_of

_MARKUP: Final = Markup(4_000, markdown_escaped, "**{}**".format, markdown_link)
_PLAIN: Final = Markup(1_900, markdown_escaped)


class DiscordConfig(ChannelConfig):
    """`{type: discord, webhook_url: "${DISCORD_WEBHOOK_URL}"}`."""

    type: Literal["discord"]
    webhook_url: WebAddress

    @property
    def posts_to(self) -> str:
        """Where it posts."""
        return self.webhook_url.reveal()


def _payload(message: Message, _config: DiscordConfig) -> dict[str, Any]:
    if message.plain:
        return {"content": text_of(message, _PLAIN)} | _QUIET
    return {"embeds": [{"description": text_of(message, _MARKUP)}]} | _QUIET


def _bare(message: Message, _config: DiscordConfig) -> dict[str, Any]:
    return {"content": bare_within(message, _PLAIN)} | _QUIET


def _url(config: DiscordConfig) -> Secret:
    url, _, query = config.webhook_url.reveal().partition("?")
    others = [part for part in query.split("&") if part and not part.startswith("wait=")]
    return Secret(f"{url}?{'&'.join([*others, 'wait=true'])}")


def _heard(body: str) -> Heard:
    said = json_of(body)
    return Heard(str(said.get("id", ""))[:40], seconds_of(said.get("retry_after")))


_QUIET: Final[dict[str, Any]] = {"allowed_mentions": {"parse": []}}
DISCORD: Final = Service("discord", _url, _payload, _bare, said_by(has_id), _heard)
