"""Storyline: in which story an article stands, what that story was before, and what becomes of it where it was told.

The stories grow while a reading is judged, so what arrives together is one story.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from watcher.core.alerts.decide import Desk, Related
from watcher.core.alerts.follow import UPDATE_GATHERS, Following, Step, follow, told_at
from watcher.core.alerts.sources import publisher_of
from watcher.core.model.alert import JudgeContext
from watcher.core.model.article import Article
from watcher.core.model.claim import Claims
from watcher.core.model.ids import ChannelName, RuleId
from watcher.core.model.match import Match
from watcher.core.model.policy import Policy
from watcher.core.model.story import Story, StoryChanges
from watcher.core.model.verdict import Level
from watcher.core.stories.claims import claims_of, is_said_before, raised_figure, renamed, tells_another_event
from watcher.core.stories.link import Stories, Teller
from watcher.core.stories.words import hit_words

_COPIES: Final = frozenset({Level.SAME_ARTICLE, Level.NEAR_COPY})


@dataclass(frozen=True, slots=True)
class Chapter:
    """An article in its story: `before` is the story without it (None = it begins one), `story` with it."""

    related: Related
    claims: Claims
    before: Story | None
    story: Story | None

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
        told = self._desk.told_members(rule, target, chapter.related.story) if heard is not None else ()
        here = tuple(claims_of(member.article) for member in told)
        is_again = self._desk.is_given_again(chapter.related.member) or tells_another_event(
            article, (member.article for member in told)
        )
        raised = raised_figure(article, (member.article for member in told))
        found = follow(
            heard, article.title, chapter.claims, chapter.before, self._now, here=here, is_again=is_again, raised=raised
        )
        if found.step is Step.FIRST and heard is not None and chapter.related.is_later_text:
            own = [member.article.title for member in told if member.article.id == article.id]
            is_back = chapter.before is not None and is_said_before(article.title, chapter.before.headlines)
            other = None if is_back else renamed(article.title, own)
            return Following(Step.UPDATE, (other,)) if other else found
        return found

    def tell_at(self, following: Following, chapter: Chapter, rule: RuleId, target: ChannelName) -> datetime | None:
        """Return until when what follows waits to be gathered; None = it is told at once."""
        heard = self._desk.heard(rule, target, chapter.related.story)
        if following.is_urgent or heard is None or chapter.story is None or target in self._policy.silent_targets:
            return None
        if following.step is Step.UPDATE:
            return self._now + UPDATE_GATHERS
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
