"""A channel that keeps what it was sent and answers what its test says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from watcher.core.model.ids import ChannelName
from watcher.core.model.message import AttemptClass, AttemptResult, ChannelTraits, Message
from watcher.delivery.unchanging import Unchanging
from watcher.telling.payload import message_json


class FakeChannel(Unchanging):
    """Implements ports.Channel: `fails_with(AttemptClass.THROTTLE, retry_after=…)`, `recovers()`; `sent` holds what
    it took, `tried` all.
    """

    kind = "fake"
    deadline = timedelta(seconds=5)

    def __init__(self, name: str = "desk") -> None:
        self.name = ChannelName(name)
        self.tried: list[Message] = []
        self.sent: list[Message] = []
        self._results: list[AttemptResult] = []
        self._for_ever: AttemptResult | None = None
        self.traits = ChannelTraits(address=name)
        self.before_send: Callable[[Message], Awaitable[None]] = _nothing  # what it raises, `send` raises

    def fails_with(
        self, result: AttemptClass, *, times: int | None = None, answer: str = "", retry_after: timedelta | None = None
    ) -> None:
        """Answer so from now on, or the next `times` times."""
        failure = AttemptResult(result, answer or result.value, None, retry_after)
        if times is None:
            self._for_ever = failure
        else:
            self._results += [failure] * times

    def recovers(self) -> None:
        """Take everything from now on."""
        self._results.clear()
        self._for_ever = None

    def render(self, message: Message) -> Mapping[str, Any]:
        """Return the message as JSON values."""
        return message_json(message)

    async def send(self, message: Message) -> AttemptResult:
        """Keep the message and return the next answer."""
        await self.before_send(message)
        self.tried.append(message)
        result = self._results.pop(0) if self._results else self._for_ever
        if result is None:
            self.sent.append(message)
            return AttemptResult(AttemptClass.OK, "ok")
        return result


async def _nothing(message: Message) -> None:
    """Be in nobody's way."""
