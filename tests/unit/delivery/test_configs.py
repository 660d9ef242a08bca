"""What a channel's configuration takes, and what the refusal says."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.fakes.clock import FakeClock
from tests.fakes.messages import a_message
from watcher.core.model.ids import ChannelName
from watcher.core.model.message import AttemptClass
from watcher.core.model.secret import Secret
from watcher.delivery.config import ChannelConfig
from watcher.delivery.kinds import channel_types, waiting_for
from watcher.delivery.registry import Surroundings, build
from watcher.delivery.smtp import Encryption, MailServer, parse_smtp_url
from watcher.delivery.webhook import signing_key
from watcher.errors import DeliveryError
from watcher.network.client import GuardedClient
from watcher.network.guard import AddressGuard

URL = "https://hook.example/in"
GOOD: list[dict[str, Any]] = [
    {"type": "console"},
    {"type": "file"},
    {"type": "slack", "webhook_url": URL},
    {"type": "slack", "token": "xoxb-1", "channel": "C0ASIA"},
    {"type": "webhook", "url": URL, "unsigned": "true"},
    {"type": "discord", "webhook_url": URL},
    {"type": "mattermost", "webhook_url": URL},
    {"type": "teams", "webhook_url": URL},
    {"type": "telegram", "token": "1:a", "chat": "@desk_news"},
    {"type": "ntfy", "url": URL},
    {"type": "webhook", "url": URL, "secrets": ["whsec_c2VjcmV0", "plain"]},
    {"type": "email", "to": ["me@example.org"], "from": "Watch <w@example.org>"},
    {"type": "slack", "token": "xoxb-1", "channel": "C0ASIA", "reactions": {"claim": ":eyes:", "mute": []}},
]
BAD: list[tuple[dict[str, Any], str]] = [
    ({"type": "slack", "token": "x"}, "token and channel"),
    ({"type": "slack", "channel": "C0ASIA"}, "token and channel"),
    ({"type": "slack"}, "token and channel"),
    ({"type": "slack", "webhook_url": "https://a.example/", "reactions": {}}, "and reactions"),
    ({"type": "slack", "token": "x", "channel": "C0ASIA", "reactions": {"mute": "+1"}}, r"`\+1` asks for two things"),
    ({"type": "slack", "token": "x", "channel": "C0ASIA", "reactions": {"claim": ["Eyes!"]}}, "an emoji is written by"),
    ({"type": "slack", "token": "x", "channel": "C0ASIA", "reactions": {"claim": -1}}, "reactions"),
    ({"type": "slack", "token": "x", "channel": "C0ASIA", "reactions": {"laugh": "joy"}}, "laugh"),
    ({"type": "slack", "token": "x", "channel": "C0ASIA", "webhook_url": "https://a.example/"}, "not both"),
    ({"type": "slack", "token": "x", "channel": "asia desk"}, "id of a conversation"),
    ({"type": "slack", "token": "x", "channel": "C0ASIA", "api_url": "slack.com"}, "api_url"),
    ({"type": "discord", "webhook_url": "discord.example/x"}, "http"),
    ({"type": "telegram", "token": "x", "chat": "me"}, "number of a chat"),
    ({"type": "telegram", "token": "x", "chat": "1", "api_url": "me"}, "api_url"),
    ({"type": "ntfy", "url": "https://ntfy.example/"}, "topic"),
    ({"type": "slack", "webhook_url": "hooks.slack.example/x"}, "http:// or https://"),
    ({"type": "slack", "webhook_url": "file:///etc/passwd"}, "http:// or https://"),
    ({"type": "webhook", "url": URL}, "secrets"),
    ({"type": "webhook", "url": URL, "secrets": []}, "unsigned: true"),
    ({"type": "webhook", "url": URL, "unsigned": False}, "needs secrets"),
    ({"type": "webhook", "url": URL, "secrets": ["a"], "unsigned": True}, "not both"),
    ({"type": "webhook", "url": URL, "secrets": ["whsec_!!!"]}, "not base64"),
    ({"type": "webhook", "url": URL, "secrets": ["a", ""]}, "secret 2 is empty"),
    ({"type": "email", "to": []}, "at least 1"),
    ({"type": "email", "to": ["me"]}, "not a mail address"),
    ({"type": "email", "to": ["a@b.example\r\nBcc: c@d.example"]}, "not a mail address"),
    ({"type": "email", "to": ["a@b.example", "A@b.example"]}, "twice"),
    ({"type": "email", "to": ["a@b.example"], "from": "nobody"}, "from must look like"),
    ({"type": "console", "allow_private": ["10.0.0.0/99"]}, "not a block of addresses"),
    ({"type": "console", "chanel": "x"}, "Extra inputs"),
]


def read(values: dict[str, Any]) -> ChannelConfig:
    return channel_types()[values["type"]].model_validate(values)


@pytest.mark.parametrize("values", GOOD, ids=lambda values: values["type"])
def test_a_good_configuration_builds_its_channel(values: dict[str, Any]) -> None:
    guard = AddressGuard()
    around = Surroundings(
        out_dir=Path("out"),
        stdout=io.StringIO(),
        client=GuardedClient(guard),
        guard=guard,
        clock=FakeClock(),
        smtp_url=Secret("smtp://mail.example"),
    )
    channel = build(ChannelName("x"), read(values), around)
    assert (channel.name, channel.kind) == ("x", values["type"])
    assert 0 < channel.deadline.total_seconds() < 80  # a lease is 90 s


@pytest.mark.parametrize(("values", "says"), BAD, ids=lambda value: str(value)[:60])
def test_a_mistake_is_refused_with_a_sentence(values: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        read(values)


def test_mail_waits_for_its_server_and_sender() -> None:
    mail = read({"type": "email", "to": ["me@example.org"]})
    smtp = Secret("smtp://mail.example")
    assert waiting_for(mail, smtp_url=None, smtp_from="") == "WATCHER_SMTP_URL"
    assert "WATCHER_SMTP_FROM" in waiting_for(mail, smtp_url=smtp, smtp_from="")
    assert waiting_for(mail, smtp_url=smtp, smtp_from="w@example.org") == ""
    assert waiting_for(read(GOOD[4]), smtp_url=smtp, smtp_from="") == ""
    assert "a better WATCHER_SMTP_URL" in waiting_for(mail, smtp_url=Secret("mail.example"), smtp_from="w@example.org")
    assert "WATCHER_SMTP_FROM like" in waiting_for(mail, smtp_url=smtp, smtp_from="nobody")
    assert waiting_for(read(GOOD[2]), smtp_url=None, smtp_from="") == ""


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", MailServer("mail.example", 587, Encryption.STARTTLS)),
        ("smtps://mail.example", MailServer("mail.example", 465, Encryption.TLS)),
        ("smtp://mail.example:25?starttls=never", MailServer("mail.example", 25, Encryption.NONE)),
        ("smtp://[::1]:25?starttls=required", MailServer("::1", 25, Encryption.STARTTLS)),
        ("smtps://me%40x:p%2Fw@m.example", MailServer("m.example", 465, Encryption.TLS, "me@x", Secret("p/w"))),
    ],
)
def test_a_mail_server_is_read_from_its_address(url: str, server: MailServer) -> None:
    assert parse_smtp_url(Secret(url)) == server


@pytest.mark.parametrize(
    "url",
    [
        "http://hunter2@mail.example", "smtp://", "hunter2", "smtp://u:hunter2@mail.example?starttls=maybe",
        "smtp://u:hunter2@mail.example?tls=no", "smtps://u:hunter2@mail.example?starttls=never",
        "smtp://u:hunter2@mail.example:99999", "smtp://u:hunter2@a b",
    ],
)  # fmt: skip
def test_a_bad_mail_address_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(DeliveryError, match="WATCHER_SMTP_URL") as caught:
        parse_smtp_url(Secret(url))
    assert "hunter2" not in str(caught.value)


def test_a_secret_is_base64_only_after_its_prefix() -> None:
    assert signing_key(Secret("whsec_c2VjcmV0")) == b"secret"
    assert signing_key(Secret("c2VjcmV0")) == b"c2VjcmV0"


@pytest.mark.parametrize("values", GOOD, ids=lambda values: values["type"])
async def test_where_nothing_is_sent_each_channel_writes_what_it_would_have_sent(
    values: dict[str, Any], tmp_path: Path
) -> None:
    guard = AddressGuard()
    around = Surroundings(
        out_dir=tmp_path,
        stdout=io.StringIO(),
        client=GuardedClient(guard),
        guard=guard,
        clock=FakeClock(),
        smtp_url=Secret("smtp://mail.example"),
        sends=False,
    )
    channel = build(ChannelName("x"), read(values), around)
    assert channel.kind == (values["type"] if values["type"] == "console" else "file")
    assert (await channel.send(a_message())).result is AttemptClass.OK
    written = tmp_path / "unsent" / "x.jsonl"
    assert written.is_file() == (values["type"] not in {"console", "file"})
    if written.is_file():
        assert json.loads(written.read_text())["data"]["alerts"][0]["rule"] == a_message().alerts[0].rule
