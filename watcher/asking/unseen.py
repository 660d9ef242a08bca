"""What is said of a link that no feed gave: whether a feed of its site is there, who else told the story, and, on
request, what the rules make of its page.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from html import unescape
from itertools import combinations
from typing import Final

from watcher.asking.configured import configuration_of
from watcher.asking.feed_search import open_search
from watcher.asking.store import with_store
from watcher.core.articles.language import language_of
from watcher.core.articles.text import html_to_text, one_line
from watcher.core.articles.urls import site, url_key_text
from watcher.core.articles.words import folded_words
from watcher.core.feeds.decode import decode
from watcher.core.matching.word_index import Asked
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId
from watcher.core.model.page import PageRequest
from watcher.core.model.policy import FeedSpec
from watcher.core.web_addresses import host_of, origin_of
from watcher.daemon.clock import SystemClock
from watcher.errors import ConfigError, ParseError, StorageError
from watcher.lexicon.extras import FULL_TEXT, can_read_pages
from watcher.searching import Searched
from watcher.settings.env import Settings
from watcher.telling.outlets import outlet_of
from watcher.telling.wording import day_and_time, label

_LONGEST_AGO: Final = timedelta(days=36_500)
_FEWEST_SHARED: Final = 3
_SHARE: Final = 0.5
_MOST_WORDS: Final = 10
_USUAL_PORTS: Final = frozenset({80, 443})
_MOST_LIKE_IT: Final = 5
_MOST_READ: Final = 400
_SHORTEST: Final = 3
_HEAD: Final = 200_000
_TITLES: Final = (
    re.compile(r"<meta\b[^<>]{0,200}og:title[^<>]{0,100}content=[\"']([^\"'<>]{1,500})", re.IGNORECASE),
    re.compile(r"<title\b[^<>]{0,200}>([^<>]{1,500})", re.IGNORECASE),
)


async def with_link(store: Searched, url: str) -> Sequence[ArticleId]:
    """Return the stored articles behind a link, however its tracking parameters and `www.` are written."""
    wanted = url_key_text(url)
    # The key says https of every link, also of one that its feed gave as http.
    named = folded_words(wanted.partition("://")[2], prose=False)
    words = tuple(dict.fromkeys(word for word in named if word.isalnum()))
    if not words:
        return ()
    found = await store.found(((frozenset({words[:_MOST_WORDS]}),),), SystemClock().now() - _LONGEST_AGO)
    articles = await store.articles_by_id([one.article for one in found[:_MOST_READ]])
    return [one.id for one in articles if url_key_text(one.url) == wanted]


def say_unseen(settings: Settings, url: str, title: str = "") -> list[str]:
    """Return what is known around a link that no feed gave, in lines; `title` is that of its page."""
    lines = [*_of_site(settings, url)]
    words = _telling_words(title or url_key_text(url).rpartition("/")[2])
    try:
        others = with_store(settings, lambda store: _like_it(store, words)) if len(words) >= _FEWEST_SHARED else ()
    except StorageError:
        return lines
    if others:
        lines.append("the same story, as far as its words tell:")
        for one in others:
            at = one.first_seen_at or one.published_at
            lines.append(
                f"  {day_and_time(at) if at else 'no time'}  {label(one.title, 90)}  ({label(outlet_of(one))}, {one.id})"
            )
    elif words:
        lines.append("no stored article has a headline like it")
    return lines


def fetched_article(settings: Settings, url: str) -> tuple[Article, str]:
    """Fetch a page through the guarded client and return it as an article, and what was not read of it ("" = all was).

    Raises:
        ConfigError: it cannot be fetched; the text says why.
    """
    configuration = configuration_of(settings)

    async def run() -> tuple[Article, str]:
        async with open_search(settings, configuration) as search:
            fetched = await search.fetched(FeedSpec(url=url, name=host_of(url), named=False))
            page = decode(fetched.body, fetched.content_type)
            article = Article(
                ArticleId(""), FeedId(""), url=fetched.url, title=_title(page), source=host_of(fetched.url)
            )
            said = f"only its title was read: install {FULL_TEXT} to read pages whole"
            if can_read_pages():
                try:
                    asked = PageRequest(article, fetched.body, fetched.url, 0, fetched.content_type)
                    read = await search.read_page(asked)
                except ParseError as error:
                    said = f"only its title was read: {error}"
                else:
                    said = read.said
                    article = read.read.article if read.read is not None else article
            guessed = language_of(f"{article.title}\n{article.content}")
            return replace(article, lang=guessed.code, lang_declared=guessed.is_declared), said

    return asyncio.run(run())


def _of_site(settings: Settings, url: str) -> list[str]:
    """Say which feeds of the link's site are configured, and how one is added."""
    try:
        feeds = configuration_of(settings).feeds
    except ConfigError:
        return ["the configuration has mistakes, so that its feeds are not known; see: watcher check"]
    wanted = site(url)
    names = [spec.name for spec in feeds if site(spec.url) == wanted]
    if names:
        listed = ", ".join(map(label, names[:_MOST_LIKE_IT]))
        return [f"feeds of {wanted}: {listed}; none of them listed it while it was polled (watcher feeds show NAME)"]
    scheme, host, port = origin_of(url)
    place = host if port in {None, *_USUAL_PORTS} else f"{host}:{port}"
    return [f"no feed of {wanted} is configured; to add one: watcher feeds add {scheme}://{place}/"]


def _telling_words(text: str) -> list[str]:
    return [
        word
        for word in dict.fromkeys(folded_words(text.replace("-", " ").replace("_", " ")))
        if len(word) >= _SHORTEST and not word.isdigit()
    ][:_MOST_WORDS]


async def _like_it(store: Searched, words: Sequence[str]) -> Sequence[Article]:
    """Return the newest articles whose headline has at least half of the words."""
    asked: Asked = ((frozenset(combinations(words, 2)),),)
    found = await store.found(asked, SystemClock().now() - _LONGEST_AGO)
    articles = await store.articles_by_id([one.article for one in found[:_MOST_READ]])
    least = max(_FEWEST_SHARED, len(words) * _SHARE)
    shared = [(len(set(words) & set(folded_words(one.title))), one) for one in articles]
    return [one for count, one in sorted(shared, key=lambda pair: -pair[0]) if count >= least][:_MOST_LIKE_IT]


def _title(page: str) -> str:
    for pattern in _TITLES:
        if found := pattern.search(page[:_HEAD]):
            return one_line(html_to_text(unescape(found.group(1))))
    return ""
