"""`watcher stories`: what was told of each story, what was told to nobody, and why."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import click

from watcher.asking.options import done_option, process_options, read_settings, say_done


class Since(click.ParamType[timedelta]):
    """A period such as 24h or 3d."""

    name = "PERIOD"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the period, or say how one is written."""
        from watcher.settings.schema import duration_of

        try:
            return duration_of(value)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no period; write it as 90m, 24h or 3d", param, ctx)


@click.group("stories")
def command() -> None:
    """See what was told of each story, and what was told to nobody and why; takes ids of stories (s…) and articles
    (a…), whole or their beginning.
    """


@command.command("list")
@process_options
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line")
def list_stories(config: Path | None, database: str | None, data: Path | None, limit: int, as_json: bool) -> None:
    """List stories, the newest first: how many articles and outlets tell them, and what was told where.

    \b
    Example: watcher stories list --limit 5
    """
    from watcher.asking import story_lines
    from watcher.asking.store import with_store

    settings = read_settings(config=config, database=database, data=data)
    found = with_store(settings, lambda store: store.newest_stories(limit))
    for one in found:
        click.echo(json.dumps(story_lines.story_mapping(one), ensure_ascii=False) if as_json else story_lines.line(one))
    if not found and not as_json:
        click.echo("no rule matched an article yet, so there is no story", err=True)


@command.command("show")
@process_options
@click.argument("id_", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object")
def show_story(config: Path | None, database: str | None, data: Path | None, id_: str, as_json: bool) -> None:
    """Show one story: each article with why it joined, and each alert with what became of it. ID may be that of an
    article of it.

    \b
    Example: watcher stories show svdfeyoev3254
    """
    from watcher.asking import story_lines
    from watcher.asking.store import with_store

    settings = read_settings(config=config, database=database, data=data)
    record = with_store(settings, lambda store: store.story(id_))
    if record is None:
        raise click.ClickException(f"no story, and no article of a story, has the id {id_}; see: watcher stories list")
    shown = story_lines.story_mapping(record, with_articles=True)
    click.echo(json.dumps(shown, ensure_ascii=False) if as_json else "\n".join(story_lines.lines(record)))


@command.command("suppressed")
@process_options
@click.option("--since", type=Since(), default="24h", show_default=True, help="How far back")
@click.option("--limit", type=click.IntRange(1, 10_000), default=200, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line")
def suppressed(
    config: Path | None, database: str | None, data: Path | None, since: timedelta, limit: int, as_json: bool
) -> None:
    """List articles that rules matched and that made no alert, with the reason, newest first; and those that were
    told though they came close to another one.

    \b
    Example: watcher stories suppressed --since 3d
    """
    from watcher.asking import story_lines
    from watcher.asking.store import with_store
    from watcher.daemon.clock import SystemClock

    settings = read_settings(config=config, database=database, data=data)
    now = SystemClock().now()
    found = with_store(settings, lambda store: store.suppressed(now - since, limit))
    for one in found:
        click.echo(
            json.dumps(story_lines.decided_mapping(one), ensure_ascii=False)
            if as_json
            else story_lines.decided_line(one)
        )
    if len(found) == limit:
        click.echo(f"these are the newest {limit}; --limit shows more", err=True)
    if not found and not as_json:
        click.echo("nothing was folded or passed over since then", err=True)


@command.command("release")
@process_options
@done_option
@click.argument("id_", metavar="ARTICLE")
def release(config: Path | None, database: str | None, data: Path | None, id_: str) -> None:
    """Tell an article (a…) that was folded or passed over by an alert of its own; once, however often it is asked
    for.

    \b
    Example: watcher stories release ac2bckd6znyeb
    """
    from watcher.asking.store import release_article

    say_done([release_article(read_settings(config=config, database=database, data=data), id_)])
