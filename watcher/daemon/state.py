"""What the daemon knows of itself, for readiness, the page, metrics and the heartbeat."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

OUT: Final = "the network is out"
"""So begins the word of `degraded_by` while no host answers."""


SENDS_NOTHING: Final = "sending is off (WATCHER_SEND=none): what would have gone lies in out/unsent, and counts as sent"
"""The word of `degraded_by` of a daemon that does everything but send."""


_MOST_NAMED = 10


class Phase(StrEnum):
    """Where the daemon is in its life."""

    STARTING = "starting"
    RUNNING = "running"
    DRAINING = "draining"


@dataclass(slots=True)
class DaemonState:
    """Written by the loops, read by health and page; `tick_at` is a monotonic time in seconds.

    `stale_since` is set while the files on disk are refused; `stale_problems` then holds the rendered list.
    `troubles` are lasting ones of the database, by kind; `polling_paused` says that nothing polled now could be kept.
    """

    phase: Phase = Phase.STARTING
    revision: int = 0
    tick_at: float = 0.0
    last_poll_at: datetime | None = None
    stale_since: datetime | None = None
    stale_problems: str = ""
    last_reload: str = ""
    held_rules: tuple[str, ...] = ()  # those whose change is held back by an example
    database_problem: str = ""
    shortage: str = ""
    outage: str = ""  # our own network is out, in words
    broken_channels: tuple[str, ...] = ()  # those that take no messages now
    troubles: dict[str, str] = field(default_factory=dict)
    polling_paused: bool = False
    clock_doubt: str = ""  # why the clock is not believed now
    sends_nothing: bool = False  # it was started to try an upgrade

    def readiness(self) -> tuple[bool, list[str]]:
        """Return whether work may be sent our way, and the reasons why not; stale configuration is no reason."""
        reasons = []
        if self.phase is not Phase.RUNNING:
            reasons.append(self.phase.value)
        reasons += [f"database: {sentence}" for sentence in self.troubles.values()]
        if self.database_problem and not self.troubles:
            reasons.append(f"database: {self.database_problem}")
        if self.shortage:
            reasons.append(self.shortage)
        return not reasons, reasons

    @property
    def degraded(self) -> bool:
        """Running on an older configuration than the files on disk, with a channel that takes no messages, or by a
        doubted clock.
        """
        return bool(self.degraded_by())

    def degraded_by(self) -> list[str]:
        """Return in a few words each what is not as it should be and no reason to send work elsewhere."""
        words = [SENDS_NOTHING] if self.sends_nothing else []
        if self.stale_since is not None:
            words.append(f"configuration stale since {self.stale_since:%Y-%m-%d %H:%M} UTC: the files are refused")
        if self.held_rules:
            words.append(f"rules held back by their examples: {', '.join(self.held_rules[:_MOST_NAMED])}")
        if self.broken_channels:
            words.append(f"channels that take no messages: {', '.join(self.broken_channels)}")
        if self.outage:
            words.append(f"{OUT}: {self.outage}")
        if self.clock_doubt:
            words.append(f"the clock is doubted: {self.clock_doubt}")
        return words
