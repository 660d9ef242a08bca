"""The daemon's side of `bench_poll`: polls all feeds once for each line that it reads.

    python -c "from tests.bench.poll_watcher import main; main()" FOLDER PORT FEEDS

The daemon's own poll loop, store and reader processes, under 25 rules that rarely match. Each answer is one
line of JSON, see `poll_meter`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Final

from tests.bench.poll_meter import Meter, address
from watcher.daemon.app import Daemon
from watcher.daemon.clock import SystemClock
from watcher.daemon.start import first_configuration
from watcher.daemon.world import open_world
from watcher.settings.env import read_settings
from watcher.telemetry.logging import Masker, set_up_logging

_ONE: Final = ("volcano", "ferry", "dam", "glacier", "reactor")
_TWO: Final = ("erupts", "capsized", "burst", "evacuation", "leak")
"""Words of rules that rarely match, as most do."""


def _configure(folder: Path, port: int, feeds: int) -> None:
    folder.mkdir(parents=True)
    listed = [{"url": address(number, port), "name": f"f{number}", "every": "6h"} for number in range(feeds)]
    main = {"network": {"allow_private": ["127.0.0.0/8"]}, "feeds": listed}
    (folder / "watcher.yaml").write_text(json.dumps(main))
    (folder / "channels.yaml").write_text("channels:\n  desk: {type: file, path: alerts.jsonl}\n")
    rules = [{"name": f"{one} {two}", "all": [one, two]} for one in _ONE for two in _TWO]
    (folder / "rules.yaml").write_text(json.dumps({"rules": rules}))


async def _serve(folder: Path, port: int, feeds: int) -> None:
    config = folder / "config"
    _configure(config, port, feeds)
    masker = Masker(())
    set_up_logging(level="warning", form="json", masker=masker)
    settings = read_settings(config=config, data=folder / "data", database=f"sqlite:///{folder}/data/watcher.db")
    async with open_world(settings, SystemClock(), masker, sys.stderr) as world:
        daemon = Daemon(world)
        configuration, _ = await first_configuration(world.store, settings, strict=True)
        await daemon.active.adopt(configuration)
        print("ready", flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            await world.store.request_poll([], world.clock.now())
            meter = Meter()
            await daemon.poller.poll_once()
            meter.say()


def main() -> None:
    """Poll as asked on standard input."""
    asyncio.run(_serve(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
