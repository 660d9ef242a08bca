"""The command itself: how errors made for people are printed."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from watcher import __main__
from watcher.cli.main import VERBS, Verbs, cli
from watcher.errors import ConfigError


def test_an_error_is_printed_with_its_lines_and_without_raw_signs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(**_: object) -> None:
        raise ConfigError("no feed: https://a.example/\u202e\u009b2J\x1b[31m\rdone\nnothing was written")

    monkeypatch.setattr(cli, "main", fails)
    with pytest.raises(SystemExit):
        __main__.main()
    said = capsys.readouterr().err
    assert said == "watcher: no feed: https://a.example/\\u202e\\u009b2J\\u001b[31m\\u000ddone\nnothing was written\n"


def test_ctrl_c_within_a_verb_is_one_line_and_the_exit_code_of_a_shell() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    class Held(Verbs):
        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
            return click.Command(cmd_name, callback=interrupted)

    result = CliRunner().invoke(Held(), ["check"])
    assert (result.exit_code, result.output) == (130, "watcher: stopped\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["deliveries", "redrive", "m1"], "There is no 'redrive' here; use: watcher deliveries retry MESSAGE"),
        (["notify", "desk"], "No such command 'desk'. To try a channel: watcher notify test desk"),
        (["rules", "lst"], "No such command 'lst'. Did you mean 'watcher rules list'?"),
        (["db", "frobnicate"], "No such command 'frobnicate'. There is: check, "),
        (["logs"], "There is no 'logs'; use: watcher tail"),
        (["stop"], "There is no 'stop': Ctrl-C ends"),
        (["reload"], "files that you save are taken within seconds"),
    ],
)
def test_a_word_that_is_no_verb_is_answered_with_the_one_that_does_it(words: list[str], said: str) -> None:
    result = CliRunner().invoke(cli, words)
    assert result.exit_code == 2
    assert said in result.output
    assert result.output.count("Did you mean") <= 1


@pytest.mark.parametrize("words", [[verb] for verb in VERBS] + [["deliveries", "retry"], ["db", "backup"]])
def test_the_help_of_each_verb_names_a_page_that_is_there(words: list[str]) -> None:
    result = CliRunner().invoke(cli, [*words, "--help"])
    page = result.stdout.rstrip().rpartition("More: ")[2]
    assert page.startswith("docs/")
    assert (Path(__file__).parents[3] / page).is_file()
