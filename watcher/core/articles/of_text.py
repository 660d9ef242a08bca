"""Articles of texts that people give: in a verb, or as an example beside a rule."""

from __future__ import annotations

from watcher.core.articles.language import language_of
from watcher.core.articles.text import one_line, plain_to_text
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId


def article_of_text(
    title: str, summary: str = "", content: str = "", lang: str = "", *, base: Article | None = None
) -> Article:
    """Return an article with a text as it would come out of a feed; its language is `lang`, else what its letters and
    words tell.

    All else is that of `base`.
    """
    texts = one_line(plain_to_text(title)), plain_to_text(summary), plain_to_text(content)
    known = base or Article(ArticleId(""), FeedId(""))
    guessed = language_of("\n".join(filter(None, texts)))
    return Article(
        known.id,
        known.feed,
        url=known.url,
        title=texts[0],
        summary=texts[1],
        content=texts[2],
        author=known.author,
        tags=known.tags,
        lang=lang or guessed.code,
        source=known.source,
        feed_name=known.feed_name,
        lang_declared=None if lang else guessed.is_declared,
    )
