"""Linking articles to stories: what joins, what stays apart, what is merged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from watcher.core.model.article import Article, ArticleKeys
from watcher.core.model.ids import ArticleId, FeedId, RuleId, StoryId
from watcher.core.model.match import Match, ReadArticle
from watcher.core.stories.link import Stories, Teller, asked_words
from watcher.core.stories.shelf import Shelf

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


class Desk:
    """Stories kept from one article to the next."""

    def __init__(self) -> None:
        self.shelf = Shelf()
        self.count = 0

    def add(self, title: str, summary: str = "", *, lang: str = "en", hours: float = 0, rule: str = "r") -> StoryId:
        self.count += 1
        at = NOON + timedelta(hours=hours)
        article = Article(ArticleId(f"a{self.count}"), FeedId("f"), title=title, summary=summary, lang=lang)
        read = ReadArticle(article, ArticleKeys(b"", b""), matches=(Match(RuleId(rule), ()),))
        stories = Stories(*self.shelf.load([read], at))
        placed = stories.place(article, at, Teller("", frozenset({RuleId(rule)})))
        self.shelf.write(stories.changes(), at)
        return placed.story


def test_reports_of_one_event_are_one_story() -> None:
    desk = Desk()
    first = desk.add(
        "Blast at chemical plant in Dellbrook injures 14", "Workers were taken to hospital after the explosion."
    )
    assert desk.add("Dellbrook chemical plant blast: workers in hospital", hours=1) == first
    assert desk.add("What we know about the chemical plant blast in Dellbrook", hours=3) == first


def test_one_shared_rare_word_does_not_make_a_story() -> None:
    desk = Desk()
    first = desk.add("Blast at chemical plant in Dellbrook injures 14")
    assert desk.add("Dellbrook council votes on a new stadium", hours=1) != first


def test_an_event_of_another_week_is_another_story() -> None:
    desk = Desk()
    first = desk.add("Ferry sinks off Karo island, sixty aboard")
    assert desk.add("Ferry sinks off Karo island, sixty aboard", hours=24 * 8) != first


def test_texts_of_two_languages_are_one_story_by_names_and_numbers() -> None:
    desk = Desk()
    first = desk.add("Explosion at chemical works in Dellbrook injures 14", lang="en")
    assert desk.add("Explosion in Chemiewerk in Dellbrook: 14 Verletzte", lang="de", hours=1) == first
    assert desk.add("델브룩 화학공장 폭발…14명 부상", lang="ko", hours=2) == first
    assert desk.add("Взрыв на химзаводе в Деллбрук: 14 пострадавших", lang="ru", hours=2) == first


def test_languages_are_joined_only_where_one_rule_matched_both() -> None:
    desk = Desk()
    first = desk.add("Explosion at chemical works in Dellbrook injures 14", lang="en")
    other = desk.add("Explosion in Chemiewerk in Dellbrook: 14 Verletzte", lang="de", rule="other")
    assert other != first


def test_a_number_alone_joins_no_languages() -> None:
    desk = Desk()
    first = desk.add("Explosion at chemical works injures 14", lang="en")
    assert desk.add("Busunglück: 14 Verletzte", lang="de") != first


def test_an_article_like_two_stories_makes_them_one() -> None:
    desk = Desk()
    one = desk.add("Missile lands near Kado harbour, fishermen say")
    two = desk.add("Kado residents report loud blast at dawn", hours=0.2)
    assert one != two
    bridge = desk.add("Missile lands near Kado harbour; residents report loud blast at dawn", hours=0.5)
    assert bridge in {one, two}
    assert desk.shelf.merged in ({one: two}, {two: one})


def test_counts_are_of_stories_not_of_articles() -> None:
    desk = Desk()
    for hours in range(5):
        desk.add("Blast at chemical plant in Dellbrook injures 14 workers", hours=hours)
    count, _ = desk.shelf.words["en", "dellbr"]
    assert count == 1


def test_what_no_story_has_is_not_asked_for() -> None:
    article = Article(ArticleId("a1"), FeedId("f"), title="Quite new words alone", lang="en")
    assert asked_words(article, {}) == ()
