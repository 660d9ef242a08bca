"""A whole configuration as values, checked and without open questions; what the rest of the program gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from watcher.core.alerts.elsewhere import ways_round
from watcher.core.model.ids import ChannelName, RuleId
from watcher.core.model.place import NOWHERE, Place
from watcher.core.model.policy import (
    CONSOLE,
    ChannelState,
    FeedSpec,
    FirstPoll,
    Keep,
    Policy,
    Publisher,
    Renames,
    Silence,
)
from watcher.core.model.rule import Concept, Rule, RuleSource, Severity
from watcher.core.model.rule_test import RuleTest
from watcher.core.model.secret import Secret
from watcher.core.model.timing import Route, Times, Timing, Window
from watcher.delivery.config import ChannelConfig


@dataclass(frozen=True, slots=True)
class ChannelSetup:
    """One channel: its configuration when it can be built, else why it waits ("SLACK_WEBHOOK_URL is not set")."""

    name: ChannelName
    config: ChannelConfig | None
    state: ChannelState = ChannelState.READY
    reason: str = ""
    place: Place = field(default=NOWHERE, compare=False)
    was: tuple[ChannelName, ...] = ()
    timing: Timing | None = None
    otherwise: ChannelName | None = None
    give_up: timedelta | None = None

    @property
    def kind(self) -> str:
        """Its type; "" while it waits for its secret."""
        return self.config.type if self.config is not None else ""

    @property
    def has_threads(self) -> bool:
        """Whether more of a story is told in its thread, where it rings nobody."""
        return self.config is not None and self.config.has_threads

    @property
    def rings(self) -> bool:
        """Whether its messages ring somebody; one that waits for its secret is taken to."""
        return self.config is None or self.config.rings


@dataclass(frozen=True, slots=True)
class Defaults:
    """`defaults`: what holds where a rule or feed says nothing; `every` None = decided from each feed."""

    zone: str = "UTC"
    every: timedelta | None = None
    max_age: timedelta = timedelta(days=3)
    first_poll: FirstPoll = FirstPoll.SEEN
    send_to: tuple[ChannelName, ...] = (CONSOLE,)
    severity: Severity = Severity.NORMAL
    follow_up: timedelta = timedelta(minutes=30)
    gather: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Meta:
    """`meta`: who hears about the watcher itself."""

    send_to: tuple[ChannelName, ...] = ()
    feed_dead_after: timedelta = timedelta(hours=24)
    heartbeat: Secret | None = None
    heartbeat_failed: Secret | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """`network`: how we present ourselves, which private addresses may be dialled, which libraries dial on
    their own.
    """

    contact: str = ""
    allow_private: tuple[str, ...] = ()
    unguarded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything the files say. `concepts` holds the concepts in use, by short name.

    `files` maps each path to its text, with references in place of secrets, so that a revision can be stored;
    `digest` changes when any file does. `held` names the rules whose change is held back by an example, with the
    revision that they are from; 0 = they are not in force.
    """

    rules: tuple[Rule, ...] = ()
    concepts: Mapping[str, Concept] = field(default_factory=dict)
    feeds: tuple[FeedSpec, ...] = ()
    channels: Mapping[ChannelName, ChannelSetup] = field(default_factory=dict)
    publishers: tuple[Publisher, ...] = ()
    silences: tuple[Silence, ...] = ()
    routes: tuple[Route, ...] = ()
    schedules: Mapping[str, Times | Window] = field(default_factory=dict)
    defaults: Defaults = Defaults()
    keep: Keep = Keep()
    meta: Meta = Meta()
    network: Network = Network()
    files: Mapping[str, str] = field(default_factory=dict)
    digest: bytes = b""
    known_secrets: tuple[Secret, ...] = ()
    tests: tuple[RuleTest, ...] = ()
    held: Mapping[RuleId, int] = field(default_factory=dict)

    def rule_source(self, revision: int) -> RuleSource:
        """Return the rules and concepts as matching takes them: those that are paused are not asked."""
        return RuleSource(revision, tuple(rule for rule in self.rules if not rule.is_paused), dict(self.concepts))

    def policy(self, revision: int) -> Policy:
        """Return what judging needs to know."""
        return Policy(
            revision=revision,
            rules={rule.id: rule for rule in self.rules},
            channels={name: setup.state for name, setup in self.channels.items()},
            default_targets=self.defaults.send_to,
            publishers=self.publishers,
            silences=self.silences,
            silent_targets=frozenset({CONSOLE, *(name for name, setup in self.channels.items() if not setup.rings)}),
            threaded=frozenset(name for name, setup in self.channels.items() if setup.has_threads),
            routes=self.routes,
            timings={name: setup.timing for name, setup in self.channels.items() if setup.timing is not None},
            otherwise=self.ways_round(),
            otherwise_named=frozenset(self.otherwise()),
            give_up={name: setup.give_up for name, setup in self.channels.items() if setup.give_up is not None},
            zone=ZoneInfo(self.defaults.zone),
            feeds=self.named_feeds(),
        )

    def named_feeds(self) -> Mapping[str, str]:
        """Return the address of each feed that the user named, by its name."""
        return {feed.name: feed.url for feed in self.feeds if feed.named}

    def otherwise(self) -> Mapping[ChannelName, ChannelName]:
        """Return which channel each names for its alerts while it takes none."""
        return {name: setup.otherwise for name, setup in self.channels.items() if setup.otherwise is not None}

    def ways_round(self) -> Mapping[ChannelName, tuple[ChannelName, ...]]:
        """Return where the alerts of each channel go while it takes none, in order, whether it names one or not."""
        return ways_round(self.otherwise(), self.channels, self.meta.send_to)

    def wraps(self) -> Mapping[ChannelName, Times]:
        """Return the channels that are told once a day what their day was, and when: those that say so, and the first
        e-mail channel that says nothing of it.
        """
        found: dict[ChannelName, Times] = {}
        first = next((name for name, setup in self.channels.items() if setup.kind == "email"), None)
        for name, setup in self.channels.items():
            said = setup.timing.wrap if setup.timing is not None else None
            usual = Times("wrap", (time(8),), zone=ZoneInfo(self.defaults.zone)) if name == first else None
            at = usual if said is None else said.at
            if at is not None and setup.state is ChannelState.READY:
                found[name] = at
        return found

    def renames(self) -> Renames:
        """Return what rules and channels were called before."""
        return Renames(
            {old: rule.id for rule in self.rules for old in rule.was if old != rule.id},
            {old: name for name, setup in self.channels.items() for old in setup.was if old != name},
        )

    def secrets(self) -> tuple[str, ...]:
        """Return the values that logs must mask, each once, longest first."""
        values = {secret.reveal() for secret in self.known_secrets}
        return tuple(sorted(filter(None, values), key=lambda value: (-len(value), value)))
