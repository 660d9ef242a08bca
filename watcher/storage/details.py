"""Alerts with everything about them: the articles that founded or joined them, with keys and what matched."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, select

from watcher.core.model.alert import AlertDetail, Member
from watcher.core.model.article import Article, ArticleKeys
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, FeedId, RuleId, StoryId
from watcher.core.model.match import GroupHit, Match
from watcher.core.model.rule import Severity
from watcher.core.model.story import Reach
from watcher.storage import dialects, values
from watcher.storage.tables import alert_members, alerts, article_keys, articles, items, matches, stories, texts


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
                lead=by_kind.get("lead"),
            )
    return found


def articles_of(connection: Connection, wanted: Iterable[str]) -> dict[ArticleId, Article]:
    """Return stored articles by id; those whose text is gone are missing."""
    found: dict[ArticleId, Article] = {}
    for part in dialects.chunks(wanted):
        for row in connection.execute(select(articles).where(articles.c.id.in_(part))):
            found[ArticleId(row.id)] = values.article(row)
    return found


def texts_of(connection: Connection, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Article]:
    """Return articles as they were in the texts asked for; where one is not kept, the newest text stands for it."""
    asked = set(wanted)
    newest = articles_of(connection, {id_ for id_, _ in asked})
    found = {(id_, number): newest[ArticleId(id_)] for id_, number in asked if id_ in newest}
    earlier = {id_ for (id_, number), article in found.items() if article.text != number}
    for part in dialects.chunks(earlier):
        kept = select(texts).where(texts.c.article.in_(part), texts.c.body.is_not(None))
        for row in connection.execute(kept):
            if (row.article, row.number) in asked:
                found[row.article, row.number] = values.unpack_text(row.body)
    return found


def members_of(
    connection: Connection, wanted: Iterable[str], *, among: Collection[str] | None = None, with_newest: bool = False
) -> dict[AlertId, tuple[Member, ...]]:
    """Return the members of alerts in order of arrival, each in the text that joined, the founder first.

    `among` leaves out the members that are not in it, but for the founders.

    A member whose text retention has taken keeps its keys and has an article with empty text. Keys are those of the
    newest text; `with_newest` lists a member again in that, where it changed since, so that copies of either are
    found.
    """
    rows: list[Row[Any]] = []
    for part in dialects.chunks(wanted):
        chosen = (
            select(alert_members, items.c.feed, items.c.first_seen_at)
            .join(items, items.c.id == alert_members.c.article)
            .where(alert_members.c.alert.in_(part))
            .order_by(alert_members.c.alert, alert_members.c.position, alert_members.c.article)
        )
        if among is None:
            rows += connection.execute(chosen).all()
            continue
        seen: dict[tuple[str, str], Row[Any]] = {}
        rows_of = [chosen.where(alert_members.c.position == 0)]
        rows_of += [chosen.where(alert_members.c.article.in_(some)) for some in dialects.chunks(among)]
        for statement in rows_of:
            seen |= {(row.alert, row.article): row for row in connection.execute(statement)}
        rows += sorted(seen.values(), key=lambda row: (row.alert, row.position, row.article))
    ids = {row.article for row in rows}
    joined = texts_of(connection, {(row.article, row.text) for row in rows})
    newest = articles_of(connection, ids) if with_newest else {}
    keys = keys_of(connection, ids)
    found: dict[AlertId, list[Member]] = {}
    for row in rows:
        bare = Article(ArticleId(row.article), FeedId(row.feed), first_seen_at=row.first_seen_at)
        member = Member(joined.get((row.article, row.text), bare), keys.get(bare.id, ArticleKeys(b"", b"")), row.level)
        members = found.setdefault(AlertId(row.alert), [])
        members.append(member)
        changed = newest.get(bare.id)
        if changed is not None and changed.text != member.article.text:
            members.append(replace(member, article=changed))
    return {alert: tuple(members) for alert, members in found.items()}


def alerts_of(connection: Connection, wanted: Iterable[str]) -> dict[AlertId, AlertDetail]:
    """Return alerts with all that a message shows; those whose article is gone are missing."""
    ids = set(wanted)
    rows: list[Row[Any]] = []
    for part in dialects.chunks(ids):
        rows += connection.execute(select(alerts).where(alerts.c.id.in_(part))).all()
    founders = texts_of(connection, {(row.article, row.text) for row in rows})
    fired = _matches_of(connection, {row.article for row in rows})
    members = members_of(connection, ids)
    reaches = _reaches(connection, {row.story for row in rows})
    found: dict[AlertId, AlertDetail] = {}
    for row in rows:
        article = founders.get((row.article, row.text))
        if article is None:
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
            article=article,
            match=fired.get((article.id, row.text, rule)) or _labels_only(rule, row.labels),
            members=members.get(AlertId(row.id), ()),
            sample=row.sample,
            note=row.note,
            promoted_from=row.promoted_from,
            reach=reaches.get(row.story),
        )
    return found


def _reaches(connection: Connection, wanted: Iterable[str]) -> dict[str, Reach]:
    """Return how far stories went, those that are no record left out."""
    found: dict[str, Reach] = {}
    columns = stories.c.id, stories.c.outlets, stories.c.independent, stories.c.members
    for part in dialects.chunks(wanted):
        for row in connection.execute(select(*columns).where(stories.c.id.in_(part))):
            found[row.id] = Reach.of(row.outlets, row.independent, row.members)
    return found


def _matches_of(connection: Connection, wanted: Iterable[str]) -> Mapping[tuple[ArticleId, int, RuleId], Match]:
    found: dict[tuple[ArticleId, int, RuleId], Match] = {}
    for part in dialects.chunks(wanted):
        for row in connection.execute(select(matches).where(matches.c.article.in_(part))):
            found[ArticleId(row.article), row.text, RuleId(row.rule)] = values.match(row)
    return found


def _labels_only(rule: RuleId, labels: Iterable[str]) -> Match:
    """Return what once fired, without places: it was stored before each text had its matches."""
    return Match(rule, tuple(GroupHit(label, ()) for label in labels))
