"""`make mutants`: change the core in one place at a time and see whether a test notices.

make mutants   15 changes in each room of the core, 5 minutes of the processor a room
make mutants ARGS="--sample 100 --seed 7 --room dedup --minutes 30"   more of one room, others

A change that no test notices has survived: either a test is missing, or the change makes no difference. The tests that
run are those that concern the room and run the changed line, the quickest first, until one fails. All of it happens in
a copy of the project in a temporary directory, one process at a time, at the lowest priority.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import os
import random
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from types import FrameType

from tests.mutants.changes import Change, changed, draw
from tests.mutants.rooms import concerned, modules, rooms
from tests.mutants.trial import Known, Outcome, attempt, look, used

_ROOT = Path(__file__).resolve().parents[2]
_NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv*", "__pycache__", ".*_cache", ".hypothesis", "data", "dist", "build"
)

_LOOKED = 0.4
"""This share of a room's time may pass with its tests on the unchanged code; the rest is for the changes."""

_MOST_SECONDS = 10.0
"""So much of tests is asked about one change, the quickest first."""

_EVERY_RUN = (
    "hypothesis",
    "structlog",
    "regex",
    "re2",
    "feedparser",
    "sqlalchemy",
    "alembic",
    "pydantic",
    "httpx",
    "yaml",
)
"""What nearly every run of tests imports: loaded once here, so that it is there when a run begins."""


def main() -> int:
    """Print what the arguments ask for; return 1 when the tests fail on the unchanged code."""
    args = _arguments()
    os.nice(19)
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    for name in _EVERY_RUN:
        importlib.import_module(name)
    everything: Counter[Outcome] = Counter()
    with tempfile.TemporaryDirectory(prefix="watcher-mutants-") as place:
        copy = Path(place, "project")
        shutil.copytree(_ROOT, copy, ignore=_NOT_COPIED)
        for room in args.room or rooms(copy):
            outcomes = _room(copy, room, args.sample, args.seed, 60 * args.minutes)
            everything += outcomes
    print(f"\nall rooms: {_figures(everything)}; seed {args.seed}, at most {args.sample} a room")
    return 0


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make mutants", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sample", type=int, default=15, help="so many changes in each room")
    parser.add_argument("--minutes", type=float, default=5, help="of the processor; a room ends there")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--room", action="append", choices=rooms(_ROOT), help="only this room; may be given again")
    return parser.parse_args()


def _room(copy: Path, room: str, sample: int, seed: int, seconds: float) -> Counter[Outcome]:
    """Try the changes of one room in an order by seed until its time is over, print each outcome and the figures at the
    end, and return these.
    """
    started = used()
    drawn, places = draw(copy, modules(copy, room), sample, f"{seed}:{room}")
    known = look(copy, concerned(copy, room), modules(copy, room), _LOOKED * seconds)
    print(
        f"\n{room}: {len(drawn)} of {places} places, {len(known.seconds)} tests, {len(known.failed)} too slow to ask,"
        f" {used() - started:.0f} s",
        flush=True,
    )
    outcomes: Counter[Outcome] = Counter()
    for change in random.Random(seed).sample(drawn, len(drawn)):
        if used() - started > seconds:
            break
        outcome = _try(copy, change, known)
        outcomes[outcome] += 1
        print("\n".join(_told(copy, change, outcome)), flush=True)
    print(f"{room}: {_figures(outcomes)}, {used() - started:.0f} s", flush=True)
    if not _is_sound(copy, room, known):
        sys.exit(f"{room}: a test fails on the unchanged code, so that its figures mean nothing; run `make test`")
    return outcomes


def _is_sound(copy: Path, room: str, known: Known) -> bool:
    """Return whether the quickest tests still pass on the unchanged code, once all changes were tried.

    An environment that was renewed meanwhile fails every test, and each change would count as killed.
    """
    file = modules(copy, room)[0]
    quickest = sorted(set(known.seconds) - set(known.failed), key=lambda test: known.seconds[test])[:20]
    return attempt(copy, file, (copy / file).read_text("utf-8"), quickest, 60) is Outcome.SURVIVED


def _try(copy: Path, change: Change, known: Known) -> Outcome:
    asked = _asked(change, known)
    if not asked:
        return Outcome.NOT_RUN
    seconds = 10 + 2 * sum(known.seconds[test] for test in asked)
    return attempt(copy, change.file, changed((copy / change.file).read_text("utf-8"), change), asked, seconds)


def _asked(change: Change, known: Known) -> Sequence[str]:
    """Return the tests to ask about a change, the quickest first.

    They are those that run a line of its statement; for one that is run at import, those that run any line of the file.
    """
    by_line = known.by_line.get(change.file, {})
    ran = {test for line in change.lines for test in by_line.get(line, ())}
    if "" in ran:
        ran = {test for tests_of in by_line.values() for test in tests_of}
    passed = sorted((known.seconds[test], test) for test in ran if test in known.seconds and test not in known.failed)
    until = accumulate(seconds for seconds, _ in passed)
    return [test for (_, test), spent in zip(passed, until, strict=True) if spent <= _MOST_SECONDS]


def _told(copy: Path, change: Change, outcome: Outcome) -> Iterator[str]:
    before = (copy / change.file).read_text("utf-8")
    yield f"  {change.file}:{change.at[0]}  {outcome.value}, {change.kind.removeprefix('core/')}"
    if outcome is Outcome.KILLED:
        return
    lines = difflib.unified_diff(before.splitlines(), changed(before, change).splitlines(), lineterm="", n=0)
    for line in lines:
        if not line.startswith(("---", "+++", "@@")):
            yield f"    {line[0]} {line[1:].strip()}"


def _figures(outcomes: Counter[Outcome]) -> str:
    tried = outcomes.total()
    noticed = outcomes[Outcome.KILLED] + outcomes[Outcome.TIMEOUT]
    counts = ", ".join(f"{outcomes[outcome]} {outcome.value}" for outcome in Outcome)
    return f"{tried} tried, {counts}: {noticed / max(tried, 1):.0%} noticed (a timeout is noticed)"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("stopped; the copy is removed, the project was not touched")
