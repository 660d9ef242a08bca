"""Reactions of Slack's readers: which emoji ask for what, and what `reactions.get` says of one of our messages.

Source: Slack's reference of reactions.get (`full` lists every reader, tier 3: some 50 a minute) and of emoji names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, model_validator
from pydantic_core import PydanticCustomError

from watcher.core.model.policy import FetchLimits
from watcher.core.model.reaction import Meaning
from watcher.delivery.config import StrictModel
from watcher.delivery.http import LIMITS

READ_LIMITS: Final[FetchLimits] = replace(LIMITS, total=timedelta(seconds=10), max_body_bytes=1024 * 1024)
"""The answer holds the whole message, in Slack's six bytes a letter."""

_EMOJI = re.compile(r"[a-z0-9_+'-]{1,100}")
_USER = re.compile(r"[UW][A-Z0-9]{2,30}")


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _named(names: tuple[str, ...]) -> tuple[str, ...]:
    bare = tuple(name.strip(":") for name in names)
    for name in bare:
        if not _EMOJI.fullmatch(name):
            message = 'an emoji is written by its name in Slack, such as eyes or "+1"'
            raise PydanticCustomError("no_emoji", "{message}", {"message": message})
    return bare


Emojis = Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_named)]


class SlackReactions(StrictModel):
    """Which reactions to an alert ask for what, each one emoji or several; `[]` = nothing does."""

    mute: Emojis = ("no_bell", "mute")
    claim: Emojis = ("raising_hand",)
    useful: Emojis = ("+1", "thumbsup")
    not_useful: Emojis = ("-1", "thumbsdown")

    @model_validator(mode="after")
    def _is_clear(self) -> SlackReactions:
        every = [*self.mute, *self.claim, *self.useful, *self.not_useful]
        twice = next((name for name in every if every.count(name) > 1), None)
        if twice is not None:
            raise PydanticCustomError("emoji_twice", "`{name}` asks for two things; leave one of them", {"name": twice})
        return self

    @property
    def meanings(self) -> Mapping[str, Meaning]:
        """What each emoji asks for."""
        return {name: meaning for meaning in Meaning for name in self.of(meaning)}

    def of(self, meaning: Meaning) -> tuple[str, ...]:
        """Return the emoji that ask for something, the first being the one that is shown."""
        found: tuple[str, ...] = getattr(self, meaning.value)
        return found


def reactions_in(said: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Return the emoji of an answer of reactions.get, each with the ids of its readers; what is neither is left out."""
    message = said.get("message")
    listed = message.get("reactions") if isinstance(message, Mapping) else None
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, Mapping) and isinstance(one.get("name"), str) and isinstance(one.get("users"), list):
            yield one["name"], [user for user in one["users"] if isinstance(user, str) and _USER.fullmatch(user)]


def thread_of(said: Mapping[str, Any], channel: str, ts: str) -> str:
    """Return where an answer to the reactions belongs: the thread that the message stands in, or heads."""
    message = said.get("message")
    root = message.get("thread_ts") if isinstance(message, Mapping) else None
    return f"{channel}:{root if isinstance(root, str) else ts}"
