"""Holds back the change of a rule whose examples it does not meet: the rule goes on as it was, all else is taken."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from watcher.core.language.tree import concepts_asked, with_names
from watcher.core.model.ids import ChannelName, RuleId, digest
from watcher.core.model.rule import Concept, Node, Rule
from watcher.settings.configuration import Configuration
from watcher.settings.differences import asks_the_same, renamed

NOT_IN_FORCE = 0
"""Stands for the revision of a rule that is held back and was never in force."""


def hold_back(
    now: Configuration, before: Configuration | None, revision: int, failed: Collection[RuleId]
) -> Configuration:
    """Return a configuration in which the rules that `failed` are as they were in the one in force `before`, which is
    that of a revision; those that were not in it are left out.

    What is not changed is not held back: of it there is nothing better to go on with. `held` of the result says from
    which revision each rule is.
    """
    old = {} if before is None else {rule.id: rule for rule in before.rules}
    held: dict[RuleId, int] = {}
    result = now
    for rule in now.rules:
        if rule.id not in failed:
            continue
        known = next((old[id_] for id_ in (rule.id, *rule.was) if id_ in old), None)
        if known is None or before is None:
            held[rule.id] = NOT_IN_FORCE
            result = replace(result, rules=tuple(one for one in result.rules if one.id != rule.id))
        elif not asks_the_same(rule, now.concepts, known, before.concepts):
            held[rule.id] = before.held.get(known.id, revision)
            result = with_rule_of(result, rule, known, before, held[rule.id])
    if not held:
        return result
    parts = [part for rule_id, number in sorted(held.items()) for part in (rule_id, str(number))]
    return replace(result, held=held, digest=digest("held back", now.digest.hex(), *parts))


def with_rule_of(now: Configuration, rule: Rule, known: Rule, before: Configuration, revision: int) -> Configuration:
    """Return a configuration in which a rule asks what it asked `before`, in a revision, with the concepts of then; a
    channel that it told is told under its name of today.

    A concept that is another today stands beside it under a name with the number of the revision.
    """
    asked = concepts_asked(known, before.concepts)
    others = _others(asked, now.concepts)
    names = {name: f"{name}@{revision}" for name in others}
    added = {
        names.get(name, name): _called(concept, names)
        for name, concept in asked.items()
        if name in others or name not in now.concepts
    }
    targets = _targets(known, before, now)
    asks = replace(_asking(known, names), id=rule.id, name=rule.name, was=rule.was, place=rule.place, send_to=targets)
    rules = tuple(asks if one.id == rule.id else one for one in now.rules)
    return replace(now, rules=rules, concepts={**now.concepts, **added})


def _targets(known: Rule, before: Configuration, now: Configuration) -> tuple[ChannelName, ...]:
    moved = renamed(before, now).channels if any(name not in now.channels for name in known.send_to) else {}
    names = [name if name in now.channels else moved.get(name, name) for name in known.send_to]
    return tuple(name for name in dict.fromkeys(names) if name in now.channels)


def _others(asked: Mapping[str, Concept], now: Mapping[str, Concept]) -> set[str]:
    """Return the names that stand for something else now; a concept that uses such a one is another too."""
    others = {name for name, concept in asked.items() if name in now and now[name] != concept}
    while more := {name for name in asked.keys() - others if name in now and _uses(asked[name], others)}:
        others |= more
    return others


def _uses(concept: Concept, names: Collection[str]) -> bool:
    renamed = dict.fromkeys(names, "")
    return any(with_names(node, renamed) != node for node in concept.terms)


def _called(concept: Concept, names: Mapping[str, str]) -> Concept:
    terms = tuple(with_names(node, names) for node in concept.terms)
    label = concept.label or concept.name
    return replace(concept, name=names.get(concept.name, concept.name), terms=terms, label=label)


def _asking(rule: Rule, names: Mapping[str, str]) -> Rule:
    def named(node: Node) -> Node:
        return with_names(node, names)

    raises = tuple(replace(one, when=None if one.when is None else named(one.when)) for one in rule.raises)
    return replace(rule, body=named(rule.body), none=tuple(map(named, rule.none)), raises=raises)
