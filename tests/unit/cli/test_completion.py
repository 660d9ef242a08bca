"""`watcher completion`: each shell is given something, and what it asks for then is answered."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from watcher.cli import completion
from watcher.cli.main import VERBS, cli


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_is_told_how_to_ask(shell: str) -> None:
    result = CliRunner().invoke(completion.command, [shell])
    assert result.exit_code == 0
    assert f"_WATCHER_COMPLETE={shell}_complete" in result.output


def asked(words: str, at: int) -> list[str]:
    env = {"_WATCHER_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(at)}
    result = CliRunner().invoke(cli, [], env=env, prog_name="watcher")
    return [line.removeprefix("plain,") for line in result.output.splitlines()]


def test_verbs_their_parts_and_options_are_completed() -> None:
    assert asked("watcher ", 1) == list(VERBS)
    assert asked("watcher feeds a", 2) == ["add"]
    assert "--json" in asked("watcher check --", 2)


def test_names_of_the_files_are_completed_also_where_they_hold_mistakes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHER_CONFIG", str(tmp_path))
    rules = "rules: [{name: Big Ships, ani: [x]}, {id: shells, name: S}, 3]\nfeeds: [{url: 'https://a.example/f', name: wire}]\n"
    (tmp_path / "a.yaml").write_text(rules, encoding="utf-8")
    (tmp_path / "b.yaml").write_text("channels: {desk: {type: nonsense}, me: }\n", encoding="utf-8")
    (tmp_path / "c.yaml").write_bytes(b"rules: [\xff")
    assert asked("watcher backtest ", 2) == ["big-ships", "shells"]
    assert asked("watcher rules rollback --rule s", 4) == ["shells"]
    assert asked("watcher feeds pause w", 3) == ["wire"]
    assert asked("watcher notify test ", 3) == ["desk", "me"]
    (tmp_path / "c.yaml").write_text(
        "rules: [{id: }]\nfeeds: [{name: '$(touch${IFS}x)'}, {name: 'a;id'}, {name: 'wi*'}, {name: \"w\\nplain,evil\"}]\n",
        encoding="utf-8",
    )
    assert asked("watcher feeds pause ", 3) == ["wire"], "what a shell would take for more than a name is not offered"
    assert "dprk-russia-military" in asked("watcher backtest --config bundled ", 4)
    monkeypatch.setenv("WATCHER_CONFIG", str(tmp_path / "nowhere"))
    assert "".join(asked("watcher backtest ", 2)) == ""


def test_another_shell_is_named_as_unknown() -> None:
    result = CliRunner().invoke(completion.command, ["tcsh"])
    assert result.exit_code == 2
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in result.output
