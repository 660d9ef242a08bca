"""What is said, once a day and feed, of entries that an unstable part of the feed keeps from being news."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from watcher.core.alerts.coming import Coming, ComingDocument
from watcher.core.alerts.route import Target, route
from watcher.core.model.alert import FeedContext, JudgeContext, NewMessage
from watcher.core.model.ids import ChannelName, MessageId, RuleId, digest, public_id
from watcher.core.model.message import MessageKind, first_state
from watcher.core.model.policy import Policy


def tell_kept_back(
    document: ComingDocument, policy: Policy, context: JudgeContext
) -> tuple[ComingDocument, tuple[NewMessage, ...]]:
    """Return the document with the day noted, and one line for each target of the rules that fire on what is kept back.

    Nothing when nothing was kept back on which a rule fires, when it was said today already, or for samples.

        "wire: an entry that matches Shells was kept back; the parameter 'sid' of its links changes from poll to poll,
        so it does not count"
    """
    today = context.now.date()
    rules = _rules(document.entries, policy)
    if not rules or document.memory.told_on == today or context.feed.sample:
        return document, ()
    names = ", ".join(sorted(policy.rules[rule].name for rule in rules))
    why = next(iter(document.memory.notes), "a part of its items changes from poll to poll")
    line = f"{context.feed.name}: an entry that matches {names} was kept back; {why}"
    targets = _targets(rules, policy, context.broken)
    notices = tuple(_notice(target, line, context.feed, today.isoformat()) for target in targets)
    return replace(document, memory=replace(document.memory, told_on=today)), notices


def _rules(entries: Sequence[Coming], policy: Policy) -> set[RuleId]:
    return {
        match.rule for one in entries if one.is_kept_back for match in one.read.matches if match.rule in policy.rules
    }


def _targets(rules: AbstractSet[RuleId], policy: Policy, broken: AbstractSet[ChannelName]) -> list[Target]:
    found: dict[ChannelName, Target] = {}
    for rule in sorted(rules):
        for target in route(policy.rules[rule], policy, broken):
            found.setdefault(target.name, target)
    return list(found.values())


def _notice(target: Target, line: str, feed: FeedContext, day: str) -> NewMessage:
    return NewMessage(
        id=MessageId(public_id("m", digest("kept back", target.name, feed.feed, day))),
        target=target.name,
        kind=MessageKind.META,
        alerts=(),
        state=first_state(target.hold),
        hold=target.hold,
        title=line,
    )
