"""The two flows, each on one screen: a feed's poll, and a message's delivery.

    process_feed: fetch -> read (parse, normalise, match) -> next state -> commit (judge inside)
    deliver:      last look -> summarise -> send -> decide; the caller marks, as long as it takes

They call the stages in order and decide nothing themselves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from watcher.core.alerts.elsewhere import with_ways
from watcher.core.alerts.recheck import hold_now, leaving, silence_of, told_before
from watcher.core.alerts.recipients import not_paused, recipients_now
from watcher.core.alerts.retry import decide, nobody_left
from watcher.core.alerts.silence import say
from watcher.core.alerts.threads import is_loud
from watcher.core.dedup.keys import article_keys
from watcher.core.feeds.health import (
    after_poll,
    answered_in,
    body_hash,
    configuration_of,
    limits_of,
    not_asked,
    reads_alike,
    request_policy,
    unchanged,
    validators_to_send,
)
from watcher.core.identity.again import with_again
from watcher.core.model.alert import AlertDetail, FeedContext
from watcher.core.model.ids import AlertId, ChannelName
from watcher.core.model.match import FailedMatch, ReadArticle
from watcher.core.model.message import (
    AlertSummary,
    AttemptClass,
    AttemptResult,
    Decision,
    HoldReason,
    Message,
    MessageKind,
    MessageState,
)
from watcher.core.model.outcome import (
    EntryMark,
    FeedProblem,
    FeedState,
    Fetched,
    FetchFailed,
    FetchOutcome,
    FetchRequest,
    NotModified,
    Reading,
    ReadRequest,
)
from watcher.core.model.policy import Policy, RetryPolicy
from watcher.core.model.record import Committed, FeedClaim, MessageClaim, PendingArticle, PollResult, Rematched
from watcher.core.model.seen import SeenEntry
from watcher.errors import OutOfDescriptors, ParseError, StaleEntries, StaleRevision
from watcher.ports import Channel, Clock, Fetcher, Judge, Outbox, Polls, Reader
from watcher.telling.summary import bare_alert, in_zone, summarise, summary_of

_SHORT_PAUSE = timedelta(seconds=5)
"""After it a message is tried again that could not be sent for want of file descriptors."""

_DIGESTED_HERE_BYTES = 256 * 1024
"""A body of more is digested in a thread, so that the loop is not held for milliseconds."""
_AGES = timedelta(days=36500)


_Seen = TypeVar("_Seen")


class FlowStore(Polls, Outbox, Protocol):
    """What both flows, and the loops that run them, need of the store."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is in force: belongs to one configuration revision and is replaced as a whole."""

    revision: int
    policy: Policy
    judge: Judge
    channels: Mapping[ChannelName, Channel]
    public_url: str = ""
    meta_targets: Sequence[ChannelName] = ()  # of `channels`, those that are told about the daemon itself


class Seen(Protocol):
    """What knows of each feed the entries of its last document; `reading/seen.py` is the daemon's."""

    def of(self, state: FeedState, revision: int) -> Mapping[bytes, SeenEntry]:
        """Return, by their digests, the entries of the document that a feed's state speaks of."""
        ...

    def read(self, after: FeedState, revision: int, entries: Sequence[SeenEntry]) -> None:
        """Note what the last document listed; `after` is the state that its poll left."""
        ...

    def stood_still(self, before: FeedState, after: FeedState) -> None:
        """Note that a poll brought nothing new."""
        ...


class Doors(Protocol):
    """What both flows ask of the world around them. `daemon/world.py` has the daemon's; tests bring their own."""

    @property
    def fetcher(self) -> Fetcher:
        """Return what brings documents."""
        ...

    @property
    def reader(self) -> Reader:
        """Return what reads documents and matches articles."""
        ...

    @property
    def store(self) -> FlowStore:
        """Return where everything is kept."""
        ...

    @property
    def seen(self) -> Seen:
        """Return what knows which entries need not be read again."""
        ...

    @property
    def clock(self) -> Clock:
        """Return what says the time."""
        ...

    def ruling(self) -> Ruling:
        """Return what is in force at the moment of asking."""
        ...

    async def replaced(self, revision: int) -> None:
        """Return once another revision than `revision` is in force, or after a second."""
        ...

    def is_ours(self, claim: FeedClaim, began: float, ended: float, outcome: FetchOutcome) -> bool:
        """Take the end of a fetch, with its times on the monotonic clock; return whether its failure is one of our own
        network.
        """
        ...

    def is_clock_trusted(self) -> bool:
        """Return whether ages count; otherwise nothing is too old to be told or given up for its age."""
        ...

    def surprised(self, room: str, error: Exception, /, **ids: str) -> None:
        """Take an error that nobody expected and that the flow goes on after: its room, and the ids of what was in
        hand.
        """
        ...


