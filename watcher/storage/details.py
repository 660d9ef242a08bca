"""Alerts with everything about them: the articles that founded or joined them, with keys and what matched."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, select

from watcher.core.model.alert import AlertDetail, Member
from watcher.core.model.article import Article, ArticleKeys
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, FeedId, RuleId, StoryId
from watcher.core.model.match import GroupHit, Match
from watcher.core.model.rule import Severity
from watcher.core.model.story import Reach
from watcher.storage import values
from watcher.storage.lookup import Lookup
from watcher.storage.tables import alert_members, alerts, article_keys, articles, items, matches, stories, texts

_KEYS: Final = Lookup(
    article_keys.c.article,
    lambda ids: (
        select(article_keys.c.article, article_keys.c.kind, article_keys.c.key, items.c.content)
        .join(items, items.c.id == article_keys.c.article)
        .where(article_keys.c.article.in_(ids), article_keys.c.latest)
    ),
)
_NEWEST_TEXTS: Final = Lookup(articles.c.id, lambda ids: select(articles).where(articles.c.id.in_(ids)))
_EARLIER_TEXTS: Final = Lookup(
    texts.c.article,
    lambda ids: select(texts.c.article, texts.c.number, texts.c.body).where(
        texts.c.article.in_(ids), texts.c.body.is_not(None)
    ),
)
_MEMBERS: Final = (
    select(alert_members, items.c.feed, items.c.first_seen_at)
    .join(items, items.c.id == alert_members.c.article)
    .order_by(alert_members.c.alert, alert_members.c.position, alert_members.c.article)
)
_ALL_MEMBERS: Final = Lookup(alert_members.c.alert, lambda ids: _MEMBERS.where(alert_members.c.alert.in_(ids)))
_FOUNDERS: Final = Lookup(
    alert_members.c.alert,
    lambda ids: _MEMBERS.where(alert_members.c.alert.in_(ids), alert_members.c.position == 0),
)
_MEMBERSHIPS: Final = Lookup(alert_members.c.article, lambda ids: _MEMBERS.where(alert_members.c.article.in_(ids)))


def keys_of(connection: Connection, wanted: Iterable[str]) -> dict[ArticleId, ArticleKeys]:
    """Return the present keys of articles, also of those whose text is gone."""
    content: dict[str, bytes] = {}
    keys: dict[str, dict[str, bytes]] = {}
    for row in _KEYS.rows(connection, wanted):
        content[row.article] = row.content
        keys.setdefault(row.article, {})[row.kind] = row.key
    return {
        ArticleId(id_): ArticleKeys(
            item=by_kind.get("item", b""),
            content=content[id_],
            guid=by_kind.get("guid"),
            url=by_kind.get("url"),
            title=by_kind.get("title"),
            pattern=by_kind.get("pattern"),
            lead=by_kind.get("lead"),
        )
        for id_, by_kind in keys.items()
    }


def articles_of(connection: Connection, wanted: Iterable[str]) -> dict[ArticleId, Article]:
    """Return stored articles by id; those whose text is gone are missing."""
    return {ArticleId(row.id): values.article_of(row) for row in _NEWEST_TEXTS.rows(connection, wanted)}


def texts_of(
    connection: Connection, wanted: Iterable[tuple[str, int]], newest: Mapping[ArticleId, Article] | None = None
) -> dict[tuple[str, int], Article]:
    """Return articles as they were in the texts asked for; where one is not kept, the newest text stands for it.

    `newest` are the articles in their newest texts, where these are known already.
    """
    asked = set(wanted)
    if newest is None:
        newest = articles_of(connection, {id_ for id_, _ in asked})
    found = {(id_, number): newest[ArticleId(id_)] for id_, number in asked if id_ in newest}
    earlier = {id_ for (id_, number), article in found.items() if article.text != number}
    for row in _EARLIER_TEXTS.rows(connection, earlier):
        if (row.article, row.number) in asked:
            found[row.article, row.number] = values.unpack_text(row.body)
    return found


_NONE_LOADED: Final[Mapping[ArticleId, tuple[Article, ArticleKeys]]] = {}


def members_of(
    connection: Connection,
    wanted: Iterable[str],
    *,
    among: Collection[str] | None = None,
    with_newest: bool = False,
    loaded: Mapping[ArticleId, tuple[Article, ArticleKeys]] = _NONE_LOADED,
) -> dict[AlertId, tuple[Member, ...]]:
    """Return the members of alerts in order of arrival, each in the text that joined, the founder first.

    `among` leaves out the members that are not in it, but for the founders; `loaded` are articles in their newest text
    and with their present keys, which need not be loaded again.

    A member whose text retention has taken keeps its keys and has an article with empty text. Keys are those of the
    newest text; `with_newest` lists a member again in that, where it changed since, so that copies of either are
    found.
    """
    rows = list(_ALL_MEMBERS.rows(connection, wanted)) if among is None else _members_among(connection, wanted, among)
    ids = {row.article for row in rows}
    left = ids - loaded.keys()
    newest = {id_: loaded[id_][0] for id_ in ids & loaded.keys()} | articles_of(connection, left)
    joined = texts_of(connection, {(row.article, row.text) for row in rows}, newest)
    keys = {id_: loaded[id_][1] for id_ in ids & loaded.keys()} | keys_of(connection, left)
    found: dict[AlertId, list[Member]] = {}
    for row in rows:
        bare = Article(ArticleId(row.article), FeedId(row.feed), first_seen_at=row.first_seen_at)
        member = Member(joined.get((row.article, row.text), bare), keys.get(bare.id, ArticleKeys(b"", b"")), row.level)
        members = found.setdefault(AlertId(row.alert), [])
        members.append(member)
        changed = newest.get(bare.id) if with_newest else None
        if changed is not None and changed.text != member.article.text:
            members.append(replace(member, article=changed))
    return {alert: tuple(members) for alert, members in found.items()}


def _members_among(connection: Connection, wanted: Iterable[str], among: Collection[str]) -> list[Any]:
    alerts_wanted = set(wanted)
    rows = [*_FOUNDERS.rows(connection, alerts_wanted), *_MEMBERSHIPS.rows(connection, among)]
    seen = {(row.alert, row.article): row for row in rows if row.alert in alerts_wanted}
    return sorted(seen.values(), key=lambda row: (row.alert, row.position, row.article))


_ALERTS: Final = Lookup(alerts.c.id, lambda ids: select(alerts).where(alerts.c.id.in_(ids)))
_REACHES: Final = Lookup(
    stories.c.id,
    lambda ids: select(stories.c.id, stories.c.outlets, stories.c.independent, stories.c.members).where(
        stories.c.id.in_(ids)
    ),
)
_MATCHES: Final = Lookup(matches.c.article, lambda ids: select(matches).where(matches.c.article.in_(ids)))


def alerts_of(connection: Connection, wanted: Iterable[str]) -> dict[AlertId, AlertDetail]:
    """Return alerts with all that a message shows; those whose article is gone are missing."""
    ids = set(wanted)
    rows = list(_ALERTS.rows(connection, ids))
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
            is_urgent=row.urgent,
        )
    return found


def _reaches(connection: Connection, wanted: Iterable[str]) -> dict[str, Reach]:
    """Return how far stories went, those that are no record left out."""
    rows = _REACHES.rows(connection, wanted)
    return {row.id: Reach.of(row.outlets, row.independent, row.members) for row in rows}


def _matches_of(connection: Connection, wanted: Iterable[str]) -> Mapping[tuple[ArticleId, int, RuleId], Match]:
    rows = _MATCHES.rows(connection, wanted)
    return {(ArticleId(row.article), row.text, RuleId(row.rule)): values.match(row) for row in rows}


def _labels_only(rule: RuleId, labels: Iterable[str]) -> Match:
    """Return what once fired, without places: it was stored before each text had its matches."""
    return Match(rule, tuple(GroupHit(label, ()) for label in labels))
