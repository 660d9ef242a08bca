"""The Microsoft Teams channel: an Adaptive Card to a workflow ("Post to a channel when a webhook request is received").

Text stands in runs of rich text, which know no markup. A workflow answers before it has posted: what it took is
accepted, not confirmed.

Source: Microsoft's references of Workflows, Adaptive Cards 1.4 and incoming webhooks (28 KB a message); the retired
connectors hid 413 and 429 in the text of a 200.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from watcher.core.model.message import AttemptClass, Message
from watcher.core.model.secret import Secret
from watcher.core.web_addresses import safe_link
from watcher.delivery.chat import Markup, Service, bare_within, text_of
from watcher.delivery.config import ChannelConfig, WebAddress
from watcher.delivery.http import usual_table
from watcher.telling import wording

_CARD: Final = "application/vnd.microsoft.card.adaptive"
_MARKUP: Final = Markup(9_000, link=lambda label, _url: label, size=lambda text: len(text.encode("utf-8", "replace")))
_LISTED: Final = Markup(9_000, size=_MARKUP.size)
_MAX_LINES = 60


class TeamsConfig(ChannelConfig):
    """`{type: teams, webhook_url: "${TEAMS_WORKFLOW_URL}"}`."""

    type: Literal["teams"]
    webhook_url: WebAddress


def _payload(message: Message, _config: TeamsConfig) -> dict[str, Any]:
    is_one = len(message.alerts) > 0 and not wording.is_list(message)
    text = text_of(message, _MARKUP if is_one and not message.plain else _LISTED)
    url = safe_link(message.alerts[0].url) if is_one else ""
    return _card(text, url)


def _bare(message: Message, _config: TeamsConfig) -> dict[str, Any]:
    return _card(bare_within(message, _LISTED), "")


def _card(text: str, url: str) -> dict[str, Any]:
    lines = text.split("\n", _MAX_LINES)
    blocks = [_line(line, is_bold=number == 0) for number, line in enumerate(lines) if line]
    content: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    }
    if url:
        content["actions"] = [{"type": "Action.OpenUrl", "title": "Read", "url": url}]
    return {"type": "message", "attachments": [{"contentType": _CARD, "contentUrl": None, "content": content}]}


def _line(text: str, *, is_bold: bool) -> dict[str, Any]:
    run: dict[str, Any] = {"type": "TextRun", "text": text}
    return {"type": "RichTextBlock", "inlines": [run | ({"weight": "Bolder"} if is_bold else {})]}


def _url(config: TeamsConfig) -> Secret:
    return config.webhook_url


def _meaning(status: int, answer: str | None) -> AttemptClass:
    """Return what an answer means; a 200 whose text tells of an error is that error."""
    said = (answer or "").lower()
    if 200 <= status < 300:
        for hidden, meaning in (("error 429", AttemptClass.THROTTLE), ("error 413", AttemptClass.CONTENT)):
            if hidden in said:
                return meaning
        return AttemptClass.PERMANENT if said.startswith("<") else AttemptClass.OK
    return usual_table(status)


TEAMS: Final = Service("teams", _url, _payload, _bare, _meaning)
