"""`watcher plan`: what a reload would change."""

from __future__ import annotations

import json
from pathlib import Path

import click

from watcher.asking.options import process_options, read_settings


@click.command("plan")
@process_options
@click.option(
    "--days", type=click.IntRange(1, 3650), default=14, show_default=True, help="Stored articles of so many days"
)
@click.option("--json", "as_json", is_flag=True, help="JSON: one object")
def command(config: Path | None, database: str | None, data: Path | None, days: int, *, as_json: bool) -> None:
    """Show what a reload of the files would change, against the revision in force; nothing is changed.

    Rules, feeds, channels and silences that are new, gone, renamed or others; which rules an example would hold back;
    and what the stored articles of the last days would match more and less. Exit 1 = the files have mistakes, or an
    example holds a rule back.

    \b
    Example: watcher plan
             watcher plan --days 30 --json
    """
    from watcher.asking.plans import plan_as_mapping, planned, render_plan

    plan = planned(read_settings(config=config, database=database, data=data), days)
    click.echo(json.dumps(plan_as_mapping(plan), ensure_ascii=False) if as_json else render_plan(plan))
    if plan.examined.configuration.held:
        raise SystemExit(1)
