"""`make manners`: play feeds with manners through the real judge and a store, and print what became of the news that
was planted.

make manners                                         the short part, which `make test` holds
make manners ARGS="--days 60 --seed 7"               longer, otherwise
make manners ARGS="--manner undated --seed 7 --case 3"   one case: each document, and what was decided with the reasons
make manners ARGS=--sqlite                           200 feeds, 30 days, one SQLite database
make manners ARGS=--long                             1,000 feed-years in memory: a day and more of one processor
make manners ARGS="--long --minutes 30 --jobs 4"     as many of them as end within half an hour, of all manners alike
make manners ARGS=--renew                            write down the short part anew, for the test and for the document
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import datetime
from itertools import count, takewhile

from tests.manners import days, launch_day
from tests.manners.cases import MANNERS, SHORT_DAYS, SHORT_SEED, Case, play_case, play_together, renew, table
from tests.manners.documented import write_table
from tests.manners.tally import Figures

_YEAR = 365
_MONTH = 30
_FEED_YEARS = 1000


def main() -> None:
    """Run what the arguments ask for."""
    args = _arguments()
    started = time.monotonic()
    if args.renew:
        figures = _play_all(_each_once(args), args.jobs)
        renew(figures)
        write_table(figures)
        launch_day.renew()
        days.renew()
    elif args.sqlite:
        figures = _sqlite(args)
    elif args.long:
        figures = _long(args)
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
    parser.add_argument("--minutes", type=float, help="with --long: begin no case later than that")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--renew", action="store_true")
    return parser.parse_args()


def _each_once(args: argparse.Namespace) -> list[Case]:
    manners = [args.manner] if args.manner else list(MANNERS)
    return [Case(manner, args.seed, number, args.days) for manner in manners for number in range(args.cases)]


def _long(args: argparse.Namespace) -> dict[str, Figures]:
    """Play cases of a month until a thousand years of feeds were played, or the time is over; say how far it is."""
    figures: dict[str, Figures] = {}
    started, days, feed_days = time.monotonic(), args.days if args.days != SHORT_DAYS else _MONTH, 0.0
    for case, found, complaints in _played(_thousand_years(args, days), args.jobs, args.minutes):
        figures[case.manner] = figures.get(case.manner, Figures()) + found
        feed_days += days * _feeds(case.manner)
        spent = time.monotonic() - started
        print(
            f"{feed_days / _YEAR:.2f} of {_FEED_YEARS} feed-years after {spent:.0f} s: "
            f"{case.manner} case {case.number}, {found.lost} lost, {found.wrongly_folded} wrongly folded",
            *(f"    {line}" for line in complaints[:5]),
            sep="\n",
            file=sys.stderr,
            flush=True,
        )
    print(f"{feed_days / _YEAR:.2f} of {_FEED_YEARS} feed-years in cases of {days:g} days")
    return figures


def _thousand_years(args: argparse.Namespace, days: float) -> Iterator[Case]:
    """Return cases of all manners in turn until a thousand feeds had a year each."""
    manners = [args.manner] if args.manner else list(MANNERS)
    feed_days = 0.0
    for number in count():
        for manner in manners:
            if feed_days >= _FEED_YEARS * _YEAR:
                return
            yield Case(manner, args.seed, number, days)
            feed_days += days * _feeds(manner)


def _feeds(manner: str) -> int:
    return 5 if manner == "wire-copies" else 1


def _play_all(cases: list[Case], jobs: int) -> dict[str, Figures]:
    figures: dict[str, Figures] = {}
    for number, (case, found, complaints) in enumerate(_played(cases, jobs), 1):
        figures[case.manner] = figures.get(case.manner, Figures()) + found
        print(f"{number}/{len(cases)} {case.manner} case {case.number}: {found}", file=sys.stderr)
        for line in complaints[:5]:
            print(f"    {line}", file=sys.stderr)
    return figures


def _played(
    cases: Iterable[Case], jobs: int, minutes: float | None = None
) -> Iterator[tuple[Case, Figures, list[str]]]:
    """Play cases, in so many processes; with `minutes` none is begun later than that."""
    end = None if minutes is None else time.monotonic() + 60 * minutes
    in_time = takewhile(lambda _: end is None or time.monotonic() < end, cases)
    if jobs == 1:
        yield from map(_figures, in_time)
        return
    with ProcessPoolExecutor(jobs) as pool:
        waiting: deque[Future[tuple[Case, Figures, list[str]]]] = deque()
        for case in in_time:
            waiting.append(pool.submit(_figures, case))
            if len(waiting) >= 2 * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


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
