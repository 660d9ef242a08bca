"""Options that several verbs share, and how they become settings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from watcher.settings.env import Settings

F = TypeVar("F", bound=Callable[..., Any])


def process_options(function: F) -> F:
    """Add --config, --database and --data; each overrides its environment variable."""
    for option in (
        click.option(
            "--data",
            type=click.Path(file_okay=False, path_type=Path),
            help="Data directory [WATCHER_DATA, default: data]",
        ),
        click.option(
            "--database",
            metavar="URL",
            help="Database, like sqlite:///data/watcher.db [WATCHER_DATABASE, default: watcher.db in the data directory]",
        ),
        click.option(
            "--config",
            type=click.Path(path_type=Path),
            help="Configuration directory [WATCHER_CONFIG, default: config]",
        ),
    ):
        function = option(function)
    return function


_AS_JSON = "watcher.as_json"


def done_option(function: F) -> F:
    """Add --json to a verb that says in lines what it did; these go out by `say_done`."""

    def note(context: click.Context, _: click.Parameter, value: bool) -> None:
        context.meta[_AS_JSON] = value

    text = "JSON: one object with the lines of what was done"
    return click.option("--json", is_flag=True, expose_value=False, callback=note, help=text)(function)


def is_json_asked() -> bool:
    """Return whether the verb that runs was given `--json` of `done_option`."""
    return bool(click.get_current_context().meta.get(_AS_JSON))


def say_done(lines: Iterable[str]) -> None:
    """Print what a verb did, line by line as it comes, or as one JSON object at the end: `{"done": [...]}`."""
    if is_json_asked():
        click.echo(json.dumps({"done": list(lines)}, ensure_ascii=False))
        return
    for line in lines:
        click.echo(line)


def read_settings(**given: object) -> Settings:
    """Return the process settings: what was given on the command line, else the environment, else the defaults.

    Raises:
        click.UsageError: a setting is wrong; the text names it and the mend.
    """
    import os

    from watcher.errors import ConfigError
    from watcher.settings.env import misspelt_settings
    from watcher.settings.env import read_settings as read

    for name, meant in misspelt_settings(os.environ):
        click.echo(f"{name} is no setting and does nothing; did you mean {meant}?", err=True)
    try:
        return read(**{key: value for key, value in given.items() if value is not None})
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
