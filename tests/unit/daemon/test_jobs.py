"""The schedule goes on whatever happens to the wall clock."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from watcher.daemon.clock import SystemClock
from watcher.daemon.jobs import Chore, Every, Schedule
from watcher.daemon.tasks import Wake
from watcher.errors import RefusedWork, StorageError
from watcher.telemetry.metrics import Metrics

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HALF = timedelta(seconds=0.5)


def test_ticks_keep_step() -> None:
    assert Every(HALF).get_next_fire_time(None, NOW) == NOW + HALF
    assert Every(HALF).get_next_fire_time(NOW, NOW + HALF / 5) == NOW + HALF


def test_a_clock_set_ahead_costs_one_tick_and_not_millions() -> None:
    later = NOW + timedelta(days=400)
    assert Every(HALF).get_next_fire_time(NOW, later) == later + HALF


async def test_a_clock_set_back_does_not_stop_the_schedule() -> None:
    schedule, bell, clock = Schedule(Metrics()), Wake(), SystemClock()
    schedule.ring("tick", timedelta(hours=1), [bell])
    schedule.start()
    try:
        [job] = schedule.jobs()
        schedule.mend(clock.now())
        assert job.next_run_time > clock.now()  # all is well: nothing is made due
        # This is what a clock set back by two days looks like.
        job.modify(next_run_time=clock.now() + timedelta(days=2))
        schedule.mend(clock.now())
        async with asyncio.timeout(10):
            await bell.wait()
    finally:
        schedule.stop()


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (StorageError("the database server cannot be reached"), ("warning", "put off, since the database does not")),
        (RefusedWork("a value is too long"), ("error", "unexpected error")),
    ],
)
async def test_a_database_that_is_away_puts_work_off_and_is_no_surprise(
    error: StorageError, says: tuple[str, str]
) -> None:
    bell, rounds = Wake(), 0

    async def work() -> None:
        nonlocal rounds
        rounds += 1
        bell.ring()
        if rounds == 1:
            raise error

    bell.ring()
    with capture_logs() as logged:
        await Chore("pages", HALF, work, bell).loop(lambda: rounds == 2, Metrics())
    assert [(one["log_level"], one["event"][: len(says[1])]) for one in logged] == [says]


def test_a_job_counts_from_nought_before_it_is_ever_late() -> None:
    metrics = Metrics()
    Schedule(metrics).ring("tick", timedelta(hours=1), [Wake()])
    assert metrics.registry.get_sample_value("watcher_jobs_missed_total", {"job": "tick"}) == 0
