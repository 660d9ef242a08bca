from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from watcher.core.alerts.by_day import Alerted, by_day
from watcher.core.alerts.muted import holdings
from watcher.core.model.alert import Muted
from watcher.core.model.article import Article
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, FeedId, RuleId, StoryId
from watcher.core.model.message import AlertSummary, Marked, SourceLine, WhyGroup
from watcher.core.model.outcome import FeedState, FeedStatus
from watcher.core.model.policy import FeedSpec, Silence
from watcher.core.model.record import FeedRecord, MutedRecord, Stats, StoppedBy
from watcher.core.model.rule import Severity
from watcher.daemon.page import feed_views
from watcher.telling.explained import GroupInWords, RuleInWords
from watcher.web import pages
from watcher.web.pages import ago, marked, render_article, render_status
from watcher.web.source import ArticleView, Card, Overview

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script> \"><img src=x onerror=alert(1)> & 'quoted'"


def _overview(headline: Marked, *, stale: bool = False, label: str = HOSTILE, outlet: str = HOSTILE) -> Overview:
    alert = AlertSummary(
        id=AlertId("l1"),
        rule=RuleId("r"),
        rule_name=HOSTILE,
        revision=1,
        story=StoryId("s1"),
        severity=Severity.HIGH,
        headline=headline,
        excerpt=Marked(HOSTILE),
        url="https://paper.example/1",
        source=HOSTILE,
        at=NOW,
        why=(WhyGroup(label, ((HOSTILE, 2, True),)),),
        lines=(SourceLine(NOW, outlet, "", ""),),
        sources=1,
        copies=0,
    )
    return Overview(
        now=NOW,
        phase="running",
        revision=3,
        stale_since=NOW if stale else None,
        stale_problems=HOSTILE if stale else "",
        last_reload="",
        stats=Stats(),
        alerts=[Card(alert, ("desk", "me"), "s1")],
        feeds=[],
        messages=[],
        channels=[("desk", HOSTILE)],
        rules=[],
    )


def test_remote_text_is_inert_everywhere_on_the_page() -> None:
    page = render_status(_overview(Marked(HOSTILE), stale=True))
    assert "<script" not in page
    assert "<img" not in page


def test_no_sign_of_a_feed_can_turn_or_hide_the_text_around_it() -> None:
    page = render_status(_overview(Marked("rang\u202egnp.exe \u200b\x1b[31m range")))
    assert not set(page) & {"\u202e", "\u200b", "\x1b"}


def test_a_card_says_in_one_line_where_its_news_came_from_and_what_a_foreign_headline_is_about() -> None:
    page = render_status(_overview(Marked("북한, 러시아에 포탄 보내"), label="North Korea", outlet="wire"))
    assert "first: wire 12:00; 1 outlet" in page
    assert '<span class="soft">North Korea:</span>' in page
    assert "North Korea:</span>" not in render_status(_overview(Marked("Shells"), label="North Korea"))


def test_an_alert_stands_once_with_all_its_channels_and_where_the_story_link_leads() -> None:
    page = render_status(_overview(Marked("Army moves")))
    assert page.count("Army moves") == 1
    assert "to desk, me" in page
    assert 'id="s1"' in page


def test_marks_are_made_from_offsets_and_the_rest_is_escaped() -> None:
    assert marked(Marked("a <b> Moscow", ((6, 12, 2),))) == 'a &lt;b&gt; <mark class="k2">Moscow</mark>'


def test_the_fourth_group_repeats_the_first_pattern() -> None:
    assert 'class="k1"' in marked(Marked("x", ((0, 1, 4),)))


def test_a_refused_configuration_is_the_first_thing_on_the_page() -> None:
    page = render_status(_overview(Marked("x"), stale=True))
    assert "refused since 23 Nov 12:00 UTC" in page
    assert page.index("refused since") < page.index("Latest alerts")


def test_ago_takes_the_largest_unit_that_fits() -> None:
    assert [ago(NOW - timedelta(seconds=s), NOW) for s in (5, 90, 7300, 90000)] == [
        "5 s ago",
        "1 min ago",
        "2 h ago",
        "1 d ago",
    ]
    assert ago(NOW + timedelta(hours=1), NOW) == "0 s ago"
    assert ago(None, NOW) == "never"


def test_a_rule_says_what_its_none_stopped() -> None:
    overview = replace(
        _overview(Marked("x")),
        rules=[("army", "Army"), ("navy", "Navy")],
        stopped={"army": [StoppedBy(RuleId("army"), "football", 11), StoppedBy(RuleId("army"), HOSTILE, 1)]},
    )
    page = render_status(overview)
    assert "<b>Army</b> stopped by `football`: 11, `" in page
    assert "in 30 days" in page
    assert '<b>Navy</b> <a href="/ask/mute?kind=rule&amp;what=navy">mute</a></li>' in page
    assert "<script" not in page


def _muted(number: int, title: str, *, silence: str = "drill", severity: Severity = Severity.NORMAL) -> MutedRecord:
    held = Muted(silence, ArticleId(f"a{number}"), RuleId("r"), ChannelName("desk"), StoryId(f"s{number}"), severity)
    return MutedRecord(held, NOW, title, "https://paper.example/1")


