"""`watcher run`: the daemon."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from watcher.asking.options import process_options, read_settings

if TYPE_CHECKING:
    from watcher.settings.env import Settings


@click.command("run")
@process_options
@click.option("--bind", metavar="HOST:PORT", help="Where the page listens [WATCHER_BIND, default: 127.0.0.1:8080]")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that read documents [WATCHER_WORKERS]")
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]), help="[WATCHER_LOG_LEVEL]")
@click.option("--log-format", type=click.Choice(["auto", "console", "json"]), help="[WATCHER_LOG_FORMAT]")
@click.option(
    "--strict", is_flag=True, help="Refuse to start on the last good configuration when the files have mistakes"
)
@click.option(
    "--send",
    type=click.Choice(["all", "none"]),
    help="none: do everything but send; what would have gone lies in out/unsent of the data directory [WATCHER_SEND]",
)
def command(
    config: Path | None,
    database: str | None,
    data: Path | None,
    bind: str | None,
    workers: int | None,
    log_level: str | None,
    log_format: str | None,
    strict: bool,
    send: str | None,
) -> None:
    """Poll, match, alert and serve the page until stopped.

    \b
    Example: watcher run --config config --bind 127.0.0.1:8080
    Stop it with Ctrl-C or SIGTERM; SIGHUP reads the configuration again.
    """
    import asyncio
    import sys

    from watcher.telemetry.lines import log_lines
    from watcher.telemetry.logging import Masker, set_up_logging

    settings = read_settings(
        config=config,
        database=database,
        data=data,
        bind=bind,
        workers=workers,
        log_level=log_level,
        log_format=log_format,
        send=send,
    )
    masker = Masker(settings.secrets())
    with log_lines(sys.stderr) as stream:
        set_up_logging(level=settings.log_level, form=settings.log_format, masker=masker, stream=stream)
        _say_start(settings)
        from watcher.reading.starting import begin_fork_server

        begin_fork_server()
        # Imported behind the first line: they take longer than all before, and who waits knows that it began.
        from watcher.asking.beginning import refuse_nothing_to_run
        from watcher.daemon.app import serve
        from watcher.daemon.clock import SystemClock
        from watcher.daemon.stop import end_for_good
        from watcher.daemon.world import open_world

        refuse_nothing_to_run(settings)
        # Beside a log of JSON lines an alert of several lines is noise: `docker compose logs` mixes the two.
        as_lines = settings.log_format != "console" and not sys.stdout.isatty()
        opening = open_world(settings, SystemClock(), masker, sys.stdout, as_lines=as_lines)
        asyncio.run(serve(settings, opening, strict=strict, told_to_stop=end_for_good))


def _say_start(settings: Settings) -> None:
    """Log what begins, and with what, at once."""
    import structlog

    structlog.get_logger().info("watcher starts", config=str(settings.config), data=str(settings.data))
