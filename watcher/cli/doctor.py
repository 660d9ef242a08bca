"""`watcher doctor`: one report of the installation, to paste into an issue."""

from __future__ import annotations

import json
from pathlib import Path

import click

from watcher.asking.options import process_options


@click.command("doctor")
@process_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object")
def command(config: Path | None, database: str | None, data: Path | None, as_json: bool) -> None:
    """Describe this installation, without secrets: paste it into an issue.

    It works with a broken configuration, without a database, and beside a running daemon. Exit 0, whatever it finds;
    `watcher check`, `db check` and `health` are the verbs that judge.

    \b
    Example: watcher doctor --config config
    """
    from watcher.asking.diagnosis import diagnose, render_report

    found = diagnose(config=config, database=database, data=data)
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else render_report(found))
