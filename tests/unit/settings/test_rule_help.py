"""The short rule reference: every key has a line, and every example is taken by the reader as it stands."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from watcher.cli.rules import command
from watcher.settings.env import read_settings
from watcher.settings.load import load_files
from watcher.settings.rule_help import HelpTopic, topic_of, topics
from watcher.settings.schema import RuleModel

WHOLE = "\n".join(topic.text for topic in topics())


def _examples(topic: HelpTopic) -> list[str]:
    found: list[list[str]] = [[]]
    for line in topic.text.splitlines():
        if line.startswith("    "):
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [textwrap.dedent("\n".join(lines)) for lines in found if lines]


def _as_file(example: str) -> str:
    """Return an example as a whole file: keys of a rule become a rule, rules become a list."""
    if example.startswith(("rules:", "concepts:")):
        text = example
    elif example.startswith("- "):
        text = f"rules:\n{textwrap.indent(example, '  ')}"
    else:
        body = example if "use:" in example else f"use: [places/north-korea, places/russia]\n{example}"
        body = body if {"any", "all", "query"} & yaml.safe_load(body).keys() else f"{body}\nany: [$russia]"
        text = "rules:\n  - " + textwrap.indent(f"name: Tried\n{body}", "    ").lstrip()
    more = "\nrules:\n  - {name: Other, any: [shells]}" if "rules:" not in text else ""
    if "of: launches" in text:
        more += "\n  - {name: Launches, any: [launch]}"
    return f"{text}{more}\nchannels: {{desk: {{type: console}}}}\nfeeds: [{{url: 'https://wire.example/feed'}}]\n"


@pytest.mark.parametrize(
    ("topic", "example"), [(topic.name, example) for topic in topics() for example in _examples(topic)]
)
def test_an_example_is_right_as_it_stands(tmp_path: Path, topic: str, example: str) -> None:
    settings = read_settings(config=tmp_path, data=tmp_path)
    loaded = load_files({"watcher.yaml": _as_file(example)}, settings, shares=None)
    assert loaded.configuration is not None, [str(problem) for problem in loaded.problems]


@pytest.mark.parametrize(
    "key", sorted({field.alias or name for name, field in RuleModel.model_fields.items()} - {"id"})
)
def test_every_key_of_a_rule_is_found(key: str) -> None:
    topic = topic_of(key)
    assert topic is not None
    assert key in topic.text


def test_topics_fit_a_terminal_and_the_list_names_all() -> None:
    assert max(map(len, WHOLE.splitlines())) <= 110
    result = CliRunner().invoke(command, ["help"])
    assert result.exit_code == 0
    assert all(f"watcher rules help {topic.name}" in result.stdout for topic in topics())


def test_an_unknown_topic_names_the_nearest_and_all() -> None:
    result = CliRunner().invoke(command, ["help", "conditons"])
    assert result.exit_code == 1
    assert "did you mean conditions?" in result.stderr
    assert "Topics: rule, terms, " in result.stderr