@dataclass(frozen=True, slots=True)
class Poll:
    """What became of one poll, for logs and metrics; `ours` = it failed because our own network is out."""

    claim: FeedClaim
    outcome: FetchOutcome
    result: PollResult
    committed: Committed
    ours: bool = False


async def process_feed(claim: FeedClaim, world: Doors, fetched: Callable[[], None] = lambda: None) -> Poll:
    """Poll one claimed feed and commit what came; return what became of it. Calls `fetched` when its host is no
    longer needed.

    Raises:
        LostClaim: somebody else holds the feed now; nothing was written.
        StorageError: the database refused; nothing was written.
        ParseError: matching it again, under rules that came meanwhile, stopped its worker; nothing was written.
    """
    state = claim.state
    request = FetchRequest(
        state.feed,
        state.url,
        validators_to_send(state, world.clock.now()),
        request_policy(state, claim.spec),
        limits_of(state)[0],
    )
    began = world.clock.monotonic()
    outcome = await _unchanged_body(claim, await world.fetcher.fetch(request))
    ended = world.clock.monotonic()
    ours = world.is_ours(claim, began, ended, outcome)
    state = answered_in(state, timedelta(seconds=ended - began))
    fetched()
    reading = await _read_new(claim, outcome, world) if isinstance(outcome, Fetched) else None
    if isinstance(outcome, Fetched) and reading is not None and reading.unchanged:
        outcome, reading = unchanged(outcome), None
    while True:
        ruling = world.ruling()
        if reading is not None and reading.revision != ruling.revision:
            claim, reading = await _read_again(claim, outcome, reading, ruling.revision, world)
        now = world.clock.now()
        after = (
            not_asked(claim.state, claim.spec, now) if ours else after_poll(state, claim.spec, outcome, reading, now)
        )
        result = PollResult(claim, after, context_of(claim, world), reading)
        try:
            committed = await world.store.commit(result, ruling.judge, ruling.revision, now)
        except StaleRevision:
            # The rules were replaced between the look above and the transaction; the ruling follows in a moment.
            await world.replaced(ruling.revision)
            continue
        except StaleEntries:
            assert isinstance(outcome, Fetched)
            reading = await _read(claim, outcome, world)
            continue
        if reading is not None:
            world.seen.read(after, reading.revision, committed.seen)
        elif isinstance(outcome, NotModified):
            world.seen.stood_still(claim.state, after)
        result = replace(result, state=committed.state or after)
        return Poll(claim, outcome, result, committed, ours)


async def note_failure(claim: FeedClaim, problem: FeedProblem, world: Doors) -> Poll:
    """Store that a poll failed before it could be committed, and return it. Raises LostClaim, StorageError as
    `process_feed`.
    """
    outcome, ruling, now = FetchFailed(problem), world.ruling(), world.clock.now()
    after = after_poll(claim.state, claim.spec, outcome, None, now)
    result = PollResult(claim, after, context_of(claim, world))
    return Poll(claim, outcome, result, await world.store.commit(result, ruling.judge, ruling.revision, now))


async def retry_pending(pending: PendingArticle, claim: FeedClaim, world: Doors) -> Committed:
    """Match a stored article again with the rules that failed on it, and commit what comes of it. Raises as
    `process_feed`.
    """
    ruling = world.ruling()
    try:
        read = (await world.reader.match([pending.article], ruling.revision))[0]
    except ParseError as error:
        return await put_off_pending(pending, claim, str(error), world)  # it stopped its worker
    again = Rematched(context_of(claim, world), read, ruling.revision)
    return await world.store.commit_rematch([again], ruling.judge, ruling.revision, world.clock.now())


async def put_off_pending(pending: PendingArticle, claim: FeedClaim, reason: str, world: Doors) -> Committed:
    """Note that all rules that are pending on an article failed again, so that they wait longer before the next try.
    Raises as `process_feed`.
    """
    ruling = world.ruling()
    failed = tuple(FailedMatch(rule, reason) for rule in pending.rules)
    read = ReadArticle(pending.article, article_keys(pending.article, claim.state.identity), failed=failed)
    again = Rematched(context_of(claim, world), read, ruling.revision)
    return await world.store.commit_rematch([again], ruling.judge, ruling.revision, world.clock.now())


async def deliver(
    claim: MessageClaim, world: Doors, policy: RetryPolicy, jitter: float
) -> tuple[AttemptResult, Decision]:
    """Send one claimed message; return what came of it and what to write, for `Store.mark`.

    Marking is the caller's, since it must be tried until it succeeds. `jitter` is in [0, 1). Never raises but for
    cancellation.
    """
    ruling = world.ruling()
    result, decision = await _deliver(claim, world, ruling, policy, jitter)
    return result, with_ways(decision, ruling.policy)


