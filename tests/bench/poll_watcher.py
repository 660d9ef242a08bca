"""The daemon's side of `bench_poll`: polls all feeds once for each line that it reads.

    python -c "from tests.bench.poll_watcher import main; main()" FOLDER PORT FEEDS [RULES]

The daemon's own poll loop, store and reader processes, under 25 rules that rarely match, or as many as are named. Each
answer is one line of JSON, see `poll_meter`; to it comes how late the loop was with a turn that was due.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Final

from tests.bench.bench_sending import a_word
from tests.bench.poll_meter import Meter, address
from watcher.daemon.app import Daemon
from watcher.daemon.clock import SystemClock
from watcher.daemon.start import first_configuration
from watcher.daemon.world import open_world
from watcher.settings.env import read_settings
from watcher.telemetry.logging import Masker, set_up_logging

_LOOK_SECONDS: Final = 0.02
_ONE: Final = ("volcano", "ferry", "dam", "glacier", "reactor")
_TWO: Final = ("erupts", "capsized", "burst", "evacuation", "leak")
"""Words of rules that rarely match, as most do."""


class Lag:
    """How late the loop is with what is due, in ms; looked at fifty times a second."""

    def __init__(self) -> None:
        self._late: list[float] = []

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            due = time.monotonic() + _LOOK_SECONDS
            await asyncio.sleep(_LOOK_SECONDS)
            self._late.append(1000 * (time.monotonic() - due))

    def p99(self) -> float:
        """Return what one look in a hundred was later than, since last asked."""
        late, self._late = sorted(self._late), []
        return late[int(0.99 * len(late))] if late else 0.0


def _configure(folder: Path, port: int, feeds: int, rules: int) -> None:
    folder.mkdir(parents=True)
    listed = [{"url": address(number, port), "name": f"f{number}", "every": "6h"} for number in range(feeds)]
    main = {"network": {"allow_private": ["127.0.0.0/8"]}, "feeds": listed}
    (folder / "watcher.yaml").write_text(json.dumps(main))
    (folder / "channels.yaml").write_text("channels:\n  desk: {type: file, path: alerts.jsonl}\n")
    pairs = [(one, two) for one in _ONE for two in _TWO]
    pairs += [(a_word(number), a_word(number * 7 + 3)) for number in range(rules - len(pairs))]
    written = [{"name": f"{one} {two}", "all": [one, two]} for one, two in pairs[:rules]]
    (folder / "rules.yaml").write_text(json.dumps({"rules": written}))


async def _serve(folder: Path, port: int, feeds: int, rules: int) -> None:
    config = folder / "config"
    _configure(config, port, feeds, rules)
    masker = Masker(())
    set_up_logging(level="warning", form="json", masker=masker)
    settings = read_settings(config=config, data=folder / "data", database=f"sqlite:///{folder}/data/watcher.db")
    lag = Lag()
    async with open_world(settings, SystemClock(), masker, sys.stderr) as world, asyncio.TaskGroup() as tasks:
        daemon = Daemon(world)
        configuration, _ = await first_configuration(world.store, settings, strict=True)
        await daemon.active.adopt(configuration)
        watching = tasks.create_task(lag.watch())
        print("ready", flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            await world.store.request_poll([], world.clock.now())
            meter = Meter()
            lag.p99()
            await daemon.poller.poll_once()
            meter.say(lag=lag.p99())
        watching.cancel()


def main() -> None:
    """Poll as asked on standard input."""
    asyncio.run(_serve(Path(sys.argv[1]), *(int(word) for word in (*sys.argv[2:], "25")[:3])))
