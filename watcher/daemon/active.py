"""The configuration in force: checked, compiled and stored first, then swapped for the last one as a whole."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

import structlog

from watcher.by_hand import HandShown
from watcher.core.alerts.elsewhere import ready_ways
from watcher.core.alerts.judge import make_judge
from watcher.core.alerts.lasting import begun, under_new_name, what_it_names
from watcher.core.alerts.recipients import not_paused
from watcher.core.model.ids import ChannelName, RuleId
from watcher.core.model.policy import CONSOLE, ChannelState, FeedSpec, Policy, Renames, Silence
from watcher.core.model.record import RevisionRecord
from watcher.daemon.word_shares import WordShares
from watcher.daemon.world import World
from watcher.errors import StorageError
from watcher.network.client import honest_user_agent
from watcher.pipeline import Ruling
from watcher.ports import Channel, InForce, Shown
from watcher.settings.configuration import Configuration, Network
from watcher.settings.differences import difference, renamed
from watcher.settings.phrases import counted

log = structlog.get_logger()

_MOST_HELD = 10


class _Doors(InForce, Shown, HandShown, Protocol):
    """The configuration in force is kept here, with silences made by hand; texts say how frequent words are."""


@dataclass(frozen=True, slots=True)
class _Changes:
    """What people changed by hand, as it was read last."""

    silences: tuple[Silence, ...] = ()
    paused: Mapping[ChannelName, frozenset[str]] = field(default_factory=dict)


class Active:
    """Holds the configuration and the ruling made of it; both always belong to the same revision."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store: _Doors = world.store
        self._word_shares = WordShares(world.store)
        self._configuration: Configuration | None = None
        self._built: Mapping[ChannelName, Channel] = {}  # all that are ready by the files, whoever asked for no more
        self._by_hand = _Changes()
        self._reading = asyncio.Lock()  # what was read later is never replaced by what was read before
        self._has_started = False

    def configuration(self) -> Configuration:
        """Return the configuration in force; call it only after the first `adopt`."""
        assert self._configuration is not None, "no configuration was adopted yet"
        return self._configuration

    async def adopt(self, configuration: Configuration, before: Configuration | None = None, effect: str = "") -> str:
        """Make a checked configuration the one in force; return one line that says what changed since `before`, which
        is the one in force where none is given, and of its `effect`.

        Raises:
            ConfigError: a channel cannot be built.
            StorageError: the articles cannot be read, or the revision cannot be stored; the last one goes on.
        """
        state, metrics = self._world.state, self._world.metrics
        now = self._world.clock.now()
        known = await self._store.active_revision()
        number = 1 if known is None else known.number + (known.digest != configuration.digest)
        await self._read_changes()
        build = self._world.channel_builder(configuration)
        built = {
            name: build(setup) for name, setup in configuration.channels.items() if setup.state is ChannelState.READY
        }
        before = before or self._configuration
        renames = configuration.renames() if before is None else renamed(before, configuration)
        starts = _starts(configuration, renames.rules, {} if known is None else known.silence_starts, now)
        configuration = replace(configuration, silences=begun(configuration.silences, starts))
        line = _line(before, configuration, number, effect)
        source = replace(configuration.rule_source(number), frequencies=await self._word_shares.current(now))
        try:
            await self._world.reader.use(source)
        except OSError as error:
            raise StorageError(f"the rules cannot be written for the readers: {error.strerror}") from error
        await self._store.activate(
            RevisionRecord(number, configuration.digest, configuration.files, now, starts, configuration.held),
            _polled(configuration),
            now,
            renames,
        )
        # From here on the store takes nothing that was judged under the last revision, so nothing may fail before the
        # swap.
        self._configuration, self._built = configuration, built
        self._by_hand = _renamed(self._by_hand, renames)
        self._world.outage.use(configuration.feeds)
        self._world.rulings.swap(self._ruling(number))
        state.revision = number
        state.stale_since, state.stale_problems = None, ""
        state.last_reload = line
        metrics.config_ok.set(1)
        metrics.config_stale_since.set(0)
        metrics.config_revision.set(number)
        state.held_rules = tuple(sorted(configuration.held))
        metrics.rules_held.set(len(configuration.held))
        try:
            if not self._has_started:
                await self._store.started(now)
                self._has_started = True
            await self.settle()
        except StorageError as error:
            log.error("messages not fitted to the channels yet, trying again soon", reason=str(error))
        return line

    async def _read_changes(self) -> None:
        async with self._reading:
            paused: dict[ChannelName, frozenset[str]] = {}
            silences = tuple(await self._store.hand_silences())
            for one in await self._store.paused_recipients():
                paused[one.channel] = paused.get(one.channel, frozenset()) | {one.recipient}
            self._by_hand = _Changes(silences, paused)

    def _ruling(self, revision: int) -> Ruling:
        """Return what the configuration and the changes by hand make together; nothing waits here, so that no change
        falls between two configurations.

        A channel whose recipients all asked for no more is off: what is for it is held, and told elsewhere.
        """
        configuration, paused = self.configuration(), self._by_hand.paused
        policy = configuration.policy(revision)
        left = _left(self._built, paused)
        policy = replace(
            policy,
            silences=(*policy.silences, *self._by_hand.silences),
            paused=paused,
            channels={**policy.channels, **dict.fromkeys(left, ChannelState.OFF)},
        )
        channels = {name: channel for name, channel in self._built.items() if name not in left}
        meta_targets = [name for name in configuration.meta.send_to if name in channels]
        return Ruling(revision, policy, make_judge(policy), channels, self._world.settings.public_url, meta_targets)

    async def take_changes(self) -> None:
        """Put in force what people changed by hand since the last look; the revision stays.

        Raises:
            StorageError: they cannot be read; what is in force goes on.
        """
        await self._read_changes()
        before = self._world.ruling()
        after = self._ruling(before.revision)
        if _changeable(before.policy) != _changeable(after.policy):
            self._world.rulings.swap(after)

    def recipients(self, name: ChannelName) -> tuple[str, ...] | None:
        """Return whom a channel writes to by the files, whether it is ready or not; None where it has no recipients,
        or its secret is missing that names them.
        """
        if name in self._built:
            return self._built[name].traits.recipients
        setup = self.configuration().channels.get(name)
        return setup.config.recipients if setup is not None and setup.config is not None else None

    async def settle(self) -> None:
        """Fit what waits to the channels in force: hold it where a channel is off, and tell the default channels
        instead.

        Raises:
            StorageError: the database refused; it can be done again at any time.
        """
        await self.take_changes()
        channels = self._world.ruling().channels
        policy = self._world.ruling().policy
        off = {name: state.value for name, state in policy.channels.items() if state is not ChannelState.READY}
        fallback = [name for name in policy.default_targets if name in channels] or [CONSOLE]
        addresses = {name: channel.traits.address for name, channel in channels.items()}
        named = {name: way for name, way in ready_ways(policy).items() if name in policy.otherwise_named}
        await self._store.settle_channels(
            tuple(channels), off, self._world.clock.now(), fallback=fallback, addresses=addresses, otherwise=named
        )
        await self._store.release_due(self._world.ruling().policy, self._world.clock.now())
        await self._end_silences()

    async def _end_silences(self) -> None:
        now = self._world.clock.now()
        silences = self._world.ruling().policy.silences
        # One that is still to begin is not over either.
        await self._store.end_silences([one.name for one in silences if one.ends_at is None or now < one.ends_at], now)

    def has_real_channel(self) -> bool:
        """Return whether anything but the console can be told."""
        return any(name != CONSOLE for name in self._world.ruling().channels)


