"""A surprise while a message is made costs its look, never the alert."""

from __future__ import annotations

import email
import json

import pytest

from tests.fakes.messages import EVERY_MESSAGE, HOSTILE, a_message, an_alert
from watcher.core.model.message import AlertSummary, Message
from watcher.core.model.secret import Secret
from watcher.delivery.email import mail_of
from watcher.delivery.slack import SlackChannel, SlackConfig
from watcher.telling.bare import bare_text, bare_title, rendered
from watcher.telling.payload import encoded_message

SENDER, TO = "Watch <alerts@desk.example>", ("me@example.org",)


def surprising() -> Message:
    """A message that breaks whoever tells its reasons or its sources."""
    return a_message(an_alert(why=None, lines=None))


def test_a_mail_that_cannot_be_made_is_sent_bare() -> None:
    mail = email.message_from_bytes(mail_of(surprising(), SENDER, TO).as_bytes())
    body = mail.get_payload(decode=True)
    assert mail["Subject"] == "Alert of the rule DPRK?Russia military"
    assert isinstance(body, bytes)
    assert b"https://wire.example/2026/range-1" in body
    assert mail["Message-ID"] == f"<{surprising().id}@desk.example>"


def test_json_that_cannot_be_made_is_sent_bare() -> None:
    data = json.loads(encoded_message(surprising()))["data"]
    assert (data["id"], data["omitted"]) == (surprising().id, 1)
    assert "https://wire.example/2026/range-1" in data["text"]


def test_a_slack_message_that_cannot_be_made_is_sent_bare() -> None:
    config = SlackConfig.model_validate({"type": "slack", "webhook_url": "https://hooks.example/x"})
    body = SlackChannel("desk", config, Secret("x"), None).render(surprising())  # type: ignore[arg-type]
    assert "https://wire.example/2026/range-1" in body["text"]
    assert "blocks" not in body


@pytest.mark.parametrize("message", EVERY_MESSAGE.values(), ids=EVERY_MESSAGE.keys())
def test_the_bare_form_is_short_ascii_without_controls(message: Message) -> None:
    text = bare_text(message)
    assert text.isascii()
    assert text.replace("\n", "").isprintable()
    assert "=?" not in text
    assert len(text) < 30_000
    assert bare_title(message).isprintable()


def test_a_link_that_is_not_plain_is_left_out_of_the_bare_form() -> None:
    for url in (
        "javascript:alert(1)",
        "https://x.example/\r\nBcc: x",
        "https://x.example/<b>",
        "https://x.example/é",
        HOSTILE,
    ):
        assert url not in bare_text(a_message(an_alert(url=url)))


def test_what_can_be_made_is_not_bare() -> None:
    def never() -> AlertSummary:
        raise AssertionError

    assert rendered(a_message(), lambda: "usual", lambda: str(never())) == "usual"
