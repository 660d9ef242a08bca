"""The Slack channel: Block Kit messages, here through an incoming webhook; by a bot in slack_bot.py.

Text from outside is never Slack's markup: mrkdwn knows no way to write a literal `*`, `_`, `~` or backtick, so that
it stands in rich text and plain text, which are shown as they are. Markup holds our own words, and names of a rule's
reasons where they have none of these.

Source: Slack's reference of block kit, mrkdwn and incoming webhooks; the bound on the whole message is not published,
bolt-js issue 2867 saw 9,597 characters accepted and 11,341 refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal, TypeAlias

from pydantic import field_validator, model_validator
from pydantic_core import PydanticCustomError

from watcher.core.model.ids import ChannelName
from watcher.core.model.message import AlertSummary, AttemptClass, AttemptResult, ChannelTraits, Marked, Message
from watcher.core.model.rule import Severity
from watcher.core.model.secret import Secret
from watcher.core.web_addresses import is_exact_web, safe_link
from watcher.delivery.config import ChannelConfig, SecretText, address_digest
from watcher.delivery.http import DEADLINE, HttpSender, Post, said_by, usual_table
from watcher.delivery.slack_reactions import SlackReactions
from watcher.delivery.unchanging import Unchanging
from watcher.telling import wording
from watcher.telling.bare import bare_text, rendered
from watcher.telling.marked import cut_text, pieces, shown_lines
from watcher.telling.payload import encoded

MAX_CHARS = 7_800
MAX_SECTION_CHARS = 3_000
MAX_FIELDS = 10
LISTED_AT_MOST = 15
_LISTED_FORMS = ((200, 2_048), (200, 200), (90, 0))  # characters of headline and link

_MARKUP = frozenset("*_~`:")  # bold, italic, struck, code, and the name of an emoji

_CONVERSATION = re.compile(r"[CDG][A-Z0-9]{2,30}|#[^\s#<>&|]{1,80}")

Block: TypeAlias = dict[str, Any]
_EMOJI = {
    Severity.CRITICAL: "red_circle",
    Severity.HIGH: "large_orange_circle",
    Severity.NORMAL: "large_blue_circle",
    Severity.LOW: "white_circle",
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


_BELOW_CHARS = 300


class SlackConfig(ChannelConfig):
    """`{type: slack, token: "${SLACK_BOT_TOKEN}", channel: C0ASIA}` by a bot, or `webhook_url` of an incoming webhook.

    `reactions` says by which emoji readers of a bot's messages ask for something. `api_url` is for installations of
    Slack with another address, such as https://slack-gov.com/api.
    """

    type: Literal["slack"]
    webhook_url: SecretText | None = None
    token: SecretText | None = None
    channel: str = ""
    api_url: str = "https://slack.com/api"
    reactions: SlackReactions = SlackReactions()

    @property
    def posts_to(self) -> str:
        """The address of the webhook, or that of Slack's methods."""
        return self.api_url if self.webhook_url is None else self.webhook_url.reveal()

    @property
    def has_threads(self) -> bool:
        """A bot's message has a thread; an incoming webhook is not told what it wrote."""
        return self.token is not None

    @model_validator(mode="before")
    @classmethod
    def _is_one_way(cls, values: object) -> object:
        """Ask for one of the two ways in what is written, for the secret of either may still be missing."""
        if not isinstance(values, Mapping):
            return values
        bot = {"token", "channel"} & set(values)
        if "webhook_url" in values and (bot or "reactions" in values):
            raise PydanticCustomError("two_ways", "give webhook_url, or token and channel (and reactions), not both")
        if "webhook_url" not in values and "url" in values:
            raise PydanticCustomError(
                "no_way", "the address of an incoming webhook stands in `webhook_url`, not in `url`"
            )
        if "webhook_url" not in values and len(bot) < 2:
            raise PydanticCustomError("no_way", "a Slack channel needs token and channel of a bot, or webhook_url")
        return values

    @field_validator("channel")
    @classmethod
    def _is_conversation(cls, channel: str) -> str:
        if channel and not _CONVERSATION.fullmatch(channel):
            message = 'channel must be the id of a conversation, such as C0123ABCD (below "About" in Slack), or #name'
            raise PydanticCustomError("not_a_channel", "{message}", {"message": message})
        return channel

    @field_validator("api_url")
    @classmethod
    def _is_api(cls, url: str) -> str:
        if not is_exact_web(url):
            raise PydanticCustomError("not_an_address", "api_url must be an http:// or https:// address")
        return url

    @field_validator("webhook_url")
    @classmethod
    def _is_address(cls, url: Secret | None) -> Secret | None:
        if url is not None and not is_exact_web(url.reveal()):
            raise PydanticCustomError("not_an_address", "webhook_url must be an http:// or https:// address")
        return url


