"""The Microsoft Teams channel: an Adaptive Card to a workflow ("Post to a channel when a webhook request is received").

Text stands in runs of rich text, which know no markup. A workflow answers before it has posted: what it took is
accepted, not confirmed.

Source: Microsoft's references of Workflows, Adaptive Cards 1.4 and incoming webhooks (28 KB a message); the retired
connectors hid 403, 413 and 429 in the text of a 200 (msteams-docs issues 402, 1810, 9698, 10178). A workflow with a
step "Response" of its own answers what its maker wrote, which says nothing to us.
"""

from __future__ import annotations

import re
from typing import Any, Final, Literal

from watcher.core.model.message import AttemptClass, Message
from watcher.core.model.secret import Secret
from watcher.core.web_addresses import safe_link
from watcher.delivery.chat import Markup, Service, bare_within, text_of
from watcher.delivery.config import ChannelConfig, WebAddress
from watcher.delivery.http import said_by, usual_table
from watcher.telling import wording

_CARD: Final = "application/vnd.microsoft.card.adaptive"
_MARKUP: Final = Markup(9_000, link=lambda label, _url: label, size=lambda text: len(text.encode("utf-8", "replace")))
_LISTED: Final = Markup(9_000, size=_MARKUP.size)
_MAX_LINES = 60
_POSTED = re.compile(r"[1-9][0-9]{0,3}")
_HIDDEN = re.compile(
    r"(?i)^webhook message delivery failed.{0,200}?(?:\berror ([45]\d\d)\b|error contacting)", re.DOTALL
)


class TeamsConfig(ChannelConfig):
    """`{type: teams, webhook_url: "${TEAMS_WORKFLOW_URL}"}`."""

    type: Literal["teams"]
    webhook_url: WebAddress

    @property
    def posts_to(self) -> str:
        """Where it posts."""
        return self.webhook_url.reveal()


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
    """Return what an answer means: a workflow says 202 and no more, a connector 200 and how many messages it posted,
    or which error it met.
    """
    if status == 202 and answer == "":
        return AttemptClass.OK
    if 200 <= status < 300 and (hidden := _HIDDEN.search(answer or "")):
        return usual_table(int(hidden[1])) if hidden[1] else AttemptClass.RETRY
    return _BY_NUMBER(status, answer)


_BY_NUMBER: Final = said_by(lambda answer: _POSTED.fullmatch(answer) is not None)
TEAMS: Final = Service("teams", _url, _payload, _bare, _meaning)
