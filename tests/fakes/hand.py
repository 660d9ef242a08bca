"""A page's door that changes nothing and remembers what it was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from watcher.telling.signed_links import SignedLink
from watcher.web.source import Asked, ChangeView, UntoldView


@dataclass
class FakeHand:
    """Takes everything."""

    asked: list[tuple[str, ...]] = field(default_factory=list)

    async def mute(self, kind: str, what: str, span: str, because: str, by: str, channel: str = "") -> str:
        """Remember."""
        self.asked.append(("mute", kind, what, span, because, by, channel))
        return "muted"

    async def unmute(self, name: str, by: str) -> str:
        """Remember."""
        self.asked.append(("unmute", name, by))
        return "ended"

    async def retry(self, message: str, by: str) -> str:
        """Remember."""
        self.asked.append(("retry", message, by))
        return "sent again"

    async def release(self, article: str, by: str) -> str:
        """Remember."""
        self.asked.append(("release", article, by))
        return "released"

    async def unsubscribe(self, channel: str, recipient: str, by: str) -> str:
        """Remember."""
        self.asked.append(("unsubscribe", channel, recipient, by))
        return "paused"

    async def resume(self, what: str, by: str) -> str:
        """Remember."""
        self.asked.append(("resume", what, by))
        return "resumed"

    async def vote(self, alert: str, value: str, by: str) -> str:
        """Remember."""
        self.asked.append(("vote", alert, value, by))
        return "voted"

    async def take_back_vote(self, what: str, by: str) -> str:
        """Remember."""
        self.asked.append(("unvote", what, by))
        return "took back"

    async def ask(self, kind: str, what: str) -> Asked | None:
        """Know everything."""
        return Asked(kind, what)

    async def changes(self) -> Sequence[ChangeView]:
        """Nothing was changed."""
        return []

    async def untold(self) -> Sequence[UntoldView]:
        """Everything was told."""
        return []

    def link(self, text: str) -> SignedLink | None:
        """No link is signed."""
        return None
