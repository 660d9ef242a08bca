"""Which alerts an id names: its own (l...), or those that a message (m...) or delivery (d...) told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from watcher.by_hand import HandShown
    from watcher.ports import Shown

    class Named(Shown, HandShown, Protocol):
        """What is asked about by the id of an alert, a message or a story."""


async def alerts_named(store: Named, id_: str) -> Sequence[str]:
    """Return the ids of the alerts that an id names, () where no message has it; whether there is such an alert is not
    looked at.
    """
    if id_[:1] not in ("m", "d"):
        return (id_,)
    message = await store.message(id_)
    told = message.deliveries if message is not None else ()
    return [alert for delivery, alert in told if id_[0] == "m" or delivery.startswith(id_)]
