"""What only a database server brings: several processes on one database, and a server that goes away."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import threading
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

import psycopg
import pytest
from sqlalchemy import Connection

from tests.fakes.clock import FakeClock
from tests.fakes.newsroom import Newsroom, first_revision, spec
from tests.fakes.program import eventually
from tests.postgres import Server
from watcher.core.model.alert import JudgeContext, Judgement
from watcher.core.model.ids import ChannelName
from watcher.core.model.match import ReadArticle
from watcher.core.model.outcome import FeedProblem, FetchProblemKind
from watcher.core.model.policy import CONSOLE, Keep
from watcher.core.model.record import PollResult
from watcher.errors import SchemaMismatch, StaleRevision, StorageError
from watcher.storage import dialects, feeds, postgres
from watcher.storage import server as on_a_server
from watcher.storage.lookup import Fixed
from watcher.storage.open import open_store, upgrade_store
from watcher.storage.store import SqlStore
from watcher.storage.tables import HEAD, TURN

LEASE = timedelta(minutes=5)


@pytest.fixture
def made(server: Server) -> Iterator[str]:
    """The URL of a database of its own, without tables."""
    yield server.make("apart")
    server.drop("apart")


async def test_tables_are_made_once_whoever_comes_first(made: str) -> None:
    opened = await asyncio.gather(*(asyncio.to_thread(open_store, made) for _ in range(3)))  # noqa: TID251
    assert sorted(store.begins for store in opened) == [False, False, True]
    for store in opened:
        await store.close()
    assert upgrade_store(made).before == HEAD


async def test_two_processes_never_claim_one_feed(on_server: str) -> None:
    clock = FakeClock()
    first, second = open_store(on_server), open_store(on_server)
    room = Newsroom(first, clock)
    names = [f"feed {number}" for number in range(40)]
    await room.open(*names)
    claimed = await asyncio.gather(  # noqa: TID251
        *(
            store.claim_feeds(owner, clock.now(), 5, LEASE)
            for _ in range(4)
            for owner, store in (("a", first), ("b", second))
        )
    )
    feeds = [claim.state.feed for claims in claimed for claim in claims]
    assert len(feeds) == len(set(feeds)) == 40
    await first.close()
    await second.close()


async def test_fourteen_copies_that_arrive_at_once_in_eight_processes_are_one_alert(on_server: str) -> None:
    stores = [open_store(on_server) for _ in range(8)]
    room = Newsroom(stores[0], FakeClock())
    names = [f"paper {number}" for number in range(14)]
    await room.open(*names)
    claims = {name: await room.poll(name) for name in names}
    result = {
        name: room.result(claims[name], room.reading(name, room.news("Shells shipped", feed=name))) for name in names
    }
    await asyncio.gather(  # noqa: TID251
        *(stores[number % 8].commit(result[name], room.judge, 1, room.clock.now()) for number, name in enumerate(names))
    )
    [alert] = await stores[0].recent_alerts()
    assert len(alert.members) == 14
    for store in stores:
        await store.close()


async def test_copies_of_several_rules_fold_whatever_else_is_written_at_the_same_time(
    server: Server, on_server: str
) -> None:
    chance, stores = random.Random(15), [open_store(on_server) for _ in range(6)]
    room = Newsroom(stores[0], FakeClock())
    events = {"Shells shipped to the front": "shells", "Ships leave the harbour": "ships", "Rain in May": "shells"}
    names = [f"paper {number}" for number in range(12)]
    await room.open(*names)
    claims = {name: await room.poll(name) for name in names}
    ended = _deadlocks(server)
    results = []
    for name in names:
        listed = chance.sample(sorted(events), 2 + chance.randrange(2))
        news = [room.news(title, feed=name, rules=(events[title],)) for title in listed]
        results.append((listed, room.result(claims[name], room.reading(name, *news))))
    work: list[Awaitable[object]] = []
    work += [stores[n % 6].commit(one, room.judge, 1, room.clock.now()) for n, (_, one) in enumerate(results)]
    work += [store.activate(first_revision(), [spec(name) for name in names], room.clock.now()) for store in stores[:2]]
    work += [store.claim_feeds(f"owner {n}", room.clock.now(), 5, LEASE) for n, store in enumerate(stores)]
    work += [store.prune(Keep(), room.clock.now()) for store in stores[:2]]
    work += [store.request_poll(names, room.clock.now()) for store in stores[2:4]]
    work += [store.notify([CONSOLE], f"key {n}", "Disk", "full", room.clock.now()) for n, store in enumerate(stores)]
    chance.shuffle(work)
    await asyncio.gather(*work)  # noqa: TID251
    told = {one.article.title: len(one.members) for one in await stores[0].recent_alerts()}
    assert told == {title: sum(title in listed for listed, _ in results) for title in events}
    assert _deadlocks(server) == ended
    for store in stores:
        await store.close()


async def test_feeds_without_news_are_written_in_the_order_in_which_all_take_feeds(
    server: Server, on_server: str
) -> None:
    first, second = open_store(on_server), open_store(on_server)
    room = Newsroom(first, FakeClock())
    names, now = [f"paper {number}" for number in range(64)], room.clock.now()
    await room.open(*names)
    ended = _deadlocks(server)
    for _ in range(3):
        await first.request_poll(names, now)
        claims = await first.claim_feeds("owner", now, 100, LEASE)
        work: list[Awaitable[object]] = [first.commit(room.result(one, None), room.judge, 1, now) for one in claims]
        await asyncio.gather(*work, *(second.request_poll(names, now) for _ in range(6)))  # noqa: TID251
    assert _deadlocks(server) == ended
    for store in (first, second):
        await store.close()


def test_an_upgrade_that_fails_keeps_nobody_from_writing(
    server: Server, on_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(connection: Connection) -> str:
        raise StorageError("must be owner of table feeds")

    asked = f"SELECT value FROM meta WHERE name = '{TURN}'"
    with server.connect("empty") as connection:
        before = connection.execute(asked).fetchall()
    monkeypatch.setattr(on_a_server, "_upgrade", refused)
    with pytest.raises(StorageError, match="must be owner"):
        upgrade_store(on_server)
    with server.connect("empty") as connection:
        assert connection.execute(asked).fetchall() == before


def _deadlocks(server: Server) -> object:
    """Return how many transactions the server ended because they waited for one another."""
    asked = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    with server.connect("empty") as connection:
        return connection.execute(asked).fetchall()


async def test_results_that_are_written_side_by_side_are_all_found(on_server: str) -> None:
    stores = [open_store(on_server) for _ in range(4)]
    room = Newsroom(stores[0], FakeClock())
    names = [f"paper {number}" for number in range(12)]
    await room.open(*names)
    claims = [await room.poll(name) for name in names]
    async with asyncio.TaskGroup() as group:
        for number, (name, claim) in enumerate(zip(names, claims, strict=True)):
            news = [room.news(f"Rain {item}", feed=name, rules=()) for item in range(3)]
            result = room.result(claim, room.reading(name, *news))
            group.create_task(stores[number % 4].commit(result, room.judge, 1, room.clock.now()))
    found = await stores[1].found(((frozenset({("rain",)}),),), FakeClock().now() - LEASE)
    assert len({one.article for one in found}) == 36
    for store in stores:
        await store.close()


@pytest.mark.parametrize(("pause", "count"), [(0.5, 0), (1.5, 1)])
async def test_a_host_that_another_process_asked_is_left_alone_for_a_moment(
    on_server: str, pause: float, count: int
) -> None:
    first, second = open_store(on_server), open_store(on_server)
    room = Newsroom(first, FakeClock())
    wire, other = (spec(name, url=f"https://wire.example/{name}") for name in ("wire", "other"))
    await room.configure(wire, other)
    [claim] = await first.claim_feeds("a", room.clock.now(), 1, LEASE)
    await room.commit(claim, room.news("Rain", rules=(), feed=claim.spec.name))
    room.clock.advance(seconds=pause)
    for owner, store, claimed in (("b", second, count), ("a", first, 1 - count)):
        assert len(await store.claim_feeds(owner, room.clock.now(), 5, LEASE)) == claimed
    for store in (first, second):
        await store.close()


async def test_a_host_that_throttles_one_process_is_known_to_the_others(on_server: str) -> None:
    first, second = open_store(on_server), open_store(on_server)
    room = Newsroom(first, FakeClock())
    await room.configure(*(spec(name, url=f"https://wire.example/{name}") for name in ("one", "two", "three")))
    told = FeedProblem(FetchProblemKind.THROTTLED, "come back later", 429, timedelta(minutes=20))
    until = room.clock.now() + timedelta(minutes=20)
    for claim in await first.claim_feeds("a", room.clock.now(), 2, LEASE):
        later = until + timedelta(hours=5)  # it failed often before
        state = replace(room.result(claim, None).state, problem=told, failures=1, next_poll_at=later)
        result = PollResult(claim, state, room.result(claim, None).context)
        await first.commit(result, room.judge, 1, room.clock.now())
    room.clock.advance(minutes=1)
    [claim] = await second.claim_feeds("b", room.clock.now(), 5, LEASE)
    assert [one.until for one in claim.throttled] == [until, until]
    # What we did not ask because of it is no word of the host: such rests would prolong one another for ever.
    rests = FeedProblem(FetchProblemKind.THROTTLED, "it is left alone", retry_after=timedelta(minutes=19))
    state = replace(room.result(claim, None).state, problem=rests, failures=1, next_poll_at=room.clock.now())
    await second.commit(PollResult(claim, state, room.result(claim, None).context), room.judge, 1, room.clock.now())
    room.clock.advance(minutes=10)
    [claim] = await second.claim_feeds("b", room.clock.now(), 5, LEASE)
    assert len(claim.throttled) == 2
    room.clock.advance(minutes=10)
    claims = await first.claim_feeds("a", room.clock.now(), 5, LEASE)
    assert not any(one.throttled for one in claims)
    for claim in claims:  # by a machine whose clock is a day ahead
        ahead = replace(claim.state, problem=told, last_poll_at=until + timedelta(days=1), next_poll_at=until)
        await first.commit(PollResult(claim, ahead, room.result(claim, None).context), room.judge, 1, room.clock.now())
    room.clock.advance(seconds=30)
    assert [one.throttled for one in await first.claim_feeds("a", room.clock.now(), 1, LEASE)] == [()]
    for store in (first, second):
        await store.close()


async def test_one_process_reads_the_reactions_of_a_channel_until_it_asks_no_more(on_server: str) -> None:
    first, second = open_store(on_server), open_store(on_server)
    now, lease = FakeClock().now(), timedelta(minutes=2)

    async def asked(store: SqlStore, owner: str, seconds: int) -> str:
        return await store.lease_reactions(ChannelName("desk"), owner, now + timedelta(seconds=seconds), lease)

    at_once = await asyncio.gather(asked(first, "a", 0), asked(second, "b", 0))  # noqa: TID251
    assert sorted(at_once) == ["begun", "others"]
    both = [(first, "a"), (second, "b")]
    (winner, mine), (other, its) = both if at_once[0] == "begun" else reversed(both)
    for seconds in (15, 90, 180, 240):
        assert [await asked(winner, mine, seconds), await asked(other, its, seconds + 1)] == ["kept", "others"]
    assert await asked(other, its, 370) == "begun"
    assert [await asked(winner, mine, 380), await asked(other, its, 380)] == ["others", "kept"]
    assert await asked(winner, mine, -86400) == "begun", "the clock was set back"
    await other.release_messages(its)
    assert await asked(other, its, -86399) == "others"
    await winner.release_messages(mine)  # as at its stop
    assert await asked(other, its, -86398) == "begun"
    for store in (first, second):
        await store.close()


async def test_feeds_that_are_due_or_in_hand_are_found_by_an_index(on_server: str) -> None:
    store = open_store(on_server)
    now = FakeClock().now()
    values = {"owner": "a", "now": now, "day_later": now + timedelta(days=1), "ahead": now}

    def plan(db: Connection, look: Fixed) -> str:
        dialects.run(db, "SELECT set_config('enable_seqscan', 'off', true)", ())
        explained = look._for(db)
        bound = explained._bound((), 0, values)
        return str(dialects.run(db, f"EXPLAIN {explained.text(0)}", bound))

    for look in (feeds._DUE, feeds._IN_OTHER_HANDS):
        assert "Seq Scan" not in await store._readers.run(partial(plan, look=look))
    await store.close()


def _somebody_waits(server: Server) -> bool:
    """Say whether a transaction on the database waits for another one."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with server.connect("empty") as connection:
        return bool(connection.execute(waiting).fetchall())


