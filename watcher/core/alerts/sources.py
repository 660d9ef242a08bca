"""Sources: how many independent publishers stand behind a piece of news."""

from __future__ import annotations

from collections.abc import Sequence

from watcher.core.articles.urls import ascii_host, site
from watcher.core.dedup.leads import lead
from watcher.core.dedup.titles import AGGREGATORS, title_of
from watcher.core.model.alert import Member
from watcher.core.model.article import Article
from watcher.core.model.policy import Publisher
from watcher.core.model.verdict import Level


def publisher_of(article: Article, publishers: Sequence[Publisher]) -> str:
    """Return the publisher's name: the configured one for its site, else the registrable domain, else what the feed
    calls the source.
    """
    host = ascii_host(article.url)
    # An aggregator's address says nothing of the publisher.
    domain = site(host) if host and host not in AGGREGATORS else ""
    for publisher in publishers:
        if any(_covers(configured, host, domain, article.source) for configured in publisher.sites):
            return publisher.name
    return domain or site(article.source) or article.source.strip().casefold() or article.feed_name or article.feed


def count_sources(members: Sequence[Member], publishers: Sequence[Publisher]) -> int:
    """Return how many independent publishers the articles come from; see sources_of."""
    return len(sources_of(members, publishers))


def sources_of(members: Sequence[Member], publishers: Sequence[Publisher]) -> tuple[str, ...]:
    """Return the independent publishers of articles, each once; `members` in order of arrival.

    Copies of one text count once, for whoever had it first: a wire story in ten papers is one source. Samples never
    count.
    """
    first: dict[tuple[str, ...], str] = {}
    for member in members:
        if not member.article.sample and member.level in {Level.NEW, Level.SAME_STORY}:
            first.setdefault(_text(member.article), publisher_of(member.article, publishers))
    return tuple(dict.fromkeys(first.values()))


def _covers(configured: str, host: str, domain: str, source: str) -> bool:
    wanted = ascii_host(configured) or configured.strip().casefold().removeprefix("www.")
    return bool(wanted) and (
        wanted == domain or host == wanted or host.endswith(f".{wanted}") or source.casefold() == wanted
    )


def _text(article: Article) -> tuple[str, ...]:
    start = lead(article)[:20]
    return start if len(start) > 5 else (*title_of(article).tokens, *start)
