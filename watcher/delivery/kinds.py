"""Which kinds of channels there are; the module of one is imported when somebody asks for its configuration type."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from watcher.core.model.secret import Secret
from watcher.delivery.config import ChannelConfig

_HOMES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "console": ("console", "ConsoleConfig"),
        "file": ("file", "FileConfig"),
        "email": ("email", "EmailConfig"),
        "slack": ("slack", "SlackConfig"),
        "webhook": ("webhook", "WebhookConfig"),
        "discord": ("discord", "DiscordConfig"),
        "mattermost": ("mattermost", "MattermostConfig"),
        "teams": ("teams", "TeamsConfig"),
        "telegram": ("telegram", "TelegramConfig"),
        "ntfy": ("ntfy", "NtfyConfig"),
    }
)
"""The word that stands in `type:`, the module of the channel, and the name of its configuration type there."""


class _Types(Mapping[str, type[ChannelConfig]]):
    """The configuration type of every kind; `watcher check` of a file that names two kinds imports two."""

    def __getitem__(self, word: str) -> type[ChannelConfig]:
        module, name = _HOMES[word]
        found: type[ChannelConfig] = getattr(importlib.import_module(f"watcher.delivery.{module}"), name)
        return found

    def __contains__(self, word: object) -> bool:
        return word in _HOMES

    def __iter__(self) -> Iterator[str]:
        return iter(_HOMES)

    def __len__(self) -> int:
        return len(_HOMES)


def channel_types() -> Mapping[str, type[ChannelConfig]]:
    """Return the configuration type of every kind of channel, by the word that stands in `type:`."""
    return _Types()


def waiting_for(config: ChannelConfig, *, smtp_url: Secret | None, smtp_from: str) -> str:
    """Return which process setting a channel still waits for, or "" when it can be built."""
    return config.waiting_for(smtp_url=smtp_url, smtp_from=smtp_from)
