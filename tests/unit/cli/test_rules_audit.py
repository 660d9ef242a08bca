"""`watcher rules audit` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from watcher.asking import audits
from watcher.cli.rules import command

RULES = """
concepts:
  army: [troops, parade]
rules:
  - {id: east, name: Army in the east, all: [[Moscow], $army], none: [football]}
  - {name: Counts, volume: {of: east, stories: 3, within: 6h}}
"""
LINES = "".join(
    json.dumps({"id": str(number), "title": title}) + "\n"
    for number, title in enumerate(["Moscow parade", "Moscow parade again", "Moscow fair", "Rome"])
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    return tmp_path


def audit(config: Path, *arguments: str, lines: str = LINES) -> Result:
    return CliRunner().invoke(command, ["audit", "--config", str(config), *arguments], input=lines)


def test_the_terms_that_alone_made_a_match_are_printed_with_a_headline(config: Path) -> None:
    result = audit(config, "--articles", "-")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "Army in the east (east): 2 of 4 articles match",
        "  Moscow: met by one term alone in 2 of 2, always by Moscow",
        "        2  Moscow                      Moscow parade",
        "  Army: met by one term alone in 2 of 2, always by parade",
        "        2  parade                      Moscow parade",
        "  only one group was missing:",
        "        1  Army                        Moscow fair",
        "  in none of these articles: 1 of 3 terms",
        "      any language  troops",
    ]


def test_one_rule_is_named_by_id_or_name_and_a_concept_with_or_without_its_sign(config: Path) -> None:
    assert (
        audit(config, "east", "--articles", "-").stdout == audit(config, "Army in the east", "--articles", "-").stdout
    )
    own = audit(config, "$army", "--articles", "-").stdout
    assert own.startswith("Army ($army): 2 of 4 articles match")
    assert audit(config, "army", "--articles", "-").stdout == own


def test_a_concept_of_the_library_need_not_be_used_by_a_rule(config: Path) -> None:
    result = audit(config, "topics/shipping", "--articles", "-", lines=json.dumps({"id": "a", "title": "A seaport"}))
    assert "($shipping): 1 of 1 articles match" in result.stdout


def test_as_json_nothing_is_cut(config: Path) -> None:
    titles = [f"Moscow {word}" for word in ("troops", "parade")]
    lines = "".join(json.dumps({"id": title, "title": title}) + "\n" for title in titles)
    found = json.loads(audit(config, "east", "--articles", "-", "--most", "1", "--json", lines=lines).stdout)
    assert (found["rule"], found["articles"], found["matched"]) == ("east", 2, 2)
    assert [one["word"] for one in found["groups"][1]["alone"]] == ["troops", "parade"]
    assert found["groups"][1]["always"] is None


def test_what_is_left_out_is_said(config: Path) -> None:
    titles = [f"Moscow {word}" for word in ("troops", "parade")]
    lines = "".join(json.dumps({"id": title, "title": title}) + "\n" for title in titles)
    assert "and 1 more; --most shows them" in audit(config, "--articles", "-", "--most", "1", lines=lines).stdout


def test_a_headline_reaches_no_terminal_raw(config: Path) -> None:
    line = json.dumps({"id": "a", "title": "Moscow parade \x1b[2J\u202e"})
    assert "\x1b" not in audit(config, "--articles", "-", lines=line).stdout
    assert "\u202e" not in audit(config, "--articles", "-", lines=line).stdout


def test_long_input_tells_how_far_it_is(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audits, "_EVERY", 2)
    assert audit(config, "--articles", "-").stderr.splitlines() == ["2 articles read", "4 articles read"]


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (["est", "--articles", "-"], "no rule or concept is called est; did you mean `east`?", 1),
        (["counts", "--articles", "-"], "looks at no article; audit the rule that it counts", 1),
        (["--articles", "nowhere.jsonl"], "nowhere.jsonl cannot be read: No such file", 2),
        (["--articles", "-", "--days", "3"], "exclude each other", 2),
        (["--days", "0"], "0 is not in the range", 2),
    ],
)
def test_what_cannot_be_audited_is_said(config: Path, arguments: list[str], said: str, code: int) -> None:
    result = audit(config, *arguments)
    assert said in f"{result.stderr}{result.exception}"
    assert result.exit_code == code
    assert result.stdout == ""


def test_a_line_that_is_no_article_is_named(config: Path) -> None:
    result = audit(config, "--articles", "-", lines=LINES + "{no")
    assert result.exit_code == 2
    assert "line 5 is not JSON" in result.stderr


def test_without_a_database_the_other_way_is_named(config: Path, tmp_path: Path) -> None:
    result = audit(config, "--data", str(tmp_path / "none"))
    assert result.exit_code != 0
    assert "there is no database" in str(result.exception)
    assert "--articles" in str(result.exception)


def test_an_empty_file_is_no_mistake(config: Path) -> None:
    assert audit(config, "east", "--articles", "-", lines="").stdout.startswith("Army in the east (east): 0 of 0")
