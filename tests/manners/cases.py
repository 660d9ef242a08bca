"""Cases: a manner, a seed and a number give the same days again."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from random import Random

from tests.fakes.store import MemoryStore
from tests.manners import dates, documents, identities, texts
from tests.manners.outlets import Outlet, Season
from tests.manners.play import START, Play
from tests.manners.tally import Figures, Tally
from tests.manners.world import World
from watcher.ports import Store
from watcher.storage.open import open_store

MANNERS: Mapping[str, type[Outlet]] = {
    kind.manner: kind for kind in (*identities.ALL, *dates.ALL, *documents.ALL, *texts.ALL)
}
SHORT_DAYS = 5
SHORT_SEED = 1
_EXPECTED = Path(__file__).parent / "expected.json"


@dataclass(frozen=True, slots=True)
class Case:
    """One manner over some days; `number` tells the cases of one seed apart."""

    manner: str
    seed: int = SHORT_SEED
    number: int = 0
    days: float = SHORT_DAYS

    def season(self) -> Season:
        """Return the days of the case, with a world of their own."""
        rng = Random(f"{self.seed} {self.manner} {self.number}")
        return Season(World(rng), rng, START, self.days)

    def cast(self, season: Season) -> list[Outlet]:
        """Return its outlets."""
        return MANNERS[self.manner].cast(f"{self.manner}-{self.number}", season)


def play_case(case: Case, store: Store | None = None, *, with_log: bool = False) -> Tally:
    """Play one case, in memory unless a store is given, and return what came of it."""
    season = case.season()
    tally = Tally([] if with_log else None)
    return asyncio.run(Play(case.cast(season), store or MemoryStore(), season.end, tally).run())


def play_together(seed: int, feeds: int, days: float, shown: Callable[[datetime], None]) -> tuple[Tally, int]:
    """Play so many feeds of all manners through one SQLite database; return what came of it, and the number of
    polls.
    """
    rng = Random(f"{seed} together")
    season = Season(World(rng), rng, START, days)
    outlets: list[Outlet] = []
    names = list(MANNERS)
    while len(outlets) < feeds:
        manner = names[len(outlets) % len(names)]
        outlets += MANNERS[manner].cast(f"{manner}-{len(outlets)}", season)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/watcher.db", alone=True)
        play = Play(outlets, store, season.end)

        async def all_days() -> Tally:
            try:
                return await play.run(shown)
            finally:
                await store.close()

        return asyncio.run(all_days()), play.polls


def expected() -> Mapping[str, Figures]:
    """Return what the short part came to when it was last renewed."""
    return {manner: Figures(**row) for manner, row in json.loads(_EXPECTED.read_text("utf-8")).items()}


def renew(figures: Mapping[str, Figures]) -> None:
    """Write what the short part comes to now."""
    rows = [f"  {json.dumps(manner)}: {json.dumps(asdict(found))}" for manner, found in figures.items()]
    _EXPECTED.write_text("{\n" + ",\n".join(rows) + "\n}\n", "utf-8")


def table(figures: Mapping[str, Figures], *, with_words: bool = False) -> Sequence[str]:
    """Return the lines of a Markdown table with a sum; `with_words` says of each manner what it is and who has it."""
    words = ["what it is"] if with_words else []
    head = _row("manner", *_HEADS, *words)
    rule = _row("---", *("--:" for _ in _HEADS), *("---" for _ in words))
    rows = [
        _row(manner, *_cells(one), *([MANNERS[manner].__doc__ or ""] if with_words else []))
        for manner, one in figures.items()
    ]
    total = _row("all", *_cells(sum(figures.values(), Figures())), *("" for _ in words))
    return [head, rule, *rows, total]


_HEADS = ("news", "lost", "updates", "told", "repeated", "a story", "wrongly folded")


def _cells(one: Figures) -> tuple[str, ...]:
    counts = (one.news, one.lost, one.updates, one.updates_told, one.repeated)
    return (*map(str, counts), f"{one.a_story:.2f}", str(one.wrongly_folded))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
