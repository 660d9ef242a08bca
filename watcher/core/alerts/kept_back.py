"""What an unstable part of a feed keeps from being news: an entry a rule and target, and one line a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from watcher.core.alerts.coming import Coming, ComingDocument
from watcher.core.alerts.route import Target, route
from watcher.core.alerts.timing import about_article
from watcher.core.model.alert import FeedContext, JudgeContext, KeptBack, NewMessage
from watcher.core.model.ids import ChannelName, MessageId, digest, public_id
from watcher.core.model.message import MessageKind, first_state
from watcher.core.model.policy import Policy
from watcher.core.model.rule import Rule


def kept_back_of(document: ComingDocument, policy: Policy, context: JudgeContext) -> tuple[KeptBack, ...]:
    """Return for each entry that is kept back the rules that fire on it and their targets; none for samples."""
    if context.feed.sample:
        return ()
    why = next(iter(document.memory.notes), "a part of its items changes from poll to poll")
    return tuple(
        KeptBack(one.id, rule.id, target, rule.severity, why, one.read.article.url, one.read.article.published_at)
        for one in document.entries
        if one.is_kept_back
        for rule, target in _told_where(one, policy, context)
    )


def _told_where(one: Coming, policy: Policy, context: JudgeContext) -> list[tuple[Rule, ChannelName]]:
    rules = [policy.rules[match.rule] for match in one.read.matches if match.rule in policy.rules]
    found = []
    for rule in rules:
        about = about_article(one.read.article, rule.id, rule.severity)
        found += [(rule, target.name) for target in route(rule, policy, context.broken, about)]
    return found


def tell_kept_back(
    document: ComingDocument, kept: Sequence[KeptBack], policy: Policy, context: JudgeContext
) -> tuple[ComingDocument, tuple[NewMessage, ...]]:
    """Return the document with the day noted, and one line for each target of the rules that fire on what is kept back.

    Nothing when nothing was kept back on which a rule fires, or when it was said today already.

        "wire: an entry that matches Shells was kept back; the parameter 'sid' of its links changes from poll to poll,
        so it does not count"
    """
    today = context.now.date()
    if not kept or document.memory.told_on == today:
        return document, ()
    rules = {one.rule for one in kept}
    names = ", ".join(sorted(policy.rules[rule].name for rule in rules))
    line = f"{context.feed.name}: an entry that matches {names} was kept back; {kept[0].why}"
    targets = {
        target.name: target for rule in sorted(rules) for target in route(policy.rules[rule], policy, context.broken)
    }
    notices = _notices(targets, line, context.feed, today.isoformat())
    return replace(document, memory=replace(document.memory, told_on=today)), notices


def _notices(targets: Mapping[ChannelName, Target], line: str, feed: FeedContext, day: str) -> tuple[NewMessage, ...]:
    return tuple(
        NewMessage(
            id=MessageId(public_id("m", digest("kept back", target.name, feed.feed, day))),
            target=target.name,
            kind=MessageKind.META,
            alerts=(),
            state=first_state(target.hold),
            hold=target.hold,
            title=line,
        )
        for target in targets.values()
    )
