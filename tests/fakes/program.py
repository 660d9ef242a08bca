"""The real program in its own process, for end-to-end tests."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from watcher.daemon.control import ask
from watcher.errors import ControlError

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60.0
_STEP = threading.Event()  # never set: waiting on it is how a test looks again


def eventually(holds: Callable[[], Any], what: str, seconds: float = PATIENCE_SECONDS) -> Any:
    """Return the first true value of `holds`; fail when it stays false that long."""
    for _ in range(int(seconds / 0.05)):
        if value := holds():
            return value
        _STEP.wait(0.05)
    raise AssertionError(f"still not after {seconds:.0f} s: {what}")


def pass_time(seconds: float) -> None:
    """Let so many seconds pass."""
    _STEP.wait(seconds)


def free_port() -> int:
    """Return a port on loopback that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def clean_environment(**more: str) -> dict[str, str]:
    """Return this process's environment without any setting of watcher's own, and with `more`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WATCHER_")}
    return {**kept, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **more}


class Program:
    """`watcher run` on a configuration and a data directory, with so many `files` open at most where given.

    with Program(config, data) as program:
        program.wait_ready()
    """

    def __init__(
        self, config: Path, data: Path, env: Mapping[str, str] | None = None, *args: str, files: int = 0
    ) -> None:
        self.config = config
        self.data = data
        self.port = free_port()
        self._env = dict(env or {})
        self._args = args
        self._files = files
        self._process: subprocess.Popen[bytes] | None = None
        data.mkdir(parents=True, exist_ok=True)
        self._out = data.parent / f"{data.name}.stdout"
        self._err = data.parent / f"{data.name}.stderr"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def start(self) -> Self:
        """Start it; what it prints is appended to what earlier starts printed."""
        command = [sys.executable, "-m", "watcher", "run", "--config", str(self.config), "--data", str(self.data)]
        command += [
            "--database",
            f"sqlite:///{self.data}/watcher.db",
            "--bind",
            f"127.0.0.1:{self.port}",
            "--workers",
            "1",
            *self._args,
        ]
        if self._files:
            command = ["sh", "-c", f'ulimit -n {self._files}; exec "$@"', "sh", *command]
        with self._out.open("ab") as out, self._err.open("ab") as err:
            self._process = subprocess.Popen(
                command, stdout=out, stderr=err, env=clean_environment(**self._env), cwd=self.data.parent
            )
        return self

    @property
    def pid(self) -> int:
        """The id of its process."""
        assert self._process is not None
        return self._process.pid

    @property
    def printed(self) -> str:
        """Everything on its standard output so far."""
        return self._out.read_text("utf-8", "replace")

    @property
    def logged(self) -> str:
        """Everything in its log so far."""
        return self._err.read_text("utf-8", "replace")

    def ask(self, **request: Any) -> Mapping[str, Any]:
        """Ask it over its socket."""
        return asyncio.run(ask(self.data, request))

    def status(self) -> Mapping[str, Any] | None:
        """Return its status, or None while it does not answer."""
        assert self._process is not None
        assert self._process.poll() is None, f"it ended with {self._process.returncode}:\n{self.logged[-3000:]}"
        try:
            return self.ask(verb="status")
        except ControlError:
            return None

    def wait_ready(self, seconds: float = PATIENCE_SECONDS) -> Self:
        """Wait until it runs."""
        eventually(lambda: (status := self.status()) and status["ready"], "the daemon is ready", seconds)
        return self

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def terminate(self) -> int:
        """Ask it to stop, and return its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout=40)


def watcher(
    *args: str, given: str | None = None, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one verb and return what it printed."""
    return subprocess.run(
        [sys.executable, "-m", "watcher", *args],
        input=given,
        capture_output=True,
        text=True,
        env=clean_environment(**(env or {})),
        cwd=cwd or ROOT,
        timeout=120,
        check=False,
    )
