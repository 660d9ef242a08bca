"""Keep the state of a feed: what one poll changes in it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from watcher.core.feeds import suspicion
from watcher.core.feeds.channel_dates import without_channel_dates
from watcher.core.feeds.condition import quiet_after
from watcher.core.feeds.overflow import overflow_by_dates
from watcher.core.feeds.schedule import (
    LONGEST_WISH,
    SHORTEST_INTERVAL,
    Wishes,
    gaps_of,
    interval_from,
    interval_of_period,
    next_poll_at,
    usual,
)
from watcher.core.http_dates import LONGEST_RETRY_AFTER
from watcher.core.model.ids import DIGEST_BYTES
from watcher.core.model.outcome import (
    NO_SKIPS,
    Came,
    FeedProblem,
    FeedState,
    FeedStatus,
    Fetched,
    FetchFailed,
    FetchOutcome,
    FetchProblemKind,
    NotModified,
    Reading,
    Validators,
)
from watcher.core.model.policy import FeedSpec, FetchLimits, ReadLimits, RequestPolicy
from watcher.core.model.suspicion import CLEAR, Suspicion
from watcher.core.web_addresses import origin_of

SUSPECT_FETCH = FetchLimits(total=timedelta(seconds=15), max_body_bytes=5 * 1024 * 1024)
SUSPECT_READ = ReadLimits(memory_bytes=384 * 1024 * 1024)
"""The small limits of a feed whose last poll never ended: it may have ended the program."""

_GONE_ANSWERS = 2
_MOVED_POLLS = 3
_MOVED_FOR = timedelta(days=1)
_MOVED_BACK_FAILURES = 3
_LONGEST_BELIEF = timedelta(days=1)
_DOUBTED_FOR = timedelta(days=7)
_DRAFTED_BEFORE = timedelta(hours=1)  # an item's date may lie so long before it appears
_NO_DOCUMENT = (
    "The server says 'not modified' (304) although it was asked for the whole document, so that nothing could be read; "
    "if this lasts, ask the publisher, or look for another address of the feed."
)
_NOTES = frozenset(
    {
        FetchProblemKind.MALFORMED,
        FetchProblemKind.SAME_LINKS,
        FetchProblemKind.FALSE_NOT_MODIFIED,
        FetchProblemKind.OVERFLOW,
    }
)
"""Problems of a feed that is read all the same."""

_LASTING = timedelta(days=1)
"""A fault of a document that lasts so long is how the feed is now."""

_STOPPED = frozenset({FetchProblemKind.READ_TIMEOUT, FetchProblemKind.READ_MEMORY, FetchProblemKind.READ_CRASHED})


def after_poll(
    state: FeedState, spec: FeedSpec, outcome: FetchOutcome, reading: Reading | None, now: datetime
) -> FeedState:
    """Return the state of a feed after a poll: status, problem, validators, hashes, interval, address and next due
    time.

    - Good is a whole document with items, "not modified", or a document that never had items. It clears failures and
      quarantine.
    - Validators and hashes are those of the last whole document; after one that was not whole the next poll is
      unconditional.
    - 304 is believed for a day, over a whole document that was read; any other is a problem. A document that comes
      then and was hidden by it is told, and for a week nothing is asked conditionally.
    - A stopped worker is an unclean end with this feed alone in hand: the third in a row quarantines it
      (core/feeds/suspicion.py).
    - The second 410 in a row pauses the feed; it is still asked once a day.
    - A permanent redirect becomes the feed's address after three equal answers over a day or more.

    `reading` is None unless the outcome is `Fetched`.
    """
    before, state = state, replace(state, last_poll_at=now)
    match outcome:
        case FetchFailed(problem):
            return _failed(state, spec, problem, now)
        case NotModified():
            return _not_modified(_moved(state, spec, outcome.permanent_url, now), spec, outcome, now)
        case Fetched():
            if reading is None:
                raise ValueError("a fetched document needs its reading")
            state = _read(_moved(state, spec, outcome.permanent_url, now), spec, outcome, reading, now)
            return _doubted(before, state, outcome, reading, now)


def after_ends(in_hand: Sequence[FeedState], now: datetime, others: int = 0) -> list[FeedState]:
    """Return the states of the feeds that a process had in hand when it ended, beside so many other suspects:
    suspected, or in quarantine.
    """
    thought = suspicion.after_unclean_end({state.feed: state.suspicion for state in in_hand}, others)
    return [_after_end(state, thought[state.feed], now) for state in in_hand]


def _after_end(state: FeedState, thought: Suspicion, now: datetime) -> FeedState:
    state = replace(state, suspicion=thought)
    if not thought.is_set_aside:
        return state
    told = f"the program ended {thought.ends} times while this feed was polled, the last {thought.alone} with no other suspect in hand"
    return replace(
        state,
        status=FeedStatus.QUARANTINED,
        next_poll_at=now + suspicion.pause(thought),
        problem=FeedProblem(FetchProblemKind.READ_CRASHED, told),
        problem_since=state.problem_since if state.status is FeedStatus.QUARANTINED else now,
    )


def not_asked(state: FeedState, spec: FeedSpec, now: datetime) -> FeedState:
    """Return the state of a feed that could not be asked because our own network is out: nothing is held against it,
    and it is due again at its usual time.
    """
    suspicion_left = state.suspicion if state.suspicion.is_set_aside else CLEAR
    return _due(replace(state, claims=0, suspicion=suspicion_left), spec, now, Wishes(), state.failures)


def answered_in(state: FeedState, took: timedelta) -> FeedState:
    """Return the state of a feed whose answer took so long; what is kept moves by a third towards it, so that one slow
    answer makes no slow feed.
    """
    return replace(state, took=took if state.took is None else state.took + (took - state.took) / 3)


def limits_of(state: FeedState) -> tuple[FetchLimits, ReadLimits]:
    """Return what a claimed poll may cost: less when the last one never ended."""
    return (SUSPECT_FETCH, SUSPECT_READ) if state.claims > 1 else (FetchLimits(), ReadLimits())


def body_hash(body: bytes) -> bytes:
    """Return the digest by which an unchanged document is recognised before it is read; dates of its channel are no
    part of it.
    """
    return hashlib.blake2b(without_channel_dates(body), digest_size=DIGEST_BYTES).digest()


def digest_of(outcome: Fetched) -> bytes:
    """Return the digest of a document's body, taken now unless it was before."""
    return outcome.digest or body_hash(outcome.body)


