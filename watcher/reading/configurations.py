"""Reads a configuration that may be hostile: first in a process that can be stopped, then here.

A few hundred bytes of YAML can ask for hours of work. What a trial cannot do within its time and memory is refused
with a sentence, and neither the daemon's loop nor its memory pays for it. The process tells nothing but how it ended.
"""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NoReturn

from watcher.core.lint.terms import Shares
from watcher.core.model.ids import digest
from watcher.core.model.place import Place
from watcher.lexicon.extras import compile_with_extras
from watcher.reading.rule_tests import failed_tests
from watcher.settings.concepts import read_named
from watcher.settings.env import Settings
from watcher.settings.kept import kept_work
from watcher.settings.load import Loaded, example_files, load, load_files, read_texts
from watcher.settings.problems import Problem

CPU_SECONDS: Final = 60
MEMORY_BYTES: Final = 1024 * 1024 * 1024
"""What checking may take; five hundred rules with all shipped concepts take about a tenth of each."""

_START_SECONDS = 60.0
_SLOTS = 16
_WALL_PER_CPU = 4
_EXIT_MEMORY = 86
_EXIT_NOT_BEGUN = 1
"""A trial never ends so: its own code could not be imported, as after an upgrade beside a daemon that runs on."""
_RESTART = "restart watcher; an upgrade takes effect then, too"
_MEND = "take out what was added last; large lists and concepts that name each other many times cost most"


def load_tried(
    directory: Path,
    settings: Settings,
    shares: Shares | None = None,
    *,
    cpu_seconds: float = CPU_SECONDS,
    memory_bytes: int = MEMORY_BYTES,
) -> Loaded:
    """Return what `load` returns, or one mistake when reading the files or compiling their rules takes too much.
    Blocks.
    """
    refused = _tried(directory, settings, cpu_seconds, memory_bytes)
    if refused is not None:
        return refused
    with _uncollected():
        return load(directory, settings, shares=shares, is_new=shares is not None)


def load_files_tried(files: Mapping[str, str], settings: Settings, *, cpu_seconds: float = CPU_SECONDS) -> Loaded:
    """Return what `load_files` returns, with the limits of `load_tried`. Blocks."""
    refused = _tried(files, settings, cpu_seconds, MEMORY_BYTES)
    if refused is not None:
        return refused
    with _uncollected():
        return load_files(files, settings, shares=None)


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector from looking through all that is being built: for a mebibyte of terms it held the
    loop for 0.4 s.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _tried(what: Path | Mapping[str, str], settings: Settings, cpu_seconds: float, memory_bytes: int) -> Loaded | None:
    """Return None when reading ends within its limits, else the mistake; what passed is not tried again."""
    texts = read_texts(what)[0] | example_files(what)[0] if isinstance(what, Path) else what
    # What ships with the program is no danger, and what is read here is not read again in the copy.
    read_named(texts.values())
    slot, passed = _slot(what), _passed(texts, cpu_seconds, memory_bytes)
    if kept_work().find(slot, passed) is not None:
        return None  # these very texts ended within their limits before
    refused = _tried_apart(what, settings, cpu_seconds, memory_bytes)
    if refused is None:
        kept_work().put(slot, passed, b"ended within its limits")
    return refused


def _slot(what: Path | Mapping[str, str]) -> str:
    """Return the name under which it is kept that a trial passed: one of sixteen, so that they never become many."""
    return f"trial-{digest('trial of', str(what.absolute()) if isinstance(what, Path) else '')[0] % _SLOTS}"


def _passed(texts: Mapping[str, str], cpu_seconds: float, memory_bytes: int) -> bytes:
    """Return what a passed trial was of."""
    parts = (part for pair in sorted(texts.items()) for part in pair)
    return digest("trial passed", repr((cpu_seconds, memory_bytes)), *parts)


def _tried_apart(
    what: Path | Mapping[str, str], settings: Settings, cpu_seconds: float, memory_bytes: int
) -> Loaded | None:
    """Return what `_tried` does, from a process of its own."""
    from watcher.reading.starting import copying  # noqa: PLC0415 - what passed before is not tried again

    seconds = _START_SECONDS + cpu_seconds * _WALL_PER_CPU
    process = copying().Process(
        target=_trial, args=(what, settings, cpu_seconds, memory_bytes), name="check", daemon=True
    )
    try:
        process.start()
        process.join(seconds)
        if process.exitcode is None:
            process.kill()
            process.join()
            return _refused(f"took more than {seconds:g} s")
        code = process.exitcode
    except (EOFError, OSError) as error:
        return _refused(f"could not be begun: {error}")
    finally:
        with contextlib.suppress(ValueError):
            process.close()
    if code == 0:
        return None
    if code == -signal.SIGPROF:
        return _refused(f"took more than {cpu_seconds:g} s of processor time")
    if code == _EXIT_MEMORY:
        return _refused(f"took more than {memory_bytes >> 20} MiB of memory")
    if code == _EXIT_NOT_BEGUN:
        return _refused("could not be begun: this program's files are not those it began with", _RESTART)
    return _refused(f"ended its process {f'by signal {-code}' if code < 0 else f'with exit code {code}'}")


def _refused(how: str, hint: str = "") -> Loaded:
    said = f"checking the configuration {how}{'' if hint else ' and was stopped'}"
    return Loaded(None, (Problem(Place(""), said, hint=hint or _MEND),))


def _has_bytes() -> int:
    """Return how much address space this process has, 0 where the system does not tell (Linux does)."""
    try:
        pages = Path("/proc/self/statm").read_text("ascii").split()[0]
    except OSError:
        return 0
    return int(pages) * resource.getpagesize()


def _trial(what: Path | Mapping[str, str], settings: Settings, cpu_seconds: float, memory_bytes: int) -> NoReturn:
    """Read, compile, and end with an exit code. Runs in its own process; nothing that it prints is wanted."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _limit(memory_bytes)
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    code = 0
    try:
        loaded = (
            load(what, settings, shares=None) if isinstance(what, Path) else load_files(what, settings, shares=None)
        )
        if loaded.configuration is not None:
            compile_with_extras(loaded.configuration.rule_source(0))
            failed_tests(loaded.configuration)
    except MemoryError:
        code = _EXIT_MEMORY
    except Exception:  # noqa: BLE001 - the same happens where the result is wanted, and is told there
        code = 0
    os._exit(code)


def _limit(memory_bytes: int) -> None:
    """Let this process take so much more than it has: what it holds as a copy of another is not the configuration's."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = _has_bytes() + memory_bytes
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
