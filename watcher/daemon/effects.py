"""What a change of the rules does to the stored articles of the last days, in one line, within a bounded time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from watcher.core.model.article import Article
from watcher.core.model.ids import RuleId
from watcher.daemon.world import World
from watcher.errors import StorageError
from watcher.ports import Clock
from watcher.settings.configuration import Configuration
from watcher.settings.differences import difference

if TYPE_CHECKING:
    from watcher.core.backtest import BothForms

DAYS: Final = 14
MOST_ARTICLES: Final = 4000
SECONDS: Final = 1.0


class _Doors(Protocol):
    async def newest_articles(self, limit: int) -> Sequence[Article]: ...


async def effect_of(world: World, before: Configuration, now: Configuration) -> str:
    """Return what the rules of `now` match more and less than those of `before`, such as "last 14 days +3 -1"; "" where
    no rule asks for anything else, or no article is stored.

    What is not done within a second is not done; the line then says of how many articles it is.
    """
    if not difference(before, now).asked_otherwise():
        return ""
    store: _Doors = world.store
    try:
        articles = await store.newest_articles(MOST_ARTICLES)
    except StorageError:
        return ""  # said where it matters: adopting needs the store too
    today = world.clock.now()
    return await asyncio.to_thread(_effect, before, now, articles, today, world.clock)


def replays_of(before: Configuration, now: Configuration, articles: Iterable[Article]) -> Mapping[RuleId, BothForms]:
    """Return what each rule that asks for something else, or is new or gone, matches of articles under both
    configurations. Blocks.
    """
    from watcher.core.backtest import replays  # noqa: PLC0415 - it brings the engine
    from watcher.lexicon.extras import compile_with_extras  # noqa: PLC0415 - as above

    asked = difference(before, now)
    names = asked.asked_otherwise()
    old, new = (
        compile_with_extras(replace(source, rules=tuple(rule for rule in source.rules if rule.id in ids)))
        for source, ids in (
            (before.rule_source(0), names | {edit.before for edit in asked.rules if edit.before}),
            (now.rule_source(0), names),
        )
    )
    return replays(old, new, asked.renames.rules, articles)


def recent(stored: Iterable[Article], today: datetime, days: int = DAYS) -> list[Article]:
    """Return the articles that came in the last days."""
    since = today - timedelta(days=days)
    return [one for one in stored if one.first_seen_at is None or one.first_seen_at >= since]


def _effect(before: Configuration, now: Configuration, stored: Sequence[Article], today: datetime, clock: Clock) -> str:
    articles = recent(stored, today)
    if not articles:
        return ""
    found = replays_of(before, now, _until(articles, clock.monotonic() + SECONDS, clock))
    gained, lost = sum(len(one.gained) for one in found.values()), sum(len(one.lost) for one in found.values())
    read = max((one.read for one in found.values()), default=0)
    of = f"last {DAYS} days" if read == len(articles) < MOST_ARTICLES else f"newest {read:,} articles"
    return f"{of} +{gained} -{lost}"


def _until(articles: Sequence[Article], end: float, clock: Clock) -> Iterator[Article]:
    for article in articles:
        if clock.monotonic() > end:
            return
        yield article
