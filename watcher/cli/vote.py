"""`watcher vote`: say whether an alert was useful, and see what was said."""

from __future__ import annotations

from pathlib import Path

import click

from watcher.asking.options import done_option, process_options, read_settings, say_done


@click.command("vote")
@click.argument("alert", required=False)
@click.argument("value", required=False, type=click.Choice(("useful", "not-useful")))
@process_options
@done_option
@click.option("--by", default="", metavar="NAME", help="Who says so; each name has one vote on an alert")
@click.option("--undo", is_flag=True, help="Take the vote back")
def command(
    alert: str | None,
    value: str | None,
    config: Path | None,
    database: str | None,
    data: Path | None,
    by: str,
    undo: bool,
) -> None:
    """Say whether ALERT (l..., or the m... of a message that tells of it alone) was useful or not-useful; without
    both, list what was said.

    A later vote of the same name takes the place of the earlier. The text that it is about is kept for
    `keep.matched`, so that rules can be measured by it.

    \b
    Example: watcher vote lxjyc4zpvj2fq not-useful --by Min
             watcher vote lxjyc4zpvj2fq --undo --by Min
    """
    from watcher.asking import votes
    from watcher.core.model.vote import VoteValue

    settings = read_settings(config=config, database=database, data=data)
    if undo and (alert is None or value is not None):
        raise click.UsageError("say which vote to take back: watcher vote ALERT --undo")
    if alert is not None and value is None and not undo:
        raise click.UsageError("say what it was: watcher vote ALERT useful, or not-useful")
    if alert is None:
        lines = votes.votes_listed(settings)
    elif value is None:
        lines = votes.take_back(settings, alert, by)
    else:
        lines = votes.vote(settings, alert, VoteValue(value), by)
    say_done(lines)