async def test_what_no_rule_matched_waits_for_no_other_process(server: Server, on_server: str) -> None:
    first, second = open_store(on_server), open_store(on_server)
    room = Newsroom(second, FakeClock())
    await room.open("wire", "paper", "mast")
    claims = {name: await room.poll(name) for name in ("wire", "paper", "mast")}
    has_turn, may_end = threading.Event(), threading.Event()

    def holds(connection: Connection) -> None:
        has_turn.set()
        may_end.wait(20)

    async with asyncio.TaskGroup() as group:
        holding = group.create_task(first._writer.run(holds))
        await asyncio.to_thread(has_turn.wait, 20)
        quiet = await room.commit(claims["wire"], room.news("Rain", rules=()))
        await room.store.commit(room.result(claims["mast"], None), room.judge, 1, room.clock.now())
        telling = group.create_task(room.commit(claims["paper"], room.news("Shells shipped", feed="paper")))
        await asyncio.to_thread(eventually, lambda: _somebody_waits(server), "it waits for the turn")
        assert (quiet.new, holding.done(), telling.done()) == (1, False, False)
        may_end.set()
    assert telling.result().alerts == 1
    for store in (first, second):
        await store.close()


async def test_a_revision_waits_for_results_in_hand_and_refuses_those_after_it(server: Server, on_server: str) -> None:
    first, second = open_store(on_server), open_store(on_server)
    room = Newsroom(second, FakeClock())
    await room.open("wire", "paper")
    claims = {name: await room.poll(name) for name in ("wire", "paper")}
    is_judging, may_judge, plain = threading.Event(), threading.Event(), room.judge

    def slow(reads: Sequence[ReadArticle], context: JudgeContext) -> Judgement:
        is_judging.set()
        may_judge.wait(20)
        return plain(reads, context)

    room.judge = slow
    async with asyncio.TaskGroup() as group:
        committing = group.create_task(room.commit(claims["wire"], room.news("Rain", rules=())))
        await asyncio.to_thread(is_judging.wait, 20)
        specs = [spec("wire", tags=("sea",)), spec("paper")]
        activating = group.create_task(first.activate(first_revision(2), specs, room.clock.now()))
        await asyncio.to_thread(eventually, lambda: _somebody_waits(server), "it waits for the result in hand")
        assert not activating.done()
        may_judge.set()
    assert committing.result().new == 1
    with pytest.raises(StaleRevision):
        await room.commit(claims["paper"], room.news("Hail", rules=(), feed="paper"))
    records = {record.name: record.state for record in await second.feeds()}
    assert records["wire"].last_poll_at == room.clock.now()
    for store in (first, second):
        await store.close()


