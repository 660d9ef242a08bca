"""Keys stay what they are, and identity degrades without ever coming back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from watcher.core.dedup.keys import article_keys, choose_identity, shared_urls
from watcher.core.model.article import Article
from watcher.core.model.ids import KEY_VERSION, ArticleId, FeedId
from watcher.core.model.outcome import Identity

_ARTICLE = Article(
    id=ArticleId("a1"),
    feed=FeedId("f1"),
    guid="https://paper.example/?p=12",
    url="http://www.paper.example/world/12?utm_source=rss",
    title="UPDATE 2-Harbour programme wins 3 votes on Monday | Nord Post",
    summary="Votes  were counted\nuntil noon. The mayor thanked both sides afterwards and went home to his harbour.",
    source="Nord Post",
)

_GOLDEN = {
    "item": "639655441257b14a147ee17785eda2e4",
    "content": "182064ebd80c21dc4d5ea7ac02cab1d9",
    "guid": "20d45aaa6302b47cc8d9802514a16325",
    "url": "17defc45d66097ad2aa0aae6ed23cf6f",
    "title": "c9f2440c992b7020526ea8a0b55e394e",
    "pattern": "4a09a7e3936a886d7022d467a38f86b1",
    "lead": "12604cc4e8970a20b6474c19b3d9548a",
}


def _article(**changes: str) -> Article:
    return replace(_ARTICLE, **changes)  # type: ignore[arg-type]  # the changes are all text fields


def _feed(*items: tuple[str, str, str]) -> list[Article]:
    return [_article(guid=guid, url=url, title=title) for guid, url, title in items]


def test_keys_change_only_with_a_new_key_version() -> None:
    keys = article_keys(_ARTICLE, Identity.GUID)

    assert KEY_VERSION == 2
    assert {name: getattr(keys, name).hex() for name in _GOLDEN} == _GOLDEN


def test_a_long_lead_has_a_key_within_its_source_whatever_the_headline() -> None:
    own = article_keys(_ARTICLE, Identity.GUID).lead

    assert article_keys(_article(title="Mayor thanks both sides"), Identity.GUID).lead == own
    assert article_keys(_article(source="Other"), Identity.GUID).lead != own
    assert article_keys(_article(summary="Votes were counted."), Identity.GUID).lead is None


def test_two_wordings_of_one_headline_have_one_title_key() -> None:
    one, two = (
        _article(title="The cease-fire talks in the capital fail"),
        _article(title="Ceasefire talks in capital fail"),
    )

    assert article_keys(one, Identity.GUID).title == article_keys(two, Identity.GUID).title


def test_item_is_told_apart_within_its_feed_only() -> None:
    here, there = _ARTICLE, replace(_ARTICLE, feed=FeedId("f2"))

    assert article_keys(here, Identity.GUID).item != article_keys(there, Identity.GUID).item
    assert article_keys(here, Identity.GUID).url == article_keys(there, Identity.GUID).url


def test_guid_key_survives_a_change_of_scheme_and_host() -> None:
    moved = _article(guid="http://old.example/?p=12")

    assert article_keys(moved, Identity.GUID).guid == article_keys(_ARTICLE, Identity.GUID).guid
    assert article_keys(moved, Identity.GUID).item != article_keys(_ARTICLE, Identity.GUID).item


def test_guid_of_a_bare_host_is_no_second_key() -> None:
    assert article_keys(_article(guid="https://paper.example/"), Identity.GUID).guid is None


def test_distrusted_guid_gives_no_key() -> None:
    keys = article_keys(_ARTICLE, Identity.LINK)

    assert keys.guid is None
    assert keys.item == article_keys(_article(guid="other"), Identity.LINK).item


def test_item_without_anything_keeps_one_key_over_polls() -> None:
    bare = _article(guid="", url="")

    assert article_keys(bare, Identity.GUID).item == article_keys(bare, Identity.GUID).item
    assert article_keys(bare, Identity.GUID).item != article_keys(replace(bare, title="x"), Identity.GUID).item


def test_dressing_of_a_title_makes_no_difference() -> None:
    titles = (
        "Harbor program wins 3 votes on Monday",
        "HARBOUR PROGRAMME WINS 3 VOTES ON MONDAY",
        "PORT ELWIN (Wire) - Harbour programme wins 3 votes on Monday (video)",
        "Harbour programme wins “3” votes on Monday – Nord Post",
    )

    assert {article_keys(_article(title=title), Identity.GUID).title for title in titles} == {
        article_keys(_ARTICLE, Identity.GUID).title
    }


@pytest.mark.parametrize(
    "title",
    [
        "Harbour programme wins 30 votes on Monday",
        "Harbour programme never wins 3 votes on Monday",
        "CORRECTED-Harbour programme wins 3 votes on Monday",
    ],
)
def test_what_a_title_says_makes_a_difference(title: str) -> None:
    assert article_keys(_article(title=title), Identity.GUID).title != article_keys(_ARTICLE, Identity.GUID).title


@pytest.mark.parametrize(
    "title", ["", "Access denied", "404 Not Found", "Untitled", "In pictures", "Nord Post", "paper.example", "Rain"]
)
def test_placeholders_and_single_words_have_no_title_key(title: str) -> None:
    assert article_keys(_article(title=title), Identity.GUID).title is None


def test_aggregators_suffix_is_not_part_of_the_title() -> None:
    listed = _article(
        title="Harbour programme wins 3 votes on Monday - Some Other Paper",
        url="https://news.google.com/rss/articles/CBM?oc=5",
    )

    keys = article_keys(listed, Identity.GUID)

    assert keys.title == article_keys(_ARTICLE, Identity.GUID).title
    assert keys.url is None


def test_pattern_masks_numbers_and_calendar_within_a_source() -> None:
    monday = article_keys(_article(title="Rates for Monday 3 May: 1.25"), Identity.GUID).pattern

    assert article_keys(_article(title="Rates for Friday 17 June: 1.31"), Identity.GUID).pattern == monday
    assert article_keys(_article(title="Rates for Monday 3 May: 1.25", source="B"), Identity.GUID).pattern != monday


def test_content_key_ignores_white_space_only() -> None:
    spaced = _article(
        summary="Votes were counted until noon. The mayor thanked both sides  afterwards and went home to his harbour. "
    )

    assert article_keys(spaced, Identity.GUID).content == article_keys(_ARTICLE, Identity.GUID).content
    assert (
        article_keys(_article(summary="Votes were not counted."), Identity.GUID).content
        != article_keys(_ARTICLE, Identity.GUID).content
    )


def test_identity_trusts_guids_until_one_names_two_items() -> None:
    good = _feed(("1", "https://a.example/1", "One"), ("2", "https://a.example/2", "Two"))
    repeated = _feed(("1", "https://a.example/1", "One"), ("1", "https://a.example/2", "Two"))

    assert choose_identity(good, Identity.GUID) is Identity.GUID
    assert choose_identity(repeated, Identity.GUID) is Identity.LINK


def test_the_very_same_item_twice_is_no_reason_to_distrust() -> None:
    twice = _feed(("1", "https://a.example/1", "One"), ("1", "https://a.example/1", "One"))

    assert choose_identity(twice, Identity.GUID) is Identity.GUID


def test_identity_falls_to_content_when_links_repeat_too() -> None:
    useless = _feed(("", "https://a.example/", "One"), ("", "https://a.example/", "Two"))

    assert choose_identity(useless, Identity.GUID) is Identity.CONTENT


def test_one_blank_guid_in_twenty_is_borne() -> None:
    twenty = _feed(
        *((str(n), f"https://a.example/{n}", f"Title {n}") for n in range(1, 20)), ("", "https://a.example/0", "Zero")
    )

    assert choose_identity(twenty, Identity.GUID) is Identity.GUID
    assert choose_identity(twenty[1:], Identity.GUID) is Identity.LINK


def test_identity_never_goes_back_up() -> None:
    good = _feed(("1", "https://a.example/1", "One"))

    assert choose_identity(good, Identity.LINK) is Identity.LINK
    assert choose_identity(good, Identity.CONTENT) is Identity.CONTENT
    assert choose_identity([], Identity.LINK) is Identity.LINK


def test_a_url_of_several_titles_names_no_article() -> None:
    pairs = [(b"u1", "One"), (b"u1", "Two"), (b"u2", "Three"), (b"u2", "three "), (None, "Four")]

    assert shared_urls(pairs) == {b"u1"}
    assert shared_urls(pairs, most=2) == frozenset()
