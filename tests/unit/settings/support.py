"""Reads configuration texts in tests, and says what came out in one line a problem."""

from __future__ import annotations

from pathlib import Path

from watcher.settings.configuration import Configuration
from watcher.settings.env import Settings, read_settings
from watcher.settings.load import Loaded, load_files


def settings(**given: object) -> Settings:
    return read_settings(WATCHER_SECRETS=given.pop("secrets", Path("/nonexistent")), **given)


def read(text: str, **more: str) -> Loaded:
    """Read one text as a.yaml, and others by name (b="..." is b.yaml)."""
    return load_files({"a.yaml": text, **{f"{name}.yaml": other for name, other in more.items()}}, settings())


def good(text: str, **more: str) -> Configuration:
    """Read texts that hold no mistake."""
    loaded = read(text, **more)
    assert loaded.configuration is not None, [str(problem) for problem in loaded.problems]
    return loaded.configuration


def mistakes(text: str, **more: str) -> list[str]:
    """Return every error as `file:line:column: sentence; hint`."""
    return [str(problem) for problem in read(text, **more).problems if problem.is_error]


def mistake(text: str) -> str:
    """Return the only error of a text."""
    found = mistakes(text)
    assert len(found) == 1, found
    return found[0]


def warnings(text: str) -> list[str]:
    """Return every warning as `file:line:column: sentence; hint`."""
    return [str(problem) for problem in read(text).problems if not problem.is_error]
