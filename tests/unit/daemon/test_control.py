from __future__ import annotations

import asyncio
import json
import re
import stat
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from tests.fakes.reporters import FEEDS, Reporters
from tests.fakes.station import Station, config
from watcher.daemon.by_hand import ByHandDoor
from watcher.daemon.control import ask, serve_control, socket_path
from watcher.daemon.handlers import handlers
from watcher.daemon.reload import Reloader
from watcher.errors import ControlError, StorageError
from watcher.storage.open import open_store


async def _echo(request: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"said": request["word"]}


async def _refuse(request: Mapping[str, Any]) -> Mapping[str, Any]:
    raise StorageError("it was sent already")


async def test_a_verb_is_answered(tmp_path: Path) -> None:
    async with serve_control(tmp_path, {"echo": _echo}):
        assert (await ask(tmp_path, {"verb": "echo", "word": "Пхеньян"}))["said"] == "Пхеньян"


async def test_the_socket_is_ours_alone_and_goes_with_the_daemon(tmp_path: Path) -> None:
    async with serve_control(tmp_path, {}):
        assert stat.S_IMODE(socket_path(tmp_path).stat().st_mode) == 0o600
    assert not socket_path(tmp_path).exists()


async def test_a_socket_left_by_a_killed_daemon_is_replaced(tmp_path: Path) -> None:
    socket_path(tmp_path).write_bytes(b"")
    async with serve_control(tmp_path, {"echo": _echo}):
        assert (await ask(tmp_path, {"verb": "echo", "word": "x"}))["ok"]


async def test_a_refusal_comes_back_as_its_sentence(tmp_path: Path) -> None:
    async with serve_control(tmp_path, {"retry": _refuse}):
        with pytest.raises(ControlError, match="it was sent already"):
            await ask(tmp_path, {"verb": "retry"})


async def test_an_unknown_verb_names_the_known_ones(tmp_path: Path) -> None:
    async with serve_control(tmp_path, {"retry": _refuse}):
        with pytest.raises(ControlError, match="known are retry"):
            await ask(tmp_path, {"verb": "rty"})


async def test_no_daemon_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(ControlError, match="is `watcher run` running"):
        await ask(tmp_path, {"verb": "status"})


@pytest.mark.parametrize("line", ["[]", "5", '{"verb": ["retry"]}', '{"verb": null}', "{}", "[" * 60_000])
async def test_what_is_no_request_is_answered_all_the_same(tmp_path: Path, line: str) -> None:
    async with serve_control(tmp_path, {"retry": _refuse}):
        answer = await raw(tmp_path, line)
    assert answer["ok"] is False
    assert answer["error"] in {"not JSON", "unknown verb; known are retry"}


async def test_a_mistake_of_ours_is_answered_and_logged(tmp_path: Path) -> None:
    async with serve_control(tmp_path, {"echo": _echo}):
        with structlog.testing.capture_logs() as logged:
            answer = await raw(tmp_path, '{"verb": "echo"}')
        assert (await ask(tmp_path, {"verb": "echo", "word": "x"}))["said"] == "x", "the daemon goes on"
    assert answer == {"ok": False, "error": "that failed by a mistake of ours; the log of the daemon has the details"}
    assert [(one["event"], one["verb"]) for one in logged] == [("control request failed", "echo")]


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"verb": "poll", "feeds": 5}, "`feeds` must be a list of names"),
        ({"verb": "poll", "feeds": "wire"}, "`feeds` must be a list of names"),
        ({"verb": "poll", "feeds": [["wire"]]}, "`feeds` must be a list of names"),
        ({"verb": "poll", "feeds": ["wirr"]}, "no feed is called wirr; feeds: wire"),
        ({"verb": "retry"}, "`message` must be a text"),
        ({"verb": "retry", "message": {}}, "`message` must be a text"),
        ({"verb": "retry", "message": "m22222"}, "no message"),
        ({"verb": "release"}, "`article` must be a text"),
        ({"verb": "send_rule", "rule": "shells"}, "`seconds` must be a number"),
        ({"verb": "send_rule", "rule": "shells", "seconds": -1}, "`seconds` must be a number"),
        ({"verb": "send_rule", "seconds": 60}, "`rule` must be a text"),
        ({"verb": "send_rule", "rule": "shels", "seconds": 60}, "no rule is called shels"),
        ({"verb": "release", "article": ["a22222"]}, "`article` must be a text"),
        ({"verb": "release", "article": "a22222"}, "no stored article has the id a22222"),
    ],
)
async def test_a_malformed_request_is_told_what_is_wrong(tmp_path: Path, request_: dict[str, Any], said: str) -> None:
    station = Station(tmp_path)
    await station.begin(config())
    reloader = Reloader(station.world, station.active, station.meta, station.past)
    verbs = handlers(
        station.world,
        reloader,
        station.poller,
        station.sender,
        ByHandDoor(station.world, station.active, station.meta),
        station.past,
    )
    async with serve_control(tmp_path, verbs):
        with pytest.raises(ControlError, match=re.escape(said)):
            await ask(tmp_path, request_)
        assert (await ask(tmp_path, {"verb": "poll", "feeds": ["wire"]}))["due"] == 1
    await station.close()


async def test_the_daemon_releases_a_folded_article_and_sends_it(tmp_path: Path) -> None:
    desk = await Reporters.open(tmp_path, open_store(f"sqlite:///{tmp_path}/watcher.db"), config(feeds=FEEDS[:2]))
    title = "Shells shipped from Port Elwin to Velland by night, says the ministry"
    await desk.report("wire", title)
    assert await desk.report("paper", title, minutes=1) == ["folded"]
    await desk.send()
    [folded] = await desk.store.suppressed(desk.clock.now() - timedelta(hours=1))
    reloader = Reloader(desk.world, desk.active, desk.meta, desk.past)
    verbs = handlers(
        desk.world, reloader, desk.poller, desk.sender, ByHandDoor(desk.world, desk.active, desk.meta), desk.past
    )
    async with serve_control(tmp_path, verbs):
        answer = await ask(tmp_path, {"verb": "release", "article": folded.article.id})
        assert (answer["article"], answer["targets"]) == (folded.article.id, ["desk"])
        with pytest.raises(ControlError, match="has nothing to release"):
            await ask(tmp_path, {"verb": "release", "article": folded.article.id})
    await desk.send()
    assert desk.told("desk") == [[title], [title]]
    await desk.close()


async def raw(data: Path, line: str) -> Any:
    """Return the answer to a line that `ask` would not write."""
    reader, writer = await asyncio.open_unix_connection(socket_path(data))
    writer.write(line.encode() + b"\n")
    await writer.drain()
    answer = json.loads(await reader.readline())
    writer.close()
    return answer
