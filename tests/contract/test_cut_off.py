"""A connection that is lost in the middle of a transaction, and at its commit."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
import pytest

from tests.fakes.clock import FakeClock
from tests.fakes.newsroom import Newsroom
from tests.postgres import Server
from watcher.core.model.alert import JudgeContext, Judgement
from watcher.core.model.match import ReadArticle
from watcher.errors import LostClaim, StorageError
from watcher.storage.open import open_store

_ENDS_ITSELF = """
    CREATE FUNCTION end_itself() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); RETURN NULL; END';
    CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON alerts DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION end_itself()
"""


def _end_writers(server: Server) -> None:
    with server.connect("empty") as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'")


async def test_a_result_whose_connection_was_cut_is_judged_and_stored_anew(server: Server, on_server: str) -> None:
    store = open_store(on_server)
    room = Newsroom(store, FakeClock())
    await room.open("wire")
    claim = await room.poll("wire")
    plain, times = room.judge, 0

    def judge(reads: Sequence[ReadArticle], context: JudgeContext) -> Judgement:
        nonlocal times
        times += 1
        if times == 1:
            _end_writers(server)
        return plain(reads, context)

    room.judge = judge
    committed = await room.commit(claim, room.news("Shells shipped"))
    assert (committed.alerts, committed.new, len(await store.recent_alerts())) == (1, 1, 1)
    assert times > 1
    await store.close()


async def test_a_commit_that_was_cut_is_told_of_and_leaves_nothing_half_done(server: Server, on_server: str) -> None:
    store = open_store(on_server)
    room = Newsroom(store, FakeClock())
    await room.open("wire")
    claim = await room.poll("wire")
    with server.connect("empty") as connection:
        connection.execute(_ENDS_ITSELF)
    try:
        with pytest.raises(StorageError, match=r"the database server ended the connection|cannot be reached"):
            await room.commit(claim, room.news("Shells shipped"))
    finally:
        with server.connect("empty") as connection:
            connection.execute("DROP FUNCTION end_itself CASCADE")
    assert await store.recent_alerts() == []
    await store.release_feed(claim)
    await room.publish("wire", room.news("Shells shipped"))
    assert len(await store.recent_alerts()) == 1
    await store.close()


async def test_a_commit_that_was_done_though_its_answer_was_lost_is_not_done_again(
    on_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(on_server)
    room = Newsroom(store, FakeClock())
    await room.open("wire")
    claim = await room.poll("wire")
    commit = psycopg.Connection.commit

    def answers_never(connection: psycopg.Connection[object]) -> None:
        commit(connection)
        connection.close()
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(psycopg.Connection, "commit", answers_never)
    with pytest.raises(StorageError, match="cannot be reached"):
        await room.commit(claim, room.news("Shells shipped"))
    monkeypatch.undo()
    with pytest.raises(LostClaim):
        await room.commit(claim, room.news("Shells shipped"))
    await store.release_feed(claim)
    await room.publish("wire", room.news("Shells shipped"))
    assert len(await store.recent_alerts()) == 1
    await store.close()
