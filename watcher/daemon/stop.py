"""The bounds of a stop: one total deadline, whatever hangs."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Collection
from typing import Any, Final

import structlog

log = structlog.get_logger()

CHORES_SECONDS: Final = 8.0
"""How long page and chores may take after a stop. A long chore (retention of a month) is done after the next start."""

WORK_SECONDS: Final = 16.0
"""How long polls and sends may take in all: their own grace, and a moment to give back what is left. Nothing is sent
after it.
"""

LAST_SECONDS: Final = 23.0
"""When the process ends however much hangs; what it had in hand is taken over by the next start, as after a crash."""

_LAST_WORD_SECONDS: Final = 0.5


async def end_in_time(loops: Collection[asyncio.Task[Any]], others: Collection[asyncio.Task[Any]]) -> None:
    """Let `others` (page and chores) and `loops` (polls and sends) end, each kind within its time from now, and
    cancel the rest.
    """
    clock = asyncio.get_running_loop()
    began = clock.time()
    for tasks, seconds in ((others, CHORES_SECONDS), (loops, WORK_SECONDS)):
        _, hanging = await asyncio.wait(tasks, timeout=max(0.0, began + seconds - clock.time()))
        for task in hanging:
            log.warning("cut off at the stop", task=task.get_name(), seconds=seconds)
            task.cancel()


def end_for_good() -> None:
    """Begin the last count: the process ends with 0 after it, if it has not by itself.

    A thread that hangs (a resolver, a disk on a network) cannot be cancelled, and the interpreter would wait for it
    for ever.
    """
    timer = threading.Timer(LAST_SECONDS, _exit)
    timer.daemon = True
    timer.start()


def _exit() -> None:
    # In a thread of its own: the log may be what hangs.
    last_word = threading.Thread(
        target=log.warning, args=("stopped without what still hangs",), kwargs={"seconds": LAST_SECONDS}, daemon=True
    )
    last_word.start()
    last_word.join(_LAST_WORD_SECONDS)
    os._exit(0)
