"""Counting: which words of a reading matter to stories, and how counts of the past fade."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from watcher.core.model.article import Article
from watcher.core.model.match import ReadArticle
from watcher.core.model.story import FACTS_LANG, Story, WordCounts
from watcher.core.stories.facts import facts_of, is_enough, shared_facts
from watcher.core.stories.link import FEWEST_RARE, asked_words, counted_words, rare_words

HALF_LIFE: Final = timedelta(days=14)


def in_stories(reads: Sequence[ReadArticle]) -> list[Article]:
    """Return the articles that belong to stories: those that some rule matched, samples left out."""
    return [read.article for read in reads if _is_in_stories(read)]


def _is_in_stories(read: ReadArticle) -> bool:
    return bool(read.matches) and not read.article.sample


def counted_by(reads: Sequence[ReadArticle]) -> set[tuple[str, str]]:
    """Return the words, with their language, of which linking the articles needs the counts."""
    return {asked for article in in_stories(reads) for asked in counted_words(article)}


def asked_by(reads: Sequence[ReadArticle], counts: Mapping[str, WordCounts]) -> set[tuple[str, str]]:
    """Return the words, with their language, by which the stories of the articles are looked up."""
    return {asked for article in in_stories(reads) for asked in asked_words(article, counts)}


def that_may_join(
    reads: Sequence[ReadArticle], stories: Iterable[Story], counts: Mapping[str, WordCounts]
) -> tuple[Story, ...]:
    """Return those of `stories` that one of the articles can join by its words or facts; when it was told is not
    looked at.

    A look-up by single words finds hundreds of stories; only these few are compared, and only what they told is loaded.
    """
    known = [(read, rare_words(read.article, counts), facts_of(read.article)) for read in reads if _is_in_stories(read)]
    return tuple(
        story
        for story in stories
        if any(
            shares_enough_words(rare, story) or shares_enough_facts(read, facts, story, counts)
            for read, rare, facts in known
        )
    )


def shares_enough_words(rare: Sequence[str], story: Story) -> bool:
    """Return whether a story holds as many of the rare words as linking asks for."""
    return sum(word in story.weights for word in rare) >= FEWEST_RARE


def shares_enough_facts(
    read: ReadArticle, facts: tuple[str, ...], story: Story, counts: Mapping[str, WordCounts]
) -> bool:
    """Return whether a story in another language, which a rule of the article matched, shares enough facts with it."""
    if set(story.members) == {read.article.lang} or story.rules.isdisjoint(match.rule for match in read.matches):
        return False
    shared = shared_facts(facts, story.facts, counts.get(FACTS_LANG, WordCounts()))
    return is_enough(shared, timedelta(0))


def faded_count(count: float, at: datetime, now: datetime) -> float:
    """Return what is left of a count of the time `at`: half of it every 14 days; a time in the future counts as now."""
    return float(count * 0.5 ** (max(now - at, timedelta(0)) / HALF_LIFE))
