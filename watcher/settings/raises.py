"""Reads `raise` of a rule: severities, each with what must hold for it."""

from __future__ import annotations

from collections.abc import Sequence

from watcher.core.model.rule import AllOf, Independent, Raise, Severity
from watcher.settings.conditions import ConditionReader
from watcher.settings.issues import Issues
from watcher.settings.models import ModelReader
from watcher.settings.schema import RaiseModel, SourcesModel
from watcher.settings.yaml_text import ListNode, MapNode, YamlNode

_SOURCES = ("sources", "within")
_SHAPE = "write `- {severity: high, when: {title_or_lead: [a, b]}}`"


class RaiseReader:
    """Reads the raises of rules; mistakes are noted and the raise left out."""

    def __init__(self, issues: Issues, models: ModelReader) -> None:
        self._issues = issues
        self._models = models

    def read(self, node: YamlNode, conditions: ConditionReader) -> tuple[Raise, ...]:
        """Return the raises in the order written; `conditions` reads within the scope of the rule."""
        nodes: Sequence[YamlNode] = node.items if isinstance(node, ListNode) else (node,)
        if not nodes:
            self._issues.warn(node, "`raise` is an empty list", hint=f"{_SHAPE}, or delete the key")
        return tuple(found for item in nodes if (found := self._one(item, conditions)) is not None)

    def warn_of_idle(self, raises: Sequence[Raise], own: Severity) -> None:
        """Note raises to a severity that the rule has without them."""
        for one in raises:
            if one.severity <= own:
                self._issues.warn(
                    one.place,
                    f"this raise changes nothing: the rule is {own.word} already",
                    hint="give the rule a lower `severity`, or the raise a higher one",
                )

    def _one(self, node: YamlNode, conditions: ConditionReader) -> Raise | None:
        if not isinstance(node, MapNode):
            self._issues.error(node, "a raise is a mapping", hint=_SHAPE)
            return None
        before = self._issues.errors()
        model, _ = self._models.read(node, RaiseModel, "raise", "a raise")
        when = node.get("when")
        if model is None or when is None:
            return None
        raised = self._when(model.severity, when, conditions, node)
        return raised if self._issues.errors() == before else None

    def _when(self, severity: Severity, when: YamlNode, conditions: ConditionReader, node: MapNode) -> Raise:
        if not isinstance(when, MapNode):
            found = conditions.items(when, "when")
            return Raise(severity, found[0] if len(found) == 1 else AllOf(found), place=node.place)
        counted = tuple(pair for pair in when.pairs if pair[0].text in _SOURCES)
        others = tuple(pair for pair in when.pairs if pair[0].text not in _SOURCES)
        sources = self._sources(MapNode(counted, when.place)) if counted else None
        if not when.pairs:
            self._issues.error(when, "`when` is empty", hint=_SHAPE)
        condition = conditions.one(MapNode(others, when.place)) if others else None
        return Raise(severity, condition, sources, node.place)

    def _sources(self, node: MapNode) -> Independent | None:
        model, _ = self._models.read(node, SourcesModel, "sources", "a raise that counts sources")
        if model is None:
            return None
        return Independent(model.sources, model.within)
