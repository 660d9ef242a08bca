"""How many files a rule, an article and a message enter on their way; the second half of `make figures`.

Each trip is made once, in this process: a rule from its file to the compiled set, an article from the bytes of its
document to the commit in SQLite, a message from its claim to the mark that it was sent. A file is entered when one of
its functions runs; what happens at import does not count. The loops of the daemon, which go round whatever comes, are
left out.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final, NamedTuple

import structlog

from tests.fakes.station import Station, config, rss
from tests.house.source import ROOT
from watcher.core.matching.compile import compile_rules
from watcher.settings.env import read_settings
from watcher.settings.load import load_files

_HOUSE: Final = str(ROOT / "watcher")
_LOOPS: Final = "daemon/"


class Journey(NamedTuple):
    """One trip, and the files below `watcher` that it enters, sorted."""

    name: str
    files: tuple[str, ...]


class _Footprints:
    """Notes the files whose functions run in any thread that begins after it was made, while `noting` is open."""

    def __init__(self) -> None:
        self._files: set[str] | None = None
        threading.setprofile(self._note)

    @contextmanager
    def noting(self) -> Iterator[set[str]]:
        """Give the set that fills while the block runs."""
        found: set[str] = set()
        self._files = found
        sys.setprofile(self._note)
        try:
            yield found
        finally:
            sys.setprofile(None)
            self._files = None

    def close(self) -> None:
        """Leave threads alone that begin from now on."""
        threading.setprofile(None)

    def _note(self, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if self._files is None or event != "call" or code.co_name == "<module>":
            return
        if code.co_filename.startswith(_HOUSE):
            self._files.add(code.co_filename.removeprefix(f"{_HOUSE}/"))


def journeys() -> list[Journey]:
    """Return the trips of a rule, an article and a message."""
    footprints = _Footprints()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    try:
        with tempfile.TemporaryDirectory() as folder:
            return [_rule(footprints, Path(folder)), *asyncio.run(_article_and_message(footprints, Path(folder)))]
    finally:
        footprints.close()
        structlog.reset_defaults()


def _rule(footprints: _Footprints, folder: Path) -> Journey:
    settings = read_settings(config=folder, data=folder)
    with footprints.noting() as files:
        loaded = load_files({"watcher.yaml": config()}, settings)
        assert loaded.configuration is not None
        compile_rules(loaded.configuration.rule_source(1))
    return _journey("a rule, from its file to the compiled set", files)


async def _article_and_message(footprints: _Footprints, folder: Path) -> list[Journey]:
    station = Station(folder)
    try:
        await station.begin(config())
        station.feeds["wire"] = rss("Shells shipped", at=station.clock.now())
        with footprints.noting() as article:
            await station.poll()
        with footprints.noting() as message:
            await station.send()
        assert station.told("desk")
    finally:
        await station.close()
    return [
        _journey("an article, from the bytes to the commit", article),
        _journey("a message, from its claim to its mark", message),
        _journey("of these the article had not entered", message - article),
    ]


def _journey(name: str, files: set[str]) -> Journey:
    return Journey(name, tuple(sorted(file for file in files if not file.startswith(_LOOPS))))
