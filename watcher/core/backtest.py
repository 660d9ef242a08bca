"""Backtest: what a changed rule would have matched among articles that came; nothing is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from watcher.core.matching.engine import RuleSet
from watcher.core.model.article import Article
from watcher.core.model.ids import RuleId


@dataclass(frozen=True, slots=True)
class BothForms:
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


def replay(before: RuleSet, after: RuleSet, rule: RuleId, articles: Iterable[Article]) -> BothForms:
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
    return BothForms(read, same, tuple(lost), tuple(gained))


def replays(
    before: RuleSet, after: RuleSet, renames: Mapping[RuleId, RuleId], articles: Iterable[Article]
) -> Mapping[RuleId, BothForms]:
    """Return what each rule of two rule sets matches of articles, by the id that it has in the later one.

    A rule that is in only one of them matches nothing in the other; `renames` says what earlier ids are now.
    """
    names = {rule: renames.get(rule, rule) for rule in before.ids()}
    lost: dict[RuleId, list[Article]] = {rule: [] for rule in (*names.values(), *after.ids())}
    gained: dict[RuleId, list[Article]] = {rule: [] for rule in lost}
    same = dict.fromkeys(lost, 0)
    read = 0
    for article in articles:
        read += 1
        was = {names[match.rule] for match in before.match(article)[0]}
        now = {match.rule for match in after.match(article)[0]}
        for rule in was | now:
            if rule in was and rule in now:
                same[rule] += 1
            else:
                (lost if rule in was else gained)[rule].append(article)
    return {rule: BothForms(read, same[rule], tuple(lost[rule]), tuple(gained[rule])) for rule in lost}


def fires(rules: RuleSet, rule: RuleId, article: Article) -> bool:
    """Say whether a rule of a rule set fires on an article."""
    return any(match.rule == rule for match in rules.match(article)[0])
