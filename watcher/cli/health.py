"""`watcher health`: ask the running daemon whether it is well."""

from __future__ import annotations

import json
from pathlib import Path

import click

from watcher.asking.options import read_settings


@click.command("health")
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), help="Data directory [WATCHER_DATA, default: data]"
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object")
def command(data: Path | None, as_json: bool) -> None:
    """Ask the running daemon whether it is well; exit 0 = ready, 1 = not.

    A configuration that is refused, a channel that takes no messages, or a doubted clock make it degraded, not
    unwell: it goes on.

    \b
    Example: watcher health
    """
    import asyncio

    from watcher.daemon.control import ask

    settings = read_settings(data=data)
    answer = asyncio.run(ask(Path(settings.data), {"verb": "status"}, timeout_seconds=5))
    if as_json:
        click.echo(json.dumps(answer))
    else:
        words = "ready" if answer["ready"] else "not ready: " + ", ".join(answer["reasons"])
        degraded = "".join(f", {word}" for word in answer["degraded_by"])
        click.echo(f"{words}, revision {answer['revision']}{degraded} (data directory {settings.data.absolute()})")
    if not answer["ready"]:
        raise SystemExit(1)
