"""Feeds: which feeds are polled, who polls them now, and what is remembered of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, literal, or_, select, true, update

from watcher.core.feeds.health import after_ends, reads_alike, unconditional
from watcher.core.feeds.suspicion import to_begin
from watcher.core.model.ids import ArticleId, FeedId, digest, public_id
from watcher.core.model.outcome import FeedState, FeedStatus, RefusedEntry
from watcher.core.model.policy import NO_RENAMES, FeedSpec, Renames
from watcher.core.model.record import DueFeed, FeedClaim, FeedRecord, RevisionRecord, Throttled
from watcher.core.model.suspicion import Suspicion
from watcher.core.web_addresses import host_of
from watcher.storage import by_hand, dialects, hosts, revisions, suspects, values
from watcher.storage.changes import Change
from watcher.storage.lookup import Fixed, Lookup, given
from watcher.storage.renames import follow
from watcher.storage.suspects import Kind
from watcher.storage.tables import articles, feeds, items, refused_entries
from watcher.storage.wakeups import Wakeup

CLOCK_SLACK = timedelta(hours=1)
"""Something that we did more than this in the future tells that the clock was set back since: due times from then
count as reached.
"""

_REFUSED_SHOWN = 20

_UNCLAIMED: Final[Mapping[str, Any]] = {"claims": 0, "token": None, "owner": None, "lease_until": None}

_FEED: Final = given("feed", feeds.c.id)
_NOW: Final = given("now", feeds.c.next_poll_at)

_UNCONDITIONAL: Mapping[str, Any] = {"etag": "", "last_modified": "", "body_hash": b"", "stripped_hash": b""}
"""What makes the next document be asked for and read whatever the last one said: it comes from another address, or is
read otherwise.
"""


_HELD: Final = Fixed(
    select(
        feeds.c.id,
        *(feeds.c[name] for name in ("name", "named", "configured_url", "url", "spec", "active")),
        *(feeds.c[name] for name in ("next_poll_at", "status")),
    )
    .order_by(feeds.c.id)
    .with_for_update()
)


def activate(
    connection: Connection,
    revision: RevisionRecord,
    specs: Sequence[FeedSpec],
    now: datetime,
    renames: Renames = NO_RENAMES,
) -> dict[str, FeedId]:
    """Make a revision active and `specs` the polled feeds; return the feed ids by feed name."""
    dialects.take_claims(connection)
    known = {FeedId(row.id): row for row in _HELD.rows(connection)}
    dialects.take_turn(connection)
    follow(connection, renames)
    by_hand.begin_silences(connection, revision.silence_starts)
    revisions.put(connection, revision)
    chosen = _recognise(specs, known)
    taken = set(known)
    ids: dict[str, FeedId] = {}
    for position, spec in enumerate(specs):
        feed = chosen.get(position)
        if feed is None:
            feed = _new_id(spec, taken)
            taken.add(feed)
            connection.execute(dialects.insert(feeds), _new_values(feed, spec, now))
        elif any(getattr(known[feed], name) != value for name, value in _spec_values(spec).items()):
            changes = _changed_values(known[feed], spec, now)
            connection.execute(update(feeds).where(feeds.c.id == feed), changes)
        ids[spec.name] = feed
    for feed in sorted(set(known) - set(ids.values())):
        _retire(connection, feed, now)
    dialects.announce(connection, Wakeup.REVISION)
    return ids


def _recognise(specs: Sequence[FeedSpec], known: Mapping[FeedId, Row[Any]]) -> dict[int, FeedId]:
    """Return which known feed each specification is: by given name first, then by URL, then by an earlier URL."""
    chosen: dict[int, FeedId] = {}
    free = dict(known)

    named = {feed: row for feed, row in known.items() if row.named}
    by_name = {row.name: feed for feed, row in sorted(named.items(), key=lambda pair: bool(pair[1].active))}
    for position, spec in enumerate(specs):
        if spec.named and by_name.get(spec.name) in free:
            chosen[position] = by_name[spec.name]
            del free[by_name[spec.name]]
    for columns, earlier in (
        (("configured_url",), False),
        (("url",), False),
        (("configured_url", "url", "name"), True),
    ):
        by_text = _by_text(free, columns)
        for position, spec in enumerate(specs):
            if position in chosen:
                continue
            found = _first_free(spec.was if earlier else (spec.url,), by_text, free)
            if found is not None:
                chosen[position] = found
                del free[found]
    return chosen


def _first_free(
    wanted: Sequence[str], by_text: Mapping[str, Sequence[FeedId]], free: Mapping[FeedId, Row[Any]]
) -> FeedId | None:
    return next((feed for text in wanted for feed in by_text.get(text, ()) if feed in free), None)


def _by_text(rows: Mapping[FeedId, Row[Any]], columns: Sequence[str]) -> dict[str, list[FeedId]]:
    """Return the feeds that have a text in one of these columns, by the text, in their order."""
    found: dict[str, list[FeedId]] = {}
    for feed, row in rows.items():
        for text in {getattr(row, column) for column in columns}:
            found.setdefault(text, []).append(feed)
    return found


def _new_id(spec: FeedSpec, taken: set[FeedId]) -> FeedId:
    """Return an id that stays with the feed: of its name, else of its first URL; a taken one gets a number."""
    text = spec.name if spec.named else spec.url
    feed = FeedId(public_id("f", digest("feed", text)))
    number = 1
    while feed in taken:
        feed = FeedId(public_id("f", digest("feed", text, str(number))))
        number += 1
    return feed


def _spec_values(spec: FeedSpec) -> values.Values:
    return {
        "name": spec.name,
        "named": spec.named,
        "configured_url": spec.url,
        "spec": values.pack_spec(spec),
        "active": True,
    }


def _new_values(feed: FeedId, spec: FeedSpec, now: datetime) -> values.Values:
    state = FeedState(feed=feed, url=spec.url, next_poll_at=now)
    if spec.every is not None:
        state = FeedState(feed=feed, url=spec.url, next_poll_at=now, interval=spec.every)
    return {"id": feed, **_spec_values(spec), **values.feed_values(state)}


def _changed_values(row: Row[Any], spec: FeedSpec, now: datetime) -> values.Values:
    """Return what changes in a known feed: a new URL starts its requests afresh, but keeps its articles and
    identity.
    """
    changes = _spec_values(spec)
    if not reads_alike(values.unpack_spec(row.spec), spec):
        changes |= _UNCONDITIONAL
    if not row.active:
        # What it lists must be seen again, or the keys of items that it lists would expire behind "not modified".
        changes |= {"next_poll_at": now, **_UNCONDITIONAL}
    if row.spec.get("every") != changes["spec"]["every"] and spec.every is not None:
        changes["next_poll_at"] = min(changes.get("next_poll_at", row.next_poll_at), now + spec.every)
        changes["interval"] = spec.every
    if spec.url not in (row.configured_url, row.url):
        changes |= {
            "url": spec.url,
            "host": host_of(spec.url),
            "next_poll_at": now,
            **_UNCONDITIONAL,
            "failures": 0,
            "claims": 0,
            "unclean_ends": 0,
            "ends_alone": 0,
            "gone": 0,
            "moved_to": "",
            "moved_since": None,
            "moved_polls": 0,
            # A poll of the old URL may be on its way; its result must not overwrite this.
            "token": None,
            "lease_until": None,
        }
        if row.status in (FeedStatus.PAUSED, FeedStatus.QUARANTINED):
            changes["status"] = FeedStatus.FAILING
    return changes


def _retire(connection: Connection, feed: FeedId, now: datetime) -> None:
    """Stop polling a feed; its items count as no longer listed, so that their keys can expire."""
    connection.execute(update(feeds).where(feeds.c.id == feed).values(active=False, token=None, lease_until=None))
    connection.execute(
        update(items).where(items.c.feed == feed, items.c.absent_since.is_(None)).values(absent_since=now)
    )


_RAN_OUT: Final = or_(feeds.c.lease_until <= _NOW, feeds.c.lease_until > given("day_later", feeds.c.lease_until))
_LAPSED: Final = and_(feeds.c.token.is_not(None), feeds.c.owner != given("owner", feeds.c.owner), _RAN_OUT)
"""Claims of others whose lease ran out; what `owner` has in hand stays its own, however long it takes and whatever the
clock says.
"""

_IS_DUE: Final = and_(
    feeds.c.active,
    or_(feeds.c.next_poll_at <= _NOW, feeds.c.last_poll_at > given("ahead", feeds.c.last_poll_at)),
)
_IN_TURN: Final = (feeds.c.next_poll_at, feeds.c.id)
_DUE: Final = Fixed(
    select(feeds.c.id, feeds.c.url, feeds.c.unclean_ends)
    .where(_IS_DUE, or_(feeds.c.token.is_(None), _LAPSED))
    .order_by(*_IN_TURN)
)
_FREE: Final = select(feeds.c.id, feeds.c.url, feeds.c.next_poll_at, feeds.c.unclean_ends, feeds.c.ends_alone).where(
    _IS_DUE, feeds.c.token.is_(None)
)
_FIRST_FREE: Final = Fixed(
    _FREE.where(feeds.c.unclean_ends <= 0).order_by(*_IN_TURN).limit(given("most", feeds.c.claims))
)
_EVERY_FREE: Final = Fixed(_FREE)
_FREE_SUSPECTS: Final = Fixed(_FREE.where(feeds.c.unclean_ends > 0))
_FREE_AMONG: Final = Lookup(feeds.c.id, lambda ids: _FREE.where(feeds.c.id.in_(ids)))
_TAKE_FREE: Final = Lookup(
    feeds.c.id,
    lambda ids: _FREE.where(feeds.c.id.in_(ids)).order_by(feeds.c.id).with_for_update(skip_locked=True),
)
_BY_ID: Final = Lookup(feeds.c.id, lambda ids: select(feeds).where(feeds.c.id.in_(ids)))
_CLAIM: Final = Change(update(feeds).where(feeds.c.id == _FEED).values(claims=feeds.c.claims + 1))
_IN_OTHER_HANDS: Final = Fixed(
    select(feeds.c.owner, feeds.c.url, feeds.c.lease_until).where(
        feeds.c.token.is_not(None), feeds.c.owner != given("owner", feeds.c.owner)
    )
)


def due(connection: Connection, owner: str, now: datetime) -> list[DueFeed]:
    """Return the feeds that are due and that nobody has in hand, longest due first; no suspect while another one is
    tried.
    """
    without_suspects = suspects.is_in_hand(connection, now)
    rows = _DUE.rows(connection, owner=owner, **_moments(now))
    return [DueFeed(FeedId(row.id), row.url) for row in rows if not (without_suspects and row.unclean_ends)]


def _moments(now: datetime) -> dict[str, datetime]:
    return {"now": now, "day_later": now + timedelta(days=1), "ahead": now + CLOCK_SLACK}


def claim_feeds(
    connection: Connection,
    owner: str,
    token: str,
    now: datetime,
    limit: int,
    lease: timedelta,
    only: Collection[FeedId] | None = None,
) -> list[tuple[Row[Any], tuple[Throttled, ...]]]:
    """Lease the feeds that are due, of `only` where given, longest due first; return their rows with the attempt
    counted, each with what its host told to stay away.

    Feeds that were in hand when a process ended go one at a time, messages counted too (core/feeds/suspicion.py). A
    host that another process asks just now is left to it, and for a moment after.
    """
    dialects.take_claims(connection)
    asked = _asked_by_others(connection, owner, now)
    free = _free(connection, owner, now, limit, only, asked)
    if dialects.is_shared(connection):
        free = list(_TAKE_FREE.rows(connection, [row.id for row in free], **_moments(now)))
        if any(row.unclean_ends > 0 for row in free):
            dialects.take_turn(connection)  # messages are suspects too, and only one of all is tried at a time
    found = to_begin(
        [
            (row.id, Suspicion(row.unclean_ends, row.ends_alone))
            for row in sorted(free, key=lambda row: (row.next_poll_at, row.id))
        ],
        has_suspect_in_hand=suspects.is_in_hand(connection, now),
    )[:limit]
    leased = {"token": token, "owner": owner, "asked_by": owner, "lease_until": now + lease}
    _CLAIM.run(connection, *({"feed": feed, **leased} for feed in found))
    rows = sorted(_BY_ID.rows(connection, found), key=lambda row: (row.next_poll_at, row.id))
    told = hosts.throttled(connection, rows, now)
    return [(row, told.get(host_of(row.url), ())) for row in rows]


def _free(
    connection: Connection,
    owner: str,
    now: datetime,
    limit: int,
    only: Collection[FeedId] | None,
    asked: frozenset[str],
) -> list[Row[Any]]:
    """Return the feeds that are due and in nobody's hand: all suspects, and of the others the first `limit`; none of
    the hosts `asked`.
    """
    moments = _moments(now)
    if only is None and not dialects.is_shared(connection):
        rows = _FIRST_FREE.rows(connection, most=limit, **moments)
        return [*rows, *_FREE_SUSPECTS.rows(connection, **moments)]
    every = _EVERY_FREE.rows(connection, **moments) if only is None else _FREE_AMONG.rows(connection, only, **moments)
    by_host = [(host_of(row.url), row) for row in every]
    asked |= hosts.asked_lately(connection, {host for host, _ in by_host}, owner, now)
    rows = sorted((row for host, row in by_host if host not in asked), key=lambda row: (row.next_poll_at, row.id))
    blameless = [row for row in rows if row.unclean_ends <= 0]
    return [*blameless[:limit], *(row for row in rows if row.unclean_ends > 0)]


def _asked_by_others(connection: Connection, owner: str, now: datetime) -> frozenset[str]:
    """Return the hosts that other processes ask just now; what lapsed of theirs is taken back before."""
    others = _IN_OTHER_HANDS.rows(connection, owner=owner)
    if not others:
        return frozenset()
    moments = _moments(now)
    # A lease that ends more than a day ahead was given before the clock was set back.
    lapsed = {row.owner for row in others if not moments["now"] < row.lease_until <= moments["day_later"]}
    if lapsed:
        _take_back(connection, sorted(lapsed), now)
    return frozenset(host_of(row.url) for row in others if row.owner not in lapsed)


def _take_back(connection: Connection, owners: Sequence[str], now: datetime) -> None:
    """Free what other processes had in hand when they ended, and note what their ends say of it; all of one process
    at once.
    """
    theirs = select(feeds).where(feeds.c.token.is_not(None), feeds.c.owner.in_(owners)).order_by(feeds.c.id)
    in_hand = connection.execute(theirs.with_for_update()).all()
    dialects.take_turn(connection)
    for gone in owners:
        states = [values.feed_state(row) for row in in_hand if row.owner == gone]
        mine = sum(state.suspicion.is_suspected for state in states)
        for state in after_ends(states, now, suspects.beside(connection, gone, Kind.FEED, mine)):
            changes = values.feed_values(state) | {"token": None, "owner": None, "lease_until": None}
            connection.execute(update(feeds).where(feeds.c.id == state.feed), changes)


def end_feed_leases(connection: Connection, long_ago: datetime, owner: str | None = None) -> None:
    """Let the leases of a process that ended lapse; None is every one, for the only process that uses the database."""
    whose = and_(feeds.c.token.is_not(None), true() if owner is None else feeds.c.owner == owner)
    _in_order(connection, whose)
    connection.execute(update(feeds).where(whose).values(lease_until=long_ago))


def _in_order(connection: Connection, which: ColumnElement[bool]) -> None:
    """Take the rows of feeds in the order in which all take them, before many of them are changed."""
    dialects.refuse_in_turn(connection)
    connection.execute(select(feeds.c.id).where(which).order_by(feeds.c.id).with_for_update()).all()


def hand_back(connection: Connection, claim: FeedClaim) -> None:
    """Give a claim back without a result."""
    connection.execute(
        update(feeds)
        .where(feeds.c.id == claim.state.feed, feeds.c.token == claim.token)
        .values(
            token=None,
            owner=None,
            lease_until=None,
            claims=case((feeds.c.claims > 0, feeds.c.claims - 1), else_=literal(0)),
        )
    )


_CLAIMED: Final = Fixed(
    select(feeds.c.token, feeds.c.spec, feeds.c.memory).where(feeds.c.id == _FEED).with_for_update()
)
_OF_ARTICLES: Final = Lookup(items.c.id, lambda ids: select(items.c.feed).distinct().where(items.c.id.in_(ids)))
_WRITE: Final = Change(update(feeds).where(feeds.c.id == _FEED))


def leased(connection: Connection, claim: FeedClaim) -> Row[Any] | None:
    """Return token, specification and memory of a feed while the claim still stands; until the transaction ends no
    other changes what is the feed's.
    """
    dialects.refuse_in_turn(connection)
    return next((row for row in _CLAIMED.rows(connection, feed=claim.state.feed) if row.token == claim.token), None)


def hold(connection: Connection, wanted: Collection[ArticleId]) -> None:
    """Take the turn, once no result of the feeds of these articles is in hand; none is written until the transaction
    ends.
    """
    if dialects.is_shared(connection):
        dialects.refuse_in_turn(connection)
        theirs = {row.feed for row in _OF_ARTICLES.rows(connection, wanted)}
        _in_order(connection, feeds.c.id.in_(theirs))
        dialects.take_turn(connection)


def write_state(connection: Connection, claim: FeedClaim, state: FeedState, stored: Row[Any]) -> None:
    """Write what one poll left of a feed, and end its claim.

    Where its configuration, as it is `stored`, changed while it was polled, what says "nothing new" is not kept:
    nothing was read under the new one.
    """
    if stored.spec != values.pack_spec(claim.spec) and not reads_alike(values.unpack_spec(stored.spec), claim.spec):
        state = unconditional(state)
    _WRITE.run(connection, {"feed": state.feed, **values.feed_values(state), **_UNCLAIMED})


def request_poll(connection: Connection, names: Sequence[str], now: datetime) -> int:
    """Make feeds due now, all for no names; a paused feed that is named is tried again. Return how many."""
    _in_order(connection, feeds.c.name.in_(list(names)) if names else feeds.c.active)
    chosen = update(feeds).where(feeds.c.active)
    if names:
        status = case((feeds.c.status == FeedStatus.PAUSED, FeedStatus.FAILING), else_=feeds.c.status)
        chosen = chosen.where(feeds.c.name.in_(list(names))).values(next_poll_at=now, status=status)
    else:
        chosen = chosen.where(feeds.c.status != FeedStatus.PAUSED).values(next_poll_at=now)
    dialects.announce(connection, Wakeup.FEEDS)
    return int(connection.execute(chosen).rowcount)


def row_of(connection: Connection, feed: FeedId) -> Row[Any] | None:
    """Return the row of a feed, or None."""
    return connection.execute(select(feeds).where(feeds.c.id == feed)).first()


def feed_records(connection: Connection) -> list[FeedRecord]:
    """Return every configured feed, by name, with the entries of the last weeks that it had refused."""
    count = select(articles.c.feed, func.count().label("articles")).group_by(articles.c.feed).subquery()
    rows = connection.execute(
        select(feeds, func.coalesce(count.c.articles, 0).label("articles"))
        .outerjoin(count, count.c.feed == feeds.c.id)
        .where(feeds.c.active)
        .order_by(feeds.c.name, feeds.c.id)
    ).all()
    refused = _refused(connection)
    return [
        FeedRecord(
            row.name,
            values.feed_state(row),
            row.articles,
            tuple(refused.get(row.id, ())),
            tuple(row.memory["notes"]) if row.memory else (),
            row.configured_url,
        )
        for row in rows
    ]


def _refused(connection: Connection) -> dict[str, list[RefusedEntry]]:
    rank = func.row_number().over(partition_by=refused_entries.c.feed, order_by=refused_entries.c.at.desc())
    ranked = select(refused_entries, rank.label("rank")).subquery()
    found: dict[str, list[RefusedEntry]] = {}
    for row in connection.execute(select(ranked).where(ranked.c.rank <= _REFUSED_SHOWN)):
        found.setdefault(row.feed, []).append(RefusedEntry(row.position, row.reason, row.title, row.guid))
    return found
