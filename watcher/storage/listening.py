"""Announcing and hearing wake-ups on PostgreSQL.

The server tells who listens (`LISTEN`, `NOTIFY`), at the commit of what is announced. Nothing needs it: every process
looks by itself each second or two, also where a pooler or a database like PostgreSQL knows no such thing. So a
connection tries once whether it may announce, and who listens goes on trying when it cannot.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any, Final

import psycopg
import structlog

from watcher.storage.wakeups import Heard, Wakeup

log = structlog.get_logger()

CHANNEL: Final = "watcher"
ANNOUNCES: Final = "announces"
"""In `info` of a connection: whether its server passes announcements on."""

_ANNOUNCE: Final = "SELECT pg_notify(%s, %s)"
_LOOK_SECONDS: Final = 1.0
_FIRST_PAUSE_SECONDS: Final = 1.0
_LONGEST_PAUSE_SECONDS: Final = 60.0


def prepare_nothing_behind_a_pooler(connection: psycopg.Connection[Any]) -> None:
    """Let a new connection keep no prepared statements where a pooler may give each transaction another session of the
    server: the pooler's number for the session is then not the server's.

    Source: https://www.pgbouncer.org/features.html (SQL feature map for pooling modes).
    """
    row = connection.execute("SELECT pg_backend_pid()").fetchone()
    connection.rollback()
    if row is None or row[0] != connection.info.backend_pid:
        connection.prepare_threshold = None


def may_announce(connection: psycopg.Connection[Any]) -> bool:
    """Return whether a new connection may announce; leaves no transaction open."""
    try:
        connection.execute(_ANNOUNCE, (CHANNEL, ""))
        connection.commit()
    except psycopg.Error:
        connection.rollback()
        return False
    return True


def send_announcement(connection: psycopg.Connection[Any], what: Wakeup, by: str) -> None:
    """Tell who listens, once the transaction is committed."""
    connection.execute(_ANNOUNCE, (CHANNEL, f"{what} {by}"))


class Listening:
    """Calls `heard` in a thread of its own for what other processes announce, until it is closed; and for everything
    once it listens again after it did not.
    """

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]], name: str, heard: Heard) -> None:
        self._connect = connect
        self._name = name
        self._heard = heard
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="store-listener", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while not self._ended.is_set():
            try:
                with closing(self._connect()) as connection:
                    connection.execute(f"LISTEN {CHANNEL}".encode())
                    pause = _FIRST_PAUSE_SECONDS
                    self._listen(connection)
            except psycopg.Error as error:
                log.debug("no wake-ups from other daemons; each looks by itself", reason=str(error), seconds=pause)
                self._ended.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _listen(self, connection: psycopg.Connection[Any]) -> None:
        for what in Wakeup:
            self._heard(what)
        while not self._ended.is_set():
            for said in connection.notifies(timeout=_LOOK_SECONDS):
                word, _, by = said.payload.partition(" ")
                if by != self._name and word in set(Wakeup):
                    self._heard(Wakeup(word))
