"""`where`: conditions on what is known about an article beside its text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache, partial

from watcher.core.articles.language import as_one, fits, script_of
from watcher.core.articles.spoken import TOLD_APART, Spoken
from watcher.core.articles.urls import site_host
from watcher.core.model.article import Article
from watcher.core.model.explanation import LanguageOrigin
from watcher.core.model.rule import Limits, Where
from watcher.core.web_addresses import host_of

ANYWHERE = Where()
_SURE = frozenset({LanguageOrigin.DECLARED, LanguageOrigin.GIVEN})
_CONTENT_CHARS = 500


def blocked_by(where: Where, article: Article, language: Callable[[], Spoken]) -> str | None:
    """Return the first key of `where` that the article does not pass, or None; a language passes unless it is sure.

    `language` is asked only where a language matters.
    """
    if where.lang is not None and not _language_passes(where.lang, language(), article):
        return "lang"
    for key, limits, passes in (
        ("feeds", where.feeds, _feed_passes),
        ("tags", where.tags, _tags_pass),
        ("sources", where.sources, _source_passes),
        ("sites", where.sites, _site_passes),
    ):
        if limits is not None and not passes(limits, article):
            return key
    return None


def _language_passes(limits: Limits, found: Spoken, article: Article) -> bool:
    """Say whether one of the languages that an article may be in passes; none = it is not known.

    A language that nothing tells from others, such as Bulgarian, may be what a guess takes for another one: only what
    is declared shuts it out, or letters that it is not written in.
    """
    if not found.codes or any(_passes(limits, partial(_is_language, code)) for code in found.codes):
        return True
    if limits.negated or found.origin in _SURE:
        return False
    script = script_of(f"{article.title}\n{article.summary}\n{article.content[:_CONTENT_CHARS]}")
    return any(one not in TOLD_APART and fits(one, script) for one in map(as_one, limits.values))


def _is_language(code: str, value: str) -> bool:
    return as_one(value) == as_one(code)


def _feed_passes(limits: Limits, article: Article) -> bool:
    return _one_of(limits, (article.feed_name, article.feed))


def _tags_pass(limits: Limits, article: Article) -> bool:
    return _one_of(limits, article.tags)


def _source_passes(limits: Limits, article: Article) -> bool:
    host = _host(article.source)
    return _passes(limits, lambda value: _lies_in(host, _host(value)))


def _site_passes(limits: Limits, article: Article) -> bool:
    host = _host(host_of(article.url))  # an address that cannot be read belongs to no site
    return _passes(limits, lambda value: _lies_in(host, _host(value)))


def _lies_in(host: str, site: str) -> bool:
    return host == site or host.endswith(f".{site}")


@lru_cache(maxsize=4096)
def _host(name: str) -> str:
    """Return a host as the network spells it, `xn--...` for one in other letters; what is no host as it is."""
    name = name.casefold()
    return name if name.isascii() else site_host(name) or name


def _one_of(limits: Limits, names: Iterable[str]) -> bool:
    known = {name.casefold() for name in names}
    return _passes(limits, lambda value: value.casefold() in known)


def _passes(limits: Limits, holds: Callable[[str], bool]) -> bool:
    return any(map(holds, limits.values)) != limits.negated
