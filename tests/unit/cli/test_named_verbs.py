"""Every verb that a text of the program or its docs tells people to use exists."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from watcher.cli.main import VERBS, cli

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted(
    path
    for pattern in ("watcher/**/*.py", "watcher/**/*.html", "docs/**/*.md", "config/**/*.yaml", "README.md")
    for path in ROOT.glob(pattern)
)
NAMED = re.compile(r"\bwatcher (?P<verb>[a-z]+) (?P<sub>[a-z]+)\b")


def groups() -> dict[str, click.Group]:
    context = click.Context(cli)
    found = {verb: cli.get_command(context, verb) for verb in VERBS}
    return {verb: command for verb, command in found.items() if isinstance(command, click.Group)}


@pytest.mark.parametrize("verb", sorted(groups()))
def test_a_part_of_a_verb_that_is_named_exists(verb: str) -> None:
    known = groups()[verb].commands
    named = {
        (match["sub"], str(path.relative_to(ROOT)))
        for path in FILES
        for match in NAMED.finditer(path.read_text(encoding="utf-8"))
        if match["verb"] == verb
    }
    assert named, "the pattern finds what is named"
    assert sorted(one for one in named if one[0] not in known) == []
