"""`make crash`: kill the two flows while they have work in hand, and at random moments, among receivers that fail at
random; count what came.

    make crash ARGS=100                 so many kills
    python -m tests.e2e.crash_run 100 7     with another seed

The test's side of it: feeds that grow, receivers with moods, and the account. `crash_moments.py` is what is killed.
Before each life it says how many requests for feeds and of messages are to be held; a held request is told back to
it, so that it can kill with that in hand.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.e2e.test_daemon import LOOPBACK, SECRET, serving, write
from tests.fakes.http_server import Answer, Handler, HttpServer, Received
from tests.fakes.program import ROOT, clean_environment
from tests.fakes.smtp_server import SmtpServer

FEEDS = 6
ITEMS = 80
CHANNELS = ("desk", "hook", "mail")
ENDS = {
    "feeds in hand": ("feeds_in_hand",),
    "messages in hand": ("messages_in_hand",),
    "both in hand": ("feeds_in_hand", "messages_in_hand"),
    "suspected feeds": ("suspected_feeds",),
    "suspected messages": ("suspected_messages",),
}
SET_ASIDE = {"a feed in quarantine": ("quarantined",), "a message held as suspect": ("suspect",)}
WORST = ("dead", "held", "suspect", "quarantined", "suspected_feeds", "suspected_messages")
PATIENCE_SECONDS = 120.0  # and for each kill:
PATIENCE_A_KILL_SECONDS = 30.0

HOLD_SECONDS = 3.0
"""Longer than it takes to kill who waits for the answer."""

_MARK = re.compile(r"mark[a-j]{3}")


class Traps:
    """Requests to be held: so many of feeds ("f") and of messages ("m") in the life of one child; each is told as it
    is held.
    """

    def __init__(self) -> None:
        self._left: dict[str, int] = {}
        self._told: IO[bytes] | None = None
        self._lock = threading.Lock()

    def tell(self, pipe: IO[bytes] | None) -> None:
        """Tell what is held to this pipe from now on."""
        self._told = pipe

    def set(self, left: Mapping[str, int]) -> None:
        """Hold so many requests of each kind, beginning now."""
        with self._lock:
            self._left = dict(left)

    def hold(self, kind: str) -> float:
        """Return for how many seconds to hold the request in hand, 0 for not at all."""
        with self._lock:
            if self._left.get(kind, 0) <= 0 or self._told is None:
                return 0.0
            self._left[kind] -= 1
            with contextlib.suppress(OSError):  # its keeper is gone
                self._told.write(kind.encode())
                self._told.flush()
            return HOLD_SECONDS


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
        """Return "takes", "busy" (refuses), "throttles", "torn" (takes and breaks off), "slow" or "silent" (takes,
        never answers).
        """
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

    def __init__(self, moods: Moods, ledger: Ledger, traps: Traps) -> None:
        super().__init__()
        self._moods = moods
        self._ledger = ledger
        self._traps = traps

    # aiosmtpd's name
    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
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
        seconds = {"slow": 0.3, "silent": 60.0}.get(mood, 0.0)
        await asyncio.sleep(max(seconds, self._traps.hold("m")))
        return answer


@dataclass(frozen=True, slots=True)
class Account:
    """What came of a run. `taken` is by channel and mark; `at_hour` and `at_end` are what the database says after the
    last kill.

    `ends` counts the kills with feeds, messages or both in hand, and those after which a feed or a message stood
    suspected or set aside.
    """

    kills: int
    seconds: float
    taken: Mapping[str, Mapping[str, list[str]]]
    ends: Mapping[str, int]
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

    @property
    def has_tried(self) -> bool:
        """The kills hit what they were aimed at: feeds and messages in hand, and both kinds were suspected."""
        return all(self.ends[name] > 0 for name in ENDS)

    def __str__(self) -> str:
        """Return the account in lines."""
        came = {name: f"{len(self.taken.get(name, {}))} of {ITEMS}" for name in CHANNELS}
        return (
            f"kills {self.kills} in {self.seconds:.0f} s\ntaken {came}\nlost {self.lost}\nrepeats {self.repeats}\n"
            f"under another key {self.other_keys}\nkills with {dict(self.ends)}\nmost at once {dict(self.worst)}\n"
            f"an hour after the last kill {dict(self.at_hour)}\nat the end {dict(self.at_end)}"
        )


def marks() -> list[str]:
    """Return a word for each item that stands in no other one."""
    return [f"mark{''.join('abcdefghij'[int(digit)] for digit in f'{n:03}')}" for n in range(ITEMS)]


def run(kills: int, seed: int, directory: Path) -> Account:
    """Kill so often, let a calm time pass, and return the account."""
    ledger, progress, traps = Ledger(), [0.0], Traps()
    moods = {name: Moods(f"{seed} {name}") for name in CHANNELS}
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(HttpServer())
        mail = stack.enter_context(serving(MoodyMail(moods["mail"], ledger, traps)))
        # Each feed has a host of its own, so that several are in hand at once.
        papers = [stack.enter_context(HttpServer(host=f"127.0.1.{n + 1}")) for n in range(FEEDS)]
        _configure(directory / "config", server, [paper.url("/feed") for paper in papers])
        for n, paper in enumerate(papers):
            paper.on("/feed", _growing(n, progress, traps))
        server.on("/desk", _moody("desk", moods["desk"], ledger, traps))
        server.on("/hook", _moody("hook", moods["hook"], ledger, traps))
        environment = clean_environment(
            WATCHER_SMTP_URL=f"smtp://127.0.0.1:{mail.port}?starttls=never", WATCHER_SMTP_FROM="watcher@desk.example"
        )
        command = [sys.executable, "-m", "tests.e2e.crash_moments", str(kills), str(seed), str(directory)]
        with (
            (directory / "log").open("wb") as log,
            subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, cwd=ROOT, env=environment
            ) as program,
        ):
            traps.tell(program.stdin)
            said = _listen(program, kills, progress, moods, traps)
        assert program.returncode == 0, (directory / "log").read_text("utf-8", "replace")[-3000:]
    samples = [one for one in said if one["at"] == "kill"]
    worst = {key: max(one[key] for one in samples) for key in WORST}
    ends = {name: sum(all(one[key] for key in keys) for one in samples) for name, keys in (ENDS | SET_ASIDE).items()}
    last = {one["at"]: {key: value for key, value in one.items() if key != "at"} for one in said}
    return Account(kills, time.monotonic() - began, ledger.taken, ends, worst, last["hour"], last["end"])


def _listen(
    program: subprocess.Popen[bytes], kills: int, progress: list[float], moods: Mapping[str, Moods], traps: Traps
) -> list[dict[str, Any]]:
    """Read what the killed program's keeper says, and let feeds, receivers and traps go with it."""
    said: list[dict[str, Any]] = []
    guard = threading.Timer(PATIENCE_SECONDS + kills * PATIENCE_A_KILL_SECONDS, program.kill)
    guard.start()
    try:
        assert program.stdout is not None
        for line in program.stdout:
            one = json.loads(line)
            traps.set(one.get("hold", {}))
            if one["at"] == "begin":
                continue
            said.append(one)
            progress[0] = len(said) / max(kills - 1, 1)
            for mood in moods.values():
                mood.calm = len(said) >= kills
    finally:
        guard.cancel()
    return said


