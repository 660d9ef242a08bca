"""Storyline: in which story an article stands, what that story was before, and what becomes of it where it was told.

The stories grow while a reading is judged, so what arrives together is one story.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from watcher.core.alerts.decide import Desk, Related
from watcher.core.alerts.follow import UPDATE_GATHERS, Following, Step, follow, told_at
from watcher.core.alerts.sources import publisher_of
from watcher.core.alerts.told import in_other_words
from watcher.core.model.alert import JudgeContext
from watcher.core.model.article import Article
from watcher.core.model.claim import Change, Claims
from watcher.core.model.ids import ChannelName, RuleId
from watcher.core.model.match import Match
from watcher.core.model.policy import Policy
from watcher.core.model.rule import FollowUps
from watcher.core.model.story import Story, StoryChanges
from watcher.core.model.verdict import Level
from watcher.core.stories.claims import claims_of, raised_figure, tells_another_event
from watcher.core.stories.later_texts import another_event, new_facts, redated, rescored, restated
from watcher.core.stories.link import Stories, Teller
from watcher.core.stories.words import hit_words

_COPIES: Final = frozenset({Level.SAME_ARTICLE, Level.NEAR_COPY})


@dataclass(frozen=True, slots=True)
class Chapter:
    """An article in its story: `before` is the story without it (None = it begins one), `story` with it.

    Of a later text, `earlier` is the text before it, and `fresh` are the sentences of its lead that are new and on
    which a rule fires.
    """

    related: Related
    claims: Claims
    before: Story | None
    story: Story | None
    earlier: Article | None = None
    fresh: Mapping[RuleId, tuple[str, ...]] = field(default_factory=dict)

    @property
    def sources(self) -> Mapping[str, datetime]:
        """Since when each independent publisher tells the story."""
        return self.story.independent if self.story else {}


class Storyline:
    """The stories that the articles in hand belong to."""

    def __init__(self, policy: Policy, context: JudgeContext, desk: Desk) -> None:
        self._policy = policy
        self._now = context.now
        self._desk = desk
        self._stories = Stories(context.stories, context.story_counts)

    def place(self, related: Related, matches: Sequence[Match]) -> Chapter:
        """Put an article into its story: that of the alerts it belongs to, else the one that its words show, else its
        own.

        Samples belong to none.
        """
        article = related.member.article
        claims = claims_of(article)
        if article.sample:
            return Chapter(related, claims, None, None)
        if related.relations:
            before = self._revived(related)
            self._add(related, matches)
        else:
            placed = self._stories.place(article, self._told_at(article), self._teller(article, matches))
            before = placed.before
            related = replace(related, story=placed.story, linked=placed.because)
            for gone in placed.merged:
                self._desk.unite(gone, placed.story)
        return Chapter(related, claims, before, self._stories.story(related.story))

    def following(self, chapter: Chapter, rule: RuleId, target: ChannelName) -> Following:
        """Return what an article is to one rule and target."""
        heard = self._desk.heard(rule, target, chapter.related.story)
        article = chapter.related.member.article
        members = self._desk.told_members(rule, target, chapter.related.story) if heard is not None else ()
        told = in_other_words(article, (member.article for member in members))
        here = tuple(claims_of(one) for one in told)
        is_again = self._desk.is_given_again(chapter.related.member) or tells_another_event(article, told)
        own = [member.article for member in members if member.article.id == article.id]
        is_own = chapter.related.is_later_text
        found = follow(
            heard,
            article.title,
            chapter.claims,
            chapter.before,
            self._now,
            here=here,
            is_again=is_again,
            is_own=is_own,
            raised=_raised(article, own if is_own else told),
        )
        if found.step is Step.UPDATE or not is_own:
            return found
        others = [one for one in told if one.id != article.id]
        change = _changed(chapter, own, others, chapter.fresh.get(rule, ())) if own else None
        return Following(Step.UPDATE, (change,)) if change else found

    def tell_at(self, following: Following, chapter: Chapter, rule: RuleId, target: ChannelName) -> datetime | None:
        """Return until when what follows waits to be gathered; None = it is told at once."""
        heard = self._desk.heard(rule, target, chapter.related.story)
        if following.is_urgent or heard is None or chapter.story is None or target in self._policy.silent_targets:
            return None
        if following.step is Step.UPDATE:
            return self._now + UPDATE_GATHERS
        if target in self._policy.threaded and self._policy.rules[rule].follow_ups is FollowUps.THREAD:
            return None  # in the thread of its story it rings nobody
        return (
            told_at(heard, chapter.story, self._policy.officials, self._now)
            if following.step is Step.FOLLOW_UP
            else None
        )

    def changes(self) -> StoryChanges:
        """Return what the store has to write of stories."""
        return self._stories.changes()

    def _revived(self, related: Related) -> Story | None:
        """Return the story of the alerts that an article belongs to; one that was told before stories were kept is
        made from its articles.
        """
        known = self._stories.story(related.story)
        if known is None:
            for member in self._desk.members_of(related.story):
                if member.article.id != related.member.article.id:
                    self._stories.join(
                        related.story, member.article, self._told_at(member.article), self._teller(member.article)
                    )
        return self._stories.story(related.story)

    def _add(self, related: Related, matches: Sequence[Match]) -> None:
        article = related.member.article
        if related.is_later_text:
            self._stories.revise(related.story, article)
            return
        teller = replace(self._teller(article, matches), is_copy=related.placed.level in _COPIES)
        self._stories.join(related.story, article, self._told_at(article), teller)

    def _teller(self, article: Article, matches: Sequence[Match] = ()) -> Teller:
        return Teller(
            publisher=publisher_of(article, self._policy.publishers),
            rules=frozenset(match.rule for match in matches),
            seen_at=self._now,
            hits=hit_words(article, (span for match in matches for span in match.spans)),
        )

    def _told_at(self, article: Article) -> datetime:
        """Return when an article was published, as far as that can be; it is never later than now."""
        return min(article.published_at or article.first_seen_at or self._now, self._now)


def _raised(article: Article, told: Sequence[Article]) -> Change | None:
    """Return the figure, score or date that an article gives otherwise than the texts that a target heard, in their
    words.
    """
    titles = [one.title for one in told if one.id != article.id]
    return (
        raised_figure(article, told) or rescored(article.title, titles, is_own=False) or redated(article.title, titles)
    )


def _changed(
    chapter: Chapter, own: Sequence[Article], others: Sequence[Article], fresh: Sequence[str]
) -> Change | None:
    """Return what a later text of an item says that the texts of the item did not: those that were told, and the one
    before.

    What its lead says may have been told by `others` of its story.
    """
    article = chapter.related.member.article
    texts = [*own, chapter.earlier] if chapter.earlier else list(own)
    headlines = chapter.before.headlines if chapter.before else [one.title for one in texts]
    return (
        restated(article, texts, headlines)
        or another_event(article.title, texts)
        or new_facts(article, texts, fresh, others=others)
    )
