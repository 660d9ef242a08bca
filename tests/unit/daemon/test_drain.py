"""A backlog leaves through five channels of which one is dead and one hangs; a bench shows the same with 10,000."""

from __future__ import annotations

from pathlib import Path

from tests.bench.bench_drain import CHANNELS, DEAD, HEALTHY, SLOW, Drained, drain

ARTICLES = 40


async def test_one_dead_and_one_hanging_channel_delay_no_other_and_nothing_is_lost(tmp_path: Path) -> None:
    async def until_the_others_are_done(found: Drained) -> None:
        await found.healthy_are_done.wait()

    found = await drain(tmp_path, ARTICLES, until_the_others_are_done)
    assert found.took == dict.fromkeys((*HEALTHY, SLOW), ARTICLES)
    assert found.states == {
        **{(name, "sent"): ARTICLES for name in (*HEALTHY, SLOW)},
        (DEAD, "held"): ARTICLES,
    }
    assert found.alerts == ARTICLES * len(CHANNELS)
    assert found.told_after + found.held_after == ARTICLES
    assert found.told_after > 0
