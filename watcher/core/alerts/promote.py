"""Promoting: what becomes of the copies folded into an alert whose message dies.

    | why the message died                | the copies folded into its alerts                                       |
    |-------------------------------------|-------------------------------------------------------------------------|
    | the receiver refused its content    | the best one is told by an alert of its own, once a fold                |
    | its age, an answer that is for good | they hang on the dead letter and come back when that is asked for again |

A channel that takes nothing would not take a copy either; one that refuses these words may take others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from watcher.core.dedup.relate import RANK
from watcher.core.model.alert import AlertDetail, AlertKind, Fold, Member, NewAlert, NewMessage
from watcher.core.model.article import Article
from watcher.core.model.ids import AlertId, ChannelName, MessageId, digest, public_id
from watcher.core.model.message import AttemptClass, HoldReason, MessageKind, first_state
from watcher.core.model.verdict import Level

_NOTE: Final = "a copy: the channel refused the words of the article that came first"


@dataclass(frozen=True, slots=True)
class Promotion:
    """A folded copy that is told by an alert of its own, with the articles that stand in it beside."""

    alert: NewAlert
    of: AlertId
    folds: tuple[Fold, ...]


def promotions(dead: Iterable[AlertDetail], why: AttemptClass) -> tuple[Promotion, ...]:
    """Return which folded copies are told now that the message of these alerts died; an alert that is itself such a
    copy has none.
    """
    if why is not AttemptClass.CONTENT:
        return ()
    found = [(alert, _best(alert)) for alert in dead if alert.promoted_from is None]
    return tuple(_promotion(alert, best) for alert, best in found if best is not None)


def promoted_id(dead: AlertId) -> AlertId:
    """Return the id of the alert that takes the place of a dead one: the same at each death, so that it is made
    once.
    """
    return AlertId(public_id("l", digest("promoted", dead)))


def messages_of_promotion(
    made: Sequence[Promotion], target: ChannelName, kind: MessageKind, title: str, *, is_broken: bool
) -> tuple[NewMessage, ...]:
    """Return the messages that carry them: one an article, or one in all where they stood in a list before."""
    hold = HoldReason.BREAKER if is_broken else None
    by_article: dict[str, list[AlertId]] = {}
    for one in made:
        by_article.setdefault("" if kind is MessageKind.SUMMARY else one.alert.article, []).append(one.alert.id)
    return tuple(
        NewMessage(
            id=MessageId(public_id("m", digest("promoted", target, *listed))),
            target=target,
            kind=kind,
            alerts=tuple(listed),
            state=first_state(hold),
            hold=hold,
            title=title,
        )
        for listed in by_article.values()
    )


def _best(alert: AlertDetail) -> Member | None:
    """Return the folded copy to tell: other words than those that were refused, then the nearest copy, then the
    earliest.
    """
    copies = [one for one in alert.members if one.article.id != alert.article.id and one.article.title]
    return min(copies, key=lambda one: (_words(one.article) == _words(alert.article), _rank(one.level)), default=None)


def _words(article: Article) -> tuple[str, str, str]:
    return article.title, article.summary, article.content


def _rank(level: Level) -> int:
    return RANK.get(level, len(RANK))


def _promotion(dead: AlertDetail, best: Member) -> Promotion:
    alert = NewAlert(
        id=promoted_id(dead.id),
        rule=dead.rule,
        target=dead.target,
        story=dead.story,
        kind=dead.kind,
        ordinal=int(dead.severity) if dead.kind is AlertKind.RAISE else 0,
        severity=dead.severity,
        article=best.article.id,
        revision=dead.revision,
        sample=dead.sample,
        note="; ".join(filter(None, (dead.note, _NOTE))),
        text=best.article.text,
        promoted_from=dead.id,
    )
    others = [one for one in dead.members if one.article.id != best.article.id]
    return Promotion(alert, dead.id, tuple(_beside(alert.id, one) for one in others))


def _beside(alert: AlertId, one: Member) -> Fold:
    return Fold(alert, one.article.id, Level.NEAR_COPY if one.level is Level.NEW else one.level, one.article.text)
