"""Decides to which recipients of a channel a message still goes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from watcher.core.model.record import MessageClaim


def recipients_now(claim: MessageClaim, configured: Sequence[str] | None) -> tuple[str, ...] | None:
    """Return whom to write to: those a message is still open for and that are configured; () = nobody, None = it has
    no recipients.

    Nobody who has it gets it again. Where nobody has it and all it was open for left the configuration, or asked for
    no more, it goes to those of today; to one who refused it for good only where no other is left.

    >>> recipients_now(claim_open_for("bob@x.example", reached=True), ["ann@x.example"])
    ()
    """
    if configured is None:
        return None
    if claim.recipients is None:
        return tuple(configured)
    left = tuple(name for name in claim.recipients if name in configured)
    if left or claim.reached or claim.for_recipient:
        return left
    return tuple(name for name in configured if name not in claim.refused) or tuple(configured)


def not_paused(configured: Sequence[str] | None, paused: Collection[str]) -> tuple[str, ...] | None:
    """Return the recipients of a channel who did not ask for no more; None = it has no recipients."""
    return None if configured is None else tuple(name for name in configured if name not in paused)
