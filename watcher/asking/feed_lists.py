"""Lists of feeds from and for other programs (OPML): each entry is looked at, and the report says what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic_core import PydanticCustomError

from watcher.asking.feed_edits import address_key, known_addresses, written_lines
from watcher.asking.feed_search import FeedSearch, FoundFeed, Unfetched, open_search
from watcher.core.feeds.opml import ListedFeed, read_opml, write_opml
from watcher.core.model.outcome import FetchProblemKind
from watcher.core.model.policy import FeedForm, FeedSpec
from watcher.errors import ConfigError, ParseError
from watcher.settings.configuration import Configuration
from watcher.settings.edit import editing
from watcher.settings.env import Settings
from watcher.settings.feed_schema import feed_url
from watcher.settings.feed_ways import private_host
from watcher.settings.phrases import counted, short
from watcher.settings.yaml_edit import Item
from watcher.telemetry.logging import printable

Progress = Callable[[int, int], None]
"""Told after each feed that was asked: how many were, of how many."""

_AT_ONCE = 20
_HOPELESS = frozenset(
    {
        FetchProblemKind.GONE,
        FetchProblemKind.NOT_A_FEED,
        FetchProblemKind.BLOCKED_ADDRESS,
    }
)
"""What no waiting mends; all else may be over tomorrow, so that such a feed is added and its state says more."""

_NOT_FOUND = 404


@dataclass(slots=True)
class _Report:
    """What became of the entries of a list."""

    entries: int
    chosen: list[ListedFeed] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    known: int = 0
    read: int = 0
    matching: int = 0

    def warn(self, what: str, entry: ListedFeed, why: str) -> None:
        self.warnings.append(f"  {what:<9} {printable(short(entry.url))} (line {entry.line}): {printable(why)}")


def import_list(
    settings: Settings, file: Path, body: bytes, tags: Sequence[str], into: str, progress: Progress, *, unseen: bool
) -> list[str]:
    """Add the feeds of an OPML list to a configuration file, by default one named as the list; return the report.

    Each feed is asked once unless `unseen`. One that is there already, stands twice, is no feed or is gone is a
    warning and left out; one that only does not answer now is a warning and added.

    Raises:
        ConfigError: the list cannot be read, or the files have mistakes; nothing was written.
    """
    try:
        listed = read_opml(body)
    except ParseError as error:
        raise ConfigError(f"{file} cannot be imported: {error} Nothing was written") from error
    report = _Report(len(listed))
    with editing(Path(settings.config), settings) as files:
        configuration = files.configuration
        target = files.name_of(into or f"{_slug(file.stem)}.yaml")
    _sort_out(report, listed, configuration)
    if not unseen and report.chosen:
        asyncio.run(_ask(settings, configuration, report, progress))
    written: Sequence[str] = ()
    if report.chosen:
        with editing(Path(settings.config), settings) as files:
            files.add(_items(report.chosen, tags, files.configuration), target)
            written = list(written_lines(files.write()))
    return [*_lines(report, file, asked=not unseen), *written]


def export_list(feeds: Sequence[FeedSpec]) -> str:
    """Return the feeds as an OPML list: samples, files and credentials are no part of it."""
    listed = [ListedFeed(spec.url, spec.name, spec.tags) for spec in exported(feeds)]
    return write_opml(listed, "Feeds of watcher")


def exported(feeds: Sequence[FeedSpec]) -> list[FeedSpec]:
    """Return the feeds that mean something to another program."""
    return [spec for spec in feeds if _means_something(spec)]


def _means_something(spec: FeedSpec) -> bool:
    return spec.form is FeedForm.FEED and not spec.sample and not spec.url.startswith("file:")


def _sort_out(report: _Report, listed: Sequence[ListedFeed], configuration: Configuration) -> None:
    """Keep the entries that can be feeds of ours and are not there yet."""
    known = known_addresses(configuration.feeds)
    seen: dict[str, ListedFeed] = {}
    for entry in listed:
        key = address_key(entry.url)
        if wrong := _wrong(entry, configuration):
            report.warn("left out", entry, wrong)
        elif key in known:
            report.known += 1
            report.warn("is there", entry, f"it is {known[key].name}, {known[key].place}")
        elif key in seen:
            report.warn("twice", entry, f"first at line {seen[key].line}")
        else:
            seen[key] = entry
            report.chosen.append(entry)


def _wrong(entry: ListedFeed, configuration: Configuration) -> str:
    try:
        url = feed_url(entry.url)
    except PydanticCustomError as error:
        return str((error.context or {}).get("sentence", error))
    if url.startswith("file:"):
        return "a list from elsewhere names no files of ours"
    return private_host(url, configuration.network.allow_private)


async def _ask(settings: Settings, configuration: Configuration, report: _Report, progress: Progress) -> None:
    chosen, report.chosen = report.chosen, []
    places = asyncio.Semaphore(_AT_ONCE)
    answers: dict[int, FoundFeed | str | ConfigError] = {}

    async def ask(number: int, entry: ListedFeed, search: FeedSearch) -> None:
        async with places:
            answers[number] = await _answer(search, entry)
        progress(len(answers), len(chosen))

    async with open_search(settings, configuration) as search, asyncio.TaskGroup() as group:
        for number, entry in enumerate(chosen):
            group.create_task(ask(number, entry, search))
    for number, entry in enumerate(chosen):
        _take(report, entry, answers[number])


async def _answer(search: FeedSearch, entry: ListedFeed) -> FoundFeed | str | ConfigError:
    """Return the feed, a sentence why it is none, or the error with which it did not answer."""
    spec = FeedSpec(url=entry.url, name=entry.name or entry.url, tags=entry.tags)
    try:
        found = await search.feed_at(spec, tries_guesses=False)
    except ConfigError as error:
        return error
    if isinstance(found, FoundFeed):
        return found
    return f"it is a web page that names {', '.join(feed.url for feed in found[:3])}"


def _take(report: _Report, entry: ListedFeed, answer: FoundFeed | str | ConfigError) -> None:
    match answer:
        case FoundFeed():
            report.read += 1
            report.matching += answer.matching
            report.chosen.append(entry)
        case str():
            report.warn("left out", entry, answer)
        case Unfetched(problem=problem) if problem.kind not in _HOPELESS and problem.status != _NOT_FOUND:
            report.warn("added", entry, f"it does not answer now: {problem.message}")
            report.chosen.append(entry)
        case _:
            report.warn("left out", entry, str(answer))


def _items(chosen: Sequence[ListedFeed], tags: Sequence[str], configuration: Configuration) -> list[Item]:
    """Return the lines of the entries; a name that is taken already is left out, and host and path tell it apart."""
    taken = {spec.name for spec in configuration.feeds}
    items: list[Item] = []
    for entry in chosen:
        item: dict[str, str | Sequence[str]] = {"url": entry.url}
        if entry.name and entry.name not in taken:
            taken.add(entry.name)
            item["name"] = entry.name
        if words := tuple(dict.fromkeys((*entry.tags, *tags))):
            item["tags"] = words
        items.append(item)
    return items


def _lines(report: _Report, file: Path, *, asked: bool) -> Iterator[str]:
    left = report.entries - len(report.chosen) - report.known
    yield (
        f"{file.name}: {counted(report.entries, 'feed')}, {len(report.chosen)} added, "
        f"{report.known} already here, {left} left out"
    )
    yield from report.warnings
    if asked and report.read:
        match = "matches" if report.matching == 1 else "match"
        yield f"{counted(report.read, 'feed')} read, {counted(report.matching, 'item')} in them {match} your rules, none sent"


def _slug(stem: str) -> str:
    word = "".join(letter if letter.isalnum() else "-" for letter in stem.lower())
    return word.strip("-")[:60] or "imported"
