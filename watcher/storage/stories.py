"""Stories as rows: what an arriving article may belong to, and what a reading changed of it.

    stories      one row a story: its title, times, members by language, and the profile that articles are compared
    with story_words  under which words and facts a story is found, while it is alive word_counts  in how many stories
    a word stood lately, fading with a half-life of 14 days; the row of a blank word counts the stories

Nothing is kept in memory, so a start is warm at once and every process on one database sees the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Exists, Row, Text, delete, exists, select, type_coerce, update

from watcher.core.model.alert import GATHERED, Gathering, GatherKey
from watcher.core.model.claim import Claims, Turn
from watcher.core.model.ids import ChannelName, MessageId, RuleId, StoryId
from watcher.core.model.match import ReadArticle
from watcher.core.model.message import MessageKind, MessageState
from watcher.core.model.story import Story, StoryChanges, WordCounts
from watcher.core.stories.counting import Seekers, asked_by, counted_by, faded_count, that_may_join
from watcher.core.stories.link import ALIVE, LONGEST, MOST_FILED
from watcher.storage import dialects
from watcher.storage.changes import Change
from watcher.storage.lookup import Lookup, given
from watcher.storage.tables import (
    alerts,
    deliveries,
    messages,
    muted,
    stories,
    story_words,
    verdicts,
    word_counts,
)
from watcher.storage.tables_by_hand import hand_silences

_FORGET_AFTER: Final = timedelta(days=60)
"""The count of a word of one story has faded to a twentieth by then."""


def load_stories(
    connection: Connection, reads: Sequence[ReadArticle], now: datetime
) -> tuple[tuple[Story, ...], dict[str, WordCounts]]:
    """Return the stories that arriving matched articles may belong to by their words, and the counts of these words
    by language.
    """
    counts = _counts(connection, counted_by(reads), now)
    return linked_now(connection, reads, counts, now), counts


def linked_now(
    connection: Connection, reads: Sequence[ReadArticle], counts: Mapping[str, WordCounts], now: datetime
) -> tuple[Story, ...]:
    """Return the stories that arriving matched articles may belong to, by words that are weighed as `counts` say."""
    filed = _filed_under(connection, asked_by(reads, counts), now)
    near = _near(connection, filed, Seekers(reads, counts), now)
    return that_may_join(reads, by_ids(connection, near), counts)


_PROFILES: Final = Lookup(
    stories.c.id,
    lambda ids: select(
        stories.c.id,
        *(type_coerce(one, Text).label(one.name) for one in (stories.c.weights, stories.c.facts)),
        *(type_coerce(one, Text).label(one.name) for one in (stories.c.members, stories.c.rules)),
    ).where(
        stories.c.id.in_(ids), stories.c.merged_into.is_(None), stories.c.last_at > given("since", stories.c.last_at)
    ),
)


def _near(connection: Connection, wanted: Iterable[str], seekers: Seekers, now: datetime) -> list[str]:
    """Return the stories, of those that are alive, that an article may join.

    A thousand are looked at for one article of a busy newsroom, and a few are left: unpacking all of each took longer
    than all else in a commit, so its words are looked for in the text as it is stored.
    """
    rows = _PROFILES.rows(connection, wanted, since=now - ALIVE)
    return [row.id for row in rows if seekers.share_words(_Stored(row.weights)) or _shares_facts(seekers, row)]


def _shares_facts(seekers: Seekers, row: Row[Any]) -> bool:
    langs, rules = _names(row.members), _names(row.rules)
    return seekers.may_share_facts(langs, rules) and seekers.share_facts(langs, rules, json.loads(row.facts))


@lru_cache(maxsize=1024)
def _names(packed: str) -> frozenset[Any]:
    """Return the keys of a packed mapping, or the members of a packed list."""
    return frozenset(json.loads(packed))


class _Stored:
    """The words of a packed mapping, looked for in its text: `{"vella":0.4,"envoy":0.2}` holds "envoy"."""

    def __init__(self, packed: str) -> None:
        self._packed = packed

    def __contains__(self, word: object) -> bool:
        return _as_key(word) in self._packed


@lru_cache(maxsize=4096)
def _as_key(word: object) -> str:
    return f"{json.dumps(word, ensure_ascii=False)}:"


_PUT: Final = Change(dialects.upsert(stories, keep=frozenset({"merged_into"})))
_PUT_WORDS: Final = Change(dialects.upsert(story_words))
_PUT_COUNTS: Final = Change(dialects.upsert(word_counts))


def write(connection: Connection, changes: StoryChanges, now: datetime) -> None:
    """Store what a reading changed of stories; alerts and verdicts of a merged story follow."""
    _merge(connection, changes.merged)
    rows = [_row(story) for story in sorted(changes.stories, key=lambda story: story.id)]
    _PUT.run(connection, *rows)
    filed = {(_key(*asked), id_) for id_, words in changes.filed.items() for asked in words}
    _PUT_WORDS.run(connection, *({"word": word, "story": id_, "at": now} for word, id_ in sorted(filed)))
    grown = {_key(*asked): count for asked, count in changes.began.items()}
    grown |= {_key(lang, ""): count for lang, count in changes.stories_begun.items()}
    _count(connection, grown, now)


_BY_ID: Final = Lookup(
    stories.c.id,
    lambda ids: select(stories).where(stories.c.id.in_(ids), stories.c.merged_into.is_(None)).order_by(stories.c.id),
)


def by_ids(connection: Connection, wanted: Iterable[str]) -> tuple[Story, ...]:
    """Return stories by id, in the order of their ids; those that were merged into others are missing."""
    return tuple(_story(row) for row in _BY_ID.rows(connection, wanted))


def is_gathering() -> Exists:
    """Return the condition that a message holds updates or follow-ups."""
    return exists().where(
        deliveries.c.message == messages.c.id, alerts.c.id == deliveries.c.alert, alerts.c.kind.in_(GATHERED)
    )


_GATHERING: Final = Lookup(
    alerts.c.story,
    lambda ids: (
        select(alerts.c.rule, alerts.c.target, alerts.c.story, alerts.c.kind, messages.c.id, messages.c.next_try_at)
        .join(deliveries, deliveries.c.alert == alerts.c.id)
        .join(messages, messages.c.id == deliveries.c.message)
        .where(
            alerts.c.story.in_(ids),
            alerts.c.kind.in_(GATHERED),
            messages.c.kind == MessageKind.SUMMARY,
            dialects.unindexed(messages.c.state).in_((MessageState.WAITING, MessageState.HELD)),
            messages.c.attempts == 0,
            messages.c.next_try_at > given("now", messages.c.next_try_at),
        )
        .order_by(messages.c.next_try_at, messages.c.id)
    ),
)


def gathering(connection: Connection, wanted: Iterable[StoryId], now: datetime) -> dict[GatherKey, Gathering]:
    """Return the messages that wait for more of the given stories."""
    found: dict[GatherKey, Gathering] = {}
    for row in _GATHERING.rows(connection, wanted, now=now):
        key = (RuleId(row.rule), ChannelName(row.target), StoryId(row.story), row.kind)
        found.setdefault(key, Gathering(MessageId(row.id), row.next_try_at))
    return found


def one(connection: Connection, id_: StoryId) -> Story | None:
    """Return a story, the one that it is part of by now, or None."""
    for _ in range(100):  # a chain of mergers is never that long
        row = connection.execute(select(stories).where(stories.c.id == id_)).first()
        if row is None:
            return None
        if row.merged_into is None:
            return _story(row)
        id_ = StoryId(row.merged_into)
    return None


def newest(connection: Connection, limit: int) -> tuple[Story, ...]:
    """Return the stories that last had news, newest first."""
    chosen = (
        select(stories)
        .where(stories.c.merged_into.is_(None))
        .order_by(stories.c.last_at.desc(), stories.c.id)
        .limit(limit)
    )
    return tuple(_story(row) for row in connection.execute(chosen))


def prune_stories(connection: Connection, now: datetime, limit: int) -> int:
    """Forget what finds stories that no article can join any more, and stories of which no alert is left; return how
    many stories.
    """
    dead = select(stories.c.id).where(stories.c.last_at < now - ALIVE - LONGEST).limit(limit)
    ids = list(connection.execute(dead).scalars())
    gone = 0
    for part in dialects.chunks(ids):
        connection.execute(delete(story_words).where(story_words.c.story.in_(part)))
        told = set(connection.execute(select(alerts.c.story).where(alerts.c.story.in_(part))).scalars())
        decided = set(connection.execute(select(verdicts.c.story).where(verdicts.c.story.in_(part))).scalars())
        unused = [id_ for id_ in part if id_ not in told and id_ not in decided]
        connection.execute(delete(stories).where(stories.c.id.in_(unused)))
        gone += len(unused)
    connection.execute(delete(word_counts).where(word_counts.c.at < now - _FORGET_AFTER))
    return gone


def _counts(connection: Connection, asked: Iterable[tuple[str, str]], now: datetime) -> dict[str, WordCounts]:
    wanted = set(asked)
    keys = {_key(lang, word) for lang, word in wanted} | {_key(lang, "") for lang, _ in wanted}
    rows = _present(connection, keys, now)
    words: dict[str, dict[str, float]] = {}
    for lang, word in wanted:
        words.setdefault(lang, {})[word] = rows.get(_key(lang, word), 0.0)
    return {lang: WordCounts(rows.get(_key(lang, ""), 0.0), counted) for lang, counted in words.items()}


_COUNTS: Final = Lookup(word_counts.c.word, lambda words: select(word_counts).where(word_counts.c.word.in_(words)))


def _present(connection: Connection, keys: Iterable[str], now: datetime) -> dict[str, float]:
    """Return the counts of words as they have faded until now."""
    return {row.word: faded_count(row.stories, row.at, now) for row in _COUNTS.rows(connection, keys)}


def _count(connection: Connection, grown: Mapping[str, float], now: datetime) -> None:
    before = _present(connection, grown, now)
    rows = [
        {"word": word, "stories": before.get(word, 0.0) + count, "at": now} for word, count in sorted(grown.items())
    ]
    _PUT_COUNTS.run(connection, *rows)


_FILED: Final = Lookup(
    story_words.c.word,
    lambda words: (
        select(story_words.c.word, story_words.c.story)
        .where(story_words.c.word.in_(words), story_words.c.at > given("since", story_words.c.at))
        .order_by(story_words.c.word, story_words.c.at.desc(), story_words.c.story)
    ),
)


def _filed_under(connection: Connection, asked: Iterable[tuple[str, str]], now: datetime) -> set[str]:
    """Return the stories filed under any of the words, the newest `MOST_FILED` of each."""
    by_word: dict[str, list[str]] = {}
    for row in _FILED.rows(connection, (_key(*one) for one in asked), since=now - ALIVE):
        by_word.setdefault(row.word, []).append(row.story)
    return {story for filed in by_word.values() for story in filed[:MOST_FILED]}


def _merge(connection: Connection, merged: Mapping[StoryId, StoryId]) -> None:
    for gone, into in sorted(merged.items()):
        connection.execute(update(stories).where(stories.c.id == gone).values(merged_into=into))
        connection.execute(delete(story_words).where(story_words.c.story == gone))
        for table in (alerts, verdicts, muted, hand_silences):
            connection.execute(update(table).where(table.c.story == gone).values(story=into))


def _key(lang: str, word: str) -> str:
    return f"{lang} {word}"


def _row(story: Story) -> dict[str, object]:
    return {
        "id": story.id,
        "title": story.title,
        "first_at": story.first_at,
        "last_at": story.last_at,
        "mean_at": story.mean_at,
        "members": dict(story.members),
        "weights": {word: round(weight, 4) for word, weight in story.weights.items()},
        "facts": dict(story.facts),
        "rules": sorted(story.rules),
        "headlines": list(story.headlines),
        "claims": [_packed_claims(claims) for _, claims in sorted(story.claims.items())],
        "heard_in": _packed_times(story.heard_in),
        "outlets": _packed_times(story.outlets),
        "independent": _packed_times(story.independent),
        "merged_into": None,
    }


def _story(row: Row[Any]) -> Story:
    return Story(
        id=StoryId(row.id),
        title=row.title,
        first_at=row.first_at,
        last_at=row.last_at,
        mean_at=row.mean_at,
        members=row.members,
        weights=row.weights,
        facts=row.facts,
        rules=frozenset(RuleId(rule) for rule in row.rules),
        headlines=tuple(row.headlines),
        claims={claims["lang"]: _claims(claims) for claims in row.claims},
        heard_in=_times(row.heard_in),
        outlets=_times(row.outlets),
        independent=_times(row.independent),
    )


def _packed_claims(claims: Claims) -> dict[str, object]:
    return {
        "lang": claims.lang,
        "figures": {kind: sorted(figures) for kind, figures in sorted(claims.figures.items())},
        "turns": {turn.value: sorted(who) for turn, who in sorted(claims.turns.items())},
        "events": sorted(claims.events),
        "types": sorted(claims.types),
    }


def _claims(packed: Mapping[str, Any]) -> Claims:
    return Claims(
        packed["lang"],
        {kind: frozenset(figures) for kind, figures in packed["figures"].items()},
        {Turn(turn): frozenset(who) for turn, who in packed["turns"].items()},
        frozenset(packed["events"]),
        frozenset(packed["types"]),
    )


def _packed_times(times: Mapping[str, datetime]) -> dict[str, str]:
    return {name: at.isoformat() for name, at in sorted(times.items())}


def _times(packed: Mapping[str, str]) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(at) for name, at in packed.items()}
