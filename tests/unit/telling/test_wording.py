from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fakes.messages import a_message, an_alert
from watcher.core.model.ids import RuleId
from watcher.core.model.message import MessageKind
from watcher.core.model.rule import Severity
from watcher.delivery.console import layout
from watcher.delivery.email import compose
from watcher.delivery.slack import payload
from watcher.telling.wording import listed, spread, title


@pytest.mark.parametrize(
    ("outlets", "independent", "languages", "copies", "words"),
    [
        (1, 1, 1, 0, "1 outlet"),
        (2, 1, 1, 1, "2 outlets, 1 independent, 1 copy"),
        (14, 3, 1, 11, "14 outlets, 3 independent, 11 copies"),
        (14, 3, 4, 2, "14 outlets in 4 languages, 3 independent, 11 copies"),
        (3, 3, 1, 0, "3 outlets, 3 independent"),
        (1, 1, 1, 1, "1 outlet, 1 copy folded"),
        (2, 2, 1, 3, "2 outlets, 2 independent, 3 copies folded"),
    ],
)
def test_outlets_independent_ones_and_copies_are_told_apart(
    outlets: int, independent: int, languages: int, copies: int, words: str
) -> None:
    alert = an_alert(outlets=outlets, sources=independent, languages=languages, copies=copies)
    assert spread(alert) == words


def test_a_sample_is_no_outlet() -> None:
    assert spread(an_alert(sources=0, outlets=0, copies=1, languages=1, sample=True)) == "sample feed, 1 copy folded"


def test_an_alert_whose_story_is_not_known_still_says_how_many_stood_behind_it() -> None:
    assert (
        spread(replace(an_alert(), lines=(), sources=4, outlets=0, copies=0, languages=1)) == "4 outlets, 4 independent"
    )


def test_a_story_that_two_rules_match_is_one_line_of_a_list_on_every_channel() -> None:
    low = an_alert(1, severity=Severity.LOW, rule=RuleId("guns"), rule_name="Guns")
    message = a_message(an_alert(1), an_alert(2), low, kind=MessageKind.SUMMARY)
    bridge, other = listed(message)
    assert (bridge.rule_name, bridge.severity, other.rule_name) == (
        "DPRK–Russia military, Guns",
        Severity.HIGH,
        "DPRK–Russia military",
    )
    assert title(message) == "2 alerts"
    words = "North Korean gunners at Russian range"
    assert layout(message).count(words) == 1
    assert str(payload(message)["blocks"]).count(words) == 1
    text = compose(message, "watcher@x.example", ("me@x.example",)).get_body(("plain",))
    assert text is not None
    assert text.get_content().count(words) == 1
