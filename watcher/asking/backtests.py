"""How rules are tried on stored articles: which rules, against which, and what is said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from watcher.asking.configured import load_rules
from watcher.asking.progress import Bar
from watcher.asking.store import StoredWithRevisions, with_store
from watcher.core.alerts.replay import Replay, RuleReplay, ToldStory, as_it_is, as_tried
from watcher.core.matching.engine import RuleSet
from watcher.core.matching.word_index import Asked
from watcher.core.model.ids import RuleId
from watcher.core.model.rule import Rule, RuleSource
from watcher.daemon.clock import SystemClock
from watcher.daemon.examine import in_force
from watcher.errors import ConfigError
from watcher.lexicon.extras import compile_with_extras
from watcher.reading.configurations import load_files_tried
from watcher.searching import Listed, Searched, after_of
from watcher.settings.configuration import Configuration
from watcher.settings.env import Settings
from watcher.settings.issues import did_you_mean
from watcher.settings.load import read_texts
from watcher.settings.phrases import counted, short
from watcher.settings.problems import render
from watcher.settings.yaml_text import decode
from watcher.telemetry.logging import printable
from watcher.telling.hit_lines import hit_headline, hit_json, seen_or_published
from watcher.telling.payload import rfc3339

_PIECE: Final = 1_000
_MOST_BY_WORDS: Final = 50
"""With more rules nearly every article is a candidate: then all are read in their order."""

_BARS: Final = "▁▂▃▄▅▆▇█"
_SHOWN: Final = 10
_MOST_BARS: Final = 60


@dataclass(frozen=True, slots=True)
class Backtest:
    """What rules tell of the stored articles of so many days; `looked_at` the engine was asked about."""

    rules: Sequence[RuleReplay]
    looked_at: int
    since: datetime
    until: datetime

    @property
    def days(self) -> float:
        """How many days were replayed."""
        return max((self.until - self.since) / timedelta(days=1), 1.0)


def backtested(settings: Settings, wanted: str | None, days: int) -> Backtest:
    """Return what a rule, the rules of a file, or all rules tell of stored articles, beside the live revision.

    Raises:
        ConfigError: the configuration has mistakes, or there is no such rule.
        StorageError: there is no database yet, or it cannot be read.
    """
    configuration, tried = _tried(settings, wanted)
    now = SystemClock().now()
    asked_since = now - timedelta(days=days)

    async def question(store: StoredWithRevisions) -> Backtest:
        last = await store.active_revision()
        live = None if last is None else await in_force(store, settings, last)
        forms = _forms(configuration, tried, live)
        rules = [compile_with_extras(source) for source in forms.sources]
        run = Replay(rules, forms.rules, forms.unchanged, configuration.publishers)
        first = await store.articles_since(asked_since, 1)
        since = max(asked_since, first[0].first_seen_at or asked_since) if first else asked_since
        asked = _asked(rules) if len(tried) <= _MOST_BY_WORDS else None
        if asked is None:
            await _all(store, run, asked_since, now)
        else:
            await _listed(store, run, await store.found(asked, asked_since))
        return Backtest(run.result(), run.read, since, now)

    return with_store(settings, question)


async def _listed(store: Searched, run: Replay, found: Sequence[Listed]) -> None:
    """Replay what was found, oldest first."""
    ids = [one.article for one in reversed(found)]
    bar = Bar(f"replaying {counted(len(ids), 'article')} of these words")
    for start in range(0, len(ids), _PIECE):
        bar.at(start / len(ids))
        for article in await store.articles_by_id(ids[start : start + _PIECE]):
            run.add(article)
    bar.end()


async def _all(store: Searched, run: Replay, since: datetime, until: datetime) -> None:
    """Replay all articles since then, oldest first."""
    bar = Bar("replaying")
    after: Listed | datetime = since
    while articles := await store.articles_since(after, _PIECE):
        for article in articles:
            run.add(article)
        after = after_of(articles[-1])
        bar.at((after.seen_at - since) / (until - since), f"{run.read:,} articles")
    bar.end()


def _tried(settings: Settings, wanted: str | None) -> tuple[Configuration, Sequence[Rule]]:
    """Return the configuration that holds the wanted rules, and these."""
    if wanted is not None and wanted.endswith((".yaml", ".yml")):
        return _of_file(settings, Path(wanted))
    loaded = load_rules(settings.config, settings)
    if loaded.configuration is None:
        raise ConfigError(f"the configuration has mistakes\n{render(loaded.problems)}")
    rules = loaded.configuration.rules
    found = [rule for rule in rules if wanted in (None, rule.id, rule.name)]
    if not found:
        hint = did_you_mean(wanted or "", [rule.id for rule in rules])
        raise ConfigError(f"no rule is called {short(wanted or '')}{f'; {hint}' if hint else ''}")
    return loaded.configuration, found


def _of_file(settings: Settings, file: Path) -> tuple[Configuration, Sequence[Rule]]:
    """Return the rules of a file, with what else the configuration holds; those that it has under the same id are left
    out.
    """
    try:
        text = decode(file.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(f"{file} cannot be read: {error}") from error
    base = settings.config.resolve()
    texts, _ = read_texts(settings.config) if settings.config.is_dir() else ({}, [])
    inside = file.resolve().is_relative_to(base)
    name = file.resolve().relative_to(base).as_posix() if inside else file.name
    together = load_files_tried({**texts, name: text}, settings)
    loaded = together if together.configuration is not None else load_files_tried({name: text}, settings)
    if loaded.configuration is None:
        raise ConfigError(f"{file} has mistakes\n{render(loaded.problems)}")
    rules = [rule for rule in loaded.configuration.rules if rule.place.file == name]
    if not rules:
        raise ConfigError(f"{file} holds no rule; write them under `rules:`")
    return loaded.configuration, rules


@dataclass(frozen=True, slots=True)
class _Forms:
    """Both forms of rules as they are asked: `sources` hold all of `rules`; `unchanged` have one form only."""

    rules: tuple[Rule, ...]
    sources: tuple[RuleSource, ...]
    unchanged: frozenset[RuleId]


def _forms(configuration: Configuration, tried: Sequence[Rule], live: Configuration | None) -> _Forms:
    """Return both forms of the rules; where a concept is another one by now, each form is asked with its own."""
    now = tuple(as_tried(rule) for rule in tried)
    if live is None:
        return _Forms(now, (RuleSource(0, now, configuration.concepts),), frozenset())
    before = {rule.id: rule for rule in live.rules}
    is_same_words = all(configuration.concepts.get(name, one) == one for name, one in live.concepts.items())
    unchanged = frozenset(rule.id for rule in tried if is_same_words and before.get(rule.id) == rule)
    was = tuple(as_it_is(before[rule.id]) for rule in tried if rule.id in before and rule.id not in unchanged)
    if is_same_words:
        concepts = {**live.concepts, **configuration.concepts}
        return _Forms((*now, *was), (RuleSource(0, (*now, *was), concepts),), unchanged)
    sources = (RuleSource(0, now, configuration.concepts), RuleSource(0, was, live.concepts))
    return _Forms((*now, *was), sources, unchanged)


def _asked(rules: Sequence[RuleSet]) -> Asked | None:
    """Return what the index is asked for articles on which a rule of one of the sets may fire."""
    found: list[Any] = []
    for one in rules:
        asked = one.asked_for()
        if asked is None:
            return None
        found += asked
    return tuple(found)


def render_backtest(found: Backtest, *, color: bool, most: int = _SHOWN) -> str:
    """Return it as lines for a terminal."""
    lines = [line for one in found.rules for line in _rule_lines(one, found, color=color, most=most)]
    if len(found.rules) > 1:
        gained, lost = (
            sum(counts) for counts in zip(*((r.gained_count, r.lost_count) for r in found.rules), strict=True)
        )
        lines.append(f"{len(found.rules):,} rules: {gained:,} gained, {lost:,} lost, {_same(found):,} same")
    return "\n".join(lines)


def _same(found: Backtest) -> int:
    return sum(one.same for one in found.rules)


def _rule_lines(one: RuleReplay, found: Backtest, *, color: bool, most: int) -> list[str]:
    live = one.live_stories is not None
    stories = f" (live: {one.live_stories:,})" if live else " (no such rule is live)"
    daily = f" (live: {one.live_alerts / found.days:.1f})" if live else ""
    daily = f"{one.alerts / found.days:.1f} alerts a day{daily}, of {counted(one.matched, 'article')} that match"
    lines = [f"{one.rule}: {_stories(one.stories)}{stories}, {daily}"]
    if one.days:
        lines.append(f"  {_bars(one.days, found)}")
    for sign, told, count in (("+", one.gained, one.gained_count), ("-", one.lost, one.lost_count)):
        newest = told[-most:] if most else ()
        lines += [f"  {sign} {_told_line(each, color=color)}" for each in reversed(newest)]
        if count > most:
            lines.append(f"  {sign} and {count - min(most, len(told)):,} more; --json has them")
    if live:
        lines.append(f"  {one.gained_count:,} gained, {one.lost_count:,} lost, {one.same:,} same")
    return lines


def _stories(count: int) -> str:
    return "1 story" if count == 1 else f"{count:,} stories"


def _told_line(each: ToldStory, *, color: bool) -> str:
    at = seen_or_published(each.article)
    why = f"   none: {printable(each.stopped_by)}" if each.stopped_by else ""
    return f"{at.strftime('%d %b') if at else 'no day'}  {hit_headline(each.article, each.match, color=color, limit=90)}{why}"


def _bars(days: Mapping[date, int], found: Backtest) -> str:
    """Return a bar for each day, and what the tallest stands for."""
    first = found.since.astimezone(UTC).date()
    count = min((found.until.astimezone(UTC).date() - first).days + 1, _MOST_BARS)
    first = found.until.astimezone(UTC).date() - timedelta(days=count - 1)
    heights = [days.get(first + timedelta(days=number), 0) for number in range(count)]
    tallest = max(heights, default=0)
    bars = (
        "".join(_BARS[-(-height * len(_BARS) // tallest) - 1] if height else "." for height in heights)
        if tallest
        else ""
    )
    return f"{first.strftime('%d %b')} {bars} {found.until.strftime('%d %b')}, at most {tallest:,} a day"


def backtest_json(one: RuleReplay, found: Backtest) -> Mapping[str, Any]:
    """Return what one rule told as a JSON object."""
    live = one.live_stories is not None
    return {
        "rule": one.rule,
        "name": one.name,
        "since": rfc3339(found.since),
        "until": rfc3339(found.until),
        "looked_at": found.looked_at,
        "matched": one.matched,
        "stories": one.stories,
        "alerts": one.alerts,
        "alerts_a_day": round(one.alerts / found.days, 2),
        "days": {day.isoformat(): count for day, count in sorted(one.days.items())},
        "live": {"matched": one.live_matched, "stories": one.live_stories, "alerts": one.live_alerts} if live else None,
        "same": one.same,
        "gained": [_told_json(each) for each in one.gained],
        "lost": [_told_json(each) for each in one.lost],
        "gained_count": one.gained_count,
        "lost_count": one.lost_count,
    }


def _told_json(each: ToldStory) -> Mapping[str, Any]:
    return {**hit_json(each.article, each.match), "stopped_by": each.stopped_by or None}
