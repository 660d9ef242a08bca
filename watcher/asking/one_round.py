"""One round of polling and sending, without the loops around it."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click

from watcher.asking.store import refuse_missing
from watcher.core.model.ids import ChannelName, MessageId
from watcher.core.model.message import FINAL_STATES, AttemptResult, Decision, MessageState
from watcher.core.model.policy import CONSOLE
from watcher.daemon.app import Daemon
from watcher.daemon.clock import SystemClock
from watcher.daemon.control import ask, socket_path
from watcher.daemon.look_back import NOTHING_NEW
from watcher.daemon.start import first_configuration, tell_of_new_database
from watcher.daemon.world import open_world
from watcher.errors import ConfigError, StorageError
from watcher.settings.configuration import Configuration
from watcher.settings.env import Settings
from watcher.settings.phrases import counted
from watcher.storage.open import copy_database
from watcher.storage.place import refuse_absent
from watcher.telemetry.logging import Masker, set_up_logging
from watcher.telling.advice import advice

_PATIENCE_SECONDS = 600.0
_ARRIVED = frozenset({MessageState.SENT, MessageState.SKIPPED})
_Ended = tuple[ChannelName, AttemptResult, Decision]


async def poll_now(settings: Settings, feeds: Sequence[str], *, dry_run: bool) -> None:
    """Poll the named feeds, or all, and send what comes of it; a dry run works on a copy and tells only the console.

    Raises:
        ConfigError: the configuration has mistakes, or a name is no feed.
        ControlError: a daemon runs and refused.
    """
    if dry_run:
        with tempfile.TemporaryDirectory(prefix="watcher-") as folder:
            await _round(await asyncio.to_thread(_copied, settings, Path(folder)), feeds, to_console=True)
    elif await asyncio.to_thread(socket_path(Path(settings.data)).exists):
        answer = await ask(Path(settings.data), {"verb": "poll", "feeds": list(feeds)})
        click.echo(f"the daemon polls {counted(int(answer['due']), 'feed')} now; what comes of it: watcher status")
    else:
        await _round(settings, feeds, to_console=False)


async def send_rule(settings: Settings, rule: str, back: timedelta) -> str:
    """Tell what a rule finds among what is stored, so far back, by the daemon where one runs; return what was done.

    Raises:
        ConfigError: the configuration has mistakes.
        ControlError: there is no such rule, or the daemon refused.
        StorageError: the database refused.
    """
    data = Path(settings.data)
    refuse_missing(settings)
    if await asyncio.to_thread(socket_path(data).exists):
        asked = {"verb": "send_rule", "rule": rule, "seconds": back.total_seconds()}
        return str((await ask(data, asked, timeout_seconds=_PATIENCE_SECONDS))["said"])
    refuse_absent(settings.place())
    masker = Masker(settings.secrets())
    set_up_logging(level="error", form=settings.log_format, masker=masker)
    async with open_world(settings, SystemClock(), masker, sys.stdout) as world:
        daemon = Daemon(world)
        configuration, _ = await first_configuration(world.store, settings, strict=True)
        masker.add(configuration.secrets())
        await daemon.active.adopt(configuration)
        said = await daemon.past.send(rule, back)
    return said if said.endswith(NOTHING_NEW) else f"{said}; it goes out when the daemon runs"


async def _round(settings: Settings, feeds: Sequence[str], *, to_console: bool) -> None:
    masker = Masker(settings.secrets())
    set_up_logging(level="warning", form=settings.log_format, masker=masker)
    async with open_world(settings, SystemClock(), masker, sys.stdout) as world:
        daemon = Daemon(world)
        configuration, _ = await first_configuration(world.store, settings, strict=True)
        masker.add(configuration.secrets())
        set_up_logging(level="error", form=settings.log_format, masker=masker)  # what fails is said at the end
        unknown = set(feeds) - {spec.name for spec in configuration.feeds}
        if unknown:
            raise ConfigError(
                f"no feed is called {', '.join(sorted(unknown))}; feeds: {', '.join(spec.name for spec in configuration.feeds)}"
            )
        await daemon.active.adopt(_only_console(configuration) if to_console else configuration)
        if world.database.begins and not to_console:
            await tell_of_new_database(daemon.meta, configuration, settings.place(), world.clock)
        await daemon.past.of_revision()
        await world.store.request_poll(list(feeds), world.clock.now())
        polled = await daemon.poller.poll_once()
        ended: dict[MessageId, _Ended] = {}
        daemon.sender.told = lambda claim, result, decision: ended.update({claim.id: (claim.target, result, decision)})
        await daemon.sender.send_all()
        stats = await world.store.stats(world.clock.now())
        if world.state.outage:
            click.echo(f"the network is out: {world.state.outage}", err=True)
        is_wrong = False
        for record in await world.store.feeds():
            if record.state.problem is not None:
                click.echo(f"{record.name}: {record.state.problem.message}", err=True)
                is_wrong |= record.name in feeds
            for note in record.notes:
                click.echo(f"{record.name}: {note}", err=True)
        for line in _not_arrived(ended):
            click.echo(line, err=True)
            is_wrong = True
        click.echo(
            f"{counted(polled, 'feed')} polled; in 24 hours {stats.read} read > {stats.matched} matched > "
            f"{stats.stories} stories; {_messages(ended, stats.messages)}"
        )
    if is_wrong:
        raise SystemExit(1)


def _not_arrived(ended: Mapping[MessageId, _Ended]) -> list[str]:
    """Return what each receiver said that took a message not, and what to do, a line a message."""
    return [
        f"{target}: {result.answer}" + (f"; {to_do}" if (to_do := advice(result)) else "")
        for target, result, decision in ended.values()
        if decision.state not in _ARRIVED
    ]


def _messages(ended: Mapping[MessageId, _Ended], stored: Mapping[str, int]) -> str:
    """Return how many messages arrived, wait, and were refused for good, those that waited before among them."""
    states = [decision.state for _, _, decision in ended.values()]
    waiting = sum(number for state, number in stored.items() if MessageState(state) not in FINAL_STATES)
    said = [f"{counted(states.count(MessageState.SENT), 'message')} arrived"]
    said += [f"{waiting} {'waits' if waiting == 1 else 'wait'} (watcher deliveries list)"] if waiting else []
    refused = states.count(MessageState.DEAD)
    return ", ".join([*said, *([f"{refused} refused (watcher deliveries list --state dead)"] if refused else [])])


def _copied(settings: Settings, folder: Path) -> Settings:
    if settings.place().file is None:
        raise StorageError(
            "--dry-run works on a copy, which only a database in a file has; beside one on a server, try feeds and "
            "rules on a file of their own: watcher poll --dry-run --database sqlite:///try.db"
        )
    copy = folder / "watcher.db"
    copy_database(settings.database, copy)
    return settings.model_copy(update={"data": folder, "database": f"sqlite:///{copy}"})


def _only_console(configuration: Configuration) -> Configuration:
    """Return the configuration with the console as its only channel, for rules, defaults and meta alike."""
    return replace(
        configuration,
        channels={CONSOLE: configuration.channels[CONSOLE]},
        rules=tuple(replace(rule, send_to=(CONSOLE,)) for rule in configuration.rules),
        defaults=replace(configuration.defaults, send_to=(CONSOLE,)),
        meta=replace(configuration.meta, send_to=()),
    )
