"""Modules that are imported when something of them is first asked for, since most verbs read how channels send and send
nothing.

    if TYPE_CHECKING:
        import aiosmtplib
    else:
        aiosmtplib = Late("aiosmtplib")
"""

from __future__ import annotations

from importlib import import_module


class Late:
    """Stands for a module until something of it is asked for, and hands that over ever after."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> object:
        found: object = getattr(import_module(self._name), name)
        setattr(self, name, found)  # the next time nobody asks here
        return found
