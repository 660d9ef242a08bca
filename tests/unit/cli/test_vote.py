"""`watcher vote` on a real database: what it says, what it refuses, and what it lists."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.fakes.reporters import FEEDS, Reporters
from tests.fakes.station import config
from watcher.cli.vote import command
from watcher.errors import StorageError
from watcher.storage.open import open_store

BRIDGE = "Shells hit bridge at Nikopol, traffic stopped"
MUSEUM = "Museum of Kherson shows old shells"
Run = Callable[..., Result]


@pytest.fixture
async def ids(tmp_path: Path) -> list[str]:
    """Two alerts in one message: the ids of both, then that of the message and of the second delivery."""
    store = open_store(f"sqlite:///{tmp_path}/watcher.db")
    desk = await Reporters.open(tmp_path, store, config(feeds=FEEDS[:3]).replace("gather: none", "gather: 60s"))
    await desk.report("wire", BRIDGE)
    await desk.report("paper", MUSEUM)
    desk.clock.advance(minutes=2)
    await desk.active.settle()
    await desk.send()
    [message] = await store.messages()
    await store.close()
    return [*(alert for _, alert in message.deliveries), message.id, message.deliveries[1][0]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The verb on the database of the test."""
    place = ["--data", str(tmp_path), "--database", f"sqlite:///{tmp_path}/watcher.db"]
    return lambda *arguments: CliRunner().invoke(command, [*arguments, *place])


def test_a_vote_is_said_listed_and_taken_back(ids: list[str], run: Run) -> None:
    assert run().stdout == "nobody voted yet\n"
    said = run(ids[0][:13], "not-useful", "--by", "Min Park").stdout.splitlines()
    assert said[0].startswith("voted not useful: ")
    assert said[1] == f"undo    watcher vote {ids[0][:13]} --undo --by 'Min Park'"
    run(ids[0], "useful")
    run(ids[3], "useful", "--by", "\u202eMin\nPark")
    counts, *lines = run().stdout.splitlines()
    assert counts == "shells: 2 useful, 1 not useful"
    assert len(lines) == 3
    assert sum("by Min Park" in line for line in lines) == 2
    assert run(ids[0], "--undo", "--by", "Min Park").stdout.startswith("took back the vote not useful of Min Park: ")
    assert run().stdout.startswith("shells: 2 useful, 0 not useful\n")


def test_what_cannot_be_voted_on_is_refused_with_what_to_do(ids: list[str], run: Run) -> None:
    for arguments, said in (
        (("l" + "a" * 26, "useful"), "there is no alert laaa"),
        (("not an id", "useful"), "there is no alert not an id"),
        ((ids[2], "useful"), f"tells of 2 alerts; vote on one of them: {ids[0][:13]}"),
        (("m" + "a" * 26, "useful"), "there is no alert maaa"),
        ((ids[0], "--undo"), "no vote of the command line"),
    ):
        result = run(*arguments)
        assert isinstance(result.exception, StorageError), arguments
        assert said in str(result.exception)
    for wrong in ((ids[0],), (ids[0], "great"), ("--undo",), (ids[0], "useful", "--undo")):
        assert run(*wrong).exit_code == 2, wrong
    assert run().stdout == "nobody voted yet\n"
