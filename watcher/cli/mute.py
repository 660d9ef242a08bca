"""`watcher mute`: keep a rule, feed, story or word quiet for a while, and see what is muted."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import click

from watcher.asking.options import done_option, process_options, read_settings, say_done

_KINDS = ("rule", "feed", "story")


@click.command("mute")
@click.argument("what", required=False)
@click.argument("span", required=False)
@click.argument("rest", nargs=-1, metavar="")
@process_options
@done_option
@click.option("--word", is_flag=True, help="WHAT is a word or phrase of articles")
@click.option("--because", default="", help="Why, for others")
@click.option("--end", "ended", metavar="NAME", help="End a silence")
def command(
    what: str | None,
    span: str | None,
    rest: tuple[str, ...],
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

    if rest:
        raise click.UsageError(_too_many(what or "", span or "", rest))
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


def _too_many(what: str, span: str, rest: tuple[str, ...]) -> str:
    """Return how to write what was written in too many words."""
    words = [what, span, *rest]
    option = ""
    if what in (*_KINDS, "word"):
        option, words = ("--word " if what == "word" else ""), words[1:]
    *name, last = words
    return f"WHAT is one name, SPAN one length of time; write: watcher mute {option}{quote(' '.join(name))} {last}"
