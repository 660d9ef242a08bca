"""What `watcher doctor` reports: each part is looked at on its own, so that a broken one does not hide the others."""

from __future__ import annotations

import asyncio
import platform
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeAlias

import click

from watcher.asking.options import read_settings
from watcher.daemon.control import ask
from watcher.errors import ControlError, StorageError
from watcher.lexicon.extras import installed
from watcher.reading.confine import kept_from
from watcher.settings.configuration import Configuration
from watcher.settings.env import Settings
from watcher.settings.load import load
from watcher.storage.open import schema_of, sqlite_version
from watcher.storage.tables import HEAD
from watcher.telemetry.logging import Masker, printable

Report: TypeAlias = dict[str, Any]
"""Words, numbers, lists and mappings; ready for JSON."""

_PACKAGES = (
    "alembic", "apscheduler", "feedparser", "google-re2", "httpx", "nh3", "pydantic", "pyyaml", "regex", "sqlalchemy", "starlette",
    "uvicorn",
)  # fmt: skip
_PLACES_SHOWN = 10
_PATIENCE_SECONDS = 5.0


def diagnose(**given: object) -> Report:
    """Return the report; `given` are settings from the command line. Secrets, credentials in addresses and the home
    directory are masked.
    """
    report: Report = {"versions": _versions(), "extras": installed()}
    masker = Masker()
    try:
        settings = read_settings(**given)
    except click.UsageError as error:
        report["settings"] = {"problem": error.format_message()}
        return _masked(report, masker)
    masker.add(settings.secrets())
    report["settings"] = _settings(settings)
    report["readers"] = {"kept_from": list(kept_from()) or "nothing: this system cannot confine them"}
    report["configuration"] = _configuration(settings, masker)
    report["database"] = _database(settings)
    report["daemon"] = _daemon(settings)
    return _masked(report, masker)


def render_report(report: Mapping[str, Any]) -> str:
    """Return a report as lines for people."""
    lines = []
    for part, values in report.items():
        lines.append(part)
        lines += [f"  {name.replace('_', ' '):<18} {_words(value)}" for name, value in values.items()]
    return "\n".join(lines)


def _words(value: object) -> str:
    match value:
        case Mapping():
            return ", ".join(f"{name} {_words(item)}" for name, item in value.items()) or "none"
        case list():
            return ", ".join(map(_words, value)) or "none"
        case bool():
            return "yes" if value else "no"
        case None | "":
            return "-"
        case _:
            return printable(str(value))


def _versions() -> Report:
    return {
        "watcher": _version("news-watcher"),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "sqlite": sqlite_version(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "command": sys.executable,
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def _settings(settings: Settings) -> Report:
    return {
        "config": str(settings.config),
        "data": str(settings.data),
        "database": str(settings.place()) if settings.place().file is None else settings.database,
        "bind": settings.bind,
        "token": "set" if settings.token is not None else "not set",
        "smtp_url": "set" if settings.smtp_url is not None else "not set",
        "public_url": settings.public_url,
        "workers": settings.workers,
    }


def _configuration(settings: Settings, masker: Masker) -> Report:
    loaded = load(Path(settings.config), settings)
    errors = [problem for problem in loaded.problems if problem.is_error]
    report: Report = {
        "errors": len(errors),
        "warnings": len(loaded.problems) - len(errors),
        # Where, but not what: the text of a mistake may quote a secret that was written into the wrong place.
        "mistakes_at": [str(problem.place) for problem in errors[:_PLACES_SHOWN]],
    }
    if loaded.configuration is not None:
        masker.add(loaded.configuration.secrets())
        report |= _counts(loaded.configuration)
    return report


def _counts(configuration: Configuration) -> Report:
    return {
        "files": len(configuration.files),
        "rules": len(configuration.rules),
        "concepts": len(configuration.concepts),
        "feeds": len(configuration.feeds),
        "channels": {
            name: f"waiting: {setup.reason}" if setup.reason else setup.state.value
            for name, setup in configuration.channels.items()
        },
    }


def _database(settings: Settings) -> Report:
    report: Report = {"expected_schema": HEAD}
    try:
        found = schema_of(settings.database)
        if found is None:
            return {**report, "problem": "there is no database yet"}
        report |= {"schema": found.schema or "none", "bytes": found.bytes}
        if found.schema == HEAD:
            report |= _stored(settings)
    except StorageError as error:
        report["problem"] = str(error)
    return report


def _stored(settings: Settings) -> Report:
    from watcher.asking.store import with_store
    from watcher.daemon.clock import SystemClock

    stats = with_store(settings, lambda store: store.stats(SystemClock().now()))
    return {
        "articles": stats.articles,
        "feeds": dict(stats.feeds),
        "messages": dict(stats.messages),
        "pending_matches": stats.pending_matches,
        "last_24_hours": {
            "read": stats.read,
            "matched": stats.matched,
            "stories": stats.stories,
            "sent": stats.sent,
        },
    }


def _daemon(settings: Settings) -> Report:
    try:
        answer = asyncio.run(ask(Path(settings.data), {"verb": "status"}, timeout_seconds=_PATIENCE_SECONDS))
    except ControlError as error:
        return {"running": False, "problem": str(error)}
    return {"running": True, **{name: value for name, value in answer.items() if name != "ok"}}


def _masked(report: Report, masker: Masker) -> Report:
    masked: Report = {}
    for part, values in report.items():
        value = masker.value(_homeless(values))
        assert isinstance(value, dict)
        masked[part] = value
    return masked


def _homeless(value: object) -> object:
    """Return a value whose texts say `~` for the home directory: it holds a person's name."""
    home = str(Path.home())
    match value:
        case str():
            return value.replace(home, "~") if len(home) > 1 else value
        case Mapping():
            return {name: _homeless(item) for name, item in value.items()}
        case list():
            return [_homeless(item) for item in value]
        case _:
            return value
