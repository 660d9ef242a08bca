"""`watcher check`: every mistake in the configuration, and who would get what."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watcher.asking.options import process_options, read_settings
from watcher.settings.phrases import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from watcher.asking.by_hand import Thinned
    from watcher.asking.stored_warnings import StoredWarnings
    from watcher.core.lint.terms import Shares
    from watcher.core.model.article import Article
    from watcher.core.model.by_hand import Paused
    from watcher.core.model.ids import ChannelName
    from watcher.core.model.rule import Rule
    from watcher.settings.configuration import Configuration
    from watcher.settings.env import Settings
    from watcher.settings.load import Loaded
    from watcher.settings.problems import Problem


_ARTICLES = 1000
"""So many stored articles tell how frequent words are, and the rules are tried on them."""


@click.command("check")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@process_options
@click.option("--online", is_flag=True, help="Send a test message to every channel, and show what each answers")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json")
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True)
@click.option(
    "--color/--no-color", "colour", default=None, help="Colours [default: on a terminal, unless NO_COLOR is set]"
)
def command(
    path: Path | None,
    config: Path | None,
    database: str | None,
    data: Path | None,
    online: bool,
    as_json: bool,
    form: str,
    colour: bool | None,
) -> None:
    """Find every mistake in the configuration; say who gets what.

    PATH is a configuration directory, or a file or folder in one: then only its mistakes are shown. Exit 0 = fine or
    warnings only, 1 = mistakes, or with --online a channel that did not take its test.

    \b
    Example: watcher check --config config
             watcher check config/rules/dprk-russia.yaml
    """
    from watcher.reading.configurations import load_tried
    from watcher.settings.problems import render_github

    settings = read_settings(config=config, database=database, data=data)
    directory, below = _where(path, settings.config, is_told=config is not None)
    form = "json" if as_json else form
    _refuse_online(form, online=online)
    articles = _newest(settings)
    loaded = _with_examples(load_tried(directory, settings, _shares(articles)), directory)
    stored = _stored(settings, loaded.configuration, articles)
    loaded = _with_problems(loaded, stored.problems if stored is not None else ())
    problems = [problem for problem in loaded.problems if _is_below(problem.place.file, below)]
    configuration = loaded.configuration
    if form == "json":
        click.echo(json.dumps(_as_json(problems, configuration, _paused(settings), stored), ensure_ascii=False))
    elif form == "github":
        text = render_github(problems, prefix=f"{directory.as_posix()}/")
        if text:
            click.echo(text)
    else:
        _print(problems, configuration, colour, _paused(settings))
        _say_of_stored(stored)
    if any(problem.is_error for problem in loaded.problems):
        _say_of_others(problems, loaded.problems)
        raise SystemExit(1)
    if online and configuration is not None and not _are_well(settings, configuration):
        raise SystemExit(1)


def _refuse_online(form: str, *, online: bool) -> None:
    if online and form != "text":
        raise click.UsageError("--online prints text; for JSON try each channel: watcher notify test NAME --json")


def _with_examples(loaded: Loaded, directory: Path) -> Loaded:
    """Return what was loaded, with the examples that the rules do not meet among its problems."""
    if loaded.configuration is None:
        return loaded
    from watcher.reading.rule_tests import example_problems, failed_tests

    failed = failed_tests(loaded.configuration)
    found = example_problems(failed, loaded.configuration, directory)
    return _with_problems(loaded, (*loaded.examples, *found))


def _with_problems(loaded: Loaded, more: Sequence[Problem]) -> Loaded:
    from watcher.settings.problems import in_order

    return replace(loaded, problems=in_order([*loaded.problems, *more]))


def _stored(
    settings: Settings, configuration: Configuration | None, articles: Sequence[Article]
) -> StoredWarnings | None:
    """Return what stored articles say of the rules, None where there are none."""
    if configuration is None or not articles:
        return None
    from watcher.asking.stored_warnings import stored_warnings
    from watcher.errors import StorageError

    try:
        return stored_warnings(settings, configuration, articles)
    except StorageError as error:
        click.echo(f"nothing more is said of stored articles: {error}", err=True)
        return None


def _are_well(settings: Settings, configuration: Configuration) -> bool:
    """Send a test to each channel and print what it answered; return whether all that could be tried took it."""
    from watcher.asking.channels import try_channels
    from watcher.asking.trials import said

    trials = try_channels(settings, configuration)
    for trial in trials:
        click.echo(said(trial))
    return all(trial.is_well for trial in trials if trial.result is not None)


def _newest(settings: Settings) -> Sequence[Article]:
    """Return the newest stored articles; the files can be checked before anything was ever stored."""
    if not settings.place().is_made:
        return ()
    from watcher.asking.store import with_store
    from watcher.errors import StorageError

    try:
        return with_store(settings, lambda store: store.newest_articles(_ARTICLES))
    except StorageError as error:
        # The files can be checked without it.
        click.echo(f"nothing is said of stored articles: {error}", err=True)
        return ()


def _paused(settings: Settings) -> Sequence[Paused]:
    """Return which recipients get nothing, since they asked so."""
    from watcher.asking.by_hand import who_left
    from watcher.errors import StorageError

    try:
        return who_left(settings)
    except StorageError:
        return ()  # the files can be checked without it


def _shares(articles: Sequence[Article]) -> Shares:
    """Return how frequent words are in some articles; where these are too few, in news at large."""
    from watcher.core.articles.common_words import usual_share
    from watcher.core.articles.frequency import word_shares

    found = word_shares("\n".join((one.title, one.summary, one.content)) for one in articles)
    return usual_share if found is None else lambda word: found.get(word, 0.0)


def _where(path: Path | None, config: Path, *, is_told: bool) -> tuple[Path, str]:
    """Return the configuration directory and the part of it to show ("" = all)."""
    if path is not None and not path.exists():
        raise click.UsageError(f"{path} does not exist")
    if path is None:
        return config, ""
    if path.is_file() and path.suffix not in {".yaml", ".yml"}:
        raise click.UsageError(f"{path} is no configuration file: their names end in .yaml or .yml")
    base = config.resolve()
    if path.resolve() != base and path.resolve().is_relative_to(base):
        return config, path.resolve().relative_to(base).as_posix()
    if path.is_file():
        if is_told:
            raise click.UsageError(f"{path} is not in {config}")
        return path.parent, path.name
    return path, ""


def _is_below(file: str, below: str) -> bool:
    return not below or not file or file == below or file.startswith(f"{below}/")


def _print(
    problems: Sequence[Problem], configuration: Configuration | None, colour: bool | None, paused: Sequence[Paused]
) -> None:
    import os
    import sys

    from watcher.asking.by_hand import lines_of, thinned
    from watcher.asking.timetable import next_times, odd_silences, ways
    from watcher.daemon.clock import SystemClock
    from watcher.settings.problems import render, summary

    if colour is None:
        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    if problems:
        click.echo(render(problems, colour=colour), color=colour)
    if configuration is not None:
        left = thinned(configuration, paused)
        for rule in configuration.rules:
            paused_now = " (paused: it makes no new alerts)" if rule.is_paused else ""
            click.echo(f"{rule.id} -> {', '.join(_reached(rule, configuration, left))}{paused_now}")
            for line in ways(rule, configuration):
                click.echo(f"  {line}")
        for one in next_times(configuration, SystemClock().now()):
            click.echo(f"{one.name}: {one.said}")
        for line in (*odd_silences(configuration, SystemClock().now()), *lines_of(paused)):
            click.echo(line)
        counts = f"{counted(len(configuration.rules), 'rule')}, {counted(len(configuration.feeds), 'feed')}"
        click.echo(f"{counts}: {summary(problems)}")
        if not configuration.rules or not configuration.feeds:
            click.echo(f"nothing is watched: there is no {'feed' if configuration.rules else 'rule'}", err=True)
    else:
        click.echo(summary(problems))


def _say_of_stored(stored: StoredWarnings | None) -> None:
    if stored is not None and stored.said():
        click.echo(stored.said(), err=True)


def _say_of_others(shown: Sequence[Problem], everything: Sequence[Problem]) -> None:
    if len(shown) < len(everything):
        click.echo(f"{counted(len(everything) - len(shown), 'more problem')} elsewhere in the configuration", err=True)


def _reached(rule: Rule, configuration: Configuration, left: Mapping[ChannelName, Thinned]) -> list[str]:
    """Return the targets of a rule as people read them, and those of `defaults` where none of its own is ready; each
    that is not ready, or that recipients `left`, says so.
    """
    from watcher.core.model.policy import ChannelState

    targets, usual = rule.send_to or configuration.defaults.send_to, configuration.defaults.send_to
    off = {name for name, one in left.items() if one.is_off}
    ready = any(configuration.channels[name].state is ChannelState.READY and name not in off for name in targets)
    shown = targets if ready else (*targets, *(name for name in usual if name not in targets))
    return [_with_state(name, configuration, left) for name in shown]


def _with_state(name: ChannelName, configuration: Configuration, left: Mapping[ChannelName, Thinned]) -> str:
    from watcher.core.model.policy import ChannelState

    setup = configuration.channels[name]
    if setup.state is ChannelState.READY:
        return f"{name} ({left[name]})" if name in left else name
    return f"{name} ({setup.reason if setup.state is ChannelState.OFF else f'waiting for secret: {setup.reason}'})"


def _as_json(
    problems: Sequence[Problem],
    configuration: Configuration | None,
    paused: Sequence[Paused],
    stored: StoredWarnings | None,
) -> dict[str, object]:
    from watcher.asking.by_hand import lines_of, thinned
    from watcher.asking.timetable import next_times, odd_silences, ways
    from watcher.daemon.clock import SystemClock
    from watcher.settings.problems import most_shown

    rules = configuration.rules if configuration is not None else ()
    now = SystemClock().now()
    times = next_times(configuration, now) if configuration is not None else []
    left = thinned(configuration, paused) if configuration is not None else {}
    shown, more = most_shown(problems)
    return {
        "ok": not any(problem.is_error for problem in problems),
        "problems": [problem.as_json() for problem in shown],
        "more": more,
        "rules": [
            {
                "id": rule.id,
                "name": rule.name,
                "send_to": _reached(rule, configuration, left),
                "when": ways(rule, configuration),
            }
            for rule in rules
            if configuration is not None
        ],
        "schedules": [
            {"name": one.name, "next": one.next_at and one.next_at.isoformat(), "said": one.said} for one in times
        ],
        "notes": [*odd_silences(configuration, now), *lines_of(paused)] if configuration is not None else [],
        "stored": stored.as_json() if stored is not None else None,
    }
