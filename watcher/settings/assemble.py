"""Puts a Configuration together from the joined sections, and checks what points from one part to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from watcher.core.model.ids import ChannelName, RuleId
from watcher.core.model.policy import CONSOLE, ChannelState, FeedSpec, Keep, Publisher
from watcher.core.model.rule import Rule
from watcher.core.model.secret import Secret
from watcher.delivery.config import StrictModel
from watcher.lexicon.name_files import usual_folders
from watcher.settings.channels import PAUSED, ChannelReader, ChannelTypes
from watcher.settings.concepts import ConceptBook
from watcher.settings.configuration import ChannelSetup, Configuration, Defaults, Meta, Network
from watcher.settings.env import Settings
from watcher.settings.expansion import refuse_large
from watcher.settings.feeds import FeedReader
from watcher.settings.issues import Issues
from watcher.settings.models import ModelReader
from watcher.settings.name_lists import NO_TABLES, ListReader, Tables
from watcher.settings.phrases import short
from watcher.settings.rules import RuleReader
from watcher.settings.schema import PublisherModel, check_name
from watcher.settings.section_schema import DefaultsModel, KeepModel, MetaModel, NetworkModel
from watcher.settings.sections import Sections
from watcher.settings.silences import names_of, read_silences
from watcher.settings.timing import TimingReader
from watcher.settings.yaml_text import ListNode, MapNode, ScalarNode, YamlNode

S = TypeVar("S", bound=StrictModel)


@dataclass(frozen=True, slots=True)
class Assembled:
    """A configuration without its texts, and the places of the secrets that stood in them; of the rules `only_told`
    failing examples hold nothing back.
    """

    configuration: Configuration
    literal_secrets: tuple[ScalarNode, ...]
    only_told: frozenset[RuleId] = frozenset()


@dataclass(slots=True)
class _Parts:
    """The doors that every step needs."""

    sections: Sections
    issues: Issues
    models: ModelReader
    settings: Settings
    types: ChannelTypes
    # A file that could not be read may hold what others point to, so nothing is said about missing names then.
    is_whole: bool


def assemble(
    sections: Sections,
    issues: Issues,
    models: ModelReader,
    settings: Settings,
    types: ChannelTypes,
    *,
    calendars: Mapping[str, str],
    tables: Tables,
    feed_lists: Tables = NO_TABLES,
    is_whole: bool,
) -> Assembled:
    """Return the configuration that the sections describe, as far as they can be read; mistakes go into `issues`.

    `calendars` are the texts of the calendar files by name, `tables` those of the CSV files, `feed_lists` those of
    OPML.
    """
    parts = _Parts(sections, issues, models, settings, types, is_whole)
    defaults = _defaults(_setting(parts, "defaults", DefaultsModel))
    meta = _meta(_setting(parts, "meta", MetaModel, missing_is_empty=True))
    network = _network(_setting(parts, "network", NetworkModel))
    keep = _keep(_setting(parts, "keep", KeepModel))
    reader = FeedReader(issues, models, defaults, network.allow_private, feed_lists)
    feeds = reader.read_all(sections.lists["feeds"])
    timing = TimingReader(issues, models, _written_zone(sections), calendars)
    schedules = timing.read_schedules(sections.named["schedules"])
    channels = ChannelReader(issues, models, settings, types, network.allow_private, timing).read_all(
        sections.named["channels"]
    )
    lists = ListReader(issues, models, tables, usual_folders(settings.data)).read_all(
        sections.named["lists"], sections.named["concepts"]
    )
    book = ConceptBook(issues, models, _good_names(sections.named["concepts"], issues), lists)
    rule_reader = RuleReader(issues, models, book, defaults)
    rules = rule_reader.read_all(sections.lists["rules"])
    refuse_large(rules, book.concepts, issues)
    publishers = _publishers(parts)
    rule_names = names_of(rules, rule_reader.ids) if is_whole else None
    if rule_names is not None:
        # A feed with a mistake of its own is missing from `feeds`, and would be complained about twice.
        rules = rule_reader.settle(rules, rule_names, None if issues.errors() else feeds, keep)
    silences = read_silences(sections.lists["silences"], issues, models, rule_names, defaults.zone)
    named = {*channels, *sections.named["channels"]}
    known = feeds if is_whole and not issues.errors() else None
    configuration = Configuration(
        routes=timing.routes(sections.lists["routes"], named, rule_names, known),
        schedules=schedules,
        rules=rules,
        concepts=book.concepts,
        feeds=feeds,
        channels=channels,
        publishers=publishers,
        silences=silences,
        defaults=defaults,
        keep=keep,
        meta=meta,
        network=network,
        known_secrets=tuple(dict.fromkeys(models.known_secrets)),
        tests=rule_reader.tests.found,
    )
    _check(parts, configuration)
    return Assembled(configuration, (*models.literal_secrets, *reader.url_secrets), rule_reader.tests.only_told)


def _check(parts: _Parts, configuration: Configuration) -> None:
    if parts.is_whole:
        _check_targets(parts, configuration.channels)
        _check_feed_names(parts, configuration.feeds)
    _warn_of_silent_rules(configuration.rules, configuration.channels, configuration.defaults, parts.issues)
    _warn_of_silent_meta(parts, configuration)
    _warn_of_lone_failure(parts, configuration.meta)


def _setting(parts: _Parts, name: str, model: type[S], *, missing_is_empty: bool = False) -> S:
    node = parts.sections.setting(name)
    if node is None:
        return model()
    found, read = parts.models.read(node, model, name, f"`{name}`", missing_is_empty=missing_is_empty)
    for missing in read.missing:
        parts.issues.warn(node.get("heartbeat") or node, f"there is no heartbeat: {missing}")
    return model() if found is None else found


def _meta(model: MetaModel) -> Meta:
    heartbeat, failed = (url if url is not None and url.reveal() else None for url in _beats(model))
    return Meta(_targets(model.send_to), model.feed_dead_after, heartbeat, failed)


def _network(model: NetworkModel) -> Network:
    return Network(model.contact, model.allow_private, model.unguarded)


def _keep(model: KeepModel) -> Keep:
    return Keep(model.articles, model.keys, model.matched)


def _beats(model: MetaModel) -> tuple[Secret | None, Secret | None]:
    return model.heartbeat, model.heartbeat_failed


def _written_zone(sections: Sections) -> str | None:
    defaults = sections.setting("defaults")
    zone = defaults.get("zone") if defaults is not None else None
    return zone.text if isinstance(zone, ScalarNode) else None


def _defaults(model: DefaultsModel) -> Defaults:
    return Defaults(
        zone=model.zone,
        every=model.every,
        max_age=model.max_age,
        first_poll=model.first_poll,
        send_to=_targets(model.send_to),
        severity=model.severity,
        follow_up=model.follow_up,
        gather=model.gather,
    )


def _targets(names: Sequence[str]) -> tuple[ChannelName, ...]:
    return tuple(ChannelName(name) for name in dict.fromkeys(names))


def _good_names(
    named: Mapping[str, tuple[ScalarNode, YamlNode]], issues: Issues
) -> Mapping[str, tuple[ScalarNode, YamlNode]]:
    good = {}
    for name, (key, node) in named.items():
        wrong = check_name(name)
        if wrong:
            issues.error(key, wrong, hint="write it without blanks: `shadow-fleet`")
        else:
            good[name] = (key, node)
    return good


def _publishers(parts: _Parts) -> tuple[Publisher, ...]:
    found = []
    sites: dict[str, str] = {}
    for name, (key, node) in parts.sections.named["publishers"].items():
        if isinstance(node, ListNode):  # `state-media: [a.example, b.example]` says the same
            node = MapNode(((ScalarNode("sites", node.place, 1), node),), node.place)
        model, _ = parts.models.read(node, PublisherModel, "publisher", f"publisher {short(name)}")
        if model is None:
            continue
        for site in model.sites:
            if sites.setdefault(site, name) != name:
                parts.issues.error(
                    key, f"{site} belongs to two publishers", hint=f"it is also in `{sites[site]}`; keep one"
                )
        found.append(Publisher(name, model.sites, model.kind))
    return tuple(found)


def _check_targets(parts: _Parts, channels: Mapping[ChannelName, ChannelSetup]) -> None:
    """Every name in a `send_to` is a channel."""
    lists = [rule.get("send_to") for rule in parts.sections.lists["rules"] if isinstance(rule, MapNode)]
    for name in ("defaults", "meta"):
        setting = parts.sections.setting(name)
        lists.append(setting.get("send_to") if setting is not None else None)
    known = {*channels, *parts.sections.named["channels"]}
    for node in lists:
        for item in _texts(node):
            if item.text not in known and not check_name(item.text):
                hint = parts.issues.did_you_mean(item.text, known)
                parts.issues.error(item, f"there is no channel `{short(item.text)}`", hint=hint)


def _check_feed_names(parts: _Parts, feeds: Sequence[FeedSpec]) -> None:
    """`where: {feeds: ...}` of a rule and `feed` of a silence name feeds."""
    # A feed with a mistake of its own is missing from `feeds`, and would be complained about twice.
    if parts.issues.errors():
        return
    known = {feed.name for feed in feeds}
    for silence in parts.sections.lists["silences"]:
        _refuse_unknown_feeds(parts, silence.get("feed") if isinstance(silence, MapNode) else None, known)
    for rule in parts.sections.lists["rules"]:
        where = rule.get("where") if isinstance(rule, MapNode) else None
        node = where.get("feeds") if isinstance(where, MapNode) else None
        if isinstance(node, MapNode):
            node = node.get("not")
        _refuse_unknown_feeds(parts, node, known)


def _refuse_unknown_feeds(parts: _Parts, node: YamlNode | None, known: set[str]) -> None:
    for item in _texts(node):
        if item.text not in known:
            hint = parts.issues.did_you_mean(item.text, known)
            parts.issues.error(item, f"there is no feed `{short(item.text)}`", hint=hint)


def _texts(node: YamlNode | None) -> Sequence[ScalarNode]:
    items = node.items if isinstance(node, ListNode) else (node,)
    return [item for item in items if isinstance(item, ScalarNode) and item.text]


def _warn_of_silent_rules(
    rules: Sequence[Rule], channels: Mapping[ChannelName, ChannelSetup], defaults: Defaults, issues: Issues
) -> None:
    for rule in rules:
        targets = rule.send_to or defaults.send_to
        reached, fallback = _ready(targets, channels), _ready(defaults.send_to, channels)
        if targets == (CONSOLE,) or any(name != CONSOLE for name in reached):
            continue
        if reached or all(name == CONSOLE for name in fallback):
            asked = (*targets, *defaults.send_to)
            issues.warn(
                rule.place, f"rule {rule.id} reaches nobody but the console", hint=_why_unready(asked, channels)
            )


def _warn_of_silent_meta(parts: _Parts, configuration: Configuration) -> None:
    """Where no channel of `meta` is ready, what watcher has to say of itself goes to the console alone."""
    wanted, channels = configuration.meta.send_to, configuration.channels
    known = [name for name in wanted if name in channels]
    if known and not _ready(wanted, channels):
        node = parts.sections.setting("meta")
        if node is not None:
            said = "no channel of `meta` is ready: what is to be said of watcher itself goes to the console"
            parts.issues.warn(node.get("send_to") or node, said, hint=_why_unready(known, channels))


def _warn_of_lone_failure(parts: _Parts, meta: Meta) -> None:
    node = parts.sections.setting("meta")
    if node is not None and meta.heartbeat_failed is not None and node.get("heartbeat") is None:
        said = "`heartbeat_failed` is never asked without `heartbeat`"
        parts.issues.warn(node.get("heartbeat_failed") or node, said, hint="add `heartbeat`, asked while all is well")


def _why_unready(targets: Sequence[ChannelName], channels: Mapping[ChannelName, ChannelSetup]) -> str:
    """Return why channels take nothing now, such as `desk is paused, me waits for its secret`."""
    words = {ChannelState.OFF: "is off", ChannelState.NO_SECRET: "waits for its secret"}
    found = [channels[name] for name in dict.fromkeys(targets) if name in channels and name != CONSOLE]
    return ", ".join(
        f"{one.name} {'is paused' if one.reason == PAUSED else words[one.state]}" for one in found if one.state in words
    )


def _ready(targets: Sequence[ChannelName], channels: Mapping[ChannelName, ChannelSetup]) -> list[ChannelName]:
    return [name for name in targets if (setup := channels.get(name)) and setup.state is ChannelState.READY]
