"""What comes of a document before any rule has a word: what each entry is, how far it comes, and which of its matches
are news.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from watcher.core.alerts.untold import new_in
from watcher.core.identity.changed import Passage, Passages, fresh_sentences, new_passage
from watcher.core.identity.identify import NEWS, Identified, Kind, identify
from watcher.core.model.alert import Disposition, JudgeContext, KnownArticle
from watcher.core.model.article import Article
from watcher.core.model.claim import TAKES_BACK
from watcher.core.model.identity import FeedMemory
from watcher.core.model.ids import ArticleId, RuleId
from watcher.core.model.match import Match, ReadArticle
from watcher.core.model.policy import FirstPoll
from watcher.core.model.verdict import Evidence, Stage
from watcher.core.stories.claims import claims_of

CHANGED: Final = "changed to match"
NOTED: Final = "only noted when it was first listed"

_DISPOSITIONS: Final = {
    Kind.UNCHANGED: Disposition.UNCHANGED,
    Kind.KEPT_BACK: Disposition.UNCHANGED,
    Kind.REDATED: Disposition.REVISED,
    Kind.REVISION: Disposition.REVISED,
    Kind.OTHER_NEWS: Disposition.NEW,
    Kind.NEW: Disposition.NEW,
}


@dataclass(frozen=True, slots=True)
class Coming:
    """One entry: how far it comes, and its matches that are to be told.

    `notes` say of a match why it is told though an earlier text of the article was not; `passed_over` says why others
    are not told. `before` is the text before of a later one, `fresh` the sentences of its lead that are new and on
    which a rule fires.
    """

    read: ReadArticle
    disposition: Disposition
    stage: Stage
    told: tuple[Match, ...] = ()
    notes: Mapping[RuleId, str] = field(default_factory=dict)
    passed_over: Mapping[RuleId, str] = field(default_factory=dict)
    is_rekeyed: bool = False
    is_kept_back: bool = False
    evidence: Evidence = field(default_factory=dict)
    before: Article | None = None
    fresh: Mapping[RuleId, tuple[str, ...]] = field(default_factory=dict)

    @property
    def id(self) -> ArticleId:
        """The article's id."""
        return self.read.article.id


@dataclass(frozen=True, slots=True)
class ComingDocument:
    """All entries of a document in its order, and what the feed taught us."""

    entries: tuple[Coming, ...]
    memory: FeedMemory


def coming(reads: Sequence[ReadArticle], context: JudgeContext, revision: int) -> ComingDocument:
    """Return what comes of each entry; `revision` is that of the rules in force."""
    again = [read for read in reads if read.article.id in context.rematched]
    arriving = [read for read in reads if read.article.id not in context.rematched]
    if again and not arriving:
        return ComingDocument(tuple(_rematched(read, context) for read in again), context.memory)
    found = identify(arriving, context.known, context.memory, context.feed, context.now, is_whole=context.is_whole)
    judged = _Coming(context, revision, Passages(reads))
    return ComingDocument(tuple(judged.place(one) for one in found.entries), found.memory)


def in_time(entries: Sequence[Coming], now: datetime) -> list[Coming]:
    """Return the entries of a document in the order in which they were written, as far as dates tell: most feeds list
    the newest first, and a denial that is judged before its claim would take the claim for more of the same.

        denial 12:05, shells 12:04, claim 11:00  -> claim, shells, denial

    A later text of a known item, and what has no date or one that lies ahead, counts as written now. Of what was
    written at one time, that on which a rule fires and that takes something back comes last, wherever it is listed.
    """
    texts = Counter(one.id for one in entries)

    def written_at(one: Coming) -> tuple[datetime, bool]:
        dated = one.read.article.published_at if one.disposition is Disposition.NEW else None
        # The texts of one item keep their order: the last is what it says now.
        last = bool(one.told) and texts[one.id] == 1 and _takes_back(one.read.article)
        return now if dated is None else min(dated, now), last

    return sorted(entries, key=written_at)


def _takes_back(article: Article) -> bool:
    return not TAKES_BACK.isdisjoint(claims_of(article).turns)


def _rematched(read: ReadArticle, context: JudgeContext) -> Coming:
    """A stored article that is only matched again is the article that it was."""
    stage = _new_stage(read.article, context)
    return Coming(read, Disposition.NEW, stage, read.matches if stage is Stage.MATCHED else ())


def _untried(read: ReadArticle) -> ReadArticle:
    """Return an entry without rules to try again."""
    return replace(read, failed=()) if read.failed else read


