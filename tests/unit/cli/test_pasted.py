"""`watcher match` and `watcher explain` say of pasted text what the daemon says of the same text in a feed."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from watcher.asking.pasted import as_read
from watcher.cli.explain import command as explain
from watcher.cli.match import command as match
from watcher.core.matching.compile import compile_rules
from watcher.core.model.article import Article, Field
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.match import Span
from watcher.core.model.outcome import ReadRequest
from watcher.core.model.rule import Rule, RuleSource, Term
from watcher.core.read import read_document

PATTERN = "artillery shells café"
CLEAN = "They ship artillery shells café now"
BLANKS = ["\u00a0", "\u202f", "\u2009", "\u3000", "\t", " \u00a0 ", "\u2007", "\x1f"]
UNSEEN = ["\u200b", "\u00ad", "\ufeff", "\u2060"]
TEXTS = [
    *(CLEAN.replace("artillery shells", f"artillery{blank}shells") for blank in BLANKS),
    *(CLEAN.replace("artillery", f"arti{sign}llery") for sign in UNSEEN),
    unicodedata.normalize("NFD", CLEAN),
    unicodedata.normalize("NFD", CLEAN).replace("artillery ", "\u00a0artil\u00adlery\u00a0\u2009"),
    "\u200b" + CLEAN,
]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(f"rules: [{{name: Shells, any: ['/{PATTERN}/']}}]", encoding="utf-8")
    return tmp_path


def by_match(config: Path, text: str) -> Sequence[str]:
    line = json.dumps({"id": "a1", "content": text})
    result = CliRunner().invoke(match, ["--config", str(config), "--json"], input=line)
    assert result.exit_code == 0, result.output
    spans = [span for each in result.stdout.splitlines() for span in json.loads(each)["spans"]]
    return [text[span["start"] : span["end"]] for span in spans]


def by_explain(config: Path, text: str) -> bool:
    result = CliRunner().invoke(explain, ["--config", str(config), "--json", "-"], input=text)
    assert result.exit_code == 0, result.output
    return bool(json.loads(result.stdout)["matched"])


def by_feed(text: str) -> bool:
    rules = compile_rules(RuleSource(1, (Rule(RuleId("r"), "R", Term(PATTERN, regex=True)),)))
    document = f"<rss><channel><item><guid>1</guid><description>{text.replace(chr(31), ' ')}</description></item></channel></rss>"
    (read,) = read_document(ReadRequest(FeedId("f1"), document.encode(), "https://wire.example/rss", 1), rules).articles
    return bool(read.matches)


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_pasted_text_matches_as_in_a_feed_and_is_marked_where_it_was_given(config: Path, text: str) -> None:
    (marked,) = by_match(config, text)

    assert marked.startswith("arti")
    assert unicodedata.normalize("NFC", marked).endswith("café")
    assert by_explain(config, text)
    assert by_feed(text)


def test_paragraphs_are_those_of_feeds(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("rules: [{name: R, any: ['/one\\ntwo/']}]", encoding="utf-8")
    assert by_match(tmp_path, "one \r\n\r\n  two") == ["one \r\n\r\n  two"]


@given(st.text(alphabet="ab \u00a0\u2009\n\r\u2028\x00\x85é\ud800", max_size=40))
def test_a_letter_is_found_where_it_was_given(text: str) -> None:
    pasted = as_read(Article(ArticleId("a"), FeedId("f"), content=text))
    for at, letter in enumerate(pasted.article.content):
        span = pasted.given(Span(Field.CONTENT, at, at + 1, "x"))
        assert 0 <= span.start < span.end <= len(text)
        assert letter.isspace() or text[span.start : span.end] == letter
