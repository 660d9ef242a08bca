"""Rows to values and back: the one place where columns and core types meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from watcher.core.model.article import Article, ArticleKeys, Field
from watcher.core.model.ids import ArticleId, ChannelName, FeedId, RuleId
from watcher.core.model.match import GroupHit, Match, Span
from watcher.core.model.message import ChannelHealth
from watcher.core.model.outcome import FeedProblem, FeedState, Skips, Validators
from watcher.core.model.policy import FeedForm, FeedSpec, FirstPoll, FullText
from watcher.core.model.rule import Severity
from watcher.core.model.suspicion import Suspicion
from watcher.core.model.verdict import NearMiss, Verdict
from watcher.core.web_addresses import host_of

Values = dict[str, Any]
"""The values of one row, by column."""

KEY_KINDS = ("item", "guid", "url", "title", "pattern", "lead")
"""The keys of ArticleKeys by which an article is looked up; `content` only tells whether it changed."""


def feed_values(state: FeedState) -> Values:
    """Return the columns of a feed's state."""
    problem = state.problem
    return {
        "url": state.url,
        "host": host_of(state.url),
        "next_poll_at": state.next_poll_at,
        "status": state.status,
        "etag": state.validators.etag,
        "last_modified": state.validators.last_modified,
        "body_hash": state.body_hash,
        "stripped_hash": state.stripped_hash,
        "identity": state.identity,
        "interval": state.interval,
        "last_poll_at": state.last_poll_at,
        "last_ok_at": state.last_ok_at,
        "last_item_at": state.last_item_at,
        "document_at": state.document_at,
        "failures": state.failures,
        "claims": state.claims,
        "unclean_ends": state.suspicion.ends,
        "ends_alone": state.suspicion.alone,
        "gone": state.gone,
        "problem_kind": problem.kind if problem else None,
        "problem_message": problem.message if problem else None,
        "problem_status": problem.status if problem else None,
        "problem_retry_after": problem.retry_after if problem else None,
        "problem_since": state.problem_since,
        "moved_to": state.moved_to,
        "moved_since": state.moved_since,
        "moved_polls": state.moved_polls,
        "cut": state.cut,
        "title": state.title,
        "usual_gap": state.usual_gap,
        "quiet_after": state.quiet_after,
        "took": state.took,
        "skips": " ".join(map(str, state.skips.hours)) + "/" + " ".join(map(str, state.skips.days)),
    }


def feed_state(row: Row[Any]) -> FeedState:
    """Return the state that a row of `feeds` holds."""
    problem = None
    if row.problem_kind is not None:
        problem = FeedProblem(row.problem_kind, row.problem_message or "", row.problem_status, row.problem_retry_after)
    return FeedState(
        feed=FeedId(row.id),
        url=row.url,
        next_poll_at=row.next_poll_at,
        status=row.status,
        validators=Validators(row.etag, row.last_modified),
        body_hash=row.body_hash,
        stripped_hash=row.stripped_hash,
        identity=row.identity,
        interval=row.interval,
        last_poll_at=row.last_poll_at,
        last_ok_at=row.last_ok_at,
        last_item_at=row.last_item_at,
        document_at=row.document_at,
        failures=row.failures,
        claims=row.claims,
        suspicion=Suspicion(row.unclean_ends, row.ends_alone),
        gone=row.gone,
        problem=problem,
        problem_since=row.problem_since,
        moved_to=row.moved_to,
        moved_since=row.moved_since,
        moved_polls=row.moved_polls,
        cut=row.cut,
        title=row.title,
        usual_gap=row.usual_gap,
        quiet_after=row.quiet_after,
        took=row.took,
        skips=_skips(row.skips),
    )


def _skips(stored: str) -> Skips:
    hours, _, days = stored.partition("/")
    return Skips(tuple(map(int, hours.split())), tuple(map(int, days.split())))


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()


def pack_spec(spec: FeedSpec) -> Values:
    """Return what is stored of a specification: all but how it is asked for, which may hold credentials."""
    return {
        "url": spec.url,
        "name": spec.name,
        "named": spec.named,
        "tags": list(spec.tags),
        "every": _seconds(spec.every),
        "first_poll": spec.first_poll.value,
        "max_age": _seconds(spec.max_age),
        "sample": spec.sample,
        "lang": spec.lang,
        "alert_if_silent": _seconds(spec.silent_after),
        "form": spec.form.value,
        "links": spec.links,
        "full_text": spec.full_text.value,
    }


def unpack_spec(stored: Mapping[str, Any]) -> FeedSpec:
    """Return the specification that `pack_spec` stored."""
    every, silent = stored["every"], stored["alert_if_silent"]
    return FeedSpec(
        url=stored["url"],
        name=stored["name"],
        named=stored["named"],
        tags=tuple(stored["tags"]),
        every=None if every is None else timedelta(seconds=every),
        first_poll=FirstPoll(stored["first_poll"]),
        max_age=timedelta(seconds=stored["max_age"]),
        sample=stored["sample"],
        lang=stored["lang"],
        silent_after=None if silent is None else timedelta(seconds=silent),
        form=FeedForm(stored.get("form", FeedForm.FEED)),  # older rows say nothing of it
        links=stored.get("links", ""),
        full_text=FullText(stored.get("full_text", FullText.NO)),
    )


def article_values(article: Article) -> Values:
    """Return the columns of an article; `first_seen_at` must be known by now."""
    return {
        "id": article.id,
        "feed": article.feed,
        "guid": article.guid,
        "url": article.url,
        "title": article.title,
        "summary": article.summary,
        "content": article.content,
        "author": article.author,
        "tags": list(article.tags),
        "lang": article.lang,
        "lang_declared": article.lang_declared,
        "source": article.source,
        "feed_name": article.feed_name,
        "published_at": article.published_at,
        "updated_at": article.updated_at,
        "first_seen_at": article.first_seen_at,
        "sample": article.sample,
        "text": article.text,
    }


