"""Reads a configuration directory: every file, every mistake, one Configuration.

1. find the files below the directory, in the order of their paths
2. read each as strict YAML (yaml_text)
3. join their sections (sections)
4. turn them into values and check what points where (assemble)
"""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from watcher.core.articles.common_words import usual_share
from watcher.core.feeds.decode import decode as decode_any
from watcher.core.lint.rules import lint
from watcher.core.lint.terms import Shares
from watcher.core.model.ids import RuleId, digest
from watcher.core.model.place import NOWHERE, Place
from watcher.core.model.rule import RuleSource
from watcher.lexicon import dictionaries
from watcher.settings.assemble import assemble
from watcher.settings.channels import ChannelTypes, registered_types
from watcher.settings.configuration import Configuration
from watcher.settings.env import Settings
from watcher.settings.feed_lists import SUFFIX as FEED_LIST
from watcher.settings.feed_lists import without_userinfo
from watcher.settings.issues import Issues
from watcher.settings.models import ModelReader
from watcher.settings.name_lists import MAX_TABLE_BYTES, Tables
from watcher.settings.problems import Problem
from watcher.settings.rule_tests import RuleTestReader
from watcher.settings.secrets import NOT_STORED
from watcher.settings.sections import join
from watcher.settings.yaml_text import MAX_FILE_BYTES, Parsed, ScalarNode, decode, parse_yaml
from watcher.telemetry.whose import say_refused

MAX_FILES = 2000
WAYS_ON = (
    "`watcher init DIR` writes one to begin with; --config DIR or WATCHER_CONFIG names another; "
    "`--config bundled` takes the example that ships with watcher"
)
"""What to do where there is no configuration."""

TESTS = "tests"
"""The folder of files that hold examples alone."""
_SKIPPED_FOLDERS = {TESTS}
_YAML = (".yaml", ".yml")
_SUFFIXES = {".yaml", ".yml", ".ics"}
_MEANT = "if it is meant so, write `quiet_lint: [never]` at the rule"
_CALENDAR = ".ics"
_TABLE = ".csv"
_NAMED = (_TABLE, FEED_LIST)
"""Files that may be anything until another one names them."""

