"""Opening stores: new, current, foreign, newer, damaged, read-only."""

from __future__ import annotations

import re
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from tests.fakes.clock import FakeClock
from tests.fakes.newsroom import LEASE, Newsroom, first_revision
from watcher.errors import SchemaMismatch, StorageError
from watcher.storage import migrate, sqlite
from watcher.storage.open import open_store, upgrade_store
from watcher.storage.tables import HEAD, metadata


def _url(folder: Path) -> str:
    return f"sqlite:///{folder}/watcher.db"


def _schema(file: Path) -> dict[str, list[str]]:
    """Return what made a database: by name, the parts of each statement without blanks, in any order."""
    with sqlite3.connect(file) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    connection.close()
    return {
        # SQLite writes a column that was added on the line of the last one.
        name: sorted(filter(None, (part.strip(" \t,)") for part in re.split(r",\s|\n", sql))))
        for name, sql in rows
        if name != "alembic_version"
    }


def test_code_works_with_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_migrations_lead_to_the_tables_that_the_code_knows(tmp_path: Path) -> None:
    upgrade_store(_url(tmp_path))
    engine = create_engine(f"sqlite:///{tmp_path}/direct.db")
    metadata.create_all(engine)
    engine.dispose()
    assert _schema(tmp_path / "watcher.db") == _schema(tmp_path / "direct.db")


def test_upgrade_says_what_it_did(tmp_path: Path) -> None:
    first, second = upgrade_store(_url(tmp_path)), upgrade_store(_url(tmp_path))
    assert (first.before, first.after, first.copy) == (None, HEAD, None)
    assert (second.before, second.after) == (HEAD, HEAD)


async def test_new_store_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/sub/folder/watcher.db")
    await store.close()
    assert (tmp_path / "sub/folder/watcher.db").stat().st_mode & 0o077 == 0


async def test_store_writes_every_commit_through_to_the_disk(tmp_path: Path) -> None:
    store = open_store(_url(tmp_path))
    pragmas = await store._writer.outside(
        lambda db: [
            db.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    )
    assert pragmas == ["wal", 2, 1]
    await store.close()


async def test_readers_cannot_write(tmp_path: Path) -> None:
    store = open_store(_url(tmp_path))
    with pytest.raises(StorageError, match="cannot be written"):
        await store._readers.run(lambda db: db.exec_driver_sql("DELETE FROM meta"))
    await store.close()


def test_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    upgrade_store(_url(tmp_path))
    with sqlite3.connect(tmp_path / "watcher.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    for read_only in (False, True):
        with pytest.raises(SchemaMismatch, match="newer"):
            open_store(_url(tmp_path), read_only=read_only)


def test_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "watcher.db") as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(SchemaMismatch, match="another program"):
        open_store(_url(tmp_path))
    assert list(_schema(tmp_path / "watcher.db")) == ["theirs"]


def test_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "watcher.db").write_text("these are not the bytes of a database" * 100)
    with pytest.raises(StorageError, match="not a SQLite database"):
        open_store(_url(tmp_path))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql+asyncpg://u:p@host/db", "one driver, psycopg"),
        ("postgresql://u:p@host", "must name a database"),
        ("mysql://host/db", "not supported"),
        ("sqlite://", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
        ("sqlite+aiosqlite:///x.db", "must name a file"),
        ("watcher.db", "must be a URL"),
    ],
)
def test_url_that_cannot_be_used_is_refused_with_the_mend(url: str, says: str) -> None:
    with pytest.raises(StorageError, match=says) as raised:
        open_store(url)
    assert "sqlite:///data/watcher.db" in str(raised.value) or "postgresql://" in str(raised.value)


def test_read_only_store_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="there is no database"):
        open_store(_url(tmp_path), read_only=True)
    assert list(tmp_path.iterdir()) == []


async def test_read_only_store_changes_nothing(tmp_path: Path) -> None:
    upgrade_store(_url(tmp_path))
    store = open_store(_url(tmp_path), read_only=True)
    assert await store.active_revision() is None
    with pytest.raises(StorageError, match="reading only"):
        await store.activate(first_revision(), [], FakeClock().now())
    await store.close()


def test_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be made"):
        open_store(f"sqlite:///{tmp_path}/file/watcher.db")


