"""How an audit of rules is asked for and shown on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import click

from watcher.asking.article_lines import read_articles
from watcher.asking.configured import configuration_of
from watcher.asking.pasted import as_read
from watcher.asking.store import with_store
from watcher.core.lint.audit import ANY, Counted, GroupAudit, NeverMet, RuleAudit, audit
from watcher.core.matching.explain import counts_over_time
from watcher.core.model.article import Article
from watcher.core.model.ids import RuleId
from watcher.core.model.rule import Concept, ConceptRef, Rule, RuleSource
from watcher.daemon.clock import SystemClock
from watcher.errors import ConfigError, StorageError
from watcher.lexicon.extras import compile_with_extras
from watcher.settings.concepts import library_concept, library_names
from watcher.settings.configuration import Configuration
from watcher.settings.env import Settings
from watcher.settings.issues import did_you_mean
from watcher.settings.phrases import short
from watcher.telemetry.logging import printable

_MOST_STORED: Final = 20_000
"""So many stored articles are read at most: they are all held at once."""

_EVERY: Final = 5_000
_NEVER_SHOWN: Final = 8
_HEADLINE: Final = 80
_WORD: Final = 26


def audited(settings: Settings, wanted: str | None, articles: Iterable[Article]) -> Sequence[RuleAudit]:
    """Return what articles say of one rule or concept, or of all rules.

    Raises:
        ConfigError: the configuration has mistakes, or there is no such rule or concept.
    """
    source = _chosen(configuration_of(settings), wanted)
    return audit(compile_with_extras(source), _told(articles))


def from_file(path: str) -> Iterator[Article]:
    """Yield the articles of a file of JSON lines; `-` is standard input.

    Raises:
        click.ClickException: the file cannot be read, or one of its lines is no article.
    """
    if path == "-":
        yield from (as_read(article).article for article in read_articles(sys.stdin))
        return
    try:
        with Path(path).open(encoding="utf-8-sig", errors="replace") as lines:
            yield from (as_read(article).article for article in read_articles(lines))
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror or error}") from error


def stored(settings: Settings, days: int) -> Sequence[Article]:
    """Return the stored articles of the last days, the newest first; where there are more than 20,000, these.

    Raises:
        StorageError: there is no database yet, or it cannot be read.
    """
    since = SystemClock().now() - timedelta(days=days)
    try:
        found = with_store(settings, lambda store: store.newest_articles(_MOST_STORED))
    except StorageError as error:
        raise StorageError(f"{error}; or give a file: --articles FILE") from error
    if len(found) == _MOST_STORED:
        click.echo(f"only the newest {_MOST_STORED:,} stored articles are read", err=True)
    return [article for article in found if article.first_seen_at is None or article.first_seen_at >= since]


def audit_mapping(one: RuleAudit) -> Mapping[str, Any]:
    """Return an audit as its JSON object."""
    return {
        "rule": one.rule,
        "name": one.name,
        "articles": one.read,
        "matched": one.matched,
        "groups": [
            {
                "label": group.label,
                "articles": group.articles,
                "always": group.always or None,
                "alone": list(map(_counted_as_mapping, group.alone)),
            }
            for group in one.groups
        ],
        "near": list(map(_counted_as_mapping, one.near)),
        "stopped": list(map(_counted_as_mapping, one.stopped)),
        "terms": one.terms,
        "unmet": one.unmet,
        "never": [
            {"lang": each.language or None, "articles": each.articles, "terms": list(each.terms)} for each in one.never
        ],
    }


def render_audit(one: RuleAudit, most: int) -> str:
    """Return an audit as lines for a terminal; of each list `most` entries."""
    lines = [f"{one.name} ({one.rule}): {one.matched:,} of {one.read:,} articles match"]
    for group in one.groups:
        lines += _group_lines(group, one.matched, most)
    lines += _listed("only one group was missing:", one.near, most)
    lines += _listed("stopped only by `none`:", one.stopped, most)
    lines += _never_lines(one)
    return "\n".join(lines)


def _chosen(configuration: Configuration, wanted: str | None) -> RuleSource:
    """Return the rules to look at: all, the one of a name, or one that asks for nothing but a concept."""
    source = configuration.rule_source(0)
    if wanted is None:
        if not any(not counts_over_time(rule) for rule in source.rules):
            raise ConfigError("the configuration has no rule that looks at articles")
        return source
    named = [rule for rule in source.rules if wanted in (rule.id, rule.name)]
    if named and counts_over_time(named[0]):
        raise ConfigError(f"rule {wanted} is one over time and looks at no article; audit the rule that it counts")
    if named:
        return replace(source, rules=tuple(named))
    name = wanted.removeprefix("$")
    concepts = dict(source.concepts)
    if name not in concepts and not _take(name, concepts):
        raise ConfigError(_unknown(wanted, [rule.id for rule in source.rules], concepts))
    name = name.rsplit("/", 1)[-1]
    label = concepts[name].label or name
    rule = Rule(RuleId(f"${name}"), label, ConceptRef(name))
    return replace(source, rules=(rule,), concepts=concepts)


def _take(name: str, concepts: dict[str, Concept]) -> bool:
    """Add a concept of the library, with those that it names; return whether there is one."""
    known = library_names()
    full_name = name if name in known.values() else known.get(name, "")
    if not full_name:
        return False
    concept = library_concept(full_name).concept
    concepts[concept.name] = concept
    for term in concept.terms:
        if isinstance(term, ConceptRef) and term.name not in concepts:
            _take(term.name, concepts)
    return True


def _unknown(wanted: str, rules: Sequence[RuleId], concepts: Mapping[str, Concept]) -> str:
    hint = did_you_mean(wanted.removeprefix("$"), [*rules, *concepts, *library_names()])
    return f"no rule or concept is called {short(wanted)}{f'; {hint}' if hint else ''}"


def _told(articles: Iterable[Article]) -> Iterator[Article]:
    """Yield articles, and say on standard error how many were read so far."""
    for number, article in enumerate(articles, start=1):
        yield article
        if number % _EVERY == 0:
            click.echo(f"{number:,} articles read", err=True)


def _counted_as_mapping(one: Counted) -> Mapping[str, Any]:
    return {"word": one.word, "articles": one.articles, "headline": one.headline}


def _group_lines(group: GroupAudit, matched: int, most: int) -> list[str]:
    alone = sum(one.articles for one in group.alone)
    heading = f"{group.label}: met by one term alone in {alone:,} of {matched:,}"
    if group.always and matched > 1:
        heading += f", always by {printable(group.always)}"
    return _listed(heading, group.alone, most) or [f"  {heading}"]


def _listed(heading: str, found: Sequence[Counted], most: int) -> list[str]:
    if not found:
        return []
    lines = [f"  {heading}"]
    for one in found[:most]:
        headline = printable(" ".join(one.headline.split()))
        shown = headline if len(headline) <= _HEADLINE else f"{headline[: _HEADLINE - 1]}…"
        lines.append(f"  {one.articles:>7,}  {printable(one.word):<{_WORD}}  {shown}".rstrip())
    if len(found) > most:
        lines.append(f"           and {len(found) - most:,} more; --most shows them")
    return lines


def _never_lines(one: RuleAudit) -> list[str]:
    """Return the terms that no article holds; of languages in which none was read only the names."""
    if not one.unmet:
        return []
    lines = [f"  in none of these articles: {one.unmet:,} of {one.terms:,} terms"]
    lines += [f"  {_language(each):>16}  {_terms(each.terms)}" for each in one.never if each.articles]
    unread = [each.language for each in one.never if not each.articles]
    if unread:
        lines.append(f"  {'none read':>16}  {', '.join(sorted(unread))}")
    return lines


def _language(each: NeverMet) -> str:
    if each.language == ANY:
        return "any language"
    return f"{each.language} ({each.articles:,} read)"


def _terms(terms: Sequence[str]) -> str:
    more = f", and {len(terms) - _NEVER_SHOWN:,} more" if len(terms) > _NEVER_SHOWN else ""
    return printable(", ".join(terms[:_NEVER_SHOWN])) + more