def unchanged(outcome: Fetched) -> NotModified:
    """Return what it means that a document came which says what the last one said."""
    came = Came(outcome.validators, digest_of(outcome))
    return NotModified(outcome.status, outcome.max_age, outcome.permanent_url, came)


def validators_to_send(state: FeedState, now: datetime) -> Validators:
    """Return by what to ask for a document: nothing where none came for a day, or where 304 was said over a changed
    one.

    Some servers answer 304 to every conditional request: their ETag is a date in the future, or their cache never
    looks.
    """
    if state.problem is not None and state.problem.kind is FetchProblemKind.FALSE_NOT_MODIFIED:
        return Validators()
    if state.document_at is None or not timedelta(0) <= now - state.document_at < _LONGEST_BELIEF:
        return Validators()
    return state.validators


def reads_alike(one: FeedSpec, other: FeedSpec) -> bool:
    """Return whether a document is read alike under two configurations of its feed: its articles carry name, tags and
    language.
    """
    return _reading_of(one) == _reading_of(other)


def _reading_of(spec: FeedSpec) -> tuple[object, ...]:
    return (
        *(spec.name, spec.named, spec.tags, spec.lang, spec.sample, spec.first_poll, spec.max_age),
        *(spec.form, spec.links),
    )


def configuration_of(spec: FeedSpec) -> str:
    """Return what a reading depends on in a feed's configuration beyond the fields of `ReadRequest`."""
    return repr((spec.url, spec.named, spec.first_poll.value, spec.max_age))


