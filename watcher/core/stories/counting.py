"""Counting: which words of a reading matter to stories, and how counts of the past fade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from watcher.core.model.article import Article
from watcher.core.model.match import ReadArticle
from watcher.core.model.story import WordCounts
from watcher.core.stories.link import asked_words, counted_words

HALF_LIFE: Final = timedelta(days=14)


def in_stories(reads: Sequence[ReadArticle]) -> list[Article]:
    """Return the articles that belong to stories: those that some rule matched, samples left out."""
    return [read.article for read in reads if read.matches and not read.article.sample]


def counted_by(reads: Sequence[ReadArticle]) -> set[tuple[str, str]]:
    """Return the words, with their language, of which linking the articles needs the counts."""
    return {asked for article in in_stories(reads) for asked in counted_words(article)}


def asked_by(reads: Sequence[ReadArticle], counts: Mapping[str, WordCounts]) -> set[tuple[str, str]]:
    """Return the words, with their language, by which the stories of the articles are looked up."""
    return {asked for article in in_stories(reads) for asked in asked_words(article, counts)}


def faded_count(count: float, at: datetime, now: datetime) -> float:
    """Return what is left of a count of the time `at`: half of it every 14 days; a time in the future counts as now."""
    return float(count * 0.5 ** (max(now - at, timedelta(0)) / HALF_LIFE))
