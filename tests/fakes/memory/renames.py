"""What follows rules and channels that were renamed, as storage.renames has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tests.fakes.memory.records import Item, Memory
from watcher.core.model.by_hand import Undo
from watcher.core.model.ids import ChannelName, RuleId
from watcher.core.model.policy import Renames


def follow(memory: Memory, renames: Renames) -> None:
    """Give what stands under earlier names to those of today; what the name of today has already stays."""
    _follow_rows(memory, renames)
    _follow_health(memory, renames.channels)
    _follow_silences(memory, renames)
    rules = renames.rules
    for item in list(memory._items.values()):
        memory._items[item.id] = _renamed(item, rules)
    for story in list(memory._shelf.stories.values()):
        named = frozenset(rules.get(rule, rule) for rule in story.rules)
        memory._shelf.stories[story.id] = replace(story, rules=named)
    stopped = dict(memory._stopped)
    memory._stopped.clear()
    for (rule, term, day), count in stopped.items():
        memory._stopped.setdefault((rules.get(rule, rule), term, day), count)
    memory._slots = {_slot(name, slot, rules) for name, slot in memory._slots}


def _follow_rows(memory: Memory, renames: Renames) -> None:
    rules, targets = renames.rules, renames.channels

    def now(rule: RuleId, target: ChannelName) -> tuple[RuleId, ChannelName]:
        return rules.get(rule, rule), targets.get(target, target)

    for alert in list(memory._alerts.values()):
        rule, target = now(alert.new.rule, alert.new.target)
        memory._alerts[alert.new.id] = replace(alert, new=replace(alert.new, rule=rule, target=target))
    for message in list(memory._messages.values()):
        memory._messages[message.id] = replace(message, target=targets.get(message.target, message.target))
    verdicts, muted, kept_back = dict(memory._verdicts), dict(memory._muted), dict(memory._kept_back)
    memory._verdicts.clear()
    memory._kept_back.clear()
    memory._muted.clear()
    for verdict in verdicts.values():
        rule, target = now(verdict.rule, verdict.target)
        key = (verdict.article, verdict.text, rule, target)
        memory._verdicts.setdefault(key, replace(verdict, rule=rule, target=target))
    for record in kept_back.values():
        rule, target = now(record.kept.rule, record.kept.target)
        renamed = replace(record, kept=replace(record.kept, rule=rule, target=target))
        memory._kept_back.setdefault((record.kept.article, rule, target), renamed)
    for held, at, told_at in muted.values():
        rule, target = now(held.rule, held.target)
        # A silence without a name is called as its rule.
        silence = str(rule) if held.silence == held.rule else held.silence
        moved = replace(held, silence=silence, rule=rule, target=target)
        memory._muted.setdefault((silence, held.article, rule, target), (moved, at, told_at))


def _follow_silences(memory: Memory, renames: Renames) -> None:
    for key, (vote, about, text) in memory._votes.items():
        memory._votes[key] = (replace(vote, rule=renames.rules.get(vote.rule, vote.rule)), about, text)
    memory._paused = [replace(one, channel=renames.channels.get(one.channel, one.channel)) for one in memory._paused]
    silences = list(memory._hand_silences.values())
    named = {one.rule for one in silences if one.rule and one.name == one.rule}
    for number, change in enumerate(memory._hand_changes):
        what, (before, _, recipient) = change.what, change.what.partition(" ")
        if change.undo is Undo.UNMUTE and RuleId(what) in named:
            what = renames.rules.get(RuleId(what), what)
        elif change.undo is Undo.RESUME:
            what = f"{renames.channels.get(ChannelName(before), before)} {recipient}"
        memory._hand_changes[number] = replace(change, what=what)
    memory._hand_silences.clear()
    for one in silences:
        rule = renames.rules.get(one.rule, one.rule) if one.rule else None
        channel = renames.channels.get(one.channel, one.channel) if one.channel else None
        name = str(rule) if rule and one.name == one.rule else one.name
        memory._hand_silences.setdefault(name, replace(one, name=name, rule=rule, channel=channel))


def _follow_health(memory: Memory, names: Mapping[ChannelName, ChannelName]) -> None:
    channels, addresses = dict(memory._channels), dict(memory._addresses)
    memory._channels.clear()
    memory._addresses.clear()
    for key, (health, at) in channels.items():
        name = names.get(health.name, health.name)
        memory._channels.setdefault(names.get(ChannelName(key), key), (replace(health, name=name), at))
    for old, address in addresses.items():
        memory._addresses.setdefault(names.get(old, old), address)


def _renamed(item: Item, rules: Mapping[RuleId, RuleId]) -> Item:
    fired = {
        text: {rules.get(id_, id_): replace(match, rule=rules.get(id_, id_)) for id_, match in matches.items()}
        for text, matches in item.fired.items()
    }
    return replace(item, fired=fired, pending={rules.get(id_, id_): one for id_, one in item.pending.items()})


def _slot(name: str, slot: str, rules: Mapping[RuleId, RuleId]) -> tuple[str, str]:
    rule, blank, rest = slot.partition(" ")
    return name, f"{rules.get(RuleId(rule), rule)}{blank}{rest}" if name == "condition" else slot
