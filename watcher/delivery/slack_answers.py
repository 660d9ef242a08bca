"""Answers to reactions as Slack shows them: readers and emoji as such, and every other word as it is.

Source: Slack's reference of rich text (elements of type user, emoji and text).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import Formatter
from typing import Any, Final

from watcher.core.model.reaction import Said
from watcher.delivery.slack import escaped, rich, text_only
from watcher.delivery.slack_reactions import SlackReactions

LINES_AT_MOST: Final = 10
"""So many answers stand in one message; more are counted."""


def answer(said: Sequence[Said], reactions: SlackReactions) -> dict[str, Any]:
    """Return the arguments of chat.postMessage that hold answers, each on a line.

    Rich text shows them: no letter in its words means anything. `text` is what a notification says.
    """
    shown = said[:LINES_AT_MOST]
    parts: list[dict[str, Any]] = []
    for number, one in enumerate(shown):
        parts += [{"type": "text", "text": "\n"}] if number else []
        parts += _parts(one, reactions)
    if len(shown) < len(said):
        parts.append({"type": "text", "text": f"\nand {len(said) - len(shown)} more"})
    body = text_only("")
    return body | {"text": "".join(_letters(part) for part in parts), "blocks": [rich(*parts)]}


def _parts(said: Said, reactions: SlackReactions) -> Iterator[dict[str, Any]]:
    """Return an answer as parts of rich text; which of several emoji it was is not known, so that all are named."""
    for words, name, _, _ in Formatter().parse(said.words):
        if words:
            yield {"type": "text", "text": words}
        if name == "who":
            yield {"type": "user", "user_id": said.mark[1]}
        elif name == "sign":
            emoji = reactions.of(said.mark[0])
            for number, one in enumerate(emoji):
                yield from [{"type": "text", "text": " or "}] if number else []
                yield {"type": "emoji", "name": one}
            if not emoji:
                yield {"type": "text", "text": said.mark[0].value}


def _letters(part: dict[str, Any]) -> str:
    if part["type"] == "user":
        return f"<@{part['user_id']}>"
    return f":{part['name']}:" if part["type"] == "emoji" else escaped(part["text"])
