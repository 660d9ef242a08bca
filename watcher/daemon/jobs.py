"""The schedule: APScheduler rings bells, the loops in the daemon's task group do the work.

A job body never works itself, since the scheduler's shutdown would cancel it in the middle.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.job import Job
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from watcher.daemon.tasks import Wake, guarded
from watcher.errors import RefusedWork, StorageError
from watcher.ports import Clock
from watcher.telemetry.metrics import Metrics

log = structlog.get_logger()

MISFIRE_GRACE_SECONDS = 30
"""A tick that is later than this is dropped; the next one does its work."""

WATCH_SECONDS = 1.0
_SLACK = timedelta(seconds=1)


class Every(BaseTrigger):  # type: ignore[misc] # the library has no types
    """Fires again and again. What was missed is skipped, not listed: a clock set a year ahead would fill the memory
    with ticks.
    """

    def __init__(self, interval: timedelta) -> None:
        self.interval = interval

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Return the next time that lies after `now`, in step with the last one where none was missed."""
        following = now if previous_fire_time is None else previous_fire_time
        following += self.interval
        return following if following > now else now + self.interval


@dataclass(frozen=True, slots=True)
class Chore:
    """Work that is done again and again; `bell` is what the schedule rings."""

    name: str
    every: timedelta
    work: Callable[[], Awaitable[None]]
    bell: Wake

    async def loop(self, stopping: Callable[[], bool], metrics: Metrics) -> None:
        """Do the work at each ring until stopped; a surprise ends one round, not the chore."""
        while True:
            await self.bell.wait()
            if stopping():
                return
            await guarded(self.name, self._round(), metrics)

    async def _round(self) -> None:
        try:
            await self.work()
        except RefusedWork:
            raise
        except StorageError as error:
            # A server that restarts is no surprise of ours, and the next ring tries again.
            log.warning("put off, since the database does not answer", room=self.name, reason=str(error))


class Schedule:
    """The scheduler with its jobs, rebuilt at each start."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": MISFIRE_GRACE_SECONDS},
        )
        self._scheduler.add_listener(self._missed, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)

    def ring(self, name: str, every: timedelta, bells: Sequence[Wake]) -> None:
        """Ring these bells again and again."""

        # A coroutine, so that the scheduler runs it on the loop and not in a thread: bells are not thread-safe.
        async def body() -> None:
            for bell in bells:
                bell.ring()

        self._scheduler.add_job(body, Every(every), id=name, name=name)
        self._metrics.jobs_missed.labels(name)  # from 0 on: a series that begins at 1 did not rise

    def start(self) -> None:
        """Begin to ring."""
        self._scheduler.start()

    def jobs(self) -> Sequence[Job]:
        """Return the jobs of the scheduler."""
        jobs: Sequence[Job] = self._scheduler.get_jobs()
        return jobs

    async def watch(self, stopping: asyncio.Event, clock: Clock) -> None:
        """Mend the schedule each second until stopped. This alone does not depend on the wall clock, which the
        scheduler goes by.
        """
        while not stopping.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(WATCH_SECONDS):
                    await stopping.wait()
            if not stopping.is_set():
                self.mend(clock.now())

    def mend(self, now: datetime) -> None:
        """Make jobs due that would wait longer than their interval: the clock was set back, by a day perhaps."""
        for job in self.jobs():
            if job.next_run_time is not None and job.next_run_time > now + job.trigger.interval + _SLACK:
                log.warning("the clock was set back; job made due", job=job.id)
                job.modify(next_run_time=now)

    def stop(self) -> None:
        """Ring no more; nothing waits for a job, since jobs do not work."""
        self._scheduler.shutdown(wait=False)

    def _missed(self, event: JobEvent) -> None:
        self._metrics.jobs_missed.labels(event.job_id).inc()
        log.warning("job late or failed", job=event.job_id, code=event.code)
