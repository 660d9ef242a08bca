"""Messages in files, below the out folder and nowhere else."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.fakes.messages import EVERY_MESSAGE, a_message
from watcher.core.model.ids import ChannelName
from watcher.core.model.message import AttemptClass
from watcher.delivery.file import FileChannel, FileConfig


def channel(out: Path, **values: str) -> FileChannel:
    return FileChannel(ChannelName("log"), FileConfig.model_validate({"type": "file", **values}), out)


async def test_each_message_is_one_line(tmp_path: Path) -> None:
    log = channel(tmp_path / "out", path="desk/alerts.jsonl")
    for message in EVERY_MESSAGE.values():
        assert (await log.send(message)).result is AttemptClass.OK
    lines = (tmp_path / "out/desk/alerts.jsonl").read_text("utf-8").split("\n")[:-1]
    assert len(lines) == len(EVERY_MESSAGE)
    assert json.loads(lines[0])["data"]["title"] == "[High] 북한 포병, North Korean gunners at Russian range"


async def test_one_file_a_message_is_written_once_however_often_it_is_sent(tmp_path: Path) -> None:
    files = channel(tmp_path / "out", path="messages", form="files")
    for _ in range(3):
        await files.send(a_message())
    assert [path.name for path in (tmp_path / "out/messages").iterdir()] == [f"{a_message().id}.json"]


async def test_a_line_cut_by_a_crash_does_not_spoil_the_next(tmp_path: Path) -> None:
    (tmp_path / "alerts.jsonl").write_text('{"cut": ')
    await channel(tmp_path).send(a_message())
    first, second, rest = (tmp_path / "alerts.jsonl").read_text("utf-8").split("\n")
    assert (first, rest) == ('{"cut": ', "")
    assert json.loads(second)["data"]["id"] == a_message().id


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../up",
        "a/../../up",
        "a//b",
        ".hidden",
        "a/.b",
        "",
        "a\x00b",
        "a\nb",
        "C:\\x",
        "~/x",
        "é",
        "a" * 200,
    ],
)
def test_a_hostile_path_is_refused_in_the_configuration(path: str) -> None:
    with pytest.raises(ValidationError):
        FileConfig.model_validate({"type": "file", "path": path})


@pytest.mark.parametrize("path", ["desk/alerts.jsonl", "alerts.jsonl"])
async def test_a_link_never_leads_out_of_the_out_folder(path: str, tmp_path: Path) -> None:
    outside, out = tmp_path / "outside", tmp_path / "out"
    outside.mkdir()
    out.mkdir()
    (out / path.split("/")[0]).symlink_to(outside if "/" in path else outside / "target")
    result = await channel(out, path=path).send(a_message())
    assert result.result is AttemptClass.PERMANENT
    assert list(outside.iterdir()) == []


async def test_a_pipe_in_the_way_does_not_hang_the_sender(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "alerts.jsonl")
    result = await channel(tmp_path).send(a_message())
    assert result.result is AttemptClass.PERMANENT


async def test_a_full_disk_is_tried_again() -> None:
    result = await channel(Path("/dev"), path="full").send(a_message())
    assert result.result is AttemptClass.RETRY