async def _deliver(
    claim: MessageClaim, world: Doors, ruling: Ruling, policy: RetryPolicy, jitter: float
) -> tuple[AttemptResult, Decision]:
    if silence := _look(lambda: silence_of(claim, ruling.policy, world.clock.now()), claim, world):
        result = AttemptResult(AttemptClass.OK, f"silenced by {say(silence)}")
        decision = Decision(MessageState.SKIPPED, claim.health, silence=silence.name)
    elif folded := _look(lambda: told_before(claim), claim, world):
        result = AttemptResult(AttemptClass.OK, "another message tells the same")
        decision = Decision(MessageState.SKIPPED, claim.health, folded=folded)
    elif groups := _look(lambda: leaving(claim, ruling.policy, world.clock.now()), claim, world):
        return _divided(claim, groups, world)
    elif held := _look(lambda: hold_now(claim, ruling.policy, world.clock.now()), claim, world):
        result = AttemptResult(AttemptClass.OK, f"not sent: {held.said}")
        decision = Decision(held.state, claim.health, hold=held.reason)
    elif (channel := ruling.channels.get(claim.target)) is None:
        result = AttemptResult(AttemptClass.RETRY, "not sent: the channel does not exist any more, or is off")
        # No failure of the channel; fitting what waits to the channels holds it and tells its alerts elsewhere.
        decision = Decision(MessageState.RETRYING, claim.health, next_try_at=world.clock.now(), plain=claim.plain)
    else:
        wanted = not_paused(channel.traits.recipients, ruling.policy.paused.get(claim.target, ()))
        claim = replace(claim, recipients=recipients_now(claim, wanted))
        if claim.recipients == ():
            return nobody_left(claim)
        try:
            result = await _send(claim, channel, world, ruling)
        except OutOfDescriptors as error:
            # No failure of the channel: its health stays as it was, and it is tried again soon.
            again = world.clock.now() + _SHORT_PAUSE
            result = AttemptResult(AttemptClass.RETRY, f"not sent: {error}; the receiver is not to blame")
            return result, Decision(MessageState.RETRYING, claim.health, next_try_at=again, plain=claim.plain)
        give_up = ruling.policy.give_up.get(claim.target, policy.give_up)
        policy = replace(policy, give_up=give_up if world.is_clock_trusted() else _AGES)
        decision = decide(claim, result, policy, world.clock.now(), jitter)
    return result, decision


def _divided(
    claim: MessageClaim, groups: tuple[tuple[AlertId, ...], ...], world: Doors
) -> tuple[AttemptResult, Decision]:
    """Return that alerts leave a message; it is due again at once, and where it probes a breaker waits behind it."""
    count = sum(map(len, groups))
    result = AttemptResult(AttemptClass.OK, f"sent without {count} of its alerts, muted or told meanwhile")
    if claim.health.breaker_since is not None:
        return result, Decision(
            MessageState.HELD, claim.health, hold=HoldReason.BREAKER, plain=claim.plain, leaving=groups
        )
    return result, Decision(
        MessageState.RETRYING, claim.health, next_try_at=world.clock.now(), plain=claim.plain, leaving=groups
    )


async def _unchanged_body(claim: FeedClaim, outcome: FetchOutcome) -> FetchOutcome:
    """Return the outcome with the digest of its body, or that nothing changed. A large body is digested beside the
    loop, and none twice.
    """
    if not isinstance(outcome, Fetched):
        return outcome
    is_large = len(outcome.body) > _DIGESTED_HERE_BYTES
    digest = await asyncio.to_thread(body_hash, outcome.body) if is_large else body_hash(outcome.body)
    outcome = replace(outcome, digest=digest)
    return unchanged(outcome) if digest == claim.state.body_hash else outcome


async def _read_new(claim: FeedClaim, fetched: Fetched, world: Doors) -> Reading:
    """Return what a document holds, without text for entries that stood in the last one as they are."""
    seen = world.seen.of(claim.state, world.ruling().revision)
    marks = tuple(one.mark for one in seen.values())
    reading = with_again(await _read(claim, fetched, world, claim.state.stripped_hash, marks), seen)
    return reading if reading is not None else await _read(claim, fetched, world)


async def _read(
    claim: FeedClaim, fetched: Fetched, world: Doors, known: bytes = b"", seen: tuple[EntryMark, ...] = ()
) -> Reading:
    spec, state = claim.spec, claim.state
    return await world.reader.read(
        ReadRequest(
            feed=state.feed,
            body=fetched.body,
            url=fetched.url,
            revision=world.ruling().revision,
            content_type=fetched.content_type,
            feed_name=spec.name,
            tags=spec.tags,
            lang=spec.lang,
            sample=spec.sample,
            identity=state.identity,
            limits=limits_of(state)[1],
            known=known,
            configuration=configuration_of(spec),
            form=spec.form,
            links=spec.links,
            seen=seen,
        )
    )