async def test_a_server_that_was_restarted_costs_nothing(server: Server, on_server: str) -> None:
    store = open_store(on_server)
    room = Newsroom(store, FakeClock())
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    server.stop(signal.SIGQUIT)
    server.start()
    await room.publish("wire", room.news("Ships left"))
    assert len(await store.recent_alerts()) == 2
    await store.close()


async def test_a_server_that_is_away_is_said_in_a_sentence_without_the_password(server: Server, on_server: str) -> None:
    store = open_store(on_server)
    server.stop()
    try:
        with pytest.raises(StorageError, match="the database server") as met:
            await store.request_poll((), FakeClock().now())
        with pytest.raises(StorageError, match=r"cannot be reached.*watcher:\*\*\*@127") as refused:
            open_store(on_server)
    finally:
        server.start()
    assert "secret" not in f"{met.value} {refused.value}"
    await store.close()


async def test_a_server_whose_machine_vanishes_is_not_waited_for_long(on_server: str) -> None:
    store = open_store(on_server)
    for run in (store._writer.run, store._readers.run):
        waits = await run(_seconds_without_a_word)
        assert waits < 120
    await store.close()


def _seconds_without_a_word(connection: Connection) -> float:
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    with socket.socket(fileno=os.dup(raw.fileno())) as here:
        idle, between, count = (
            here.getsockopt(socket.IPPROTO_TCP, option)
            for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
        )
        sent = here.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) / 1000
    return max(sent or 900, idle + between * count)


