"""Reading stories and decisions for people: what was told of each story, and what was told to nobody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, or_, select

from watcher.core.model.decided import ArticleName, Decided, StoryRecord, StoryTold
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, MessageId, RuleId, StoryId
from watcher.core.model.rule import Severity
from watcher.core.model.story import Story
from watcher.core.model.verdict import Outcome, Stage
from watcher.storage import details, dialects, kept_back, show, stories, values
from watcher.storage import tables as t
from watcher.storage.types import is_id

_SUPPRESSED = (Outcome.FOLDED, Outcome.SILENCED, Outcome.SKIPPED, Outcome.DROPPED)


def newest_records(connection: Connection, limit: int) -> list[StoryRecord]:
    """Return the stories that last had news with what was told of each, the newest first."""
    found = stories.newest(connection, limit)
    told = _told(connection, [story.id for story in found])
    return [StoryRecord(story, tuple(told.get(story.id, ()))) for story in found]


def story(connection: Connection, id_or_part: str) -> StoryRecord | None:
    """Return the story that an id of a story or of one of its articles, or the beginning of one, names, with all of
    its articles.
    """
    id_ = _story_id(connection, id_or_part)
    if id_ is None:
        return None
    known = stories.one(connection, id_)
    id_ = known.id if known else id_
    decided = _decided_in(connection, id_)
    told = _told(connection, [id_]).get(id_, [])
    whole = known or _from_articles(id_, decided)
    return None if whole is None else StoryRecord(whole, tuple(told), tuple(decided))


def _story_id(connection: Connection, part: str) -> StoryId | None:
    if part[:1] == "a":
        article = show.find(connection, t.articles.c.id, part)
        chosen = select(t.verdicts.c.story).where(t.verdicts.c.article == article).order_by(t.verdicts.c.at.desc())
        found = None if article is None else connection.execute(chosen.limit(1)).scalar()
        return None if found is None else StoryId(found)
    found = show.find(connection, t.stories.c.id, part)
    # One that was told before stories were kept, or released by hand, stands in its alerts only.
    if found is None and is_id("s", part):
        found = connection.execute(select(t.verdicts.c.story).where(t.verdicts.c.story == part).limit(1)).scalar()
    return None if found is None else StoryId(found)


def _from_articles(id_: StoryId, decided: Sequence[Decided]) -> Story | None:
    """Return a story that is no record yet, as far as its articles tell it."""
    if not decided:
        return None
    names = {one.article.id: one.article for one in decided}
    times = sorted(one.at for one in decided)
    members: dict[str, int] = {}
    for name in names.values():
        members[name.lang] = members.get(name.lang, 0) + 1
    outlets = {name.source: times[0] for name in names.values() if name.source}
    title = decided[0].article.title
    return Story(id_, title, times[0], times[-1], times[0], members, {}, outlets=outlets, independent=outlets)


def suppressed(connection: Connection, since: datetime, limit: int) -> list[Decided]:
    """Return what was folded, passed over or kept back since then, and what was told though it came close to something.

    The newest comes first.
    """
    chosen = (
        select(t.verdicts)
        .where(t.verdicts.c.at >= since, or_(t.verdicts.c.outcome.in_(_SUPPRESSED), t.verdicts.c.miss.is_not(None)))
        .order_by(t.verdicts.c.at.desc(), t.verdicts.c.article, t.verdicts.c.rule, t.verdicts.c.target)
        .limit(limit)
    )
    found = _decided(connection, connection.execute(chosen).all())
    matched = exists().where(t.matches.c.article == t.items.c.id)
    early = (
        select(t.items.c.id, t.items.c.stage, t.items.c.first_seen_at)
        .where(t.items.c.first_seen_at >= since, t.items.c.stage != Stage.MATCHED, matched)
        .order_by(t.items.c.first_seen_at.desc(), t.items.c.id)
        .limit(limit)
    )
    rows = connection.execute(early).all()
    names = _names(connection, [(row.id, 0) for row in rows])
    found += [Decided(names[row.id, 0], row.first_seen_at, stage=row.stage) for row in rows]
    found += _kept_back(connection, since, limit)
    return sorted(found, key=lambda one: one.at, reverse=True)[:limit]


def _kept_back(connection: Connection, since: datetime, limit: int) -> list[Decided]:
    records = kept_back.since(connection, since, limit)
    names = _names(connection, [(one.kept.article, 0) for one in records])
    return [Decided(names[one.kept.article, 0], one.last_at, kept_back=one) for one in records]


def _decided_in(connection: Connection, id_: StoryId) -> list[Decided]:
    chosen = select(t.verdicts).where(t.verdicts.c.story == id_)
    order = (t.verdicts.c.at, t.verdicts.c.article, t.verdicts.c.text, t.verdicts.c.rule, t.verdicts.c.target)
    return _decided(connection, connection.execute(chosen.order_by(*order)).all())


def _decided(connection: Connection, rows: Sequence[Row[Any]]) -> list[Decided]:
    names = _names(connection, [(row.article, row.text) for row in rows])
    states = show.states_of(connection, [row.alert for row in rows if row.outcome is Outcome.WAITING and row.alert])
    found = []
    for row in rows:
        state = states.get(row.alert) if row.outcome is Outcome.WAITING else None
        found.append(Decided(names[row.article, row.text], row.at, show.as_it_stands(values.verdict(row), state)))
    return found


def _names(connection: Connection, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], ArticleName]:
    """Return what people know articles by, in the texts asked for."""
    asked = set(wanted)
    texts = details.texts_of(connection, asked)
    found: dict[tuple[str, int], ArticleName] = {}
    for id_, number in asked:
        text = texts.get((id_, number))
        name = ArticleName(ArticleId(id_))
        if text is not None:
            name = ArticleName(
                text.id, text.title, text.url, text.source or text.feed_name, text.lang, text.first_seen_at
            )
        found[id_, number] = name
    return found


def _told(connection: Connection, wanted: Sequence[StoryId]) -> dict[StoryId, list[StoryTold]]:
    rows: list[Row[Any]] = []
    for part in dialects.chunks(wanted):
        chosen = (
            select(t.alerts, t.messages.c.state)
            .outerjoin(t.messages, t.messages.c.id == t.alerts.c.message)
            .where(t.alerts.c.story.in_(part))
        )
        rows += connection.execute(chosen).all()
    rows.sort(key=lambda row: (row.created_at, row.id))
    names = _names(connection, [(row.article, row.text) for row in rows])
    found: dict[StoryId, list[StoryTold]] = {}
    for row in rows:
        told = StoryTold(
            AlertId(row.id),
            row.kind,
            RuleId(row.rule),
            ChannelName(row.target),
            Severity(row.severity),
            names[row.article, row.text],
            row.created_at,
            row.note,
            None if row.message is None else MessageId(row.message),
            row.state,
        )
        found.setdefault(StoryId(row.story), []).append(told)
    return found
