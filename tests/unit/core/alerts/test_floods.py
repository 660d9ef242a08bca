"""When a rule made too many alerts of the newest stored articles, and how that is said."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from watcher.core.alerts.replay import RuleReplay, floods
from watcher.core.model.ids import RuleId


@pytest.mark.parametrize(
    ("alerts", "span", "said"),
    [
        (29, timedelta(hours=5), ""),
        (30, timedelta(hours=5), "rule `R` would have made 30 alerts of the newest 1,000 stored articles, which came within 5 h"),
        (30, timedelta(seconds=3), "rule `R` would have made 30 alerts of the newest 1,000 stored articles, which came within 1 h"),
        (89, timedelta(days=3), ""),
        (120, timedelta(days=3), "rule `R` would have made about 40 alerts a day: 120 alerts of the newest 1,000 stored articles"),
    ],
)  # fmt: skip
def test_thirty_alerts_a_day_are_too_many_and_hours_are_not_made_a_day(alerts: int, span: timedelta, said: str) -> None:
    found = RuleReplay(RuleId("r"), "R", days={date(2026, 11, 24): alerts})
    assert floods(found, 1_000, span) == said
