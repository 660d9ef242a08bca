"""`watcher tail`: follow what happens."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from datetime import timedelta
from pathlib import Path

import click

from watcher.asking.options import process_options, read_settings

_EVERY_SECONDS = 1.0


@click.command("tail")
@process_options
@click.option(
    "--minutes", type=click.IntRange(0, 10_080), default=0, show_default=True, help="Begin so many minutes ago"
)
@click.option("--matched", is_flag=True, help="Only what rules fired on, and messages")
@click.option("--once", is_flag=True, help="Tell what is there and end")
@click.option("--json", "as_json", is_flag=True, help="JSON: one object a line")
def command(
    config: Path | None,
    database: str | None,
    data: Path | None,
    *,
    minutes: int,
    matched: bool,
    once: bool,
    as_json: bool,
) -> None:
    """Follow articles as they come, what is decided of them, and messages as they are sent, until Ctrl-C.

    Looks into the database each second and only reads. Exit 1 = there is no database yet.

    \b
    Example: watcher tail --matched
             watcher tail --minutes 60 --once --json
    """
    from watcher.asking.store import with_store
    from watcher.asking.tails import Happened, Tail
    from watcher.daemon.clock import SystemClock
    from watcher.ports import Shown

    settings = read_settings(config=config, database=database, data=data)
    clock = SystemClock()

    def show(happened: list[Happened]) -> None:
        for number, one in enumerate(happened):
            following = happened[number + 1].what if number + 1 < len(happened) else ""
            if matched and one.what == "article" and following != "decided":
                continue
            click.echo(json.dumps(one.json(), ensure_ascii=False) if as_json else one.shown())

    async def follow(store: Shown) -> None:
        stop = asyncio.Event()
        for asked in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(asked, stop.set)
        tail = Tail(store, clock.now() - timedelta(minutes=minutes))
        while not stop.is_set():
            show(await tail.look(clock.now()))
            if once:
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_EVERY_SECONDS):
                    await stop.wait()

    with_store(settings, follow)