@dataclass(frozen=True, slots=True)
class SlackChannel(Unchanging):
    """Implements ports.Channel; an incoming webhook takes a message and cannot change it later."""

    name: ChannelName
    config: SlackConfig
    url: Secret
    sender: HttpSender
    kind: str = "slack"

    @property
    def deadline(self) -> timedelta:
        """The longest that one `send` may take."""
        return DEADLINE

    @property
    def traits(self) -> ChannelTraits:
        """What the outbox must know of it."""
        return ChannelTraits(lists_at_most=LISTED_AT_MOST, address=address_digest(self.kind, self.url))

    def render(self, message: Message) -> Mapping[str, Any]:
        """Return the payload, at most 7,800 characters of text."""
        return rendered(message, lambda: payload(message), lambda: text_only(bare_text(message)))

    async def send(self, message: Message) -> AttemptResult:
        """Post once; Slack knows no idempotency key, so a repeat says that it may be one."""
        body = rendered(message, lambda: encoded(payload(message)), lambda: encoded(text_only(bare_text(message))))
        post = Post(self.url, body, {}, allow_private=self.config.allow_private)
        return await self.sender.post(post, _meaning)


def _refusal(status: int, answer: str | None) -> AttemptClass:
    """Return what an answer that is no success means: Slack's own words first, then its status."""
    word = (answer or "").lower()
    if word in _REFUSED:
        return AttemptClass.PERMANENT
    if word in _CONTENT:
        return AttemptClass.CONTENT
    if word == "rollup_error":
        return AttemptClass.RETRY
    return usual_table(status)


_BY_WORD: Final = said_by("ok".__eq__, _refusal)


def _meaning(status: int, answer: str | None) -> AttemptClass:
    """Return what an answer means: Slack says that it took a message with 200 and `ok`, never with another success."""
    return AttemptClass.PERMANENT if 200 < status < 300 and answer else _BY_WORD(status, answer)


def payload(message: Message) -> dict[str, Any]:
    """Return what is posted: blocks, and the line that notifications and screen readers use."""
    if message.plain:
        return text_only(_plain(message))
    if not message.alerts:
        blocks = _notice(message)
    elif wording.is_list(message):
        blocks = _list(message)
    else:
        blocks = _alert(message)
    return text_only(wording.one_line(message)) | {"blocks": blocks}


def told_below(text: str) -> dict[str, Any]:
    """Return the block that says under a head what was told in its thread."""
    return _context(_plain_text(fitting(text, _BELOW_CHARS)))


def text_only(text: str) -> dict[str, Any]:
    # "mrkdwn": the text is shown as it is; only links, mentions and dates are still looked for, which all begin with
    # "<".
    return {"text": fitting(text, MAX_SECTION_CHARS), "mrkdwn": False, "unfurl_links": False, "unfurl_media": False}


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


def rich(*parts: Block) -> Block:
    """Return a paragraph of rich text: no letter in its parts means anything but itself."""
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(parts)}]}


def hits_in_bold(marked: Marked) -> list[Block]:
    """Return `marked` as parts of rich text, its hits in bold."""
    return [_text(part, is_bold=group > 0) for part, group in pieces(marked)]


def _text(text: str, *, is_bold: bool = False) -> Block:
    return {"type": "text", "text": text} | ({"style": {"bold": True}} if is_bold else {})


def _link(url: str, text: str, *, is_bold: bool = False) -> Block:
    """A link with a text from outside as its label, or the text alone."""
    url = safe_link(url)
    return _text(text, is_bold=is_bold) | ({"type": "link", "url": url} if url else {})