def _left(channels: Mapping[ChannelName, Channel], paused: Mapping[ChannelName, frozenset[str]]) -> list[ChannelName]:
    """Return the channels whose recipients all asked for no more."""
    return [
        name for name in paused if name in channels and not_paused(channels[name].traits.recipients, paused[name]) == ()
    ]


def _line(before: Configuration | None, now: Configuration, number: int, effect: str) -> str:
    if before is None:
        said = f"{counted(len(now.rules), 'rule')}, {counted(len(now.feeds), 'feed')}"
    else:
        said = difference(before, now).line()
    held = [f"{rule} {f'stays as in revision {n}' if n else 'is not in force'}" for rule, n in sorted(now.held.items())]
    more = [f"{len(held)} held back by an example ({', '.join(held[:_MOST_HELD])})"] if held else []
    return f"revision {number}: {'; '.join(filter(None, (said, effect, *more)))}"


def _starts(
    configuration: Configuration, rules: Mapping[RuleId, RuleId], known: Mapping[str, datetime], now: datetime
) -> Mapping[str, datetime]:
    """Return since when the silences that only say how long they last are held: those that no revision held before,
    from now on.
    """
    found = {under_new_name(what, rules): at for what, at in known.items()} | dict(known)
    named = [what_it_names(one) for one in configuration.silences if one.lasts is not None]
    return {what: found.get(what, now) for what in named}


def _changeable(policy: Policy) -> tuple[object, ...]:
    """Return what changes by hand make of a policy."""
    return policy.silences, policy.paused, policy.channels


def _renamed(changes: _Changes, renames: Renames) -> _Changes:
    """Return changes by hand under the names that rules and channels have now, as the store has them."""
    silences = tuple(
        replace(
            one,
            name=renames.rules.get(one.rule, one.name) if one.rule and one.name == one.rule else one.name,
            rule=renames.rules.get(one.rule, one.rule) if one.rule else None,
            channel=renames.channels.get(one.channel, one.channel) if one.channel else None,
        )
        for one in changes.silences
    )
    return _Changes(silences, {renames.channels.get(name, name): who for name, who in changes.paused.items()})


def _polled(configuration: Configuration) -> tuple[FeedSpec, ...]:
    return tuple(with_network(spec, configuration.network) for spec in configuration.feeds if not spec.paused)


def with_network(spec: FeedSpec, network: Network) -> FeedSpec:
    """Return a feed with what `network` says for all of them."""
    request = replace(
        spec.request,
        user_agent=spec.request.user_agent or honest_user_agent(network.contact),
        allow_private=(*spec.request.allow_private, *network.allow_private),
    )
    return replace(spec, request=request)
