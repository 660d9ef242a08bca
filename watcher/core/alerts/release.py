"""Releasing by hand: an article that was folded or passed over gets an alert of its own, and is never told twice for
that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from watcher.core.model.alert import AlertDetail, AlertKind, NewAlert, NewMessage
from watcher.core.model.article import Article
from watcher.core.model.ids import AlertId, ChannelName, MessageId, RuleId, StoryId, digest, public_id
from watcher.core.model.message import HoldReason, MessageKind, first_state
from watcher.core.model.record import KeptBackRecord
from watcher.core.model.rule import Severity
from watcher.core.model.verdict import Outcome, Verdict
from watcher.errors import StorageError

RELEASED_NOTE: Final = "released by hand"
RELEASABLE: Final = frozenset({Outcome.FOLDED, Outcome.SKIPPED, Outcome.DROPPED})
_STANDS: Final = {
    Outcome.SILENCED: "is held by a silence ({reason}); take the silence out of the configuration",
    Outcome.DEAD: "has an alert whose message is dead; see: watcher deliveries list --state dead",
}


@dataclass(frozen=True, slots=True)
class Release:
    """New alerts, each with the verdict that it takes the place of, and why other verdicts stand.

    `again` are the alerts for what was kept back.
    """

    alerts: tuple[tuple[Verdict, NewAlert], ...]
    kept: tuple[str, ...]
    again: tuple[NewAlert, ...] = ()

    @property
    def made(self) -> tuple[NewAlert, ...]:
        """All new alerts."""
        return (*(alert for _, alert in self.alerts), *self.again)


def release(
    article: Article,
    decided: Sequence[Verdict],
    kept_back: Sequence[KeptBackRecord],
    severities: Mapping[AlertId, Severity],
    revision: int,
) -> Release:
    """Return the alerts of an article's newest text that make it news of its own.

    `severities` are those of the alerts it was folded into.

    Raises:
        StorageError: there is nothing to release; the text says what was decided, and what can be done.
    """
    newest = [verdict for verdict in decided if verdict.text == article.text] or list(decided)
    free = [verdict for verdict in newest if verdict.outcome in RELEASABLE]
    again, kept = _beside(newest, kept_back, {(verdict.rule, verdict.target) for verdict in free})
    if not free and not again:
        raise StorageError(f"{article.id} has nothing to release: {'; '.join(kept) or _NOTHING_DECIDED}")
    story = StoryId(public_id("s", digest("story", article.id)))
    made = tuple((one, _alert(article, one, story, severities, revision)) for one in free)
    return Release(made, kept, tuple(_alert_again(article, one, revision) for one in again))


def can_be_released(outcomes: Iterable[Outcome], *, is_kept_back: bool) -> bool:
    """Return whether an article, of which that was decided, has something to release."""
    return is_kept_back or not RELEASABLE.isdisjoint(outcomes)


def _beside(
    newest: Sequence[Verdict], kept_back: Sequence[KeptBackRecord], free: AbstractSet[tuple[RuleId, ChannelName]]
) -> tuple[list[KeptBackRecord], tuple[str, ...]]:
    """Return what was kept back for rules and targets without a free verdict, and why the verdicts of others stand."""
    again = [one for one in kept_back if (one.kept.rule, one.kept.target) not in free]
    places = free | {(one.kept.rule, one.kept.target) for one in again}
    return again, tuple(_stands(one) for one in newest if (one.rule, one.target) not in places)


def is_released(alert: AlertDetail) -> bool:
    """Return whether somebody asked for an alert by hand, so that no silence takes it back.

    Its kind is FIRST and its note begins so. Other notes may quote a headline: "now says: released by hand; ...".
    """
    return alert.kind is AlertKind.FIRST and (alert.note == RELEASED_NOTE or alert.note.startswith(f"{RELEASED_NOTE};"))


def messages_of_release(made: Release, broken: AbstractSet[ChannelName]) -> tuple[NewMessage, ...]:
    """Return one message a target; one whose channel is broken is held."""
    by_target: dict[ChannelName, list[AlertId]] = {}
    for alert in made.made:
        by_target.setdefault(alert.target, []).append(alert.id)
    return tuple(
        _message(target, listed, HoldReason.BREAKER if target in broken else None)
        for target, listed in by_target.items()
    )


def _message(target: ChannelName, listed: Sequence[AlertId], hold: HoldReason | None) -> NewMessage:
    return NewMessage(
        id=MessageId(public_id("m", digest("released", target, *listed))),
        target=target,
        kind=MessageKind.ALERT,
        alerts=tuple(listed),
        state=first_state(hold),
        hold=hold,
    )


_NOTHING_DECIDED: Final = "no rule told it or passed it over; see: watcher explain"


def _stands(verdict: Verdict) -> str:
    said = _STANDS.get(verdict.outcome, "was told by an alert of its own, which is {outcome}")
    return (
        f"for {verdict.rule} it {said.format(reason=verdict.reason, outcome=verdict.outcome.value)} ({verdict.target})"
    )


def _alert(
    article: Article, verdict: Verdict, story: StoryId, severities: Mapping[AlertId, Severity], revision: int
) -> NewAlert:
    # Asked for again where the message of the last release was taken back, it is another one.
    raw = digest("released", verdict.rule, verdict.target, article.id, str(verdict.text), verdict.alert or "")
    severity = severities.get(verdict.alert or AlertId("")) or verdict.severity or Severity.NORMAL
    return NewAlert(
        id=AlertId(public_id("l", raw)),
        rule=RuleId(verdict.rule),
        target=verdict.target,
        story=story,
        kind=AlertKind.FIRST,
        ordinal=0,
        severity=severity,
        article=article.id,
        revision=revision,
        sample=article.sample,
        note=RELEASED_NOTE,
        text=verdict.text,
    )


def _alert_again(article: Article, record: KeptBackRecord, revision: int) -> NewAlert:
    """Return the alert of an article that came again, as another event: its story is not that of before."""
    kept, last_at = record.kept, record.last_at.isoformat()
    return NewAlert(
        id=AlertId(public_id("l", digest("released", kept.rule, kept.target, article.id, last_at))),
        rule=kept.rule,
        target=kept.target,
        story=StoryId(public_id("s", digest("story", article.id, last_at))),
        kind=AlertKind.FIRST,
        ordinal=0,
        severity=kept.severity,
        article=article.id,
        revision=revision,
        sample=article.sample,
        note=f"{RELEASED_NOTE}; {kept.why}",
        text=article.text,
    )
