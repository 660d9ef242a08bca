"""Counting: which words of a reading matter to stories, and how counts of the past fade."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Final

from watcher.core.model.article import Article
from watcher.core.model.ids import RuleId
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
    seekers = Seekers(reads, counts)
    return tuple(
        story
        for story in stories
        if seekers.share_words(story.weights) or seekers.share_facts(story.members, story.rules, story.facts)
    )


class Seekers:
    """The articles of a reading that look for their stories, asked about one story after the other."""

    def __init__(self, reads: Sequence[ReadArticle], counts: Mapping[str, WordCounts]) -> None:
        arriving = [read for read in reads if _is_in_stories(read)]
        self._rare = [rare_words(read.article, counts) for read in arriving]
        self._told = [
            (read.article.lang, frozenset(match.rule for match in read.matches), facts_of(read.article))
            for read in arriving
        ]
        self._counts = counts.get(FACTS_LANG, WordCounts())

    def share_words(self, words: Container[str]) -> bool:
        """Return whether a story of these words holds as many of the rare ones of an article as linking asks for."""
        for rare in self._rare:
            held = 0
            for word in rare:
                if word in words:
                    held += 1
                    if held == FEWEST_RARE:
                        return True
        return False

    def may_share_facts(self, langs: Collection[str], rules: AbstractSet[RuleId]) -> bool:
        """Return whether facts matter to a story: a rule of an article matched it, and it is told in another language
        too.
        """
        return bool(self._foreign(langs, rules))

    def share_facts(self, langs: Collection[str], rules: AbstractSet[RuleId], facts: Mapping[str, int]) -> bool:
        """Return whether an article to which the facts of a story matter shares enough of them."""
        for mine in self._foreign(langs, rules):
            if is_enough(shared_facts(mine, facts, self._counts), timedelta(0)):
                return True
        return False

    def _foreign(self, langs: Collection[str], rules: AbstractSet[RuleId]) -> list[tuple[str, ...]]:
        return [
            mine
            for lang, fired, mine in self._told
            if not (lang in langs and len(langs) == 1) and not rules.isdisjoint(fired)
        ]


def faded_count(count: float, at: datetime, now: datetime) -> float:
    """Return what is left of a count of the time `at`: half of it every 14 days; a time in the future counts as now."""
    return float(count * 0.5 ** (max(now - at, timedelta(0)) / HALF_LIFE))
