"""How many messages of one alert each a CPU second takes to one webhook, through the outbox and over real sockets.

    python -m tests.bench.bench_sending [--messages 500]

The receiver runs in threads of this process, so its work is measured too and taken off: it is asked the same number of
times before, by the bare client.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.fakes.http_server import HttpServer
from tests.fakes.messages import a_message
from tests.fakes.station import Station, config, rss
from watcher.core.model.ids import ChannelName
from watcher.delivery.kinds import channel_types
from watcher.delivery.registry import Surroundings, build
from watcher.network.client import GuardedClient
from watcher.network.guard import AddressGuard
from watcher.ports import Channel

_SECRET: Final = "whsec_bmV3LXNlY3JldC1vZi10aGUtaG9vaw=="
_RULES: Final = "\n  - {name: Shells, all: [shells], limit: none}\n"


@dataclass(frozen=True)
class Sent:
    """What one run took: messages, CPU seconds of all threads, and those of the channel alone."""

    messages: int
    seconds: float
    alone: float

    @property
    def rate(self) -> float:
        """Messages a CPU second, the receiver's share and the request counted."""
        return self.messages / self.seconds


def _webhook(server: HttpServer, station: Station) -> Channel:
    guard = AddressGuard()
    around = Surroundings(Path("unused"), io.StringIO(), GuardedClient(guard), guard, station.clock)
    values = {"type": "webhook", "url": server.url("/hook"), "secrets": [_SECRET], "allow_private": ["127.0.0.0/8"]}
    return build(ChannelName("desk"), channel_types()["webhook"].model_validate(values), around)


class _HookStation(Station):
    """A station whose only channel is a real webhook."""

    def __init__(self, folder: Path, server: HttpServer) -> None:
        super().__init__(folder)
        self.channels["desk"] = _webhook(server, self)  # type: ignore[assignment]  # a real one in the fake's place


async def measure(folder: Path, count: int) -> Sent:
    """Return what it takes to send `count` messages that wait for one webhook."""
    with HttpServer() as server:
        server.answers("/hook", 204)
        station = _HookStation(folder, server)
        await station.begin(config(rules=_RULES))
        for start in range(0, count, 100):
            titles = [f"Shells {a_word(number)} {a_word(number * 7 + 3)}" for number in range(start, start + 100)]
            station.feeds["wire"] = rss(*titles[:count])
            await station.poll()
        before = time.process_time()
        sent = await station.send()
        seconds = time.process_time() - before
        before = time.process_time()
        for _ in range(sent):
            await station.channels["desk"].send(a_message())
        alone = time.process_time() - before
        await station.close()
    return Sent(sent, seconds, alone)


def a_word(number: int) -> str:
    """Return a word of four syllables, another one for each of many numbers."""
    letters = "bdfgklmnprstvz"
    word = ""
    for _ in range(4):
        number, rest = divmod(number, len(letters))
        word += letters[rest] + "aeiou"[rest % 5]
    return word


def main() -> None:
    """Print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=300)
    count = parser.parse_args().messages
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measure(Path(folder), count))
    print(
        f"{found.messages} messages: {found.rate:.0f} a CPU second; {1000 * found.seconds / found.messages:.1f} ms each,"
        f" of which request and receiver {1000 * found.alone / found.messages:.1f} ms"
    )


if __name__ == "__main__":
    main()
