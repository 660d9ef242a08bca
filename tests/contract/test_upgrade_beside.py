"""An upgrade of the tables while a daemon still writes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest
from sqlalchemy import Connection

from tests.fakes.clock import FakeClock
from tests.fakes.newsroom import Newsroom
from tests.fakes.program import eventually
from tests.postgres import Server
from watcher.core.model.alert import JudgeContext, Judgement
from watcher.core.model.match import ReadArticle
from watcher.storage import migrate
from watcher.storage.open import open_store, upgrade_store
from watcher.storage.tables import HEAD

_WAITS = "SELECT 1 FROM pg_stat_activity WHERE datname = 'beside' AND wait_event_type = 'Lock'"


async def test_an_upgrade_waits_for_what_a_daemon_writes_and_not_in_a_circle_with_it(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.make("beside")
    store = open_store(url)
    room = Newsroom(store, FakeClock())
    await room.open("wire")
    claim = await room.poll("wire")
    with server.connect("beside") as connection:
        connection.execute("DROP INDEX ix_feeds_last_poll_at, ix_feeds_in_hand")
        connection.execute("UPDATE alembic_version SET version_num = '0028'")
    is_judging, may_judge, plain, upgrade = threading.Event(), threading.Event(), room.judge, migrate.upgrade
    times = {"judged": 0, "upgraded": 0}

    def slow(reads: Sequence[ReadArticle], context: JudgeContext) -> Judgement:
        times["judged"] += 1
        is_judging.set()
        may_judge.wait(20)
        return plain(reads, context)

    def alters(connection: Connection) -> None:
        times["upgraded"] += 1
        connection.exec_driver_sql("ALTER TABLE feeds ADD COLUMN of_later integer")
        upgrade(connection)

    room.judge = slow
    monkeypatch.setattr(migrate, "upgrade", alters)
    async with asyncio.TaskGroup() as group:
        committing = group.create_task(room.commit(claim, room.news("Shells shipped")))
        await asyncio.to_thread(is_judging.wait, 20)
        upgrading = group.create_task(asyncio.to_thread(upgrade_store, url))
        await asyncio.to_thread(eventually, lambda: _somebody_waits(server), "the upgrade waits")
        may_judge.set()
    assert (committing.result().alerts, upgrading.result().before, upgrading.result().after) == (1, "0028", HEAD)
    assert times == {"judged": 1, "upgraded": 1}
    await store.close()
    server.drop("beside")


def _somebody_waits(server: Server) -> bool:
    with server.connect("beside") as connection:
        return bool(connection.execute(_WAITS).fetchall())
