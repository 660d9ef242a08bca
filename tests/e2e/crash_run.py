"""`make crash`: kill the two flows at random moments among receivers that fail at random, and count what came.

    make crash ARGS=100                 so many kills
    python -m tests.e2e.crash_run 100 7     with another seed

The test's side of it: feeds that grow, receivers with moods, and the account. `crash_moments.py` is what is killed.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.e2e.test_daemon import LOOPBACK, SECRET, serving, write
from tests.fakes.http_server import Answer, Handler, HttpServer, Received
from tests.fakes.program import ROOT, clean_environment
from tests.fakes.smtp_server import SmtpServer

FEEDS = 6
ITEMS = 80
CHANNELS = ("desk", "hook", "mail")
PATIENCE_SECONDS = 120.0  # and for each kill:
PATIENCE_A_KILL_SECONDS = 30.0

_MARK = re.compile(r"mark[a-j]{3}")


@dataclass(slots=True)
class Moods:
    """What a receiver does with the next message, by seed; well-behaved once `calm`."""

    seed: str
    calm: bool = False
    _dice: random.Random = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    def next(self) -> str:
        """Return "takes", "busy" (refuses), "throttles", "torn" (takes and breaks off), "slow" or "silent" (takes, never answers)."""
        with self._lock:
            names = ("takes", "busy", "throttles", "torn", "slow", "silent")
            return "takes" if self.calm else self._dice.choices(names, (55, 15, 7, 12, 8, 3))[0]


@dataclass(slots=True)
class Ledger:
    """Which keys brought each item's mark to a channel and were taken, in order of arrival."""

    taken: defaultdict[str, defaultdict[str, list[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, channel: str, key: str, text: str) -> None:
        """Note what a receiver took."""
        with self.lock:
            for mark in sorted(set(_MARK.findall(text))):
                self.taken[channel][mark].append(key)


class MoodyMail(SmtpServer):
    """A mail server with moods."""

    def __init__(self, moods: Moods, ledger: Ledger) -> None:
        super().__init__()
        self._moods = moods
        self._ledger = ledger

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Answer by mood."""
        mood = self._moods.next()
        if mood in {"busy", "throttles"}:
            return "451 4.3.0 later"
        if mood == "torn":
            self.drops_before_reply()
        answer = await super().handle_DATA(server, _session, envelope)
        if mood != "torn":
            mail = self.mails[-1].message
            text = "".join(part.get_content() for part in mail.walk() if part.get_content_type() == "text/plain")
            self._ledger.take("mail", mail["Message-ID"], f"{mail['subject']} {text}")
        if mood == "slow":
            await asyncio.sleep(0.3)
        elif mood == "silent":
            await asyncio.sleep(60)
        return answer


@dataclass(frozen=True, slots=True)
class Account:
    """What came of a run. `taken` is by channel and mark; `at_hour` and `at_end` are what the database says after the last kill."""

    kills: int
    seconds: float
    taken: Mapping[str, Mapping[str, list[str]]]
    worst: Mapping[str, int]
    at_hour: Mapping[str, int]
    at_end: Mapping[str, int]

    @property
    def lost(self) -> list[str]:
        """Items that a channel never took."""
        return [f"{item} by {name}" for name in CHANNELS for item in marks() if not self.taken.get(name, {}).get(item)]

    @property
    def repeats(self) -> dict[str, int]:
        """How often each channel took an item again."""
        return {name: sum(len(keys) - 1 for keys in self.taken[name].values()) for name in self.taken}

    @property
    def other_keys(self) -> list[str]:
        """Items that came to a channel under several keys."""
        return [item for came in self.taken.values() for item, keys in came.items() if len(set(keys)) > 1]

    @property
    def is_well(self) -> bool:
        """Nothing lost or dead, repeats under one key, and nothing set aside an hour later or waiting at the end."""
        left = self.worst["dead"] + self.at_hour["suspect"] + self.at_hour["quarantined"] + self.at_end["open"]
        return not (self.lost or self.other_keys or self.at_end["dead"] or left)

    def __str__(self) -> str:
        """Return the account in lines."""
        came = {name: f"{len(self.taken.get(name, {}))} of {ITEMS}" for name in CHANNELS}
        return (
            f"kills {self.kills} in {self.seconds:.0f} s\ntaken {came}\nlost {self.lost}\nrepeats {self.repeats}\n"
            f"under another key {self.other_keys}\nmost at once {dict(self.worst)}\n"
            f"an hour after the last kill {dict(self.at_hour)}\nat the end {dict(self.at_end)}"
        )


def marks() -> list[str]:
    """Return a word for each item that stands in no other one."""
    return [f"mark{''.join('abcdefghij'[int(digit)] for digit in f'{n:03}')}" for n in range(ITEMS)]


def run(kills: int, seed: int, directory: Path) -> Account:
    """Kill so often at random moments, let a calm time pass, and return the account."""
    ledger, progress = Ledger(), [0.0]
    moods = {name: Moods(f"{seed} {name}") for name in CHANNELS}
    began = time.monotonic()
    with HttpServer() as server, serving(MoodyMail(moods["mail"], ledger)) as mail:
        _configure(directory / "config", server)
        for n in range(FEEDS):
            server.on(f"/feed{n}", _growing(n, progress))
        server.on("/desk", _moody("desk", moods["desk"], ledger))
        server.on("/hook", _moody("hook", moods["hook"], ledger))
        environment = clean_environment(
            WATCHER_SMTP_URL=f"smtp://127.0.0.1:{mail.port}?starttls=never", WATCHER_SMTP_FROM="watcher@desk.example"
        )
        command = [sys.executable, "-m", "tests.e2e.crash_moments", str(kills), str(seed), str(directory)]
        with (
            (directory / "log").open("wb") as log,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, cwd=ROOT, env=environment) as program,
        ):
            said = _listen(program, kills, progress, moods)
        assert program.returncode == 0, (directory / "log").read_text("utf-8", "replace")[-3000:]
    samples = [one for one in said if one["at"] == "kill"]
    worst = {key: max(one[key] for one in samples) for key in ("dead", "held", "suspect", "quarantined", "suspected")}
    last = {one["at"]: {key: value for key, value in one.items() if key != "at"} for one in said}
    return Account(kills, time.monotonic() - began, ledger.taken, worst, last["hour"], last["end"])


def _listen(
    program: subprocess.Popen[bytes], kills: int, progress: list[float], moods: Mapping[str, Moods]
) -> list[dict[str, Any]]:
    """Read what the killed program's keeper says, and let feeds and receivers go with it."""
    said: list[dict[str, Any]] = []
    guard = threading.Timer(PATIENCE_SECONDS + kills * PATIENCE_A_KILL_SECONDS, program.kill)
    guard.start()
    try:
        assert program.stdout is not None
        for line in program.stdout:
            said.append(json.loads(line))
            progress[0] = len(said) / max(kills - 1, 1)
            for mood in moods.values():
                mood.calm = len(said) >= kills
    finally:
        guard.cancel()
    return said


def _configure(config: Path, server: HttpServer) -> None:
    feeds = [
        {
            "url": server.url(f"/feed{n}"),
            "name": f"paper-{n}",
            "first_poll": "alert",
            "allow_private": LOOPBACK,
            "every": "1m",
        }
        for n in range(FEEDS)
    ]
    channels = {
        "desk": {"type": "slack", "webhook_url": server.url("/desk"), "allow_private": LOOPBACK},
        "hook": {"type": "webhook", "url": server.url("/hook"), "secrets": [SECRET], "allow_private": LOOPBACK},
        "mail": {"type": "email", "to": ["one@desk.example"], "allow_private": LOOPBACK},
    }
    write(config, [{"name": "Drills", "all": ["drill"], "send_to": list(CHANNELS)}], feeds=feeds, channels=channels)


def _growing(feed: int, progress: list[float]) -> Handler:
    """Serve the feed's share of the items, more of them the further the run is."""
    mine = marks()[feed::FEEDS]

    def answer(_: Received) -> Answer:
        shown = mine[: max(1, round(len(mine) * min(progress[0], 1.0)))]
        items = "".join(_item(mark, feed) for mark in reversed(shown))
        body = f"<rss version='2.0'><channel><title>Paper {feed}</title>{items}</channel></rss>".encode()
        return Answer(200, body, [("Content-Type", "application/rss+xml")])

    return answer


def _item(mark: str, feed: int) -> str:
    """Return an item of words that no other item has, so that nothing is folded."""
    dice = random.Random(mark)
    words = ["".join(dice.choice("bdfgklmnprstvz") + dice.choice("aeiou") for _ in range(4)) for _ in range(24)]
    return (
        f"<item><guid isPermaLink='false'>{mark}</guid><title>Drill {mark} {' '.join(words[:6])}</title>"
        f"<link>https://paper{feed}.example/{mark}</link><description>{' '.join(words[6:])}.</description></item>"
    )


def _moody(channel: str, moods: Moods, ledger: Ledger) -> Handler:
    def answer(request: Received) -> Answer:
        mood = moods.next()
        if mood == "busy":
            return Answer(503, b"busy")
        if mood == "throttles":
            return Answer(429, b"slowly", [("Retry-After", "1")])
        text = request.body.decode()
        ledger.take(channel, request.headers.get("webhook-id", ""), text)
        answers = {"torn": Answer(raw=b"HTTP/1.1 2"), "silent": Answer(raw=b"", stalls=True)}
        return answers.get(mood, Answer(200, b"ok", wait_seconds=0.3 if mood == "slow" else 0.0))

    return answer


if __name__ == "__main__":
    kills, seed = [*map(int, sys.argv[1:]), *(100, 1)[len(sys.argv) - 1 :]]
    with tempfile.TemporaryDirectory() as place:
        account = run(kills, seed, Path(place))
    sys.stdout.write(f"{account}\n")
    sys.exit(not account.is_well)
