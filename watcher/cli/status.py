"""`watcher status`: how everything is, on one screen."""

from __future__ import annotations

import json
from pathlib import Path

import click

from watcher.asking.options import process_options, read_settings


@click.command("status")
@process_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object")
def command(config: Path | None, database: str | None, data: Path | None, as_json: bool) -> None:
    """Say on one screen whether the daemon is well, what was alerted last, what waits and why, what is muted, when
    the next digest comes, and which feeds need a look.

    It reads only, so it works beside the daemon and without one. `watcher health` is for probes: its exit code says
    whether the daemon is ready.

    \b
    Example: watcher status
             watcher status --json | jq .feeds_to_look_at
    """
    from watcher.asking import overview
    from watcher.daemon.clock import SystemClock

    settings = read_settings(config=config, database=database, data=data)
    now = SystemClock().now()
    seen = overview.overview(settings, now)
    if as_json:
        click.echo(json.dumps(overview.as_json(seen, now), ensure_ascii=False))
        return
    for line in overview.screen(seen, now):
        click.echo(line)
