"""No file descriptor left is our own problem, wherever it shows: no host, name, receiver or document is blamed."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.fakes.clock import FakeClock
from tests.fakes.dialling import a_guard
from tests.fakes.messages import a_message
from tests.fakes.shortage import no_descriptors_left
from watcher.core.model.ids import ChannelName
from watcher.core.model.message import AttemptClass
from watcher.core.model.secret import Secret
from watcher.delivery.file import FileChannel, FileConfig
from watcher.delivery.http import HttpSender, Post, usual_table
from watcher.errors import FetchError, OutOfDescriptors
from watcher.network.client import GuardedClient
from watcher.network.guard import AddressGuard
from watcher.network.policy import HttpRequest
from watcher.network.resolver import Resolver

OURS = [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM]


@pytest.mark.parametrize("number", OURS, ids=errno.errorcode.get)
async def test_a_dial_that_we_cannot_make_blames_no_host_and_tries_no_other_address(number: int) -> None:
    asked = []

    async def refuse(address: str, port: int) -> socket.socket:
        asked.append(address)
        raise OSError(number, "none left")

    names = Resolver(lambda host: ["127.0.0.1", "127.0.0.2"])
    guard = AddressGuard(("127.0.0.0/8",), resolver=names, connector=refuse)
    with pytest.raises(OutOfDescriptors):
        await guard.dial("wire.example", 80)
    assert asked == ["127.0.0.1"]


@pytest.mark.parametrize(
    "error",
    [OSError(errno.EMFILE, "x"), socket.gaierror(socket.EAI_AGAIN, "x"), socket.gaierror(socket.EAI_SYSTEM, "x")],
)
async def test_a_look_up_that_we_cannot_make_blames_no_name(error: OSError) -> None:
    def fail(host: str) -> Sequence[str]:
        raise error

    with no_descriptors_left(), pytest.raises(OutOfDescriptors):
        await Resolver(fail).addresses("wire.example")


async def test_a_name_that_does_not_exist_is_said_so_also_then() -> None:
    def fail(host: str) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "x")

    with no_descriptors_left(), pytest.raises(FetchError, match="does not exist"):
        await Resolver(fail).addresses("wire.example")


async def test_client_and_channels_that_can_open_nothing_say_so(tmp_path: Path) -> None:
    guard = a_guard(allow=["127.0.0.0/8"])
    client = GuardedClient(guard)
    sender = HttpSender(client, FakeClock())
    file = FileChannel(ChannelName("box"), FileConfig.model_validate({"type": "file", "path": "box.jsonl"}), tmp_path)
    with no_descriptors_left():
        with pytest.raises(OutOfDescriptors):
            await client.exchange(HttpRequest("http://127.0.0.1:9/"))
        with pytest.raises(OutOfDescriptors):
            await sender.post(Post(Secret("http://127.0.0.1:9/"), b"", {}), usual_table)
        with pytest.raises(OutOfDescriptors):
            await file.send(a_message())
    assert (await file.send(a_message())).result is AttemptClass.OK
