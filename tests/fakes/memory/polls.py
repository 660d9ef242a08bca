"""The memory store as polls see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from tests.fakes.memory.history import Remembering
from tests.fakes.memory.records import HOUR, Alert, Feed, Item
from tests.fakes.memory.renames import follow
from watcher.core.alerts.made import notes_of
from watcher.core.alerts.told import newest_told
from watcher.core.dedup.habits import Habits
from watcher.core.dedup.search import SEARCH_SPAN, nearest, postings_of, search_keys
from watcher.core.feeds.health import after_ends, reads_alike, unconditional
from watcher.core.feeds.overflow import with_overflow
from watcher.core.feeds.suspicion import to_begin
from watcher.core.identity.again import seen_of
from watcher.core.identity.brake import stood_still
from watcher.core.matching.failed_rules import is_due, wait
from watcher.core.model.alert import (
    GATHERED,
    Disposition,
    FeedContext,
    Gathering,
    GatherKey,
    JudgeContext,
    Judged,
    Judgement,
    KnownArticle,
    Member,
    PastAlert,
)
from watcher.core.model.identity import EarlierText, FeedMemory
from watcher.core.model.ids import (
    AlertId,
    ArticleId,
    ChannelName,
    FeedId,
    StoryId,
    digest,
    public_id,
)
from watcher.core.model.match import ReadArticle
from watcher.core.model.message import (
    MessageKind,
    MessageState,
)
from watcher.core.model.outcome import FeedState, FeedStatus, RefusedEntry
from watcher.core.model.page import PageNote, PageOutcome
from watcher.core.model.policy import NO_RENAMES, FeedSpec, FullText, Renames
from watcher.core.model.record import (
    Committed,
    CopyNote,
    DueFeed,
    FeedClaim,
    PendingArticle,
    PollResult,
    Rematched,
    RevisionRecord,
)
from watcher.core.model.story import StoryChanges
from watcher.core.model.verdict import Level, Outcome, Stage
from watcher.core.web_addresses import host_of
from watcher.errors import LostClaim, StaleEntries, StaleRevision
from watcher.ports import Judge


class Polling(Remembering):
    """Feeds, claims and commits."""

    async def activate(
        self, revision: RevisionRecord, feeds: Sequence[FeedSpec], now: datetime, renames: Renames = NO_RENAMES
    ) -> Mapping[str, FeedId]:
        """Make a revision active."""
        follow(self, renames)
        before = self._revisions.get(revision.number)
        if before is not None and before.digest == revision.digest:
            revision = replace(revision, activated_at=before.activated_at)
        self._revision = self._revisions[revision.number] = revision
        free, ids, chosen = dict(self._feeds), dict[str, FeedId](), dict[str, FeedId]()
        rounds: list[Callable[[FeedSpec, Feed], bool]] = [
            lambda spec, feed: spec.named and feed.spec.named and feed.spec.name == spec.name,
            lambda spec, feed: spec.url in (feed.spec.url, feed.state.url),
            lambda spec, feed: any(text in (feed.spec.url, feed.state.url, feed.spec.name) for text in spec.was),
        ]
        for is_same in rounds:
            for spec in feeds:
                found = [id_ for id_, feed in free.items() if is_same(spec, feed)]
                if spec.name not in chosen and found:
                    chosen[spec.name] = found[0]
                    del free[found[0]]
        for id_, feed in free.items():
            self._feeds[id_] = replace(feed, active=False, token="")
            for item in [one for one in self._items.values() if one.feed == id_ and one.absent_since is None]:
                self._items[item.id] = replace(item, absent_since=now)
        for spec in feeds:
            known = chosen.get(spec.name)
            ids[spec.name] = known or self._new_feed_id(spec)
            self._feeds[ids[spec.name]] = _configured(self._feeds.get(ids[spec.name]), ids[spec.name], spec, now)
        return ids

    def _new_feed_id(self, spec: FeedSpec) -> FeedId:
        parts = [spec.name if spec.named else spec.url]
        while (id_ := FeedId(public_id("f", digest("feed", *parts)))) in self._feeds:
            parts.append("again")
        return id_

    async def active_revision(self) -> RevisionRecord | None:
        """Return the active revision."""
        return self._revision

    async def active_digest(self) -> bytes | None:
        """Return the digest of the active revision."""
        active = await self.active_revision()
        return None if active is None else active.digest

    async def was_in_force(self, digest: bytes) -> bool:
        """Return whether a revision has this digest."""
        return any(one.digest == digest for one in self._revisions.values())

    async def revision(self, number: int) -> RevisionRecord | None:
        """Return a revision; of which rule is held is known of the active one alone."""
        return next((one for one in await self.revisions(10**6) if one.number == number), None)

    async def revisions(self, limit: int) -> Sequence[RevisionRecord]:
        """Return the newest revisions."""
        kept = sorted(self._revisions.values(), key=lambda one: -one.number)
        return [replace(one, silence_starts={}, held={}) for one in kept[:limit]]

    async def due_feeds(self, owner: str, now: datetime) -> Sequence[DueFeed]:
        """Return what is due."""
        busy = self._has_suspect_in_hand(now)
        free = [
            (feed.state.next_poll_at, id_)
            for id_, feed in self._feeds.items()
            if _is_due(feed, now)
            and (not feed.token or _has_lapsed(feed, owner, now))
            and not (busy and feed.state.suspicion.is_suspected)
        ]
        return [DueFeed(id_, self._feeds[id_].state.url) for _, id_ in sorted(free)]

    async def claim_feeds(
        self, owner: str, now: datetime, limit: int, lease: timedelta, only: Collection[FeedId] | None = None
    ) -> Sequence[FeedClaim]:
        """Lease due feeds."""
        for gone in {feed.owner for feed in self._feeds.values() if _has_lapsed(feed, owner, now)}:
            in_hand = [feed.state for feed in self._feeds.values() if feed.token and feed.owner == gone]
            for state in after_ends(in_hand, now, self._beside(gone, "feed", [one.suspicion for one in in_hand])):
                self._feeds[state.feed] = replace(self._feeds[state.feed], state=state, token="")
        asked = {host_of(feed.state.url) for feed in self._feeds.values() if feed.token and feed.owner != owner}
        due = [
            (feed.state.next_poll_at, id_)
            for id_, feed in self._feeds.items()
            if _is_due(feed, now) and not feed.token and (only is None or id_ in only)
            if host_of(feed.state.url) not in asked
        ]
        busy = self._has_suspect_in_hand(now)
        thought = [(id_, self._feeds[id_].state.suspicion) for _, id_ in sorted(due)]
        claims = []
        for id_ in to_begin(thought, has_suspect_in_hand=busy)[:limit]:
            self._claims += 1
            feed = self._feeds[id_]
            state = replace(feed.state, claims=feed.state.claims + 1)
            token = f"{owner}:{self._claims}"
            self._feeds[id_] = replace(feed, state=state, token=token, owner=owner, lease_until=now + lease)
            claims.append(self._claim(self._feeds[id_]))
        return claims

    def _claim(self, feed: Feed) -> FeedClaim:
        return FeedClaim(feed.spec, feed.state, feed.token)

    async def commit(self, result: PollResult, judge: Judge, revision: int, now: datetime) -> Committed:
        """Write one poll."""
        with self._transaction():
            feed = self._feeds[result.state.feed]
            if feed.token != result.claim.token:
                raise LostClaim("somebody else has the feed now")
            committed, reading = Committed(), result.reading
            if reading is not None:
                self._check(revision, reading.revision)
                again = {read.article.id for read in reading.articles if read.is_again}
                reads, refused = [self._with_text(read) for read in reading.articles], list(reading.refused)
                for position, read in enumerate(list(reads)):
                    if reason := _refusal(read):
                        reads.remove(read)
                        title = read.article.title.encode("utf-8", "replace").decode()
                        refused.append(RefusedEntry(position, reason, title, read.article.guid))
                context = self._context(reads, result.context, now, frozenset())
                judgement = judge(reads, replace(context, is_whole=reading.whole and not reading.cut))
                for one in judgement.articles:
                    self._write_article(one, revision, now)
                    self._count_stopped(one, now)
                self._want_pages(result.claim.spec, judgement.articles, now)
                committed = replace(self._write(judgement, now), refused=len(refused))
                feed = replace(feed, refused=(*refused, *feed.refused)[:20])
                unchanged = [one for one in judgement.articles if one.disposition is Disposition.UNCHANGED]
                alike = {one.id for one in unchanged if self._items[one.id].article == one.read.article}
                committed = replace(committed, seen=seen_of(reading, judgement.articles, alike | again))
                present = {one.id for one in judgement.articles}
                self._mark_listed(result.state.feed, present, reading.whole and not reading.cut, now)
                is_feed = bool(reading.articles) or (reading.whole and reading.problem is None)
                if judgement.memory is not None and is_feed:
                    feed = replace(feed, memory=judgement.memory)
            elif not result.state.failures:
                feed = replace(feed, memory=stood_still(feed.memory))
            state = result.state
            if reading is not None:
                known = sum(one.disposition is not Disposition.NEW for one in judgement.articles)
                state = with_overflow(result.claim.state, state, result.claim.spec, reading, known, now)
            kept = state if reads_alike(feed.spec, result.claim.spec) else unconditional(state)
            self._feeds[result.state.feed] = replace(feed, state=replace(kept, claims=0), token="")
            return replace(committed, state=state)

    def _with_text(self, read: ReadArticle) -> ReadArticle:
        if not read.is_again:
            return read
        stored = self._items.get(read.article.id)
        if stored is None or stored.article is None or stored.absent_since is not None:
            raise StaleEntries("it is not stored as its feed gave it")
        return ReadArticle(stored.article, stored.keys[0])

    def _count_stopped(self, one: Judged, now: datetime) -> None:
        if one.disposition is Disposition.NEW and not one.read.article.sample:
            for stop in one.read.excluded:
                key = (stop.rule, stop.term, now.date())
                self._stopped[key] = self._stopped.get(key, 0) + 1

    def _check(self, *revisions: int) -> None:
        active = self._revision.number if self._revision else None
        if any(number != active for number in revisions):
            raise StaleRevision(f"revision {active} is active")

    def _context(
        self, reads: Sequence[ReadArticle], feed: FeedContext, now: datetime, rematched: frozenset[ArticleId]
    ) -> JudgeContext:
        asked = {(kind, getattr(read.keys, kind)) for read in reads for kind in _KNOWN_BY}
        known = [
            one
            for one in self._items.values()
            if one.feed == feed.feed and not rematched and (one.absent_since is None or _is_asked(one, asked))
        ]
        known.sort(key=lambda one: (one.first_seen_at, one.id), reverse=True)
        unchanged = {(one.keys[0].item, one.keys[0].content, one.published_at) for one in known}
        fresh = [r for r in reads if (r.keys.item, r.keys.content, r.article.published_at) not in unchanged]
        matched = [Member(read.article, read.keys) for read in fresh if read.matches]
        postings = self._postings(matched, now)
        habits = self._habits(now)
        related = {id_ for member in matched for id_ in nearest(member, postings, Habits(habits))}
        related |= {one.id for one in known} | rematched
        recent = [a for a in self._alerts.values() if a.created_at > now - timedelta(days=90)]
        linked, story_counts = self._shelf.load(fresh, now)
        holding = {a.new.id: a for a in recent if any(id_ in related for id_, _, _ in a.members)}
        stories = {a.new.story for a in holding.values()} | {story.id for story in linked}
        newest = newest_told(self._past(alert) for alert in recent if alert.new.story in stories)
        past = {id_: self._past(alert) for id_, alert in holding.items()} | {one.id: one for one in newest}
        told = [story for id_, story in self._shelf.stories.items() if id_ in stories and story not in linked]
        return JudgeContext(
            feed=feed,
            now=now,
            known=tuple(self._known(one) for one in known),
            past=tuple(past.values()),
            habits=habits,
            postings=postings,
            open_summaries={
                one.target: one.id
                for one in self._messages.values()
                if one.kind is MessageKind.SUMMARY
                and one.state is MessageState.WAITING
                and one.next_try_at is not None
                and one.next_try_at > now
                and not any(self._alerts[id_].new.kind in GATHERED for id_ in one.alerts)
            },
            broken=self._broken(),
            matched_lately=self._matched_lately(fresh, now),
            stories=(*linked, *told),
            story_counts=story_counts,
            gathering=self._gathering(stories, now) if matched else {},
            open_messages=self._open_messages(now) if matched else {},
            rung=self._rung(now) if matched else (),
            memory=self._feeds[feed.feed].memory if feed.feed in self._feeds else FeedMemory(),
            rematched=rematched,
        )

    def _gathering(self, stories: Collection[StoryId], now: datetime) -> dict[GatherKey, Gathering]:
        found: dict[GatherKey, Gathering] = {}
        for one in sorted(self._messages.values(), key=lambda one: (one.next_try_at or now, one.id)):
            waits = one.state in (MessageState.WAITING, MessageState.HELD) and one.attempts == 0
            if one.kind is MessageKind.SUMMARY and waits and one.next_try_at is not None and one.next_try_at > now:
                for new in (self._alerts[id_].new for id_ in one.alerts):
                    if new.kind in GATHERED and new.story in stories:
                        key = (new.rule, new.target, new.story, new.kind)
                        found.setdefault(key, Gathering(one.id, one.next_try_at))
        return found

    def _known(self, one: Item) -> KnownArticle:
        return KnownArticle(
            id=one.id,
            keys=one.keys[0],
            stage=one.stage,
            title=one.article.title if one.article else "",
            text=len(one.earlier) + 1,
            first_seen_at=one.first_seen_at,
            feed=one.feed,
            article=one.article or one.left,
            is_whole=one.article is not None,
            published_at=one.published_at,
            is_absent=one.absent_since is not None,
            earlier=one.earlier,
            fired=frozenset(rule for fired in one.fired.values() for rule in fired),
            rules=one.rules,
            is_told=any(one.id == id_ for alert in self._alerts.values() for id_, _, _ in alert.members),
        )

    def _postings(self, matched: Sequence[Member], now: datetime) -> Mapping[bytes, Sequence[ArticleId]]:
        asked = {key for member in matched for key in search_keys(member)}
        since = now - SEARCH_SPAN
        kept = sorted((at, id_, key) for (key, id_), at in self._copy_keys.items() if key in asked and at > since)
        return postings_of((key, id_) for _, id_, key in kept)

    def _past(self, alert: Alert) -> PastAlert:
        new = alert.new
        return PastAlert(
            new.id,
            new.rule,
            new.target,
            new.story,
            new.kind,
            new.ordinal,
            new.severity,
            alert.message,
            self._messages[alert.message].state,
            alert.created_at,
            self._members(alert, with_newest=True),
            self._messages[alert.message].hold,
        )

    def _write_article(self, one: Judged, revision: int, now: datetime) -> None:
        old = self._items.get(one.id)
        if one.disposition is Disposition.UNCHANGED:
            if one.rekeyed and old is not None:
                self._items[one.id] = replace(old, keys=(one.read.keys, *old.keys))
            return
        seen_at = (old.first_seen_at if old else None) or one.read.article.first_seen_at or now
        article = replace(one.read.article, id=one.id, first_seen_at=seen_at)
        self._items[one.id] = Item(
            id=one.id,
            feed=one.read.article.feed,
            keys=(one.read.keys, *(old.keys if old else ())),
            stage=one.stage,
            first_seen_at=seen_at,
            article=article,
            changed_at=now,
            rules=revision,
            published_at=article.published_at,
            earlier=(*old.earlier, EarlierText(old.keys[0].content, old.published_at)) if old else (),
            texts={**(old.texts if old else {}), article.text: article},
            fired={**(old.fired if old else {}), article.text: {match.rule: match for match in one.read.matches}},
            pending={failure.rule: (1, now + wait(1)) for failure in one.read.failed},
        )

    def _write(self, judgement: Judgement, now: datetime) -> Committed:
        reads = {one.id: one.read for one in judgement.articles}
        fresh = {alert.id: alert for alert in judgement.alerts if alert.id not in self._alerts}
        targets: set[ChannelName] = set()
        for message in judgement.messages:
            listed = tuple(id_ for id_ in message.alerts if id_ in fresh)
            if listed or not message.alerts:
                self._put(replace(message, alerts=listed), now)
                targets |= {message.target} if message.state is MessageState.WAITING else set()
        for id_, alert_id in judgement.joins:
            self._messages[id_] = replace(self._messages[id_], alerts=(*self._messages[id_].alerts, alert_id))
            targets.add(self._messages[id_].target)
        speaking = {alert: message.id for message in self._messages.values() for alert in message.alerts}
        for alert in fresh.values():
            fired = [match for match in reads[alert.article].matches if match.rule == alert.rule]
            labels = tuple(group.label for match in fired for group in match.groups)
            self._alerts[alert.id] = Alert(
                alert, now, speaking[alert.id], labels, ((alert.article, Level.NEW, alert.text),)
            )
        notes: dict[AlertId, int] = {}
        for fold in judgement.folds:
            joined = self._alerts[fold.alert]
            if fold.article not in {id_ for id_, _, _ in joined.members}:
                member = (fold.article, fold.level, fold.text)
                self._alerts[fold.alert] = replace(joined, members=(*joined.members, member))
                notes[fold.alert] = notes.get(fold.alert, 0) + 1
        self._mute(judgement.muted, now)
        self._keep_back(judgement.kept_back, now)
        for id_, tell_at in judgement.sooner:
            self._messages[id_] = replace(self._messages[id_], next_try_at=tell_at)
        self._write_stories(judgement.stories, now)
        for verdict in judgement.verdicts:
            if verdict.alert is not None:
                self._copy_keys.update(_found_by(reads.get(verdict.article), now, self._copy_keys))
            place = (verdict.article, verdict.text, verdict.rule, verdict.target)
            if place not in self._verdicts or self._verdicts[place].alert is None:
                self._verdicts[place] = verdict
                self._decided_at[place] = now
        kinds = [one.disposition for one in judgement.articles]
        outcomes = [verdict.outcome for verdict in judgement.verdicts]
        return Committed(
            new=kinds.count(Disposition.NEW),
            revised=kinds.count(Disposition.REVISED),
            unchanged=kinds.count(Disposition.UNCHANGED),
            matched=sum(
                bool(one.read.matches) for one in judgement.articles if one.disposition is not Disposition.UNCHANGED
            ),
            folded=outcomes.count(Outcome.FOLDED),
            silenced=outcomes.count(Outcome.SILENCED),
            alerts=len(fresh),
            conflicts=len(judgement.alerts) - len(fresh),
            targets=frozenset(targets),
            made=notes_of(fresh.values(), reads),
            copies=tuple(self._note(self._alerts[id_], count) for id_, count in notes.items() if self._is_sent(id_)),
            verdicts=Counter((verdict.level, verdict.outcome) for verdict in judgement.verdicts),
        )

    def _write_stories(self, changes: StoryChanges, now: datetime) -> None:
        self._shelf.write(changes, now)
        for gone, into in changes.merged.items():
            for id_, alert in self._alerts.items():
                if alert.new.story == gone:
                    self._alerts[id_] = replace(alert, new=replace(alert.new, story=into))
            for place, verdict in self._verdicts.items():
                if verdict.story == gone:
                    self._verdicts[place] = replace(verdict, story=into)
            for key, (held, at, told_at) in self._muted.items():
                if held.story == gone:
                    self._muted[key] = (replace(held, story=into), at, told_at)
            for name, silence in self._hand_silences.items():
                if silence.story == gone:
                    self._hand_silences[name] = replace(silence, story=into)

    def _is_sent(self, alert: AlertId) -> bool:
        return self._messages[self._alerts[alert].message].state is MessageState.SENT

    def _note(self, alert: Alert, count: int) -> CopyNote:
        founder = self._items[alert.new.article].texts.get(alert.new.text)
        return CopyNote(alert.new.target, alert.new.rule, founder.title if founder else "", count)

    def _mark_listed(self, feed: FeedId, present: Collection[ArticleId], whole: bool, now: datetime) -> None:
        for item in [one for one in self._items.values() if one.feed == feed]:
            if item.id in present:
                self._items[item.id] = replace(item, absent_since=None)
            elif whole and item.absent_since is None:
                self._items[item.id] = replace(item, absent_since=now)

    async def release_feed(self, claim: FeedClaim) -> None:
        """Give a claim back."""
        feed = self._feeds[claim.state.feed]
        if feed.token == claim.token:
            state = replace(feed.state, claims=max(feed.state.claims - 1, 0))
            self._feeds[claim.state.feed] = replace(feed, state=state, token="")

    async def feed_by_id(self, feed: FeedId) -> FeedClaim | None:
        """Return a feed without claiming it."""
        known = self._feeds.get(feed)
        return None if known is None else self._claim(known)

    async def request_poll(self, names: Sequence[str], now: datetime) -> int:
        """Make feeds due now."""
        count = 0
        for id_, feed in self._feeds.items():
            is_paused = feed.state.status is FeedStatus.PAUSED
            if feed.active and (feed.spec.name in names if names else not is_paused):
                status = FeedStatus.FAILING if is_paused else feed.state.status
                self._feeds[id_] = replace(feed, state=replace(feed.state, next_poll_at=now, status=status))
                count += 1
        return count

    async def pending_matches(self, now: datetime, limit: int) -> Sequence[PendingArticle]:
        """Return articles to match again."""
        due = [
            PendingArticle(item.article, tuple(sorted(item.pending)))
            for item in self._items.values()
            if item.article and any(is_due(tried, at, now) for tried, at in item.pending.values())
        ]
        return due[:limit]

    def _want_pages(self, spec: FeedSpec, judged: Sequence[Judged], now: datetime) -> None:
        for one in judged if spec.full_text is not FullText.NO else ():
            article = one.read.article
            if one.disposition is not Disposition.UNCHANGED and one.stage is Stage.MATCHED and article.url:
                note = PageNote(PageOutcome.WANTED, "", len(article.summary) + len(article.content), 0, now)
                self._pages[one.id] = (note, 0, now)

    async def commit_rematch(
        self, rematched: Sequence[Rematched], judge: Judge, revision: int, now: datetime
    ) -> Committed:
        """Write another try."""
        total = Committed()
        with self._transaction():
            for one in rematched:
                self._check(revision, one.revision)
                total = _sum(total, self._rematch(one, judge, now))
        return total

    def _rematch(self, one: Rematched, judge: Judge, now: datetime) -> Committed:
        item = self._items.get(one.read.article.id)
        if item is None or not item.pending:
            return Committed()
        read = replace(one.read, matches=tuple(m for m in one.read.matches if m.rule in item.pending), failed=())
        failed = {failure.rule for failure in one.read.failed}
        pending = {r: (n + 1, now + wait(n + 1)) for r, (n, _) in item.pending.items() if r in failed}
        matches = {**item.matches, **{match.rule: match for match in read.matches}}
        fired = {**item.fired, read.article.text: matches}
        self._items[item.id] = replace(item, pending=pending, fired=fired)
        context = self._context([read], one.context, now, frozenset({item.id}))
        return replace(self._write(judge([read], context), now), new=0, unchanged=1) if read.matches else Committed()


def _has_lapsed(feed: Feed, owner: str, now: datetime) -> bool:
    return bool(feed.token) and feed.owner != owner and feed.lease_until is not None and feed.lease_until <= now


def _is_due(feed: Feed, now: datetime) -> bool:
    last = feed.state.last_poll_at
    return feed.active and (feed.state.next_poll_at <= now or (last is not None and last > now + HOUR))


def _configured(feed: Feed | None, id_: FeedId, spec: FeedSpec, now: datetime) -> Feed:
    if feed is None:
        state = FeedState(id_, spec.url, now)
        return Feed(spec, replace(state, interval=spec.every) if spec.every else state)
    state, token = feed.state, feed.token
    if not reads_alike(feed.spec, spec):
        state = unconditional(state)
    if not feed.active:
        state = replace(unconditional(state), next_poll_at=now)
    if spec.url not in (feed.spec.url, state.url):
        state = replace(unconditional(state), url=spec.url, next_poll_at=now)
        token = ""
    return replace(feed, spec=spec, state=state, token=token, active=True)


def _sum(left: Committed, right: Committed) -> Committed:
    return replace(
        right,
        unchanged=left.unchanged + right.unchanged,
        folded=left.folded + right.folded,
        silenced=left.silenced + right.silenced,
        alerts=left.alerts + right.alerts,
        conflicts=left.conflicts + right.conflicts,
        targets=left.targets | right.targets,
        made=left.made + right.made,
        verdicts=Counter(left.verdicts) + Counter(right.verdicts),
    )


def _refusal(read: ReadArticle) -> str:
    try:
        "".join([read.article.title, read.article.summary, read.article.content, read.article.url]).encode()
    except UnicodeEncodeError as error:
        return str(error.reason)
    return ""


def _found_by(
    read: ReadArticle | None, now: datetime, kept: Mapping[tuple[bytes, ArticleId], datetime]
) -> dict[tuple[bytes, ArticleId], datetime]:
    keys = search_keys(Member(read.article, read.keys)) if read else ()
    return {(key, read.article.id): now for key in keys if read and (key, read.article.id) not in kept}


_KNOWN_BY: Final = ("item", "guid", "url", "title")


def _is_asked(item: Item, asked: AbstractSet[tuple[str, bytes | None]]) -> bool:
    """Return whether an article shares a key with a document, of which `asked` are the keys by kind."""
    kept = ((kind, getattr(keys, kind)) for keys in item.keys for kind in _KNOWN_BY)
    return any(key is not None and (kind, key) in asked for kind, key in kept)
