"""Runs of tests in a process of their own, over a copy of the project."""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import re
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import coverage
import pytest
from hypothesis import HealthCheck, Phase, settings

_FORK = multiprocessing.get_context("fork")

settings.register_profile(
    "mutants",
    phases=[Phase.explicit, Phase.generate],
    max_examples=20,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

_ALWAYS = [
    "-q",
    "-p",
    "no:cacheprovider",
    "--assert=plain",
    "--no-header",
    "--no-summary",
    "--hypothesis-profile=mutants",
]
"""Only whether a test fails is looked at: nothing is rewritten to say more, and no example is made smaller."""

_ONE_STORE = re.compile(r"[\[-]sqlite[\]-]")
"""A contract is asked of the memory store alone, for the core is the same under both."""

_TEST_SECONDS = 3
"""What takes longer while it is watched measures speed or plays long games, and is not asked about a change."""


class Outcome(Enum):
    """What became of a change."""

    KILLED = "killed"
    SURVIVED = "survived"
    NOT_RUN = "run by no test"
    TIMEOUT = "timeout"


@dataclass(slots=True)
class Known:
    """What a run over the unchanged code showed: seconds of the processor by test, the tests that ran each line of each
    file, and those that failed, most of them for being slow.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    by_line: dict[str, dict[int, set[str]]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


def look(copy: Path, tests: Sequence[str], files: Sequence[str], seconds: float) -> Known:
    """Run the tests over the unchanged code and return what each of them ran, and how long it took.

    They run in the order given, and none is begun once so many seconds of the processor are used up.
    """
    with tempfile.TemporaryDirectory(dir=copy) as kept:
        said = Path(kept, "said.json")
        _apart(lambda: _look(copy, tests, files, said, seconds), seconds=None)
        found = json.loads(said.read_text("utf-8"))
    by_line = {file: {int(line): set(ran) for line, ran in lines.items()} for file, lines in found["by_line"].items()}
    return Known(found["seconds"], by_line, found["failed"])


def attempt(copy: Path, file: str, text: str, tests: Sequence[str], seconds: float) -> Outcome:
    """Run the tests over a copy in which one file has another text, and return what came of it; the file is put
    back.
    """
    path = copy / file
    before = path.read_text("utf-8")
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*"):
        compiled.unlink()
    path.write_text(text, "utf-8")
    try:
        ended = _apart(lambda: _run(copy, [*_ALWAYS, "-x", *tests]), seconds)
    finally:
        path.write_text(before, "utf-8")
    if ended is None:
        return Outcome.TIMEOUT
    return Outcome.SURVIVED if ended == 0 else Outcome.KILLED


def used() -> float:
    """Return the seconds of the processor that all runs took so far, whatever else the machine does."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def _apart(work: Callable[[], int], seconds: float | None) -> int | None:
    """Return how work in a child process ended, and None when it took more seconds of the processor, or waited for
    something twenty times as long; nothing that it started outlives it.
    """
    child = _FORK.Process(target=_alone, args=(work, seconds))
    child.start()
    try:
        child.join(seconds and 20 * seconds)
        return None if child.exitcode == -signal.SIGXCPU else child.exitcode
    finally:
        if child.is_alive():
            os.killpg(child.pid or 0, signal.SIGKILL)
        child.join()


def _alone(work: Callable[[], int], seconds: float | None) -> None:
    os.setsid()
    if seconds is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), math.ceil(seconds) + 1))
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        os._exit(work())


def _run(copy: Path, arguments: Sequence[str], plugin: object | None = None) -> int:
    """Run pytest in the copy, whose modules come before those of the project itself."""
    os.chdir(copy)
    sys.dont_write_bytecode = plugin is None
    sys.path[:0] = [str(copy)]
    for name in [name for name in sys.modules if name.split(".")[0] in {"tests", "watcher"}]:
        del sys.modules[name]
    with tempfile.TemporaryDirectory(dir=copy) as files:
        return int(pytest.main([*arguments, f"--basetemp={files}/b"], plugins=[plugin] if plugin else []))


def _look(copy: Path, tests: Sequence[str], files: Sequence[str], said: Path, seconds: float) -> int:
    watched = coverage.Coverage(data_file=None, include=[str(copy / file) for file in files], config_file=False)
    witness = _Witness(watched, seconds)
    watched.start()
    ended = _run(copy, [*_ALWAYS, f"--timeout={_TEST_SECONDS}", "--timeout-method=signal", *tests], witness)
    watched.stop()
    data = watched.get_data()
    by_line = {file: data.contexts_by_lineno(str(copy / file)) for file in files}
    said.write_text(json.dumps({"seconds": witness.seconds, "failed": witness.failed, "by_line": by_line}), "utf-8")
    return ended


class _Witness:
    """Tells coverage which test runs, and notes how long each took; ends when `seconds` are used up."""

    def __init__(self, watched: coverage.Coverage, seconds: float) -> None:
        self._watched = watched
        self._until = time.process_time() + seconds
        self._session: pytest.Session | None = None
        self.seconds: dict[str, float] = {}
        self.failed: list[str] = []

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if not _ONE_STORE.search(item.nodeid)]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, bool | None, bool | None]:
        self._session = item.session
        self._watched.switch_context(item.nodeid)
        began = time.process_time()
        done = yield
        self.seconds[item.nodeid] = time.process_time() - began
        self._watched.switch_context("")
        return done

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if time.process_time() > self._until and self._session:
            self._session.shouldstop = "the time to look is over"
        if report.failed:
            self.failed.append(report.nodeid)
