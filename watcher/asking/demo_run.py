"""The demo's two forms: once, for a look and for tests, and live, until stopped."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from watcher.asking.demo_feeds import NewsWorld
from watcher.core.model.alert import AlertDetail
from watcher.core.model.record import MessageRecord
from watcher.daemon.app import Daemon, serve
from watcher.daemon.clock import SystemClock
from watcher.daemon.control import ask
from watcher.daemon.page import as_read
from watcher.daemon.start import first_configuration
from watcher.daemon.world import open_world
from watcher.errors import ControlError
from watcher.settings.bundled import bundled
from watcher.settings.env import Settings, read_settings
from watcher.telemetry.logging import Masker, set_up_logging
from watcher.web.server import listen, serve_app

_MOST = 1000
"""More alerts and messages than the bundled feeds can make."""

_LATER_EVERY_SECONDS = 5.0


@contextlib.asynccontextmanager
async def _world(bind: str) -> AsyncIterator[tuple[NewsWorld, Settings]]:
    """Serve the news world, with a configuration and a store in a temporary folder."""
    seeds = bundled("seeds")
    with tempfile.TemporaryDirectory(prefix="watcher-demo-") as name:
        folder = Path(name)
        world = NewsWorld(seeds, SystemClock().now())
        listening = listen("127.0.0.1:0")
        await asyncio.to_thread(_write_configuration, seeds, folder / "config", world.feeds(listening.getsockname()[1]))
        settings = read_settings(
            config=folder / "config",
            data=folder / "data",
            database=f"sqlite:///{folder}/data/watcher.db",
            bind=bind,
            workers=2,
        )
        stopping = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(serve_app(world.application(), listening, stopping))
            try:
                yield world, settings
            finally:
                stopping.set()


def _write_configuration(seeds: Path, target: Path, feeds: Sequence[object]) -> None:
    shutil.copytree(seeds / "config", target)
    # JSON is YAML.
    (target / "feeds.yaml").write_text(json.dumps({"feeds": feeds}, ensure_ascii=False, indent=1), encoding="utf-8")


async def run_once(*, quiet: bool) -> dict[str, Any]:
    """Run both waves through the whole product and return what came of it; `quiet` keeps alerts off standard output."""
    out = io.StringIO() if quiet else sys.stdout
    masker = Masker()
    set_up_logging(level="error", form="auto", masker=masker)
    async with _world("127.0.0.1:0") as (news, settings):
        if not quiet:
            click.echo(
                f"watcher demo: {len(news.outlets)} bundled feeds served on this machine, no internet, no account\n"
            )
        async with open_world(settings, SystemClock(), masker, out, host_pause=timedelta(0)) as world:
            daemon = Daemon(world)
            configuration, _ = await first_configuration(world.store, settings, strict=True)
            await daemon.active.adopt(configuration)
            await _wave(daemon)
            for outlet in news.outlets:
                if outlet.later:
                    news.publish_later(outlet)
            await _wave(daemon)
            return await _result(daemon)


async def _wave(daemon: Daemon) -> None:
    await daemon.world.store.request_poll([], daemon.world.clock.now())
    await daemon.poller.poll_once()
    await daemon.sender.send_all()


async def _result(daemon: Daemon) -> dict[str, Any]:
    stats = await daemon.world.store.stats(daemon.world.clock.now())
    details = await daemon.world.store.recent_alerts(limit=_MOST)
    records = [await daemon.world.store.message(record.id) for record in await daemon.world.store.messages(limit=_MOST)]
    shown: dict[tuple[str, ...], dict[str, Any]] = {}
    for detail in reversed(details):
        shown.setdefault(_fact(detail), _as_mapping(detail, daemon))
    said_as = {detail.id: shown[_fact(detail)]["id"] for detail in details}
    return {
        "articles": stats.read,
        "matched": stats.matched,
        "stories": stats.stories,
        "alerts": list(shown.values()),
        "deliveries": [line for record in records if record is not None for line in _deliveries(record, said_as)],
    }


def _fact(detail: AlertDetail) -> tuple[str, ...]:
    """What two alerts of different channels share when they tell the same."""
    return (detail.rule, detail.story, detail.kind.value, detail.article.id)


def _as_mapping(detail: AlertDetail, daemon: Daemon) -> dict[str, Any]:
    summary = as_read(detail, daemon.world.ruling())
    return {
        "id": detail.id,
        "rule": detail.rule,
        "story": detail.story,
        "kind": detail.kind.value,
        "severity": detail.severity.word,
        "title": detail.article.title,
        "url": detail.article.url or None,
        "why": {group.label: [words for words, _, _ in group.hits] for group in summary.why},
        "sources": summary.sources,
        "copies": summary.copies,
    }


def _deliveries(record: MessageRecord, said_as: dict[Any, str]) -> list[dict[str, Any]]:
    return [
        {
            "alert": said_as.get(alert, alert),
            "channel": record.target,
            "state": record.state.value,
            "answer": record.answer or None,
        }
        for _, alert in record.deliveries
    ]


async def run_live(bind: str) -> None:
    """Run the daemon on the news world until stopped; the second wave follows, one outlet at a time."""
    masker = Masker()
    set_up_logging(level="warning", form="auto", masker=masker)
    async with _world(bind) as (world, settings):
        click.echo(f"watcher demo: {len(world.outlets)} bundled feeds served on this machine, no internet, no account")
        click.echo(f"  page    http://{bind}/")
        click.echo(f"  rules   {settings.config}/rules   (edit them: they are read again when saved)")
        click.echo("  stop    Ctrl-C\n")
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            later = group.create_task(_later(world, settings))
            opening = open_world(settings, SystemClock(), masker, sys.stdout, host_pause=timedelta(0))
            await serve(settings, opening, strict=True, stop=stop)
            later.cancel()


async def _later(world: NewsWorld, settings: Settings) -> None:
    for outlet in world.outlets:
        if not outlet.later:
            continue
        await asyncio.sleep(_LATER_EVERY_SECONDS)
        world.publish_later(outlet)
        with contextlib.suppress(
            ControlError
        ):  # the daemon is still starting, or stops already; the next round polls it
            await ask(Path(settings.data), {"verb": "poll", "feeds": [outlet.name]})