@dataclass
class _Coming:
    """The entries of one document, placed one after the other."""

    context: JudgeContext
    revision: int
    document: Passages
    told: dict[tuple[RuleId, Passage], ArticleId] = field(default_factory=dict)

    def place(self, one: Identified) -> Coming:
        read = one.read
        if read.article.first_seen_at is None and not read.is_again:
            read = replace(read, article=read.article.seen_at(self.context.now))
        if one.kind in NEWS:
            return self._new(one, read)
        assert one.known is not None or one.kind is Kind.UNCHANGED
        if one.known is None:
            return Coming(read, Disposition.UNCHANGED, Stage.MATCHED, evidence=one.evidence)
        return self._known(one, read, one.known)

    def _new(self, one: Identified, read: ReadArticle) -> Coming:
        stage = Stage.FIRST_POLL if one.is_seen else _new_stage(read.article, self.context)
        if stage is not Stage.MATCHED:
            # A rule that failed is not tried again on an article that would not be told anyway.
            return Coming(_untried(read), Disposition.NEW, stage, evidence=one.evidence)
        return Coming(read, Disposition.NEW, stage, read.matches, evidence=one.evidence)

    def _known(self, one: Identified, read: ReadArticle, known: KnownArticle) -> Coming:
        same = known.keys.content == read.keys.content
        kind = (Kind.UNCHANGED if same else Kind.REVISION) if one.kind is Kind.TAKEN_OVER else one.kind
        disposition = _DISPOSITIONS[kind]
        if disposition is Disposition.UNCHANGED:
            read = _untried(read)
            return Coming(
                read,
                disposition,
                known.stage,
                is_rekeyed=one.is_rekeyed,
                is_kept_back=one.kind is Kind.KEPT_BACK,
                evidence=one.evidence,
            )
        if one.kind is Kind.REDATED and known.is_told:
            return Coming(_untried(read), disposition, known.stage, evidence=one.evidence)
        if known.stage is not Stage.MATCHED and self._is_newer(read.article, known):
            return Coming(read, disposition, Stage.MATCHED, read.matches, evidence=one.evidence)
        return self._revised(one, read, known, disposition)

    def _revised(self, one: Identified, read: ReadArticle, known: KnownArticle, disposition: Disposition) -> Coming:
        """Place a later text: a rule that did not fire before makes it news, whatever stage the article had; so does a
        new fact in an article that was only noted so far.
        """
        before = known.article if known.is_whole else None
        fresh = (
            {match.rule: fresh_sentences(match, read, before, self.document) for match in read.matches}
            if before
            else {}
        )
        told: list[Match] = []
        notes: dict[RuleId, str] = {}
        passed_over: dict[RuleId, str] = {}
        for match in read.matches:
            if match.rule in known.fired and known.stage is Stage.MATCHED:
                told.append(match)
            elif match.rule in known.fired:
                change = new_in(read.article, before, fresh[match.rule]) if before else None
                if change is not None:
                    told.append(match)
                    notes[match.rule] = f"{NOTED}; {change.text}"
            elif why := self._why_no_news(match, read, known):
                passed_over[match.rule] = why
            else:
                told.append(match)
                notes[match.rule] = CHANGED
        stage = Stage.MATCHED if notes else known.stage
        if stage is not Stage.MATCHED:
            read = _untried(read)
        return Coming(
            read,
            disposition,
            stage,
            tuple(told),
            notes,
            passed_over,
            evidence=one.evidence,
            before=before,
            fresh={match.rule: fresh[match.rule] for match in told if match.rule in fresh},
        )

    def _why_no_news(self, match: Match, read: ReadArticle, known: KnownArticle) -> str:
        passage = new_passage(match, read, known, self.document, same_rules=known.rules == self.revision)
        if not passage:
            return "no news: what fired is not new in it, or stands in a box that other items have too"
        first = self.told.setdefault((match.rule, passage), read.article.id)
        return "" if first == read.article.id else f"told with {first}: both changed to match by one passage"

    def _is_newer(self, article: Article, known: KnownArticle) -> bool:
        """Return whether the publisher dates the text of an article that was never told anew, so that it is judged by
        its new date.
        """
        if known.is_told:
            return False
        if known.stage is Stage.TOO_OLD:
            moved = article.published_at != known.published_at
            return moved and _new_stage(replace(article, first_seen_at=None), self.context) is Stage.MATCHED
        dates = [moment for moment in (article.published_at, article.updated_at) if moment is not None]
        return known.first_seen_at is not None and any(moment > known.first_seen_at for moment in dates)


def _new_stage(article: Article, context: JudgeContext) -> Stage:
    """Return how far a new article comes.

    What the first reading lists is only noted, unless the feed says otherwise; after an empty or cut one, so is what
    is dated before it. An article older than `max_age` is too old, but not if it came out since the last good poll:
    then the feed, or we, were away. No date, or a future one, counts as now.
    """
    feed = context.feed
    if feed.first_poll is FirstPoll.SEEN and not context.rematched and _is_of_first_poll(article, context):
        return Stage.FIRST_POLL
    # A stored article that is matched again is as old as it was when it came.
    came_at = min(article.first_seen_at or context.now, context.now)
    is_old = article.published_at is not None and article.published_at < came_at - feed.max_age
    return Stage.TOO_OLD if is_old and not _is_after(article, feed.last_ok_at) else Stage.MATCHED


def _is_of_first_poll(article: Article, context: JudgeContext) -> bool:
    """Return whether an article stood in the feed when we began to watch it."""
    feed, memory = context.feed, context.memory
    if _is_after(article, feed.watched_since):
        return False
    if memory.began_at is None:
        return feed.first
    return not memory.is_settled and article.published_at is not None and article.published_at < memory.began_at


def _is_after(article: Article, moment: datetime | None) -> bool:
    return moment is not None and article.published_at is not None and article.published_at > moment
