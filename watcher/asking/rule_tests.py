"""Examples beside rules, for verbs: which are met, and what a rule makes of those that are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from watcher.asking.configured import load_rules
from watcher.asking.explanations import render_explanation
from watcher.core.lint.rule_tests import Differs
from watcher.core.model.rule_test import RuleTest
from watcher.errors import ConfigError
from watcher.reading.rule_tests import example_problems, failed_tests, headline
from watcher.settings.configuration import Configuration
from watcher.settings.env import Settings
from watcher.settings.issues import did_you_mean
from watcher.settings.phrases import counted, short
from watcher.settings.problems import Problem, render
from watcher.telemetry.logging import printable
from watcher.telling.json_forms import explanation_json


@dataclass(frozen=True, slots=True)
class RuleTestRun:
    """The examples that were run, in the order written, those of them that are not met, and what is wrong with files
    of examples. `differing` are those that are not met, as problems of their lines.
    """

    tests: tuple[RuleTest, ...]
    failed: tuple[Differs, ...]
    rules: int
    problems: tuple[Problem, ...] = ()
    differing: tuple[Problem, ...] = ()

    @property
    def is_well(self) -> bool:
        """Return whether all is as the examples say, and could be read."""
        return not self.failed and not any(problem.is_error for problem in self.problems)


def run_tests(settings: Settings, wanted: Sequence[str]) -> RuleTestRun:
    """Run the examples of some rules, of all where none is named.

    Raises:
        ConfigError: the configuration has mistakes, or there is no such rule.
    """
    loaded = load_rules(settings.config, settings)
    if loaded.configuration is None:
        raise ConfigError(f"the configuration has mistakes\n{render(loaded.problems)}")
    configuration = loaded.configuration
    named = {_id(name, configuration) for name in wanted}
    failed = failed_tests(configuration)
    tests = [test for test in configuration.tests if not wanted or test.rule in named]
    mine = [one for one in failed if not wanted or one.test.rule in named]
    count = len(named) if wanted else len(configuration.rules)
    differing = tuple(example_problems(mine, configuration, settings.config))
    return RuleTestRun(tuple(tests), tuple(mine), count, loaded.examples, differing)


def render_run(run: RuleTestRun, *, color: bool) -> str:
    """Return it as lines for a terminal: each example that is not met, what the rule makes of it, and the counts."""
    lines: list[str] = []
    for one in run.failed:
        lines += [f"{one.test.place}  {printable(headline(one))} {one.said()}"]
        lines += [
            f"  {line}" for line in render_explanation(one.explanation, one.test.article, color=color).split("\n")
        ]
        lines.append("")
    if not run.tests:
        which = "the rule has" if run.rules == 1 else "no rule has"
        return f"{which} no examples" if run.rules == 1 else _NONE
    with_tests = len({test.rule for test in run.tests})
    said = "all as they say" if not run.failed else f"{len(run.failed)} not as they say"
    return "\n".join([*lines, f"{counted(len(run.tests), 'example')} of {counted(with_tests, 'rule')}: {said}"])


_NONE = (
    "no rule has examples yet; write some beside a rule:\n"
    "    tests:\n"
    '      - {text: "a headline that it must find", expect: match}\n'
    '      - {text: "one that only looks like it", expect: no_match}'
)


def tests_as_mappings(run: RuleTestRun) -> list[Mapping[str, Any]]:
    """Return the examples as JSON objects, one each."""
    failed = {id(one.test): one for one in run.failed}
    return [_as_mapping(test, failed.get(id(test))) for test in run.tests]


def _as_mapping(test: RuleTest, failed: Differs | None) -> Mapping[str, Any]:
    return {
        "rule": test.rule,
        "file": test.place.file,
        "line": test.place.line,
        "title": test.article.title,
        "expect": "match" if test.fires else "no_match",
        "severity": test.severity.word if test.severity is not None else None,
        "ok": failed is None,
        "holds_back": test.holds_back,
        "explanation": explanation_json(failed.explanation, ()) if failed is not None else None,
    }


def _id(name: str, configuration: Configuration) -> str:
    found = next((rule.id for rule in configuration.rules if name in (rule.id, rule.name)), None)
    if found is not None:
        return found
    if name in configuration.channels:
        raise ConfigError(f"{short(name)} is a channel; to try it: watcher notify test {short(name)}")
    hint = did_you_mean(name, [rule.id for rule in configuration.rules])
    raise ConfigError(f"no rule is called {short(name)}{f'; {hint}' if hint else ''}")
