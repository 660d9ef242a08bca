"""`watcher search`: stored articles by the rule language."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from watcher.asking.options import process_options, read_settings


@click.command("search")
@process_options
@click.argument("query", nargs=-1, required=True)
@click.option("--days", type=click.IntRange(1, 36_500), help="Only articles of so many days")
@click.option("--feed", "feeds", multiple=True, metavar="NAME", help="Only articles of this feed; may be repeated")
@click.option("--limit", type=click.IntRange(1, 100_000), default=20, show_default=True, help="So many, the newest")
@click.option("--json", "as_json", is_flag=True, help="JSON: one object a line")
def command(
    config: Path | None,
    database: str | None,
    data: Path | None,
    query: tuple[str, ...],
    days: int | None,
    feeds: tuple[str, ...],
    limit: int,
    as_json: bool,
) -> None:
    """Find stored articles by a QUERY of the rule language, newest first.

    A blank means AND; OR, NOT, "phrases", NEAR/5, missile*, title:word and $concepts of the configuration or the
    library count as in rules. Reads only, also beside a running daemon. Exit 0 = read to the end, whatever was found;
    1 = the query is wrong, or nothing is stored yet.

    \b
    Example: watcher search '$north-korea NEAR/20 (ship* OR freighter*)' --days 14
             watcher search 북한 미사일 --json
    """
    from watcher.asking.searches import searched
    from watcher.telling.hit_lines import hit_json, hit_lines

    settings = read_settings(config=config, database=database, data=data)
    found, hints = searched(settings, " ".join(query), days, feeds, limit)
    for hint in hints:
        click.echo(hint, err=True)
    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    for hit in found.hits:
        if as_json:
            click.echo(json.dumps(hit_json(hit.article, hit.match), ensure_ascii=False))
        else:
            click.echo("\n".join(hit_lines(hit.article, hit.match, color=color)))
    if not as_json:
        more = "; there may be more: --limit shows them" if found.more else ""
        click.echo(f"{len(found.hits):,} found{more}", err=True)
