"""`watcher rules concepts` as a user meets it."""

from __future__ import annotations

import json

from click.testing import CliRunner, Result

from watcher.cli.rules import command
from watcher.settings.concepts import library_names

TEN = ["de", "en", "es", "fr", "ja", "ko", "pl", "ru", "uk", "zh"]


def concepts(*arguments: str) -> Result:
    return CliRunner().invoke(command, ["concepts", *arguments])


def test_the_list_names_every_concept_with_its_languages() -> None:
    result = concepts()
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines] == sorted(library_names().values())
    russia = next(line for line in lines if line.startswith("places/russia "))
    assert " Russia " in russia
    assert russia.endswith(f" terms  {' '.join(TEN)}")


def test_the_list_as_json_is_one_line_a_concept() -> None:
    rows = [json.loads(line) for line in concepts("--json").stdout.splitlines()]
    assert {row["name"] for row in rows} == set(library_names().values())
    assert all(row["languages"] == TEN and row["terms"] >= 30 and row["except"] > 0 for row in rows)


def test_a_concept_is_printed_by_language_with_its_excepts() -> None:
    result = concepts("places/nato")
    assert result.exit_code == 0
    assert result.stdout.startswith("places/nato: NATO, ")
    any_language = result.stdout.split("\nany\n", 1)[1]
    assert any_language.startswith("  =NATO, =Nato, ")
    excepts = result.stdout.split("\nexcept\n", 1)[1]
    assert "NATO alphabet, NATO phonetic, " in excepts.split("\n\n")[0]


def test_a_concept_may_be_named_as_in_a_rule() -> None:
    assert concepts("$nato").stdout == concepts("nato").stdout == concepts("places/nato").stdout


def test_a_word_with_a_comma_is_quoted() -> None:
    assert ' "Moscow, Idaho",' in concepts("russia").stdout


def test_a_concept_as_json_holds_every_word_as_written() -> None:
    found = json.loads(concepts("russia", "--json").stdout)
    assert list(found) == ["name", "label", "terms", "weak", "except", "blockers"]
    assert found["label"] == "Russia"
    assert "Kremlin*" in found["terms"]["en"]
    assert "Moscow mule*" in found["except"]
    assert "재러드*" in found["blockers"]["ko"]


def test_an_unknown_concept_is_wrong_usage_with_a_hint() -> None:
    result = concepts("rusia")
    assert result.exit_code == 2
    assert "the library has no concept rusia; did you mean `russia`?" in result.stderr
