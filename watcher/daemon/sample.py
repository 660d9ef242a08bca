"""The sample feed's last word: a newcomer who starts a second time sees what was already sent."""

from __future__ import annotations

from dataclasses import replace

from watcher.core.model.ids import MessageId
from watcher.core.model.message import Message, MessageKind
from watcher.core.model.policy import CONSOLE
from watcher.daemon.active import Active
from watcher.daemon.page import as_read
from watcher.daemon.world import World
from watcher.ports import Shown


class SampleShow:
    """Shows the last sample alert once, when this start has nothing new to show and no real channel is set."""

    def __init__(self, world: World, active: Active) -> None:
        self._world = world
        self._store: Shown = world.store
        self._active = active
        self._started_at = world.clock.now()
        self._done = False

    async def look(self) -> None:
        """Show it as soon as no sample feed is due any more; then never again."""
        if self._done:
            return
        names = {spec.name for spec in self._active.configuration().feeds if spec.sample}
        feeds = [feed for feed in await self._store.feeds() if feed.name in names]
        if not names or self._active.has_real_channel():
            self._done = True
        elif feeds and all(
            feed.state.last_poll_at and feed.state.next_poll_at > self._world.clock.now() for feed in feeds
        ):
            self._done = True
            await self._show()

    async def _show(self) -> None:
        last = await self._store.recent_alerts(limit=1, sample=True)
        console = self._world.ruling().channels.get(CONSOLE)
        if not last or console is None or last[0].created_at >= self._started_at:
            return
        alert = replace(last[0], note=f"already sent on {last[0].created_at:%d %b %H:%M} UTC")
        await console.send(
            Message(
                id=MessageId(""),  # stored nowhere: it was sent already
                channel=CONSOLE,
                kind=MessageKind.ALERT,
                at=alert.created_at,
                attempt=1,
                alerts=(as_read(alert, self._world.ruling()),),
            )
        )
