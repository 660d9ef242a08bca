"""`watcher mute`: what it writes into the files, what it says, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from watcher.cli.mute import command
from watcher.errors import ConfigError
from watcher.settings.env import read_settings
from watcher.settings.load import load

TEXT = """# what we look for
rules:
  - {name: Shells, any: [shells]}  # the first
feeds:
  - {url: https://a.example/rss, name: harbour}
defaults: {zone: Europe/Paris}
"""
STORY = "s" + "a" * 26


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "a.yaml").write_text(TEXT, encoding="utf-8")
    monkeypatch.setenv("WATCHER_CONFIG", str(tmp_path))
    monkeypatch.setenv("WATCHER_DATA", str(tmp_path / "data"))
    return tmp_path


def mute(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments))


def silences(config: Path) -> list[str]:
    loaded = load(config, read_settings(), shares=None).configuration
    assert loaded is not None
    return [f"{one.name}: {one.rule} {one.feed} {one.story} {one.words} {one.because}" for one in loaded.silences]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["shells", "2h"], "shells: shells  None () "),
        (["harbour", "2h", "--because", "noise: much"], "harbour: None harbour None () noise: much"),
        ([STORY, "90m"], f"{STORY}: None  {STORY} () "),
        (["--word", "yearly parade", "1d"], "yearly parade: None  None ('yearly parade',) "),
    ],
)
def test_what_is_muted_stands_in_the_files_until_it_is_ended(config: Path, arguments: list[str], expected: str) -> None:
    result = mute(*arguments)
    assert result.exit_code == 0, result.output
    assert silences(config) == [expected]
    assert "until" in result.output
    assert "undo    " in result.output
    assert (config / "a.yaml").read_text(encoding="utf-8") == TEXT
    name = expected.partition(":")[0]
    assert name in mute().output
    assert mute("--end", name).exit_code == 0
    assert silences(config) == []
    assert "nothing is muted" in mute().output


def test_two_silences_of_one_rule_are_ended_one_by_one(config: Path) -> None:
    mute("shells", "2h")
    mute("shells", "3h")
    assert [one.partition(":")[0] for one in silences(config)] == ["shells", "shells (2)"]
    assert mute("--end", "shells (2)").exit_code == 0
    assert len(silences(config)) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["shels", "2h"], "there is no rule, feed or story `shels`; did you mean `shells`?; to mute a word: --word"),
        (["shells", "2 hours"], "`2 hours` is not a length of time"),
        (["--end", "shels"], "there is no silence `shels`"),
        (["--word", "$russia", "2h"], "concept"),
    ],
)
def test_what_cannot_be_muted_is_said_and_nothing_is_written(config: Path, arguments: list[str], said: str) -> None:
    result = mute(*arguments)
    assert isinstance(result.exception, ConfigError), result.output
    assert said in str(result.exception)
    assert [path.name for path in config.glob("*.yaml")] == ["a.yaml"]


def test_a_silence_without_a_length_is_wrong_usage(config: Path) -> None:
    result = mute("shells")
    assert result.exit_code == 2
    assert "watcher mute WHAT 2h" in result.output


def test_a_long_silence_is_warned_of(config: Path) -> None:
    assert "more than a week" in mute("shells", "2w").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rule", "shells", "2h"], "write: watcher mute shells 2h"),
        (["word", "parade", "1d"], "write: watcher mute --word parade 1d"),
        (["Kyiv", "Post", "2h"], "write: watcher mute 'Kyiv Post' 2h"),
        (["rule", "Air raids", "2h"], "write: watcher mute 'Air raids' 2h"),
        (["word", "$(id)", "2h"], "write: watcher mute --word '$(id)' 2h"),
    ],
)
def test_too_many_words_are_answered_with_what_to_write(config: Path, words: list[str], said: str) -> None:
    result = mute(*words)
    assert result.exit_code == 2
    assert said in result.output
    assert [path.name for path in config.glob("*.yaml")] == ["a.yaml"]
