"""Whether a match is the first one of its rule in the time that the rule asks for."""

from __future__ import annotations

from watcher.core.matching.trends import in_words
from watcher.core.model.alert import JudgeContext
from watcher.core.model.ids import ArticleId, RuleId
from watcher.core.model.match import Match


class Lately:
    """What matched each rule that wants first matches only, in order of arrival; grows while a reading is judged."""

    def __init__(self, context: JudgeContext) -> None:
        self._seen: dict[RuleId, list[ArticleId]] = {rule: list(ids) for rule, ids in context.seen.items()}

    def add(self, match: Match, article: ArticleId) -> None:
        """Note a match."""
        if match.unseen_for is not None:
            self._seen.setdefault(match.rule, []).append(article)

    def seen_before(self, match: Match, article: ArticleId) -> str:
        """Return why a match is not the first one, when its rule wants only that; else ""."""
        if match.unseen_for is None:
            return ""
        other = next((id_ for id_ in self._seen.get(match.rule, ()) if id_ != article), None)
        return "" if other is None else f"not the first in {in_words(match.unseen_for)}: {other} matched before"
