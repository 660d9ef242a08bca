"""Divides a long summary into messages that list all they hold (what no message lists was not told), and a refused
message into its articles.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from watcher.core.model.ids import AlertId, ArticleId, ChannelName, MessageId, digest, public_id

MOST_MESSAGES: Final = 10
"""At most so many messages come of one release; what they do not list stays held and is counted in the last one."""


@dataclass(frozen=True, slots=True)
class Share:
    """One message of a divided summary."""

    id: MessageId
    title: str
    alerts: tuple[AlertId, ...]


@dataclass(frozen=True, slots=True)
class Shares:
    """A divided summary: `messages` to send, the weightiest first, the first under the id of the whole; `rest` stays
    held.
    """

    messages: tuple[Share, ...]
    rest: Share | None = None


def divide(whole: MessageId, target: ChannelName, title: str, ranked: Sequence[AlertId], lists_at_most: int) -> Shares:
    """Return how a summary of `ranked` alerts, the weightiest first, is told on a channel that lists so many in one
    message.

    With 49 alerts and 15 a message:

        "49 alerts, part 1 of 4" (15), "... part 2 of 4" (15), "... part 3 of 4" (15), "... part 4 of 4" (4)
    """
    told = ranked[: MOST_MESSAGES * lists_at_most]
    parts = [tuple(told[start : start + lists_at_most]) for start in range(0, len(told), lists_at_most)]
    left = tuple(ranked[len(told) :])
    rest = Share(_id("rest", target, whole, left), f"{len(left)} more alerts", left) if left else None
    name = title or f"{len(ranked)} alerts"
    messages = []
    for number, part in enumerate(parts, start=1):
        says = f"{name}, part {number} of {len(parts)}" if len(parts) > 1 else name
        if rest is not None and number == len(parts):
            says = f"{len(left)} more are held, send them with: watcher deliveries retry {rest.id}; {says}"
        messages.append(Share(whole if number == 1 else _id("part", target, whole, part), says, part))
    return Shares(tuple(messages), rest)


def divide_refused(
    whole: MessageId, target: ChannelName, title: str, listed: Iterable[tuple[AlertId, ArticleId]]
) -> tuple[Share, ...]:
    """Return the messages that a refused one becomes, in its order, the first under the id of the whole: an article
    each, or of more than ten articles ten parts, of which a refused one is divided again.
    """
    of_article: dict[ArticleId, list[AlertId]] = {}
    for alert, article in listed:
        of_article.setdefault(article, []).append(alert)
    articles = list(of_article.values())
    size = -(-len(articles) // MOST_MESSAGES)
    parts = [articles[start : start + size] for start in range(0, len(articles), size)]
    shares = []
    for number, part in enumerate(parts, start=1):
        alerts = tuple(alert for its in part for alert in its)
        says = f"{title}, part {number} of {len(parts)}" if title and len(parts) > 1 else title
        shares.append(Share(whole if number == 1 else _id("apart", target, whole, alerts), says, alerts))
    return tuple(shares)


def divide_off(
    whole: MessageId, target: ChannelName, title: str, listed: Sequence[AlertId], groups: Iterable[Sequence[AlertId]]
) -> tuple[Share, ...]:
    """Return a message without the alerts that leave it, under its id, and one for each group of these."""
    gone = [tuple(group) for group in groups]
    stays = tuple(alert for alert in listed if not any(alert in group for group in gone))
    return Share(whole, title, stays), *(Share(_id("leaving", target, whole, group), "", group) for group in gone)


def _id(kind: str, target: ChannelName, whole: MessageId, listed: Sequence[AlertId]) -> MessageId:
    return MessageId(public_id("m", digest(kind, target, whole, *listed)))
