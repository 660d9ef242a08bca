"""Channels asked by hand: one test message to each, and the payload of an alert without sending it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from watcher.asking.configured import configuration_of
from watcher.asking.explanations import article_of
from watcher.asking.store import refuse_missing, with_store
from watcher.core.matching.engine import RuleSet
from watcher.core.model.alert import AlertDetail, AlertKind
from watcher.core.model.article import Article
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, FeedId, MessageId, StoryId, digest, public_id
from watcher.core.model.match import Match
from watcher.core.model.message import AttemptClass, AttemptResult, Message, MessageKind
from watcher.core.model.policy import ChannelState
from watcher.core.model.rule import Rule
from watcher.core.model.secret import Secret
from watcher.daemon.clock import SystemClock
from watcher.delivery.chat import ChatChannel
from watcher.delivery.registry import Surroundings, build
from watcher.errors import ConfigError, OutOfDescriptors, StorageError
from watcher.lexicon.extras import compile_with_extras
from watcher.network.client import GuardedClient
from watcher.network.guard import AddressGuard
from watcher.ports import Channel
from watcher.settings.configuration import ChannelSetup, Configuration
from watcher.settings.env import Settings
from watcher.settings.issues import did_you_mean
from watcher.telling.samples import trial_message
from watcher.telling.summary import in_zone, summary_of

_STARS = "***"
_LONG_SECRET = 12  # letters
_LOOKED_AT = 1000
"""So many of the newest alerts are searched for one of the rule."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What one channel answered; `result` None = it was not tried, for the reason in `why_not`."""

    name: ChannelName
    kind: str
    result: AttemptResult | None
    why_not: str = ""

    @property
    def is_well(self) -> bool:
        """Whether the receiver took the message."""
        return self.result is not None and self.result.result is AttemptClass.OK


@dataclass(frozen=True, slots=True)
class Previewed:
    """The payload of an alert, and where the alert comes from, in words."""

    payload: Mapping[str, Any]
    source: str


def try_channels(settings: Settings, configuration: Configuration, names: Sequence[str] = ()) -> list[Trial]:
    """Send a test message to the named channels, to all for none, one after the other; return what each answered.

    Raises:
        ConfigError: a name is no channel.
    """
    setups = [_setup(configuration, name) for name in names] or list(configuration.channels.values())

    async def run() -> list[Trial]:
        async with AsyncExitStack() as stack:
            around = _surroundings(settings, configuration, stack)
            return [await _try(setup, around) for setup in setups]

    return asyncio.run(run())


def preview(settings: Settings, rule_name: str, channel_name: str, text: str) -> Previewed:
    """Return the payload of an alert of a rule for a channel, its secrets as stars: its newest stored one, or of
    `text` where given.

    Raises:
        ConfigError: the configuration has mistakes, there is no such rule or channel, or the channel waits for
            something.
        StorageError: no alert of the rule is stored and no text was given, the database cannot be read, or the rule
            does not match the text.
    """
    configuration = configuration_of(settings)
    rule = _rule(configuration, rule_name)
    setup = _setup(configuration, channel_name)
    if setup.config is None or setup.state is not ChannelState.READY:
        raise ConfigError(f"channel {setup.name} cannot be built: {_why_not(setup)}")
    now = SystemClock().now()
    detail = _of_text(configuration, rule, setup.name, text, settings, now) if text else _stored(settings, rule)
    said = "of the text given" if text else f"the newest stored one, of {detail.created_at:%d %b %H:%M} UTC"
    alert = summary_of(
        detail, {rule.id: rule}, configuration.publishers, settings.public_url, configuration.named_feeds()
    )
    id_ = MessageId(public_id("m", digest("preview", setup.name, detail.id)))
    message = Message(id_, setup.name, MessageKind.ALERT, detail.created_at, alerts=(alert,))
    message = in_zone(message, ZoneInfo(configuration.defaults.zone))

    async def run() -> Mapping[str, Any]:
        async with AsyncExitStack() as stack:
            channel = _built(setup, _surroundings(settings, configuration, stack))
            payload: Mapping[str, Any] = _starred(channel.render(message), _secrets(channel))
            return payload

    return Previewed(asyncio.run(run()), f"alert of {rule.id} for {setup.name} ({setup.config.type}): {said}")


def _secrets(channel: Channel) -> frozenset[str]:
    """Return what of a channel's configuration is secret: each such field, and what its service makes of them."""
    config = getattr(channel, "config", None)
    found: list[object] = []
    for _, value in config or ():
        found += value if isinstance(value, tuple) else [value]
    if isinstance(channel, ChatChannel):
        found += [channel.service.url(channel.config), *channel.service.secrets(channel.config)]
    return frozenset(one.reveal() for one in found if isinstance(one, Secret))


