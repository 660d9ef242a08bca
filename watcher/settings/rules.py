"""Reads `rules` into Rules: ids, the scope of concepts, one body out of several conditions."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import regex

from watcher.core.language.query import split_excluded
from watcher.core.model.ids import ChannelName, RuleId
from watcher.core.model.policy import FeedSpec, Keep
from watcher.core.model.rule import AllOf, AnyOf, Limit, Node, Raise, Rule, Term, Where
from watcher.settings.concepts import ConceptBook, library_names
from watcher.settings.conditions import ConditionReader, Scope, stem_word, warn_of_stem
from watcher.settings.configuration import Defaults
from watcher.settings.issues import Issues
from watcher.settings.models import ModelReader
from watcher.settings.phrases import short
from watcher.settings.queries import read_query_node
from watcher.settings.raises import RaiseReader
from watcher.settings.rule_tests import RuleTestReader
from watcher.settings.schema import LimitModel, RuleModel, WhereModel
from watcher.settings.timing import limit_of
from watcher.settings.trends import TrendReader, trend_key
from watcher.settings.yaml_text import ListNode, MapNode, ScalarNode, YamlNode

_BODY = ("any", "title_or_lead", "near", "onear", "atleast", "sentence", "paragraph", "first")
_NOT_IN_SLUG = regex.compile(r"[^\p{L}\p{M}\p{N}]+")


def _limit(written: LimitModel | None) -> Limit | None:
    if written is None:
        return Limit()
    return limit_of(written)


def slug(name: str) -> str:
    """Return the id that a name gives: lower case, letters and digits of any script, `-` between words; "" when none
    are left.
    """
    return str(_NOT_IN_SLUG.sub("-", unicodedata.normalize("NFKC", name).casefold())).strip("-")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a rule asks of an article: its condition, what must not be there, the words that do not count, the
    raises.
    """

    body: Node
    none: tuple[Node, ...]
    excepts: tuple[Term, ...]
    raises: tuple[Raise, ...]


