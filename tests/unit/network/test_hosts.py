"""Politeness: one at a time, a pause between, a rest when asked for."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from tests.fakes.clock import FakeClock
from watcher.network.hosts import HostLimits


class Visits:
    """Notes when each request began, and how many were under way at once."""

    def __init__(self, clock: FakeClock, hosts: HostLimits) -> None:
        self._clock = clock
        self._hosts = hosts
        self.began: list[tuple[str, float]] = []
        self.most = 0
        self._now = 0

    async def one(self, host: str, *, lasts: float = 0.0, own: bool = False) -> None:
        async with self._hosts.turn(host, own=own):
            self.began.append((host, self._clock.monotonic() - 1000.0))
            self._now += 1
            self.most = max(self.most, self._now)
            await asyncio.sleep(0)
            self._clock.advance(seconds=lasts)
            self._now -= 1


def polite(clock: FakeClock) -> HostLimits:
    async def sleep(seconds: float) -> None:
        clock.advance(seconds=seconds)
        await asyncio.sleep(0)

    return HostLimits(clock, timedelta(seconds=1), sleep=sleep)


async def test_one_host_is_asked_one_at_a_time_with_a_pause_after_each() -> None:
    clock = FakeClock()
    visits = Visits(clock, polite(clock))
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(visits.one("a.example", lasts=0.5))
    assert visits.began == [("a.example", 0.0), ("a.example", 1.5), ("a.example", 3.0)]
    assert visits.most == 1


async def test_a_host_of_the_users_own_needs_no_pause_but_is_still_asked_one_at_a_time() -> None:
    clock = FakeClock()
    visits = Visits(clock, polite(clock))
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(visits.one("127.0.0.1", lasts=0.5, own=True))
    assert [at for _, at in visits.began] == [0.0, 0.5, 1.0]
    assert visits.most == 1


async def test_hosts_that_rest_are_those_that_could_be_asked_later() -> None:
    clock = FakeClock()
    limits = polite(clock)
    hosts = [f"h{number}.example" for number in range(6)]

    def later() -> dict[str, float]:
        return {host: wait for host in hosts if (wait := limits.free_in(host))}

    for step, number in enumerate((0, 1, 2, 0, 3, 1, 1, 4, 0, 5, 2)):
        async with limits.turn(hosts[number], own=number == 3):
            assert limits.resting() == later()
            assert hosts[number] not in later()
        assert limits.resting() == later()
        assert (hosts[number] in later()) is (number != 3)
        clock.advance(seconds=0.1 * step)
        assert limits.resting() == later()


async def test_other_hosts_do_not_wait() -> None:
    clock = FakeClock()
    visits = Visits(clock, polite(clock))
    async with asyncio.TaskGroup() as group:
        for host in ("a.example", "b.example", "c.example"):
            group.create_task(visits.one(host))
    assert visits.most == 3


async def test_host_that_was_left_alone_long_enough_is_asked_at_once() -> None:
    clock = FakeClock()
    visits = Visits(clock, polite(clock))
    await visits.one("a.example")
    clock.advance(seconds=5)
    await visits.one("a.example")
    assert [at for _, at in visits.began] == [0.0, 5.0]


async def test_turn_is_given_back_when_the_request_fails() -> None:
    clock = FakeClock()
    hosts = polite(clock)
    try:
        async with hosts.turn("a.example"):
            raise ConnectionError
    except ConnectionError:
        pass
    async with asyncio.timeout(1), hosts.turn("a.example"):
        pass


def test_one_throttled_feed_does_not_speak_for_its_host_but_two_do() -> None:
    clock = FakeClock()
    hosts = polite(clock)
    hosts.throttled("a.example", "f1", timedelta(hours=2))
    assert hosts.rest("a.example") is None
    hosts.throttled("a.example", "f2", timedelta(hours=1))
    assert hosts.rest("a.example") == timedelta(hours=1)
    assert hosts.rest("b.example") is None
    clock.advance(hours=1)
    assert hosts.rest("a.example") is None


async def test_hosts_that_are_gone_are_forgotten() -> None:
    clock = FakeClock()
    hosts = polite(clock)
    for number in range(5000):
        async with hosts.turn(f"h{number}.example"):
            pass
        clock.advance(seconds=2)
    assert len(hosts._hosts) < 1100
