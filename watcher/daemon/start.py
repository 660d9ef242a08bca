"""What a start begins with: the configuration (the files if they are right, else the last good revision, loudly), and
a word on a new database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import structlog

from watcher.core.articles.common_words import usual_share
from watcher.core.lint.terms import Shares
from watcher.daemon.meta import Meta
from watcher.errors import ConfigError
from watcher.ports import Clock, InForce
from watcher.reading.configurations import load_files_tried, load_tried
from watcher.settings.configuration import Configuration
from watcher.settings.emptied import emptied_files
from watcher.settings.env import Settings
from watcher.settings.load import Loaded, fingerprint, load, revision_digest
from watcher.settings.problems import render
from watcher.storage.place import Place
from watcher.telling import notices

log = structlog.get_logger()

Trial = Callable[[Path, Settings, Shares | None], Loaded]


async def first_files(
    store: InForce, settings: Settings, *, strict: bool, trial: Trial = load_tried
) -> tuple[bytes, Configuration, str]:
    """Return what `first_configuration` does, after the content that the files had before they were read: an edit
    meanwhile is one that is yet to be taken.
    """
    content = await asyncio.to_thread(fingerprint, Path(settings.config))
    return content, *await first_configuration(store, settings, strict=strict, trial=trial)


async def first_configuration(
    store: InForce, settings: Settings, *, strict: bool, trial: Trial = load_tried
) -> tuple[Configuration, str]:
    """Return the configuration to start with, and the rendered mistakes of the files if it is not theirs.

    `trial` reads files that are not in force yet, with limits.

    Raises:
        ConfigError: the files are wrong and there is no good revision, or `strict` forbids it; the text lists the
        mistakes.
    """
    last = await store.active_revision()
    proven = None if last is None else last.digest
    loaded = await asyncio.to_thread(_loaded, Path(settings.config), settings, proven, trial)
    if loaded.configuration is not None and last is not None:
        lost = emptied_files(loaded.configuration.files, last.files)
        loaded = Loaded(None, lost) if lost else loaded
    if loaded.configuration is not None:
        for problem in loaded.problems:
            log.warning(
                "configuration warning", place=str(problem.place), problem=problem.message, hint=problem.hint or None
            )
        return loaded.configuration, ""
    mistakes = render(loaded.problems)
    if strict or last is None:
        raise ConfigError(f"the configuration has mistakes\n{mistakes}")
    stored = await asyncio.to_thread(load_files_tried, last.files, settings)
    if stored.configuration is None:
        raise ConfigError(f"the configuration has mistakes, and so has the stored revision {last.number}\n{mistakes}")
    log.error(
        "the files are refused; running on the last good revision",
        revision=last.number,
        active_since=str(last.activated_at),
    )
    return stored.configuration, mistakes


async def tell_of_new_database(meta: Meta, configuration: Configuration, place: Place, clock: Clock) -> None:
    """Tell the channels of `meta` that a database begins: a slip with its place, or a lost file, looks like a first
    start.
    """
    log.info("a new database begins; what the feeds list now counts as seen", database=str(place))
    if configuration.meta.send_to:
        await meta.tell(f"new database {place} {clock.now().isoformat()}", *notices.new_database(str(place)))


def _loaded(directory: Path, settings: Settings, proven: bytes | None, trial: Trial) -> Loaded:
    """Return what the files hold; those that are in force already were tried when they were taken, and are only
    read.
    """
    if proven is not None and revision_digest(directory) == proven:
        return load(directory, settings, shares=usual_share)
    return trial(directory, settings, usual_share)
