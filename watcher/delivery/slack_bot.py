"""The Slack channel by a bot: `chat.postMessage`, one thread a story, and what must be heard broadcast from it.

Slack answers 200 whatever it did; the field `ok` of the body says whether it took the message.

Source: Slack's reference of chat.postMessage (arguments, errors) and of rate limits.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from watcher.core.alerts.reactions import marks_of
from watcher.core.model.ids import ChannelName
from watcher.core.model.message import AttemptClass, AttemptResult, ChannelTraits, Message
from watcher.core.model.reaction import Said, SeenReactions
from watcher.core.model.secret import Secret
from watcher.delivery.config import address_digest
from watcher.delivery.heads import Heads
from watcher.delivery.http import DEADLINE, Heard, HttpSender, Post, is_ok, json_of, said_by, usual_table
from watcher.delivery.slack import LISTED_AT_MOST, SlackConfig, payload, text_only, told_below
from watcher.delivery.slack_answers import answer
from watcher.delivery.slack_reactions import READ_LIMITS, reactions_in, thread_of
from watcher.delivery.unchanging import Unchanging
from watcher.telling import wording
from watcher.telling.bare import bare_text, rendered
from watcher.telling.payload import encoded

_THREAD = re.compile(r"([CDG][A-Z0-9]{2,30}):(\d{1,16}\.\d{1,9})")
_MEANINGS: Mapping[str, AttemptClass] = {
    **dict.fromkeys(("rate_limited", "ratelimited", "message_limit_exceeded"), AttemptClass.THROTTLE),
    # It may have been posted all the same.
    **dict.fromkeys(("fatal_error", "internal_error", "request_timeout"), AttemptClass.UNKNOWN),
    **dict.fromkeys(("service_unavailable", "team_added_to_org", "rollup_error"), AttemptClass.RETRY),
    **dict.fromkeys(
        (
            "msg_too_long", "msg_blocks_too_long", "invalid_blocks", "invalid_blocks_format", "invalid_attachments",
            "no_text", "too_many_attachments", "invalid_json", "invalid_arguments", "attachment_payload_limit_exceeded",
            # Its thread is gone or locked: the plain form stands alone.
            "cannot_reply_to_message", "thread_not_found", "message_not_found", "restricted_action_thread_locked",
        ),
        AttemptClass.CONTENT,
    ),
}  # fmt: skip
"""What a word of Slack means; any other (`invalid_auth`, `not_in_channel`, `is_archived`, ...) refuses the channel."""

_OF_ONE_PLACE = frozenset({"channel_not_found", "not_in_channel", "is_archived"})
"""Refusals that are about the conversation of a message, and say nothing of others."""


@dataclass(frozen=True, slots=True)
class SlackBotChannel(Unchanging):
    """Implements ports.Channel; what Slack calls a message, `channel:ts`, is kept for the thread of its story."""

    name: ChannelName
    config: SlackConfig
    token: Secret
    sender: HttpSender
    heads: Heads = field(default_factory=Heads)
    kind: str = "slack"

    @property
    def deadline(self) -> timedelta:
        """The longest that one `send` may take."""
        return DEADLINE

    @property
    def traits(self) -> ChannelTraits:
        """What the outbox must know of it."""
        address = address_digest(self.kind, self.config.api_url, self.token, self.config.channel)
        return ChannelTraits(lists_at_most=LISTED_AT_MOST, address=address)

    def render(self, message: Message) -> Mapping[str, Any]:
        """Return the arguments of chat.postMessage, without the token."""
        body = rendered(message, lambda: payload(message), lambda: text_only(bare_text(message)))
        found = None if message.plain else _THREAD.fullmatch(message.thread)
        channel = self.config.channel
        # A thread stands where messages went before: where the id is another now, nobody reads it there.
        if found is None or (not channel.startswith("#") and found[1] != channel):
            return {"channel": channel} | body
        thread = {"channel": found[1], "thread_ts": found[2]}
        return thread | ({"reply_broadcast": True} if message.is_loud else {}) | body

    async def send(self, message: Message) -> AttemptResult:
        """Post once; Slack knows no idempotency key, so a repeat says that it may be one.

        What was told in a thread is noted for its head, which is edited later: an edit must neither hold up an alert
        nor come between it and its mark.
        """
        body = dict(self.render(message))
        result = await self._call("chat.postMessage", body)
        if result.result is AttemptClass.OK and message.alerts:
            if "thread_ts" in body:
                newest = message.alerts[-1]
                latest = f"{wording.clock_time(newest.at)} {wording.headline(newest).text}"
                self.heads.told_below(f"{body['channel']}:{body['thread_ts']}", len(message.alerts), latest)
            elif result.remote:
                self.heads.begin(result.remote, functools.partial(self._edit, result.remote, body))
        return result

    @property
    def has_reactions(self) -> bool:
        """Whether any reaction means something here."""
        return bool(self.config.reactions.meanings)

    def place_of(self, remote: str) -> str:
        """Return the id of the conversation of a message; of a `#name` the id is not known, so that each may be it."""
        channel = remote.partition(":")[0]
        return channel if self.config.channel.startswith("#") or channel == self.config.channel else ""

    async def reactions_to(self, remote: str) -> SeenReactions:
        """Ask for the reactions to one message, with all who gave them."""
        channel, _, ts = remote.partition(":")
        heard: list[Mapping[str, Any]] = []

        def reads(body: str) -> Heard:
            heard.append(json_of(body))
            return Heard()

        asked = f"reactions.get?{urlencode({'channel': channel, 'timestamp': ts, 'full': 'true'})}"
        question = replace(self._post(asked, {}, reads), method="GET", limits=READ_LIMITS)
        words: list[str] = []

        def meaning(status: int, answer: str | None) -> AttemptClass:
            words.append(str(json_of(answer).get("error")))
            return _meaning(status, answer)

        result = await self.sender.post(question, meaning)
        if result.result is not AttemptClass.OK:
            is_place = not _OF_ONE_PLACE.isdisjoint(words)
            return SeenReactions(result.result, result.answer, is_place=is_place, retry_after=result.retry_after)
        marks = marks_of(self.config.reactions.meanings, reactions_in(heard[-1]))
        return SeenReactions(AttemptClass.OK, "", marks, thread_of(heard[-1], channel, ts))

    async def answer_in(self, thread: str, said: Sequence[Said]) -> AttemptResult:
        """Answer in a thread, to its readers alone; only a reader and an emoji mean more than their letters."""
        channel, _, ts = thread.partition(":")
        body = answer(said, self.config.reactions)
        return await self._call("chat.postMessage", {"channel": channel, "thread_ts": ts, **body})

    async def _edit(self, remote: str, body: Mapping[str, Any], more: int, latest: str) -> AttemptResult:
        """Write below a head how many more were told in its thread, and the latest of them."""
        channel, _, ts = remote.partition(":")
        line = told_below(f"{more} more in the thread; the latest: {latest}")
        kept = {name: body[name] for name in ("text", "blocks") if name in body}
        blocks = [*kept["blocks"], line] if "blocks" in kept else [line]
        return await self._call("chat.update", {**kept, "channel": channel, "ts": ts, "blocks": blocks})

    async def _call(self, method: str, body: Mapping[str, Any]) -> AttemptResult:
        return await self.sender.post(self._post(method, body, _heard), _meaning)

    def _post(self, method: str, body: Mapping[str, Any], reads: Callable[[str], Heard]) -> Post:
        return Post(
            Secret(f"{self.config.api_url.rstrip('/')}/{method}"),
            encoded(dict(body)),
            {"authorization": f"Bearer {self.token.reveal()}"},
            (self.token,),
            self.config.allow_private,
            reads,
        )


def _heard(body: str) -> Heard:
    said = json_of(body)
    remote = f"{said.get('channel')}:{said.get('ts')}"
    return Heard(remote if said.get("ok") is True and _THREAD.fullmatch(remote) else "")


def _meaning(status: int, answer: str | None) -> AttemptClass:
    """Return what an answer means: the word of a refusal first, then the status with the field `ok`.

    A word that we do not know says nothing where the status does: Slack rests or is down.
    """
    said = json_of(answer)
    if said.get("ok") is not False:
        return _BY_OK(status, answer)
    by_status = AttemptClass.PERMANENT if status < 400 else usual_table(status)
    return _MEANINGS.get(str(said.get("error")), by_status)


_BY_OK: Final = said_by(is_ok)
