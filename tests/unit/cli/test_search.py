"""`watcher search`: stored articles by the rule language."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.fakes.reporters import FEEDS, Reporters
from tests.fakes.station import config
from watcher.cli.search import command
from watcher.errors import ConfigError, StorageError
from watcher.storage.open import open_store

TITLES = [
    "Shells hit bridge at Nikopol",
    "북한이 미사일을 발사했다",
    "Moscow sends shells",
    "\x1b[31mMuseum shows shells",
]


@pytest.fixture
async def archive(tmp_path: Path) -> Path:
    """The folder of a database with four articles of two feeds, and its configuration."""
    (tmp_path / "config").mkdir()
    text = config(feeds=FEEDS[:3])
    (tmp_path / "config" / "all.yaml").write_text(text, encoding="utf-8")
    store = open_store(f"sqlite:///{tmp_path}/watcher.db")
    desk = await Reporters.open(tmp_path, store, text)
    for number, title in enumerate(TITLES):
        await desk.report(FEEDS[number % 2], title, minutes=30)
    await store.close()
    return tmp_path


def run(folder: Path, *arguments: str) -> Result:
    place = ["--config", f"{folder}/config", "--database", f"sqlite:///{folder}/watcher.db", "--data", str(folder)]
    return CliRunner().invoke(command, [*arguments, *place])


def test_newest_are_shown_first_with_their_words_marked_and_nothing_that_moves_the_cursor(archive: Path) -> None:
    result = run(archive, "shell*", "--limit", "2")
    assert result.exception is None, result.exception
    lines = result.stdout.splitlines()
    assert [line[18:] for line in lines[::2]] == ["[31mMuseum shows [shells]", "Moscow sends [shells]"]
    assert "\x1b" not in result.stdout
    assert "2 found; there may be more: --limit shows them" in result.stderr


def test_every_script_and_concepts_of_the_library_are_found_as_json(archive: Path) -> None:
    for query in ("북한", "$north-korea", "미사일 NOT 중국"):
        result = run(archive, query, "--json")
        assert result.exception is None, result.exception
        [found] = map(json.loads, result.stdout.splitlines())
        assert found["title"] == TITLES[1]
        assert found["spans"][0]["field"] == "title"
        assert found["seen_at"].endswith("Z")


def test_only_the_feeds_that_are_named_are_searched(archive: Path) -> None:
    titles = [
        json.loads(line)["title"] for line in run(archive, "shell*", "--feed", FEEDS[0], "--json").stdout.splitlines()
    ]
    assert titles == [TITLES[2], TITLES[0]]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("shells AND", "AND"),
        ("(shells", "bracket"),
        ("$north-corea", r"no concept is called.*did you mean.*north-korea"),
        ("NOT shells", "must occur"),
        ("/(/", "not a pattern"),
        ("", "is empty"),
        ("   ", "is empty"),
        ("NEAR/5", "NEAR"),
        ('"shells', "quot"),
        ("shells OR", "OR"),
    ],
)
def test_what_is_wrong_with_a_query_is_said_with_its_place(archive: Path, query: str, says: str) -> None:
    error = run(archive, query).exception
    assert isinstance(error, ConfigError)
    assert re.search(says, str(error), re.IGNORECASE | re.DOTALL), str(error)


def test_nothing_stored_is_said(tmp_path: Path) -> None:
    error = run(tmp_path, "shells").exception
    assert isinstance(error, StorageError)
    assert "no database" in str(error)
