"""Slips that are good YAML and would quietly make a rule or a channel useless."""

from __future__ import annotations

import pytest

from watcher.settings.env import Settings, misspelt_settings, setting_names
from watcher.settings.load import load_files


def problems(text: str, **given: object) -> list[str]:
    loaded = load_files({"a.yaml": text}, Settings(**given))  # type: ignore[arg-type]
    return [f"{problem.level}: {problem.message}; {problem.hint}" for problem in loaded.problems]


@pytest.mark.parametrize("term", ["“North Korea”", "„Nordkorea“", "‘Russia’", "“North Korea"])
def test_curly_quotes_around_a_term_are_a_mistake(term: str) -> None:
    [told] = problems(f"rules: [{{name: A, all: [{term}]}}]")
    assert told.startswith("error: ")
    assert "curly quotes are part of the term" in told
    assert term.strip("“”„‘’") in told.rpartition("write ")[2]


@pytest.mark.parametrize("term", ['"“North Korea”"', "O’Brien", "Workers’", "«Вашингтон»"])
def test_curly_quotes_that_are_meant_stay(term: str) -> None:
    assert problems(f"rules: [{{name: A, all: [{term}]}}]") == []


def test_a_list_without_its_brackets_is_told() -> None:
    [told] = problems("rules: [{name: A, any: arms}, {name: B, all: 'North Korea, Russia'}]\n")[:1] or [""]
    assert told == "", "in quotes the comma is meant"
    [told] = problems("rules:\n  - name: B\n    all: North Korea, Russia\n")
    assert told == (
        "warning: `North Korea, Russia` is one term, its comma included; for several terms write [North Korea, Russia]"
    )


HOOK = "channels: {{a: {{type: webhook, url: '{url}', secrets: [whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0]{more}}}}}"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "0", "2130706433", "0x7f000001", "127。0。0。1", "１２７.0.0.1", "localhost", "x.localhost",
        "[::ffff:127.0.0.1]", "[::1]", "169.254.169.254", "168.63.129.16", "100.64.0.1", "198.18.0.1", "[fe80::1]",
    ],
)  # fmt: skip
def test_an_address_that_would_be_refused_at_send_is_refused_at_check(host: str) -> None:
    [told] = problems(HOOK.format(url=f"http://{host}/in", more=""))
    assert told.startswith("error: channel a: ")
    [told] = problems(f"feeds: ['http://{host}/in']")
    assert told.startswith("error: ")


def test_what_is_allowed_passes() -> None:
    for host in ("127.0.0.1", "localhost"):
        assert problems(HOOK.format(url=f"http://{host}/in", more=", allow_private: [127.0.0.0/8]")) == []


MAIL = "channels: {{me: {{type: email, to: [me@desk.example]{more}}}}}"


def test_a_private_mail_server_is_refused_at_check_unless_it_is_allowed() -> None:
    given = {"smtp_url": "smtp://u:hunter2@192.168.1.5:25", "smtp_from": "a@desk.example"}
    [told] = problems(MAIL.format(more=""), **given)
    assert "mail server of WATCHER_SMTP_URL: 192.168.1.5 is not a public address" in told
    assert "hunter2" not in told
    assert problems(MAIL.format(more=", allow_private: [192.168.1.0/24]"), **given) == []


def test_a_variable_that_is_nearly_a_setting_is_told_and_others_are_left_alone() -> None:
    environment = {"WATCHER_DATABSE": "x", "WATCHER_TOKN": "x", "WATCHER_SERVICE_HOST": "10.0.0.1", "WATCHER_PORT": "x"}
    assert misspelt_settings(environment) == [
        ("WATCHER_DATABSE", "WATCHER_DATABASE"),
        ("WATCHER_TOKN", "WATCHER_TOKEN"),
    ]
    assert misspelt_settings(dict.fromkeys(setting_names(), "x")) == []


@pytest.mark.parametrize(
    "text",
    [
        "defaults: {follow_up: 30m}",
        "network: {unguarded: [apprise]}",
    ],
)
def test_a_key_that_has_no_effect_yet_is_told(text: str) -> None:
    [told] = problems(text)
    assert told.startswith("warning: `")
    assert "does nothing yet" in told