_LARGE_BYTES = 256 * 1024
_MOST_DIGESTS = 256
_digests: dict[Path, tuple[tuple[int, ...], bytes]] = {}


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of reading: `configuration` is None exactly when `problems` holds an error.

    `examples` is what is wrong with the files of examples; such a file is left out and stops nothing else.
    """

    configuration: Configuration | None
    problems: tuple[Problem, ...]
    examples: tuple[Problem, ...] = ()


def load(
    directory: Path,
    settings: Settings,
    types: ChannelTypes | None = None,
    shares: Shares | None = usual_share,
    *,
    is_new: bool = False,
) -> Loaded:
    """Return the configuration of a directory, or all that is wrong with it; raises nothing for what the files hold.

    `shares` says how frequent words are, for the warnings about rules; None = there is nobody to read those, and they
    take time. `is_new`: they are not in force yet, so that a secret in a file is a warning, and a rule that can never
    match a mistake.
    """
    if not directory.is_dir():
        what = "is not a directory" if directory.exists() else "does not exist"
        return _nothing(f"the configuration directory {directory} {what}", WAYS_ON)
    texts, problems = read_texts(directory)
    if all(name.endswith(_NAMED) for name in texts) and not problems:
        return _nothing(
            f"{directory} holds no *.yaml files", "`watcher check --config DIR` looks into another directory"
        )
    return _load(texts, settings, types, problems, directory, shares, is_new=is_new)


def example_files(directory: Path) -> tuple[dict[str, str], list[Problem]]:
    """Return the files of examples of a directory, by their paths below it, and what is wrong with those that cannot
    be read.
    """
    texts, problems = read_texts(directory / TESTS)
    named = [replace(one, place=replace(one.place, file=f"{TESTS}/{one.place.file}".rstrip("/"))) for one in problems]
    return {f"{TESTS}/{name}": text for name, text in texts.items() if name.endswith(_YAML)}, named


def load_files(
    files: Mapping[str, str], settings: Settings, types: ChannelTypes | None = None, shares: Shares | None = usual_share
) -> Loaded:
    """Return the configuration that files describe, such as those of a stored revision; the secrets come from here
    and now.

    `shares` as in `load`.
    """
    return _load(dict(files), settings, types, [], None, shares)


def revision_digest(directory: Path) -> bytes | None:
    """Return the digest that a configuration made of these files has, None where a file cannot be read; nothing is
    parsed for it.
    """
    texts, problems = read_texts(directory)
    return None if any(not is_table(problem) for problem in problems) else _digest(texts)


def fingerprint(directory: Path) -> bytes:
    """Return 16 bytes that change when any configuration file does, appears or goes; cheap enough for twice a
    second, and so large tables are read again only where their size or time says that they may have changed.
    """
    state = hashlib.blake2b(digest_size=16, person=b"config")
    for path in itertools.chain(_paths(directory), _paths(directory / TESTS)):
        try:
            content = _content_digest(path) if _is_list(path.name) else _read(path)
        except (OSError, ValueError) as error:
            content = repr(error).encode()
        for part in (path.relative_to(directory).as_posix().encode("utf-8", "surrogateescape"), content):
            state.update(len(part).to_bytes(8, "big"))
            state.update(part)
    return state.digest()


def read_texts(directory: Path) -> tuple[dict[str, str], list[Problem]]:
    """Return the files of a directory by their names, without byte order marks, and what is wrong with those that
    cannot be read.
    """
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for path in _paths(directory):
        name = path.relative_to(directory).as_posix()
        if len(texts) >= MAX_FILES:
            problems.append(Problem(Place(name), f"there are more than {MAX_FILES} configuration files"))
            break
        try:
            raw = _read(path)
            texts[name] = _decoded_list(raw) if path.suffix == FEED_LIST else decode(raw, _most_bytes(path))
        except ValueError as error:
            problems.append(Problem(Place(name), str(error)))
        except OSError as error:
            what = "this" if _is_read(path.name) or _is_list(path.name) else path  # a folder
            place = Place("" if path == directory else name)
            problems.append(Problem(place, f"{what} cannot be read: {say_refused(path, error)}"))
    return texts, problems


def why_unread(name: str) -> str:
    """Return in words why no file with this path below a configuration directory is read; "" where it is.

    why_unread("notes.txt") is "only files called *.yaml, *.yml or *.ics are".
    """
    *folders, file = PurePosixPath(name).parts or ("",)
    closed = next((folder for folder in folders if not _is_entered(folder)), None)
    if closed is not None:
        return f"no file in a folder called {closed} is"
    if file.startswith("."):
        return "no file whose name begins with a dot is"
    return "" if _is_read(file) else "only files called *.yaml, *.yml or *.ics are"


def _digest(texts: Mapping[str, str]) -> bytes:
    return digest("config", *(part for pair in sorted(texts.items()) for part in pair))


def _load(
    texts: Mapping[str, str],
    settings: Settings,
    types: ChannelTypes | None,
    problems: list[Problem],
    directory: Path | None,
    shares: Shares | None = usual_share,
    *,
    is_new: bool = False,
) -> Loaded:
    calendars, tables, feed_lists = (_called(texts, suffix) for suffix in (_CALENDAR, _TABLE, FEED_LIST))
    files = {**calendars, **tables, **{name: without_userinfo(text) for name, text in feed_lists.items()}}
    parsed = [parse_yaml(name, text) for name, text in sorted(texts.items()) if name not in files]
    issues = Issues({each.source.file: each.source for each in parsed})
    # A table that no list names may be anything.
    unread = {problem.place.file: problem.message for problem in filter(is_table, problems)}
    issues.add(*itertools.filterfalse(is_table, problems))
    for each in parsed:
        issues.add(*each.problems)
    is_whole = not issues.errors()
    models = ModelReader(issues, settings.secret_store())
    assembled = assemble(
        join(parsed, issues),
        issues,
        models,
        settings,
        types or registered_types(),
        calendars=calendars,
        tables=Tables(tables, unread),
        feed_lists=Tables(feed_lists, unread),
        is_whole=is_whole,
    )
    if directory is not None:
        _warn_of_missing_documents(assembled.configuration, directory, issues)
    if is_new:
        _warn_of_secrets(assembled.literal_secrets, issues)
    if not issues.errors() and shares is not None:
        _warn_of_rules(assembled.configuration.rule_source(0), shares, issues, is_new=is_new)
    found = tuple(_masked(problem, assembled.literal_secrets) for problem in issues.all())
    if issues.errors():
        return Loaded(None, found)
    configuration = replace(
        assembled.configuration,
        files=_without_secrets(parsed, assembled.literal_secrets) | files,
        digest=_digest(texts),
    )
    return _with_example_files(Loaded(configuration, found), directory, assembled.only_told, settings)


def _with_example_files(
    loaded: Loaded, directory: Path | None, only_told: Collection[RuleId], settings: Settings
) -> Loaded:
    """Return what was loaded, with the examples of the files beside it."""
    texts, problems = example_files(directory) if directory is not None else ({}, [])
    if loaded.configuration is None or not (texts or problems):
        return loaded
    parsed = [parse_yaml(name, text) for name, text in sorted(texts.items())]
    issues = Issues({each.source.file: each.source for each in parsed})
    issues.add(*problems, *(problem for each in parsed for problem in each.problems))
    reader = RuleTestReader(issues, ModelReader(issues, settings.secret_store()), only_told)
    rules = loaded.configuration.rules
    reader.read_files(parsed, {name: rule.id for rule in rules for name in (*rule.was, rule.id)})
    tests = (*loaded.configuration.tests, *reader.found)
    return Loaded(replace(loaded.configuration, tests=tests), loaded.problems, issues.all())


def _warn_of_secrets(written: Sequence[ScalarNode], issues: Issues) -> None:
    """Note secrets that stand in the files themselves, which people copy, commit and paste; their line is masked."""
    for node in written:
        hint = "write ${NAME} here and set NAME where watcher runs, or ${file:NAME} for a file of secrets"
        issues.warn(node.place, "a secret is written into this file", hint=hint)


def _warn_of_rules(source: RuleSource, shares: Shares, issues: Issues, *, is_new: bool) -> None:
    """Note what is odd about rules; what nobody can have meant is a mistake, but for a start on files in force."""
    for warning in lint(source, shares, dictionaries.has, placed_only=True):
        if warning.place != NOWHERE:  # the shipped concepts have no place that a user could edit
            if warning.is_wrong and is_new:
                issues.error(warning.place, warning.message, hint=f"{warning.hint}; {_MEANT}")
            else:
                issues.warn(warning.place, warning.message, hint=warning.hint)


def _called(texts: Mapping[str, str], suffix: str) -> dict[str, str]:
    """Return the texts of files whose names end so."""
    return {name: text for name, text in texts.items() if name.endswith(suffix)}


def is_table(problem: Problem) -> bool:
    """Return whether a problem is of a table or list of feeds, which counts only where a file names it."""
    return problem.place.file.endswith(_NAMED)


def _nothing(message: str, hint: str) -> Loaded:
    return Loaded(None, (Problem(Place(""), message, hint=hint),))


def _paths(directory: Path) -> Iterator[Path]:
    """Yield the configuration files in the order of their paths; a directory that is named like a file comes
    out too, and so does one that cannot be looked into: its files would be missing unsaid.
    """
    found: list[Path] = []
    seen: set[str] = set()  # links may lead in circles

    def closed(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            found.append(Path(error.filename))

    for folder, folders, files in os.walk(directory, onerror=closed, followlinks=True):
        here = Path(folder)
        real = os.path.realpath(folder)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        found += [here / name for name in folders if _is_read(name)]
        folders[:] = sorted(filter(_is_entered, folders))
        found += [here / name for name in files if _is_read(name) or _is_list(name)]
    yield from sorted(found, key=lambda path: path.relative_to(directory).parts)


def _is_read(name: str) -> bool:
    """Return whether a file called so is one of the configuration."""
    return not name.startswith(".") and Path(name).suffix in _SUFFIXES


def _is_list(name: str) -> bool:
    """Return whether a file called so may be the table of one of `lists`, or a list of feeds."""
    return not name.startswith(".") and Path(name).suffix in _NAMED


def _is_entered(name: str) -> bool:
    """Return whether files are looked for in a folder called so.

    Kubernetes mounts keep the real files in ..data, which is linked to; dot names would show each file twice.
    """
    return not name.startswith(".") and name not in _SKIPPED_FOLDERS and Path(name).suffix not in _SUFFIXES


def _read(path: Path) -> bytes:
    if not path.is_file():
        if path.is_dir():
            os.scandir(path).close()  # says why it is closed, where it is
        raise ValueError("this is not a regular file" if path.exists() else "this leads nowhere")
    with path.open("rb") as file:
        return file.read(_most_bytes(path) + 1)


def _content_digest(path: Path) -> bytes:
    """Return what stands for the content of a table; that of a large one is worked out once."""
    found = path.stat()
    if found.st_size < _LARGE_BYTES:
        return _read(path)
    signature = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
    known = _digests.get(path)
    if known is None or known[0] != signature:
        known = signature, hashlib.blake2b(_read(path), digest_size=16).digest()
        while len(_digests) >= _MOST_DIGESTS:
            _digests.pop(next(iter(_digests)))
        _digests[path] = known
    return known[1]


def _most_bytes(path: Path) -> int:
    return MAX_TABLE_BYTES if _is_list(path.name) else MAX_FILE_BYTES


def _decoded_list(raw: bytes) -> str:
    """Return the text of a list of feeds, which other programs write in whatever encoding they like.

    Raises:
        ValueError: it is too big.
    """
    try:
        return decode(raw, MAX_TABLE_BYTES)
    except ValueError:
        if len(raw) > MAX_TABLE_BYTES:
            raise
        return decode_any(raw, "")


def _without_secrets(parsed: list[Parsed], literal: tuple[ScalarNode, ...]) -> dict[str, str]:
    """Return the texts, with secrets that users wrote straight into them taken out: the store keeps references only."""
    texts = {each.source.file: each.source.text for each in parsed}
    for node in sorted(literal, key=lambda node: -node.start):
        text = texts[node.place.file]
        texts[node.place.file] = f'{text[: node.start]}"{NOT_STORED}"{text[node.end :]}'
    return texts


def _masked(problem: Problem, literal: tuple[ScalarNode, ...]) -> Problem:
    """Return a problem whose shown lines do not hold a secret that was written into the file."""
    for node in literal:
        if node.place.file == problem.place.file and 0 <= problem.place.line - node.place.line <= 1:
            stars = "*" * len(node.text)
            line, before = problem.line.replace(node.text, stars), problem.before.replace(node.text, stars)
            problem = replace(problem, line=line, before=before)
    return problem


def _warn_of_missing_documents(configuration: Configuration, directory: Path, issues: Issues) -> None:
    for feed in configuration.feeds:
        if feed.url.startswith("file:") and not (directory / feed.url.removeprefix("file:")).is_file():
            issues.warn(feed.place, f"feed {feed.name}: {feed.url.removeprefix('file:')} is not there")
        ca = feed.request.ca_file
        if ca and not (directory / ca).is_file():
            issues.warn(feed.place, f"feed {feed.name}: {ca}, whose certificates `tls` names, is not there")
