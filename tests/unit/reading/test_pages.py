"""Pages are read in a worker process, which may do little else, as documents are."""

from __future__ import annotations

from watcher.core.language.terms import parse_term
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId, digest, public_id
from watcher.core.model.page import PageRequest
from watcher.core.model.rule import AllOf, Rule, RuleSource
from watcher.reading.readers import WorkerReader

ARTICLE = Article(
    ArticleId(public_id("a", digest("article", "1"))),
    FeedId(public_id("f", digest("feed", "1"))),
    url="https://wire.example/1",
    title="Ship leaves",
    content="It left at dawn.",
)
PARAGRAPH = "<p>People who work on the pier said on Friday that nobody had told them what the ship carried.</p>"
PAGE = (
    f"<html><body><nav>Menu of tankers</nav><article>{PARAGRAPH}<p>It was full of shells.</p></article></body></html>"
)


def request(body: str) -> PageRequest:
    return PageRequest(ARTICLE, body.encode(), ARTICLE.url, 1, "text/html")


async def test_a_page_is_read_in_a_worker_and_its_article_matched_with_the_text_of_both() -> None:
    rules = tuple(Rule(RuleId(word), word, AllOf((parse_term(word),))) for word in ("shells", "dawn", "tankers"))
    reader = WorkerReader(workers=1)
    try:
        await reader.use(RuleSource(1, rules))
        page = await reader.page(request(PAGE))
        nothing = await reader.page(request("<html><div id='app'></div></html>"))
        feed = await reader.page(request("{}"))
    finally:
        await reader.close()
    assert page.read is not None
    assert [match.rule for match in page.read.matches] == ["shells", "dawn"]  # and no menu
    assert page.read.article.content.startswith("It left at dawn.\nPeople who work")
    assert page.page_chars > 100
    assert (nothing.read, "no text of an article" in nothing.said) == (None, True)
    assert (feed.read, feed.said) == (None, "what came is no web page")
