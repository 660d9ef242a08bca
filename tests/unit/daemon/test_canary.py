"""Each rule is tried once a day; what is lost or late is told at once, what comes through is told to nobody and counted
nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.station import Station, config
from tests.unit.core.lint.test_example import RULES as MANY
from watcher.core.model.alert import JudgeContext, Judgement
from watcher.core.model.article import Article
from watcher.core.model.match import ReadArticle
from watcher.core.model.message import MessageKind
from watcher.daemon.canary import Canary
from watcher.errors import ParseError

pytestmark = pytest.mark.filterwarnings("error")

RULES = """
  - {name: Shells, all: [shells]}
  - {name: Bridges, all: [[bridge, river], closed], severity: low}
  - {name: Designators, any: ['/kn-[0-9]+/']}
"""


async def opened(folder: Path, rules: str = RULES, more: str = "meta: {send_to: [desk]}") -> tuple[Station, Canary]:
    station = Station(folder)
    await station.adopt(config(rules=rules, more=more))
    await station.poll()
    return station, Canary(station.world, station.active)


async def titles(station: Station) -> list[str]:
    return [one.title for one in await station.store.messages() if one.kind is MessageKind.META]


async def test_what_comes_through_is_told_to_nobody_and_counted_nowhere(tmp_path: Path) -> None:
    station, canary = await opened(tmp_path)
    before = await station.store.stats(station.clock.now())
    await canary.look()
    assert await station.store.messages() == []
    assert await station.store.stats(station.clock.now()) == before
    assert await station.store.newest_articles(10) == []


@pytest.mark.parametrize(
    "more",
    [
        "silences: [{rule: shells, until: '2030-01-01 00:00', because: drill}]",
        "schedules: {d: {from: '00:00', until: '23:59', zone: UTC}}\nroutes: [{send_to: [desk], quiet: {during: d, then: drop}}]",
    ],
)
async def test_what_the_configuration_holds_back_is_not_lost(tmp_path: Path, more: str) -> None:
    station, canary = await opened(tmp_path, more=more)
    await canary.look()
    assert await station.store.messages() == []


async def test_a_reader_that_finds_nothing_is_told_at_once_and_its_end(tmp_path: Path) -> None:
    station, canary = await opened(tmp_path)
    match = station.reader.match

    async def blind(articles: Sequence[Article], revision: int) -> tuple[ReadArticle, ...]:
        return tuple(replace(read, matches=()) for read in await match(articles, revision))

    station.reader.match = blind  # type: ignore[method-assign]
    await canary.look()
    await canary.look()
    assert await titles(station) == ["2 rules do not come through"]
    station.reader.match = match  # type: ignore[method-assign]
    station.clock.advance(minutes=14)
    await canary.look()
    assert len(await titles(station)) == 1
    station.clock.advance(minutes=1)
    await canary.look()
    assert sorted(await titles(station)) == ["2 rules do not come through", "All rules come through again"]


async def test_a_reader_that_stops_is_told(tmp_path: Path) -> None:
    station, canary = await opened(tmp_path)

    async def stops(articles: Sequence[Article], revision: int) -> tuple[ReadArticle, ...]:
        raise ParseError("it took too long", kind="read_timeout")

    station.reader.match = stops  # type: ignore[method-assign]
    await canary.look()
    assert await titles(station) == ["2 rules do not come through"]


async def test_what_comes_too_late_is_told(tmp_path: Path) -> None:
    station, canary = await opened(tmp_path)
    match = station.reader.match

    async def slow(articles: Sequence[Article], revision: int) -> tuple[ReadArticle, ...]:
        station.clock.advance(seconds=45)
        return await match(articles, revision)

    station.reader.match = slow  # type: ignore[method-assign]
    await canary.look()
    assert await titles(station) == ["2 rules do not come through"]


async def test_a_judge_that_makes_no_alert_is_told(tmp_path: Path) -> None:
    station, canary = await opened(tmp_path)
    ruling = station.world.ruling()

    def deaf(reads: Sequence[ReadArticle], context: JudgeContext) -> Judgement:
        return replace(ruling.judge(reads, context), verdicts=(), alerts=(), messages=())

    station.world.rulings.swap(replace(ruling, judge=deaf))
    await canary.look()
    assert await titles(station) == ["2 rules do not come through"]


async def test_a_judge_that_folds_no_copy_is_told(tmp_path: Path) -> None:
    station, canary = await opened(tmp_path)
    ruling = station.world.ruling()

    def forgetful(reads: Sequence[ReadArticle], context: JudgeContext) -> Judgement:
        return ruling.judge(reads, replace(context, past=()))

    station.world.rulings.swap(replace(ruling, judge=forgetful))
    await canary.look()
    assert await titles(station) == ["2 rules do not come through"]


async def test_a_rule_that_forbids_its_own_words_is_not_lost(tmp_path: Path) -> None:
    station, canary = await opened(tmp_path, "\n  - {name: Odd, all: [shells], none: [shells]}")
    await canary.look()
    assert await station.store.messages() == []


async def test_rules_of_every_shape_come_through(tmp_path: Path) -> None:
    rules = "".join(f"\n  - {{name: r{number}, {rule}}}" for number, rule in enumerate(MANY))
    station, canary = await opened(tmp_path, rules)
    for _ in range(3):
        await canary.look()
        station.clock.advance(minutes=1)
    assert await station.store.messages() == []


def _blind_to(station: Station, rules: set[str]) -> None:
    match = station.reader.match

    async def blind(articles: Sequence[Article], revision: int) -> tuple[ReadArticle, ...]:
        reads = await match(articles, revision)
        return tuple(replace(r, matches=tuple(one for one in r.matches if one.rule not in rules)) for r in reads)

    station.reader.match = blind  # type: ignore[method-assign]


async def _days(station: Station, canary: Canary, *, looks: int = 3, **later: float) -> list[str]:
    station.clock.advance(**later)
    for _ in range(looks):
        await canary.look()
        station.clock.advance(minutes=1)
    return sorted(await titles(station))


async def test_each_rule_that_is_lost_is_told_though_another_one_was_before(tmp_path: Path) -> None:
    station, canary = await opened(tmp_path)
    lost = {"shells"}
    _blind_to(station, lost)
    first = await _days(station, canary)
    assert first == ["1 rule does not come through"]
    lost.add("bridges")
    second = await _days(station, canary, hours=24)
    assert second == [*first, "2 rules do not come through"]
    lost.remove("shells")
    third = await _days(station, canary, hours=24)
    assert third == sorted([*second, "Some rules come through again"])
    lost.clear()
    assert await _days(station, canary, hours=24) == sorted([*third, "All rules come through again"])


@pytest.mark.parametrize("lost", ["word0", "word24"])
async def test_a_start_ends_no_loss_that_was_not_tried_again(tmp_path: Path, lost: str) -> None:
    rules = "".join(f"\n  - {{name: Word{number}, all: [word{number}x]}}" for number in range(25))
    station, canary = await opened(tmp_path, rules)
    _blind_to(station, {lost})
    assert await _days(station, canary) == ["1 rule does not come through"]
    for _ in range(2):
        again = Canary(station.world, station.active)
        assert await _days(station, again) == ["1 rule does not come through"]


async def test_many_rules_that_are_lost_at_once_are_two_messages(tmp_path: Path) -> None:
    rules = "".join(f"\n  - {{name: Word{number}, all: [word{number}x]}}" for number in range(65))
    station, canary = await opened(tmp_path, rules)
    _blind_to(station, {f"word{number}" for number in range(65)})
    assert await _days(station, canary, looks=6) == ["20 rules do not come through", "65 rules do not come through"]


async def test_what_was_tried_is_kept_once_a_rule(tmp_path: Path) -> None:
    station, canary = await opened(tmp_path)
    for number in range(4):
        await canary.look()
        rules = f"{RULES}\n  - {{name: N{number}, all: [n{number}x]}}"
        await station.adopt(config(rules=rules, more="meta: {send_to: [desk]}"))
    await canary.look()
    assert len(canary._tried) == 4


async def test_a_lost_rule_that_has_no_example_any_more_is_lost_no_more(tmp_path: Path) -> None:
    station, canary = await opened(tmp_path)
    _blind_to(station, {"shells"})
    await canary.look()
    edited = RULES.replace("all: [shells]", "any: ['/sh-[0-9]+/']")
    await station.adopt(config(rules=edited, more="meta: {send_to: [desk]}"))
    await canary.look()
    assert sorted(await titles(station)) == ["1 rule does not come through", "All rules come through again"]