def _starred(value: Any, secrets: frozenset[str]) -> Any:  # noqa: ANN401 - any JSON value
    """Return a payload with stars for a text that is a secret, and for a long secret within a text; a short one, such
    as the topic `news`, may be a word of the news.
    """
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, _STARS) if len(secret) >= _LONG_SECRET else value
        return _STARS if value in secrets else value
    if isinstance(value, Mapping):
        return {key: _starred(inner, secrets) for key, inner in value.items()}
    return [_starred(inner, secrets) for inner in value] if isinstance(value, (list, tuple)) else value


def _surroundings(settings: Settings, configuration: Configuration, stack: AsyncExitStack) -> Surroundings:
    guard = AddressGuard()
    client = GuardedClient(guard)
    stack.push_async_callback(client.aclose)
    return Surroundings(
        smtp_url=settings.smtp_url,
        smtp_from=settings.smtp_from,
        public_url=settings.public_url,
        out_dir=Path(settings.data) / "out",
        stdout=sys.stdout,
        client=client,
        guard=guard,
        allow_private=configuration.network.allow_private,
        clock=SystemClock(),
    )


def _built(setup: ChannelSetup, around: Surroundings) -> Channel:
    assert setup.config is not None
    return build(setup.name, setup.config, around)


async def _try(setup: ChannelSetup, around: Surroundings) -> Trial:
    kind = setup.config.type if setup.config is not None else ""
    if setup.config is None or setup.state is not ChannelState.READY:
        return Trial(setup.name, kind, None, _why_not(setup))
    channel = _built(setup, around)
    try:
        async with asyncio.timeout(channel.deadline.total_seconds()):
            result = await channel.send(trial_message(setup.name, around.clock.now()))
    except TimeoutError:
        result = AttemptResult(AttemptClass.UNKNOWN, f"no answer within {channel.deadline.total_seconds():.0f} s")
    except OutOfDescriptors as error:
        return Trial(setup.name, kind, None, str(error))
    return Trial(setup.name, kind, result)


def _why_not(setup: ChannelSetup) -> str:
    return (
        f"it waits for its secret: {setup.reason}" if setup.state is ChannelState.NO_SECRET else f"it is {setup.reason}"
    )


def _setup(configuration: Configuration, name: str) -> ChannelSetup:
    setup = configuration.channels.get(ChannelName(name))
    if setup is None:
        known = list(configuration.channels)
        raise ConfigError(
            f"no channel is called {name}; {did_you_mean(name, known) or 'channels: ' + ', '.join(known)}"
        )
    return setup


def _rule(configuration: Configuration, name: str) -> Rule:
    for rule in configuration.rules:
        if name in (rule.id, rule.name):
            return rule
    known = [rule.id for rule in configuration.rules]
    raise ConfigError(f"no rule is called {name}; {did_you_mean(name, known) or 'rules: ' + ', '.join(known[:20])}")


def _stored(settings: Settings, rule: Rule) -> AlertDetail:
    refuse_missing(settings)
    found: Sequence[AlertDetail] = ()
    if settings.place().is_made:
        found = with_store(settings, lambda store: store.recent_alerts(limit=_LOOKED_AT))
    for detail in found:
        if detail.rule == rule.id:
            return detail
    raise StorageError(f'no alert of {rule.id} is stored; give a headline that it matches: --text "..."')


def _of_text(
    configuration: Configuration, rule: Rule, target: ChannelName, text: str, settings: Settings, now: datetime
) -> AlertDetail:
    article, _ = article_of(text, "", settings)
    article = _as_news(article, now)
    match = _match(compile_with_extras(configuration.rule_source(1)), rule, article)
    key = (rule.id, target, article.title)
    return AlertDetail(
        id=AlertId(public_id("l", digest("preview", *key))),
        rule=rule.id,
        target=target,
        story=StoryId(public_id("s", digest("preview", *key))),
        kind=AlertKind.FIRST,
        severity=rule.severity,
        revision=1,
        created_at=now,
        article=article,
        match=match,
        members=(),
    )


def _as_news(article: Article, now: datetime) -> Article:
    """Return a pasted article with an id, a feed and a link, as one that came out of a feed has."""
    if article.id:
        return article
    return replace(
        article,
        id=ArticleId(public_id("a", digest("preview", article.title))),
        feed=FeedId(public_id("f", digest("preview"))),
        url="https://example.org/preview",
        source="Example News",
        first_seen_at=now,
    )


def _match(rules: RuleSet, rule: Rule, article: Article) -> Match:
    matches, _ = rules.match(article)
    for match in matches:
        if match.rule == rule.id:
            return match
    raise StorageError(f'{rule.id} does not match that text; see why: watcher explain --rule {rule.id} "..."')
