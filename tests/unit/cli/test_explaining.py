from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from watcher.cli.explain import command

RULE = """
rules:
  - name: Range
    all: [army, range]
    none: [football*]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "a.yaml").write_text(RULE, encoding="utf-8")
    return tmp_path / "config"


def explain(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, ["--config", str(config), "--data", str(config.parent / "data"), *arguments])


def test_the_words_of_the_article_are_shown_not_the_terms(config: Path) -> None:
    shown = explain(config, "ARMY at the range, the Army again").stdout
    assert "range   fires" in shown
    assert "ARMY (title), Army (title)" in shown


def test_a_word_that_stops_a_rule_is_shown_with_what_would_happen_without_it(config: Path) -> None:
    shown = explain(config, "Army footballers at the range").stdout
    assert "footballers (title)   <- stops here" in shown
    assert "near miss: it would fire without `football*`" in shown


@pytest.mark.parametrize("text", ["", "  \n "])
def test_an_empty_text_is_wrong_usage(config: Path, text: str) -> None:
    result = explain(config, text)
    assert result.exit_code == 2
    assert "there is no text to explain" in result.stderr


@pytest.mark.parametrize(
    ("id_", "said"),
    [
        ("a7zzzzzzzzzzzz", "there is no database at"),
        ("lm2tv52t4fqq2", "there is no database at"),
        ("mfgasrtd6mqxc", "there is no database at"),
        ("fm2tv52t4fqq2", "fm2tv52t4fqq2 is the id of a feed; give that of an article or alert"),
        ("https://a.example/1", "no stored article has the link https://a.example/1; give its headline instead"),
    ],
)
def test_an_id_that_names_no_article_is_not_explained_as_a_text(config: Path, id_: str, said: str) -> None:
    result = explain(config, "--database", f"sqlite:///{config.parent}/none.db", id_)
    assert result.exit_code == 1
    assert said in str(result.exception)
    assert result.stdout == ""


@pytest.mark.parametrize("word", ["army", "administrator", "t72", "su35", "range", "militarisation", "deforestation"])
def test_a_word_is_a_text_even_where_an_id_could_look_like_it(config: Path, word: str) -> None:
    assert explain(config, word).exit_code == 0


def test_a_rule_that_is_not_there_is_said_with_the_nearest_or_with_all(config: Path) -> None:
    assert "no rule is called rang; did you mean `range`?" in str(explain(config, "--rule", "rang", "x").exception)
    assert "no rule is called xyz; there is `range`" in str(explain(config, "--rule", "xyz", "x").exception)


def test_one_file_of_the_configuration_may_be_given_alone(config: Path) -> None:
    (config / "b.yaml").write_text("rules: [{name: Other, all: [army]}]\n", encoding="utf-8")
    shown = explain(config / "a.yaml", "ARMY at the range").stdout
    assert "range   fires" in shown
    assert "other" not in shown


@pytest.mark.parametrize(
    ("text", "lang", "said"),
    [
        ("Армия на полигоне", "", "language ru or uk, guessed from the letters"),
        ("Армия на полигоне", "ru", "language ru\n"),
        ("Armia", "", "language unknown: it passes"),
    ],
)
def test_a_rule_that_asks_for_a_language_says_how_that_of_the_text_is_known(
    config: Path, text: str, lang: str, said: str
) -> None:
    (config / "a.yaml").write_text("rules: [{name: R, any: [арми*, armia], where: {lang: [ru]}}]\n", encoding="utf-8")
    shown = explain(config, text, *(["--lang", lang] if lang else [])).stdout
    assert "fires" in shown
    assert said in shown
    [line] = explain(config, text, "--json", "--lang", "uk").stdout.splitlines()
    assert json.loads(line)["language"] == {"code": "uk", "origin": "given", "may_be": []}
