"""The last look before a message is sent: what was right when it was queued may be wrong now."""

from __future__ import annotations

from datetime import datetime

from watcher.core.dedup.habits import Habits
from watcher.core.dedup.relate import relate
from watcher.core.model.ids import AlertId
from watcher.core.model.message import MessageKind
from watcher.core.model.policy import Policy, Silence
from watcher.core.model.record import MessageClaim
from watcher.core.model.verdict import Relation


def skip_reason(claim: MessageClaim, policy: Policy, now: datetime) -> str:
    """Return why a claimed message should not be sent any more, or "" to send it.

    Only a silence made since by rule takes a message back, and only if it covers every alert in it: when unsure, send.
    """
    if claim.kind is not MessageKind.ALERT or not claim.alerts or claim.repeat:
        return ""
    silences = [_silence_of(alert.rule, policy, now) for alert in claim.alerts]
    if all(silences):
        first = silences[0]
        assert first is not None
        return f"silenced by {first.name}" + (f": {first.because}" if first.because else "")
    return ""


def told_before(claim: MessageClaim) -> tuple[tuple[AlertId, AlertId], ...]:
    """Return, for each alert of a message, an older live one that tells the same; () unless that holds for all of them.

    A copy whose alert was dead when it came got an alert of its own; the dead one may have been asked for again since. An older
    alert with the very same article is not looked at: publishers use a guid again for other news.
    """
    pairs = []
    for alert in claim.alerts:
        members = [member for member in alert.members if member.article.id == alert.article.id]
        older = [
            old
            for old in claim.older.get(alert.id, ())
            if members and alert.article.id not in {member.article.id for member in old.members}
        ]
        found = next((old for old in older if isinstance(relate(members[0], old.members, Habits()), Relation)), None)
        if found is None:
            return ()
        pairs.append((alert.id, found.id))
    return tuple(pairs)


def _silence_of(rule: str, policy: Policy, now: datetime) -> Silence | None:
    for silence in policy.silences:
        if silence.rule != rule or silence.words:
            continue
        if (silence.starts_at is None or silence.starts_at <= now) and (
            silence.ends_at is None or now < silence.ends_at
        ):
            return silence
    return None
