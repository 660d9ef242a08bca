"""A station whose configuration stands in a file, and what looks at it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.fakes.station import Station
from watcher.daemon.reload import Reloader
from watcher.settings.env import read_settings
from watcher.settings.load import fingerprint


async def begin_from_file(station: Station, file: Path, text: str) -> Reloader:
    """Begin with a configuration that stands in this file alone, and return what looks at its folder."""
    _write(file, text)
    await station.begin(text)
    world = replace(station.world, settings=read_settings(config=file.parent, data=file.parent.parent))
    reloader = Reloader(world, station.active, station.meta, station.past)
    reloader.start_from(fingerprint(file.parent))
    return reloader


def _write(file: Path, text: str) -> None:
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
