"""Verdicts in words: what was decided of an article and by which evidence, the same on the terminal, the page and in
lists.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

from watcher.core.model.verdict import Level, Outcome, Stage
from watcher.telling.wording import HEADLINE_CHARS, label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watcher.core.model.decided import Decided
    from watcher.core.model.record import KeptBackRecord
    from watcher.core.model.verdict import Evidence, NearMiss, Verdict

_STAGES: Final = {
    Stage.FIRST_POLL: "first_poll: it was in the feed when the feed was polled first, so nobody was told",
    Stage.TOO_OLD: "too_old: it was published longer ago than `max_age` when it came, so nobody was told",
    Stage.MATCHED: "no_match: no rule held when it came",
}
_LEVELS: Final = {
    Level.REVISION: "a later text of",
    Level.SAME_ARTICLE: "the same article as",
    Level.NEAR_COPY: "a copy of",
    Level.SAME_STORY: "on the same story as",
}
_EQUAL: Final = {
    "article": "it is the same item",
    "url": "the address is equal",
    "title": "the titles are equal",
    "lead": "the leads are equal",
    "words": "rare words are shared",
    "facts": "names or numbers are shared",
}
_MOST_WORDS: Final = 6
_UNKNOWN_HOURS: Final = -1.0


def say_verdict(verdict: Verdict) -> str:
    """Return what was decided for one rule and target: "army -> desk: folded: a copy of a… (the titles are equal; 0.4
    h apart)".
    """
    parts = [f"{label(verdict.rule)} -> {label(verdict.target)}: {verdict.outcome.value}", *_parts(verdict)]
    return ": ".join(parts[:2]) + "".join(f"; {part}" for part in parts[2:])


def say_reason(verdict: Verdict) -> str:
    """Return why it was decided so, without the rule and the target; "" when there is nothing to say."""
    return "; ".join(_parts(verdict))


def say_stage(stage: Stage) -> str:
    """Return how far an article came by itself."""
    return _STAGES[stage]


def say_decided(one: Decided) -> str:
    """Return what was decided of an article for one rule and target, whoever decided it."""
    if one.kept_back is not None:
        return say_kept_back(one.kept_back)
    return say_stage(one.stage) if one.verdict is None else say_verdict(one.verdict)


def say_kept_back(record: KeptBackRecord) -> str:
    """Return what an unstable part keeps back, why, and how it is told after all.

    army -> desk: kept back 3 times since 26 Nov 09:10 UTC: the guids of its items change from poll to poll, so they do
    not count; to tell it: watcher stories release a…
    """
    kept = record.kept
    since = f"{record.first_at.astimezone(UTC):%d %b %H:%M} UTC"
    times = f"kept back at {since}" if record.times == 1 else f"kept back {record.times} times since {since}"
    why = label(kept.why, HEADLINE_CHARS)
    lead = f"{label(kept.rule)} -> {label(kept.target)}: {times}"
    return f"{lead}: {why}; to tell it: watcher stories release {kept.article}"


def _parts(verdict: Verdict) -> Iterator[str]:
    evidence = label("; ".join(_evidence(verdict.because)), HEADLINE_CHARS)
    relation = f"{_LEVELS[verdict.level]} {verdict.of}" if verdict.of and verdict.level in _LEVELS else ""
    if relation or evidence:
        lead = relation or _joined_by(verdict)
        yield f"{lead} ({evidence})" if evidence else lead
    if verdict.reason:
        yield label(verdict.reason, HEADLINE_CHARS)
    if verdict.miss is not None:
        yield _miss(verdict.miss)


def _joined_by(verdict: Verdict) -> str:
    return "compared" if verdict.outcome is Outcome.FOLDED else f"joined the story {verdict.story}"


def _miss(miss: NearMiss) -> str:
    return f"close to {miss.of}, not folded because {label(miss.guard, HEADLINE_CHARS)}"


def _evidence(because: Evidence) -> Iterator[str]:
    equal = because.get("equal")
    if equal:
        yield _EQUAL.get(str(equal), f"equal {equal}")
    for key, value in because.items():
        if key in ("equal", "title") or value in ("", ()):
            continue
        yield _said(key, value)


def _said(key: str, value: object) -> str:
    words = ", ".join(map(str, value[:_MOST_WORDS])) if isinstance(value, tuple) else str(value)
    match key:
        case "words":
            return words
        case "similarity":
            return f"alike to {words}"
        case "hours":
            return f"{words} h apart" if value != _UNKNOWN_HOURS else "no time is known"
        case "removed":
            return f"without {words}"
        case "url":
            return words
        case "guards":
            return f"checked: {words}"
        case _:
            return f"{key} {words}"
