from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from watcher.daemon.control import ask, serve_control, socket_path
from watcher.errors import ControlError, StorageError


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
