"""What stored articles say of rules: too many alerts, a group that one term always meets, what matches nothing.

It ends after so much processor time and then says how far it came: a check of files should not take longer for each
article that was ever stored.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain
from typing import Any, Final

from watcher.asking.store import with_store
from watcher.core.alerts.replay import Replay, as_tried, floods
from watcher.core.articles.words import folded_words
from watcher.core.lint.rules import LintWarning
from watcher.core.lint.trial import Trial
from watcher.core.lint.unseen import owners, unmatched_rule, unseen_terms
from watcher.core.matching.engine import RuleSet, find_terms
from watcher.core.matching.explain import counts_over_time
from watcher.core.model.article import Article
from watcher.core.model.ids import RuleId
from watcher.core.model.place import NOWHERE
from watcher.core.model.rule import Rule, RuleSource, Term
from watcher.core.spelling import nearest_word
from watcher.daemon.clock import SystemClock
from watcher.lexicon.extras import compile_with_extras
from watcher.searching import Searched
from watcher.settings.configuration import Configuration
from watcher.settings.env import Settings
from watcher.settings.problems import Problem, Source

CPU_SECONDS: Final = 2.0
"""Half of it is for trying the rules, half for asking the index: neither leaves the other nothing."""

_FEWEST: Final = 1_000
"""Of fewer stored articles, or of fewer days, it says little that something stands in none of them."""
_FEWEST_DAYS: Final = 7
_ASKED: Final = 200
"""So many articles that may be meant are read of each term and rule; where none of them is, nothing is said."""
_MOST_SLIPS: Final = 20
_SHORTEST_SLIP: Final = 5
_SLIP_LIKENESS: Final = 0.85
_HELD_BY: Final = 3
"""A word that so many of the newest articles hold is no slip itself."""


@dataclass(frozen=True, slots=True)
class StoredWarnings:
    """What the newest `tried` of `stored` articles say, and of `asked` of all `askable` rules and terms the index."""

    problems: tuple[Problem, ...] = ()
    stored: int = 0
    tried: int = 0
    newest: int = 0
    asked: int = 0
    askable: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether all was looked at within the time."""
        return self.tried == self.newest and self.asked == self.askable

    def said(self) -> str:
        """Return in one line what was looked at, "" where nothing is stored."""
        if not self.stored:
            return ""
        if self.is_whole:
            return f"tried on the newest {self.tried:,} of {self.stored:,} stored articles"
        return (
            f"stopped after {CPU_SECONDS:g} s: tried on the newest {self.tried:,} of {self.stored:,} stored articles, "
            f"and {self.asked:,} of {self.askable:,} rules and terms looked for in all"
        )

    def as_json(self) -> Mapping[str, Any]:
        """Return it as a JSON object."""
        return {
            "stored": self.stored,
            "tried": self.tried,
            "asked": self.asked,
            "askable": self.askable,
            "whole": self.is_whole,
        }


def stored_warnings(settings: Settings, configuration: Configuration, newest: Sequence[Article]) -> StoredWarnings:
    """Return what stored articles say of the rules; `newest` are the newest of them, of which there must be some.

    Raises:
        StorageError: the database cannot be read.
    """
    whole = configuration.rule_source(0)
    source = replace(whole, rules=tuple(as_tried(one) for one in whole.rules if not counts_over_time(one)))
    if not source.rules:
        return StoredWarnings()
    rules = compile_with_extras(source)
    trial, tried, found = _tried(source, rules, newest, configuration, _half_from_now())

    async def question(store: Searched) -> StoredWarnings:
        stored = await store.count_articles()
        days = await _days(store)
        asked, askable = 0, 0
        if stored >= _FEWEST and days >= _FEWEST_DAYS:
            unseen = _Unseen(store, source, rules, newest, _half_from_now())
            found.extend(await unseen.warnings(trial, stored, days))
            asked, askable = unseen.asked, unseen.askable
        return StoredWarnings(_problems(found, configuration), stored, tried, len(newest), asked, askable)

    return with_store(settings, question)


def _tried(
    source: RuleSource, rules: RuleSet, newest: Sequence[Article], configuration: Configuration, end: float
) -> tuple[Trial, int, list[LintWarning]]:
    """Try rules on the newest articles, oldest first; return what came of it, of how many, and what is odd."""
    trial, replay = Trial(), Replay([rules], source.rules, publishers=configuration.publishers)
    read: list[Article] = []
    for article in _until(newest[::-1], end):
        tried = rules.tried(article)
        trial.add(tried)
        replay.take(article, [tried])
        read.append(article)
    found = list(trial.warnings(source.rules, rules))
    times = [one.first_seen_at for one in read if one.first_seen_at is not None]
    span = times[-1] - times[0] if times else timedelta(0)
    by_id = {rule.id: rule for rule in source.rules}
    for one in replay.result():
        rule, said = by_id[one.rule], floods(one, len(read), span)
        if said and "floods" not in rule.quiet_lint:
            hint = f"add a group that must occur as well, or write rarer words; `watcher backtest {rule.id}` shows them"
            found.append(LintWarning(rule.place, said, hint, rule.id, "floods"))
    return trial, len(read), found


