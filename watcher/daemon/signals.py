"""Signals: TERM and INT stop, HUP reloads."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def handle_signals(*, stop: Callable[[], None], reload: Callable[[], None]) -> Iterator[None]:
    """Call `stop` or `reload` on the running loop while the block runs.

    Outside the main thread (a daemon inside a test) signals cannot be handled and are left alone.
    """
    loop = asyncio.get_running_loop()
    wanted = {signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGHUP: reload}
    handled = []
    for number, action in wanted.items():
        with contextlib.suppress(ValueError, RuntimeError):
            loop.add_signal_handler(number, action)
            handled.append(number)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
