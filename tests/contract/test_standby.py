"""A standby that takes over: what was committed is there, and daemons find the server that writes by themselves."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from tests.fakes.clock import FakeClock
from tests.fakes.newsroom import Newsroom
from tests.postgres import Server, running, standby_of
from watcher.errors import StorageError
from watcher.storage.open import open_store


@pytest.fixture
def pair() -> Iterator[tuple[Server, Server]]:
    """A server with an empty database `watcher`, and the standby that each of its commits waits for."""
    with running() as primary:
        primary.make("watcher")
        with standby_of(primary) as standby:
            primary.hold_commits_for("standby")
            yield primary, standby


def _both(first: Server, second: Server) -> str:
    return f"postgresql://watcher:secret@127.0.0.1:{first.port},127.0.0.1:{second.port}/watcher"


async def test_a_standby_is_refused_until_it_takes_over_and_then_has_all_that_was_committed(
    pair: tuple[Server, Server],
) -> None:
    primary, standby = pair
    with pytest.raises(StorageError, match=r"only reads .* name the server that writes"):
        open_store(standby.url())
    store = open_store(_both(standby, primary))
    room = Newsroom(store, FakeClock())
    await room.open("wire")
    for number in range(5):
        await room.publish("wire", room.news(f"Shells shipped {number}"))
    told = [alert.article.title for alert in await store.recent_alerts()]
    primary.stop(signal.SIGQUIT)
    with pytest.raises(StorageError, match=r"cannot be reached.*watcher:\*\*\*@127\.0\.0\.1:\d+,127\.0\.0\.1:\d+/"):
        open_store(_both(primary, standby))
    standby.promote()
    assert [alert.article.title for alert in await store.recent_alerts()] == told
    await room.publish("wire", room.news("Ships left"))
    assert len(await store.recent_alerts()) == len(told) + 1
    await store.close()


async def test_a_server_that_came_to_only_read_is_left_for_the_one_that_writes(on_server: str) -> None:
    store = open_store(on_server)
    room = Newsroom(store, FakeClock())
    await room.open("wire")

    def begins_to_read(connection: Connection) -> None:
        connection.exec_driver_sql("SET default_transaction_read_only = on")
        connection.commit()

    await store._writer.outside(begins_to_read)
    await room.publish("wire", room.news("Shells shipped"))
    assert len(await store.recent_alerts()) == 1
    await store.close()
