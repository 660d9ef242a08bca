"""The last look before a message is sent: what was right when it was queued may be wrong now."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from watcher.core.alerts.release import is_released
from watcher.core.alerts.silence import silencer_of
from watcher.core.alerts.timing import About, Hold, about_article, hold_of, is_told_at_once
from watcher.core.dedup.habits import Habits
from watcher.core.dedup.relate import relate
from watcher.core.model.alert import AlertDetail
from watcher.core.model.ids import AlertId, ChannelName
from watcher.core.model.message import MessageKind
from watcher.core.model.policy import Policy, Silence
from watcher.core.model.record import MessageClaim
from watcher.core.model.rule import Severity
from watcher.core.model.verdict import Relation


def silence_of(claim: MessageClaim, policy: Policy, now: datetime) -> Silence | None:
    """Return the silence that takes a claimed message back, or None to send it.

    Only silences take a message back, of whatever kind, and only if they cover every alert in it; where they cover
    some, those leave it first (`leaving`). What may have arrived already goes again, so that the receiver knows. What
    somebody asked for by hand goes whatever is silenced.
    """
    silenced = _silenced(claim, policy, now)
    if not silenced or len(silenced) < len(claim.alerts):
        return None
    return silenced[claim.alerts[0].id]


def leaving(claim: MessageClaim, policy: Policy, now: datetime) -> tuple[tuple[AlertId, ...], ...]:
    """Return which alerts leave a claimed message for one of their own: those that are silenced, and those that others
    tell; () where none does, or all do. What was gathered is of several stories, and a mute is of one.

        [shells (muted since), bridge]  -> ((shells,),): the message goes with bridge alone
    """
    silenced = _silenced(claim, policy, now)
    told = {mine for mine, _ in _told(claim) if mine not in silenced} if claim.attempt == 1 else set()
    of_message = [alert.id for alert in claim.alerts]
    groups = [tuple(id_ for id_ in of_message if id_ in gone) for gone in (silenced.keys(), told)]
    if len(silenced) + len(told) == len(of_message):
        groups = groups[1:]  # those that are silenced stay, and it is taken back
    return tuple(group for group in groups if group and len(group) < len(of_message))


def _silenced(claim: MessageClaim, policy: Policy, now: datetime) -> dict[AlertId, Silence]:
    """Return the alerts of a message with a silence that covers every article of them: when unsure, send."""
    if claim.repeat or claim.reached or any(is_released(alert) for alert in claim.alerts):
        return {}
    found = {alert.id: silence_on(alert, claim.target, claim.kind, policy, now) for alert in claim.alerts}
    return {id_: silence for id_, silence in found.items() if silence is not None}


def silence_on(
    alert: AlertDetail, target: ChannelName, kind: MessageKind, policy: Policy, now: datetime
) -> Silence | None:
    """Return a silence that mutes an alert on a channel, in a message of this kind: it covers every article of it."""
    silenced_by = silencer_of(tuple(policy.silences))
    articles = [member.article for member in alert.members] or [alert.article]
    by = [silenced_by(article, alert.rule, alert.story, target, now) for article in articles]
    return by[0] if all(one is not None and not _speaks(one, alert, kind) for one in by) else None


def _speaks(silence: Silence, alert: AlertDetail, kind: MessageKind) -> bool:
    """Return whether an alert of a muted story is told all the same: it is critical, or takes back what was told."""
    return silence.story is not None and (
        alert.severity is Severity.CRITICAL or is_told_at_once(alert.is_urgent, alert.kind, kind)
    )


def hold_now(claim: MessageClaim, policy: Policy, now: datetime) -> Hold | None:
    """Return which quiet hours or digest hold a claimed message now, or None to send it: it may have been gathered,
    or waited for its channel, until they began.

    What may have arrived already, what was let go, and what somebody asked for goes. Nothing is dropped here: what was
    made outside quiet hours that drop is told after them.
    """
    asked = claim.let_go or any(is_released(alert) for alert in claim.alerts)
    if asked or not claim.alerts or claim.repeat or claim.reached:
        return None
    hold = hold_of(policy, claim.target, [_about(alert, claim) for alert in claim.alerts], now, claim.created_at)
    return None if hold is None else replace(hold, drops=False)


def _about(alert: AlertDetail, claim: MessageClaim) -> About:
    urgent = is_told_at_once(alert.is_urgent, alert.kind, claim.kind)
    return about_article(alert.article, alert.rule, alert.severity, is_urgent=urgent)


def told_before(claim: MessageClaim) -> tuple[tuple[AlertId, AlertId], ...]:
    """Return, for each alert of a message, another one that tells the same; () unless that holds for all of them. Where
    it holds for some, those leave the message first (`leaving`).

    A copy that was promoted and the dead alert it was folded into, once that is asked for again, tell the same:
    whichever was sent first. What may have arrived, in part or as a whole, goes again.

    A copy whose alert was dead when it came got an alert of its own; the dead one may have been asked for again
    since. Another alert with the very same article is not looked at: publishers use a guid again for other news.
    """
    pairs = _told(claim)
    return pairs if len(pairs) == len(claim.alerts) else ()


def _told(claim: MessageClaim) -> tuple[tuple[AlertId, AlertId], ...]:
    """Return the alerts of a message that another one tells, each with that one."""
    if claim.repeat or claim.reached or claim.for_recipient:
        return ()
    pairs: list[tuple[AlertId, AlertId]] = []
    for alert in claim.alerts:
        if (instead := claim.instead.get(alert.id)) is not None:
            pairs.append((alert.id, instead))
            continue
        members = [member for member in alert.members if member.article.id == alert.article.id]
        older = [
            old
            for old in claim.older.get(alert.id, ())
            if members and alert.article.id not in {member.article.id for member in old.members}
        ]
        found = next((old for old in older if isinstance(relate(members[0], old.members, Habits()), Relation)), None)
        if found is not None:
            pairs.append((alert.id, found.id))
    return tuple(pairs)
