"""Turns alerts into what every channel can show: marked headline, excerpt, reasons, sources.

1. One `AlertSummary` an alert: marks on headline and excerpt, one reason a group, one line a source.
2. The alerts of one article stand by severity; a summary is ranked by severity, sources and time.

All text stays as it came: a channel escapes it and decides how much of it fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo

from watcher.core.alerts.sources import count_sources, publisher_of
from watcher.core.articles.agencies import agency_of
from watcher.core.articles.urls import untracked
from watcher.core.model.alert import AlertDetail
from watcher.core.model.article import Article, Field
from watcher.core.model.ids import RuleId
from watcher.core.model.match import GroupHit, Match, Span
from watcher.core.model.message import AlertSummary, Marked, Message, SourceLine, WhyGroup
from watcher.core.model.policy import Publisher
from watcher.core.model.rule import Rule
from watcher.core.model.story import Reach
from watcher.core.model.verdict import Level
from watcher.core.web_addresses import is_web
from watcher.telling.marked import window, without_overlaps
from watcher.telling.outlets import NO_FEEDS, outlet_of

EXCERPT_CHARS = 240
_CONTEXT_CHARS = 60  # shown before the first hit of an excerpt
_BARE_NOTE = "Reasons and sources could not be shown; the log says why."


def summarise(
    alerts: Iterable[AlertDetail],
    *,
    rules: Mapping[RuleId, Rule],
    publishers: Sequence[Publisher] = (),
    public_url: str = "",
    feeds: Mapping[str, str] = NO_FEEDS,
    is_ranked: bool = False,
) -> tuple[AlertSummary, ...]:
    """Return alerts as people read them, by severity; `is_ranked` = by severity, then sources, then the newest first.

    A rule that is gone from `rules` is named by its id. Links are only those of http(s), and to our own page only when
    `public_url` is set. `feeds` are the addresses of feeds that the user named.
    """
    shown = [summary_of(detail, rules, publishers, public_url, feeds) for detail in alerts]
    if is_ranked:
        shown.sort(key=lambda alert: alert.at, reverse=True)
        shown.sort(key=lambda alert: (-alert.severity, -alert.sources))
    else:
        shown.sort(key=lambda alert: -alert.severity)
    return tuple(shown)


def in_zone(message: Message, zone: tzinfo) -> Message:
    """Return a message whose times are read in a zone: each is the moment that it was."""
    alerts = tuple(alert_in_zone(alert, zone) for alert in message.alerts)
    down = message.down and (message.down[0].astimezone(zone), message.down[1].astimezone(zone))
    return replace(message, at=message.at.astimezone(zone), alerts=alerts, down=down)


def alert_in_zone(alert: AlertSummary, zone: tzinfo) -> AlertSummary:
    """Return an alert whose times are read in a zone: each is the moment that it was."""
    lines = tuple(replace(line, at=line.at.astimezone(zone)) for line in alert.lines)
    return replace(alert, at=alert.at.astimezone(zone), lines=lines)


def bare_alert(detail: AlertDetail, rules: Mapping[RuleId, Rule]) -> AlertSummary:
    """Return one alert without marks, excerpt, reasons and sources: nothing is computed, so that no text can surprise
    it.
    """
    article = detail.article
    return AlertSummary(
        id=detail.id,
        rule=detail.rule,
        rule_name=_called(rules.get(detail.rule), detail),
        revision=detail.revision,
        story=detail.story,
        severity=detail.severity,
        headline=Marked(article.title or "(no title)"),
        excerpt=Marked(""),
        url=untracked(article.url) if article.url.startswith(("https://", "http://")) else "",
        source=article.source or article.feed_name,
        at=detail.created_at,
        why=(),
        lines=(),
        sources=0 if detail.sample else 1,
        copies=0,
        lang=article.lang,
        sample=detail.sample,
        note=" ".join(filter(None, (detail.note, _BARE_NOTE))),
    )


def _called(rule: Rule | None, detail: AlertDetail) -> str:
    return (rule.label or rule.name) if rule is not None else detail.rule


def summary_of(
    detail: AlertDetail,
    rules: Mapping[RuleId, Rule],
    publishers: Sequence[Publisher],
    public_url: str,
    feeds: Mapping[str, str] = NO_FEEDS,
) -> AlertSummary:
    """Return one alert as people read it; see `summarise`."""
    article = detail.article
    rule = rules.get(detail.rule)
    carriers = [(member.article, member.level) for member in detail.members] or [(article, Level.NEW)]
    founder = carriers[0][0]
    reach = _reach(detail, carriers, publishers)
    return AlertSummary(
        id=detail.id,
        rule=detail.rule,
        rule_name=_called(rule, detail),
        revision=detail.revision,
        story=detail.story,
        severity=detail.severity,
        headline=headline_of(article, detail.match),
        excerpt=excerpt_of(article, detail.match),
        url=untracked(article.url) if is_web(article.url) else "",
        source=outlet_of(article, feeds),
        at=article.published_at or article.first_seen_at or detail.created_at,
        why=tuple(why_of(article, detail.match)),
        lines=tuple(_line(carrier, _is_copy(carrier, level, founder), detail, feeds) for carrier, level in carriers),
        sources=reach.independent,
        outlets=reach.outlets,
        copies=sum(_is_copy(carrier, level, founder) for carrier, level in carriers),
        languages=reach.languages,
        lang=article.lang,
        story_url=f"{public_url.rstrip('/')}/s/{detail.story}" if public_url else "",
        sample=detail.sample,
        note=detail.note,
        agency=agency_of(founder),
    )


def _reach(detail: AlertDetail, carriers: Sequence[tuple[Article, Level]], publishers: Sequence[Publisher]) -> Reach:
    """Return how far the news went: the story's reach, or that of the alert's own articles where these are more. A
    sample has no source.
    """
    if detail.sample:
        return Reach(0, 0)
    outlets = {publisher_of(carrier, publishers) for carrier, _ in carriers}
    languages = {carrier.lang for carrier, _ in carriers if carrier.lang}
    known = detail.reach or Reach(0, 0)
    return Reach(
        max(1, known.outlets, len(outlets)),
        max(1, known.independent, count_sources(detail.members, publishers)),
        max(1, known.languages, len(languages)),
    )


def headline_of(article: Article, match: Match) -> Marked:
    """Return the title of an article with the words that a rule fired on."""
    if not article.title:
        return Marked("(no title)")
    return Marked(article.title, _marks(match, Field.TITLE, len(article.title)))


def _marks(match: Match, field: Field, length: int) -> tuple[tuple[int, int, int], ...]:
    return without_overlaps(
        (
            (span.start, span.end, number)
            for number, group in enumerate(_by_label(match), start=1)
            for span in group.spans
            if span.field is field
        ),
        length,
    )


def excerpt_of(article: Article, match: Match) -> Marked:
    """Return about 240 characters of summary or content, where the most groups, then the most hits, stand together.

    Without a hit there, the beginning of the summary, else of the content.
    """
    best = Marked("")
    best_score, best_start = (0, 0), 0
    for field in (Field.SUMMARY, Field.CONTENT):
        text = article.text_of(field)
        marks = _marks(match, field, len(text))
        score, start = _best_window(marks)
        if not best.text or score > best_score:
            best, best_score, best_start = Marked(text, marks), score, start
    start = max(0, best_start - _CONTEXT_CHARS)
    if len(best.text) - start < EXCERPT_CHARS:  # near the end: show more of what stands before instead
        start = max(0, min(start, len(best.text) - EXCERPT_CHARS))
    return window(best, start, EXCERPT_CHARS)


def _best_window(marks: Sequence[tuple[int, int, int]]) -> tuple[tuple[int, int], int]:
    """Return ((distinct groups, hits), start of the first hit) of the best run of hits that one excerpt can show."""
    best, best_start = (0, 0), 0
    last = 0  # the first mark that is not in the window any more; only moves on
    inside: list[int] = []
    for first, (start, _, _) in enumerate(marks):
        while last < len(marks) and marks[last][1] <= start + EXCERPT_CHARS - _CONTEXT_CHARS:
            inside.append(marks[last][2])
            last += 1
        score = (len(set(inside)), len(inside))
        if score > best:
            best, best_start = score, start
        if inside and last > first:
            inside.pop(0)
        else:
            last = max(last, first + 1)  # a hit longer than an excerpt
    return best, best_start


def _by_label(match: Match) -> list[GroupHit]:
    """Return the groups of a match, those that people call the same taken together: a rule may ask twice for one
    thing.
    """
    found: dict[str, GroupHit] = {}
    for group in match.groups:
        before = found.get(group.label)
        found[group.label] = group if before is None else before._replace(spans=(*before.spans, *group.spans))
    return list(found.values())


def why_of(article: Article, match: Match) -> Iterator[WhyGroup]:
    """Yield by which words each group of a rule fired."""
    for group in _by_label(match):
        hits: dict[str, tuple[str, int, bool]] = {}
        for span in _outer(group.spans):
            word = article.text_of(span.field)[span.start : span.end]
            seen, count, in_title = hits.get(word.casefold(), (word, 0, False))
            hits[word.casefold()] = (seen, count + 1, in_title or span.field is Field.TITLE)
        in_order = sorted(hits.values(), key=lambda hit: not hit[2])
        if in_order:
            yield WhyGroup(group.label, tuple(in_order), group.asks)


def _outer(spans: Sequence[Span]) -> list[Span]:
    """Return the spans that no other one of the same field covers, without repetition, in title, field and text
    order.
    """
    order = list(Field)
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (order.index(span.field), span.start, -span.end)):
        if kept and kept[-1].field is span.field and span.end <= kept[-1].end:
            continue
        kept.append(span)
    return kept


def _is_copy(article: Article, level: Level, founder: Article) -> bool:
    """A revision of the founder's own item is neither another source nor a copy."""
    if level in (Level.NEW, Level.SAME_STORY):
        return False
    return not (level is Level.REVISION and article.feed == founder.feed)


def _line(article: Article, is_copy: bool, detail: AlertDetail, feeds: Mapping[str, str]) -> SourceLine:
    return SourceLine(
        at=article.first_seen_at or article.published_at or detail.created_at,
        name=outlet_of(article, feeds),
        url=untracked(article.url) if is_web(article.url) else "",
        title=article.title,
        lang=article.lang,
        copy=is_copy,
    )
