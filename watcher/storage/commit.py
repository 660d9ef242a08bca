"""Committing a poll: the one transaction that turns a reading into articles, alerts and messages.

1. fence: the claim still stands, the rules are the active ones
2. load what the arriving articles may belong to, and judge
3. write the articles; those that the database refuses are set aside and the rest is judged again
4. write alerts, messages, folds and verdicts
5. write what the feed lists now, and its state
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from watcher.core.feeds.overflow import with_overflow
from watcher.core.identity.again import NeedsTexts, seen_of
from watcher.core.identity.brake import stood_still
from watcher.core.model.alert import Disposition, FeedContext, JudgeContext, Judgement
from watcher.core.model.identity import FeedMemory
from watcher.core.model.ids import ArticleId, FeedId
from watcher.core.model.match import ReadArticle
from watcher.core.model.outcome import Reading, RefusedEntry
from watcher.core.model.page import PageResult
from watcher.core.model.record import Committed, PollResult, Rematched
from watcher.core.model.seen import SeenEntry
from watcher.core.model.verdict import Outcome
from watcher.errors import LostClaim, StaleRevision
from watcher.ports import Judge
from watcher.storage import alerts, articles, candidates, copies, dialects, feeds, known_articles, pages, stopped
from watcher.storage.revisions import active_number
from watcher.storage.tables import items, matches
from watcher.storage.turns import NeedsTurn, is_of_one_feed


@dataclass(frozen=True, slots=True)
class _Judged:
    """A judgement of articles that are written, the entries that were refused, and what it was made of."""

    judgement: Judgement
    refused: Sequence[RefusedEntry]
    context: JudgeContext
    reads: Sequence[ReadArticle]


def commit(
    connection: Connection, result: PollResult, judge: Judge, revision: int, now: datetime, *, in_turn: bool
) -> Committed:
    """Write one poll and return what it changed; see ports.Store.commit. With `in_turn` it has its turn from the first
    look on, else once there is something to tell (turns.py).

    Raises:
        NeedsTurn: others told what the judgement would have to know.
    """
    stored = feeds.leased(connection, result.claim)
    if stored is None:
        raise LostClaim(f"the poll of {result.claim.spec.name} took too long; somebody else has the feed now")
    reading, state = result.reading, result.state
    # A poll without a reading (304, failure) says nothing that rules could change.
    if reading is not None:
        if in_turn:
            dialects.take_turn(connection)
        check_revision(connection, revision, reading.revision)
        again = {read.article.id for read in reading.articles if read.is_again}
        judged = _judge(connection, reading, result.context, judge, revision, now)
        judgement = judged.judgement
        pages.want(connection, result.claim.spec, judgement.articles, now)
        present = {one.id for one in judgement.articles}
        articles.mark_listed(connection, reading.feed, present, reading.whole and not reading.cut, now, again)
        seen = _seen(connection, reading, judgement, again)
        known = sum(one.disposition is not Disposition.NEW for one in judgement.articles)
        state = with_overflow(result.claim.state, state, result.claim.spec, reading, known, now)
        if judgement.memory is not None and _has_begun(reading):
            known_articles.write_memory(connection, reading.feed, judgement.memory)
        feeds.write_state(connection, result.claim, state, stored)
        # What follows waits for others and is waited for by them; all before is of this feed.
        if not is_of_one_feed(judgement):
            judgement = _in_turn(connection, judged, judge)
            copies.trim(connection, judged.context.postings or {})
        committed = replace(write_judged(connection, judgement, now), seen=seen, state=state)
        stopped.count(connection, judgement.articles, now)
        refused = [*reading.refused, *judged.refused]
        articles.write_refused(connection, reading.feed, refused, now)
        return replace(committed, refused=len(refused))
    if not state.failures:
        _note_unchanged(connection, state.feed, stored.memory)
    feeds.write_state(connection, result.claim, state, stored)
    return Committed(state=state)


def _in_turn(connection: Connection, judged: _Judged, judge: Judge) -> Judgement:
    """Take the turn, unless the transaction has it, and return what is to be told now: where others told something
    since it was judged that concerns these articles, they are judged again.

    Raises:
        NeedsTurn: the articles themselves are to be written otherwise.
    """
    if dialects.take_turn(connection):
        return judged.judgement
    context = candidates.look_again(connection, judged.context, judged.reads)
    if context == judged.context:
        return judged.judgement
    try:
        again = judge(judged.reads, context)
    except NeedsTexts as error:
        raise NeedsTurn from error
    if (again.articles, again.memory) != (judged.judgement.articles, judged.judgement.memory):
        raise NeedsTurn
    return again


def _seen(
    connection: Connection, reading: Reading, judgement: Judgement, again: Set[ArticleId]
) -> tuple[SeenEntry, ...]:
    """Return what need not be read again. Whether an article is stored as it was read is looked up only where this
    reading did not write it and the last one did not know.
    """
    if not reading.entries:
        return ()
    unchanged = [one for one in judgement.articles if one.disposition is Disposition.UNCHANGED and one.id not in again]
    alike = known_articles.alike(connection, unchanged) if unchanged else set()
    return seen_of(reading, judgement.articles, again | alike)


def _has_begun(reading: Reading) -> bool:
    """Return whether a document was one of the feed: a web page in its place teaches nothing about it."""
    return bool(reading.articles) or (reading.whole and reading.problem is None)


def _note_unchanged(connection: Connection, feed: FeedId, stored: dict[str, Any] | None) -> None:
    """Note that everything stood still in one more reading, where that matters."""
    memory = known_articles.unpack_memory(stored) if stored else FeedMemory()
    if memory.unstable or memory.changed or not memory.keeps_dates:
        known_articles.write_memory(connection, feed, stood_still(memory))


def commit_rematch(
    connection: Connection, rematched: Sequence[Rematched], judge: Judge, revision: int, now: datetime
) -> Committed:
    """Write another try of rules that failed on stored articles; see ports.Store.commit_rematch."""
    total = Committed()
    feeds.hold(connection, [one.read.article.id for one in rematched])
    for one in sorted(rematched, key=lambda one: one.read.article.id):
        check_revision(connection, revision, one.revision)
        total = _add(total, _rematch(connection, one, judge, revision, now))
    return total


def commit_page(
    connection: Connection, result: PageResult, context: FeedContext | None, judge: Judge, revision: int, now: datetime
) -> Committed:
    """Write what became of a page, and judge the rules that fire only with its text; see ports.Store.commit_page."""
    feeds.hold(connection, [result.article])
    if not pages.is_wanted(connection, result.article, result.text):
        return Committed()
    if result.read is None or context is None:
        pages.write(connection, result, now)
        return Committed()
    check_revision(connection, revision)
    pages.write(connection, result, now)
    id_ = result.article
    fired = set(connection.execute(select(matches.c.rule).where(matches.c.article == id_)).scalars())
    articles.retry_all(
        connection, id_, {one.rule: one.error for one in result.read.failed if one.rule not in fired}, now
    )
    read = replace(result.read, matches=tuple(m for m in result.read.matches if m.rule not in fired), failed=())
    return _judge_again(connection, read, context, judge, revision, now)


def check_revision(connection: Connection, *revisions: int) -> None:
    """Raise StaleRevision unless these are the active revision."""
    active = active_number(connection)
    for revision in revisions:
        if revision != active:
            raise StaleRevision(f"matched under revision {revision}, but {active} is active")


def _judge(
    connection: Connection,
    reading: Reading,
    context: FeedContext,
    judge: Judge,
    revision: int,
    now: datetime,
) -> _Judged:
    """Judge the articles and write them; return what became of those that could be written, and the others."""
    refused: list[RefusedEntry] = []
    positions = {_name(read): position for position, read in enumerate(reading.articles)}
    left = list(reading.articles)
    is_whole = reading.whole and not reading.cut
    if any(read.matches for read in left):
        left = known_articles.with_texts(connection, left)  # what is told is compared with all that arrived with it
    while True:
        try:
            known = candidates.load_candidates(connection, left, context, now, is_whole=is_whole)
            judgement = judge(left, known)
        except NeedsTexts:
            left = known_articles.with_texts(connection, left)
            continue
        bad = articles.write(connection, judgement.articles, revision, now)
        if not bad:
            return _Judged(judgement, refused, known, left)
        # Judged again without them: a copy of a refused article must get an alert of its own.
        gone = {_name(one.read): reason for one, reason in bad}
        for read in left:
            if reason := gone.get(_name(read), ""):
                article = read.article
                refused.append(RefusedEntry(positions[_name(read)], reason, article.title, article.guid))
        left = [read for read in left if _name(read) not in gone]


def _name(read: ReadArticle) -> tuple[bytes, bytes]:
    # The judge may give a known article its stored id, but leaves these two alone.
    return read.keys.item, read.keys.content


def write_judged(connection: Connection, judgement: Judgement, now: datetime) -> Committed:
    """Write what was decided of articles that are stored; return what that changed."""
    reads = {one.id: one.read for one in judgement.articles}
    written = alerts.write(connection, judgement, reads, now)
    kinds = [one.disposition for one in judgement.articles]
    changed = [one for one in judgement.articles if one.disposition is not Disposition.UNCHANGED]
    outcomes = [verdict.outcome for verdict in judgement.verdicts]
    return Committed(
        new=kinds.count(Disposition.NEW),
        revised=kinds.count(Disposition.REVISED),
        unchanged=kinds.count(Disposition.UNCHANGED),
        matched=sum(bool(one.read.matches) for one in changed),
        folded=outcomes.count(Outcome.FOLDED),
        silenced=outcomes.count(Outcome.SILENCED),
        alerts=written.alerts,
        conflicts=written.conflicts,
        targets=written.targets,
        copies=written.copies,
        made=written.made,
        verdicts=Counter((verdict.level, verdict.outcome) for verdict in judgement.verdicts),
    )


def _rematch(connection: Connection, one: Rematched, judge: Judge, revision: int, now: datetime) -> Committed:
    """Judge one stored article again, for the rules that were pending on it and no others: those were judged before."""
    id_ = one.read.article.id
    tried = articles.waiting(connection, id_)
    if not tried or connection.execute(select(items.c.id).where(items.c.id == id_)).first() is None:
        return Committed()
    articles.retry_later(connection, id_, tried, {failure.rule: failure.error for failure in one.read.failed}, now)
    read = replace(one.read, matches=tuple(m for m in one.read.matches if m.rule in tried), failed=())
    return _judge_again(connection, read, one.context, judge, revision, now)


def _judge_again(
    connection: Connection, read: ReadArticle, feed: FeedContext, judge: Judge, revision: int, now: datetime
) -> Committed:
    """Judge what now matches a stored article."""
    id_ = read.article.id
    if not read.matches:
        return Committed()
    context = candidates.load_candidates(connection, [read], feed, now, frozenset({ArticleId(id_)}))
    judgement = judge([read], context)
    articles.write_matches(connection, [one for one in judgement.articles if one.id == id_], revision, now)
    copies.trim(connection, context.postings or {})
    return replace(write_judged(connection, judgement, now), new=0, revised=0, unchanged=1)


def _add(left: Committed, right: Committed) -> Committed:
    return Committed(
        new=left.new + right.new,
        revised=left.revised + right.revised,
        unchanged=left.unchanged + right.unchanged,
        refused=left.refused + right.refused,
        matched=left.matched + right.matched,
        folded=left.folded + right.folded,
        silenced=left.silenced + right.silenced,
        alerts=left.alerts + right.alerts,
        conflicts=left.conflicts + right.conflicts,
        targets=left.targets | right.targets,
        copies=left.copies + right.copies,
        made=left.made + right.made,
        verdicts=Counter(left.verdicts) + Counter(right.verdicts),
    )
