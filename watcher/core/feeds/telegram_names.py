"""The names of Telegram channels, and where the public preview of one is.

Apart from the reading of these pages, since every configuration is checked with this, and few read a page.
"""

from __future__ import annotations

import re
from typing import Final

HOST: Final = "https://t.me"

# Source: core.telegram.org/method/account.checkUsername; the oldest have four signs.
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")
_ADDRESS: Final = re.compile(
    r"(?:https?://)?(?:t\.me|telegram\.me)/(?:s/)?([^/?#]+)(?:/\d+)?/?(?:[?#].*)?", re.IGNORECASE
)


def channel_named(written: str) -> str:
    """Return the name of a channel as Telegram knows it, "" for what can be none.

    channel_named("@durov"), channel_named("https://t.me/s/durov") and channel_named("durov") are "durov".
    """
    found = _ADDRESS.fullmatch(written.strip())
    name = found.group(1) if found else written.strip().removeprefix("@")
    return name if _NAME.fullmatch(name) and name.lower() not in {"joinchat", "addstickers", "share", "proxy"} else ""


def channel_at(url: str) -> str:
    """Return the name of the channel whose page an address is, "" for any other address."""
    return channel_named(url) if _ADDRESS.fullmatch(url.strip()) else ""


def address_of(name: str) -> str:
    """Return where the preview of a channel is."""
    return f"{HOST}/s/{name}"
