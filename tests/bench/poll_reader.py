"""The side of `reader` in `bench_poll`, as `poll_watcher`: polls all feeds once for each line that it reads.

python -c "from tests.bench.poll_reader import main; main()" FOLDER PORT FEEDS
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any, Final

from tests.bench.poll_meter import Meter, address

_WORKERS: Final = 16


def _serve(folder: Path, port: int, feeds: int) -> None:
    folder.mkdir(parents=True)
    # Installed by `make bench-poll` in a folder of its own; it is no dependency of ours.
    made: Any = importlib.import_module("reader").make_reader(str(folder / "reader.db"))
    for number in range(feeds):
        made.add_feed(address(number, port))
    print("ready", flush=True)
    while sys.stdin.readline():
        meter = Meter()
        made.update_feeds(workers=_WORKERS, scheduled=False)
        meter.say()


def main() -> None:
    """Poll as asked on standard input."""
    _serve(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