class RuleReader:
    """Reads rules one by one and keeps their ids apart."""

    def __init__(self, issues: Issues, models: ModelReader, book: ConceptBook, defaults: Defaults) -> None:
        self._issues = issues
        self._models = models
        self._book = book
        self._severity = defaults.severity
        self._gather = defaults.gather
        self._ids: dict[RuleId, YamlNode] = {}
        self._raises = RaiseReader(issues, models)
        self._trends = TrendReader(issues)
        self.tests = RuleTestReader(issues, models)

    def read_all(self, nodes: Sequence[YamlNode]) -> tuple[Rule, ...]:
        """Return the rules in the order written; those with mistakes are left out."""
        rules = tuple(rule for node in nodes if (rule := self._rule(node)) is not None)
        claimed: dict[RuleId, Rule] = {}
        for rule in rules:
            for old in rule.was:
                other = claimed.setdefault(old, rule)
                if other.id != rule.id:
                    said = f"rules {other.id} and {rule.id} both say that they were `{short(old)}`"
                    self._issues.error(rule.place, said, hint=f"the other is at {other.place}; keep one")
                if old in self._ids and old != rule.id:
                    hint = f"`was` names an id that is gone; the rule is at {self._ids[old].place}"
                    self._issues.error(
                        rule.place, f"rule {rule.id} says it was `{old}`, but that rule still exists", hint=hint
                    )
        return rules

    def settle(
        self, rules: Sequence[Rule], names: Mapping[RuleId, RuleId], feeds: Sequence[FeedSpec] | None, keep: Keep
    ) -> tuple[Rule, ...]:
        """Return the rules with those over time checked against the others; see TrendReader.settle."""
        return self._trends.settle(rules, names, feeds, keep)

    @property
    def ids(self) -> frozenset[RuleId]:
        """The ids of all rules, of those with mistakes too."""
        return frozenset(self._ids)

    def _rule(self, node: YamlNode) -> Rule | None:
        if not isinstance(node, MapNode):
            self._issues.error(node, "a rule is a mapping", hint="write `- name: ...` and its conditions below it")
            return None
        name = node.get("name")
        what = f"rule {short(name.text)}" if isinstance(name, ScalarNode) and name.text else "a rule"
        model, _ = self._models.read(node, RuleModel, "rule", what)
        rule_id = self._id(node)
        used = self._use(node.get("use"))
        reader = ConditionReader(
            self._issues, Scope(self._book.own_names() | used if used else self._book.own_names(), library_names())
        )
        # The conditions are read even when a key beside them is wrong, so that their mistakes come out in the same run.
        trend = trend_key(node)
        if trend:
            self._trends.check_keys(node, trend)
        asked = self._asked(node, reader, has_body=not trend)
        if model is None or rule_id is None:
            return None
        self._warn_of_languages(used, model.where, node)
        has_text = not trend or model.first_seen is not None
        is_held = model.failing_tests == "hold"
        self.tests.read(node.get("tests"), rule_id, holds_back=is_held, looks_at_articles=has_text)
        severity = model.severity or self._severity
        self._raises.warn_of_idle(asked.raises, severity)
        over_time, body = self._trends.read(node, model, rule_id, reader) if trend else (None, asked.body)
        return Rule(
            id=rule_id,
            name=model.name,
            body=body,
            none=asked.none,
            excepts=asked.excepts,
            where=Where(model.where.lang, model.where.feeds, model.where.tags, model.where.sources, model.where.sites),
            severity=severity,
            send_to=tuple(ChannelName(target) for target in dict.fromkeys(model.send_to)),
            stem=self._stem(model, node),
            was=tuple(RuleId(old) for old in model.was),
            place=node.place,
            raises=asked.raises,
            trend=over_time,
            quiet_lint=model.quiet_lint,
            follow_ups=model.follow_ups,
            limit=_limit(model.limit),
            is_paused=model.paused,
            gather=self._gather if model.gather is None else model.gather,
            look_back=model.look_back,
            label=model.label,
        )

    def _asked(self, node: MapNode, reader: ConditionReader, *, has_body: bool) -> _Asked:
        none, excepts, raising = _written(node, "none"), _written(node, "except"), _written(node, "raise")
        body, outer = split_excluded(self._body(node, reader)) if has_body else (AnyOf(()), ())
        raises = self._raises.read(raising, reader) if raising is not None else ()
        excluded = (*outer, *(reader.items(none, "none") if none is not None else ()))
        masked = self._book.plain_terms(reader.terms(excepts, "except")) if excepts is not None else ()
        return _Asked(body, excluded, masked, raises)

    def _id(self, node: MapNode) -> RuleId | None:
        written, name = _written(node, "id"), _written(node, "name")
        at = written or name
        if not isinstance(at, ScalarNode):
            return None  # said by the model already
        rule_id = RuleId(at.text if written is not None else slug(at.text))
        if not rule_id:
            self._issues.error(at, "this name has no letters to make an id of", hint="add `id: some-word`")
            return None
        if rule_id in self._ids:
            hint = f"first at {self._ids[rule_id].place}; rename one"
            self._issues.error(at, f"two rules have the id `{short(rule_id)}`", hint=hint)
            return None
        self._ids[rule_id] = at
        return rule_id

    def _use(self, node: YamlNode | None) -> frozenset[str]:
        items = node.items if isinstance(node, ListNode) else (node,)
        names = [self._book.use(item.text, item) for item in items if isinstance(item, ScalarNode)]
        return frozenset(name for name in names if name is not None)

    def _stem(self, model: RuleModel, node: MapNode) -> str:
        stem = stem_word(model.stem) if model.stem else ""
        if stem is None:
            self._issues.error(node.get("stem") or node, "`stem` is true, false or a language", hint="write `stem: en`")
        elif stem:
            warn_of_stem(self._issues, node.get("stem") or node, stem)
        return stem or ""

    def _body(self, node: MapNode, reader: ConditionReader) -> Node:
        """Return the one condition that all keys together make; AnyOf nothing, which never holds, when there is
        none.
        """
        found: list[Node] = []
        query = _written(node, "query")
        if query is not None:
            self._refuse_beside_query(node)
            tree = read_query_node(query, reader, self._issues)
            return AnyOf(()) if tree is None else tree
        for key, value in node.pairs:
            if _written(node, key.text) is None:
                continue
            if key.text == "all":
                found += reader.items(value, "all")
            elif key.text in _BODY:
                inner = reader.operator(key.text, value)
                if inner is not None:
                    found.append(inner)
        if not found:
            return AnyOf(())
        return found[0] if len(found) == 1 else AllOf(tuple(found))

    def _refuse_beside_query(self, node: MapNode) -> None:
        for key, _ in node.pairs:
            if key.text in ("all", "none", *_BODY):
                hint = "write NOT in the query" if key.text == "none" else "write it in the query, or delete `query`"
                self._issues.error(key, f"`{key.text}` cannot stand beside `query`", hint=hint)

    def _warn_of_languages(self, used: frozenset[str], where: WhereModel, node: MapNode) -> None:
        if where.lang is None or where.lang.negated:
            return
        for name in sorted(used):
            missing = self._book.missing_languages(name, where.lang.values)
            if missing:
                at = node.key("where") or node
                self._issues.warn(at, f"concept {name} has no terms of its own in {', '.join(missing)}")


def _written(node: MapNode, key: str) -> YamlNode | None:
    """Return the value of a key, or None when it is absent or empty (which the model complains about)."""
    value = node.get(key)
    return None if isinstance(value, ScalarNode) and value.is_empty else value
