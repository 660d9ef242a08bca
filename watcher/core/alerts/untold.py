"""What an article that was only noted (by a first poll, or because it was too old) says later, and did not say then."""

from __future__ import annotations

from collections.abc import Sequence

from watcher.core.model.article import Article
from watcher.core.model.claim import Change
from watcher.core.stories.claims import changes, claims_of
from watcher.core.stories.later_texts import another_event, new_facts, restated


def new_in(article: Article, before: Article, fresh: Sequence[str]) -> Change | None:
    """Return a fact that a later text has and the text before had not, None where it says the same in other words.

    `fresh` are the sentences of its lead on which the rule fires and that were not there before.

        "Dellbrook blast kills 3", listed by the first poll, then "Dellbrook blast kills 9"  ->  dead 3 → 9
    """
    found = changes(claims_of(article), [claims_of(before)])
    return (
        next(iter(found), None)
        or restated(article, [before], [before.title])
        or another_event(article.title, [before])
        or new_facts(article, [before], fresh)
    )
