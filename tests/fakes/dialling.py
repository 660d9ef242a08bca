"""Names and connections for tests of the guard: nothing but loopback is ever dialled, whatever the guard decides."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from ipaddress import ip_address

from watcher.network.guard import AddressGuard, connect_tcp
from watcher.network.resolver import Resolver


class Dials:
    """A connector that notes what it is asked for, and connects to loopback only: to `lands_on` there, if that is
    set.
    """

    def __init__(self, *, lands_on: int | None = None, unreachable: Sequence[str] = ()) -> None:
        self.asked: list[tuple[str, int]] = []
        self._lands_on = lands_on
        self._unreachable = unreachable

    async def __call__(self, address: str, port: int) -> socket.socket:
        self.asked.append((address, port))
        if address in self._unreachable:
            raise ConnectionRefusedError(111, "refused")
        if self._lands_on is not None:
            return await connect_tcp("127.0.0.1", self._lands_on)
        assert ip_address(address).is_loopback, f"a test was about to dial {address}"
        return await connect_tcp(address, port)


class Names:
    """A look-up that knows a few names. Each has a list of answers, given one after the other, the last one for
    ever.
    """

    def __init__(self, known: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self._known = {name: list(answers) for name, answers in known.items()}
        self.asked: list[str] = []

    def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        answers = self._known.get(host)
        if not answers:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return answers.pop(0) if len(answers) > 1 else answers[0]


def a_guard(
    names: Mapping[str, Sequence[Sequence[str]]] | Names | None = None,
    *,
    dials: Dials | None = None,
    allow: Sequence[str] = (),
) -> AddressGuard:
    """Return a guard that knows these names only and cannot leave the machine."""
    lookup = names if isinstance(names, Names) else Names(names or {})
    return AddressGuard(allow, resolver=Resolver(lookup), connector=dials or Dials())
