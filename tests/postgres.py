"""A PostgreSQL server of the tests' own: in a temporary directory, on a free port of loopback, as an ordinary user."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

_PLACES = "/usr/lib/postgresql"

_SETPRIV = shutil.which("setpriv")
_WITH_PARENT = [_SETPRIV, "--pdeathsig", "QUIT", "--"] if _SETPRIV else []
"""Ends the server when the tests are killed; its directory then stays."""


def programs() -> Path | None:
    """Return the directory of the newest server's programs, or None where none is installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path(_PLACES).glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


def _ordinary_user() -> str | None:
    """Return the user that the server runs as, None = this one: it refuses to run as root."""
    if os.getuid() != 0:
        return None
    return "postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody"


@dataclass
class Server:
    """A running server; `stop` and `start` may be called again and again."""

    home: Path
    port: int
    user: str | None
    process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "watcher") -> str:
        """Return the URL of a database of this server."""
        return f"postgresql://watcher:secret@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server, and return once it answers."""
        binary = programs()
        assert binary is not None
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*_WITH_PARENT, binary / "postgres", "-D", self.home / "data"],
                stdout=log, stderr=log, user=self.user, cwd=self.home,
            )  # fmt: skip
        while True:
            with contextlib.suppress(psycopg.OperationalError):
                self.connect("postgres").close()
                return
            if self.process.poll() is not None:
                raise AssertionError((self.home / "log").read_text())

    def stop(self, how: int = signal.SIGINT) -> None:
        """Stop the server: SIGINT ends connections, SIGQUIT is a crash."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(30)
            self.process = None

    def hold_commits_for(self, standby: str) -> None:
        """Have each commit wait for a standby, "" = for none; return once it is so."""
        with self.connect("postgres") as connection:
            connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{standby}'".encode())
            connection.execute("SELECT pg_reload_conf()")
            asked = "SELECT 1 FROM pg_stat_replication WHERE application_name = %s AND sync_state = 'sync'"
            while standby and not connection.execute(asked, (standby,)).fetchall():
                assert self.process is not None
                assert self.process.poll() is None

    def promote(self) -> None:
        """Make a standby the server that writes."""
        with self.connect("postgres") as connection:
            connection.execute("SELECT pg_promote(true, 60)")

    def connect(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        """Return a connection of its owner, in autocommit."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="watcher", password="secret", dbname=database, autocommit=True
        )

    def make(self, database: str, template: str = "template0") -> str:
        """Make a database, as an earlier one is, and return its URL."""
        with self.connect("postgres") as connection:
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}" ENCODING \'UTF8\''.encode())
        return self.url(database)

    def drop(self, database: str) -> None:
        """Delete a database, and end who works in it."""
        with self.connect("postgres") as connection:
            connection.execute(f'DROP DATABASE "{database}" WITH (FORCE)'.encode())


def free_port() -> int:
    """Return a port of loopback that was free a moment ago."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextlib.contextmanager
def standby_of(primary: Server, name: str = "standby") -> Iterator[Server]:
    """Return a standby that follows a server as `name`, which is stopped and deleted afterwards."""
    binary = programs()
    assert binary is not None
    home = Path(tempfile.mkdtemp(prefix="watcher-pg-"))
    try:
        if primary.user is not None:
            shutil.chown(home, primary.user)
        follows = f"host=127.0.0.1 port={primary.port} user=watcher application_name={name}"
        subprocess.run(
            [
                binary / "pg_basebackup", "-d", follows, "-D", home / "data", "-R", "-X", "stream", "-c", "fast",
                "--no-sync",
            ],
            check=True, capture_output=True, user=primary.user, cwd=home,
        )  # fmt: skip
        server = Server(home, free_port(), primary.user)
        with (home / "data" / "postgresql.conf").open("a") as settings:
            settings.write(f"port = {server.port}\n")
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def running(durable: bool = False) -> Iterator[Server]:
    """Return a fresh server, which is stopped and deleted afterwards; unless `durable` it is quick and forgets in a
    power cut.
    """
    binary = programs()
    if binary is None:
        pytest.skip("PostgreSQL is not installed (Debian and Ubuntu: apt install postgresql)")
    user = _ordinary_user()
    home = Path(tempfile.mkdtemp(prefix="watcher-pg-"))
    try:
        if user is not None:
            shutil.chown(home, user)
        (home / "password").write_text("secret\n")
        (home / "password").chmod(0o644)
        subprocess.run(
            [
                binary / "initdb", "-D", home / "data", "-U", "watcher", "-A", "trust", "-E", "UTF8",
                "--no-locale", "--pwfile", home / "password", "--no-sync",
            ],
            check=True, capture_output=True, user=user, cwd=home,
        )  # fmt: skip
        port = free_port()
        quick = [] if durable else ["fsync = off", "full_page_writes = off", "synchronous_commit = off"]
        lines = [
            f"port = {port}", "listen_addresses = '127.0.0.1'", "unix_socket_directories = ''", "max_connections = 60",
            "shared_buffers = 32MB", "autovacuum = off", *quick,
        ]  # fmt: skip
        with (home / "data" / "postgresql.conf").open("a") as settings:
            settings.write("\n".join(lines) + "\n")
        server = Server(home, port, user)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)
