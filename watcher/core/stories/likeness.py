"""How alike an article and a story are: words weighted by how few stories hold them, averaged over the story's
members, faded by time.

The weight of a word is its rarity among *stories*, not among articles: a hundred articles about one launch would
make "launch" a common word just when it tells most. On one set of 3,149 headlines in 43 stories that alone
raised BCubed F from .54 to .76, on 2,612 English headlines in 300 stories from .72 to .75.

Source: average link and a Gaussian over time as in E. Miranda et al. 2018, "Multilingual clustering of streaming news".
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from watcher.core.model.story import Story, WordCounts

FADE: Final = timedelta(days=3)
"""Standard deviation of the Gaussian by which likeness fades with the time between an article and a story's middle."""

MOST_WEIGHTS: Final = 250
"""A story keeps its heaviest words only."""


def vector(words: Sequence[str], counts: WordCounts) -> dict[str, float]:
    """Return the words with their weights as a vector of length 1; {} for no words."""
    weights = {word: rarity(word, counts) for word in words}
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {word: weight / length for word, weight in weights.items()} if length else {}


def rarity(word: str, counts: WordCounts) -> float:
    """Return the inverse story frequency of a word, 1 for a word of every story."""
    return math.log((counts.stories + 1) / (counts.words.get(word, 0.0) + 1)) + 1


def likeness(article: Mapping[str, float], lang: str, at: datetime, story: Story, size_power: float) -> float:
    """Return how alike an article's vector and a story's articles of its language are, 0 where there is none.

    Average cosine x fading x members ** `size_power`: the average over many members, each of which tells something
    else, is low by itself, and the last factor makes up for some of that.
    """
    members = story.members.get(lang, 0)
    if not members:
        return 0.0
    product = sum(weight * story.weights[word] for word, weight in article.items() if word in story.weights)
    return product / members * faded(at - story.mean_at) * math.pow(members, size_power)


def story_likeness(one: Story, two: Story) -> float:
    """Return the average cosine between the members of two stories in the languages of both, faded by the time
    between their middles.
    """
    small, large = sorted((one.weights, two.weights), key=len)
    product = sum(weight * large[word] for word, weight in small.items() if word in large)
    pairs = sum(count * two.members.get(lang, 0) for lang, count in one.members.items())
    return product / pairs * faded(one.mean_at - two.mean_at) if pairs else 0.0


def faded(apart: timedelta) -> float:
    """Return the share of likeness that is left after a time: 1 at once, .61 after three days, .07 after a week."""
    return math.exp(-float((apart / FADE) ** 2) / 2)


def heaviest(weights: Mapping[str, float]) -> dict[str, float]:
    """Return the heaviest words of a story, at most `MOST_WEIGHTS`."""
    if len(weights) <= MOST_WEIGHTS:
        return dict(weights)
    kept = sorted(weights, key=lambda word: (-weights[word], word))[:MOST_WEIGHTS]
    return {word: weights[word] for word in kept}
