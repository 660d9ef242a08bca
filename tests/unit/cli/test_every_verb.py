"""Every verb has an example in its help and `--json`, or a reason why not; and says its lines as JSON alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from watcher.cli.main import VERBS, cli

PLAIN = {
    "run": "its log and its console are JSON lines with WATCHER_LOG_FORMAT=json, or without a terminal",
    "poll": "it is a run of one round, whose log and console are JSON lines likewise",
    "notify preview": "it prints the payload, which is JSON for most channels",
    "feeds export": "its output is a document: OPML",
    "rules help": "its output is a page to read",
    "schema": "its output is a document: a JSON Schema",
    "completion": "its output is a script of the shell",
}


def leaves() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(cli)
    for verb in VERBS:
        command = cli.get_command(context, verb)
        assert command is not None
        if isinstance(command, click.Group):
            yield from ((f"{verb} {name}", part) for name, part in command.commands.items())
        else:
            yield verb, command


LEAVES = dict(leaves())


@pytest.mark.parametrize("verb", LEAVES)
def test_its_help_has_an_example_that_names_it(verb: str) -> None:
    text = LEAVES[verb].help or ""
    assert "Example" in text, "write `Example: watcher ...` below \\b at the end of its docstring"
    assert f"watcher {verb}" in text.partition("Example")[2]


@pytest.mark.parametrize("verb", LEAVES)
def test_it_takes_json_or_says_why_not(verb: str) -> None:
    options = [option for parameter in LEAVES[verb].params for option in parameter.opts]
    assert ("--json" in options) != (verb in PLAIN), "add --json (asking/options.py: done_option), or a reason to PLAIN"


def test_what_was_done_is_lines_or_one_object(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("feeds: [{url: 'https://a.example/f', name: wire}]\n", encoding="utf-8")
    where = ["--config", str(tmp_path), "--data", str(tmp_path / "data")]
    found = json.loads(CliRunner().invoke(cli, ["feeds", "pause", "wire", "--json", *where]).output)
    assert [line.split()[0] for line in found["done"]] == ["paused", "wrote", "undo"]
    lines = CliRunner().invoke(cli, ["feeds", "resume", "wire", *where]).output.splitlines()
    assert [line.split()[0] for line in lines] == ["resumed", "wrote", "undo"]
