from __future__ import annotations

import io

import pytest

from watcher.asking.article_lines import LineError, read_articles


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("\x00\xff", "line 1 is not JSON: expecting value at column 1"),
        ("[1]", "line 1 is not a JSON object"),
        ("[" * 100_000, "line 1 is not JSON: "),
        ('{"title": "x"}', "line 1: `id` is missing"),
        ('{"id": 1}', "line 1: `id` must be a text or null"),
        ('{"id": "x", "tags": "a"}', "line 1: `tags` must be a list of texts"),
        ('{"id": "x", "published_at": "yesterday"}', 'line 1: `published_at` must be a time such as "2026-'),
    ],
)
def test_a_line_that_is_no_article_is_named_in_plain_words(line: str, sentence: str) -> None:
    with pytest.raises(LineError) as caught:
        list(read_articles(io.StringIO(line + "\n")))
    assert caught.value.message.startswith(sentence)
    assert "_Line" not in caught.value.message


def test_a_misspelt_field_is_told_once_and_others_are_passed_over(capsys: pytest.CaptureFixture[str]) -> None:
    text = '{"id": "1", "titel": "x", "score": 3}\n{"id": "2", "titel": "y"}\n'
    assert [article.id for article in read_articles(io.StringIO(text))] == ["1", "2"]
    assert capsys.readouterr().err == "line 1: `titel` is passed over; did you mean `title`?\n"


def test_a_language_is_read_as_in_feeds() -> None:
    tags = ("en_GB", "EN-us", "eng", "iw", "xx", "")
    lines = "".join(f'{{"id": "{number}", "lang": "{tag}"}}\n' for number, tag in enumerate(tags))
    assert [article.lang for article in read_articles(io.StringIO(lines))] == ["en", "en", "en", "he", "", ""]
