"""A channel is tried by hand over real sockets: what the receiver gets, and what the person reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from standardwebhooks import Webhook

from tests.fakes.http_server import HttpServer
from watcher.cli import check, notify

SECRET = "whsec_b25lLXNlY3JldC1vZi10aGUtaG9vaw=="
RULES = "rules: [{name: Shells, all: [Pyongyang, shell*], severity: high, send_to: [desk]}]\n"


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as running:
        yield running


@pytest.fixture
def config(tmp_path: Path, server: HttpServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("WATCHER_CONFIG", "WATCHER_SMTP_URL", "WATCHER_SMTP_FROM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WATCHER_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("DESK_URL", server.url("/services/T0SECRET1"))
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    (folder / "channels.yaml").write_text(
        "network: {allow_private: [127.0.0.0/8]}\n"
        "channels:\n"
        "  desk: {type: slack, webhook_url: '${DESK_URL}'}\n"
        f"  hook: {{type: webhook, url: '{server.url('/hook')}', secrets: ['${{HOOK_SECRET}}']}}\n"
        "  later: {type: webhook, url: 'https://a.example/', secrets: ['${NOT_SET_HERE}']}\n"
        "  me: {type: email, to: [me@example.org]}\n",
        encoding="utf-8",
    )
    return folder


def ask(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(notify.command, [arguments[0], "--config", str(config), *arguments[1:]])


def test_a_channel_that_works_takes_a_message_that_says_it_is_a_test(config: Path, server: HttpServer) -> None:
    server.answers("/services/T0SECRET1", 200, body=b"ok")
    result = ask(config, "test", "desk")
    assert (result.exit_code, result.stdout) == (0, "desk (slack): taken\n  answer  200 ok\n")
    body = json.loads(server.requests[0].body)
    assert body["text"].startswith("TEST [Low] This is a test")
    assert body["blocks"], "it has the form of an alert, so that a form that is refused shows now"


@pytest.mark.parametrize(
    ("status", "answer", "said"),
    [
        (404, b"no_service", "this webhook was removed over there"),
        (403, b"action_prohibited", "an administrator over there forbids"),
        (410, b"channel_is_archived", "that channel was archived"),
        (400, b"invalid_blocks", "it refuses this message, not the channel"),
        (429, b"", "it takes no more messages for a while"),
        (503, b"down", "this passes by itself"),
        (200, b"", "the message may have arrived"),
    ],
)
def test_a_refusal_shows_the_answer_and_what_to_do(
    status: int, answer: bytes, said: str, config: Path, server: HttpServer
) -> None:
    server.answers("/services/T0SECRET1", status, body=answer)
    result = ask(config, "test", "desk")
    assert result.exit_code == 1
    assert f"answer  {status} {answer.decode()}".strip() in result.stdout
    assert f"to do   {said}" in result.stdout
    assert "T0SECRET1" not in result.output
    found = json.loads(ask(config, "test", "desk", "--json").stdout)
    assert (found["channel"], found["type"], found["status"]) == ("desk", "slack", status)
    assert found["to_do"].startswith(said)


def test_a_test_of_a_webhook_is_signed_as_an_alert_is(config: Path, server: HttpServer) -> None:
    server.answers("/hook", 204)
    assert ask(config, "test", "hook").exit_code == 0
    (request,) = server.requests
    assert Webhook(SECRET).verify(request.body, dict(request.headers))["type"] == "watcher.test"


def test_two_tests_are_two_messages_to_the_receiver(config: Path, server: HttpServer) -> None:
    server.answers("/hook", 204)
    assert [ask(config, "test", "hook").exit_code for _ in range(2)] == [0, 0]
    assert len({request.headers["webhook-id"] for request in server.requests}) == 2


@pytest.mark.parametrize(("name", "why"), [("later", "NOT_SET_HERE is not set"), ("me", "WATCHER_SMTP_URL")])
def test_a_channel_that_waits_for_its_secret_says_for_which(name: str, why: str, config: Path) -> None:
    result = ask(config, "test", name)
    assert result.exit_code == 1
    assert "not tried; it waits for its secret" in result.stdout
    assert why in result.stdout


def test_a_misspelt_channel_is_named_with_its_nearest(config: Path) -> None:
    result = ask(config, "test", "dsek")
    assert result.exit_code == 1
    assert "no channel is called dsek" in str(result.exception)
    assert "desk" in str(result.exception)


def test_a_preview_is_the_payload_and_nothing_is_sent(config: Path, server: HttpServer) -> None:
    result = ask(config, "preview", "shells", "--channel", "desk", "--text", "Pyongyang ships shells to Russia")
    assert result.exit_code == 0
    body = json.loads(result.stdout)
    assert body["text"] == "[High] Pyongyang ships shells to Russia"
    assert "Pyongyang" in json.dumps(body["blocks"])
    assert server.requests == []


def test_a_preview_of_a_text_that_does_not_match_says_how_to_see_why(config: Path) -> None:
    result = ask(config, "preview", "Shells", "--channel", "desk", "--text", "Weather in Paris")
    assert result.exit_code == 1
    assert "shells does not match that text" in str(result.exception)
    assert "watcher explain" in str(result.exception)


def test_a_preview_without_any_stored_alert_asks_for_a_headline(config: Path) -> None:
    result = ask(config, "preview", "shells", "--channel", "desk")
    assert "no alert of shells is stored; give a headline" in str(result.exception)


def test_a_preview_says_of_a_database_that_cannot_be_read_what_is_wrong_with_it(config: Path) -> None:
    data = config.parent / "data"
    data.mkdir()
    (data / "watcher.db").write_bytes(b"not a database " * 1000)
    error = str(ask(config, "preview", "shells", "--channel", "desk").exception)
    assert "no alert of shells is stored" not in error
    assert "watcher.db" in error


@pytest.mark.parametrize(
    ("channel", "secret"),
    [
        ("{type: ntfy, url: '${PUSH}'}", "topic-7"),
        ("{type: ntfy, url: '${PUSH}', token: 'tk_secret1'}", "topic-7"),
        ("{type: telegram, token: '1:abc', chat: '-1001234'}", "-1001234"),
    ],
)
def test_a_preview_shows_no_secret(channel: str, secret: str, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUSH", f"https://push.example/{secret}")
    file = config / "channels.yaml"
    file.write_text(file.read_text(encoding="utf-8") + f"  push: {channel}\n", encoding="utf-8")
    result = ask(config, "preview", "shells", "--channel", "push", "--text", "Pyongyang ships shells: topics today")
    assert result.exit_code == 0, result.exception
    assert secret not in result.output
    assert "***" in json.loads(result.stdout).values()
    assert "Pyongyang ships shells: topics today" in result.stdout.replace("\\u2060", "")


def test_check_online_tries_every_channel_and_fails_where_one_did_not_take_it(config: Path, server: HttpServer) -> None:
    server.answers("/services/T0SECRET1", 200, body=b"ok")
    server.answers("/hook", 410)
    result = CliRunner().invoke(check.command, ["--config", str(config), "--online"])
    assert result.exit_code == 1
    assert "desk (slack): taken" in result.stdout
    assert "hook (webhook): channel refused" in result.stdout
    assert "later: not tried" in result.stdout
    assert "console (console): taken" in result.stdout
    server.answers("/hook", 204)
    assert CliRunner().invoke(check.command, ["--config", str(config), "--online"]).exit_code == 0


def test_check_without_online_sends_nothing(config: Path, server: HttpServer) -> None:
    assert CliRunner().invoke(check.command, ["--config", str(config)]).exit_code == 0
    assert server.requests == []
