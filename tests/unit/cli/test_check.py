from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.fakes.clock import FakeClock
from tests.fakes.newsroom import Newsroom
from watcher.asking import stored_warnings
from watcher.cli.check import command
from watcher.cli.schema import command as schema_command
from watcher.daemon.clock import SystemClock
from watcher.storage.open import open_store

GOOD = "rules: [{name: Ships, any: [tanker], send_to: [desk, console]}, {name: Planes, any: [jet]}]\n"
NAMES = [f"{one}{other}" for one in ("Al", "Bo", "Cor", "Dun", "El") for other in "abcdefghi"]
DESK = "channels: {desk: {type: webhook, url: 'https://a.example/', secrets: ['${NOT_SET_HERE}']}}\n"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("WATCHER_CONFIG", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "sea.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "channels.yaml").write_text(DESK, encoding="utf-8")
    return tmp_path


def check(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments])


def test_warnings_alone_exit_0_and_each_rule_says_who_gets_it(config: Path) -> None:
    result = check("--config", config)
    assert result.exit_code == 0
    assert "ships -> desk (waiting for secret: NOT_SET_HERE is not set), console\n" in result.stdout
    assert "planes -> console\n" in result.stdout
    assert result.stdout.endswith("2 rules, 0 feeds: 2 warnings in 2 files.\n")


def test_mistakes_exit_1_with_place_and_caret(config: Path) -> None:
    (config / "rules" / "sea.yaml").write_text("rules:\n  - name: r\n    exlude: [a]\n", encoding="utf-8")
    result = check("--config", config)
    assert result.exit_code == 1
    assert "rules/sea.yaml:3:5  error  unknown key `exlude` in rule r\n" in result.stdout
    assert "     |     ^^^^^^ " in result.stdout
    assert "\x1b" not in result.stdout


