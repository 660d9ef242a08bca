"""What stored and explained things are as JSON objects, for programs that ask a verb with `--json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watcher.telling.payload import rfc3339
from watcher.telling.states import why

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from watcher.core.model.explanation import Explanation, GroupExplanation, LanguageExplanation
    from watcher.core.model.match import Span
    from watcher.core.model.record import MessageRecord, StoppedBy


def record_json(record: MessageRecord) -> Mapping[str, Any]:
    """Return a message record as its JSON object."""
    return {
        "message": record.id,
        "channel": record.target,
        "title": record.title or None,
        "kind": record.kind.value,
        "state": record.state.value,
        "held_because": record.hold.value if record.hold else None,
        "why": why(record),
        "dead_because": record.dead_class.value if record.dead_class else None,
        "attempts": record.attempts,
        "created_at": _time(record.created_at),
        "next_try_at": _time(record.next_try_at),
        "sent_at": _time(record.sent_at),
        "answer": record.answer or None,
        "deliveries": [{"delivery": delivery, "alert": alert} for delivery, alert in record.deliveries],
        "history": [
            {
                "at": _time(attempt.at),
                "result": attempt.result.value,
                "status": attempt.status,
                "answer": attempt.answer,
            }
            for attempt in record.history
        ],
        "recipients": [
            {"recipient": one.recipient, "result": one.result.value, "answer": one.answer} for one in record.recipients
        ],
    }


def explanation_json(
    explanation: Explanation, stopped: Sequence[StoppedBy] = (), decided: Sequence[str] = ()
) -> Mapping[str, Any]:
    """Return an explanation as its JSON object; `stopped` is what its `none` did lately, `decided` are sentences on
    what became of a stored article.
    """
    stop = explanation.stop
    return {
        "rule": explanation.rule,
        "name": explanation.name,
        "matched": explanation.matched,
        "groups": [_group(group) for group in explanation.groups],
        "language": None if explanation.language is None else _language(explanation.language),
        "stop": None
        if stop is None
        else {"kind": stop.kind.value, "detail": stop.detail, "spans": [_span(span) for span in stop.spans]},
        "near_miss": explanation.near_miss or None,
        "stopped_in_30_days": [{"term": one.term, "articles": one.articles} for one in stopped],
        "severity": explanation.severity.word,
        "raises": [
            {
                "severity": one.severity.word,
                "asks": one.asks,
                "held": one.holds,
                "spans": [_span(span) for span in one.spans],
            }
            for one in explanation.raises
        ],
        "time": explanation.time or None,
        "decided": list(decided),
    }


def _group(group: GroupExplanation) -> Mapping[str, Any]:
    return {
        "label": group.label,
        "held": group.holds,
        "spans": list(map(_span, group.spans)),
        "covered": list(map(_span, group.covered)),
        "foreign": list(map(_span, group.foreign)),
        "weak": list(map(_span, group.weak)),
        "elsewhere": list(map(_span, group.elsewhere)),
        "wanted": list(group.wanted),
        "asks": group.asks or None,
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)


def _language(found: LanguageExplanation) -> Mapping[str, Any]:
    return {"code": found.code or None, "origin": found.origin.value, "may_be": list(found.codes)}


def _span(span: Span) -> Mapping[str, Any]:
    return {
        "field": span.field.value,
        "start": span.start,
        "end": span.end,
        "term": span.term,
        "concept": span.concept or None,
    }
