"""`watcher poll`: fetch now, once."""

from __future__ import annotations

from pathlib import Path

import click

from watcher.asking.completing import names_of
from watcher.asking.options import process_options, read_settings


@click.command("poll")
@process_options
@click.argument("feeds", nargs=-1, shell_complete=names_of("feeds"))
@click.option("--dry-run", is_flag=True, help="Use a copy of the store and show on this terminal what would be sent")
def command(
    config: Path | None, database: str | None, data: Path | None, feeds: tuple[str, ...], dry_run: bool
) -> None:
    """Fetch FEEDS (by name; all when none is named) now, once, and show what came.

    A running daemon is asked to do it; when none runs, this polls, sends and ends.
    Exit 1 = a message did not arrive, or a feed that was named could not be read.

    \b
    Example: watcher poll
             watcher poll world.example.org/rss --dry-run
    """
    import asyncio

    from watcher.asking.one_round import poll_now

    settings = read_settings(config=config, database=database, data=data)
    asyncio.run(poll_now(settings, feeds, dry_run=dry_run))
