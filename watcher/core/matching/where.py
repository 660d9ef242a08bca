"""`where`: conditions on what is known about an article beside its text."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from watcher.core.model.article import Article
from watcher.core.model.rule import Limits, Where
from watcher.core.web_addresses import host_of

ANYWHERE = Where()


def blocked_by(where: Where, article: Article) -> str | None:
    """Return the first key of `where` that the article does not pass, or None; an unknown language passes."""
    for key, limits, passes in (
        ("lang", where.lang, _language_passes),
        ("feeds", where.feeds, _feed_passes),
        ("tags", where.tags, _tags_pass),
        ("sources", where.sources, _source_passes),
        ("sites", where.sites, _site_passes),
    ):
        if limits is not None and not passes(limits, article):
            return key
    return None


def _language_passes(limits: Limits, article: Article) -> bool:
    if not article.lang:
        return True
    primary = article.lang.split("-")[0].casefold()
    return _passes(limits, lambda value: value.split("-")[0].casefold() == primary)


def _feed_passes(limits: Limits, article: Article) -> bool:
    return _one_of(limits, (article.feed_name, article.feed))


def _tags_pass(limits: Limits, article: Article) -> bool:
    return _one_of(limits, article.tags)


def _source_passes(limits: Limits, article: Article) -> bool:
    host = article.source.casefold()
    return _passes(limits, lambda value: host == value.casefold() or host.endswith(f".{value.casefold()}"))


def _site_passes(limits: Limits, article: Article) -> bool:
    host = host_of(article.url)  # an address that cannot be read belongs to no site
    return _passes(limits, lambda value: host == value.casefold() or host.endswith(f".{value.casefold()}"))


def _one_of(limits: Limits, names: Iterable[str]) -> bool:
    known = {name.casefold() for name in names}
    return _passes(limits, lambda value: value.casefold() in known)


def _passes(limits: Limits, holds: Callable[[str], bool]) -> bool:
    return any(map(holds, limits.values)) != limits.negated
