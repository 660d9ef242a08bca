"""Where an alert would go by the configuration of now, by which route, and what holds it now."""

from __future__ import annotations

from datetime import datetime

from watcher.asking.timetable import way_of
from watcher.core.alerts.route import Way, ways
from watcher.core.alerts.silence import say, silencer_of
from watcher.core.alerts.timing import about_article, hold_of
from watcher.core.model.article import Article
from watcher.core.model.ids import ChannelName, StoryId
from watcher.core.model.policy import ChannelState, Policy
from watcher.core.model.rule import Rule, Severity


def goes_to(rule: Rule, severity: Severity, article: Article, policy: Policy, now: datetime) -> list[str]:
    """Return a line for each channel that an alert of a rule would go to: why, and what mutes or holds it now.

    desk: `send_to` of the rule
    me: route 2 (low: only me; digest morning holds up to normal); held now by digest `morning`
    """
    about = about_article(article, rule.id, severity)
    why: dict[ChannelName, list[str]] = {}
    for way in ways(rule, policy, about):
        why.setdefault(way.name, []).append(_why(way))
    lines = []
    for name, said in why.items():
        hold = hold_of(policy, name, [about], now)
        state = policy.channels.get(name, ChannelState.READY)
        held = f"; held now by {hold.said}" if hold is not None else ""
        off = "; it waits for its secret" if state is ChannelState.NO_SECRET else ""
        silence = silencer_of(tuple(policy.silences))(article, rule.id, StoryId(""), name, now)
        muted = f"; muted now by silence {say(silence)}" if silence is not None else ""
        lines.append(f"{name}: {' and '.join(said)}{muted}{held}{off}")
    return lines


def _why(way: Way) -> str:
    if way.route is not None:
        return f"route {way.route.number} ({way_of(way.route)})"
    return "`send_to` of `defaults`" if way.is_default else "`send_to` of the rule"