async def test_a_schema_of_before_is_brought_up_to_date(server: Server, made: str) -> None:
    await open_store(made).close()
    with server.connect("apart") as connection:
        connection.execute("DROP TABLE search_words, searched")
        connection.execute("DROP SEQUENCE search_numbers")
        connection.execute("ALTER TABLE feeds DROP COLUMN host, DROP COLUMN asked_by")
        connection.execute("DROP INDEX ix_feeds_last_poll_at, ix_feeds_in_hand")
        connection.execute("ALTER TABLE reactions DROP COLUMN owed, DROP COLUMN is_gone")
        connection.execute("UPDATE alembic_version SET version_num = '0024'")
    done = upgrade_store(made)
    assert (done.before, done.after) == ("0024", HEAD)
    room = Newsroom(open_store(made), FakeClock())
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    assert len(await room.store.recent_alerts()) == 1
    await room.store.close()


async def test_tables_that_a_newer_version_changed_meanwhile_are_left_alone(server: Server, on_server: str) -> None:
    store = open_store(on_server)
    room = Newsroom(store, FakeClock())
    await room.open("wire", "paper")
    quiet = await room.poll("paper")
    with server.connect("empty") as connection:
        [(row,)] = connection.execute("SELECT value FROM meta WHERE name = 'writer'").fetchall()
        connection.execute("UPDATE meta SET value = '9999' WHERE name = 'writer'")
    try:
        with pytest.raises(SchemaMismatch, match=r"schema 9999, which is newer than this version .* update this one"):
            await store.claim_feeds("a", FakeClock().now(), 5, LEASE)
        with pytest.raises(SchemaMismatch, match="schema 9999"):
            await room.commit(quiet, room.news("Rain", rules=(), feed="paper"))
    finally:
        with server.connect("empty") as connection:
            connection.execute("SET lock_timeout = '5s'")  # who is refused leaves the turn to others at once
            connection.execute(f"UPDATE meta SET value = '{HEAD}' WHERE name = 'writer'".encode())
    assert str(row).split()[0] == HEAD
    assert (await room.commit(quiet, room.news("Rain", rules=(), feed="paper"))).new == 1
    await store.close()


