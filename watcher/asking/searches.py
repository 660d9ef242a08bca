"""How stored articles are searched: the index finds candidates, the matching engine decides."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from watcher.asking.configured import load_rules
from watcher.asking.progress import Bar
from watcher.asking.store import with_store
from watcher.core.language.query import read_query, split_excluded
from watcher.core.matching.engine import RuleSet
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, RuleId
from watcher.core.model.match import Match
from watcher.core.model.rule import Concept, Rule, RuleSource
from watcher.daemon.clock import SystemClock
from watcher.errors import ConfigError
from watcher.lexicon.extras import compile_with_extras
from watcher.searching import Searched
from watcher.settings.concepts import library_concept, library_names
from watcher.settings.env import Settings
from watcher.settings.issues import did_you_mean
from watcher.settings.phrases import short

_PIECE: Final = 500
_SEARCH: Final = RuleId("search")


@dataclass(frozen=True, slots=True)
class Hit:
    """An article on which a search fires, and where."""

    article: Article
    match: Match


@dataclass(frozen=True, slots=True)
class Searching:
    """What a search found, newest first; `looked_at` articles the engine was asked about. Where `more` is true there
    may be others beyond the limit.
    """

    hits: Sequence[Hit]
    looked_at: int
    more: bool = False


def searched(
    settings: Settings, query: str, days: int | None, feeds: Sequence[str], limit: int
) -> tuple[Searching, Sequence[str]]:
    """Return what a query in the rule language finds among stored articles, newest first, and hints about the query.

    Raises:
        ConfigError: the query is wrong; the text shows where and what to write.
        StorageError: there is no database yet, or it cannot be read.
    """
    rule, named, hints = _rule_of(query)
    rules = compile_with_extras(RuleSource(0, (rule,), _concepts(named, settings)))
    asked = rules.asked_for()
    now = SystemClock().now()
    since = now - timedelta(days=days) if days is not None else now - timedelta(days=36_500)
    of_feeds = frozenset(name.casefold() for name in feeds)

    async def question(store: Searched) -> Searching:
        listed = await store.found(asked, since)
        return await _look(store, rules, [one.article for one in listed], of_feeds, limit)

    return with_store(settings, question), hints


async def _look(
    store: Searched, rules: RuleSet, ids: Sequence[ArticleId], feeds: frozenset[str], limit: int
) -> Searching:
    """Ask the engine about articles in their order, until enough were found."""
    hits: list[Hit] = []
    bar = Bar("searching")
    for start in range(0, len(ids), _PIECE):
        bar.at(start / len(ids), f"{start:,} of {len(ids):,}")
        for article in await store.articles_by_id(ids[start : start + _PIECE]):
            if feeds and article.feed_name.casefold() not in feeds and article.feed not in feeds:
                continue
            if not (matches := rules.match(article)[0]):
                continue
            if len(hits) == limit:
                bar.end()
                return Searching(hits, start + _PIECE, more=True)
            hits.append(Hit(article, matches[0]))
    bar.end()
    return Searching(hits, len(ids))


def _rule_of(query: str) -> tuple[Rule, Collection[str], Sequence[str]]:
    """Return a rule that fires where the query holds, the concepts that it names, and hints."""
    reading = read_query(query)
    if reading.tree is None:
        raise ConfigError("\n".join(_shown(query, error.offset, str(error), error.hint) for error in reading.errors))
    body, none = split_excluded(reading.tree)
    rule = Rule(_SEARCH, query, body, none=none)
    named = {ref.name for ref, _, _ in reading.concepts}
    return rule, named, [f"{hint.message}; {hint.hint}" if hint.hint else hint.message for hint in reading.hints]


def _shown(query: str, offset: int, message: str, hint: str) -> str:
    line = " ".join(query.splitlines()) if "\n" in query else query
    return f"{message}{f'; {hint}' if hint else ''}\n  {line}\n  {' ' * offset}^"


def _concepts(names: Collection[str], settings: Settings) -> dict[str, Concept]:
    """Return the concepts that a query names: those of the configuration, else of the library."""
    named = set(names)
    if not named:
        return {}
    configuration = load_rules(settings.config, settings).configuration
    found = dict(configuration.concepts) if configuration is not None else {}
    library = library_names()
    for name in sorted(named - found.keys()):
        if name not in library:
            hint = did_you_mean(name, [*found, *library])
            raise ConfigError(f"no concept is called {short(f'${name}')}{f'; {hint}' if hint else ''}")
        found[name] = library_concept(library[name]).concept
    return found
