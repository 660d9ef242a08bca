"""How frequent words are, counted from articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from watcher.core.articles.words import folded_words

_FEWEST_TEXTS = 200
"""With fewer texts a share says little."""

_LEAST_SHARE = 0.005


def word_shares(texts: Iterable[str]) -> Mapping[str, float] | None:
    """Return the share of texts that hold each folded word, 0 to 1, or None when the texts are too few to tell.

    Words in fewer than one of 200 texts are left out.
    """
    counts: Counter[str] = Counter()
    total = 0
    for text in texts:
        counts.update(set(folded_words(text)))
        total += 1
    if total < _FEWEST_TEXTS:
        return None
    return {word: count / total for word, count in counts.items() if count >= _LEAST_SHARE * total}
