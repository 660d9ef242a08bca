"""The configuration for verbs that take rules from a directory, or from one of its files alone."""

from __future__ import annotations

from pathlib import Path

import click

from watcher.errors import ConfigError
from watcher.reading.configurations import CPU_SECONDS, load_files_tried, load_tried
from watcher.settings.configuration import Configuration
from watcher.settings.env import Settings
from watcher.settings.load import Loaded
from watcher.settings.problems import render
from watcher.settings.yaml_text import decode


def load_rules(path: Path, settings: Settings, *, cpu_seconds: float = CPU_SECONDS) -> Loaded:
    """Return what a directory, or one file alone, holds; without the warnings about rules, which take time and nobody
    is shown.

    What takes too much time or memory to read or compile is a mistake, as for `watcher check`.

    Raises:
        click.UsageError: the file cannot be read.
    """
    if not path.is_file():
        return load_tried(path, settings, cpu_seconds=cpu_seconds)
    try:
        return load_files_tried({path.name: decode(path.read_bytes())}, settings, cpu_seconds=cpu_seconds)
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{path} cannot be read: {error}") from error


def configuration_of(settings: Settings) -> Configuration:
    """Return the configuration of the settings' directory, without warnings.

    Raises:
        ConfigError: it has mistakes; the text shows them.
    """
    loaded = load_rules(settings.config, settings)
    if loaded.configuration is None:
        raise ConfigError(f"the configuration has mistakes\n{render(loaded.problems)}")
    return loaded.configuration