def request_policy(state: FeedState, spec: FeedSpec) -> RequestPolicy:
    """Return how to ask for a feed at the address where it is now; what is bound to the configured origin stays
    there.
    """
    if state.url == spec.url or origin_of(state.url) == origin_of(spec.url):
        return spec.request
    return RequestPolicy(user_agent=spec.request.user_agent, proxy=spec.request.proxy)


def _failed(
    state: FeedState, spec: FeedSpec, problem: FeedProblem, now: datetime, *, backs_off: bool = True
) -> FeedState:
    failures = state.failures + 1
    gone = state.gone + 1 if problem.kind is FetchProblemKind.GONE else 0
    thought = _thought(state, problem)
    if gone >= _GONE_ANSWERS or (state.status is FeedStatus.PAUSED and gone):
        status = FeedStatus.PAUSED
    elif state.status is FeedStatus.QUARANTINED or thought.is_set_aside:
        status = FeedStatus.QUARANTINED
    else:
        status = FeedStatus.FAILING
    state = replace(
        state,
        status=status,
        failures=failures,
        claims=0,
        suspicion=thought,
        gone=gone,
        problem=problem,
        problem_since=state.problem_since if state.problem is not None and state.failures else now,
    )
    if failures >= _MOVED_BACK_FAILURES and state.url != spec.url:
        # The place that the feed moved to does not answer; the configured address may know better.
        state = replace(
            state, url=spec.url, moved_to="", moved_since=None, moved_polls=0, validators=Validators(), body_hash=b""
        )
    wait = LONGEST_RETRY_AFTER if status is FeedStatus.PAUSED else problem.retry_after
    if status is FeedStatus.QUARANTINED:
        state = _due(state, spec, now, Wishes(retry_after=wait))
        return replace(state, next_poll_at=max(state.next_poll_at, now + suspicion.pause(thought)))
    return _due(state, spec, now, Wishes(retry_after=wait), failures if backs_off else 0)


def _thought(state: FeedState, problem: FeedProblem) -> Suspicion:
    """Return what a failure says: a stopped worker had this feed alone in hand; any other end clears what is not set
    aside.
    """
    if problem.kind in _STOPPED:
        return suspicion.after_unclean_end({state.feed: state.suspicion})[state.feed]
    return state.suspicion if state.suspicion.is_set_aside else CLEAR


def _not_modified(state: FeedState, spec: FeedSpec, outcome: NotModified, now: datetime) -> FeedState:
    if outcome.came is not None:
        state = replace(state, validators=outcome.came.validators, body_hash=outcome.came.body_hash, document_at=now)
    elif _is_unconditional(state, now):
        # No backoff: the document may come at any poll.
        return _failed(state, spec, FeedProblem(FetchProblemKind.HTTP_STATUS, _NO_DOCUMENT, 304), now, backs_off=False)
    return _due(_good(state, _note(state, now), now), spec, now, Wishes(max_age=outcome.max_age))


def _is_unconditional(state: FeedState, now: datetime) -> bool:
    """Return whether a 304 answers a request without conditions: no whole document is known that could have changed,
    or none came for a day.
    """
    is_stale = state.document_at is not None and now - state.document_at >= _LONGEST_BELIEF
    return state.last_ok_at is None or not state.body_hash or is_stale


