"""How channels are built: one line here and one in `kinds` register one."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, TextIO, cast

from watcher.core.model.ids import ChannelName
from watcher.core.model.secret import Secret
from watcher.delivery.chat import ChatChannel, Service
from watcher.delivery.config import ChannelConfig
from watcher.delivery.console import ConsoleChannel
from watcher.delivery.discord import DISCORD
from watcher.delivery.email import EmailChannel, EmailConfig, MailLinks
from watcher.delivery.file import FileChannel, FileConfig
from watcher.delivery.hand import Hands
from watcher.delivery.heads import Heads
from watcher.delivery.http import Exchanger, HttpSender
from watcher.delivery.kinds import waiting_for
from watcher.delivery.mattermost import MATTERMOST
from watcher.delivery.ntfy import NTFY
from watcher.delivery.slack import SlackChannel, SlackConfig
from watcher.delivery.slack_bot import SlackBotChannel
from watcher.delivery.smtp import Dialler, MailRoom, parse_smtp_url
from watcher.delivery.teams import TEAMS
from watcher.delivery.telegram import TELEGRAM
from watcher.delivery.webhook import WebhookChannel, WebhookConfig
from watcher.errors import DeliveryError
from watcher.network.client import tls_context
from watcher.ports import Channel, Clock
from watcher.telling.signed_links import LinkSigner


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What channels are built from: process settings, doors to the world, the clock."""

    out_dir: Path
    stdout: TextIO
    client: Exchanger
    guard: Dialler
    clock: Clock
    smtp_url: Secret | None = None
    smtp_from: str = ""
    public_url: str = ""
    as_lines: bool = False  # of the console: each alert as one JSON line
    sends: bool = True  # False = what would go out is written below `out_dir`/unsent
    signer: LinkSigner | None = None  # None = no message has a signed link
    allow_private: tuple[str, ...] = ()
    tls: ssl.SSLContext | None = None  # for mail; None = the same authorities as for HTTP
    heads: Heads = field(default_factory=Heads)  # as the hands
    hands: Hands = field(default_factory=Hands)  # they outlive a configuration, as does what hangs in them


Builder = Callable[[ChannelName, ChannelConfig, Surroundings], Channel]


def _console(name: ChannelName, _config: ChannelConfig, around: Surroundings) -> Channel:
    return ConsoleChannel(name, around.stdout, hand=around.hands.of(id(around.stdout)), as_lines=around.as_lines)


def _file(name: ChannelName, config: ChannelConfig, around: Surroundings) -> Channel:
    config = cast("FileConfig", config)
    return FileChannel(name, config, around.out_dir, hand=around.hands.of(around.out_dir / config.path))


def _email(name: ChannelName, config: ChannelConfig, around: Surroundings) -> Channel:
    config = cast("EmailConfig", config)
    assert around.smtp_url is not None  # `build` asks `waiting_for` first
    server = parse_smtp_url(around.smtp_url)
    allowed = (*around.allow_private, *config.allow_private)
    room = MailRoom(server, around.guard, around.tls or tls_context(), allowed)
    links = MailLinks(around.public_url, around.signer)
    return EmailChannel(name, config, config.from_ or around.smtp_from, room, links)


def _slack(name: ChannelName, config: ChannelConfig, around: Surroundings) -> Channel:
    config = cast("SlackConfig", config)
    sender = HttpSender(around.client, around.clock, around.allow_private)
    if config.token is not None:
        return SlackBotChannel(name, config, config.token, sender, around.heads)
    assert config.webhook_url is not None  # the configuration has one of the two
    return SlackChannel(name, config, config.webhook_url, sender)


def _webhook(name: ChannelName, config: ChannelConfig, around: Surroundings) -> Channel:
    return WebhookChannel(
        name, cast("WebhookConfig", config), HttpSender(around.client, around.clock, around.allow_private)
    )


def _chat(service: Service[Any]) -> Builder:
    def builder(name: ChannelName, config: ChannelConfig, around: Surroundings) -> Channel:
        return ChatChannel(name, config, service, HttpSender(around.client, around.clock, around.allow_private))

    return builder


_OF_THIS_MACHINE = frozenset({"console", "file"})
"""Kinds that send nothing to anybody."""

_BUILDERS: Mapping[str, Builder] = MappingProxyType(
    {
        "console": _console,
        "file": _file,
        "email": _email,
        "slack": _slack,
        "webhook": _webhook,
        "discord": _chat(DISCORD),
        "mattermost": _chat(MATTERMOST),
        "teams": _chat(TEAMS),
        "telegram": _chat(TELEGRAM),
        "ntfy": _chat(NTFY),
    }
)


def build(name: ChannelName, config: ChannelConfig, surroundings: Surroundings) -> Channel:
    """Return the channel that `config` describes.

    Raises:
        DeliveryError: no such type, or a process setting is missing or wrong.
    """
    known = _BUILDERS.get(config.type)
    if known is None:
        raise DeliveryError(f"channel {name}: there is no channel type {config.type!r}", permanent=True)
    missing = waiting_for(config, smtp_url=surroundings.smtp_url, smtp_from=surroundings.smtp_from)
    if missing:
        raise DeliveryError(f"channel {name} waits for {missing}", permanent=True)
    if not surroundings.sends and config.type not in _OF_THIS_MACHINE:
        return _unsent(name, surroundings)
    return known(name, config, surroundings)


def _unsent(name: ChannelName, around: Surroundings) -> Channel:
    """Return what writes what a channel would send: one file a channel, one line a message."""
    return _file(name, FileConfig(type="file", path=f"unsent/{name}.jsonl"), around)
