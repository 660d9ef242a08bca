"""What died of its age while a channel was down: named by the first message that goes through, in each form of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.messages import a_message, an_alert
from watcher.core.model.ids import MessageId
from watcher.core.model.message import Died, Message, MessageKind
from watcher.delivery.chat import Markup, markdown_escaped, text_of
from watcher.delivery.console import layout
from watcher.delivery.email import compose
from watcher.delivery.slack import MAX_CHARS, payload, text_size
from watcher.telling.payload import message_json

HOSTILE = "@here <!channel> Shells fell on Reni"
COMMAND = "watcher deliveries retry --dead --channel"


def mended(message: Message, listed: int = 10, in_all: int = 12) -> Message:
    died = tuple(Died(MessageId(f"m{number}abcdefghijklmnop"), f"{HOSTILE} {number}") for number in range(listed))
    return replace(message, died=died, died_in_all=in_all)


def kinds() -> list[Message]:
    several = tuple(an_alert(number) for number in range(4))
    return [
        mended(a_message(an_alert())),
        mended(a_message(*several, kind=MessageKind.SUMMARY)),
        mended(a_message(kind=MessageKind.META, title="A word", text="Something.")),
    ]


def texts(message: Message) -> dict[str, str]:
    mail = compose(message, "watcher@x.example", ("me@x.example",))
    parts = {kind: mail.get_body((kind,)) for kind in ("plain", "html")}
    return {
        "chat": text_of(message, Markup(4_000)),
        "console": layout(message),
        "slack": str(payload(message)),
        **{kind: part.get_content() for kind, part in parts.items() if part is not None},
    }


@pytest.mark.parametrize("message", kinds(), ids=lambda message: str(message.kind.value))
def test_each_form_names_what_died_and_how_to_send_it(message: Message) -> None:
    for form, text in texts(message).items():
        whole = " ".join(text.replace("\\n", " ").split())
        assert "12 alerts became too old meanwhile and were given up" in whole, form
        assert "Reni 9" in whole, form
        assert "and 2 more" in whole, form
        assert COMMAND in whole, form
    assert text_size(payload(message)["blocks"]) <= MAX_CHARS
    assert message_json(message)["data"]["given_up"]["alerts"] == 12


def test_where_little_fits_the_count_and_the_command_stay() -> None:
    for limit in (1_000, 1_500):
        text = text_of(mended(a_message(*(an_alert(number) for number in range(8)))), Markup(limit))
        assert len(text) <= limit
        assert "12 alerts became too old" in text
        assert COMMAND in text


def test_the_alert_itself_is_told_in_full_before_what_died_is() -> None:
    alone = text_of(a_message(an_alert()), Markup(4_000))
    text = text_of(mended(a_message(an_alert())), Markup(len(alone) + 250))
    assert text.startswith(alone)
    assert "12 alerts became too old" in text
    assert COMMAND in text


def test_one_is_one_and_none_is_no_word() -> None:
    text = text_of(mended(a_message(an_alert()), 1, 1), Markup(4_000))
    assert "1 alert became too old meanwhile and was given up:" in text
    assert f"Send it: {COMMAND}" in text
    nothing: dict[str, Any] = message_json(a_message(an_alert()))["data"]
    assert "given_up" not in nothing


def test_a_headline_that_died_mentions_nobody() -> None:
    assert "<!channel>" not in text_of(mended(a_message(an_alert())), Markup(4_000, markdown_escaped))
    html = texts(mended(a_message(an_alert())))["html"]
    assert "<!channel>" not in html