async def test_a_server_that_is_too_old_is_refused_with_both_versions(
    on_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "OLDEST", 990000)
    with pytest.raises(StorageError, match=r"the database server is PostgreSQL \d+; version 99 or newer is needed"):
        open_store(on_server)


def test_a_full_disk_of_the_server_is_a_sentence_and_a_trouble() -> None:
    error = dialects.storage_error(psycopg.errors.DiskFull("could not extend file"))
    assert str(error).startswith("the disk of the database server is full; free some space")
    assert error.trouble == "full"


def test_a_pooler_that_refuses_a_connection_is_a_sentence_with_its_mend() -> None:
    error = dialects.storage_error(psycopg.OperationalError("FATAL: unsupported startup parameter: options"))
    assert str(error).startswith("a pooler refuses the options of a connection; let it: ignore_startup_parameters")


async def test_another_programs_tables_are_left_alone(server: Server, made: str) -> None:
    with server.connect("apart") as connection:
        connection.execute("CREATE TABLE theirs (id int)")
    with pytest.raises(SchemaMismatch, match="another program"):
        open_store(made)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("/empty", "/nowhere"), "there is no such database on the server; make it with: createdb"),
        (("watcher:secret", "nobody:secret"), "refused the user"),
    ],
)
async def test_a_wrong_address_names_the_mend(on_server: str, change: tuple[str, str], says: str) -> None:
    with pytest.raises(StorageError, match=says):
        open_store(on_server.replace(*change))


async def test_a_database_without_tables_is_not_read(made: str) -> None:
    with pytest.raises(StorageError, match="`watcher run` makes its tables"):
        open_store(made, read_only=True)


async def test_texts_that_are_not_utf_8_are_refused(server: Server) -> None:
    with server.connect("postgres") as connection:
        connection.execute("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1'")
    with pytest.raises(StorageError, match="LATIN1; make one with: createdb --encoding UTF8"):
        open_store(server.url("latin"))
    server.drop("latin")
