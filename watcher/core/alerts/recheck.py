"""The last look before a message is sent: what was right when it was queued may be wrong now."""

from __future__ import annotations

from datetime import datetime

from watcher.core.model.message import MessageKind
from watcher.core.model.policy import Policy, Silence
from watcher.core.model.record import MessageClaim


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


def _silence_of(rule: str, policy: Policy, now: datetime) -> Silence | None:
    for silence in policy.silences:
        if silence.rule != rule or silence.words:
            continue
        if (silence.starts_at is None or silence.starts_at <= now) and (
            silence.ends_at is None or now < silence.ends_at
        ):
            return silence
    return None
