"""`where: {sites: ..., sources: ...}`: a host in other letters has two spellings, and either stands for both."""

from __future__ import annotations

import pytest

from watcher.core.matching.compile import compile_rules
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule import Limits, Rule, RuleSource, Term, Where


def fires(where: Where, url: str, source: str = "") -> bool:
    rules = compile_rules(RuleSource(1, (Rule(RuleId("r"), "R", Term("Iran"), where=where),)))
    one = Article(ArticleId("a"), FeedId("f"), url=url, title="Iran holds talks", source=source)
    return bool(rules.match(one)[0])


@pytest.mark.parametrize(
    ("site", "url", "holds"),
    [
        ("bücher.example", "https://xn--bcher-kva.example/1", True),
        ("xn--bcher-kva.example", "https://www.BÜCHER.example/1", True),
        ("президент.рф", "https://news.xn--d1abbgf6aiiy.xn--p1ai/1", True),
        ("新闻.example", "https://xn--efvy88h.example/1", True),
        ("bücher.example", "https://bucher.example/1", False),
        ("bbc.example", "https://www.bbc.example/1", True),
        ("bbc.example", "https://notbbc.example/1", False),
        ("bbc.example", "", False),
    ],
)
def test_a_site_is_known_in_both_spellings(site: str, url: str, holds: bool) -> None:
    assert fires(Where(sites=Limits((site,), False)), url) is holds
    assert fires(Where(sites=Limits((site,), True)), url) is not holds


@pytest.mark.parametrize(
    ("wanted", "source", "holds"),
    [
        ("Новая газета", "новая Газета", True),
        ("bücher.example", "xn--bcher-kva.example", True),
        ("Reuters", "reuters", True),
        ("연합뉴스", "한겨레", False),
        ("example.org", "", False),
    ],
)
def test_a_source_may_be_a_name_or_a_host(wanted: str, source: str, holds: bool) -> None:
    assert fires(Where(sources=Limits((wanted,), False)), "https://a.example/1", source) is holds
