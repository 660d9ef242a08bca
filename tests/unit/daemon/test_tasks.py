"""Work in hand is told of when it is no longer in hand, so that nobody waits for what is over."""

from __future__ import annotations

import asyncio

from watcher.daemon.tasks import InHand


async def test_the_end_of_work_is_told_once_it_is_out_of_hand() -> None:
    left: list[int] = []
    async with asyncio.TaskGroup() as group:
        in_hand = InHand(group, lambda: left.append(len(in_hand)))
        gates = [asyncio.Event() for _ in range(2)]
        for gate in gates:
            in_hand.begin(_wait(gate))
        assert len(in_hand) == 2
        for gate in gates:
            gate.set()
    assert left == [1, 0]


async def test_cancelled_work_is_out_of_hand_too() -> None:
    left: list[int] = []
    async with asyncio.TaskGroup() as group:
        in_hand = InHand(group, lambda: left.append(len(in_hand)))
        in_hand.begin(_wait(asyncio.Event()))
        await in_hand.finish(0)
    assert left == [0]


async def _wait(gate: asyncio.Event) -> None:
    await gate.wait()
