"""Backtest: what a changed rule would have matched among articles that came; nothing is sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from watcher.core.matching.engine import RuleSet
from watcher.core.model.article import Article
from watcher.core.model.ids import RuleId


@dataclass(frozen=True, slots=True)
class Replay:
    """What a rule matches of `read` articles in both of its forms: `same` in number, `lost` only as it was, `gained`
    only as changed; in the order of the articles.
    """

    read: int
    same: int
    lost: tuple[Article, ...] = ()
    gained: tuple[Article, ...] = ()

    @property
    def before(self) -> int:
        """How many articles the rule matches as it was."""
        return self.same + len(self.lost)

    @property
    def after(self) -> int:
        """How many articles the rule matches as changed."""
        return self.same + len(self.gained)


def replay(before: RuleSet, after: RuleSet, rule: RuleId, articles: Iterable[Article]) -> Replay:
    """Return what `rule` of one rule set, and of another, matches of articles.

    A rule that is in only one of the two matches nothing in the other.
    """
    lost: list[Article] = []
    gained: list[Article] = []
    read = same = 0
    for article in articles:
        read += 1
        was, now = fires(before, rule, article), fires(after, rule, article)
        same += was and now
        if was and not now:
            lost.append(article)
        elif now and not was:
            gained.append(article)
    return Replay(read, same, tuple(lost), tuple(gained))


def fires(rules: RuleSet, rule: RuleId, article: Article) -> bool:
    """Say whether a rule of a rule set fires on an article."""
    return any(match.rule == rule for match in rules.match(article)[0])
