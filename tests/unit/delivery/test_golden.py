"""The look of messages, kept as files: read the difference when it changes, then run this file with GOLDEN=write."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.fakes.messages import EVERY_MESSAGE, a_message, an_alert
from watcher.core.model.rule import Severity
from watcher.delivery import slack
from watcher.delivery.console import layout
from watcher.delivery.email import compose
from watcher.telling.payload import message_json

GOLDEN = Path(__file__).parent / "golden"


def rendered(name: str) -> dict[str, str]:
    message = EVERY_MESSAGE[name]
    mail = compose(message, "Watch <alerts@desk.example>", ("me@example.org",))
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    headers = "".join(f"{key}: {value}\n" for key, value in mail.items())
    files = {
        "console.txt": layout(message),
        "slack.json": json.dumps(slack.payload(message), ensure_ascii=False, indent=2) + "\n",
        "webhook.json": json.dumps(message_json(message), ensure_ascii=False, indent=2) + "\n",
        "email.txt": headers + "\n" + text.get_content(),
    }
    if html is not None and name == "one alert":
        files["email.html"] = html.get_content()
    return {f"{name.replace(' ', '-')}.{suffix}": content for suffix, content in files.items()}


@pytest.mark.parametrize("name", ["one alert", "hostile and plain", "meta"])
def test_messages_look_as_they_did(name: str) -> None:
    for file, content in rendered(name).items():
        if os.environ.get("GOLDEN") == "write":
            (GOLDEN / file).write_text(content, "utf-8")
        assert content == (GOLDEN / file).read_text("utf-8"), file


@pytest.mark.parametrize("severity", list(Severity))
def test_a_mail_shows_each_severity_in_its_own_colour(severity: Severity) -> None:
    mail = compose(a_message(an_alert(severity=severity)), "Watch <alerts@desk.example>", ("me@example.org",))
    html = mail.get_body(("html",))
    assert html is not None
    assert f'<span class="sev-{severity.word}" style="background:#' in html.get_content()
    assert f".sev-{severity.word} {{" in html.get_content(), "the dark look has it too"
