"""The Slack channel: Block Kit messages through an incoming webhook.

Source: Slack's reference of block kit, mrkdwn and incoming webhooks; the bound on the whole message is not published,
bolt-js issue 2867 saw 9,597 characters accepted and 11,341 refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypeAlias

from pydantic import field_validator, model_validator
from pydantic_core import PydanticCustomError

from watcher.core.alerts.marked import cut_text, pieces, shown_lines
from watcher.core.model.ids import ChannelName
from watcher.core.model.message import AlertSummary, AttemptClass, AttemptResult, Marked, Message
from watcher.core.model.rule import Severity
from watcher.core.model.secret import Secret
from watcher.delivery import wording
from watcher.delivery.config import ChannelConfig, SecretText
from watcher.delivery.http import DEADLINE, HttpSender, Post, usual_table
from watcher.delivery.payload import encoded

MAX_CHARS = 7_800
MAX_SECTION_CHARS = 3_000
MAX_FIELDS = 10
MAX_LISTED = 20
ZERO_WIDTH_SPACE = "\u200b"

Block: TypeAlias = dict[str, Any]
_EMOJI = {
    Severity.CRITICAL: ":red_circle:",
    Severity.HIGH: ":large_orange_circle:",
    Severity.NORMAL: ":large_blue_circle:",
    Severity.LOW: ":white_circle:",
}
_CONTENT = frozenset(
    {
        "invalid_payload", "invalid_blocks", "invalid_blocks_format", "invalid_attachments", "no_text", "msg_too_long",
        "msg_blocks_too_long", "too_many_attachments",
    }
)  # fmt: skip
_REFUSED = frozenset(
    {
        "action_prohibited", "channel_is_archived", "channel_not_found", "invalid_token", "no_active_hooks", "no_service",
        "no_service_id", "no_team", "posting_to_general_channel_denied", "team_disabled", "user_not_found",
    }
)  # fmt: skip


class SlackConfig(ChannelConfig):
    """`{type: slack, webhook_url: "${SLACK_WEBHOOK_URL}"}`."""

    type: Literal["slack"]
    webhook_url: SecretText

    @model_validator(mode="before")
    @classmethod
    def _no_bot_yet(cls, values: object) -> object:
        if isinstance(values, Mapping) and ("token" in values or "channel" in values):
            message = (
                "a Slack bot (token and channel) is not built yet; give webhook_url: of an incoming webhook instead"
            )
            raise PydanticCustomError("not_built", "{message}", {"message": message})
        return values

    @field_validator("webhook_url")
    @classmethod
    def _is_address(cls, url: Secret) -> Secret:
        if not wording.is_web_address(url.reveal()):
            raise PydanticCustomError("not_an_address", "webhook_url must be an http:// or https:// address")
        return url


@dataclass(frozen=True, slots=True)
class SlackChannel:
    """Implements ports.Channel; an incoming webhook takes a message and cannot change it later."""

    name: ChannelName
    config: SlackConfig
    sender: HttpSender
    kind: str = "slack"

    @property
    def deadline(self) -> timedelta:
        """The longest that one `send` may take."""
        return DEADLINE

    def render(self, message: Message) -> Mapping[str, Any]:
        """Return the payload, at most 7,800 characters of text."""
        return payload(message)

    async def send(self, message: Message) -> AttemptResult:
        """Post once; Slack knows no idempotency key, so a repeat says that it may be one."""
        post = Post(self.config.webhook_url, encoded(payload(message)), {}, allow_private=self.config.allow_private)
        return await self.sender.post(post, meaning)


def meaning(status: int, answer: str | None) -> AttemptClass:
    """Return what an answer means: Slack's own words first, then its status.

    Slack says that it took a message with 200 and `ok`. Another text there, such as the log-in page of a proxy, is not Slack: somebody must
    look at the address. A body that is empty or cannot be read says neither: the message may have arrived.
    """
    if 200 <= status < 300:
        return _meaning_of_success(status, answer)
    word = (answer or "").lower()
    if word in _REFUSED:
        return AttemptClass.PERMANENT
    if word in _CONTENT:
        return AttemptClass.CONTENT
    if word == "rollup_error":
        return AttemptClass.RETRY
    return usual_table(status)


def _meaning_of_success(status: int, answer: str | None) -> AttemptClass:
    if not answer:
        return AttemptClass.UNKNOWN
    return AttemptClass.OK if status == 200 and answer == "ok" else AttemptClass.PERMANENT


def payload(message: Message) -> dict[str, Any]:
    """Return what is posted: blocks, and the line that notifications and screen readers use."""
    line = escaped(wording.one_line(message))
    if message.plain:
        return {"text": _plain(message), "unfurl_links": False, "unfurl_media": False}
    if not message.alerts:
        blocks = _notice(message)
    elif wording.is_list(message):
        blocks = _list(message)
    else:
        blocks = _alert(message)
    return {"text": line, "unfurl_links": False, "unfurl_media": False, "blocks": blocks}


def text_size(blocks: object) -> int:
    """Return how many characters of text stand in blocks, as Slack seems to count them."""
    if isinstance(blocks, str):
        return len(blocks)
    if isinstance(blocks, Mapping):
        return sum(text_size(value) for key, value in blocks.items() if key != "type")
    return sum(text_size(block) for block in blocks) if isinstance(blocks, list) else 0


def escaped(text: str) -> str:
    """Return text in which Slack sees no link, mention or date: these three letters begin them all."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def fitting(text: str, limit: int) -> str:
    """Return `text` escaped, at most `limit` characters after escaping, cut on a word before it."""
    room = limit
    while len(found := escaped(cut_text(text, room))) > limit:
        room -= max(1, (len(found) - limit) // 5)
    return found


def bold_hits(marked: Marked, limit: int) -> str:
    """Return `marked` escaped, its hits in bold; a zero-width space keeps a mark off the letter it would touch.

    Slack reads `*` as bold only between other signs than letters, which the words of Korean, Japanese and Chinese touch.
    """
    text, after_bold = "", False
    for part, group in pieces(marked):
        safe = escaped(part)
        if group and part.strip() == part and "*" not in part:
            text += (ZERO_WIDTH_SPACE if text and not text[-1].isspace() else "") + f"*{safe}*"
            after_bold = True
        else:
            text += (ZERO_WIDTH_SPACE if after_bold and not part[0].isspace() else "") + safe
            after_bold = False
    return text if len(text) <= limit else fitting(marked.text, limit)


def _link(url: str, text: str, limit: int) -> str:
    """A link with remote text as its label, or the text alone. The address is percent-encoded, so neither | nor > ends it."""
    url = wording.safe_link(url)
    label = fitting(text, limit)
    return f"<{url.replace('&', '&amp;')}|{label}>" if url else label


def _mrkdwn(text: str) -> Block:
    # verbatim: Slack makes no links, channels or mentions of what merely looks like one.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _context(*texts: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(text) for text in texts]}


def _alert(message: Message) -> list[Block]:
    first = message.alerts[0]
    for excerpt_chars, field_chars, fields in ((500, 300, MAX_FIELDS), (300, 120, MAX_FIELDS), (150, 80, 4)):
        blocks = [
            _head(message, first),
            _story(message, first, excerpt_chars),
            *_why(message, first, field_chars, fields),
        ]
        blocks += [*_buttons(first), _foot(message, first)]
        if text_size(blocks) <= MAX_CHARS:
            return blocks
    return blocks[:2]


def _head(message: Message, first: AlertSummary) -> Block:
    stamp = int(first.at.timestamp())
    date = f"<!date^{stamp}^{{time}}|{wording.clock_time(first.at)} UTC>"
    severity = first.severity.word.capitalize()
    prefix = wording.prefix_of(message)
    return _context(
        f"{_EMOJI[first.severity]} *{prefix}{severity}*   {fitting(wording.rule_names(message), 300)}   {date}"
    )


def _story(message: Message, first: AlertSummary, excerpt_chars: int) -> Block:
    headline = wording.headline(first).text
    text = _link(first.url, headline, 600)
    text = text if "*" in headline else f"*{text}*"
    excerpt = bold_hits(wording.excerpt(first, excerpt_chars), 2 * excerpt_chars)
    block: Block = {"type": "section", "text": _mrkdwn(f"{text}\n{excerpt}" if excerpt else text)}
    return block


def _why(message: Message, first: AlertSummary, field_chars: int, fields: int) -> Iterator[Block]:
    groups = wording.reasons(message)
    shown = groups if len(groups) < fields else groups[: fields - 2]
    texts = [
        f"*{_unstarred(wording.label(group.label))}*\n{fitting(wording.hits(group), field_chars)}" for group in shown
    ]
    if len(shown) < len(groups):
        texts.append(f"*More*\n{len(groups) - len(shown)} other reasons")
    texts.append(f"*Sources*\n{wording.seen(first)}")
    yield {"type": "section", "fields": [_mrkdwn(text) for text in texts]}


def _unstarred(text: str) -> str:
    return fitting(text.replace("*", ""), 200)


def _buttons(first: AlertSummary) -> Iterator[Block]:
    wanted = (
        ("See the story", wording.safe_link(first.story_url), True),
        (f"Read at {wording.label(first.source, 40)}" if first.source else "Read", wording.safe_link(first.url), False),
    )
    buttons: list[Block] = []
    for text, url, is_primary in wanted:
        if url:
            button: Block = {"type": "button", "text": {"type": "plain_text", "text": text, "emoji": False}, "url": url}
            buttons.append(button | ({"style": "primary"} if is_primary else {}))
    if buttons:
        yield {"type": "actions", "elements": buttons}


def _foot(message: Message, first: AlertSummary) -> Block:
    lines = [
        f"{wording.label(line.name, 40)} {wording.clock_time(line.at)}{', copy' if line.copy else ''}"
        for line in first.lines[:3]
    ]
    text = f"First: {'; '.join(lines)}. " if lines else ""
    text += f"Rule revision {first.revision}."
    return _context(fitting(" ".join([text, *wording.notes(message)]), 1000))


def _list(message: Message) -> list[Block]:
    title = fitting(wording.prefix_of(message) + wording.title(message), 300)
    blocks: list[Block] = [{"type": "section", "text": _mrkdwn(f"*{title}*" if "*" not in title else title)}]
    foot = [_context(fitting(" ".join(notes), 500))] if (notes := wording.notes(message)) else []
    room = MAX_CHARS - text_size(blocks) - text_size(foot) - 100
    listed = 0
    for alert in message.alerts[:MAX_LISTED]:
        block = _listed(alert)
        room -= text_size(block)
        if room < 0:
            break
        blocks.append(block)
        listed += 1
    if listed < len(message.alerts):
        blocks.append(_context(f"and {len(message.alerts) - listed} more"))
    return blocks + foot


def _listed(alert: AlertSummary) -> Block:
    sample = "SAMPLE " if alert.sample else ""
    head = f"{_EMOJI[alert.severity]} {sample}{_link(alert.url, wording.headline(alert, 200).text, 300)}"
    text = f"{wording.clock_time(alert.at)} UTC, {wording.seen(alert)}, {fitting(wording.label(alert.rule_name), 120)}"
    return {"type": "section", "text": _mrkdwn(f"{head}\n{text}")}


def _notice(message: Message) -> list[Block]:
    title = wording.prefix_of(message) + wording.title(message)
    text = shown_lines(message.text, MAX_SECTION_CHARS - 500)
    body = f"{title}\n{text}" if text else title
    blocks: list[Block] = [{"type": "section", "text": {"type": "plain_text", "text": body, "emoji": False}}]
    if notes := wording.notes(message):
        blocks.append(_context(fitting(" ".join(notes), 500)))
    return blocks


def _plain(message: Message) -> str:
    """The short form after a refusal: no blocks, no marks, only what must be told."""
    lines = [wording.one_line(message)]
    lines += [wording.safe_link(alert.url) for alert in message.alerts[:1] if not wording.is_list(message)]
    if wording.is_list(message):
        lines += [f"- {wording.headline(alert, 120).text}" for alert in message.alerts[:5]]
        lines += [f"and {len(message.alerts) - 5} more"] if len(message.alerts) > 5 else []
    lines += [shown_lines(message.text, 500)]
    return fitting("\n".join(line for line in lines if line), 2000)
