"""What people say of alerts, for verbs: saying it, taking it back, and what was said."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from watcher.asking.alert_ids import alerts_named
from watcher.asking.store import change_by_hand, with_store
from watcher.by_hand import ByHand, HandShown
from watcher.core.alerts.votes import say_vote, taken_back, undo_of
from watcher.core.model.vote import AlertName, Vote, VoteValue
from watcher.daemon.clock import SystemClock
from watcher.errors import StorageError
from watcher.settings.env import Settings
from watcher.telling.wording import label

if TYPE_CHECKING:
    from watcher.asking.alert_ids import Named

_BY = "the command line"
_BY_CHARS = 80
_SHOWN = 50


def vote(settings: Settings, id_: str, value: VoteValue, by: str) -> list[str]:
    """Say whether an alert was useful, in the name of `by` ("" = the command line); return what was done.

    Raises:
        StorageError: nothing has the id, or it is a message of several alerts.
        ControlError: the daemon refused.
    """
    name = with_store(settings, lambda store: _named(store, id_))
    voter = _voter(by)

    async def by_hand(store: ByHand) -> str:
        return say_vote(await store.vote(name.id, value, voter, SystemClock().now()), name)

    said = change_by_hand(settings, "vote", name.id, by_hand, value=value.value, by=voter)
    mine = "" if voter == _BY else f" --by {shlex.quote(voter)}"
    return [said, f"undo    watcher vote {name.id[:13]} --undo{mine}"]


def take_back(settings: Settings, id_: str, by: str) -> list[str]:
    """Forget what was said of an alert in the name of `by`; return what was done. Raises as `vote`."""
    name = with_store(settings, lambda store: _named(store, id_))
    voter = _voter(by)

    async def by_hand(store: ByHand) -> str:
        return taken_back(await store.take_back_vote(name.id, voter, _BY, SystemClock().now()), _BY, name)

    return [change_by_hand(settings, "unvote", undo_of(name.id, voter), by_hand)]


def votes_listed(settings: Settings) -> list[str]:
    """Return how many votes each rule has, and the newest votes, a line each.

    Raises:
        StorageError: the database cannot be read.
    """

    async def ask(store: HandShown) -> list[str]:
        votes = await store.votes()
        newest = votes[:_SHOWN]
        texts = await store.voted_texts([one.alert for one in newest])
        titles = {alert: label(text.title, 80) for alert, text in texts.items()}
        return [*_counts(votes), *(_line(one, titles.get(one.alert, "")) for one in newest)]

    return with_store(settings, ask) or ["nobody voted yet"]


def _counts(votes: Sequence[Vote]) -> list[str]:
    counts = Counter((one.rule, one.value) for one in votes)
    return [
        f"{rule}: {counts[rule, VoteValue.USEFUL]} useful, {counts[rule, VoteValue.NOT_USEFUL]} not useful"
        for rule in sorted({one.rule for one in votes})
    ]


def _line(one: Vote, title: str) -> str:
    return f"{one.at:%Y-%m-%d %H:%M} UTC  {one.value.words:<10}  {one.rule}  {title}  by {one.by}  {one.alert[:13]}"


async def _named(store: Named, id_: str) -> AlertName:
    """Return the alert of an id: its own (l...), or of the message (m...) or delivery (d...) that told it alone."""
    found = await alerts_named(store, id_)
    if len(found) > 1:
        listed = ", ".join(alert[:13] for alert in found)
        raise StorageError(f"{id_} tells of {len(found)} alerts; vote on one of them: {listed}")
    name = await store.alert(found[0]) if found else None
    if name is None:
        raise StorageError(
            f"there is no alert {label(id_)}; ids (l...) stand on the page and in: watcher deliveries show MESSAGE"
        )
    return name


def _voter(by: str) -> str:
    return label(by, _BY_CHARS).strip() or _BY
