"""The memory store's part in telling copies whose message died."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from tests.fakes.memory.records import Alert, Memory, Message
from watcher.core.alerts.promote import messages_of_promotion, promotions
from watcher.core.model.alert import AlertDetail, AlertKind
from watcher.core.model.ids import AlertId
from watcher.core.model.message import AttemptClass, MessageState
from watcher.core.model.verdict import Level, Outcome


class Promoting(Memory):
    """Copies promoted from dead alerts."""

    def _promote(self, dead: Message, why: AttemptClass, now: datetime) -> None:
        if dead.for_recipient:
            return
        spoken = [alert for alert in self._alerts.values() if alert.message == dead.id]
        details = [detail for alert in sorted(spoken, key=lambda one: one.new.id) if (detail := self._detail(alert))]
        made = [one for one in promotions(details, why) if one.alert.id not in self._alerts]
        is_broken = dead.target in self._broken()
        for message in messages_of_promotion(made, dead.target, dead.kind, dead.title, is_broken=is_broken):
            self._put(message, now)
            for one in [one for one in made if one.alert.id in message.alerts]:
                beside = tuple((fold.article, fold.level, fold.text) for fold in one.folds)
                founder = (one.alert.article, Level.NEW, one.alert.text)
                labels = self._alerts[one.of].labels
                self._alerts[one.alert.id] = Alert(one.alert, now, message.id, labels, (founder, *beside))
        for one in made:
            for place, verdict in self._verdicts.items():
                if (verdict.alert, verdict.outcome) == (one.of, Outcome.FOLDED):
                    moved = replace(verdict, alert=one.alert.id)
                    if verdict.article == one.alert.article:
                        moved = replace(moved, outcome=Outcome.WAITING, reason=one.alert.note)
                    self._verdicts[place] = moved

    def _told_meanwhile(self, message: Message) -> dict[AlertId, tuple[AlertDetail, ...]]:
        if message.tries != 1:
            return {}
        found: dict[AlertId, tuple[AlertDetail, ...]] = {}
        for mine in [self._alerts[id_] for id_ in message.alerts]:
            for other in sorted(self._alerts.values(), key=lambda one: (one.created_at, one.new.id)):
                one, two = mine.new, other.new
                same = (one.rule, one.target, one.story, AlertKind.FIRST) == (two.rule, two.target, two.story, two.kind)
                is_sent = self._messages[other.message].state is MessageState.SENT and other.message != message.id
                is_later = one.kind is AlertKind.FIRST and other.created_at > mine.created_at
                if same and is_sent and is_later and (detail := self._detail(other)):
                    found[one.id] = (*found.get(one.id, ()), detail)
        return found

    def _instead(self, message: Message) -> dict[AlertId, AlertId]:
        return {
            mine.new.id: other.new.id
            for mine in [self._alerts[id_] for id_ in message.alerts]
            for other in self._alerts.values()
            if mine.new.id == other.new.promoted_from or other.new.id == mine.new.promoted_from
            if mine.message != other.message and self._messages[other.message].state is MessageState.SENT
        }
