"""What a kept connection spares: the CPU of a request and its answer over a new connection and over a kept one.

    python -m tests.bench.bench_kept [--requests 300]

Client and receiver run in this process, so that both shares are counted; the two ways take turns.
"""

from __future__ import annotations

import argparse
import asyncio
import ssl
import tempfile
import time
from pathlib import Path

from tests.fakes.certificate import make_certificate
from tests.loopback.test_kept import LOOPBACK, OK, Talker
from watcher.network.client import GuardedClient
from watcher.network.guard import AddressGuard
from watcher.network.policy import HttpRequest

_ROUNDS = 3


async def _cost(tls: ssl.SSLContext | None, trust: ssl.SSLContext, requests: int, *, keeps: bool) -> float:
    """Return the CPU seconds of a request."""
    client = GuardedClient(AddressGuard(), tls=trust)
    async with Talker(OK).listening(tls) as url:
        request = HttpRequest(url, "POST", content=b"m1", allow_private=LOOPBACK, keeps=keeps)
        await client.exchange(request)
        began = time.process_time()
        for _ in range(requests):
            await client.exchange(request)
        found = (time.process_time() - began) / requests
        await client.aclose()
    return found


async def _main(requests: int, folder: Path) -> None:
    server, trust = make_certificate(folder)
    for name, tls in (("plain", None), ("encrypted", server)):
        pairs = [[await _cost(tls, trust, requests, keeps=keeps) for keeps in (False, True)] for _ in range(_ROUNDS)]
        anew, kept = (sorted(costs)[_ROUNDS // 2] * 1000 for costs in zip(*pairs, strict=True))
        print(f"{name}: {anew:.2f} ms over a new connection, {kept:.2f} ms over a kept one: {anew / kept:.1f} times")


def main() -> None:
    """Print both costs, plain and encrypted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=300)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_main(parser.parse_args().requests, Path(folder)))


if __name__ == "__main__":
    main()
