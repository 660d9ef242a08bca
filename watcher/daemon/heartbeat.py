"""The sign of life: each minute an address of a dead-man service is asked while all is well, else its failure
address.

A service such as healthchecks.io or Uptime Kuma tells when the sign does not come: that the machine is off, the
program stopped or the network is out cannot be told from here.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from watcher.core.alerts.pulse import Pulse, ailing
from watcher.core.model.policy import FetchLimits
from watcher.core.model.secret import Secret
from watcher.daemon.active import Active
from watcher.daemon.world import World
from watcher.delivery.answers import masked
from watcher.delivery.http import Exchanger
from watcher.errors import FetchError, OutOfDescriptors, StorageError
from watcher.network.policy import HttpRequest

log = structlog.get_logger()

EVERY: Final = timedelta(minutes=1)
_LIMITS: Final = FetchLimits(
    total=timedelta(seconds=20), connect=timedelta(seconds=10), max_body_bytes=64 * 1024, max_redirects=0
)
_MOST_SAID: Final = 2000


class Heartbeat:
    """Asks the addresses of `meta.heartbeat` and `meta.heartbeat_failed`; a change of what comes of it is logged."""

    def __init__(self, world: World, active: Active) -> None:
        self._world = world
        self._active = active
        self._said = ""
        self._began = world.clock.now()

    async def look(self) -> None:
        """Give the sign of life once, or say what is wrong; nothing where no address is configured."""
        meta, client = self._active.configuration().meta, self._world.client
        if meta.heartbeat is None or client is None or self._world.settings.sends_nothing:
            return
        wrong = await self._wrong()
        if wrong and meta.heartbeat_failed is None:
            self._note(f"not given: {'; '.join(wrong)}")
            return
        url = meta.heartbeat_failed if wrong and meta.heartbeat_failed is not None else meta.heartbeat
        problem = await self._ask(client, url, "\n".join(wrong))
        self._note(problem or (f"failure told: {'; '.join(wrong)}" if wrong else "given"))

    async def _wrong(self) -> tuple[str, ...]:
        state, now = self._world.state, self._world.clock.now()
        try:
            stats = await self._world.store.stats(now)
        except StorageError as error:
            return (f"the database does not answer: {error}",)
        _, troubles = state.readiness()
        return ailing(Pulse(stats, state.degraded_by(), troubles, self._began), now)

    async def _ask(self, client: Exchanger, url: Secret, said: str) -> str:
        """Return what went wrong with a request, "" when it was taken."""
        request = HttpRequest(
            url=url.reveal(),
            method="POST" if said else "GET",
            headers={"content-type": "text/plain; charset=utf-8"} if said else {},
            content=said.encode("utf-8", "replace")[:_MOST_SAID] if said else None,
            allow_private=self._active.configuration().network.allow_private,
            limits=_LIMITS,
        )
        try:
            async with asyncio.timeout(_LIMITS.total.total_seconds() + 5):
                answer = await client.exchange(request)
        except TimeoutError:
            return "not given: no answer in time"
        except (FetchError, OutOfDescriptors) as error:
            return f"not given: {masked(str(error), [url])}"
        return "" if 200 <= answer.status < 300 else f"not given: the service answered {answer.status}"

    def _note(self, said: str) -> None:
        if said != self._said:
            (log.info if said == "given" else log.warning)("sign of life", result=said)
            self._said = said
