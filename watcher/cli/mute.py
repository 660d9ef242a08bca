"""`watcher mute`: keep a rule, feed, story or word quiet for a while, and see what is muted."""

from __future__ import annotations

from pathlib import Path

import click

from watcher.asking.options import done_option, process_options, read_settings, say_done


@click.command("mute")
@click.argument("what", required=False)
@click.argument("span", required=False)
@process_options
@done_option
@click.option("--word", is_flag=True, help="WHAT is a word or phrase of articles")
@click.option("--because", default="", help="Why, for others")
@click.option("--end", "ended", metavar="NAME", help="End a silence")
def command(
    what: str | None,
    span: str | None,
    config: Path | None,
    database: str | None,
    data: Path | None,
    word: bool,
    because: str,
    ended: str | None,
) -> None:
    """Keep WHAT (a rule, feed or story) quiet for SPAN, such as 2h; without both, list what is muted.

    It is written into the configuration, with the way to undo it; a running watcher takes it by itself. At the end
    each channel is told how many stories were held, with the weightiest. A muted story still speaks when it becomes
    critical or is taken back.

    \b
    Example: watcher mute shells 2h --because "yearly parade"
             watcher mute --word parade 1d
             watcher mute --end shells
    """
    from watcher.asking import mutes
    from watcher.daemon.clock import SystemClock

    settings = read_settings(config=config, database=database, data=data)
    now = SystemClock().now()
    if ended is not None:
        lines = mutes.end(settings, ended)
    elif what is None:
        lines = mutes.listed(settings, now)
    elif span is None:
        raise click.UsageError("say for how long: watcher mute WHAT 2h")
    else:
        lines = mutes.mute(settings, what, span, because, now, is_word=word)
    say_done(lines)
