"""Rules as they are and as they were: the list, the text of one, the revisions, and the way back to one."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from watcher.asking.configured import configuration_of, load_rules
from watcher.asking.feed_edits import written_lines
from watcher.asking.store import with_store
from watcher.core.model.record import RevisionRecord
from watcher.core.model.rule import Rule
from watcher.daemon.control import ask, socket_path
from watcher.errors import ConfigError
from watcher.reading.configurations import load_files_tried
from watcher.settings.configuration import Configuration
from watcher.settings.env import Settings
from watcher.settings.issues import did_you_mean
from watcher.settings.load import read_texts
from watcher.settings.phrases import counted, short
from watcher.settings.roll_back import roll_back
from watcher.settings.yaml_edit import item_text


@dataclass(frozen=True, slots=True)
class ListedRule:
    """A rule of the files, and how it is: in force, paused, held back (as in which revision), or not taken yet."""

    rule: Rule
    state: str
    examples: int


def listed_rules(settings: Settings) -> list[ListedRule]:
    """Return the rules of the files, in the order written.

    Raises:
        ConfigError: they have mistakes.
        StorageError: the database cannot be read.
    """
    configuration = configuration_of(settings)
    active = with_store(settings, lambda store: store.active_revision()) if settings.place().is_made else None
    examples = [test.rule for test in configuration.tests]
    return [
        ListedRule(rule, _state(rule, configuration, active), examples.count(rule.id)) for rule in configuration.rules
    ]


def _state(rule: Rule, configuration: Configuration, active: RevisionRecord | None) -> str:
    if active is not None and rule.id in active.held:
        number = active.held[rule.id]
        return f"held back, as in revision {number}" if number else "held back, not in force"
    if rule.is_paused:
        return "paused"
    file = rule.place.file
    is_taken = active is not None and active.files.get(file) == configuration.files.get(file)
    return "in force" if is_taken else "not taken yet"


def render_rules(rules: Sequence[ListedRule]) -> str:
    """Return rules a line each."""
    width = max((len(one.rule.id) for one in rules), default=0)
    states = max((len(one.state) for one in rules), default=0)
    rows = [
        f"{one.rule.id:<{width}}  {one.state:<{states}}  {one.rule.severity.word:<8}  "
        f"-> {', '.join(one.rule.send_to) or 'defaults'}  {counted(one.examples, 'example')}"
        for one in rules
    ]
    return "\n".join(rows) or "there is no rule"


def rule_mapping(one: ListedRule) -> Mapping[str, Any]:
    """Return a rule as its JSON object."""
    return {
        "id": one.rule.id,
        "name": one.rule.name,
        "state": one.state,
        "severity": one.rule.severity.word,
        "send_to": list(one.rule.send_to),
        "examples": one.examples,
        "file": one.rule.place.file,
        "line": one.rule.place.line,
    }


def text_of_rule(settings: Settings, wanted: str, revision: int | None) -> tuple[Rule, str]:
    """Return a rule, and how it is written in the files, or was in a revision.

    Raises:
        ConfigError: there is no such rule or revision, or the files of then are not read any more.
        StorageError: the database cannot be read.
    """
    if revision is None:
        configuration, texts = configuration_of(settings), read_texts(Path(settings.config))[0]
    else:
        texts = dict(_record(settings, revision).files)
        loaded = load_files_tried(texts, settings).configuration
        if loaded is None:
            raise ConfigError(
                f"the files of revision {revision} have mistakes by now; see them one by one: --file NAME"
            )
        configuration = loaded
    rule = next((one for one in configuration.rules if wanted in (one.id, one.name, *one.was)), None)
    if rule is None:
        where = "" if revision is None else f" in revision {revision}"
        hint = did_you_mean(wanted, [one.id for one in configuration.rules])
        raise ConfigError(f"no rule is called {short(wanted)}{where}{f'; {hint}' if hint else ''}")
    file = rule.place.file
    return rule, item_text(file, texts[file], "rules", rule.place).rstrip("\n")


def text_of_file(settings: Settings, revision: int, file: str) -> str:
    """Return the text of a file as it was in a revision, with marks in place of secrets. Raises as `text_of_rule`."""
    files = _record(settings, revision).files
    if file not in files:
        raise ConfigError(f"revision {revision} has no file {short(file)}; it has {', '.join(sorted(files)) or 'none'}")
    return files[file].rstrip("\n")


@dataclass(frozen=True, slots=True)
class Step:
    """A revision, and what of its files is another than in the one before (None = that is not kept)."""

    record: RevisionRecord
    before: RevisionRecord | None

    def diffs(self) -> Mapping[str, Sequence[str]]:
        """Return the lines of a unified diff by file, for the files that changed."""
        old = self.before.files if self.before is not None else {}
        new = self.record.files
        names = [name for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
        return {name: tuple(_diff(name, old.get(name, ""), new.get(name, ""))) for name in names}


def steps(settings: Settings, most: int) -> list[Step]:
    """Return the newest revisions, the newest first.

    Raises:
        StorageError: there is no database yet, or it cannot be read.
    """
    found = with_store(settings, lambda store: store.revisions(most + 1))
    before: list[RevisionRecord | None] = [*found[1:], None]
    return [Step(record, old) for record, old in zip(found, before, strict=True)][:most]


def step_of(settings: Settings, number: int) -> Step:
    """Return one revision. Raises as `text_of_rule`."""
    record = _record(settings, number)
    return Step(record, with_store(settings, lambda store: store.revision(number - 1)))


def render_steps(found: Sequence[Step]) -> str:
    """Return revisions a line each: number, time, and how many lines of which files came and went."""
    rows = []
    for step in found:
        said = [f"{name} {_counts(lines)}" for name, lines in step.diffs().items()]
        if step.before is None:
            said = [counted(len(step.record.files), "file")]
        rows.append(f"{step.record.number:>5}  {step.record.activated_at:%Y-%m-%d %H:%M} UTC  {', '.join(said)}")
    return "\n".join(rows) or "no revision is stored yet"


def step_mapping(step: Step) -> Mapping[str, Any]:
    """Return a revision as its JSON object."""
    return {
        "revision": step.record.number,
        "activated_at": f"{step.record.activated_at:%Y-%m-%dT%H:%M:%SZ}",
        "files": sorted(step.record.files),
        "changed": [{"file": name, "diff": "".join(lines)} for name, lines in step.diffs().items()],
    }


def rolled_back(settings: Settings, number: int | None) -> list[str]:
    """Write the files of a revision in place of those of now; return what was done, with what the daemon made of it.

    None = the revision in force where the files are others, else the one before.

    Raises:
        ConfigError: there is no such revision, or its files cannot be written or would have mistakes.
        StorageError: there is no database yet, or it cannot be read.
    """
    chosen = chosen_revision(settings, number)
    written = roll_back(Path(settings.config), chosen.files, chosen.number, settings)
    if not written:
        return [f"the files are those of revision {chosen.number} already; nothing was written"]
    when = f"{chosen.activated_at:%Y-%m-%d %H:%M} UTC"
    lines = [f"back    to the files of revision {chosen.number}, of {when}", *written_lines(written)]
    return [*lines, *taken_lines(settings)]


def chosen_revision(settings: Settings, number: int | None) -> RevisionRecord:
    """Return a revision to go back to; None = the one in force where the files are others, else the one before. Raises
    as `rolled_back`.
    """
    return _record(settings, number) if number is not None else _last_good(settings)


def taken_lines(settings: Settings) -> Iterator[str]:
    """Have a running daemon take the files, and yield what it says; nothing where none runs."""
    data = Path(settings.data)
    if not socket_path(data).exists():
        return
    answer = asyncio.run(ask(data, {"verb": "reload"}))
    yield f"taken   {answer['result']}"


def _last_good(settings: Settings) -> RevisionRecord:
    active = with_store(settings, lambda store: store.active_revision())
    if active is None:
        raise ConfigError("no revision is stored yet: no daemon ever took these files")
    loaded = load_rules(settings.config, settings).configuration
    if loaded is None or loaded.files != active.files:
        return active
    return _record(settings, active.number - 1)


def _record(settings: Settings, number: int) -> RevisionRecord:
    found = with_store(settings, lambda store: store.revision(number))
    if found is None:
        raise ConfigError(f"there is no revision {number}; `watcher rules history` lists what there is")
    return found


def _diff(name: str, old: str, new: str) -> Iterator[str]:
    return difflib.unified_diff(old.splitlines(keepends=True), new.splitlines(keepends=True), name, name)


def _counts(lines: Sequence[str]) -> str:
    more = sum(line.startswith("+") for line in lines[2:])
    return f"+{more} -{sum(line.startswith('-') for line in lines[2:])}"
