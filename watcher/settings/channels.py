"""Reads `channels`: each with the config type of its kind, or the reason why it cannot be used yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from pydantic import BaseModel

from watcher.core.alerts.elsewhere import circle_of
from watcher.core.model.ids import ChannelName
from watcher.core.model.place import Place
from watcher.core.model.policy import CONSOLE, ChannelState
from watcher.core.model.secret import Secret
from watcher.delivery.config import ChannelConfig
from watcher.delivery.kinds import channel_types, waiting_for
from watcher.settings.configuration import ChannelSetup
from watcher.settings.env import Settings
from watcher.settings.feed_ways import private_host
from watcher.settings.issues import Issues
from watcher.settings.models import ModelReader, unknown_key
from watcher.settings.phrases import short
from watcher.settings.schema import check_name
from watcher.settings.timing import OfChannel, TimingReader
from watcher.settings.yaml_text import ListNode, MapNode, ScalarNode, YamlNode

_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
PAUSED: Final = "paused"
"""Why a channel is off that its author paused."""


@dataclass(frozen=True, slots=True)
class ChannelTypes:
    """Which kinds of channels there are, and what a channel still waits for beside its own keys."""

    types: Mapping[str, type[ChannelConfig]]
    waits_for: Callable[[ChannelConfig, Settings], str]


def registered_types() -> ChannelTypes:
    """Return the kinds that the delivery room has registered."""
    return ChannelTypes(
        channel_types(),
        lambda config, settings: waiting_for(config, smtp_url=settings.smtp_url, smtp_from=settings.smtp_from),
    )


class ChannelReader:
    """Reads channels; a channel without its secret is kept, as waiting, because that is no mistake."""

    def __init__(
        self,
        issues: Issues,
        models: ModelReader,
        settings: Settings,
        types: ChannelTypes,
        allowed: tuple[str, ...],
        timing: TimingReader,
    ) -> None:
        self._issues = issues
        self._models = models
        self._settings = settings
        self._types = types
        self._allowed = allowed
        self._timing = timing

    def read_all(self, named: Mapping[str, tuple[ScalarNode, YamlNode]]) -> dict[ChannelName, ChannelSetup]:
        """Return all channels by name, `console` among them whether it is written or not."""
        found: dict[ChannelName, ChannelSetup] = {}
        for name, (key, node) in named.items():
            wrong = check_name(name)
            if wrong:
                self._issues.error(key, wrong, hint="write it without blanks: `asia-desk`")
                continue
            about, timed = self._timing.split(node) if isinstance(node, MapNode) else (node, None)
            setup = self._one(ChannelName(name), key, about)
            own = self._timing.channel(ChannelName(name), timed) if timed is not None else OfChannel()
            if setup is not None:
                setup = replace(setup, was=_was(node), timing=own.timing, otherwise=own.otherwise, give_up=own.give_up)
                found[setup.name] = replace(setup, state=ChannelState.OFF, reason=PAUSED) if own.paused else setup
        self._refuse_taken(found, named)
        self._refuse_no_way(found, named)
        console = self._types.types.get("console")
        if CONSOLE not in found and console is not None:
            found[CONSOLE] = ChannelSetup(CONSOLE, console(type="console"))
        return found

    def _refuse_no_way(
        self, found: dict[ChannelName, ChannelSetup], named: Mapping[str, tuple[ScalarNode, YamlNode]]
    ) -> None:
        """Note where `otherwise` names no channel, or leads back to where it began."""
        ways = {name: setup.otherwise for name, setup in found.items() if setup.otherwise is not None}
        known = {*found, *named, CONSOLE}
        told: set[ChannelName] = set()  # of circles
        for name, way in ways.items():
            node = named[name][1]
            at = (node.get("otherwise") if isinstance(node, MapNode) else None) or node
            circle = circle_of(name, ways)
            if way not in known:
                hint = self._issues.did_you_mean(way, known) or f"channels: {', '.join(sorted(known))}"
                self._issues.error(at, f"channel {name}: there is no channel `{short(way)}`", hint=hint)
            elif name not in told and (way == name or circle):
                told |= set(circle)
                said = " -> ".join(circle) or f"{name} -> {name}"
                hint = "name a channel that does not lead back here, such as `console`"
                self._issues.error(at, f"channel {name}: `otherwise` leads back to it: {said}", hint=hint)

    def _refuse_taken(
        self, found: Mapping[ChannelName, ChannelSetup], named: Mapping[str, tuple[ScalarNode, YamlNode]]
    ) -> None:
        """Note earlier names that a channel of today has, or that two channels claim."""
        claimed: dict[ChannelName, ChannelSetup] = {}
        for setup in found.values():
            for old in setup.was:
                other = claimed.setdefault(old, setup)
                if old in named and old != setup.name:
                    hint = f"`was` names a channel that is gone; this one is at {named[old][0].place}"
                    said = f"channel {setup.name} says it was `{short(old)}`, but that channel still exists"
                    self._issues.error(setup.place, said, hint=hint)
                elif other.name != setup.name:
                    said = f"channels {other.name} and {setup.name} both say that they were `{short(old)}`"
                    self._issues.error(setup.place, said, hint=f"the other is at {other.place}; keep one")

    def _one(self, name: ChannelName, key: ScalarNode, node: YamlNode) -> ChannelSetup | None:
        what = f"channel {name}"
        if not isinstance(node, MapNode):
            self._issues.error(key, f"{what} must be a mapping", hint=f"write `{name}: {{type: ...}}`")
            return None
        model = self._type_of(node, key, what)
        if model is None:
            return None
        if name == CONSOLE and model is not self._types.types.get("console"):
            self._issues.error(key, "`console` is the name of the console", hint="give this channel another name")
            return None
        before = self._issues.errors()
        config, read = self._models.read(node, model, "channel", what)
        if self._issues.errors() > before:
            return None
        if config is None:
            return self._waiting(name, key, node, tuple(dict.fromkeys(read.missing)))
        self._refuse_private(config, key, node, what)
        missing = self._types.waits_for(config, self._settings)
        if missing:
            self._issues.warn(key, f"{what} waits for {missing}", hint="it sends nothing until that is set")
            return ChannelSetup(name, config, ChannelState.NO_SECRET, missing, key.place)
        return ChannelSetup(name, config, place=key.place)

    def _type_of(self, node: MapNode, key: ScalarNode, what: str) -> type[ChannelConfig] | None:
        kind = node.get("type")
        if kind is None:
            misspelt = next((each for each, _ in node.pairs if each.text.lower() in {"kind", "typ", "tpye"}), None)
            if misspelt is not None:
                unknown_key(self._issues, misspelt, "channel", what, ("type",))
            else:
                self._issues.error(key, f"{what} needs `type`", hint="one of: " + ", ".join(self._types.types))
            return None
        word = kind.text if isinstance(kind, ScalarNode) else ""
        model = self._types.types.get(word)
        if model is None:
            hint = self._issues.did_you_mean(word, self._types.types)
            self._issues.error(kind, f"there is no channel type `{short(word)}`", hint=hint)
        return model

    def _waiting(self, name: ChannelName, key: ScalarNode, node: MapNode, missing: tuple[str, ...]) -> ChannelSetup:
        reason = ", ".join(missing) or "its secret is not set"
        at: YamlNode | Place = key
        for _, value in node.pairs:
            if isinstance(value, ScalarNode) and "${" in value.text:
                at = value
                break
        self._issues.warn(
            at, f"channel {name} waits for its secret: {reason}", hint="it sends nothing until that is set"
        )
        return ChannelSetup(name, None, ChannelState.NO_SECRET, reason, key.place)

    def _refuse_private(self, config: ChannelConfig, key: ScalarNode, node: MapNode, what: str) -> None:
        hint = "add `allow_private: [...]` with its block to the channel, if that is meant"
        allowed = (*self._allowed, *config.allow_private)
        for name, url in _urls(config):
            refused = private_host(url, allowed)
            if refused:
                self._issues.error(node.get(name) or node, f"{what}: {refused}", hint=hint)
        server = self._settings.smtp_url
        if server is not None and config.type == "email":
            refused = private_host(server.reveal(), allowed)
            if refused:
                self._issues.error(key, f"{what}: the mail server of WATCHER_SMTP_URL: {refused}", hint=hint)
            self._warn_of_open_mail(server, key, what)

    def _warn_of_open_mail(self, server: Secret, key: ScalarNode, what: str) -> None:
        """Note a mail server that is spoken to in the clear over a network, before the first mail is."""
        parts = urlsplit(server.reveal())
        if parts.query == "starttls=never" and parts.hostname not in _THIS_MACHINE:
            message = f"{what}: mail goes to {parts.hostname} unencrypted" + (
                ", the password too" if parts.password else ""
            )
            hint = "take ?starttls=never off WATCHER_SMTP_URL, or use smtps://"
            self._issues.warn(key, message, hint=hint)


def _was(node: YamlNode) -> tuple[ChannelName, ...]:
    """Return the earlier names of a channel; a channel that waits for its secret had them too."""
    written = node.get("was") if isinstance(node, MapNode) else None
    items = written.items if isinstance(written, ListNode) else () if written is None else (written,)
    return tuple(ChannelName(one.text) for one in items if isinstance(one, ScalarNode))


def _urls(config: BaseModel) -> Iterator[tuple[str, str]]:
    for key in type(config).model_fields:
        value = getattr(config, key)
        text = value.reveal() if isinstance(value, Secret) else value
        if isinstance(text, str) and text.startswith(("http://", "https://")):
            yield key, text
