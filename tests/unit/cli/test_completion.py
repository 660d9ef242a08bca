"""`watcher completion`: each shell is given something, and what it asks for then is answered."""

from __future__ import annotations

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


def test_another_shell_is_named_as_unknown() -> None:
    result = CliRunner().invoke(completion.command, ["tcsh"])
    assert result.exit_code == 2
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in result.output
