"""`watcher privacy`: where bytes go, and who chose that."""

from __future__ import annotations

import json
from pathlib import Path

import click

from watcher.asking.options import process_options, read_settings


@click.command("privacy")
@process_options
@click.option("--json", "as_json", is_flag=True, help="JSON: one object a destination")
def command(config: Path | None, database: str | None, data: Path | None, *, as_json: bool) -> None:
    """List every destination of bytes: feeds, pages, hubs, channels, heartbeat, proxies, database server.

    Each is told with the line or variable that chose it, the kind of data that goes there and the last time known. It
    asks nobody and shows no secret: of an address only its host. Exit 1 = the files have mistakes.

    \b
    Example: watcher privacy
             watcher privacy --json | jq -r .where
    """
    from watcher.asking.destinations import destination_mapping, destinations, render_destinations

    found = destinations(read_settings(config=config, database=database, data=data))
    if as_json:
        for one in found:
            click.echo(json.dumps(destination_mapping(one), ensure_ascii=False))
    else:
        click.echo(render_destinations(found))
