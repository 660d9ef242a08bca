from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from tests.fakes.messages import a_message, an_alert
from watcher.core.model.ids import RuleId
from watcher.core.model.message import Marked, MessageKind, WhyGroup
from watcher.core.model.rule import Severity
from watcher.delivery.console import layout
from watcher.delivery.email import compose
from watcher.delivery.slack import payload
from watcher.telling.summary import in_zone
from watcher.telling.wording import day_and_time, gloss, labelled_time, listed, one_line, provenance, spread, title


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
    assert title(message) == "2 alerts: 2 high (DPRK–Russia military, Guns)"
    words = "North Korean gunners at Russian range"
    assert layout(message).count(words) == 1
    assert str(payload(message)["blocks"]).count(words) == 1
    text = compose(message, "watcher@x.example", ("me@x.example",)).get_body(("plain",))
    assert text is not None
    assert text.get_content().count(words) == 1


@pytest.mark.parametrize(
    ("headline", "labels", "said"),
    [
        ("북한, 러시아에 포탄 보내", ("North Korea", "shells", "Russia"), "North Korea · shells · Russia"),
        ("КНДР отправила снаряды", ("North Korea", "снаряды"), "North Korea"),
        ("Shells for Russia", ("КНДР",), "КНДР"),
        ("Shells for Russia", ("North Korea",), ""),
        ("ロシアへ砲弾", ("朝鮮",), ""),
        ("🚀 2026", ("North Korea",), ""),
    ],
)
def test_a_headline_in_another_script_is_preceded_by_what_it_is_about(
    headline: str, labels: tuple[str, ...], said: str
) -> None:
    why = tuple(WhyGroup(label, (("x", 1, True),)) for label in labels)
    alert = an_alert(headline=Marked(headline), why=why)
    assert gloss(alert) == said
    line = one_line(a_message(alert))
    assert line == (f"[High] {said}: {headline}" if said else f"[High] {headline}")


def test_a_gloss_stays_whole_where_a_subject_is_cut() -> None:
    why = (WhyGroup("North Korea", (("북한", 1, True),)),)
    long = an_alert(headline=Marked("북한 " + "👩‍👩‍👧‍👦포탄" * 90), why=why)
    subject = str(compose(a_message(long), "w@desk.example", ("a@desk.example",))["Subject"])
    assert subject.startswith("[High] North Korea: 북한 ")
    assert len(subject) <= 200
    assert "\u200d…" not in subject


def test_the_title_of_a_list_names_severities_and_rules() -> None:
    alerts = [an_alert(number, rule_name=f"Rule {number}", severity=Severity(number % 2 + 2)) for number in range(5)]
    message = a_message(*alerts, kind=MessageKind.SUMMARY)
    severities = f"2 {Severity(3).word}, 3 {Severity(2).word}"
    assert title(message) == f"5 alerts: {severities} (Rule 0, Rule 1, Rule 2 and 2 more rules)"


def test_a_summary_of_one_article_is_told_as_that_article() -> None:
    message = a_message(an_alert(), an_alert(rule_name="Other"), kind=MessageKind.SUMMARY)
    assert one_line(message).startswith("[High] ")
    assert "alerts:" not in str(payload(message))
    titled = a_message(an_alert(), kind=MessageKind.SUMMARY, title="LOOK-BACK: shells")
    assert one_line(titled) == "LOOK-BACK: shells"


def test_times_are_told_in_the_zone_of_the_configuration_each_with_its_name() -> None:
    message = in_zone(a_message(an_alert()), ZoneInfo("Asia/Seoul"))
    assert day_and_time(message.alerts[0].at).endswith(" KST")
    assert message.alerts[0].at == an_alert().at
    assert labelled_time(in_zone(message, ZoneInfo("Asia/Dubai")).at).endswith(" UTC+04")


def test_where_news_came_from_is_one_line_that_names_the_agency_its_copies_carry() -> None:
    alert = an_alert(outlets=14, sources=3, copies=11, languages=1, agency="Yonhap")
    name = alert.lines[0].name
    assert provenance(alert) == f"first: {name} (Yonhap) 14:02; 14 outlets, 3 independent, 11 carry Yonhap"
    alone = an_alert(outlets=1, sources=1, copies=0, languages=1, agency="")
    assert provenance(alone) == f"first: {name} 14:02; 1 outlet"


def test_a_list_by_mail_keeps_its_indent_and_the_agency_its_capital() -> None:
    alert = an_alert(outlets=14, sources=3, copies=11, languages=1, agency="Yonhap")
    listed_mail = compose(
        a_message(alert, an_alert(2), kind=MessageKind.SUMMARY), "w@desk.example", ("a@desk.example",)
    )
    text = listed_mail.get_body(("plain",))
    assert text is not None
    assert "\n   23 Nov 14:02 UTC, 14 outlets, 3 independent, 11 carry Yonhap" in text.get_content()
    html = compose(a_message(alert), "w@desk.example", ("a@desk.example",)).get_body(("html",))
    assert html is not None
    assert "11 carry Yonhap" in html.get_content()
