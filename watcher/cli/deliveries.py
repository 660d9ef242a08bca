"""`watcher deliveries`: see and repeat what was sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watcher.asking.options import done_option, process_options, read_settings, say_done

if TYPE_CHECKING:
    from watcher.core.model.record import MessageRecord, MutedRecord

_MOST_REDRIVEN = 10_000
STATES = ("waiting", "held", "sending", "retrying", "unconfirmed", "sent", "dead", "skipped", "dropped")


@click.group("deliveries")
def command() -> None:
    """See and repeat what was sent; takes the id of a message (m…) or of a delivery (d…), whole or its beginning."""


@command.command("list")
@process_options
@click.option("--state", type=click.Choice(STATES), help="Only messages in this state")
@click.option("--channel", help="Only messages for this channel")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line")
def list_messages(
    config: Path | None,
    database: str | None,
    data: Path | None,
    state: str | None,
    channel: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List messages, newest first.

    \b
    Example: watcher deliveries list --state dead
    """
    from watcher.asking.store import with_store
    from watcher.telling.json_forms import record_json

    settings = read_settings(config=config, database=database, data=data)
    records = with_store(settings, lambda store: store.messages(state=state, target=channel, limit=limit))
    for record in records:
        if as_json:
            click.echo(json.dumps(record_json(record), ensure_ascii=False))
        else:
            click.echo(_line(record))
    if not records and not as_json:
        said = "no such message" if state or channel else "nothing was sent yet"
        click.echo(f"{said} (data directory {settings.data.absolute()})", err=True)


@command.command("silenced")
@process_options
@click.argument("silence", required=False)
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@done_option
def silenced(config: Path | None, database: str | None, data: Path | None, silence: str | None, limit: int) -> None:
    """List what silences held, or one of them, newest first.

    \b
    Example: watcher deliveries silenced shells
    """
    from watcher.asking.store import with_store

    settings = read_settings(config=config, database=database, data=data)
    records = with_store(settings, lambda store: store.muted(silence, limit))
    say_done(map(_muted_line, records))
    if not records:
        click.echo("no silence held anything" if silence is None else f"{silence} held nothing", err=True)


@command.command("show")
@process_options
@click.argument("id_")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object")
def show_message(config: Path | None, database: str | None, data: Path | None, id_: str, as_json: bool) -> None:
    """Show one message: why it is where it is, every attempt and the receiver's answers.

    \b
    Example: watcher deliveries show mfxvb4d7dbhli
    """
    from watcher.asking.store import with_store
    from watcher.telling.json_forms import record_json
    from watcher.telling.states import why

    settings = read_settings(config=config, database=database, data=data)
    record = with_store(settings, lambda store: store.message(id_))
    if record is None:
        raise click.ClickException(f"no message or delivery has the id {id_}; see: watcher deliveries list")
    if as_json:
        click.echo(json.dumps(record_json(record), ensure_ascii=False))
        return
    hold = f" ({record.hold.value})" if record.hold else ""
    click.echo(
        f"{record.id}  {record.state.value}{hold}  to {record.target}  made {record.created_at:%Y-%m-%d %H:%M:%S} UTC"
    )
    if record.title:
        click.echo(f"  {_printable(record.title)}")
    click.echo(f"  {why(record)}")
    for delivery, alert in record.deliveries:
        click.echo(f"  {delivery}  alert {alert}")
    for attempt in record.history:
        status = f" {attempt.status}" if attempt.status else ""
        click.echo(f"  {attempt.at:%Y-%m-%d %H:%M:%S}  {attempt.result.value}{status}  {_printable(attempt.answer)}")
    for recipient in record.recipients:
        click.echo(f"  {recipient.recipient}  {recipient.result.value}  {_printable(recipient.answer)}")
    if record.next_try_at:
        click.echo(f"  next try {record.next_try_at:%Y-%m-%d %H:%M:%S} UTC")


@command.command("retry")
@process_options
@done_option
@click.argument("id_", required=False)
@click.option("--dead", is_flag=True, help="Every dead message instead of one")
@click.option("--channel", help="With --dead: only those of this channel")
def retry(
    config: Path | None, database: str | None, data: Path | None, id_: str | None, dead: bool, channel: str | None
) -> None:
    """Send a held, retrying or dead message again, with the same key; the running daemon does it at once.

    \b
    Example: watcher deliveries retry mfxvb4d7dbhli
             watcher deliveries retry --dead --channel desk
    """
    from watcher.asking.store import retry_message, with_store

    if (id_ is None) is not dead or (channel and not dead):
        raise click.UsageError("give the id of one message, or --dead for all that were given up")
    settings = read_settings(config=config, database=database, data=data)
    ids = [id_] if id_ is not None else []
    if dead:
        found = with_store(settings, lambda store: store.messages(state="dead", target=channel, limit=_MOST_REDRIVEN))
        ids = [record.id for record in reversed(found)]
    say_done(retry_message(settings, one) for one in ids)
    if not ids:
        click.echo("no message is dead", err=True)


@command.command("restored")
@process_options
@click.option("--send", is_flag=True, help="Send what is held, as one summary a channel")
@click.option("--drop", is_flag=True, help="Let it go untold")
@click.option("--channel", help="Only what is for this channel")
@done_option
def restored(
    config: Path | None, database: str | None, data: Path | None, send: bool, drop: bool, channel: str | None
) -> None:
    """List what is held since the database was put back from a copy, and decide what becomes of it.

    \b
    Example: watcher deliveries restored
             watcher deliveries restored --send --channel desk
    """
    from watcher.asking.restore import decide_restored, held_since_restore

    if send and drop:
        raise click.UsageError("--send and --drop: one of the two")
    settings = read_settings(config=config, database=database, data=data)
    if send or drop:
        say_done([decide_restored(settings, channel, send=send)])
        return
    records = held_since_restore(settings, channel)
    say_done(map(_line, records))
    if records:
        click.echo("send it, one summary a channel: --send; let it go untold: --drop", err=True)
    else:
        click.echo("nothing is held since a restore", err=True)


def _muted_line(one: MutedRecord) -> str:
    held, title = one.muted, _printable(one.title or "(its text is no longer kept)")
    return f"{one.at:%Y-%m-%d %H:%M} UTC  {held.silence}  {held.severity.word}  {held.target}  {title}"


def _line(record: MessageRecord) -> str:
    hold = f" ({record.hold.value})" if record.hold else ""
    tries = f"{record.attempts} {'try' if record.attempts == 1 else 'tries'}"
    when = f"{record.created_at:%Y-%m-%d %H:%M}"
    said = f"  {_printable(record.answer)[:60]}" if record.answer else ""
    return f"{record.id[:13]}  {record.state.value + hold:<18} {record.target:<12} {when}  {tries:<8} {_printable(record.title)[:60]}{said}"


def _printable(text: str) -> str:
    from watcher.telemetry.logging import printable

    return printable(text)
