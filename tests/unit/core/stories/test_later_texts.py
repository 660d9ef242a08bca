"""Later texts: what a headline or a lead says otherwise than the texts before it, and what is only said in other
words.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId
from watcher.core.stories.later_texts import another_event, new_facts, redated, rescored, restated

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def text(title: str, lead: str = "", hours: float = 0) -> Article:
    return Article(
        ArticleId("a"), FeedId("f"), title=title, summary=lead, published_at=NOON + timedelta(hours=hours), lang="en"
    )


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("Match: Norden 0-0 Suden", "Match: Norden 0-1 Suden", "score 0-0 → 0-1"),
        ("Match: Norden 0-1 Suden", "Match: Norden 0-0 Suden", "score 0-1 → 0-0"),
        ("Norden gegen Suden 1:0", "Norden gegen Suden 1:1", "score 1-0 → 1-1"),
        ("Norden - Suden 2 – 1 (live)", "Norden - Suden 2 – 2 (live)", "score 2-1 → 2-2"),
        ("Norden 1, Suden 0 at half time", "Norden 1, Suden 1 at half time", "score 1-0 → 1-1"),
        ("Court rules 5-4 on arms", "Court rules 6-3 on arms", "score 5-4 → 6-3"),
    ],
)
def test_a_score_that_changes_in_one_headline_is_named(before: str, after: str, says: str) -> None:
    change = rescored(after, [before], is_own=True)
    assert change is not None
    assert change.text == says


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Match: Norden 0-1 Suden", "Match: Norden 0-1 Suden, half time"),
        ("Missile fired at 7:10", "Missile fired at 7:40"),
        ("Season 2025-26 opens", "Season 2026-27 opens"),
        ("Norden 0-0 Suden", "Ferry sinks off Tanga 3-1"),
        ("Talks on 26-11 go on", "F-16 jets and MiG-29 jets go on"),
    ],
)
def test_times_seasons_and_other_matches_are_no_scores(before: str, after: str) -> None:
    assert rescored(after, [before], is_own=True) is None


def test_another_paper_that_is_late_takes_no_goal_back() -> None:
    told = ["Norden 0-0 Suden", "Norden 0-1 Suden"]
    assert rescored("Norden 0-0 Suden", told, is_own=False) is None
    change = rescored("Norden 1-1 Suden", told, is_own=False)
    assert change is not None
    assert change.now == "1-1"


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("Trial of Karo set for 3 December", "Trial of Karo set for 10 December", "date 3 december → 10 december"),
        ("Trial of Karo set for December 3", "Trial of Karo set for January 10", "date december 3 → january 10"),
        ("Prozess gegen Karo beginnt am 3. Dezember", "Prozess gegen Karo beginnt am 10. Dezember", "date 3. dezember → 10. dezember"),
        ("Суд над Каро назначен на 3 декабря", "Суд над Каро назначен на 10 декабря", "date 3 декабря → 10 декабря"),
        ("카로 재판 12월 3일 시작", "카로 재판 12월 10일 시작", "date 12월 3일 → 12월 10일"),
    ],
)  # fmt: skip
def test_a_date_that_changes_in_one_headline_is_named(before: str, after: str, says: str) -> None:
    change = redated(after, [before])
    assert change is not None
    assert change.text.casefold() == says


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Trial of Karo set for 3 December", "Trial of Karo set for 3 December, court confirms"),
        ("Trial of Karo set for 3 December", "Ferry to Tanga runs again from 10 December"),
        ("Trial of Karo set for Monday", "Trial of Karo set for 10 December"),
    ],
)
def test_a_known_date_or_that_of_something_else_is_none(before: str, after: str) -> None:
    assert redated(after, [before]) is None


@pytest.mark.parametrize(
    ("title", "lead", "hours", "is_news"),
    [
        ("Shelling in Sumy", "", 4, True),
        ("Shelling in Sumy", "A depot burned near the river after the guns opened up.", 0, True),
        ("Shelling in Sumy", "", 0.5, False),
        ("Shelling in Nikopol", "", 4, False),
    ],
)
def test_a_headline_that_comes_back_is_news_hours_later_or_over_another_lead(
    title: str, lead: str, hours: float, is_news: bool
) -> None:
    before = "Two houses were hit in the old town, nobody was hurt."
    own = [text("Shelling in Sumy", before), text("Shelling in Kherson", "x", 0.2), text("Shelling in Nikopol", "y", 1)]
    found = restated(text(title, lead or before, hours), own, [one.title for one in own])
    assert (found is not None) is is_news


def test_a_headline_that_comes_back_twice_is_two_changes() -> None:
    own = [text("Shelling in Sumy"), text("Shelling in Kherson", hours=2)]
    once = restated(text("Shelling in Sumy", hours=4), own, [one.title for one in own])
    own += [text("Shelling in Sumy", hours=4), text("Shelling in Kherson", hours=6)]
    twice = restated(text("Shelling in Sumy", hours=8), own, [one.title for one in own])
    assert once is not None
    assert twice is not None
    assert once.text == twice.text
    assert once.by != twice.by


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Plant in Orlan shipped shells to the front", "Plant in Orlan has not shipped shells to the front"),
        ("Air alert in Orlan region", "Air alert in Orlan region over"),
    ],
)
def test_a_headline_that_is_turned_round_is_a_change(before: str, after: str) -> None:
    assert restated(text(after), [text(before)], [before]) is not None
    assert restated(text(before), [text(after)], [after]) is not None, "that a negation is gone is a change, too"


def test_an_ordinal_in_a_later_headline_is_another_event() -> None:
    assert another_event("Second strike hits Orlan", [text("Strike hits Orlan")]) is not None
    assert another_event("Strike hits Orlan again", [text("Strike hits Orlan")]) is not None
    assert another_event("Strike hits Orlan plant", [text("Strike hits Orlan")]) is None


def test_a_long_new_fact_is_cut_behind_a_whole_word() -> None:
    live = "War live: shells and talks"
    long = SECOND.rstrip(".") + ", and the crew of a third one was led out of the tunnel by firemen before dawn."
    change = new_facts(text(live, long), [text(live, FIRST)], [long])
    assert change is not None
    shown = change.text.removeprefix("now says: ").removesuffix(" …")
    assert long.startswith(shown + " ")
    assert 80 < len(shown) <= 100


FIRST = "Shells fell on the port of Odesa overnight, officials said."
SECOND = "Shells hit a railway hub in Dnipro; two carriages burned down."


def test_a_fresh_sentence_that_says_something_else_is_a_new_fact() -> None:
    live = "War live: shells and talks"
    change = new_facts(text(live, SECOND), [text(live, FIRST)], [SECOND])
    assert change is not None
    assert change.text == f"now says: {SECOND}"
    again = "In Dnipro two carriages burned down as shells hit a railway hub, police said."
    assert new_facts(text(live, again), [text(live, FIRST), text(live, SECOND)], [again]) is None


@pytest.mark.parametrize(("hours", "is_news"), [(0, False), (1, True)])
def test_a_whole_other_lead_without_a_hit_is_news_where_the_publisher_dates_it_anew(
    hours: float, is_news: bool
) -> None:
    live, other = "War live: shells and talks", "Negotiators broke off in Ankara without another round agreed."
    assert (new_facts(text(live, other, hours), [text(live, FIRST)], []) is not None) is is_news


@pytest.mark.parametrize("lead", ["", "More follows.", "Officials said shells fell overnight on Odesa and its port."])
def test_a_lead_in_other_words_or_none_is_no_new_fact(lead: str) -> None:
    assert (
        new_facts(text("Shells hit Odesa", lead, 1), [text("Shells hit Odesa", FIRST)], [lead] if lead else []) is None
    )


def test_the_first_lead_of_a_flash_is_no_new_fact() -> None:
    assert new_facts(text("Shells hit Odesa", FIRST, 1), [text("Shells hit Odesa")], [FIRST]) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Weather warning: yellow for Kent", "Weather warning: red for Kent"),
        ("Price of shells rises to 3,000", "Price of shells falls to 2,500"),
        ("Verdict on Karo: guilty", "Verdict on Karo: acquitted"),
        ("Unwetterwarnung: gelb für Kent", "Unwetterwarnung: rot für Kent"),
        ("Опасность обстрела: жёлтый уровень", "Опасность обстрела: красный уровень"),
    ],
)
def test_a_word_of_opposite_meaning_in_one_headline_is_a_change(before: str, after: str) -> None:
    assert restated(text(after), [text(before)], [before]) is not None
    assert restated(text(before), [text(after)], [after]) is not None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Shells found on a train to Odesa", "Shells found aboard a train to Odesa"),
        ("Shells hit plant in Orlan hard", "Shells strike plant in Orlan hard"),
        ("Red Cross gets green light for Orlan", "Red Cross gets a green light for Orlan"),
    ],
)
def test_a_headline_in_other_words_is_no_change(before: str, after: str) -> None:
    assert restated(text(after), [text(before)], [before]) is None


def test_an_alarm_and_its_end_over_one_lead_are_told_where_their_time_moves() -> None:
    alert, clear, lead = "Shelling alert in Kyiv", "All clear in Kyiv after guns", "Follow the orders of the town."
    own = [text(alert, lead)]
    assert restated(text(clear, lead, 0.2), own, [alert]) is None
    assert restated(text(clear, lead, 3), own, [alert]) is not None
    own.append(text(clear, lead, 3))
    assert restated(text(alert, lead, 6), own, [alert, clear]) is not None


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("Red warning for Kent and Essex until noon.", "Red warning for Devon and Cornwall until noon.", "devon cornwall, not kent essex"),
        ("Shells fired since dawn: 120.", "Shells fired since dawn: 180.", "figure 120 → 180"),
    ],
)  # fmt: skip
def test_names_and_figures_that_change_in_a_sentence_of_the_lead_are_named(before: str, after: str, says: str) -> None:
    change = new_facts(text("Warning", after), [text("Warning", before)], [after])
    assert change is not None
    assert change.text == says
    assert new_facts(text("Warning", after), [text("Warning", before)], [after], others=[text("W", after)]) is None


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("Trial of {} set for 3 May", "Trial of {} set for 4 May"),
        ("Court hears {} on Sept. 3", "Court hears {} on Sept. 4"),
        ("Rat berät {} am 3. Oktober", "Rat berät {} am 4. Oktober"),
        ("Sąd zajmie się {} 3 maja", "Sąd zajmie się {} 4 maja"),
        ("{} 재판 12월 3일", "{} 재판 12월 4일"),
    ],
)
def test_a_day_is_read_beside_its_month_in_every_form(before: str, now: str) -> None:
    assert redated(now.format("Orlov"), [before.format("Orlov")])


def test_a_number_beside_another_word_is_no_day() -> None:
    assert not redated("Orlov trial: killed 4 men", ["Orlov trial: killed 3 men"])
