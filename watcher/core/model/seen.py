"""An entry of a feed's last document, as far as it takes to know it again."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class SeenEntry(NamedTuple):
    """An entry whose article is stored as the entry gives it.

    `entry` is the digest of the entry and of all that its article was made under; `item` and `content` are keys of the
    article, and `published_at` its time.
    """

    entry: bytes
    item: bytes
    content: bytes
    published_at: datetime | None
