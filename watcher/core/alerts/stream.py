"""A stream of articles judged in memory, as the daemon judges them: all are taken as matched by one rule for one
channel.

There is one search and one judge (core.dedup.search, core.alerts.judge); this holds what a store would hold for them.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Container, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

from watcher.core.alerts.judge import make_judge
from watcher.core.alerts.told import newest_told
from watcher.core.dedup.habits import MOST_CARRIERS, Habits, all_habit_keys, habit_keys
from watcher.core.dedup.keys import article_keys, choose_identity
from watcher.core.dedup.search import POSTINGS, SEARCH_SPAN, nearest, search_keys
from watcher.core.model.alert import (
    AlertKind,
    Disposition,
    FeedContext,
    JudgeContext,
    Judged,
    Judgement,
    KnownArticle,
    Member,
    NewAlert,
    PastAlert,
)
from watcher.core.model.article import Article, ArticleKeys
from watcher.core.model.identity import EarlierText, FeedMemory
from watcher.core.model.ids import AlertId, ArticleId, FeedId, MessageId, RuleId, StoryId, digest, public_id
from watcher.core.model.match import Match, ReadArticle
from watcher.core.model.message import MessageState
from watcher.core.model.outcome import Identity
from watcher.core.model.policy import CONSOLE, ChannelState, Policy
from watcher.core.model.rule import Rule, Term
from watcher.core.model.story import Story
from watcher.core.model.verdict import Level, NearMiss, Relation, Verdict
from watcher.core.stories.shelf import Shelf

HABITS: Final = timedelta(days=30)
_RULE: Final = RuleId("stream")
_SAME_KEY: Final = 50
_ALWAYS: Final = timedelta(days=36500)
_NOTHING: Final[Mapping[RuleId, Sequence[AlertId]]] = {}


@dataclass(frozen=True, slots=True)
class StreamAnswer:
    """What the stream says of an article: a copy of an earlier one, or news, which may have come close to one; and
    its story.

    `linked` names the first article of a story that was told before, where this one tells more of it.
    """

    article: ArticleId
    story: StoryId
    relation: Relation | None = None
    miss: NearMiss | None = None
    linked: Relation | None = None


class Stream:
    """Every article seen so far, in order of arrival; it only grows."""

    def __init__(self, policy: Policy | None = None) -> None:
        rule = Rule(_RULE, "stream", Term(""))
        self._judge = make_judge(policy or Policy(1, {_RULE: rule}, {CONSOLE: ChannelState.READY}))
        self._now = datetime(1990, 1, 1, tzinfo=UTC)
        self._identities: dict[FeedId, Identity] = {}
        self._known: dict[ArticleId, KnownArticle] = {}
        self._memories: dict[FeedId, FeedMemory] = {}
        self._listed: dict[FeedId, dict[ArticleId, None]] = {}  # the newest last
        self._by_key: defaultdict[tuple[FeedId, bytes], deque[ArticleId]] = defaultdict(lambda: deque(maxlen=_SAME_KEY))
        self._texts: dict[ArticleId, dict[int, Article]] = {}
        self._alerts: dict[AlertId, PastAlert] = {}  # without members
        self._members: dict[AlertId, list[tuple[ArticleId, Level, int]]] = {}
        self._alerts_of: defaultdict[ArticleId, list[AlertId]] = defaultdict(list)
        self._cuts: dict[AlertId, tuple[PastAlert, PastAlert]] = {}  # with their founders
        self.postings: defaultdict[bytes, list[ArticleId]] = defaultdict(list)
        self._told_at: dict[ArticleId, datetime] = {}
        self._carriers: defaultdict[bytes, dict[ArticleId, datetime]] = defaultdict(dict)
        self._stories: dict[ArticleId, StoryId] = {}
        self._shelf = Shelf()
        self._alerts_in: dict[StoryId, dict[RuleId, list[AlertId]]] = {}

    def add(self, article: Article) -> tuple[Relation | None, StoryId]:
        """Return what an article in a document of its own is a copy of (None = news) and its story, and hold it for
        the next ones.
        """
        (told,) = self.read([article])
        return told.relation, told.story

    def read(self, articles: Sequence[Article], at: datetime | None = None) -> tuple[StreamAnswer, ...]:
        """Return what the articles of one document are, in order, and hold them for the next ones.

        `at` is when the document was seen, else the latest time that its articles name; it never goes back.
        """
        if not articles:
            return ()
        times = [
            moment for one in articles for moment in (one.first_seen_at or one.published_at,) if moment is not None
        ]
        self._now = max([self._now, at] if at else [self._now, *times])
        feed = articles[0].feed
        identity = choose_identity(articles, self._identities.get(feed, Identity.GUID))
        self._identities[feed] = identity
        reads = [
            ReadArticle(article, article_keys(article, identity), (Match(_RULE, ()),), (), ()) for article in articles
        ]
        judgement = self._judged(reads)
        self._keep(judgement)
        return tuple(self._answer(one, judgement) for one in judgement.articles)

    def replay(self, article: Article, matches: tuple[Match, ...]) -> Judgement:
        """Return what is decided of an article on which rules of the policy fire, and hold it for the next ones."""
        self._now = max(self._now, article.first_seen_at or article.published_at or self._now)
        identity = self._identities.get(article.feed, Identity.GUID)
        judgement = self._judged([ReadArticle(article, article_keys(article, identity), matches, (), ())])
        self._keep(judgement)
        return judgement

    def story_now(self, story: StoryId) -> StoryId:
        """Return the story that a story is by now: two may have turned out to be one."""
        return self._shelf.now(story)

    def _judged(self, reads: Sequence[ReadArticle]) -> Judgement:
        feed = reads[0].article.feed
        judgement = self._judge(reads, self._context(feed, reads))
        self._note_listed(feed, judgement)
        return judgement

    def _note_listed(self, feed: FeedId, judgement: Judgement) -> None:
        """Note what the feed lists now. A line that is a document of its own does not say what is gone."""
        here = dict.fromkeys(one.id for one in judgement.articles)
        if len(judgement.articles) > 1:
            self._listed[feed] = here
        else:
            listed = self._listed.setdefault(feed, {})
            for id_ in here:
                listed.pop(id_, None)
            listed.update(here)
        if judgement.memory is not None:
            self._memories[feed] = judgement.memory

    def _context(self, feed: FeedId, reads: Sequence[ReadArticle]) -> JudgeContext:
        known = self._known_to(feed, reads)
        members = [Member(read.article, read.keys) for read in reads]
        postings = self._postings_for(members)
        own = Habits(self._habits_of(members))
        near = {id_ for member in members for id_ in nearest(member, postings, own)} | {one.id for one in known}
        linked, counts = self._shelf.load(reads, self._now)
        holding = [self._alerts[alert] for id_ in sorted(near) for alert in self._alerts_of.get(id_, ())]
        stories = dict.fromkeys((*(alert.story for alert in holding), *(story.id for story in linked)))
        told_of = self._told_of(stories, {match.rule for read in reads for match in read.matches})
        past = [self._cut(alert, near) for alert in {one.id: one for one in (*holding, *told_of)}.values()]
        return JudgeContext(
            FeedContext(feed, feed, first=False, last_ok_at=None, max_age=_ALWAYS),
            self._now,
            known=tuple(known),
            past=tuple(past),
            habits=self._habits_of([*members, *_members_near(past, near)]),
            postings=postings,
            stories=(*linked, *self._told_among(stories, linked)),
            story_counts=counts,
            memory=self._memories.get(feed, FeedMemory()),
            is_whole=len(reads) > 1,
        )

    def _told_of(self, stories: Iterable[StoryId], fired: Set[RuleId]) -> list[PastAlert]:
        """Return what these rules told of stories, as far as it is looked at; what others told matters only where it
        holds an article near to the arriving one.
        """
        told = (self._alerts_in.get(story, _NOTHING) for story in stories)
        ids = (id_ for by_rule in told for rule in fired for id_ in by_rule.get(rule, ()))
        return newest_told(map(self._alerts.__getitem__, ids))

    def _postings_for(self, members: Sequence[Member]) -> dict[bytes, Sequence[ArticleId]]:
        asked = {key for member in members for key in search_keys(member)}
        return {key: self._found(self.postings[key]) for key in asked if key in self.postings}

    def _habits_of(self, members: Sequence[Member]) -> dict[bytes, dict[ArticleId, bytes | None]]:
        return {key: self._recent(key) for key in all_habit_keys(members) if key in self._carriers}

    def _told_among(self, ids: Iterable[StoryId], linked: Sequence[Story]) -> list[Story]:
        """Return the stories with these ids that are on the shelf beside the linked ones."""
        known, others = self._shelf.stories, {story.id for story in linked}
        return [known[id_] for id_ in ids if id_ in known and id_ not in others]

    def _found(self, kept: Sequence[ArticleId]) -> Sequence[ArticleId]:
        oldest = self._now - SEARCH_SPAN
        if self._told_at[kept[0]] > oldest:
            return kept
        return [id_ for id_ in kept if self._told_at[id_] > oldest]

    def _known_to(self, feed: FeedId, reads: Sequence[ReadArticle]) -> list[KnownArticle]:
        ids = {
            id_
            for read in reads
            for key in (read.keys.item, read.keys.guid, read.keys.url, read.keys.title)
            if key is not None
            for id_ in self._by_key.get((feed, key), ())
        }
        listed = self._listed.get(feed, {})
        found = [
            replace(self._known[id_], is_absent=id_ not in listed, is_told=id_ in self._alerts_of)
            for id_ in ids.union(islice(reversed(listed), _SAME_KEY))
        ]
        return sorted(found, key=lambda one: (one.first_seen_at or self._now, one.id), reverse=True)

    def _cut(self, alert: PastAlert, near: set[ArticleId]) -> PastAlert:
        """Return an alert with its founder and those of its members that are near, each in the text that joined and
        in its newest.
        """
        first, *others = self._members[alert.id]
        cut = self._founded(alert, first)
        members = [member for other in others if other[0] in near for member in self._in_its_texts(*other)]
        return replace(cut, members=(*cut.members, *members)) if members else cut

    def _founded(self, alert: PastAlert, founder: tuple[ArticleId, Level, int]) -> PastAlert:
        """Return an alert with its founder alone; kept while neither changes, since most alerts of a story are looked
        at with each text that arrives.
        """
        members = self._in_its_texts(*founder)
        kept = self._cuts.get(alert.id)
        if kept is None or kept[0] is not alert or kept[1].members != members:
            kept = self._cuts[alert.id] = (alert, replace(alert, members=members))
        return kept[1]

    def _in_its_texts(self, id_: ArticleId, level: Level, text: int) -> tuple[Member, ...]:
        """Return a member of an alert in the text that joined and in its newest."""
        texts, keys = self._texts[id_], self._known[id_].keys
        return tuple(Member(texts[number], keys, level) for number in dict.fromkeys((text, max(texts))))

    def _recent(self, key: bytes) -> dict[ArticleId, bytes | None]:
        oldest = self._now - HABITS
        return {id_: self._known[id_].keys.title for id_, at in self._carriers[key].items() if at > oldest}

    def _keep(self, judgement: Judgement) -> None:
        for one in judgement.articles:
            self._remember(one)
        for new in judgement.alerts:
            self._alerts[new.id] = PastAlert(
                id=new.id,
                rule=new.rule,
                target=new.target,
                story=new.story,
                kind=new.kind,
                ordinal=new.ordinal,
                severity=new.severity,
                message=MessageId(""),
                state=MessageState.SENT,
                created_at=self._now,
                members=(),
            )
            self._members[new.id] = [(new.article, Level.NEW, new.text)]
            self._alerts_of[new.article].append(new.id)
            self._alerts_in.setdefault(new.story, {}).setdefault(new.rule, []).append(new.id)
        for fold in judgement.folds:
            self._members[fold.alert].append((fold.article, fold.level, fold.text))
            self._alerts_of[fold.article].append(fold.alert)
        for id_ in sorted({verdict.article for verdict in judgement.verdicts}):
            self._find_by(id_)
        self._shelf.write(judgement.stories, self._now)
        for gone, into in judgement.stories.merged.items():
            for rule, alerts in self._alerts_in.pop(gone, {}).items():
                self._alerts.update((id_, replace(self._alerts[id_], story=into)) for id_ in alerts)
                self._alerts_in.setdefault(into, {}).setdefault(rule, []).extend(alerts)

    def _find_by(self, id_: ArticleId) -> None:
        is_known = id_ in self._told_at
        self._told_at.setdefault(id_, self._now)
        for key in search_keys(Member(self._texts[id_][max(self._texts[id_])], self._known[id_].keys)):
            kept = self.postings[key]
            if not is_known or id_ not in kept:
                kept.append(id_)
                if len(kept) > 2 * POSTINGS:
                    del kept[:POSTINGS]

    def _remember(self, one: Judged) -> None:
        if one.disposition is Disposition.UNCHANGED:
            if one.rekeyed:
                self._keep_keys(one.id, replace(self._known[one.id], keys=one.read.keys))
            return
        before, keys, article = self._known.get(one.id), one.read.keys, one.read.article
        first_seen_at = (before.first_seen_at if before else None) or article.first_seen_at or self._now
        earlier = (*before.earlier, EarlierText(before.keys.content, before.published_at)) if before else ()
        known = KnownArticle(
            id=one.id,
            keys=keys,
            stage=one.stage,
            title=article.title,
            text=article.text,
            first_seen_at=first_seen_at,
            feed=article.feed,
            article=article,
            published_at=article.published_at,
            earlier=earlier,
            fired=frozenset(match.rule for match in one.read.matches),
            rules=1,
        )
        # Two texts of one document are one step: the store keeps the later.
        self._texts.setdefault(one.id, {})[article.text] = replace(article, id=one.id)
        self._keep_keys(one.id, known)

    def _keep_keys(self, id_: ArticleId, known: KnownArticle) -> None:
        self._known[id_] = known
        keys = known.keys
        for key in (keys.item, keys.guid, keys.url, keys.title):
            if key is not None and id_ not in self._by_key[known.feed, key]:
                self._by_key[known.feed, key].append(id_)
        self._carry(id_, keys, known.first_seen_at or self._now)

    def _carry(self, id_: ArticleId, keys: ArticleKeys, at: datetime) -> None:
        for key in habit_keys(keys):
            carried = self._carriers[key]
            if id_ not in carried and len(carried) >= MOST_CARRIERS:
                del carried[next(iter(carried))]
            carried[id_] = at

    def _answer(self, one: Judged, judgement: Judgement) -> StreamAnswer:
        own = StoryId(public_id("s", digest("story", one.id)))
        verdict = next((verdict for verdict in judgement.verdicts if verdict.article == one.id), None)
        if verdict is None:  # nothing of it changed
            same = Relation(Level.SAME_ARTICLE, one.id, {"equal": "item", "guards": ("same feed", "unchanged")})
            return StreamAnswer(one.id, self._stories.get(one.id, own), same)
        self._stories[one.id] = verdict.story
        if level_of(verdict, judgement.alerts) is Level.SAME_STORY:
            story = self._shelf.now(verdict.story)
            told = (alert for alerts in self._alerts_in.get(story, _NOTHING).values() for alert in alerts)
            heads = (self._members[alert][0][0] for alert in told)
            of = next((head for head in heads if head != one.id), one.id)
            return StreamAnswer(one.id, story, None, verdict.miss, Relation(Level.SAME_STORY, of, verdict.because))
        if verdict.of is None:
            return StreamAnswer(one.id, verdict.story, miss=verdict.miss)
        return StreamAnswer(one.id, verdict.story, Relation(verdict.level, verdict.of, verdict.because))


def _members_near(past: Iterable[PastAlert], near: Container[ArticleId]) -> list[Member]:
    """Return those members of alerts that may be compared: of these alone it matters what their source does."""
    return [member for alert in past for member in alert.members if member.article.id in near]


def level_of(verdict: Verdict, alerts: Sequence[NewAlert]) -> Level:
    """Return the level of an article, of which `alerts` were made: SAME_STORY also for an UPDATE, which is news of a
    story told before.

    Another event of a story, told as a first alert, is NEW.
    """
    is_update = any(alert.id == verdict.alert and alert.kind is AlertKind.UPDATE for alert in alerts)
    return Level.SAME_STORY if is_update and verdict.level is Level.NEW else verdict.level
