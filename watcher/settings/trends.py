"""Reads rules over time: `volume`, `spike`, `quiet_source` and `first_seen`, each the whole body of a rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from watcher.core.model.durations import in_words
from watcher.core.model.ids import RuleId
from watcher.core.model.place import Place
from watcher.core.model.policy import FeedSpec, Keep
from watcher.core.model.rule import AnyOf, FirstSeen, Node, QuietSource, Rule, Spike, Trend, Volume
from watcher.settings.conditions import ConditionReader
from watcher.settings.issues import Issues
from watcher.settings.phrases import short
from watcher.settings.schema import RuleModel
from watcher.settings.yaml_text import MapNode, YamlNode

TRENDS: Final = ("volume", "spike", "quiet_source", "first_seen")
_BODY: Final = ("query", "all", "any", "near", "onear", "atleast", "sentence", "paragraph", "first", "title_or_lead")
_ON_ARTICLES: Final = ("use", "none", "except", "where", "stem", "raise")


def trend_key(node: MapNode) -> str:
    """Return the key that makes a rule one over time, "" for a rule on articles."""
    return next((key.text for key, _ in node.pairs if key.text in TRENDS), "")


class TrendReader:
    """Reads rules over time and remembers what they point to, so that it can be checked when all rules and feeds are
    known.
    """

    def __init__(self, issues: Issues) -> None:
        self._issues = issues
        self._pointers: dict[RuleId, YamlNode] = {}

    def check_keys(self, node: MapNode, trend: str) -> None:
        """Note the keys that have no place beside `trend`."""
        beside = _BODY if trend == "first_seen" else (*_BODY, *_ON_ARTICLES)
        for key, _ in node.pairs:
            if key.text in beside or (key.text in TRENDS and key.text != trend):
                hint = "write two rules" if key.text in (*_BODY, *TRENDS) else "it looks at no article; remove the key"
                self._issues.error(
                    key, f"`{trend}` is the whole body of a rule, `{key.text}` cannot stand beside it", hint=hint
                )

    def read(
        self, node: MapNode, model: RuleModel, rule: RuleId, conditions: ConditionReader
    ) -> tuple[Trend | None, Node]:
        """Return what the rule waits for, and its condition on an article (AnyOf nothing unless it is `first_seen`)."""
        name = trend_key(node)
        inner = node.get(name)
        assert isinstance(inner, MapNode)  # the model has checked it
        pointer = inner.get("of") or inner.get("feed")
        if pointer is not None:
            self._pointers[rule] = pointer
        if model.first_seen is not None:
            term = inner.get("term")
            items = conditions.items(term, "term") if term is not None else ()
            return FirstSeen(model.first_seen.since), items[0] if len(items) == 1 else AnyOf(items)
        if model.spike is not None and model.spike.baseline < model.spike.window:
            at = inner.get("baseline") or inner
            self._issues.error(at, "`baseline` is shorter than `window`", hint="write `baseline: 14d`")
        return _counting(model), AnyOf(())

    def settle(
        self, rules: Sequence[Rule], names: Mapping[RuleId, RuleId], feeds: Sequence[FeedSpec] | None, keep: Keep
    ) -> tuple[Rule, ...]:
        """Return the rules, those over time pointing to rules by the ids of today; `feeds` None = not checked.

        `names` are those that silences.names_of gives.
        """
        by_id = {rule.id: rule for rule in rules}
        return tuple(self._settled(rule, by_id, names, feeds, keep) for rule in rules)

    def _settled(
        self,
        rule: Rule,
        rules: Mapping[RuleId, Rule],
        names: Mapping[RuleId, RuleId],
        feeds: Sequence[FeedSpec] | None,
        keep: Keep,
    ) -> Rule:
        at: YamlNode | Place = self._pointers.get(rule.id, rule.place)
        match rule.trend:
            case Volume() | Spike():
                return replace(rule, trend=replace(rule.trend, of=self._counted(rule, rule.trend.of, rules, names, at)))
            case QuietSource():
                known = [feed.name for feed in feeds] if feeds is not None else [rule.trend.feed]
                if rule.trend.feed not in known:
                    hint = self._issues.did_you_mean(rule.trend.feed, known)
                    self._issues.error(at, f"there is no feed `{short(rule.trend.feed)}`", hint=hint)
            case FirstSeen():
                if rule.trend.since > keep.articles:
                    self._issues.warn(
                        rule.place,
                        f"rule {rule.id} looks back farther than articles are kept ({in_words(keep.articles)})",
                        hint="write a shorter `since`, or a longer `keep.articles`",
                    )
            case None:
                pass
        return rule

    def _counted(
        self,
        rule: Rule,
        of: RuleId,
        rules: Mapping[RuleId, Rule],
        names: Mapping[RuleId, RuleId],
        at: YamlNode | Place,
    ) -> RuleId:
        found = names.get(of)
        if found is None:
            self._issues.error(
                at, f"there is no rule `{short(of)}`", hint=self._issues.did_you_mean(of, set(names.values()))
            )
            return of
        counted = rules.get(found)
        if counted is not None and counted.trend is not None and not isinstance(counted.trend, FirstSeen):
            self._issues.error(at, f"rule {found} has no stories to count", hint="name a rule that looks at articles")
        return found


def _counting(model: RuleModel) -> Trend | None:
    if model.volume is not None:
        return Volume(RuleId(model.volume.of), model.volume.stories, model.volume.within)
    if model.spike is not None:
        spike = model.spike
        return Spike(RuleId(spike.of), spike.window, spike.baseline, spike.ratio, spike.at_least)
    if model.quiet_source is not None:
        return QuietSource(model.quiet_source.feed, model.quiet_source.longer_than)
    return None
