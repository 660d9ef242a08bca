"""What is told of a rule over time, whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.fakes.messages import a_message
from watcher.core.alerts.over_time import Finding, QuietFinding, SpikeFinding, VolumeFinding
from watcher.core.model.ids import RuleId
from watcher.core.model.message import MessageKind
from watcher.core.model.record import BegunStory
from watcher.core.model.rule import AnyOf, QuietSource, Rule, Severity, Spike, Volume
from watcher.delivery.chat import Markup, markdown_escaped, markdown_link, text_of
from watcher.delivery.email import compose
from watcher.delivery.slack import payload
from watcher.telling.over_time import condition_of_rule, numbers_now, state_now

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
            "The feed wire brought nothing new since 1 Mar 12:00 UTC. Its last problem: status 503",
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


def test_what_is_sent_names_severity_rule_and_the_newest_stories_with_their_links() -> None:
    stories = tuple(
        BegunStory(NOON - n * HOUR, "wire", f"Shells\n{n} <!here>", f"https://wire.example/{n}?utm_source=rss&id={n}")
        for n in range(5)
    )
    rule = Rule(RuleId("many"), "Many shells", AnyOf(()), trend=VOLUME, severity=Severity.HIGH)
    title, text = condition_of_rule(rule, VolumeFinding(VOLUME, 12, holds=True, newest=stories), ZoneInfo("Asia/Seoul"))
    assert title == "[High] Many shells: volume: 12 stories of arms in 6 h, limit 10"
    lines = text.splitlines()
    assert lines[2:5] == [
        "The newest 5 of 12 stories:",
        "- Shells 0 <!here> (wire, 1 Mar 21:00 KST)",
        "https://wire.example/0?id=0",
    ]
    assert sum(line.startswith("https://") for line in lines) == 5


def test_a_line_of_a_notice_that_is_a_link_leads_there_and_no_other_text_does() -> None:
    text = "- Shells (wire)\nhttps://wire.example/0?id=0\nsee https://evil.example/\nhttps://evil.example/<x>"
    message = a_message(kind=MessageKind.META, title="volume: 3", text=text)
    assert text_of(message, Markup(4_000, markdown_escaped, link=markdown_link)).count("](https://") == 1
    assert str(payload(message)["blocks"]).count("'url'") == 1
    html = compose(message, "w@x.example", ("me@x.example",)).get_body(("html",))
    assert html is not None
    assert html.get_content().count('<a class="link" href="https://wire.example/0?id=0"') == 1
    assert html.get_content().count("href=") == 1


@pytest.mark.parametrize(
    ("holds", "words"), [(True, "holds now"), (False, "does not hold now"), (None, "cannot be told yet")]
)
def test_explain_says_first_whether_a_condition_holds(holds: bool | None, words: str) -> None:
    assert state_now(QuietFinding(QUIET, NOON, HOUR, "", holds)).startswith(f"{words}: quiet source: nothing new")
