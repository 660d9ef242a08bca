"""What every channel keeps: it answers with a value whatever it is given, and lets nothing hostile or secret out."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.fakes.channel import FakeChannel
from tests.fakes.clock import FakeClock
from tests.fakes.messages import EVERY_MESSAGE, HOSTILE, a_message, an_alert, hostile_alert
from watcher.core.model.ids import ChannelName, RuleId
from watcher.core.model.message import AlertSummary, AttemptClass, AttemptResult, Marked, Message, MessageKind
from watcher.core.model.record import CopyNote
from watcher.core.model.secret import Secret
from watcher.delivery.answers import MAX_ANSWER_BYTES
from watcher.delivery.kinds import channel_types
from watcher.delivery.registry import Surroundings, build
from watcher.errors import BlockedAddress, FetchDetail, FetchError
from watcher.network.policy import HttpAnswer, HttpRequest
from watcher.ports import Channel

SECRETS = ("B0SECRETPATH", "whsec_c2VjcmV0LW9mLXRoZS1ob29r", "c2VjcmV0LW9mLXRoZS1ob29r", "hunter2secret")


@dataclass
class Wire:
    """Stands where the network is: keeps what was sent, answers what it was told to."""

    answer: HttpAnswer | Exception = field(default_factory=lambda: HttpAnswer(200, {}, b"ok", ""))
    requests: list[HttpRequest] = field(default_factory=list)

    async def exchange(self, request: HttpRequest) -> HttpAnswer:
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def dial(self, *_: object) -> NoReturn:
        raise FetchError("cannot connect to mail.example: refused", kind="connect")


SMTP_URL = f"smtp://watch:{SECRETS[3]}@mail.example"
CONFIGS: dict[str, dict[str, Any]] = {
    "console": {},
    "file": {"path": "desk/alerts.jsonl"},
    "email": {"to": ["me@example.org", "desk@example.org"], "from": "Watch <alerts@desk.example>"},
    "slack": {"webhook_url": f"https://hooks.example/services/T000/{SECRETS[0]}"},
    "slack bot": {"type": "slack", "token": SECRETS[0], "channel": "C0ASIA"},
    "webhook": {"url": f"https://hook.example/in/{SECRETS[0]}", "secrets": [SECRETS[1]]},
    "discord": {"webhook_url": f"https://discord.example/api/webhooks/1/{SECRETS[0]}"},
    "mattermost": {"webhook_url": f"https://chat.example/hooks/{SECRETS[0]}"},
    "teams": {"webhook_url": f"https://flow.example/workflows/{SECRETS[0]}"},
    "telegram": {"token": SECRETS[0], "chat": "-1001234"},
    "ntfy": {"url": "https://ntfy.example/some-topic", "token": SECRETS[0]},
}
HTTP_CHANNELS = tuple(kind for kind in CONFIGS if kind not in ("console", "file", "email"))


def make(kind: str, wire: Wire, out: Path) -> Channel:
    if kind == "fake":
        return FakeChannel()
    around = Surroundings(
        out_dir=out, stdout=io.StringIO(), client=wire, guard=wire, clock=FakeClock(), smtp_url=Secret(SMTP_URL)
    )
    values = {"type": kind, **CONFIGS[kind]}
    config = channel_types()[values["type"]].model_validate(values)
    return build(ChannelName("desk"), config, around)


@pytest.fixture(params=[*CONFIGS, "fake"])
def channel(request: pytest.FixtureRequest, tmp_path: Path) -> Channel:
    return make(request.param, Wire(), tmp_path / "out")


every_message = pytest.mark.parametrize("message", EVERY_MESSAGE.values(), ids=EVERY_MESSAGE.keys())


def test_every_registered_channel_is_under_this_contract() -> None:
    assert {values.get("type", kind) for kind, values in CONFIGS.items()} == set(channel_types())


def test_copies_of_what_was_told_ring_nobody(channel: Channel, capsys: pytest.CaptureFixture[str]) -> None:
    channel.note_copies(CopyNote(ChannelName("desk"), RuleId("r"), "A headline", 2))
    assert getattr(channel, "sent", []) == []
    assert capsys.readouterr() == ("", "")  # a console has an output of its own here


@every_message
async def test_every_message_is_sent_or_answered_with_a_value(channel: Channel, message: Message) -> None:
    result = await channel.send(message)
    assert isinstance(result, AttemptResult)
    assert len(result.answer.encode()) <= MAX_ANSWER_BYTES


@every_message
def test_the_payload_is_json_and_safe_to_show(channel: Channel, message: Message) -> None:
    text = json.dumps(channel.render(message), ensure_ascii=False)
    text.encode("utf-8")  # no lone surrogate
    for odd in ("\x00", "\x1b", "\x07", "\u202e", "\u2066", "\u200e", "\\u0000", "\\u001b"):
        assert odd not in text
    for secret in SECRETS:
        assert secret not in text


@every_message
def test_no_header_line_begins_inside_remote_text(channel: Channel, message: Message) -> None:
    text = json.dumps(channel.render(message), ensure_ascii=False)
    assert "\\r" not in text
    if message.text == "":  # only a notice has lines of its own, and they stay in its body
        assert "\\nBcc:" not in text


def test_what_is_not_news_says_so(channel: Channel) -> None:
    assert "SAMPLE" in json.dumps(channel.render(EVERY_MESSAGE["sample"]))
    assert "TEST" in json.dumps(channel.render(EVERY_MESSAGE["test"]))
    assert "SAMPLE" not in json.dumps(channel.render(EVERY_MESSAGE["one alert"]))


def test_the_plain_form_is_shorter_and_keeps_headline_and_link(channel: Channel) -> None:
    whole = json.dumps(channel.render(EVERY_MESSAGE["one alert"]), ensure_ascii=False)
    plain = json.dumps(channel.render(EVERY_MESSAGE["plain"]), ensure_ascii=False)
    assert len(plain) < len(whole)
    assert "gunners at Russian range" in plain
    assert "https://wire.example/2026/range-1" in plain


def test_rendering_is_the_same_each_time(channel: Channel) -> None:
    for message in EVERY_MESSAGE.values():
        assert channel.render(message) == channel.render(message)


FAULTS = {
    "blocked": (BlockedAddress("hook.example leads to 10.0.0.1, which is not public"), AttemptClass.PERMANENT),
    "dns": (FetchError("no address for hook.example", kind="dns"), AttemptClass.RETRY),
    "connect": (FetchError("refused", kind="connect"), AttemptClass.RETRY),
    "tls": (FetchError("certificate", kind="tls"), AttemptClass.RETRY),
    "timeout": (FetchError(f"no answer from https://x.example/{SECRETS[0]}", kind="timeout"), AttemptClass.UNKNOWN),
    "slow to connect": (FetchError("slow", kind="timeout", detail=FetchDetail(asked=False)), AttemptClass.RETRY),
    "closed": (FetchError("closed inside the answer", kind="closed"), AttemptClass.UNKNOWN),
    "too big, 502": (FetchError("too big", kind="too_big", detail=FetchDetail(status=502)), AttemptClass.UNKNOWN),
}


@pytest.mark.parametrize("kind", HTTP_CHANNELS)
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_of_the_network_is_a_value_of_the_right_class(kind: str, fault: str, tmp_path: Path) -> None:
    error, expected = FAULTS[fault]
    result = await make(kind, Wire(error), tmp_path).send(a_message(attempt=3))
    assert result.result is expected
    assert not any(secret in result.answer for secret in SECRETS)


@pytest.mark.parametrize("kind", HTTP_CHANNELS)
async def test_an_answer_that_repeats_our_secrets_is_stored_with_stars(kind: str, tmp_path: Path) -> None:
    echo = f"no hook at /in/{SECRETS[0]} with {SECRETS[1]} \x1b[31m\x00 ".encode() + b"x" * 60_000
    result = await make(kind, Wire(HttpAnswer(404, {}, echo, "")), tmp_path).send(a_message(attempt=9))
    assert not any(secret in result.answer for secret in SECRETS)
    assert "***" in result.answer
    assert "\x1b" not in result.answer
    assert len(result.answer.encode()) <= MAX_ANSWER_BYTES


@pytest.mark.parametrize("kind", HTTP_CHANNELS)
@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_refused_not_followed(kind: str, status: int, tmp_path: Path) -> None:
    wire = Wire(HttpAnswer(status, {"location": "https://elsewhere.example/"}, b"", ""))
    result = await make(kind, wire, tmp_path).send(a_message(attempt=9))
    assert result.result is AttemptClass.PERMANENT
    assert [request.limits.max_redirects for request in wire.requests] == [0]


@pytest.mark.parametrize("kind", HTTP_CHANNELS)
async def test_secrets_travel_only_to_the_configured_origin(kind: str, tmp_path: Path) -> None:
    wire = Wire()
    await make(kind, wire, tmp_path).send(a_message())
    assert not any(secret in str(dict(wire.requests[0].headers)) for secret in SECRETS)
    assert SECRETS[0] in wire.requests[0].url + str(dict(wire.requests[0].origin_headers))


RARE = "\U00020000"
LONG: dict[str, Callable[[int], AlertSummary]] = {
    "ordinary": lambda number: an_alert(number + 2, headline=Marked(f"K{number:03}Z shells shipped")),
    "long links": lambda number: an_alert(
        number + 2, headline=Marked(f"K{number:03}Z shells"), url=f"https://x.example/{'a' * 2000}{number}"
    ),
    "letters of four bytes": lambda number: an_alert(
        number + 2, headline=Marked(f"K{number:03}Z {RARE * 400}"), rule_name=RARE * 90
    ),
    "signs that are escaped": lambda number: an_alert(
        number + 2, headline=Marked(f"K{number:03}Z {'&<>' * 400}"), rule_name="&" * 300, source='"\\' * 200
    ),
    "all at once": lambda number: replace(
        hostile_alert(number + 2), headline=Marked(f"K{number:03}Z {HOSTILE} {'&' * 900}")
    ),
}


@pytest.mark.parametrize("is_plain", [False, True], ids=["full", "plain"])
@pytest.mark.parametrize("one", LONG.values(), ids=LONG.keys())
def test_a_list_of_as_many_as_the_channel_says_shows_every_alert(
    channel: Channel, one: Callable[[int], AlertSummary], is_plain: bool
) -> None:
    most = channel.traits.lists_at_most or 60
    message = a_message(*(one(number) for number in range(most)), kind=MessageKind.SUMMARY, plain=is_plain)
    shown = json.dumps(channel.render(message), ensure_ascii=False)
    assert [number for number in range(most) if f"K{number:03}Z" not in shown] == []


def test_the_address_is_another_with_another_secret_and_tells_neither(tmp_path: Path) -> None:
    digests: list[str] = []
    around = Surroundings(tmp_path, io.StringIO(), Wire(), Wire(), FakeClock())
    every: tuple[dict[str, Any], ...] = (
        {"type": "slack", "webhook_url": "https://hooks.example/a"},
        {"type": "slack", "webhook_url": "https://hooks.example/b"},
        {"type": "webhook", "url": "https://hooks.example/a", "secrets": ["one secret"]},
        {"type": "webhook", "url": "https://hooks.example/a", "secrets": ["another secret"]},
        {"type": "file", "path": "a.jsonl"},
        {"type": "file", "path": "b.jsonl"},
        {"type": "console"},
    )
    for values in every:
        config = channel_types()[values["type"]].model_validate(values)
        digests.append(build(ChannelName("desk"), config, around).traits.address)
    for password in ("one", "two"):
        around = replace(around, smtp_url=Secret(f"smtp://watch:{password}@mail.example"))
        config = channel_types()["email"].model_validate({"type": "email", **CONFIGS["email"]})
        digests.append(build(ChannelName("desk"), config, around).traits.address)
    assert len(set(digests)) == len(digests)
    assert all(len(digest) == 32 for digest in digests)
    assert digests[-1] == build(ChannelName("other name"), config, around).traits.address