def test_what_a_silence_holds_is_listed_with_the_way_to_each_article() -> None:
    drill = Silence("drill", words=("drill",), ends_at=NOW + timedelta(days=2), because="yearly drill")
    held = [_muted(number, f"Ships {number}") for number in range(6)]
    held += [_muted(7, "Shells fall", severity=Severity.CRITICAL), _muted(8, "", severity=Severity.HIGH)]
    page = render_status(replace(_overview(Marked("x")), silences=holdings([drill], held, NOW)))
    assert "in force until" in page
    assert "25 Nov 12:00 UTC" in page
    assert "yearly drill. It held 8 stories: 1 critical, 1 high, 6 normal." in page
    assert '<a href="/a/a7">Shells fall</a>' in page
    assert "(its text is no longer kept)" in page
    assert page.count('href="/a/a') == 4, "five are listed, one of them without a text"
    assert "watcher deliveries silenced drill" in page


def test_remote_text_is_inert_in_what_a_silence_holds() -> None:
    hostile = Silence(HOSTILE, words=("x",), because=HOSTILE)
    held = [_muted(1, f"rang\u202egnp.exe {HOSTILE}", silence=HOSTILE), _muted(2, HOSTILE, silence=f"gone {HOSTILE}")]
    page = render_status(replace(_overview(Marked("x")), silences=holdings([hostile], held, NOW)))
    assert "without an end" in page
    assert "over, configured no more" in page
    assert page.count("&lt;script&gt;") >= 4
    assert "<script" not in page
    assert "<img" not in page
    assert "\u202e" not in page


def test_without_silences_the_page_has_no_section_of_them() -> None:
    assert "Silences" not in render_status(_overview(Marked("x")))


def test_remote_text_is_inert_on_the_page_of_an_article() -> None:
    article = Article(ArticleId("a1"), FeedId("f1"), title=HOSTILE, summary=HOSTILE, source=HOSTILE, url="javascript:x")
    told = RuleInWords("r", HOSTILE, True, "fires", (GroupInWords(HOSTILE, False, HOSTILE, HOSTILE),), stop=HOSTILE)
    page = render_article(ArticleView(NOW, article, [told], [HOSTILE], others=2))
    assert "<script" not in page
    assert "<img" not in page
    assert "javascript:" not in page
    assert "2 more rules are further from firing" in page


def test_an_article_page_says_why_it_cannot_tell_of_rules() -> None:
    article = Article(ArticleId("a1"), FeedId("f1"), title="Army")
    assert "try again" in render_article(ArticleView(NOW, article, [], ["no_match"], unexplained="try again"))


def test_what_a_feed_taught_about_its_items_stands_beside_it_and_is_inert() -> None:
    state = FeedState(FeedId("f"), "https://wire.example/", NOW)
    note = f"the parameter {HOSTILE!r} of its links changes from poll to poll, so it does not count"
    state = replace(state, status=FeedStatus.OK)
    spec = FeedSpec(url=state.url, name="wire")
    record = FeedRecord("wire", state, 3, notes=(note, "3 entries were kept back"))
    page = render_status(replace(_overview(Marked("x")), feeds=feed_views([spec], [record], NOW)))
    assert ">unstable identity<" in page
    assert "changes from poll to poll, so it does not count. 3 entries were kept back." in page
    assert "<script" not in page


def test_words_of_tables_are_never_broken_and_long_texts_wrap() -> None:
    style = (Path(pages.__file__).parent / "static" / "watcher.css").read_text("utf-8")
    [cells] = re.findall(r"(?m)^th, td \{(.*)\}$", style)
    assert "nowrap" in cells
    assert "anywhere" not in cells, "a narrow column would stand letter under letter"
    template = (Path(pages.__file__).parent / "templates" / "status.html").read_text("utf-8")
    for text in ("message.title", "message.answer", "feed.seen", "feed.name"):
        assert re.search(rf'<td class="text">\{{[{{%][^<]*{re.escape(text)}', template), f"{text} must wrap"


def test_alerts_of_each_day_are_drawn_and_said_in_words() -> None:
    alerted = [Alerted(NOW, Severity.HIGH, 1), Alerted(NOW, Severity.NORMAL, 3)]
    page = render_status(replace(_overview(Marked("x")), days=by_day(alerted, NOW, UTC)))
    assert "Mon 23 Nov: 4 alerts (1 high, 3 normal)" in page
    assert "Sun 22 Nov: 0 alerts" in page
    drawn = re.findall(r'<rect class="b-(\w+)" x="0" width="10" y="([\d.]+)" height="([\d.]+)"/>', page)
    assert drawn == [("normal", "25.0", "75.0"), ("high", "0.0", "25.0")]


def test_days_without_any_alert_draw_nothing() -> None:
    assert "Alerts by day" not in render_status(replace(_overview(Marked("x")), days=by_day([], NOW, UTC)))


def test_times_are_those_of_the_configured_zone_which_is_named() -> None:
    kyiv = ZoneInfo("Europe/Kyiv")
    page = render_status(replace(_overview(Marked("x"), stale=True), zone=kyiv))
    assert "refused since 23 Nov 14:00 EET" in page
    assert "times of Europe/Kyiv" in page
    assert "12:00 UTC" not in page
