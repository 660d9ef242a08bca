"""`watcher missed`: a text that a rule should have found becomes an example beside it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from watcher.asking.options import process_options, read_settings


@click.command("missed")
@click.argument("text", nargs=-1, required=True)
@process_options
@click.option("--rule", help="The rule that should have found it [default: the one that lacks but one group]")
@click.option("--lang", default="", help="Language of the text, when rules look at it")
@click.option("--json", "as_json", is_flag=True, help="JSON: one object with what was done")
def command(
    text: tuple[str, ...],
    config: Path | None,
    database: str | None,
    data: Path | None,
    rule: str | None,
    lang: str,
    as_json: bool,
) -> None:
    """Say that a rule missed TEXT: a headline, the link or id of a stored article, or `-` for standard input.

    It is written into the rule's file as an example (`tests`), comments stay, and how to undo it is said. The rule goes
    on as it is; `watcher test` and `check` name it until it finds the text. Exit 1 = it finds it already, it is not
    clear which rule is meant, or the files have mistakes; nothing was written then.

    \b
    Example: watcher missed "Pyongyang and Moscow advance in arms talks" --rule dprk-russia-military
             watcher missed https://world.example.org/2026/11/arms-talks
    """
    from watcher.asking.missed import missed

    given = sys.stdin.read() if text == ("-",) else " ".join(text)
    if not given.strip():
        raise click.UsageError("there is no text; give a headline, or an article's link or id")
    lines = missed(read_settings(config=config, database=database, data=data), given, rule, lang)
    click.echo(json.dumps({"done": lines}, ensure_ascii=False) if as_json else "\n".join(lines))
