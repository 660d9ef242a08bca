"""Reads `tests`: the examples beside a rule, and those of the files in `tests/`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from watcher.core.articles.of_text import article_of_text
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule_test import RuleTest
from watcher.settings.issues import Issues
from watcher.settings.models import ModelReader, unknown_key
from watcher.settings.phrases import short
from watcher.settings.schema import RuleTestModel
from watcher.settings.yaml_text import ListNode, MapNode, Parsed, ScalarNode, YamlNode

MOST_OF_A_RULE: Final = 200
MOST: Final = 2000
"""All examples are run at each reload."""

_SHAPE: Final = "write `- {text: ..., expect: match}`"
_TEXTS: Final = ("title", "summary", "content")
_SECTION: Final = "tests"


class RuleTestReader:
    """Reads examples one by one; mistakes are noted and the example left out."""

    def __init__(self, issues: Issues, models: ModelReader, only_told: Collection[RuleId] = ()) -> None:
        self._issues = issues
        self._models = models
        self._found: list[RuleTest] = []
        self._counts: Counter[RuleId] = Counter()
        self._only_told = set(only_told)
        self._is_full = False

    @property
    def found(self) -> tuple[RuleTest, ...]:
        """The examples read so far, in the order written."""
        return tuple(self._found)

    @property
    def only_told(self) -> frozenset[RuleId]:
        """The rules whose failing examples hold nothing back."""
        return frozenset(self._only_told)

    def read(self, node: YamlNode | None, rule: RuleId, *, holds_back: bool, looks_at_articles: bool = True) -> None:
        """Take the examples beside a rule, if it has some."""
        if not holds_back:
            self._only_told.add(rule)
        if node is None or (isinstance(node, ScalarNode) and node.is_empty):
            return
        if not looks_at_articles:
            self._issues.error(node, f"rule {rule} counts over time and looks at no text", hint="delete `tests`")
            return
        for item in self._items(node):
            self._one(item, rule)

    def read_files(self, files: Sequence[Parsed], rules: Mapping[RuleId, RuleId]) -> None:
        """Take the examples of files of `tests/`; `rules` gives the id of each by that and by earlier ones."""
        for file in files:
            if file.root is None:
                continue
            if not isinstance(file.root, MapNode):
                hint = "begin with `tests:`, and a list below it"
                self._issues.error(file.root, "a file of examples is a mapping", hint=hint)
                continue
            for key, value in file.root.pairs:
                if key.text != _SECTION:
                    unknown_key(self._issues, key, "", "a file of examples", (_SECTION,))
                elif not (isinstance(value, ScalarNode) and value.is_empty):
                    for item in self._items(value):
                        self._of_a_file(item, rules)

    def _of_a_file(self, node: YamlNode, rules: Mapping[RuleId, RuleId]) -> None:
        named = node.get("rule") if isinstance(node, MapNode) else None
        if isinstance(node, MapNode) and not isinstance(named, ScalarNode):
            self._issues.error(node, "an example in a file of its own needs `rule`", hint="write the id of the rule")
            return
        rule = RuleId(named.text) if isinstance(named, ScalarNode) else RuleId("")
        if named is not None and rule not in rules:
            # Removing a rule is no mistake, and its examples are worth keeping for a while.
            hint = self._issues.did_you_mean(rule, rules.keys()) or "delete its examples, or name another"
            self._issues.warn(named, f"there is no rule `{short(rule)}`: this example is not run", hint=hint)
            return
        self._one(node, rules.get(rule, rule), names_rule=True)

    def _items(self, node: YamlNode) -> Sequence[YamlNode]:
        if isinstance(node, MapNode):
            return (node,)
        if isinstance(node, ListNode):
            return node.items
        self._issues.error(node, "`tests` is a list", hint=_SHAPE)
        return ()

    def _one(self, node: YamlNode, rule: RuleId, *, names_rule: bool = False) -> None:
        if not isinstance(node, MapNode):
            self._issues.error(node, "an example says what is expected", hint=_SHAPE)
            return
        if not names_rule and (key := node.key("rule")) is not None:
            self._issues.error(key, "an example beside a rule is of that rule", hint="delete `rule`")
            return
        before = self._issues.errors()
        model, _ = self._models.read(node, RuleTestModel, "test", "an example")
        if model is None:
            return
        self._check(node, model)
        self._count(node, rule)
        if self._issues.errors() == before and not self._is_full:
            fires = model.expect == "match"
            holds_back = rule not in self._only_told
            self._found.append(RuleTest(rule, _article(model), fires, model.severity, holds_back, node.place))

    def _check(self, node: MapNode, model: RuleTestModel) -> None:
        others = next((key for name in _TEXTS if (key := node.key(name)) is not None), None)
        if model.text and others is not None:
            hint = "the first line of `text` is the title and the rest the content"
            self._issues.error(others, f"`{others.text}` cannot stand beside `text`", hint=hint)
        elif not model.text and others is None:
            self._issues.error(node, "an example has no text", hint="write `text: ...`, such as a headline")
        if model.severity is not None and model.expect == "no_match":
            at = node.key("severity") or node
            self._issues.error(at, "what does not match has no severity", hint="delete `severity`")

    def _count(self, node: MapNode, rule: RuleId) -> None:
        self._counts[rule] += 1
        hint = f"keep the {MOST_OF_A_RULE} that tell most: all are run at each reload"
        if self._counts[rule] == MOST_OF_A_RULE + 1:
            self._issues.error(node, f"rule {rule} has more than {MOST_OF_A_RULE} examples", hint=hint)
        elif len(self._found) == MOST and not self._is_full:
            self._is_full = True
            self._issues.error(node, f"there are more than {MOST:,} examples", hint="all are run at each reload")


def _article(model: RuleTestModel) -> Article:
    title, _, rest = model.text.strip().partition("\n")
    base = Article(
        ArticleId(""),
        FeedId(""),
        url=model.url,
        author=model.author,
        tags=model.tags,
        source=model.source,
        feed_name=model.feed,
    )
    lang = model.lang.lower() if model.lang is not None else ""
    return article_of_text(model.title or title, model.summary, model.content or rest, lang, base=base)