async def _read_again(
    claim: FeedClaim, outcome: FetchOutcome, reading: Reading, revision: int, world: Doors
) -> tuple[FeedClaim, Reading]:
    """Return the claim and the reading under the configuration that came while the feed was polled."""
    known = await world.store.feed_by_id(claim.state.feed)
    is_alike = known is None or reads_alike(known.spec, claim.spec)
    if not isinstance(outcome, Fetched) or (is_alike and not any(read.is_again for read in reading.articles)):
        return claim, await _match_again(reading, revision, world)
    # Its articles carry its tags, its name and its language, and rules ask for these.
    claim = replace(claim, spec=known.spec) if known is not None else claim
    return claim, await _read(claim, outcome, world)


async def _match_again(reading: Reading, revision: int, world: Doors) -> Reading:
    articles = await world.reader.match([read.article for read in reading.articles], revision)
    matched = tuple(
        replace(old, matches=new.matches, failed=new.failed, excluded=new.excluded)
        for old, new in zip(reading.articles, articles, strict=True)
    )
    return replace(reading, articles=matched, revision=revision)


def context_of(claim: FeedClaim, world: Doors) -> FeedContext:
    """Return what the judge is told of a feed."""
    spec, state = claim.spec, claim.state
    return FeedContext(
        feed=state.feed,
        name=spec.name,
        first=state.last_ok_at is None,
        last_ok_at=_last_good(state, world.clock.now()),
        first_poll=spec.first_poll,
        max_age=spec.max_age if world.is_clock_trusted() else _AGES,
        interval=state.interval,
        sample=spec.sample,
        address=spec.url,
        watched_since=state.problem_since if state.last_ok_at is None and state.failures else None,
    )


def _last_good(state: FeedState, now: datetime) -> datetime | None:
    """Return when the last good poll was; one that lies ahead was noted by a clock that was wrong, and counts as
    before the trouble since.
    """
    if state.last_ok_at is None or state.last_ok_at <= now:
        return state.last_ok_at
    since = state.problem_since
    return since if since is not None and since <= now else now


async def _send(claim: MessageClaim, channel: Channel, world: Doors, ruling: Ruling) -> AttemptResult:
    message = message_of(
        claim,
        ruling,
        lambda error: world.surprised("summarise", error, message=claim.id, channel=claim.target),
    )
    if claim.health.breaker_since is not None and claim.alerts:
        message = replace(message, down=(claim.health.breaker_since, world.clock.now()))
    message = in_zone(message, ruling.policy.zone)
    try:
        async with asyncio.timeout(channel.deadline.total_seconds()):
            return await channel.send(message)
    except TimeoutError:
        # The receiver may have taken it all the same: only the same key may go out again.
        return AttemptResult(AttemptClass.UNKNOWN, f"no answer within {channel.deadline.total_seconds():.0f} s")


def _look(look: Callable[[], _Seen], claim: MessageClaim, world: Doors) -> _Seen | None:
    """Return why a message need not be sent, or None where the look surprises us: better twice than never."""
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - see `message_of`
        world.surprised("recheck", error, message=claim.id, channel=claim.target)
        return None


def message_of(claim: MessageClaim, ruling: Ruling, surprised: Callable[[Exception], None]) -> Message:
    """Return a message as people read it, the same one for each attempt but for `attempt`, `plain` and `repeat`; its
    alerts are bare where that surprises us: a surprise costs the look, never the alert.
    """
    policy = ruling.policy
    try:
        alerts = summarise(
            claim.alerts,
            rules=policy.rules,
            publishers=policy.publishers,
            public_url=ruling.public_url,
            feeds=policy.feeds,
            is_ranked=claim.kind is MessageKind.SUMMARY,
        )
    except Exception as error:  # noqa: BLE001 - whatever a publisher wrote, somebody has to be told
        surprised(error)
        alerts = tuple(bare_alert(detail, policy.rules) for detail in claim.alerts)
    return Message(
        id=claim.id,
        channel=claim.target,
        kind=claim.kind,
        at=claim.created_at,
        attempt=claim.attempt,
        title=claim.title,
        text=claim.text,
        alerts=alerts,
        plain=claim.plain,
        repeat=claim.repeat,
        recipients=claim.recipients,
        thread=claim.thread,
        is_loud=is_loud(claim.alerts),
        died=claim.died,
        died_in_all=claim.died_in_all,
    )


def alert_of(detail: AlertDetail, ruling: Ruling, surprised: Callable[[Exception], None]) -> AlertSummary:
    """Return one alert as people read it, or bare where that surprises us, as `message_of` does."""
    policy = ruling.policy
    try:
        return summary_of(detail, policy.rules, policy.publishers, ruling.public_url, policy.feeds)
    except Exception as error:  # noqa: BLE001 - see `message_of`
        surprised(error)
        return bare_alert(detail, policy.rules)