def _half_from_now() -> float:
    return time.process_time() + CPU_SECONDS / 2


def _until(articles: Sequence[Article], end: float) -> Iterator[Article]:
    for article in articles:
        if time.process_time() > end:
            return
        yield article


async def _days(store: Searched) -> int:
    """Return for how many days articles are stored."""
    now = SystemClock().now()
    oldest = await store.articles_since(now - timedelta(days=36_500), 1)
    seen = oldest[0].first_seen_at if oldest else None
    return (now - seen).days if seen is not None else 0


class _Unseen:
    """Looks for rules and terms that no stored article holds, by the search index and then the engine."""

    def __init__(
        self, store: Searched, source: RuleSource, rules: RuleSet, newest: Sequence[Article], end: float
    ) -> None:
        self._store = store
        self._source = source
        self._rules = rules
        self._newest = newest
        self._end = end
        self.asked = self.askable = 0

    async def warnings(self, trial: Trial, stored: int, days: int) -> list[LintWarning]:
        """Return the warnings about all rules and terms, as far as the time goes."""
        idle = [rule for rule in self._source.rules if not trial.matched(rule.id) and "unseen" not in rule.quiet_lint]
        lists = list(owners(self._source))
        terms = list(dict.fromkeys(chain.from_iterable(one.terms for one in lists)))
        self.askable = len(idle) + len(terms)
        found = [unmatched_rule(rule, stored, days) for rule in await self._unmatched(idle)]
        unseen = await self._unseen(terms)
        meant = self._meant(unseen)
        told = (unseen_terms(one, unseen.keys(), stored, meant) for one in lists)
        return [*found, *filter(None, told)]

    async def _unmatched(self, rules: Sequence[Rule]) -> list[Rule]:
        """Return the rules that surely match none."""
        wanted = {rule.id for rule in rules}
        found = []
        for rule, asked in self._rules.asked_for_each():
            if rule.id not in wanted:
                continue
            if time.process_time() > self._end:
                break
            self.asked += 1
            if asked is None:
                continue
            articles = await self._store.some(asked, _ASKED)
            if len(articles) < _ASKED and not any(self._fires(rule.id, one) for one in articles):
                found.append(rule)
        return found

    def _fires(self, rule: RuleId, article: Article) -> bool:
        return any(match.rule == rule for match in self._rules.match(article)[0])

    async def _unseen(self, terms: Sequence[Term]) -> dict[Term, None]:
        """Return the terms that surely stand in none."""
        alone = tuple(Rule(RuleId(str(number)), "", term) for number, term in enumerate(terms))
        found: dict[Term, None] = {}
        for rule, asked in compile_with_extras(RuleSource(0, alone)).asked_for_each():
            if time.process_time() > self._end:
                break
            self.asked += 1
            term = terms[int(rule.id)]
            articles = () if asked is None else await self._store.some(asked, _ASKED)
            if asked is not None and len(articles) < _ASKED and not any(find_terms([term], one) for one in articles):
                found[term] = None
        return found

    def _meant(self, unseen: Mapping[Term, None]) -> dict[Term, str]:
        """Return words that the newest articles have and that single words may be a slip of."""
        words = [term for term in unseen if term.text.isalpha() and len(term.text) >= _SHORTEST_SLIP][:_MOST_SLIPS]
        if not words:
            return {}
        counted: Counter[str] = Counter()
        for article in self._newest:
            counted.update(set(folded_words(f"{article.title}\n{article.summary}")))
        known = [word for word, articles in counted.items() if articles >= _HELD_BY and len(word) >= _SHORTEST_SLIP]
        found: dict[Term, str] = {}
        for term in words:
            near = [
                word for word in known if word[0] == term.text[0].casefold() and abs(len(word) - len(term.text)) < 3
            ]
            if meant := nearest_word(term.text, near, _SLIP_LIKENESS):
                found[term] = meant
        return found


def _problems(found: Sequence[LintWarning], configuration: Configuration) -> tuple[Problem, ...]:
    sources: dict[str, Source] = {}
    problems = []
    for one in found:
        if one.place != NOWHERE:
            file = one.place.file
            source = sources.setdefault(file, Source(file, dict(configuration.files).get(file, "")))
            problems.append(source.problem(one.place, one.message, level="warning", hint=one.hint))
    return tuple(problems)