def _read(state: FeedState, spec: FeedSpec, outcome: Fetched, reading: Reading, now: datetime) -> FeedState:
    problem = reading.problem
    has_items = bool(reading.articles or reading.refused)
    moments = [moment for read in reading.articles if (moment := read.article.published_at) and moment <= now]
    if not reading.whole or (problem is not None and not has_items):
        # Incomplete: what came is kept, but the next poll asks for all of it again.
        state = replace(unconditional(state), identity=reading.identity)
        if _is_always_cut(state, now):
            state = replace(state, last_item_at=_last_item(state, moments, has_items, now))
        problem = problem or FeedProblem(FetchProblemKind.MALFORMED, "The document could not be read to its end.")
        return _failed(state, spec, problem, now, backs_off=not has_items)
    if not has_items and state.last_item_at is not None:
        empty = FeedProblem(FetchProblemKind.EMPTY, "The feed lists no items now, but did before.")
        # No backoff: some feeds are truly empty between two events, and the next item must not wait.
        return _failed(unconditional(state), spec, empty, now, backs_off=False)
    problem = problem or overflow_by_dates(state, reading, moments)
    state = replace(
        _good(_paced(state, moments), problem, now),
        validators=outcome.validators,
        body_hash=digest_of(outcome),
        stripped_hash=reading.stripped_hash,
        identity=reading.identity,
        interval=spec.every or _interval(moments, state, problem, reading),
        last_item_at=_last_item(state, moments, has_items, now),
        document_at=now,
        cut=reading.cut,
        title=reading.title or state.title,
        skips=reading.skips,
    )
    return _due(state, spec, now, Wishes(ttl=reading.ttl, max_age=outcome.max_age))


def _paced(state: FeedState, moments: Sequence[datetime]) -> FeedState:
    """Return the state with what the dates of a document say of how often its feed has news."""
    gaps = gaps_of(moments)
    if not gaps:
        return state
    return replace(state, usual_gap=usual(gaps), quiet_after=quiet_after(gaps, usual(gaps)))


def _interval(
    moments: Sequence[datetime], state: FeedState, problem: FeedProblem | None, reading: Reading
) -> timedelta:
    """Return how long to wait between polls, as far as a document says it: by the gaps of its items, where these have
    no dates by what it says of itself; its `ttl` raises that, and holds while 304s say nothing of it.
    """
    if problem is not None and problem.kind is FetchProblemKind.OVERFLOW:
        return SHORTEST_INTERVAL
    own = interval_from(moments, interval_of_period(reading.period) or state.interval)
    return max(own, min(reading.ttl or own, LONGEST_WISH))


def _good(state: FeedState, note: FeedProblem | None, ok_at: datetime | None) -> FeedState:
    """Return the state after a good poll; `note` is a fault of the document that did not keep it from being read."""
    keeps_note = note is not None and note.kind in _NOTES
    was_noted = note is not None and state.problem is not None and state.problem.kind is note.kind
    return replace(
        state,
        status=FeedStatus.OK if ok_at is not None or state.last_ok_at is not None else FeedStatus.NEW,
        failures=0,
        claims=0,
        suspicion=CLEAR,
        gone=0,
        problem=note if keeps_note else None,
        problem_since=(state.problem_since if was_noted else ok_at) if keeps_note else None,
        last_ok_at=ok_at or state.last_ok_at,
    )


def _note(state: FeedState, now: datetime) -> FeedProblem | None:
    """Return the problem that stands beside good polls; that of a false 304 ends after a week."""
    is_false = state.problem is not None and state.problem.kind is FetchProblemKind.FALSE_NOT_MODIFIED
    if is_false and state.problem_since is not None and now - state.problem_since >= _DOUBTED_FOR:
        return None
    return state.problem


def _doubted(before: FeedState, state: FeedState, outcome: Fetched, reading: Reading, now: datetime) -> FeedState:
    """Return the state with a note where the document that came was hidden by 304s, or where that was so within a
    week.
    """
    if state.status is not FeedStatus.OK or state.failures:
        return state
    kind = FetchProblemKind.FALSE_NOT_MODIFIED
    if before.problem is not None and before.problem.kind is kind:
        note = _note(before, now)
        return replace(state, problem=note, problem_since=before.problem_since) if note else state
    hidden = _hidden(before, outcome, reading, now)
    return replace(state, problem=FeedProblem(kind, hidden), problem_since=now) if hidden else state


