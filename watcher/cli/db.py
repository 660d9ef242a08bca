"""`watcher db`: look after the store."""

from __future__ import annotations

import json
from pathlib import Path

import click

from watcher.asking.options import process_options, read_settings


@click.group("db")
def command() -> None:
    """Look after the store."""


@command.command("check")
@process_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object")
def check(config: Path | None, database: str | None, data: Path | None, as_json: bool) -> None:
    """Look for damage; reads only, so it may run beside the daemon. Exit 1 when something is wrong.

    \b
    Example: watcher db check
    """
    from watcher.asking.store import with_store
    from watcher.errors import StorageError
    from watcher.storage.open import mend_of_damage

    settings = read_settings(config=config, database=database, data=data)
    try:
        problems = list(with_store(settings, lambda store: store.check()))
    except StorageError as error:
        if error.trouble != "damaged":
            raise
        problems = [str(error)]
    if any("damaged" in problem for problem in problems):
        problems.append(f"the mend: {mend_of_damage(settings.place().file)}")
    if as_json:
        click.echo(json.dumps({"ok": not problems, "problems": problems}, ensure_ascii=False))
    else:
        for problem in problems:
            click.echo(problem)
        if not problems:
            click.echo("the store is sound", err=True)
    if problems:
        raise click.exceptions.Exit(1)


@command.command("migrate")
@process_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object")
def migrate(config: Path | None, database: str | None, data: Path | None, as_json: bool) -> None:
    """Bring the schema up to date, after a copy of the file, and fill the search index; `run` does so by itself.

    \b
    Example: watcher db migrate
    """
    from watcher.asking.store import index_all
    from watcher.storage.lock import hold_locks
    from watcher.storage.open import upgrade_store

    settings = read_settings(config=config, database=database, data=data)
    with hold_locks(Path(settings.data), settings.place().file):
        done = upgrade_store(settings.database)
        index_all(settings)
    if as_json:
        copy = str(done.copy) if done.copy else None
        click.echo(json.dumps({"before": done.before, "after": done.after, "copy": copy}))
    elif done.before == done.after:
        click.echo(f"the schema is {done.after}; nothing to do")
    elif done.before is None:
        click.echo(f"made a new store with schema {done.after}")
    else:
        kept = f"; the store of before is {done.copy}" if done.copy else ""
        click.echo(f"schema {done.before} is {done.after} now{kept}")


@command.command("backup")
@process_options
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object")
def backup(config: Path | None, database: str | None, data: Path | None, file: Path, as_json: bool) -> None:
    """Copy the database into a new FILE while the daemon works on it, and look the copy through.

    Exit 1 when the copy is damaged, as the database then is. To go back to a copy: watcher db restore FILE

    \b
    Example: watcher db backup /backups/watcher-$(date +%F).db
    """
    from watcher.asking.store import refuse_missing
    from watcher.storage.backup import back_up

    settings = read_settings(config=config, database=database, data=data)
    refuse_missing(settings)
    made = back_up(settings.database, file)
    if as_json:
        click.echo(json.dumps({"file": str(made.file), "bytes": made.size, "problems": made.problems}))
    else:
        click.echo(f"wrote {made.file} ({made.size / 1_000_000:.1f} MB)")
        for problem in made.problems:
            click.echo(f"damaged: {problem}; see: watcher db check", err=True)
    if made.problems:
        raise click.exceptions.Exit(1)


@command.command("restore")
@process_options
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; needs --yes")
def restore(config: Path | None, database: str | None, data: Path | None, file: Path, yes: bool, as_json: bool) -> None:
    """Put a FILE that `db backup` made in the place of the database, while the daemon is stopped.

    The file is looked through and brought up to date first, and is only read. What it replaces is kept beside the
    database, and this verb takes that file too: so it is undone. What waited in the copy, and what the feeds list of
    the time since, may have been told already: it is held, and the daemon offers it in one message.

    \b
    Example: watcher db restore /backups/watcher-2026-11-27.db
    """
    from watcher.asking.restore import Asked, restore_file

    settings = read_settings(config=config, database=database, data=data)
    if as_json and not yes:
        raise click.UsageError("--json asks nothing: give --yes with it")

    def agree(asked: Asked) -> bool:
        for line in asked.lines:
            click.echo(line, err=as_json)
        try:
            return yes or click.confirm("Put it in place?", err=True)
        except click.Abort:
            raise click.ClickException("nothing was changed; where nobody can be asked, give --yes") from None

    done = restore_file(settings, file, agree)
    if done is None:
        raise click.ClickException("nothing was changed")
    if as_json:
        click.echo(json.dumps(done.payload, ensure_ascii=False))
    else:
        for line in done.lines:
            click.echo(line)


@command.command("copy")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object")
def copy(source: str, target: str, as_json: bool) -> None:
    """Copy all that is stored from one database to a new one: from a file to a PostgreSQL server, or back.

    Stop the daemons first. Stopped half way, it begins anew when it is asked again. The database of before stays as it
    is; set WATCHER_DATABASE to the new one, and give each daemon the `links.key` of the data directory of before.

    \b
    Example: watcher db copy sqlite:///data/watcher.db postgresql://watcher:PASSWORD@db.example.org/watcher
    """
    from watcher.asking.moving import copy_databases

    moved = copy_databases(source, target)
    if as_json:
        click.echo(json.dumps({"rows": dict(moved.rows)}))
    else:
        said = ", ".join(f"{moved.rows[name]:,} {name}" for name in ("feeds", "articles", "alerts", "messages"))
        click.echo(f"copied {sum(moved.rows.values()):,} rows, each table counted on both sides: {said}")


@command.command("stats")
@process_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object")
def stats(config: Path | None, database: str | None, data: Path | None, as_json: bool) -> None:
    """Count what is stored, and what the last 24 hours brought.

    \b
    Example: watcher db stats --json
    """
    from watcher.asking.store import with_store
    from watcher.daemon.clock import SystemClock
    from watcher.telling.payload import rfc3339

    settings = read_settings(config=config, database=database, data=data)
    found = with_store(settings, lambda store: store.stats(SystemClock().now()))
    waiting = found.oldest_waiting_at
    counts = {
        "feeds": dict(found.feeds),
        "messages": dict(found.messages),
        "articles": found.articles,
        "pending_matches": found.pending_matches,
        "oldest_waiting_at": rfc3339(waiting) if waiting else None,
        "database_bytes": found.database_bytes,
        "last_24_hours": {
            "read": found.read,
            "matched": found.matched,
            "stories": found.stories,
            "sent": found.sent,
        },
    }
    if as_json:
        click.echo(json.dumps(counts))
        return
    for name, value in counts.items():
        text = ", ".join(f"{key} {count}" for key, count in value.items()) if isinstance(value, dict) else value
        click.echo(f"{name.replace('_', ' '):<18} {'-' if text in ('', None) else text}")
