"""`watcher notify`: try a channel before it matters, and see what an alert would look like there."""

from __future__ import annotations

import json
from pathlib import Path

import click

from watcher.asking.completing import names_of
from watcher.asking.options import done_option, process_options, read_settings, say_done


@click.group("notify")
def command() -> None:
    """Try a channel, or see the payload of an alert without sending it."""


@command.command("test")
@process_options
@click.argument("channel", shell_complete=names_of("channels"))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object")
def test_channel(config: Path | None, database: str | None, data: Path | None, channel: str, as_json: bool) -> None:
    """Send a test message to CHANNEL now; show what the receiver answered and what to do about it.

    It goes straight to the receiver, past the outbox, whether the daemon runs or not. Exit 0 = taken, 1 = not.

    \b
    Example: watcher notify test desk
    """
    from watcher.asking.channels import try_channels
    from watcher.asking.configured import configuration_of
    from watcher.asking.trials import SENDING_IS_OFF, as_mapping, said

    settings = read_settings(config=config, database=database, data=data)
    if settings.sends_nothing:
        click.echo(SENDING_IS_OFF, err=True)
    [trial] = try_channels(settings, configuration_of(settings), [channel])
    click.echo(json.dumps(as_mapping(trial), ensure_ascii=False) if as_json else said(trial))
    if not trial.is_well:
        raise SystemExit(1)


@command.command("preview")
@process_options
@click.argument("rule", shell_complete=names_of("rules"))
@click.option("--channel", required=True, help="The channel whose form is shown")
@click.option("--text", default="", help="A headline that the rule matches, instead of its newest stored alert")
def preview_payload(
    config: Path | None, database: str | None, data: Path | None, rule: str, channel: str, text: str
) -> None:
    """Print the payload that an alert of RULE has on a channel, secrets as stars; nothing is sent.

    \b
    Example: watcher notify preview dprk-russia --channel desk --text "Pyongyang ships shells to Russia"
    """
    from watcher.asking.channels import preview

    settings = read_settings(config=config, database=database, data=data)
    found = preview(settings, rule, channel, text)
    click.echo(found.source, err=True)
    click.echo(json.dumps(found.payload, ensure_ascii=False, indent=2))


@command.command("resume")
@process_options
@done_option
@click.argument("channel", shell_complete=names_of("channels"))
@click.argument("recipient")
def resume_recipient(
    config: Path | None, database: str | None, data: Path | None, channel: str, recipient: str
) -> None:
    """Send to RECIPIENT of CHANNEL again, who asked for no more mails.

    \b
    Example: watcher notify resume me ann@example.org
    """
    from watcher.asking.by_hand import write_again

    say_done([write_again(read_settings(config=config, database=database, data=data), channel, recipient)])
