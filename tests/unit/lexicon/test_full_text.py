"""The text of web pages: what would keep its parser busy for seconds is refused before it is parsed."""

from __future__ import annotations

import pytest

from watcher.core.matching.compile import compile_rules
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId
from watcher.core.model.page import PageRequest
from watcher.core.model.rule import RuleSource
from watcher.lexicon import full_text

ARTICLE = Article(ArticleId("a1"), FeedId("f1"), url="https://wire.example/1", title="Ship leaves")


def test_a_page_that_keeps_a_parser_busy_is_refused_before_it_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(_: str) -> None:
        raise AssertionError("it was parsed")

    monkeypatch.setattr(full_text, "import_module", parse)
    rules = compile_rules(RuleSource(1, ()))
    for body, why in (
        ("<div>" * 20_000, "nested more than 512 deep"),
        ("<b><p>" * 20_000, "nested more than 512 deep"),
        (f"<p {' '.join(f'a{number}=1' for number in range(2000))}>", "more than 1000 attributes"),
    ):
        request = PageRequest(ARTICLE, f"<html><body>{body}".encode(), ARTICLE.url, 1, "text/html")
        read = full_text.read_page(request, rules)
        assert read.read is None
        assert read.said.startswith("The page is too much to read: ")
        assert why in read.said
