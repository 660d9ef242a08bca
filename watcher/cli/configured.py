"""The configuration for verbs that take rules from a directory, or from one of its files alone."""

from __future__ import annotations

from pathlib import Path

import click

from watcher.settings.env import Settings
from watcher.settings.load import Loaded, load, load_files
from watcher.settings.yaml_text import decode


def load_rules(path: Path, settings: Settings) -> Loaded:
    """Return what a directory, or one file alone, holds; without the warnings about rules, which take time and nobody is shown.

    Raises:
        click.UsageError: the file cannot be read.
    """
    if not path.is_file():
        return load(path, settings, shares=None)
    try:
        return load_files({path.name: decode(path.read_bytes())}, settings, shares=None)
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{path} cannot be read: {error}") from error
