"""What else matched a rule lately: the articles whose publishers a raise counts, and whether a match is the first one."""

from __future__ import annotations

from watcher.core.matching.trends import in_words
from watcher.core.model.alert import JudgeContext, Member
from watcher.core.model.ids import ArticleId, RuleId
from watcher.core.model.match import Match


class Lately:
    """The articles of each rule that asks for them, in order of arrival; grows while a reading is judged."""

    def __init__(self, context: JudgeContext) -> None:
        self._members: dict[RuleId, dict[ArticleId, Member]] = {
            rule: {member.article.id: member for member in members} for rule, members in context.recent.items()
        }
        self._seen: dict[RuleId, list[ArticleId]] = {rule: list(ids) for rule, ids in context.seen.items()}

    def add(self, match: Match, member: Member) -> tuple[Member, ...]:
        """Note a match; return the articles of its rule with this one, or nothing when the rule does not ask for them."""
        if match.unseen_for is not None:
            self._seen.setdefault(match.rule, []).append(member.article.id)
        if match.sources_within is None:
            return ()
        members = self._members.setdefault(match.rule, {})
        members.setdefault(member.article.id, member)
        return tuple(members.values())

    def seen_before(self, match: Match, article: ArticleId) -> str:
        """Return why a match is not the first one, when its rule wants only that; else ""."""
        if match.unseen_for is None:
            return ""
        other = next((id_ for id_ in self._seen.get(match.rule, ()) if id_ != article), None)
        return "" if other is None else f"not the first in {in_words(match.unseen_for)}: {other} matched before"
