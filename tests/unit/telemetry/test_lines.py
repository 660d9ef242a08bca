"""Logs never hold up who logs, and say what is missing."""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator

import pytest

from watcher.telemetry.lines import LineWriter


class Pipe:
    """A pipe of one page, and what came out of it."""

    def __init__(self) -> None:
        self.out, self.into = os.pipe()
        fcntl.fcntl(self.into, fcntl.F_SETPIPE_SZ, 4096)
        self.told: list[int] = []
        self.writer = LineWriter(self.into, self.tell, most_bytes=10_000)

    def tell(self, count: int) -> None:
        """Note how many are missing, and say it as a log would."""
        self.told.append(count)
        self.writer.write(f"{count} missing\n")

    def fill(self) -> None:
        """Let no more fit into it, so that the writer waits from its first line on."""
        os.set_blocking(self.into, False)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(self.into, b"\n")
        os.set_blocking(self.into, True)

    def read_all(self) -> list[str]:
        """Read what is written until all is."""
        parts: list[bytes] = []
        reader = threading.Thread(target=lambda: parts.extend(iter(lambda: os.read(self.out, 4096), b"")))
        reader.start()
        assert self.writer.drain(20)
        os.close(self.into)
        reader.join(20)
        return b"".join(parts).decode().splitlines()


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    """A pipe with a writer."""
    made = Pipe()
    yield made
    os.close(made.out)


def test_every_line_is_written_in_order_before_the_end(pipe: Pipe) -> None:
    lines = [f"line {number} \udc80" for number in range(500)]
    for line in lines:
        pipe.writer.write(f"{line}\n")
    assert pipe.read_all() == [line.replace("\udc80", "\\udc80") for line in lines]
    assert (pipe.writer.left_out, pipe.told) == (0, [])


def test_who_logs_is_not_held_up_and_what_is_left_out_is_counted_and_said(pipe: Pipe) -> None:
    pipe.fill()
    lines = [f"line {number:94d}" for number in range(1000)]
    for line in lines:
        assert pipe.writer.write(f"{line}\n") == 100
    assert not pipe.writer.drain(0.01)
    left_out = pipe.writer.left_out
    assert 800 < left_out < 1000
    read = [line for line in pipe.read_all() if line]
    assert read == [*lines[: 1000 - left_out], f"{left_out} missing"]
    assert pipe.told == [left_out]


def test_a_reader_that_is_gone_ends_nothing() -> None:
    out, into = os.pipe()
    os.close(out)
    writer = LineWriter(into, lambda count: None)
    writer.write("line\n")
    assert writer.drain(20)
    os.close(into)


def test_lines_of_several_threads_stay_whole(pipe: Pipe) -> None:
    def work(name: str) -> None:
        for number in range(20):
            pipe.writer.write(f"{name} {number}\n")

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(pipe.read_all()) == sorted(f"{name} {number}" for name in "abcd" for number in range(20))
