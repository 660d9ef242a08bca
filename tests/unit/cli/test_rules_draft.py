"""`watcher rules draft`: a rule from a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from watcher.cli.rules import command
from watcher.errors import ConfigError
from watcher.settings.env import read_settings
from watcher.settings.load import load_files


def run(folder: Path, *arguments: str) -> Result:
    place = ["--database", f"sqlite:///{folder}/none.db", "--data", str(folder), "--config", str(folder)]
    return CliRunner().invoke(command, ["draft", *arguments, *place])


def test_places_and_topics_must_all_be_there_and_one_of_the_other_words(tmp_path: Path) -> None:
    result = run(tmp_path, "tell me when North Korean workers are sent to Russian factories", "--json")
    assert result.exception is None, result.exception
    made = json.loads(result.stdout)
    assert {"places/north-korea", "places/russia"} <= set(made["concepts"])
    assert set(made["words"]) <= {"worker*", "factory", "factories"}
    assert made["backtest"] is None
    loaded = load_files({"draft.yaml": made["yaml"]}, read_settings(config=tmp_path, data=tmp_path))
    assert loaded.configuration is not None
    [rule] = loaded.configuration.rules
    assert rule.id.startswith("north-korean-workers")


@pytest.mark.parametrize(
    "sentence",
    [
        "김정은이 러시아를 방문하면",
        'a "quoted": sentence # with {signs} about missiles & Iran',
        "$russia [x] - *",
        "ракеты в Киеве",
    ],
)
def test_what_is_made_loads_whatever_the_sentence_is(tmp_path: Path, sentence: str) -> None:
    result = run(tmp_path, sentence)
    assert result.exception is None, result.exception
    assert "# nothing is stored yet to try it on" in result.stdout
    assert (
        load_files({"a.yaml": result.stdout}, read_settings(config=tmp_path, data=tmp_path)).configuration is not None
    )


@pytest.mark.parametrize("sentence", ["tell me when it is", "", "  ", "123 456", "??"])
def test_a_sentence_that_names_nothing_is_said_so(tmp_path: Path, sentence: str) -> None:
    error = run(tmp_path, sentence).exception
    assert isinstance(error, ConfigError)
    assert "name what the news is about" in str(error)
