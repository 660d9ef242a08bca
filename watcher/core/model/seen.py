"""An entry of a feed's last document, as far as it takes to know it again."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from watcher.core.model.outcome import EntryMark


class SeenEntry(NamedTuple):
    """An entry whose article is stored as the entry gives it.

    `item` and `content` are keys of the article, and `published_at` its time.
    """

    mark: EntryMark
    item: bytes
    content: bytes
    published_at: datetime | None
