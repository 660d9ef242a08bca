"""The signs of a pair: how an entry and a known article of its feed agree, sign by sign."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.fakes.listing import BEGIN, FEED, item
from watcher.core.dedup.keys import article_keys
from watcher.core.dedup.leads import lead
from watcher.core.identity.compare import Manner, compare_titles, label_of, signs_of, starts_of
from watcher.core.identity.signs import Date, Guid, Lead, Signs, Stay, Text, Title
from watcher.core.model.alert import KnownArticle
from watcher.core.model.article import Article
from watcher.core.model.identity import EarlierText
from watcher.core.model.ids import ArticleId
from watcher.core.model.match import ReadArticle
from watcher.core.model.outcome import Identity
from watcher.core.model.verdict import Stage

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def read(article: Article) -> ReadArticle:
    return ReadArticle(article, article_keys(article, Identity.GUID))


def known(
    article: Article, *, is_whole: bool = True, is_absent: bool = False, earlier: tuple[EarlierText, ...] = ()
) -> KnownArticle:
    return KnownArticle(
        article.id,
        article_keys(article, Identity.GUID),
        Stage.MATCHED,
        article.title,
        feed=FEED,
        article=article,
        is_whole=is_whole,
        is_absent=is_absent,
        published_at=article.published_at,
        earlier=earlier,
    )


def signs(one: Article, two: KnownArticle, manner: Manner | None = None) -> Signs:
    return signs_of(read(one), two, manner or Manner())


@pytest.mark.parametrize(
    ("move", "date"),
    [
        (timedelta(0), Date.SAME),
        (timedelta(microseconds=5), Date.SAME),
        (timedelta(seconds=59), Date.NONE),
        (MINUTE, Date.MOVED),
        (-MINUTE, Date.MOVED),
        (12 * HOUR - MINUTE, Date.MOVED),
        (12 * HOUR, Date.LATER),
        (-12 * HOUR, Date.LATER),
    ],
)
def test_dates_agree_to_the_second_and_say_nothing_within_a_minute(move: timedelta, date: Date) -> None:
    assert signs(item(1, published_at=BEGIN + move), known(item(1, published_at=BEGIN))).date is date


@pytest.mark.parametrize(("one", "two"), [(None, BEGIN), (BEGIN, None), (None, None)])
def test_a_date_that_is_missing_says_nothing(one: datetime | None, two: datetime | None) -> None:
    assert signs(item(1, published_at=one), known(item(1, published_at=two))).date is Date.NONE


def test_dates_of_a_feed_that_moves_them_say_nothing() -> None:
    assert signs(item(1), known(item(1)), Manner(dates_count=False)).date is Date.NONE


def test_a_text_of_before_is_compared_by_the_date_that_it_had() -> None:
    older, newer = item(1, published_at=BEGIN), item(1, summary="Quite another text.", published_at=BEGIN + 5 * HOUR)
    content = article_keys(older, Identity.GUID).content
    had = (EarlierText(content, BEGIN), EarlierText(content, BEGIN + 2 * HOUR))
    found = signs(older, known(newer, earlier=had))
    assert (found.text, found.date) == (Text.EARLIER, Date.SAME)
    found = signs(item(1, published_at=BEGIN + 2 * HOUR + 30 * MINUTE), known(newer, earlier=had))
    assert (found.text, found.date) == (Text.EARLIER, Date.MOVED)
    found = signs(item(1, published_at=BEGIN + 2 * HOUR), known(newer, earlier=had))
    assert found.date is Date.SAME
    assert signs(older, known(newer)).text is Text.OTHER
    assert signs(older, known(older)).text is Text.SAME


def test_whether_an_article_stayed_listed_is_a_sign() -> None:
    assert signs(item(1), known(item(1))).stay is Stay.SMALL
    assert signs(item(1), known(item(1)), Manner(is_small=False)).stay is Stay.STAYED
    assert signs(item(1), known(item(1), is_absent=True), Manner(is_small=False)).stay is Stay.BACK


def test_guids_of_a_feed_that_cannot_be_trusted_are_silent() -> None:
    assert signs(item(1), known(item(1))).guid is Guid.SAME
    assert signs(item(1), known(item(1)), Manner(trusts_guids=False)).guid is Guid.SILENT


def test_an_article_whose_text_is_gone_is_known_by_an_equal_title_or_date_only() -> None:
    near = "Ferry sinks off the northern coast, crew missing"
    gone = known(item(1, "Ferry sinks off the northern coast", published_at=BEGIN), is_whole=False)
    assert signs(item(1, near, published_at=BEGIN + HOUR), gone).title is Title.OTHER
    assert signs(item(1, near, published_at=BEGIN), gone).title is Title.SHARED
    assert signs(item(1, "Ferry sinks off the northern coast"), gone).title is Title.EQUAL
    assert signs(item(1), gone).lead is Lead.NONE


@pytest.mark.parametrize(
    ("one", "two", "title"),
    [
        ("Ferry sinks off coast", "Ferry sinks off coast", Title.EQUAL),
        ("Ferry sinks off coast", "FERRY SINKS OFF COAST", Title.EQUAL),
        ("Weather for Monday 3 March", "Weather for Friday 7 March", Title.SERIES),
        ("Ferry sinks off northern coast", "Ferry sinks off southern coast", Title.SHARED),
        ("Ferry sinks", "Parliament votes on grain", Title.OTHER),
        ("", "Ferry sinks", Title.NONE),
        ("Ferry sinks", "", Title.NONE),
        ("Untitled", "Ferry sinks", Title.NONE),
    ],
)
def test_titles_agree_as_far_as_their_words_do(one: str, two: str, title: Title) -> None:
    first, second = (Article(ArticleId(f"a{text}"), FEED, title=text) for text in (one, two))
    assert compare_titles(first, second, frozenset(), Date.NONE) is title


def test_a_start_that_the_feed_repeats_does_not_bring_two_titles_together() -> None:
    one, two = item(1, "Air raid alert Odesa region"), item(2, "Air raid alert Sumy region")
    start = frozenset({("air", "raid", "alert")})
    assert compare_titles(one, two, frozenset(), Date.NONE) is Title.SHARED
    assert compare_titles(one, two, start, Date.NONE) is Title.OTHER


def test_a_label_of_two_items_counts_as_repeated_unless_their_dates_are_equal() -> None:
    one, two = item(1, "Border brief: shells fall"), item(2, "Border brief: talks end")
    assert compare_titles(one, two, frozenset(), Date.LATER) is Title.OTHER
    assert compare_titles(one, two, frozenset(), Date.SAME) is Title.SHARED


@pytest.mark.parametrize(
    ("title", "label"),
    [
        ("Border brief: shells fall", ("border", "brief")),
        ("Live - shells fall", ("live",)),
        ("Analysis | who shells whom", ("analysis",)),
        ("Shells fall", ()),
        ("Shells fall: ", ()),
        ("Old stone bridge repair plan delayed: rest", ("old", "stone", "bridge", "repair", "plan", "delayed")),
        ("Old stone bridge repair plan delayed again: rest", ()),
    ],
)
def test_a_label_is_at_most_six_words_before_a_mark(title: str, label: tuple[str, ...]) -> None:
    assert label_of(title) == label


def test_starts_are_those_that_three_titles_share() -> None:
    titles = [("air", "alert", town) for town in ("odesa", "sumy", "lviv")]
    assert starts_of(titles) == {("air", "alert")}
    assert starts_of(titles[:2]) == set()
    assert starts_of([titles[0]] * 3) == set()
    assert starts_of([("air", "alert")] * 3) == set()


TEXT = "Rescue boats searched until dusk while relatives waited at the pier for the missing crew of the ferry."


@pytest.mark.parametrize(
    ("one", "two", "said"),
    [
        (TEXT, TEXT, Lead.SHARED),
        (TEXT, f"{TEXT} Divers came.", Lead.SHARED),
        (TEXT, "Deputies of three parties want quotas lifted before the harvest is sold abroad by ship.", Lead.OTHER),
        (f"{TEXT} Of them 3 were found.", f"{TEXT} Of them 5 were found.", Lead.NEAR),
        (f"{TEXT} All 3 were found.", f"{TEXT} All were found.", Lead.FULLER),
        ("Shells fell", "Shells fell", Lead.SHARED),
        ("Shells fell", "Shells burst", Lead.OTHER),
        ("", TEXT, Lead.NONE),
        (TEXT, "", Lead.NONE),
    ],
)
def test_leads_agree_as_far_as_their_words_do(one: str, two: str, said: Lead) -> None:
    assert signs(item(1, summary=one), known(item(1, summary=two))).lead is said


def test_a_lead_under_several_titles_says_nothing() -> None:
    one = item(1, summary=TEXT)
    assert signs(one, known(one), Manner(leads=frozenset({lead(one)}))).lead is Lead.NONE
