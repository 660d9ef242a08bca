"""What is told of a rule over time, whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from watcher.core.alerts.over_time import Finding, QuietFinding, SpikeFinding, VolumeFinding
from watcher.core.model.ids import RuleId
from watcher.core.model.rule import QuietSource, Spike, Volume
from watcher.telling.over_time import numbers_now, state_now

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ARMS = RuleId("arms")
VOLUME = Volume(ARMS, 10, 6 * HOUR)
SPIKE = Spike(ARMS, 6 * HOUR, 14 * DAY, 2.5, 5)
QUIET = QuietSource("wire", 12 * HOUR)
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("finding", "title", "text"),
    [
        (
            VolumeFinding(VOLUME, 1, holds=False),
            "volume: 1 story of arms in 6 h, limit 10",
            "The rule arms had 1 story in the last 6 h; this rule speaks at 10 or more.",
        ),
        (
            SpikeFinding(SPIKE, 6, 2.04, 90 * DAY, holds=True),
            "spike: 6 stories of arms in 6 h, usually 2.0",
            (
                "The rule arms had 6 stories in the last 6 h; over the 14 d before, 6 h held 2.0 on average. "
                "This rule speaks at 2.5 times that, and 5 or more."
            ),
        ),
        (
            SpikeFinding(SPIKE, 50, 0.0, 2 * DAY, holds=None),
            "spike: 50 stories of arms in 6 h, usually 0.0",
            (
                "The history before the last 6 h is too short: 2 d of 14 d. Until then nothing is usual, and this rule "
                "stays quiet."
            ),
        ),
        (
            QuietFinding(QUIET, NOON, 13 * HOUR, "status 503", holds=True),
            "quiet source: nothing new from wire for 13 h, limit 12 h",
            "The feed wire brought nothing new since 2026-03-01 12:00 UTC. Its last problem: status 503",
        ),
        (
            QuietFinding(QUIET, None, 13 * HOUR, "", holds=True),
            "quiet source: nothing new from wire for 13 h, limit 12 h",
            "The feed wire brought nothing new since it is watched. It answers, without new items.",
        ),
        (
            QuietFinding(QUIET, NOON, 13 * HOUR, "status 503", holds=None),
            "quiet source: nothing new from wire for 13 h, limit 12 h",
            "The feed wire was not asked yet since the watcher started.",
        ),
    ],
)
def test_numbers_of_a_rule_over_time_are_told_beside_their_limit(finding: Finding, title: str, text: str) -> None:
    assert numbers_now(finding) == (title, text)


@pytest.mark.parametrize(
    ("holds", "words"), [(True, "holds now"), (False, "does not hold now"), (None, "cannot be told yet")]
)
def test_explain_says_first_whether_a_condition_holds(holds: bool | None, words: str) -> None:
    assert state_now(QuietFinding(QUIET, NOON, HOUR, "", holds)).startswith(f"{words}: quiet source: nothing new")