async def test_only_process_frees_what_an_earlier_one_had_claimed(tmp_path: Path) -> None:
    clock = FakeClock()
    room = Newsroom(open_store(_url(tmp_path)), clock)
    await room.open("wire", "paper")
    await room.publish("wire", room.news("Shells shipped"))
    [claim] = await room.claim("desk")
    await room.store.request_poll(["paper"], clock.now())
    await room.store.claim_feeds("dies", clock.now(), 1, LEASE)
    await room.store.close()
    clock.advance(seconds=1)
    room.store = open_store(_url(tmp_path))
    assert await room.claim("desk") == []
    await room.store.close()
    room.store = open_store(_url(tmp_path), alone=True)
    [again] = await room.claim("desk")
    assert (again.id, again.repeat) == (claim.id, True)
    [feed] = await room.store.claim_feeds("lives", clock.now() + timedelta(minutes=1), 5, LEASE)
    assert feed.state.claims == 2
    await room.store.close()


async def test_closed_store_refuses_work_and_may_be_closed_again(tmp_path: Path) -> None:
    store = open_store(_url(tmp_path))
    await store.close()
    await store.close()
    with pytest.raises(StorageError, match="closed"):
        await store.claim_slot("job", "slot", FakeClock().now())
    with pytest.raises(StorageError, match="closed"):
        await store.active_revision()
    assert not (tmp_path / "watcher.db-wal").exists()


async def test_check_names_damage(tmp_path: Path) -> None:
    clock = FakeClock()
    room = Newsroom(open_store(_url(tmp_path)), clock)
    await room.open("wire")
    await room.publish("wire", *[room.news(f"Shells {number}") for number in range(50)])
    await room.store.close()
    with sqlite3.connect(tmp_path / "watcher.db") as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("DELETE FROM items WHERE id IN (SELECT id FROM items LIMIT 1)")
        connection.execute("DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries LIMIT 1)")
    connection.close()
    store = open_store(_url(tmp_path))
    found = " ".join(await store.check())
    assert "point to items that are missing" in found
    assert "1 alerts are in no message" in found
    await store.close()


async def test_copy_of_a_store_is_a_store(tmp_path: Path) -> None:
    clock = FakeClock()
    store = open_store(_url(tmp_path))
    room = Newsroom(store, clock)
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    await store._writer.outside(lambda db: sqlite.backup(db, tmp_path / "copy.db"))
    await store.close()
    copy = open_store(f"sqlite:///{tmp_path}/copy.db")
    assert len(await copy.recent_alerts()) == 1
    assert await copy.check() == []
    await copy.close()


async def test_store_of_the_first_schema_is_brought_up_to_date_and_copied_first(tmp_path: Path) -> None:
    clock = FakeClock()
    with sqlite3.connect(tmp_path / "watcher.db") as connection:  # without what came after it
        connection.executescript((Path(__file__).parent / "schema_0004.sql").read_text())
        connection.execute("DROP TABLE stopped")
        connection.execute("ALTER TABLE matches RENAME TO newer")
        connection.execute(
            "CREATE TABLE matches (article BLOB NOT NULL, rule TEXT NOT NULL, revision INTEGER NOT NULL, groups TEXT NOT NULL, "
            "spans TEXT NOT NULL, PRIMARY KEY (article, rule)) WITHOUT ROWID"
        )
        connection.execute("INSERT INTO matches SELECT article, rule, revision, groups, spans FROM newer")
        connection.execute("DROP TABLE newer")
        connection.execute("ALTER TABLE articles DROP COLUMN lang_declared")
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()

    with pytest.raises(SchemaMismatch, match="older schema"):
        open_store(_url(tmp_path), read_only=True)
    done = upgrade_store(_url(tmp_path))

    assert (done.before, done.after) == ("0001", HEAD)
    assert done.copy is not None
    assert done.copy.name == f"watcher.db.0001-before-{HEAD}"
    assert "stopped" not in _schema(done.copy)
    store = open_store(_url(tmp_path))
    for alert in await store.recent_alerts():
        assert [group.label for group in alert.match.groups] == ["shells"]
        assert alert.match.spans != ()
    assert await store.stopped(clock.now()) == []
    assert await store.check() == []
    await store.close()
    with sqlite3.connect(tmp_path / "watcher.db") as connection:
        times = connection.execute(
            "SELECT m.seen_at, a.first_seen_at FROM matches AS m JOIN articles AS a ON a.id = m.article"
        ).fetchall()
    connection.close()
    assert len(times) == 3
    assert all(seen_at == first_seen_at for seen_at, first_seen_at in times)
