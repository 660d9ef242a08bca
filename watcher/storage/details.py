"""Alerts with everything about them: the articles that founded or joined them, with keys and what matched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, select

from watcher.core.model.alert import AlertDetail, Member
from watcher.core.model.article import Article, ArticleKeys
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, FeedId, RuleId, StoryId
from watcher.core.model.match import GroupHit, Match
from watcher.core.model.rule import Severity
from watcher.storage import dialects, values
from watcher.storage.tables import alert_members, alerts, article_keys, articles, items, matches


def keys_of(connection: Connection, wanted: Iterable[str]) -> dict[ArticleId, ArticleKeys]:
    """Return the present keys of articles, also of those whose text is gone."""
    found: dict[ArticleId, ArticleKeys] = {}
    for part in dialects.chunks(wanted):
        content = {
            row.id: row.content
            for row in connection.execute(select(items.c.id, items.c.content).where(items.c.id.in_(part)))
        }
        keys: dict[str, dict[str, bytes]] = {}
        rows = select(article_keys).where(article_keys.c.article.in_(part), article_keys.c.latest)
        for row in connection.execute(rows):
            keys.setdefault(row.article, {})[row.kind] = row.key
        for id_, by_kind in keys.items():
            found[ArticleId(id_)] = ArticleKeys(
                item=by_kind.get("item", b""),
                content=content[id_],
                guid=by_kind.get("guid"),
                url=by_kind.get("url"),
                title=by_kind.get("title"),
                pattern=by_kind.get("pattern"),
                start=by_kind.get("start"),
            )
    return found


def articles_of(connection: Connection, wanted: Iterable[str]) -> dict[ArticleId, Article]:
    """Return stored articles by id; those whose text is gone are missing."""
    found: dict[ArticleId, Article] = {}
    for part in dialects.chunks(wanted):
        for row in connection.execute(select(articles).where(articles.c.id.in_(part))):
            found[ArticleId(row.id)] = values.article(row)
    return found


def members_of(connection: Connection, wanted: Iterable[str]) -> dict[AlertId, tuple[Member, ...]]:
    """Return the members of alerts in order of arrival, the founder first.

    A member whose text retention has taken keeps its keys and has an article with empty text.
    """
    rows: list[Row[Any]] = []
    for part in dialects.chunks(wanted):
        rows += connection.execute(
            select(alert_members, items.c.feed, items.c.first_seen_at)
            .join(items, items.c.id == alert_members.c.article)
            .where(alert_members.c.alert.in_(part))
            .order_by(alert_members.c.alert, alert_members.c.position, alert_members.c.article)
        ).all()
    ids = {row.article for row in rows}
    texts = articles_of(connection, ids)
    keys = keys_of(connection, ids)
    found: dict[AlertId, list[Member]] = {}
    for row in rows:
        bare = Article(ArticleId(row.article), FeedId(row.feed), first_seen_at=row.first_seen_at)
        member = Member(texts.get(bare.id, bare), keys.get(bare.id, ArticleKeys(b"", b"")), row.level)
        found.setdefault(AlertId(row.alert), []).append(member)
    return {alert: tuple(members) for alert, members in found.items()}


def alerts_of(connection: Connection, wanted: Iterable[str]) -> dict[AlertId, AlertDetail]:
    """Return alerts with all that a message shows; those whose article is gone are missing."""
    ids = set(wanted)
    rows: list[Row[Any]] = []
    for part in dialects.chunks(ids):
        rows += connection.execute(select(alerts).where(alerts.c.id.in_(part))).all()
    texts = articles_of(connection, {row.article for row in rows})
    fired = _matches_of(connection, {row.article for row in rows})
    members = members_of(connection, ids)
    found: dict[AlertId, AlertDetail] = {}
    for row in rows:
        text = texts.get(ArticleId(row.article))
        if text is None:
            continue
        rule = RuleId(row.rule)
        found[AlertId(row.id)] = AlertDetail(
            id=AlertId(row.id),
            rule=rule,
            target=ChannelName(row.target),
            story=StoryId(row.story),
            kind=row.kind,
            severity=Severity(row.severity),
            revision=row.revision,
            created_at=row.created_at,
            article=text,
            match=fired.get((text.id, rule)) or _labels_only(rule, row.labels),
            members=members.get(AlertId(row.id), ()),
            sample=row.sample,
            note=row.note,
        )
    return found


def _matches_of(connection: Connection, wanted: Iterable[str]) -> Mapping[tuple[ArticleId, RuleId], Match]:
    found: dict[tuple[ArticleId, RuleId], Match] = {}
    for part in dialects.chunks(wanted):
        for row in connection.execute(select(matches).where(matches.c.article.in_(part))):
            found[ArticleId(row.article), RuleId(row.rule)] = values.match(row)
    return found


def _labels_only(rule: RuleId, labels: Iterable[str]) -> Match:
    """Return what once fired, without places: the text was revised since and no longer holds the words."""
    return Match(rule, tuple(GroupHit(label, ()) for label in labels))
