"""One rule as it was in an earlier revision, put back into the files of now; all else in them stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from watcher.asking.configured import configuration_of
from watcher.asking.feed_edits import written_lines
from watcher.asking.revisions import chosen_revision, taken_lines, text_of_rule
from watcher.core.model.place import NOWHERE
from watcher.core.model.rule import Rule
from watcher.errors import ConfigError
from watcher.reading.configurations import load_files_tried
from watcher.settings.env import Settings
from watcher.settings.load import read_texts
from watcher.settings.phrases import short
from watcher.settings.problems import LINE_END, render
from watcher.settings.roll_back import roll_back
from watcher.settings.yaml_edit import item_span, line_ending

_RULES: Final = "rules"


def rule_rolled_back(settings: Settings, wanted: str, number: int | None) -> list[str]:
    """Write a rule as it was in a revision in place of what it is, or behind the others of its file where it is gone;
    return what was done, with what the daemon made of it. None = the revision that `rules rollback` would go to.

    Raises:
        ConfigError: there is no such revision or rule, the files of now have mistakes, or it cannot be put back alone;
            nothing was changed then.
        StorageError: there is no database yet, or it cannot be read.
    """
    chosen = chosen_revision(settings, number)
    then, text = text_of_rule(settings, wanted, chosen.number)
    now = configuration_of(settings).rules
    directory = Path(settings.config)
    files = read_texts(directory)[0]
    current = next((one for one in now if then.id in (one.id, *one.was) or one.id in then.was), None)
    edited = _added(files, now, then, text) if current is None else _replaced(files, current, then, text)
    _refuse_other_changes(edited, now, then, current, settings)
    written = roll_back(directory, edited, chosen.number, settings, edited_from=files)
    if not written:
        return [f"rule {then.id} is as it was in revision {chosen.number} already; nothing was written"]
    when = f"{chosen.activated_at:%Y-%m-%d %H:%M} UTC"
    lines = [f"back    rule {then.id} as in revision {chosen.number}, of {when}", *written_lines(written)]
    return [*lines, *taken_lines(settings)]


def _replaced(files: Mapping[str, str], current: Rule, then: Rule, text: str) -> dict[str, str]:
    file = current.place.file
    start, end = item_span(file, files[file], _RULES, current.place)
    before = files[file][start:end]
    if _is_line(before) != _is_line(text):
        raise _by_hand(then, f"one of the two stands in brackets in {file}")
    return {**files, file: files[file][:start] + _like(before, text) + files[file][end:]}


def _added(files: Mapping[str, str], now: tuple[Rule, ...], then: Rule, text: str) -> dict[str, str]:
    file = then.place.file
    if file not in files:
        body = _like("  - ", text) if _is_line(text) else f"  - {text}\n"
        return {**files, file: f"{_RULES}:\n{body}"}
    last = max((one for one in now if one.place.file == file), key=lambda one: one.place.line, default=None)
    if last is None:
        raise _by_hand(then, f"{file} holds no rule beside which it could stand")
    start, end = item_span(file, files[file], _RULES, last.place)
    before = files[file][start:end]
    if not _is_line(before) or not _is_line(text):
        raise _by_hand(then, f"the rules of {file} stand in brackets")
    between = "" if LINE_END.search(before[-1:]) else line_ending(files[file])
    return {**files, file: files[file][:end] + between + _like(before, text) + files[file][end:]}


def _is_line(text: str) -> bool:
    """Say whether an item of a list has lines of its own."""
    return text.lstrip(" ").startswith("- ")


def _like(before: str, text: str) -> str:
    """Return lines moved to where others stand, with the line end that those have."""
    if not _is_line(before):
        return text
    width, wanted = len(text) - len(text.lstrip(" ")), len(before) - len(before.lstrip(" "))
    lines = LINE_END.split(text)
    moved = [
        " " * wanted + line[width:] if line[:width].isspace() or not width else line
        for line in (lines if lines[-1] else lines[:-1])
    ]
    return "".join(f"{line if line.strip() else ''}{line_ending(before)}" for line in moved)


def _refuse_other_changes(
    edited: Mapping[str, str], now: tuple[Rule, ...], then: Rule, current: Rule | None, settings: Settings
) -> None:
    """Read what would be written: the rule must be that of then, and every other as it is now."""
    loaded = load_files_tried(dict(edited), settings)
    if loaded.configuration is None:
        mistakes = render([problem for problem in loaded.problems if problem.is_error])
        raise ConfigError(f"with the rule of then the files would have mistakes; nothing was written:\n{mistakes}")
    found = {rule.id: rule for rule in loaded.configuration.rules}
    others = {rule.id: rule for rule in now if current is None or rule.id != current.id}
    alone = found.pop(then.id, None)
    if alone is None or _anywhere(alone) != _anywhere(then) or found != others:
        raise _by_hand(then, "it would not be read as it was then, because of what is written around it")


def _anywhere(rule: Rule) -> Rule:
    return replace(rule, place=NOWHERE)


def _by_hand(rule: Rule, why: str) -> ConfigError:
    return ConfigError(
        f"{short(rule.id)} is not put back: {why}. Nothing was written; `watcher rules show {rule.id} --revision N` "
        "prints it, to be put in by hand"
    )
