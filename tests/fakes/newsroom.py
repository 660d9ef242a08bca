"""A store with feeds that publish and channels that answer, so that tests of storage read as a story.

    await room.open("wire", "paper")
    await room.publish("wire", room.news("Shells shipped"))
    [claim] = await room.claim("desk")
    await room.answer(claim, AttemptClass.OK)

Its judge is a plain one: what matched makes one alert and one message per target, and an equal title folds into a
live alert of the same rule and target.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tests.fakes.clock import FakeClock
from watcher.core.model.alert import (
    AlertKind,
    Disposition,
    FeedContext,
    Fold,
    JudgeContext,
    Judged,
    Judgement,
    KnownArticle,
    NewAlert,
    NewMessage,
)
from watcher.core.model.article import Article, ArticleKeys, Field
from watcher.core.model.ids import (
    AlertId,
    ArticleId,
    ChannelName,
    FeedId,
    MessageId,
    RuleId,
    StoryId,
    digest,
    public_id,
)
from watcher.core.model.match import FailedMatch, GroupHit, Match, ReadArticle, Span
from watcher.core.model.message import (
    LIVE_STATES,
    AttemptClass,
    AttemptResult,
    Decision,
    HoldReason,
    MessageKind,
    MessageState,
)
from watcher.core.model.outcome import FeedStatus, Reading, RefusedEntry
from watcher.core.model.policy import NO_RENAMES, FeedSpec, Renames
from watcher.core.model.record import Committed, FeedClaim, MessageClaim, PollResult, Rematched, RevisionRecord
from watcher.core.model.rule import Severity
from watcher.core.model.suspicion import CLEAR
from watcher.core.model.verdict import Level, Outcome, Stage, Verdict
from watcher.ports import NO_LIMITS, Judge, Store

RULE = RuleId("shells")
LEASE = timedelta(minutes=2)
RETRY = {AttemptClass.RETRY, AttemptClass.THROTTLE}


def first_revision(number: int = 1) -> RevisionRecord:
    """Return a configuration revision; what is in it does not matter here."""
    files = {"rules.yaml": "rules: []\n"}
    return RevisionRecord(number, digest("revision", str(number)), files, FakeClock().now())


def spec(name: str, **changes: object) -> FeedSpec:
    """Return the specification of a named feed."""
    plain = FeedSpec(url=f"https://{name}.example/feed.xml", name=name, named=True)
    return replace(plain, **changes)  # type: ignore[arg-type]  # the changes are fields of FeedSpec


@dataclass
class PlainJudge:
    """A judge with targets; `severity` and `later` (a catch-up that waits until then) colour what it makes."""

    targets: Sequence[str] = ("desk",)
    severity: Severity = Severity.NORMAL
    later: datetime | None = None
    holds: Mapping[str, HoldReason] = field(default_factory=dict)
    seen: list[JudgeContext] = field(default_factory=list)
    reads: list[ReadArticle] = field(default_factory=list)

    def __call__(self, reads: Sequence[ReadArticle], context: JudgeContext) -> Judgement:
        """Judge as the module says."""
        self.seen.append(context)
        self.reads[:] = reads
        judgement = Judgement()
        for read in reads:
            known = next((one for one in context.known if one.keys.item == read.keys.item), None)
            judged = self._place(read, known)
            judgement = replace(judgement, articles=(*judgement.articles, judged))
            if judged.disposition is Disposition.NEW:
                for match in read.matches:
                    for target in self.targets:
                        judgement = self._tell(judgement, judged, match.rule, ChannelName(target), context)
        return judgement

    def _place(self, read: ReadArticle, known: KnownArticle | None) -> Judged:
        if known is None:
            return Judged(read, read.article.id, Disposition.NEW, Stage.MATCHED)
        same = known.keys.content == read.keys.content
        disposition = Disposition.UNCHANGED if same else Disposition.REVISED
        article = replace(read.article, text=known.text if same else known.text + 1)
        return Judged(replace(read, article=article), known.id, disposition, known.stage)

    def _tell(
        self, so_far: Judgement, judged: Judged, rule: RuleId, target: ChannelName, context: JudgeContext
    ) -> Judgement:
        title = judged.read.keys.title or b""
        story = StoryId(public_id("s", digest("story", title.hex())))
        past = [
            alert
            for alert in context.past
            if (alert.rule, alert.target) == (rule, target) and any(m.keys.title == title for m in alert.members)
        ]
        live = [alert.id for alert in past if alert.state in LIVE_STATES]
        live += [
            alert.id for alert in so_far.alerts if (alert.rule, alert.target, alert.story) == (rule, target, story)
        ]
        verdict = Verdict(judged.id, rule, target, Outcome.WAITING, story)
        if live:
            verdict = replace(
                verdict, outcome=Outcome.FOLDED, level=Level.NEAR_COPY, alert=live[0], because={"title": "equal"}
            )
            return replace(
                so_far,
                verdicts=(*so_far.verdicts, verdict),
                folds=(*so_far.folds, Fold(live[0], judged.id, Level.NEAR_COPY)),
            )
        ordinal = len(past)
        raw = digest("alert", rule, target, story, AlertKind.FIRST.value, str(ordinal))
        alert = NewAlert(
            AlertId(public_id("l", raw)), rule, target, story, AlertKind.FIRST, ordinal, self.severity, judged.id, 1
        )
        made = replace(
            so_far, alerts=(*so_far.alerts, alert), verdicts=(*so_far.verdicts, replace(verdict, alert=alert.id))
        )
        if (summary := context.open_summaries.get(target)) is not None:
            return replace(made, joins=(*so_far.joins, (summary, alert.id)))
        return replace(made, messages=(*so_far.messages, self._message(alert, context)))

    def _message(self, alert: NewAlert, context: JudgeContext) -> NewMessage:
        hold = self.holds.get(alert.target) or (HoldReason.BREAKER if alert.target in context.broken else None)
        return NewMessage(
            id=MessageId(public_id("m", digest("message", alert.target, alert.id))),
            target=alert.target,
            kind=MessageKind.SUMMARY if self.later else MessageKind.ALERT,
            alerts=(alert.id,),
            state=MessageState.HELD if hold else MessageState.WAITING,
            hold=hold,
            not_before=self.later,
        )


class Newsroom:
    """A store, its clock, its active revision and its feeds."""

    def __init__(self, store: Store, clock: FakeClock) -> None:
        self.store = store
        self.clock = clock
        self.revision = 1
        self.judge: Judge = PlainJudge()
        self.ids: dict[str, FeedId] = {}
        self._claims: dict[str, FeedClaim] = {}

    async def open(self, *names: str) -> None:
        """Activate the next revision with these feeds."""
        await self.configure(*[spec(name) for name in names])

    async def configure(self, *specs: FeedSpec, renames: Renames = NO_RENAMES) -> None:
        """Activate a revision with these feeds."""
        ids = await self.store.activate(first_revision(self.revision), specs, self.clock.now(), renames)
        self.ids = dict(ids)

    def news(
        self,
        title: str,
        *,
        body: str = "",
        item: str = "",
        url: str = "",
        rules: Sequence[str] = (RULE,),
        failed: Sequence[str] = (),
        feed: str = "wire",
    ) -> ReadArticle:
        """Return an article as the reader hands it over; its item is its title unless one is given."""
        return news(self.ids[feed], title, body=body, item=item, url=url, rules=rules, failed=failed)

    async def poll(self, name: str) -> FeedClaim:
        """Claim one feed, making it due first."""
        await self.store.request_poll([name], self.clock.now())
        for claim in await self.store.claim_feeds("poller", self.clock.now(), 100, LEASE):
            self._claims[claim.spec.name] = claim
        return self._claims.pop(name)

    async def publish(self, name: str, *reads: ReadArticle, whole: bool = True, cut: bool = False) -> Committed:
        """Poll a feed that now lists these articles, and commit what came."""
        return await self.commit(await self.poll(name), *reads, whole=whole, cut=cut)

    async def commit(
        self,
        claim: FeedClaim,
        *reads: ReadArticle,
        whole: bool = True,
        cut: bool = False,
        refused: Sequence[RefusedEntry] = (),
    ) -> Committed:
        """Commit a reading of these articles under a claim."""
        reading = self.reading(claim.spec.name, *reads, whole=whole, cut=cut, refused=refused)
        return await self.store.commit(self.result(claim, reading), self.judge, self.revision, self.clock.now())

    def reading(
        self,
        name: str,
        *reads: ReadArticle,
        whole: bool = True,
        cut: bool = False,
        refused: Sequence[RefusedEntry] = (),
    ) -> Reading:
        """Return what a reader makes of a document of a feed that lists these articles."""
        feed = self.ids[name]
        mine = tuple(replace(read, article=replace(read.article, feed=feed, id=_id_in(feed, read))) for read in reads)
        mine = tuple(
            replace(read, keys=replace(read.keys, item=digest("item", feed, read.article.guid))) for read in mine
        )
        return Reading(feed, self.revision, mine, tuple(refused), whole=whole, cut=cut)

    async def not_modified(self, name: str) -> Committed:
        """Poll a feed that says that nothing changed."""
        claim = await self.poll(name)
        return await self.store.commit(self.result(claim, None), self.judge, self.revision, self.clock.now())

    def result(self, claim: FeedClaim, reading: Reading | None) -> PollResult:
        """Return the result of a good poll."""
        now, before = self.clock.now(), claim.state
        state = replace(
            before,
            status=FeedStatus.OK,
            next_poll_at=now + timedelta(minutes=10),
            last_poll_at=now,
            suspicion=CLEAR,
            last_ok_at=now,
            failures=0,
            claims=0,
        )
        context = FeedContext(before.feed, claim.spec.name, before.last_ok_at is None, before.last_ok_at)
        return PollResult(claim, state, context, reading)

    def rematched(self, read: ReadArticle, name: str = "wire") -> Rematched:
        """Return a stored article that was matched again."""
        return Rematched(FeedContext(self.ids[name], name, False, self.clock.now()), read, self.revision)

    async def claim(
        self,
        *ready: str,
        owner: str = "sender",
        limit: int = 10,
        lists_at_most: Mapping[ChannelName, int] = NO_LIMITS,
    ) -> Sequence[MessageClaim]:
        """Claim what is to be sent now on these channels."""
        channels = [ChannelName(name) for name in ready]
        return await self.store.claim_messages(owner, self.clock.now(), LEASE, limit, channels, lists_at_most)

    async def answer(self, claim: MessageClaim, result: AttemptClass, **changes: object) -> None:
        """Mark an attempt with the plain consequence of the answer; `changes` go to the decision."""
        now = self.clock.now()
        decision = Decision(MessageState.SENT, replace(claim.health, last_ok_at=now))
        if result in RETRY:
            decision = Decision(MessageState.RETRYING, claim.health, next_try_at=now + timedelta(seconds=30))
        elif result is AttemptClass.UNKNOWN:
            decision = Decision(MessageState.UNCONFIRMED, claim.health, next_try_at=now + timedelta(seconds=30))
        elif result is AttemptClass.CONTENT:
            decision = Decision(MessageState.DEAD, claim.health, dead_class=result)
        elif result is AttemptClass.PERMANENT:
            decision = Decision(MessageState.HELD, claim.health, hold=HoldReason.BREAKER)
        decision = replace(decision, **changes)  # type: ignore[arg-type]  # the changes are fields of Decision
        await self.store.mark(claim, AttemptResult(result, f"{result.value}!", 200), decision, now)

    async def open_breaker(self, claim: MessageClaim) -> None:
        """Mark an attempt after which the breaker of its channel is open, with the next probe in an hour."""
        now = self.clock.now()
        broken = replace(
            claim.health, breaker_since=now, breaker_reason="refused", next_probe_at=now + timedelta(hours=1)
        )
        await self.answer(claim, AttemptClass.PERMANENT, channel=broken, opened=claim.health.breaker_since is None)

    async def close_breaker(self, claim: MessageClaim) -> None:
        """Mark an attempt that got through, so that the breaker closes."""
        well = replace(claim.health, breaker_since=None, breaker_reason="", next_probe_at=None)
        await self.answer(claim, AttemptClass.OK, channel=well, closed=True)

    async def states(self) -> list[tuple[str, str]]:
        """Return target and state of every message, sorted."""
        return sorted((record.target, record.state.value) for record in await self.store.messages(limit=1000))


def news(
    feed: FeedId,
    title: str,
    *,
    body: str = "",
    item: str = "",
    url: str = "",
    rules: Sequence[str] = (RULE,),
    failed: Sequence[str] = (),
) -> ReadArticle:
    """Return an article of a feed, with keys like the real ones."""
    guid = item or title
    article = Article(
        id=ArticleId(public_id("a", digest("article", feed, guid))),
        feed=feed,
        guid=guid,
        url=url,
        title=title,
        summary=body,
        tags=("asia", "wire"),
        source="wire.example",
    )
    keys = ArticleKeys(
        item=digest("item", feed, guid),
        content=digest("content", title, body),
        url=digest("url", url) if url else None,
        title=digest("title", title.casefold()),
        pattern=digest("pattern", "".join("9" if letter.isdigit() else letter for letter in title)),
    )
    span = Span(Field.TITLE, 0, 6, "shells")
    matches = tuple(Match(RuleId(rule), (GroupHit("shells", (span,)),)) for rule in rules)
    return ReadArticle(article, keys, matches, tuple(FailedMatch(RuleId(rule), "too long") for rule in failed))


def _id_in(feed: FeedId, read: ReadArticle) -> ArticleId:
    return ArticleId(public_id("a", digest("article", feed, read.article.guid)))