def _plain_text(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def _mrkdwn(text: str) -> Block:
    # verbatim: Slack makes no links, channels or mentions of what merely looks like one.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _context(*elements: Block) -> Block:
    return {"type": "context", "elements": list(elements)}


def _alert(message: Message) -> list[Block]:
    first = message.alerts[0]
    for excerpt_chars, field_chars, fields in ((500, 300, MAX_FIELDS), (300, 120, MAX_FIELDS), (150, 80, 4)):
        blocks = [
            _head(message, first),
            _story(message, first, excerpt_chars),
            *_why(message, first, field_chars, fields),
        ]
        blocks += [*_buttons(first), _foot(message, first), *_died(message)]
        if text_size(blocks) <= MAX_CHARS:
            return blocks
    return blocks[:2]


def _head(message: Message, first: AlertSummary) -> Block:
    stamp = int(first.at.timestamp())
    date = f"<!date^{stamp}^{{time}}|{wording.labelled_time(first.at)}>"
    severity = first.severity.word.capitalize()
    prefix = wording.prefix_of(message)
    return _context(
        _mrkdwn(f":{_EMOJI[first.severity]}: *{prefix}{severity}*"),
        _plain_text(cut_text(wording.rule_names(message), 300)),
        _mrkdwn(date),
    )


def _story(message: Message, first: AlertSummary, excerpt_chars: int) -> Block:
    headline = _link(first.url, wording.headline(first).text or "(no title)", is_bold=True)
    excerpt = hits_in_bold(wording.excerpt(first, excerpt_chars))
    return rich(headline, _text("\n"), *excerpt) if excerpt else rich(headline)


def _why(message: Message, first: AlertSummary, field_chars: int, fields: int) -> Iterator[Block]:
    groups = wording.reasons(message)
    shown = groups if len(groups) < fields else groups[: fields - 2]
    texts = [_field(wording.label(group.label), cut_text(wording.hits(group), field_chars)) for group in shown]
    if len(shown) < len(groups):
        texts.append(_field("More", f"{len(groups) - len(shown)} other reasons"))
    texts.append(_field("Sources", wording.spread(first)))
    yield {"type": "section", "fields": texts}


def _field(name: str, text: str) -> Block:
    """One field with its name in bold; words that hold a sign of markup are shown without it, as they are."""
    if _MARKUP.isdisjoint(name + text) and name:
        return _mrkdwn(f"*{escaped(name)}*\n{escaped(text)}")
    return _plain_text(f"{name}\n{text}")


def _buttons(first: AlertSummary) -> Iterator[Block]:
    wanted = (
        ("See the story", safe_link(first.story_url), True),
        (f"Read at {wording.label(first.source, 40)}" if first.source else "Read", safe_link(first.url), False),
    )
    buttons: list[Block] = []
    for text, url, is_primary in wanted:
        if url:
            button: Block = {"type": "button", "text": _plain_text(text), "url": url}
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
    return _context(_plain_text(cut_text(" ".join([text, *wording.notes(message)]), 1000)))


def _list(message: Message) -> list[Block]:
    title = cut_text(wording.prefix_of(message) + wording.title(message), 300)
    blocks: list[Block] = [rich(_text(title, is_bold=True))]
    foot = [_context(_plain_text(cut_text(" ".join(notes), 500)))] if (notes := wording.notes(message)) else []
    foot += _died(message)
    room = MAX_CHARS - text_size(blocks) - text_size(foot) - 100
    alerts = wording.listed(message)
    listed: list[Block] = []
    for form in _LISTED_FORMS:  # every alert is listed, however long the links are: who is not listed was not told
        listed = [_listed(alert, *form) for alert in alerts[:LISTED_AT_MOST]]
        if text_size(listed) <= room:
            break
    blocks += listed
    if len(listed) < len(alerts):
        blocks.append(_context(_mrkdwn(f"and {len(alerts) - len(listed)} more")))
    return blocks + foot


def _listed(alert: AlertSummary, headline_chars: int, link_chars: int) -> Block:
    sample = " SAMPLE " if alert.sample else " "
    about = wording.gloss(alert)
    text = f"\n{about}; " if about else "\n"
    text += f"{wording.labelled_time(alert.at)}, {wording.spread(alert)}, {wording.label(alert.rule_name, 120)}"
    url = alert.url if len(safe_link(alert.url)) <= link_chars else ""
    headline = _link(url, wording.headline(alert, headline_chars).text or "(no title)")
    return rich({"type": "emoji", "name": _EMOJI[alert.severity]}, _text(sample), headline, _text(text))


def _notice(message: Message) -> list[Block]:
    title = wording.prefix_of(message) + wording.title(message)
    text = shown_lines(message.text, MAX_SECTION_CHARS - 500)
    body = f"{title}\n{text}" if text else title
    blocks: list[Block] = [{"type": "section", "text": _plain_text(body)}]
    lines = text.split("\n")
    if any(map(wording.link_line, lines)):
        parts = [part for line in lines for part in (_text("\n"), _link(wording.link_line(line), line))]
        blocks = [rich(_text(title, is_bold=True), *parts)]
    if notes := wording.notes(message):
        blocks.append(_context(_plain_text(cut_text(" ".join(notes), 500))))
    return blocks + _died(message)


def _died(message: Message) -> list[Block]:
    """Return what was given up while nothing was taken here."""
    lines = wording.died(message)
    return [{"type": "section", "text": _plain_text("\n".join(lines))}] if lines else []


def _plain(message: Message) -> str:
    """The short form after a refusal: no blocks, no marks, only what must be told."""
    if wording.is_list(message):
        # Short headlines where long ones, once escaped, would push the last alerts out.
        forms = [_plain_list(message, headline_chars) for headline_chars in (80, 25)]
        return next((text for text in forms if len(escaped(text)) <= MAX_SECTION_CHARS), forms[-1])
    lines = [wording.one_line(message)]
    lines += [safe_link(alert.url) for alert in message.alerts[:1]]
    lines += [shown_lines(message.text, 500), *wording.died(message, 0)]
    return cut_text("\n".join(line for line in lines if line), 2000)


def _plain_list(message: Message, headline_chars: int) -> str:
    lines = [cut_text(wording.one_line(message), 2 * headline_chars)]
    listed = wording.listed(message)
    lines += [f"- {wording.headline(alert, headline_chars).text}" for alert in listed[:LISTED_AT_MOST]]
    more = len(listed) - LISTED_AT_MOST
    lines += [f"and {more} more"] if more > 0 else []
    return "\n".join([*lines, *wording.died(message, 0)])
