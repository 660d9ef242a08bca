"""Make an article of an entry: plain text, checked address, known language, UTC dates."""

from __future__ import annotations

from watcher.core.articles.language import language_of
from watcher.core.articles.sentences import sentences
from watcher.core.articles.text import cut_to_bytes, html_to_text, one_line, plain_to_text
from watcher.core.feeds.dates import plausible
from watcher.core.feeds.raw import MARKUP_FACTOR, MOST_NAME_CHARS
from watcher.core.model.article import Article, Entry
from watcher.core.model.ids import ArticleId, FeedId
from watcher.core.model.policy import ReadLimits
from watcher.core.web_addresses import host_of, outlet_host, web_url

_MAX_NAME_BYTES = 300
_TITLE_CHARS = 200
_LOOKED_AT_CHARS = 2000
_MAX_TAG_BYTES = 200
_NAMES_OUTLETS = "news.google.com"


def normalise(
    entry: Entry,
    *,
    feed: FeedId,
    feed_name: str = "",
    feed_url: str = "",
    feed_tags: tuple[str, ...] = (),
    languages: tuple[str, ...] = (),
    sample: bool = False,
    limits: ReadLimits | None = None,
) -> Article:
    """Return the entry as an article; its id is still empty, because only the identity of the whole feed gives it.

    `languages` are declared ones that hold when the entry declares none, the surest first. Where an entry has no date
    of its own but says when it was changed, that is when it was published. One without a title, such as a post of
    Mastodon, Bluesky or Telegram, is called by its first sentence. `source` is the name that the entry gives
    for where it came from, else the host of its page, else that of the feed.
    """
    limits = limits or ReadLimits()
    title = one_line(_text(entry.title, entry.title_is_html, limits.max_title_chars))
    summary = _text(entry.summary, entry.summary_is_html, limits.max_text_chars)
    content = _text(entry.content, entry.content_is_html, limits.max_text_chars)
    if host_of(feed_url) == _NAMES_OUTLETS:
        title = _without_source(title, _name(entry.source_name))
    title = title or beginning(summary or content)
    url = web_url(entry.link, limits.max_url_chars)
    updated = plausible(entry.updated_at)
    language = language_of(f"{title}\n{summary}\n{content[:500]}", entry.lang, *languages)
    return Article(
        id=ArticleId(""),
        feed=feed,
        guid=cut_to_bytes(one_line(plain_to_text(entry.guid[: limits.max_title_chars])), limits.max_title_chars),
        url=url,
        title=title,
        summary=summary,
        content=content,
        author=_name(entry.author),
        tags=_tags((*entry.tags, *feed_tags), limits.max_tags),
        lang=language.code,
        lang_declared=language.is_declared,
        source=_name(entry.source_name) or outlet_host(url) or outlet_host(feed_url),
        feed_name=feed_name,
        published_at=plausible(entry.published_at) or updated,
        updated_at=updated,
        sample=sample,
    )


def beginning(text: str) -> str:
    """Return the first sentence of a text as a title, cut between words where it is long.

    beginning("Ships leave. More follows.") is "Ships leave.".
    """
    text = text[:_LOOKED_AT_CHARS]
    first = next((one_line(text[start:end]) for start, end in sentences(text)), "")
    if len(first) <= _TITLE_CHARS:
        return first
    return f"{first[:_TITLE_CHARS].rpartition(' ')[0] or first[:_TITLE_CHARS]}…"


def _without_source(title: str, source: str) -> str:
    """Return a title without the name of its source behind it: Google News writes "Ships leave - Harbour Post".

    Elsewhere such an end may be the publisher's own words, on which rules fire and by which items are known.
    """
    return title.removesuffix(f" - {source}") if source else title


def _text(text: str, is_html: bool, limit: int) -> str:
    text = text[: limit * MARKUP_FACTOR]
    return cut_to_bytes(html_to_text(text) if is_html else plain_to_text(text), limit).rstrip()


def _name(text: str) -> str:
    return cut_to_bytes(one_line(html_to_text(text[:MOST_NAME_CHARS])), _MAX_NAME_BYTES)


def _tags(tags: tuple[str, ...], limit: int) -> tuple[str, ...]:
    """Return the tags as plain text, each once whatever its case, at most `limit`."""
    kept: dict[str, str] = {}
    for tag in tags:
        text = cut_to_bytes(one_line(html_to_text(tag[:MOST_NAME_CHARS])), _MAX_TAG_BYTES).strip()
        if text:
            kept.setdefault(text.casefold(), text)
    return tuple(kept.values())[:limit]