def _configure(config: Path, server: HttpServer, papers: Sequence[str]) -> None:
    feeds = [
        {
            "url": url,
            "name": f"paper-{n}",
            "first_poll": "alert",
            "allow_private": LOOPBACK,
            "every": "1m",
        }
        for n, url in enumerate(papers)
    ]
    channels = {
        "desk": {"type": "slack", "webhook_url": server.url("/desk"), "allow_private": LOOPBACK},
        "hook": {"type": "webhook", "url": server.url("/hook"), "secrets": [SECRET], "allow_private": LOOPBACK},
        "mail": {"type": "email", "to": ["one@desk.example"], "allow_private": LOOPBACK},
    }
    write(config, [{"name": "Drills", "all": ["drill"], "send_to": list(CHANNELS)}], feeds=feeds, channels=channels)


def _growing(feed: int, progress: list[float], traps: Traps) -> Handler:
    """Serve the feed's share of the items, more of them the further the run is."""
    mine = marks()[feed::FEEDS]

    def answer(_: Received) -> Answer:
        shown = mine[: max(1, round(len(mine) * min(progress[0], 1.0)))]
        items = "".join(_item(mark, feed) for mark in reversed(shown))
        body = f"<rss version='2.0'><channel><title>Paper {feed}</title>{items}</channel></rss>".encode()
        return Answer(200, body, [("Content-Type", "application/rss+xml")], wait_seconds=traps.hold("f"))

    return answer


def _item(mark: str, feed: int) -> str:
    """Return an item of words that no other item has, so that nothing is folded."""
    dice = random.Random(mark)
    words = ["".join(dice.choice("bdfgklmnprstvz") + dice.choice("aeiou") for _ in range(4)) for _ in range(24)]
    return (
        f"<item><guid isPermaLink='false'>{mark}</guid><title>Drill {mark} {' '.join(words[:6])}</title>"
        f"<link>https://paper{feed}.example/{mark}</link><description>{' '.join(words[6:])}.</description></item>"
    )


def _moody(channel: str, moods: Moods, ledger: Ledger, traps: Traps) -> Handler:
    def answer(request: Received) -> Answer:
        mood = moods.next()
        if mood == "busy":
            return Answer(503, b"busy")
        if mood == "throttles":
            return Answer(429, b"slowly", [("Retry-After", "1")])
        text = request.body.decode()
        ledger.take(channel, request.headers.get("webhook-id", ""), text)
        answers = {"torn": Answer(raw=b"HTTP/1.1 2"), "silent": Answer(raw=b"", stalls=True)}
        seconds = max(0.3 if mood == "slow" else 0.0, traps.hold("m"))
        return answers.get(mood, Answer(200, b"ok", wait_seconds=seconds))

    return answer


if __name__ == "__main__":
    kills, seed = [*map(int, sys.argv[1:]), *(100, 1)[len(sys.argv) - 1 :]]
    with tempfile.TemporaryDirectory() as place:
        account = run(kills, seed, Path(place))
    sys.stdout.write(f"{account}\n")
    sys.exit(not account.is_well)
