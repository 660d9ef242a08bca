from __future__ import annotations

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
    assert "near miss: without that it would fire" in shown


@pytest.mark.parametrize("text", ["", "  \n "])
def test_an_empty_text_is_wrong_usage(config: Path, text: str) -> None:
    result = explain(config, text)
    assert result.exit_code == 2
    assert "there is no text to explain" in result.stderr
