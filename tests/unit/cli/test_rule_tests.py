"""`watcher test` and `watcher check` run the examples beside the rules."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from watcher.cli import check
from watcher.cli import test as verb
from watcher.errors import ConfigError

RULES = """defaults: {zone: UTC}
channels: {desk: {type: file, path: desk.jsonl}}
rules:
  - name: Shells
    any: [shells]
    tests:
      - {text: Shells arrive, expect: match}
      - {text: Pearls arrive, expect: match}
  - {name: Drones, any: [drones]}
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    return str(tmp_path)


def test_what_differs_is_shown_with_what_the_rule_makes_of_it(config: str) -> None:
    result = CliRunner().invoke(verb.command, ["--config", config])
    assert result.exit_code == 1
    assert result.output == (
        'rules.yaml:8:9  "Pearls arrive" should match and does not\n'
        "  shells   would NOT fire\n"
        "    all   shells           no   looked for: shells\n"
        "    shells is missing   <- stops here\n"
        "\n"
        "2 examples of 1 rule: 1 not as they say\n"
    )


def test_each_example_is_a_json_object(config: str) -> None:
    result = CliRunner().invoke(verb.command, ["--config", config, "--json", "Shells"])
    one, other = map(json.loads, result.output.splitlines())
    assert (one["ok"], one["explanation"], other["ok"], other["line"]) == (True, None, False, 8)
    assert other["explanation"]["stop"]["kind"] == "missing"


def test_a_workflow_gets_an_annotation_at_the_line_of_an_example(config: str) -> None:
    result = CliRunner().invoke(verb.command, ["--config", config, "--format", "github"])
    assert result.exit_code == 1
    assert result.output == (
        f'::error file={config}/rules.yaml,line=8,col=9::rule shells: "Pearls arrive" should match and does not; '
        "shells is missing\n"
    )


def test_examples_that_are_met_are_counted_and_exit_0(config: str) -> None:
    path = Path(config) / "rules.yaml"
    path.write_text(RULES.replace("Pearls", "More shells"), encoding="utf-8")
    result = CliRunner().invoke(verb.command, ["--config", config])
    assert (result.exit_code, result.output) == (0, "2 examples of 1 rule: all as they say\n")


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("shels", "no rule is called shels; did you mean `shells`?"),
        ("desk", "desk is a channel; to try it: watcher notify test desk"),
    ],
)
def test_what_is_no_rule_is_said(config: str, named: str, said: str) -> None:
    result = CliRunner().invoke(verb.command, ["--config", config, named])
    assert isinstance(result.exception, ConfigError)
    assert str(result.exception) == said


def test_a_rule_without_examples_is_said_to_have_none(config: str) -> None:
    result = CliRunner().invoke(verb.command, ["--config", config, "drones"])
    assert (result.exit_code, result.output) == (0, "the rule has no examples\n")


def test_check_runs_them_too(config: str) -> None:
    result = CliRunner().invoke(check.command, ["--config", config])
    assert result.exit_code == 1
    assert 'rules.yaml:8:9  error  rule shells: "Pearls arrive" should match and does not' in result.output
    assert "^ shells is missing" in result.output
