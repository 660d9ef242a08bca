"""What is dialled is what was checked."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.fakes.dialling import Dials, Names, a_guard
from tests.fakes.http_server import HttpServer
from watcher.core.model.outcome import FetchProblemKind
from watcher.errors import BlockedAddress, FetchError
from watcher.network.guard import AddressGuard
from watcher.network.resolver import Resolver

PUBLIC, OTHER_PUBLIC, PUBLIC_V6 = "93.184.215.14", "8.8.8.8", "2606:4700::1111"


async def test_all_addresses_of_a_name_are_checked_and_returned() -> None:
    guard = a_guard({"wire.example": [[PUBLIC, OTHER_PUBLIC]]})
    assert await guard.check("wire.example", 443) == (PUBLIC, OTHER_PUBLIC)


@pytest.mark.parametrize("answers", [["127.0.0.1"], [PUBLIC, "10.0.0.1"], [PUBLIC, "::1"], ["fe80::1%eth0"]])
async def test_one_private_answer_refuses_the_whole_name(answers: Sequence[str]) -> None:
    dials = Dials()
    with pytest.raises(BlockedAddress, match=r"evil\.example leads to .* allow_private"):
        await a_guard({"evil.example": [answers]}, dials=dials).dial("evil.example", 80)
    assert dials.asked == []


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "::1", "[::1]", "169.254.169.254", "2130706433", "0x7f.1", "", "a b", "a%00b", "a\0b", "u@h", "a/b"],
)
async def test_literal_and_malformed_hosts_are_refused_without_a_look_up(host: str) -> None:
    names, dials = Names({}), Dials()
    with pytest.raises(BlockedAddress):
        await a_guard(names, dials=dials).dial(host, 80)
    assert names.asked == []
    assert dials.asked == []


async def test_second_answer_of_the_name_server_changes_nothing() -> None:
    names = Names({"rebind.example": [[PUBLIC], ["127.0.0.1"]]})
    with HttpServer() as server:
        dials = Dials(lands_on=server.port)
        guard = a_guard(names, dials=dials)
        (await guard.dial("rebind.example", 80)).close()
        with pytest.raises(BlockedAddress):
            await guard.dial("rebind.example", 80)
    assert dials.asked == [(PUBLIC, 80)]
    assert names.asked == ["rebind.example"] * 2


async def test_private_address_is_dialled_where_it_is_allowed() -> None:
    with HttpServer() as server:
        names = {"box.lan": [["127.0.0.1"]]}
        (await a_guard(names).dial("box.lan", server.port, ("127.0.0.0/8",))).close()
        (await a_guard(names, allow=["127.0.0.1"]).dial("box.lan", server.port)).close()


async def test_block_that_is_none_is_refused_and_not_ignored() -> None:
    with pytest.raises(BlockedAddress, match="allow_private"):
        await a_guard().check("127.0.0.1", 80, ("10.0.0.0/99",))


async def test_dialled_socket_is_connected_and_does_not_block() -> None:
    with HttpServer() as server:
        connection = await a_guard(allow=["127.0.0.1"]).dial("127.0.0.1", server.port)
        with connection:
            assert connection.getpeername() == ("127.0.0.1", server.port)
            assert not connection.getblocking()


async def test_next_address_is_tried_when_one_is_dead_and_families_take_turns() -> None:
    answers = [PUBLIC_V6, "2606:4700::2222", PUBLIC, OTHER_PUBLIC]
    with HttpServer() as server:
        dials = Dials(lands_on=server.port, unreachable=[PUBLIC_V6, PUBLIC])
        (await a_guard({"wire.example": [answers]}, dials=dials).dial("wire.example", 443)).close()
    assert [address for address, _ in dials.asked] == [PUBLIC_V6, PUBLIC, "2606:4700::2222"]


async def test_host_where_nothing_listens_is_a_connect_error_that_names_it() -> None:
    dials = Dials(unreachable=[PUBLIC])
    with pytest.raises(FetchError, match=r"wire\.example port 443 .*refused") as caught:
        await a_guard({"wire.example": [[PUBLIC]]}, dials=dials).dial("wire.example", 443)
    assert caught.value.kind == FetchProblemKind.CONNECT


async def test_unknown_name_is_a_dns_error_that_names_it() -> None:
    with pytest.raises(FetchError, match=r"nowhere\.example .*does not exist") as caught:
        await a_guard().check("nowhere.example", 80)
    assert caught.value.kind == FetchProblemKind.DNS


async def test_connection_that_never_comes_ends_at_the_limit() -> None:
    async def never(_address: str, _port: int) -> socket.socket:
        await asyncio.Event().wait()
        raise AssertionError

    guard = AddressGuard(resolver=Resolver(Names({"slow.example": [[PUBLIC]]})), connector=never)
    with pytest.raises(FetchError) as caught:
        await guard.dial("slow.example", 80, timeout=timedelta(milliseconds=30))
    assert caught.value.kind == FetchProblemKind.TIMEOUT


class Hanging:
    """A look-up that hangs on `hang.*` until it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun = threading.Event()
        self.asked: list[str] = []

    def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        self.begun.set()
        if host.startswith("hang"):
            self.go.wait(10)
        return [PUBLIC]


async def test_hanging_name_is_given_up_and_does_not_hold_up_others() -> None:
    lookup = Hanging()
    resolver = Resolver(lookup, threads=2, patience=timedelta(milliseconds=30))
    for _ in range(5):
        with pytest.raises(FetchError, match="did not answer within") as caught:
            await resolver.addresses("hang.example")
        assert caught.value.kind == FetchProblemKind.DNS
    assert await resolver.addresses("wire.example") == (PUBLIC,)
    assert lookup.asked == ["hang.example", "wire.example"]  # one thread hangs, however often it is asked
    lookup.go.set()


async def test_look_ups_wait_for_a_free_thread() -> None:
    lookup = Hanging()
    resolver = Resolver(lookup, threads=1, patience=timedelta(seconds=10))
    async with asyncio.TaskGroup() as group:
        first = group.create_task(resolver.addresses("hang.example"))
        second = group.create_task(resolver.addresses("wire.example"))
        assert await asyncio.to_thread(lookup.begun.wait, 10)
        assert lookup.asked == ["hang.example"]
        lookup.go.set()
    assert first.result() == second.result() == (PUBLIC,)


async def test_name_without_any_address_is_a_dns_error() -> None:
    with pytest.raises(FetchError, match="no address"):
        await Resolver(lambda _: ()).addresses("empty.example")


async def test_name_that_the_codec_refuses_is_a_dns_error() -> None:
    def refuse(_host: str) -> Sequence[str]:
        raise UnicodeError("label too long")

    with pytest.raises(FetchError) as caught:
        await Resolver(refuse).addresses("x" * 70 + ".example")
    assert caught.value.kind == FetchProblemKind.DNS