def _hidden(before: FeedState, outcome: Fetched, reading: Reading, now: datetime) -> str:
    """Return a sentence about what 304s hid until this document came without conditions; "" for nothing that could be
    seen.

    Seen is that the changed document has a validator of the last one, so that it would have been "not modified" for
    ever; or that items are dated between the last document and the last 304.
    """
    sent, came = before.validators, outcome.validators
    at, until = before.document_at, before.last_ok_at
    if at is None or until is None or until <= at or sent == Validators() or validators_to_send(before, now) == sent:
        return ""
    dates = [moment for read in reading.articles if (moment := read.article.published_at)]
    late = sum(at < moment < until - _DRAFTED_BEFORE for moment in dates)
    same = (came.etag and came.etag == sent.etag) or (came.last_modified and came.last_modified == sent.last_modified)
    if not late and not same:
        return ""
    hours = round((now - at).total_seconds() / 3600)
    seen = f"{late} items are dated within them" if late else "it still has the validator of the earlier one"
    return (
        f"The server said 'not modified' for {hours} h, but its document had changed ({seen}). "
        "It is asked without conditions for a week, so that nothing stays hidden."
    )


def unconditional(state: FeedState) -> FeedState:
    """Return the state of a feed whose next document is asked for, and read, whatever the last one said."""
    return replace(state, validators=Validators(), body_hash=b"", stripped_hash=b"")


def _is_always_cut(state: FeedState, now: datetime) -> bool:
    """Return whether a feed has given no whole document for a day or more, or ever. Before, what a cut one lists is not
    taken for all there was: the next whole one may begin after items that nobody saw.
    """
    if state.last_ok_at is None:
        return True
    return bool(state.failures) and now - state.last_ok_at >= _LASTING


def _last_item(state: FeedState, moments: Sequence[datetime], has_items: bool, now: datetime) -> datetime | None:
    """Return when the feed last had something new, as far as dates tell; our own time for a feed whose items have
    none.
    """
    if moments:
        return max(*moments, state.last_item_at or moments[0])
    return now if has_items else state.last_item_at


def _moved(state: FeedState, spec: FeedSpec, permanent_url: str, now: datetime) -> FeedState:
    """Note a permanent redirect, and follow it for good when it was the same for long enough."""
    if not permanent_url or permanent_url == state.url or not _may_move(spec, state.url, permanent_url):
        was_moving = state.moved_to or state.moved_since is not None or state.moved_polls
        return replace(state, moved_to="", moved_since=None, moved_polls=0) if was_moving else state
    if permanent_url != state.moved_to or state.moved_since is None:
        return replace(state, moved_to=permanent_url, moved_since=now, moved_polls=1)
    polls = state.moved_polls + 1
    if polls >= _MOVED_POLLS and now - state.moved_since >= _MOVED_FOR:
        return replace(state, url=permanent_url, moved_to="", moved_since=None, moved_polls=0)
    return replace(state, moved_polls=polls)


def _may_move(spec: FeedSpec, old: str, new: str) -> bool:
    """Return whether a redirect may be stored.

    Not from https down to http: one forged answer would take the encryption away for good. Not to another origin with
    what is meant for the configured one: credentials, headers, cookies, leave to dial private addresses.
    """
    if old.startswith("https:") and not new.startswith("https:"):
        return False
    # A user in the configured address would be lost with it.
    return _is_open(spec) or ("@" not in spec.url and origin_of(new) == origin_of(spec.url))


def _is_open(spec: FeedSpec) -> bool:
    about = spec.request
    bound = about.headers or about.cookies or about.username or about.password is not None or about.allow_private
    has_trust = bool(about.ca_file) or about.unverified
    return not bound and not has_trust and "@" not in urlsplit(spec.url).netloc


def _due(state: FeedState, spec: FeedSpec, now: datetime, wishes: Wishes, failures: int = 0) -> FeedState:
    if state.skips != NO_SKIPS:
        wishes = replace(wishes, skips=state.skips)
    interval = max(state.interval, spec.rest or state.interval)
    due = next_poll_at(state.feed, now, every=spec.every, interval=interval, failures=failures, wishes=wishes)
    return replace(state, next_poll_at=due)