_TIMES = ("published_at", "updated_at", "first_seen_at")


def pack_text(row: Row[Any]) -> Values:
    """Return a row of `articles` as JSON can hold it, for the day when a newer text has taken its place."""
    return pack_article(article_of(row))


def pack_article(article: Article) -> Values:
    """Return an article as JSON can hold it; `unpack_text` makes it an article again."""
    stored = article_values(article)
    return stored | {name: None if stored[name] is None else stored[name].isoformat() for name in _TIMES}


def unpack_text(stored: Mapping[str, Any]) -> Article:
    """Return the article that `pack_text` stored."""
    times = {name: None if stored[name] is None else datetime.fromisoformat(stored[name]) for name in _TIMES}
    return Article(**{**stored, **times, "tags": tuple(stored["tags"])})


def article_of(row: Row[Any]) -> Article:
    """Return the article that a row of `articles` holds."""
    return Article(
        id=ArticleId(row.id),
        feed=FeedId(row.feed),
        guid=row.guid,
        url=row.url,
        title=row.title,
        summary=row.summary,
        content=row.content,
        author=row.author,
        tags=tuple(row.tags),
        lang=row.lang,
        lang_declared=row.lang_declared,
        source=row.source,
        feed_name=row.feed_name,
        published_at=row.published_at,
        updated_at=row.updated_at,
        first_seen_at=row.first_seen_at,
        sample=row.sample,
        text=row.text,
    )


def article_left(row: Row[Any]) -> Article | None:
    """Return what is left of an article whose text retention took: a row of `items` to its title and addresses; None
    where nothing is.
    """
    if not row.signs:
        return None
    return Article(
        id=ArticleId(row.id),
        feed=FeedId(row.feed),
        guid=row.signs["guid"],
        url=row.signs["url"],
        title=row.signs["title"],
        source=row.signs["source"],
        feed_name=row.signs["name"],
        published_at=row.published_at,
        first_seen_at=row.first_seen_at,
        text=row.text,
    )


def lookup_keys(keys: ArticleKeys) -> list[tuple[str, bytes]]:
    """Return the keys that an article has, with their kinds."""
    found = [(kind, getattr(keys, kind)) for kind in KEY_KINDS]
    return [(kind, key) for kind, key in found if key is not None]


def pack_spans(spans: Sequence[Span]) -> list[list[Any]]:
    """Return hits as lists that JSON can hold."""
    return [[span.field.value, span.start, span.end, span.term, span.concept] for span in spans]


def _unpack_spans(stored: Sequence[Sequence[Any]]) -> tuple[Span, ...]:
    return tuple(Span(Field(field), start, end, term, concept) for field, start, end, term, concept in stored)


def match_values(match: Match) -> Values:
    """Return the columns of a match that say what fired."""
    return {
        "rule": match.rule,
        "groups": [[group.label, pack_spans(group.spans), group.asks] for group in match.groups],
        "spans": pack_spans(match.spans),
    }


def match(row: Row[Any]) -> Match:
    """Return the match that a row of `matches` holds."""
    # A match that was stored before groups had `asks` has two values each.
    groups = tuple(GroupHit(label, _unpack_spans(spans), *asks) for label, spans, *asks in row.groups)
    return Match(RuleId(row.rule), groups)


def verdict_values(verdict: Verdict) -> Values:
    """Return the columns of a verdict."""
    return {
        "article": verdict.article,
        "text": verdict.text,
        "rule": verdict.rule,
        "target": verdict.target,
        "outcome": verdict.outcome,
        "story": verdict.story,
        "level": verdict.level,
        "of": verdict.of,
        "because": {
            name: list(value) if isinstance(value, tuple) else value for name, value in verdict.because.items()
        },
        "alert": verdict.alert,
        "reason": verdict.reason,
        "miss": None if verdict.miss is None else [verdict.miss.of, verdict.miss.guard, verdict.miss.closeness],
        "severity": verdict.severity,
    }


def verdict(row: Row[Any]) -> Verdict:
    """Return the verdict that a row of `verdicts` holds."""
    because = {name: tuple(value) if isinstance(value, list) else value for name, value in row.because.items()}
    return Verdict(
        article=ArticleId(row.article),
        rule=RuleId(row.rule),
        target=ChannelName(row.target),
        outcome=row.outcome,
        story=row.story,
        level=row.level,
        of=row.of,
        because=because,
        alert=row.alert,
        reason=row.reason,
        text=row.text,
        miss=None if row.miss is None else NearMiss(*row.miss),
        severity=None if row.severity is None else Severity(row.severity),
    )


def health_values(health: ChannelHealth) -> Values:
    """Return the columns of a channel's health."""
    return {
        "name": health.name,
        "breaker_since": health.breaker_since,
        "breaker_reason": health.breaker_reason,
        "next_probe_at": health.next_probe_at,
        "throttled_until": health.throttled_until,
        "failures": health.failures,
        "failing_since": health.failing_since,
        "last_ok_at": health.last_ok_at,
        "last_answer": health.last_answer,
    }


def health(row: Row[Any]) -> ChannelHealth:
    """Return the health that a row of `channels` holds."""
    return ChannelHealth(
        name=ChannelName(row.name),
        breaker_since=row.breaker_since,
        breaker_reason=row.breaker_reason,
        next_probe_at=row.next_probe_at,
        throttled_until=row.throttled_until,
        failures=row.failures,
        failing_since=row.failing_since,
        last_ok_at=row.last_ok_at,
        last_answer=row.last_answer,
    )
