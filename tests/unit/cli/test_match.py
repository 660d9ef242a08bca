"""`watcher match`: JSON lines in, one line for each rule that fires out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from watcher.cli.match import command

RULES = """
concepts:
  russia: [Russia*, 러시아]
rules:
  - {name: Shells, all: [$russia, [shell*, 포탄]], none: [museum]}
  - {name: Only not, any: [], none: [sport]}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    return tmp_path


def run(config: Path, *lines: str | dict[str, Any]) -> Result:
    text = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
    return CliRunner().invoke(command, ["--config", str(config), "--json"], input=text)


def test_a_match_gives_its_words_in_code_points_of_the_field_as_given(config: Path) -> None:
    result = run(
        config,
        {"id": "a1", "title": "\U0001f680 Russia’s shells", "summary": None, "content": "러시아가 포탄을 보냈다"},
    )

    assert result.exit_code == 0
    assert [json.loads(line) for line in result.stdout.splitlines()] == [
        {
            "article": "a1",
            "rule": "shells",
            "spans": [
                {"field": "title", "start": 2, "end": 8, "term": "Russia*", "concept": "russia"},
                {"field": "title", "start": 11, "end": 17, "term": "shell*", "concept": None},
                {"field": "content", "start": 0, "end": 3, "term": "러시아", "concept": "russia"},
                {"field": "content", "start": 5, "end": 7, "term": "포탄", "concept": None},
            ],
        }
    ]


def test_an_article_that_matches_nothing_prints_nothing(config: Path) -> None:
    result = run(config, {"id": "a1", "title": "Russian shells in a museum"}, "", {"id": "a2"})

    assert (result.exit_code, result.stdout) == (0, "")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{nonsense", "line 2 is not JSON"),
        ('{"title": "x"}', "line 2: `id` is missing"),
        ("[]", "line 2 is not a JSON object"),
    ],
)
def test_a_line_that_is_no_article_is_named_and_ends_with_2(config: Path, line: str, said: str) -> None:
    result = run(config, {"id": "a1", "title": "Russian shells"}, line)

    assert result.exit_code == 2
    assert said in result.stderr
    assert json.loads(result.stdout)["article"] == "a1"


def test_one_file_alone_is_a_configuration_too(config: Path) -> None:
    result = run(config / "rules.yaml", {"id": "a1", "title": "Russian shells"})

    assert json.loads(result.stdout)["rule"] == "shells"


def test_mistakes_in_the_configuration_are_told_with_their_place(config: Path) -> None:
    (config / "more.yaml").write_text("rules:\n  - {name: Bad, all: [$rusia]}\n", encoding="utf-8")

    result = run(config, {"id": "a1"})

    assert result.exit_code == 1
    assert "more.yaml:2:" in result.stderr
    assert result.stdout == ""
