"""Votes: what people say of alerts they got."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from watcher.core.model.ids import AlertId, ArticleId, RuleId


class VoteValue(StrEnum):
    """Whether an alert was worth its reader's time."""

    USEFUL = "useful"
    NOT_USEFUL = "not-useful"

    @property
    def words(self) -> str:
        """As people read it: "not useful"."""
        return self.value.replace("-", " ")


@dataclass(frozen=True, slots=True)
class Vote:
    """What one person (`by`, as far as that is known) says of one alert: of the rule that fired, on the article that
    founded it.
    """

    alert: AlertId
    rule: RuleId
    article: ArticleId
    value: VoteValue
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AlertName:
    """What people know an alert by; `title` is "" once the text of its article is gone."""

    id: AlertId
    rule: RuleId
    article: ArticleId
    title: str = ""
