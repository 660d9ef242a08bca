"""`watcher dedup`: one verdict a line, in the form that scripts rely on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from watcher.cli.dedup import command


def _run(*lines: str) -> Result:
    return CliRunner().invoke(command, ["--json"], input="".join(f"{line}\n" for line in lines))


def _verdicts(*articles: dict[str, Any]) -> list[dict[str, Any]]:
    result = _run(*(json.dumps(article) for article in articles))
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_news_has_a_story_and_nothing_else() -> None:
    (verdict,) = _verdicts({"id": "a"})

    assert list(verdict) == ["article", "verdict", "of", "story", "because"]
    assert verdict["verdict"] == "new"
    assert verdict["of"] is verdict["because"] is None
    assert verdict["story"].startswith("s")


def test_copy_names_its_original_story_and_reason() -> None:
    first = {
        "id": "a",
        "url": "https://lighthouse.example/1?utm_source=x",
        "title": "Mole shut",
        "feed": "one",
        "tags": None,
    }
    second = {
        "id": "b",
        "url": "http://lighthouse.example/1",
        "title": "Mole shut",
        "feed": "two",
        "published_at": None,
    }

    new, copy = _verdicts(first, second)

    assert (copy["verdict"], copy["of"], copy["story"]) == ("same_article", "a", new["story"])
    assert copy["because"]["removed"] == ["scheme", "utm_source"]


def test_same_guid_with_other_text_is_a_revision_even_when_dated_earlier() -> None:
    first = {
        "id": "a",
        "guid": "7",
        "title": "Mole of Redport shut",
        "feed": "one",
        "published_at": "2026-05-08T10:00:00Z",
    }
    second = {**first, "id": "b", "title": "Mole of Redport shut by storm", "published_at": "2026-05-08T09:00:00"}

    assert [verdict["verdict"] for verdict in _verdicts(first, second)] == ["new", "revision"]


def test_wrong_line_is_named() -> None:
    result = _run('{"id": "a"}', "", '{"title": "no id"}')

    assert result.exit_code == 2
    assert "line 3: `id` is missing" in result.stderr
    assert "line 1 is not JSON" in _run("{").stderr
    assert "line 1: `published_at` must be a time" in _run('{"id": "a", "published_at": "soon"}').stderr


def test_hostile_text_is_borne() -> None:
    assert (
        len(_verdicts({"id": "a", "title": "\ud800\x00", "url": "https://["}, {"id": "b", "title": "x" * 100_000})) == 2
    )


@pytest.mark.parametrize("field", ["published_at", "updated_at", "seen_at"])
@pytest.mark.parametrize(
    "absurd", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"]
)
def test_a_time_that_nobody_meant_makes_news_no_copy_of_itself(field: str, absurd: str) -> None:
    (verdict,) = _verdicts({"id": "a", "title": "Mole shut", field: absurd})

    assert verdict["verdict"] == "new"
