"""Stories and decisions as lines for a terminal and as JSON objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from watcher.core.model.alert import AlertKind
from watcher.core.model.decided import ArticleName, Decided, StoryRecord, StoryTold
from watcher.core.model.record import KeptBackRecord
from watcher.core.model.verdict import NearMiss, Verdict
from watcher.telling.payload import rfc3339
from watcher.telling.verdicts import say_decided, say_reason, say_stage
from watcher.telling.wording import HEADLINE_CHARS, label, reach

_GONE = "(its text is no longer kept)"


def line(record: StoryRecord) -> str:
    """Return a story in two lines: what it is, and what was told of it where."""
    story = record.story
    head = f"{story.id[:13]}  {_minute(story.last_at)}  {_title(story.title)}"
    counts = f"{story.size} {'article' if story.size == 1 else 'articles'}, {_reach(record)}"
    told = "; ".join(_told_shortly(record)) or "told to nobody"
    return f"{head}\n  {counts}; {told}"


def lines(record: StoryRecord) -> Iterator[str]:
    """Yield a story with its articles and alerts, each with why."""
    story = record.story
    yield f"{story.id}  {_title(story.title)}"
    yield f"  {_minute(story.first_at)} to {_minute(story.last_at)}; {_reach(record)}"
    yield "articles:"
    last = ""
    for one in record.decided:
        if one.article.id != last:
            last = one.article.id
            yield f"  {_minute(one.article.at or one.at)}  {one.article.id}  {label(one.article.source)}  {_title(one.article.title)}"
        yield f"    {say_decided(one)}"
    yield "alerts:"
    for told in record.told:
        yield f"  {_minute(told.at)}  {_told(told)}"
        if told.note:
            yield f"    {label(told.note, HEADLINE_CHARS)}"
    if not record.told:
        yield "  none"


def decided_line(one: Decided) -> str:
    """Return one article with what was decided of it, in two lines."""
    head = f"{_minute(one.at)}  {one.article.id[:13]}  {label(one.article.source)}  {_title(one.article.title)}"
    return f"{head}\n  {say_decided(one)}"


def _told(told: StoryTold) -> str:
    message = f" by {told.message}" if told.message else ""
    state = told.state.value if told.state else "its message is no longer kept"
    return (
        f"{told.kind.value} [{told.severity.word}] {label(told.rule)} -> {label(told.target)}: {state}{message}, "
        f"with {told.article.id} {_title(told.article.title)}"
    )


def _told_shortly(record: StoryRecord) -> Iterator[str]:
    """Yield per target what was told there: "desk: first sent, 2 updates"."""
    by_target: dict[str, list[StoryTold]] = {}
    for told in record.told:
        by_target.setdefault(told.target, []).append(told)
    for target, alerts in sorted(by_target.items()):
        counts: dict[str, int] = {}
        for told in alerts:
            state = told.state.value if told.state else "told"
            word = f"{told.kind.value} {state}" if told.kind is not AlertKind.FOLLOW_UP else f"follow-up {state}"
            counts[word] = counts.get(word, 0) + 1
        yield f"{label(target)}: " + ", ".join(f"{n} x {word}" if n > 1 else word for word, n in counts.items())


def _reach(record: StoryRecord) -> str:
    return reach(record.story.reach)


def _title(title: str) -> str:
    return label(title, HEADLINE_CHARS) or _GONE


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def story_mapping(record: StoryRecord, *, with_articles: bool = False) -> Mapping[str, Any]:
    """Return a story as its JSON object."""
    story = record.story
    shown: dict[str, Any] = {
        "story": story.id,
        "title": story.title,
        "first_at": _time(story.first_at),
        "last_at": _time(story.last_at),
        "articles": story.size,
        "languages": sorted(lang for lang in story.members if lang),
        "outlets": sorted(story.outlets),
        "independent": sorted(story.independent),
        "copies": story.reach.copies,
        "told": [_told_mapping(told) for told in record.told],
    }
    if with_articles:
        shown["decided"] = [decided_mapping(one) for one in record.decided]
    return shown


def _told_mapping(told: StoryTold) -> Mapping[str, Any]:
    return {
        "alert": told.alert,
        "kind": told.kind.value,
        "rule": told.rule,
        "channel": told.target,
        "severity": told.severity.word,
        "at": _time(told.at),
        "article": told.article.id,
        "title": told.article.title or None,
        "message": told.message,
        "state": told.state.value if told.state else None,
        "note": told.note or None,
    }


def decided_mapping(one: Decided) -> Mapping[str, Any]:
    """Return what was decided of an article as its JSON object; `said` are the words of `watcher explain`."""
    return {
        **_article(one.article),
        "decided_at": _time(one.at),
        **(_of_verdict(one.verdict) if one.verdict else _without_verdict(one)),
        "kept_back": _kept_back(one.kept_back) if one.kept_back else None,
        "said": say_decided(one),
    }


def _of_verdict(verdict: Verdict) -> Mapping[str, Any]:
    because = {name: list(value) if isinstance(value, tuple) else value for name, value in verdict.because.items()}
    return {
        "text": verdict.text,
        "rule": verdict.rule,
        "channel": verdict.target,
        "severity": verdict.severity.word if verdict.severity else None,
        "outcome": verdict.outcome.value,
        "level": verdict.level.value,
        "of": verdict.of,
        "because": because,
        "close_to": _miss(verdict.miss) if verdict.miss else None,
        "alert": verdict.alert,
        "reason": say_reason(verdict),
    }


def _without_verdict(one: Decided) -> Mapping[str, Any]:
    kept = one.kept_back.kept if one.kept_back else None
    return {
        "text": None,
        "rule": kept.rule if kept else None,
        "channel": kept.target if kept else None,
        "severity": kept.severity.word if kept else None,
        "outcome": "kept_back" if kept else one.stage.value,
        "level": None,
        "of": None,
        "because": {},
        "close_to": None,
        "alert": None,
        "reason": kept.why if kept else say_stage(one.stage),
    }


def _kept_back(record: KeptBackRecord) -> Mapping[str, Any]:
    kept = record.kept
    return {
        "times": record.times,
        "first_at": _time(record.first_at),
        "last_at": _time(record.last_at),
        "url": kept.url or None,
        "published_at": _time(kept.published_at),
    }


def _miss(miss: NearMiss) -> Mapping[str, Any]:
    return {"article": miss.of, "not_folded_because": miss.guard, "closeness": miss.closeness}


def _article(name: ArticleName) -> Mapping[str, Any]:
    return {
        "article": name.id,
        "title": name.title or None,
        "url": name.url or None,
        "source": name.source or None,
        "lang": name.lang or None,
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
