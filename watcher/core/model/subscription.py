"""A subscription at a hub (WebSub), as it outlives a restart."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from watcher.core.model.ids import FeedId


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a hub was asked for: the `topic` of a feed, to be sent to `callback`, an address of ours, signed with
    `secret`.

    `ask_at` = when it is to be asked again, None at once; `ends_at` = until when the hub confirmed it, None = not yet;
    `is_silent` = a poll brought news that no push told of; `pushed_at` = when the last push came, to whichever daemon.
    """

    feed: FeedId
    hub: str
    topic: str
    callback: str
    secret: str = field(repr=False)
    ask_at: datetime | None = None
    ends_at: datetime | None = None
    is_silent: bool = False
    pushed_at: datetime | None = None
