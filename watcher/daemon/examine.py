"""What a configuration is held against before it is taken: the examples beside its rules, and the one in force."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from watcher.core.model.ids import RuleId
from watcher.core.model.record import RevisionRecord
from watcher.daemon.meta import Meta
from watcher.reading.configurations import load_files_tried
from watcher.reading.rule_tests import failed_again, failed_tests, headline, why
from watcher.revisions import Revisions
from watcher.settings.configuration import Configuration
from watcher.settings.env import Settings
from watcher.settings.held_rules import NOT_IN_FORCE, hold_back, with_rule_of
from watcher.settings.phrases import counted
from watcher.telling import notices

if TYPE_CHECKING:
    from watcher.core.lint.rule_tests import Differs

log = structlog.get_logger()

_MOST_LOGGED = 20


@dataclass(frozen=True, slots=True)
class Examined:
    """A configuration to be taken, in which rules that do not meet their examples are as they were, and the examples
    that are not met by what the files say.
    """

    configuration: Configuration
    failed: tuple[Differs, ...] = ()


def examine(configuration: Configuration, before: Configuration | None, revision: int) -> Examined:
    """Return a configuration with the rules held back that fail an example, against the one in force `before`, that of
    `revision`. Blocks.

    An example that the rule in force failed before, and that stood in the files then, holds nothing back: the change
    is not what broke it.
    """
    failed = failed_tests(configuration)
    if not failed:
        return Examined(configuration)
    known = failed_again(failed, before) if before is not None else frozenset()
    held = {one.test.rule for one in failed if one.test.holds_back and one.test not in known}
    return Examined(hold_back(configuration, before, revision, held), failed)


async def begun_from(
    store: Revisions, settings: Settings, configuration: Configuration, last: RevisionRecord | None
) -> tuple[Examined, Configuration | None]:
    """Return the configuration of a start, held against the revision that was in force last, and what that was; None
    where it is the same, or there was none.

    Raises:
        StorageError: the store cannot be read.
    """
    if last is None:
        return await asyncio.to_thread(examine, configuration, None, 0), None
    failed = await asyncio.to_thread(failed_tests, configuration)
    if not failed and last.digest == configuration.digest:
        return Examined(configuration), None
    before = await in_force(store, settings, last)
    if before is None:  # there is nothing to go on with instead
        return Examined(configuration, failed), None
    return await asyncio.to_thread(examine, configuration, before, last.number), before


async def in_force(store: Revisions, settings: Settings, record: RevisionRecord) -> Configuration | None:
    """Return the configuration that a stored revision stands for, None where its files are not read any more.

    Raises:
        StorageError: the store cannot be read.
    """
    found = (await asyncio.to_thread(load_files_tried, record.files, settings)).configuration
    if found is None:
        return None
    earlier: dict[int, Configuration | None] = {NOT_IN_FORCE: None}
    for number in set(record.held.values()) - earlier.keys():
        kept = await store.revision(number)
        read = None if kept is None else await asyncio.to_thread(load_files_tried, kept.files, settings)
        earlier[number] = None if read is None else read.configuration
    for rule, number in record.held.items():
        found = _as_it_was(found, rule, earlier[number], number)
    return replace(found, held=record.held, digest=record.digest)


def _as_it_was(found: Configuration, rule_id: RuleId, earlier: Configuration | None, number: int) -> Configuration:
    """Return a configuration with one of its rules as in an earlier one, or without it where that has none."""
    rule = next((one for one in found.rules if one.id == rule_id), None)
    if rule is None:
        return found
    old = [] if earlier is None else [one for one in earlier.rules if one.id in (rule_id, *rule.was)]
    if not old or earlier is None:
        return replace(found, rules=tuple(one for one in found.rules if one.id != rule_id))
    return with_rule_of(found, rule, old[0], earlier, number)


async def tell_of_examples(meta: Meta, examined: Examined, was_held: bool) -> None:
    """Say in the log which examples are not met, and to `meta` which rules are held back, or that none is any more."""
    configuration = examined.configuration
    held = [one for one in examined.failed if one.test.rule in configuration.held]
    others = [one for one in examined.failed if one.test.rule not in configuration.held]
    if held:
        log.error(
            "rules held back by their examples",
            rules={
                rule: f"as in revision {number}" if number else "not in force"
                for rule, number in sorted(configuration.held.items())
            },
            examples=_lines(held)[:_MOST_LOGGED],
        )
        notice = notices.rules_held_back(configuration.held, _lines(held))
        await meta.tell(f"held back {configuration.digest.hex()}", *notice)
    elif was_held:
        await meta.tell(f"no longer held {configuration.digest.hex()}", *notices.RULES_NO_LONGER_HELD)
    if others:
        log.warning(
            "examples that are not met",
            examples=_lines(others)[:_MOST_LOGGED],
            all=counted(len(others), "example"),
            hint="watcher test",
        )


def _lines(failed: Sequence[Differs]) -> list[str]:
    return [f"{one.test.place}: rule {one.test.rule}: {headline(one)} {one.said()}: {why(one)}" for one in failed]
