"""A want of descriptors is said in words, seldom; any other error of the loop with its traceback."""

from __future__ import annotations

import asyncio
import errno
import logging

import pytest
from structlog.testing import capture_logs

from watcher.daemon.loop_errors import QUIET_SECONDS, reporter


async def test_connections_that_are_not_taken_are_one_warning_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    clock = [1000.0]
    report = reporter(lambda: clock[0])
    loop = asyncio.get_running_loop()
    shortage = {"message": "socket.accept() out of system resource", "exception": OSError(errno.EMFILE, "too many")}
    with capture_logs() as said:
        for _ in range(100):
            report(loop, shortage)
        clock[0] += QUIET_SECONDS
        report(loop, shortage)
    assert [line["event"] for line in said] == ["no file descriptors left for connections to the page; they wait"] * 2
    assert caplog.records == []


@pytest.mark.parametrize("error", [OSError(errno.ECONNRESET, "gone"), ValueError("x"), None])
async def test_other_errors_of_the_loop_are_reported_as_they_are(
    error: Exception | None, caplog: pytest.LogCaptureFixture
) -> None:
    context = {"message": "Task exception was never retrieved"} | ({"exception": error} if error else {})
    with caplog.at_level(logging.ERROR), capture_logs() as said:
        reporter(lambda: 0.0)(asyncio.get_running_loop(), context)
    assert said == []
    assert [record.getMessage() for record in caplog.records] == ["Task exception was never retrieved"]
