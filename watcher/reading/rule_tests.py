"""Runs the examples that stand beside rules, with the engine that matches articles, and says which are not met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from watcher.core.model.rule_test import RuleTest
from watcher.lexicon.extras import compile_with_extras
from watcher.settings.configuration import Configuration
from watcher.settings.load import example_files
from watcher.settings.phrases import short
from watcher.settings.problems import Problem, Source

if TYPE_CHECKING:
    from watcher.core.lint.rule_tests import Differs


def failed_tests(configuration: Configuration) -> tuple[Differs, ...]:
    """Return the examples that the rules do not answer as they say, in the order written; those of paused rules are
    run too.

    Only rules with examples are compiled. Blocks.
    """
    if not configuration.tests:
        return ()
    from watcher.core.lint.rule_tests import differing, rules_with_tests  # noqa: PLC0415 - the engine takes its time

    wanted = rules_with_tests(configuration.tests)
    rules = tuple(rule for rule in configuration.rules if rule.id in wanted)
    return differing(compile_with_extras(replace(configuration.rule_source(0), rules=rules)), configuration.tests)


def failed_again(failed: Sequence[Differs], before: Configuration) -> frozenset[RuleTest]:
    """Return those of the failed examples that stood beside the rules of a configuration in force, and that these did
    not meet either; none of rules that are held back in it. Blocks.
    """
    from watcher.core.lint.rule_tests import differing  # noqa: PLC0415 - as above

    stood = set(before.tests)
    asked = [one.test for one in failed if one.test in stood and one.test.rule not in before.held]
    ids = {test.rule for test in asked}
    rules = tuple(rule for rule in before.rules if rule.id in ids)
    if not rules:
        return frozenset()
    compiled = compile_with_extras(replace(before.rule_source(0), rules=rules))
    return frozenset(one.test for one in differing(compiled, asked))


def example_problems(
    failed: Sequence[Differs], configuration: Configuration, directory: Path | None = None
) -> tuple[Problem, ...]:
    """Return a mistake for each example that is not met, or a warning where it holds nothing back.

    `directory` is where files of examples are read.
    """
    if not failed:
        return ()
    texts = dict(configuration.files) | (example_files(directory)[0] if directory is not None else {})
    sources: dict[str, Source] = {}
    found = []
    for one in failed:
        file = one.test.place.file
        source = sources.setdefault(file, Source(file, texts.get(file, "")))
        found.append(
            source.problem(
                one.test.place,
                f"rule {one.test.rule}: {headline(one)} {one.said()}",
                level="error" if one.test.holds_back else "warning",
                hint=why(one),
            )
        )
    return tuple(found)


def headline(one: Differs) -> str:
    """Return the text of an example as it is named in a sentence."""
    article = one.test.article
    return f'"{short(article.title or article.summary or article.content.partition(chr(10))[0])}"'


def why(one: Differs) -> str:
    """Return in a few words what decided: what stopped the rule, or by which words it fired."""
    from watcher.telling.explained import tell  # noqa: PLC0415 - as above

    words = tell(one.explanation, one.test.article)
    if not one.explanation.matched:
        return words.stop.strip() or words.verdict
    return "; ".join(f"{group.label}: {group.said}" for group in words.groups)
