"""`make manners`: play feeds with manners through the real judge and a store, and print what became of the news that
was planted.

make manners                                         the short part, which `make test` holds
make manners ARGS="--days 60 --seed 7"               longer, otherwise
make manners ARGS="--manner undated --seed 7 --case 3"   one case: each document, and what was decided with the reasons
make manners ARGS=--sqlite                           200 feeds, 30 days, one SQLite database
make manners ARGS=--long                             1,000 feed-years in memory
make manners ARGS=--renew                            write down the short part anew, for the test and for the document
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime

from tests.manners import launch_day
from tests.manners.cases import MANNERS, SHORT_DAYS, SHORT_SEED, Case, play_case, play_together, renew, table
from tests.manners.documented import write_table
from tests.manners.tally import Figures

_YEAR = 365


def main() -> None:
    """Run what the arguments ask for."""
    args = _arguments()
    started = time.monotonic()
    if args.renew:
        figures = _play_all(_each_once(args), args.jobs)
        renew(figures)
        write_table(figures)
        launch_day.renew()
    elif args.sqlite:
        figures = _sqlite(args)
    elif args.long:
        figures = _play_all(_thousand_years(args), args.jobs)
    elif args.manner and args.case is not None:
        figures = _replay(Case(args.manner, args.seed, args.case, args.days))
    else:
        figures = _play_all(_each_once(args), args.jobs)
    print("\n".join(table(figures)))
    print(f"seed {args.seed}, {time.monotonic() - started:.0f} s")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make manners", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=SHORT_SEED)
    parser.add_argument("--manner", choices=list(MANNERS))
    parser.add_argument("--case", type=int, help="with --manner: replay this one and say all")
    parser.add_argument("--cases", type=int, default=1, help="so many of each manner")
    parser.add_argument("--days", type=float, default=SHORT_DAYS)
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--renew", action="store_true")
    return parser.parse_args()


def _each_once(args: argparse.Namespace) -> list[Case]:
    manners = [args.manner] if args.manner else list(MANNERS)
    return [Case(manner, args.seed, number, args.days) for manner in manners for number in range(args.cases)]


def _thousand_years(args: argparse.Namespace) -> list[Case]:
    """Return cases of a year each until a thousand feeds had one."""
    cases: list[Case] = []
    feeds = 0
    manners = [args.manner] if args.manner else list(MANNERS)
    while feeds < 1000:
        manner = manners[len(cases) % len(manners)]
        cases.append(Case(manner, args.seed, len(cases) // len(manners), _YEAR))
        feeds += 5 if manner == "wire-copies" else 1
    return cases


def _play_all(cases: list[Case], jobs: int) -> dict[str, Figures]:
    figures: dict[str, Figures] = {}
    for number, (case, found, complaints) in enumerate(_played(cases, jobs), 1):
        figures[case.manner] = figures.get(case.manner, Figures()) + found
        print(f"{number}/{len(cases)} {case.manner} case {case.number}: {found}", file=sys.stderr)
        for line in complaints[:5]:
            print(f"    {line}", file=sys.stderr)
    return figures


def _played(cases: list[Case], jobs: int) -> Iterator[tuple[Case, Figures, list[str]]]:
    if jobs == 1:
        yield from map(_figures, cases)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(_figures, cases)


def _figures(case: Case) -> tuple[Case, Figures, list[str]]:
    tally = play_case(case)
    return case, tally.figures()[case.manner], tally.complaints(case.manner)


def _replay(case: Case) -> dict[str, Figures]:
    tally = play_case(case, with_log=True)
    print("\n".join(tally.log or []))
    print("\n".join(tally.complaints(case.manner)))
    return tally.figures()


def _sqlite(args: argparse.Namespace) -> dict[str, Figures]:
    days = 30 if args.days == SHORT_DAYS else args.days
    started = time.monotonic()

    def shown(now: datetime) -> None:
        print(f"{now:%m-%d} after {time.monotonic() - started:.0f} s", file=sys.stderr)

    tally, polls = play_together(args.seed, args.feeds, days, shown)
    for manner in tally.figures():
        for line in tally.complaints(manner)[:5]:
            print(f"    {manner}: {line}", file=sys.stderr)
    print(f"{args.feeds} feeds, {days:.0f} days, {polls} polls through SQLite")
    return tally.figures()


main()