def test_the_directory_may_be_given_as_the_path_or_by_the_environment(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert check(config).exit_code == 0
    monkeypatch.setenv("WATCHER_CONFIG", str(config))
    assert check().exit_code == 0


def test_a_file_of_the_configuration_shows_only_its_own_mistakes(config: Path) -> None:
    (config / "bad.yaml").write_text("chanel: {}\n", encoding="utf-8")
    result = check(config / "rules" / "sea.yaml", "--config", config)
    assert result.exit_code == 1
    assert "chanel" not in result.stdout
    assert "2 more problems elsewhere in the configuration" in result.stderr
    assert "chanel" in check(config / "bad.yaml", "--config", config).stdout


def test_json_is_one_object(config: Path) -> None:
    result = check("--config", config, "--json")
    found = json.loads(result.stdout)
    assert found["ok"] is True
    assert {problem["level"] for problem in found["problems"]} == {"warning"}
    assert found["rules"][1] == {"id": "planes", "name": "Planes", "send_to": ["console"], "when": []}
    assert json.loads(check("--config", config, "--format", "json").stdout) == found


def test_json_says_of_odd_silences_what_text_does(config: Path) -> None:
    silence = "silences: [{name: summer, rule: ships, from: 2026-06-01, until: 2026-06-02}]\n"
    (config / "silences.yaml").write_text(silence, encoding="utf-8")
    [note] = json.loads(check("--config", config, "--json").stdout)["notes"]
    assert note == "silence summer: is over, and mutes nothing; take it out"
    assert note in check("--config", config).stdout


def test_github_format_is_one_command_a_problem(config: Path) -> None:
    (config / "bad.yaml").write_text("chanel: {}\n", encoding="utf-8")
    result = check("--config", config, "--format", "github")
    assert result.exit_code == 1
    assert "bad.yaml,line=1,col=1::unknown key `chanel`" in result.stdout
    assert result.stdout.startswith("::error file=")


def test_wrong_usage_exits_2(config: Path) -> None:
    assert check(config / "nope").exit_code == 2
    assert check("--format", "sarif").exit_code == 2


def test_a_missing_configuration_directory_is_a_problem_and_not_wrong_usage(tmp_path: Path) -> None:
    result = check("--config", tmp_path / "nope")
    assert result.exit_code == 1
    assert "does not exist" in result.stdout


def test_schema_prints_json() -> None:
    result = CliRunner().invoke(schema_command, [])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_a_path_that_is_no_configuration_file_is_wrong_usage(config: Path) -> None:
    (config / "README.md").write_text("# notes", encoding="utf-8")
    result = check(config / "README.md", "--config", config)
    assert result.exit_code == 2
    assert "README.md is no configuration file" in result.stderr


def test_a_configuration_that_watches_nothing_says_so(config: Path) -> None:
    result = check("--config", config)
    assert result.stderr == "nothing is watched: there is no feed\n"


def test_words_that_flood_the_stored_articles_are_said(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = f"sqlite:///{config}/watcher.db"
    monkeypatch.setenv("WATCHER_DATABASE", database)

    async def publish() -> None:
        room = Newsroom(open_store(database), FakeClock())
        await room.open("wire")
        await room.publish("wire", *[room.news(f"The jet {number}", rules=()) for number in range(250)])
        await room.store.close()

    assert "says little" not in check("--config", config).stdout
    asyncio.run(publish())
    shown = check("--config", config).stdout
    assert "`jet` stands in about 100% of all articles, so it says little" in shown


def test_a_word_under_none_that_drops_most_stored_hits_is_said(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = f"sqlite:///{config}/watcher.db"
    monkeypatch.setenv("WATCHER_DATABASE", database)
    (config / "rules" / "sea.yaml").write_text("rules: [{name: Ships, any: [tanker], none: [oil]}]\n", encoding="utf-8")

    async def publish() -> None:
        room = Newsroom(open_store(database), FakeClock())
        await room.open("wire")
        titles = [f"Oil tanker {number} sails" for number in range(7)] + ["A tanker burns", "A tanker turns"]
        await room.publish("wire", *[room.news(title, rules=()) for title in titles])
        await room.store.close()

    assert "under `none`" not in check("--config", config).stdout
    asyncio.run(publish())
    shown = check("--config", config).stdout
    assert (
        "rules/sea.yaml:1:45  warning  `oil` under `none` drops 7 of the 9 stored articles that rule `Ships` would match"
        in shown
    )


RARE = """concepts: {fleet: [tanker, tankr, dark fleet]}
rules:
  - {name: Ships, all: [$fleet]}
  - {name: Planes, any: [jetliner]}
  - {name: Quiet, any: [zeppelin], quiet_lint: [unseen]}
"""


def test_stored_articles_tell_of_rules_and_words_that_match_none_of_them(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = f"sqlite:///{config}/watcher.db"
    monkeypatch.setenv("WATCHER_DATABASE", database)
    monkeypatch.setattr(stored_warnings, "_FEWEST", 40)
    (config / "rules" / "sea.yaml").write_text(RARE, encoding="utf-8")

    async def publish() -> None:
        clock = FakeClock(SystemClock().now() - timedelta(days=8))
        room = Newsroom(open_store(database), clock)
        await room.open("wire")
        await room.publish("wire", room.news("Rain", rules=()))
        clock.advance(days=8)
        await room.publish("wire", *[room.news(f"A tanker {NAMES[at]} burns", rules=()) for at in range(45)])
        await room.store.close()

    assert "stored articles" not in check("--config", config).output
    assert not (config / "watcher.db").exists()
    asyncio.run(publish())
    result = check("--config", config)
    assert result.exit_code == 0
    assert "2 of 3 terms stand in none of 46 stored articles: `tankr`, `dark fleet`" in result.stdout
    assert "articles have `tanker` for `tankr`" in result.stdout
    assert "rule `Planes` matches none of 46 stored articles of 8 days" in result.stdout
    assert "`jetliner` stands in none of 46" in result.stdout
    assert "zeppelin" not in result.stdout
    assert "rule `Quiet` matches" not in result.stdout
    assert "\ntried on the newest 46 of 46 stored articles\n" in result.stderr
    found = json.loads(check("--config", config, "--json").stdout)
    assert found["stored"] == {"stored": 46, "tried": 46, "asked": 5, "askable": 5, "whole": True}

    monkeypatch.setattr(stored_warnings, "CPU_SECONDS", 0.0)
    cut = check("--config", config)
    assert "rule `Planes` matches none" not in cut.stdout
    assert "stopped after 0 s: tried on the newest 0 of 46 stored articles" in cut.stderr


def test_stored_articles_that_cannot_be_asked_are_said_and_stop_no_check(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHER_DATABASE", f"sqlite:///{config}/watcher.db")
    (config / "watcher.db").write_bytes(b"no database" * 500)
    result = check("--config", config)
    assert result.exit_code == 0
    assert "nothing is said of stored articles: " in result.stderr
    assert result.stdout.endswith("2 rules, 0 feeds: 2 warnings in 2 files.\n")


def test_a_default_channel_that_is_not_ready_says_so_too(config: Path) -> None:
    (config / "channels.yaml").write_text(
        "channels:\n  desk: {type: webhook, paused: true, url: 'https://a.example/', secrets: [abc]}\n"
        "  me: {type: webhook, paused: true, url: 'https://b.example/', secrets: [abc]}\n"
        "defaults: {send_to: [me]}\n",
        encoding="utf-8",
    )
    (config / "rules" / "sea.yaml").write_text("rules: [{name: Ships, any: [tanker], send_to: [desk]}]\n", "utf-8")
    assert "ships -> desk (paused), me (paused)\n" in check("--config", config).stdout


def test_a_secret_in_a_file_is_a_warning_that_never_shows_it(config: Path) -> None:
    written = "channels: {desk: {type: slack, webhook_url: 'https://hooks.example/services/T0/abcdefgh'}}\n"
    (config / "channels.yaml").write_text(written, encoding="utf-8")
    for form in ("text", "json", "github"):
        result = check("--config", config, "--format", form)
        assert result.exit_code == 0
        assert "a secret is written into this file" in result.stdout
        assert "abcdefgh" not in result.output


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("smtp://u:p@mail.example?starttls=never", "mail goes to mail.example unencrypted, the password too"),
        ("smtp://mail.example?starttls=never", "mail goes to mail.example unencrypted"),
        ("smtp://u:p@mail.example", ""),
        ("smtp://localhost?starttls=never", ""),
    ],
)
def test_mail_in_the_clear_over_a_network_is_warned_of_before_the_first(
    config: Path, url: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHER_SMTP_URL", url)
    monkeypatch.setenv("WATCHER_SMTP_FROM", "w@desk.example")
    more = "network: {allow_private: [127.0.0.0/8]}\n" if "localhost" in url else ""
    (config / "channels.yaml").write_text(
        f"{more}channels: {{desk: {{type: email, to: [a@b.example]}}}}\n", encoding="utf-8"
    )
    result = check("--config", config)
    assert result.exit_code == 0, result.output
    assert (said in result.stdout) if said else ("unencrypted" not in result.stdout)
    assert "u:p" not in result.output
