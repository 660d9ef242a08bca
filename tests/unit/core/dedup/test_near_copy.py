"""One title twice in one source, and one lead under two headlines: what is one text, and which guard refuses it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from watcher.core.dedup.habits import Habits
from watcher.core.dedup.keys import article_keys
from watcher.core.dedup.near_copy import Copy, Refusal, near_copy
from watcher.core.model.alert import Member
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId
from watcher.core.model.outcome import Identity

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TITLE = "Ferry sinks off Karo island with forty aboard"
LEAD = "The ferry went down in heavy seas before dawn, and the coast guard is looking for survivors."


def _member(number: int, url: str, minutes: int = 0, *, lead: str = LEAD, title: str = TITLE) -> Member:
    article = Article(
        id=ArticleId(f"a{number}"),
        feed=FeedId("wire"),
        guid=f"{number}",
        url=url,
        title=title,
        summary=lead,
        source="wire",
        feed_name="wire",
        published_at=NOON + timedelta(minutes=minutes),
        first_seen_at=NOON,
    )
    return Member(article, article_keys(article, Identity.GUID))


def _guards(found: Copy | Refusal | None) -> tuple[str, ...]:
    assert isinstance(found, Copy), found
    guards = found.because["guards"]
    assert isinstance(guards, tuple)
    return guards


def test_two_times_make_no_two_events_of_one_page_under_two_links() -> None:
    old = _member(1, "https://wire.example/world/ferry-sinks-off-karo")
    new = _member(2, "https://wire.example/asia/ferry-sinks-off-karo", 60)
    assert "same page name" in _guards(near_copy(new, old, Habits()))


def test_two_times_make_two_events_of_one_link_in_one_feed() -> None:
    link = "https://wire.example/world/ferry-sinks-off-karo"
    found = near_copy(_member(2, link, 60), _member(1, link), Habits())
    assert isinstance(found, Refusal)


@pytest.mark.parametrize(("minutes", "folds"), [(0, True), (15, True), (16, False)])
def test_one_text_listed_twice_is_told_once_within_a_quarter_of_an_hour(minutes: int, folds: bool) -> None:
    old, new = _member(1, "https://wire.example/1"), _member(2, "https://wire.example/2", minutes)
    assert isinstance(near_copy(new, old, Habits()), Copy if folds else Refusal)


def test_one_title_over_another_lead_in_one_source_is_news_again() -> None:
    other = "Rescuers found eleven people alive on a raft, and the search goes on around the island."
    old, new = _member(1, "https://wire.example/1"), _member(2, "https://wire.example/2", 5, lead=other)
    assert isinstance(near_copy(new, old, Habits()), Refusal)


def test_one_text_that_the_feed_no_longer_lists_is_news_again() -> None:
    old, new = _member(1, "https://wire.example/1"), _member(2, "https://wire.example/2", 5)
    assert isinstance(near_copy(new, old, Habits(), left=True), Refusal)


def test_names_behind_the_dash_that_are_no_outlets_make_two_titles() -> None:
    old = _member(1, "https://wire.example/1", title=f"{TITLE} - Karo Island")
    new = _member(2, "https://wire.example/2", 5, title=f"{TITLE} - Mora Island")
    found = near_copy(new, old, Habits())
    assert isinstance(found, Refusal)
    assert found == Refusal("names behind the dash differ and are no outlets", 0.9)
