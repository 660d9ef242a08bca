"""Whole documents of one feed, one after the other: what each entry is to what the feed gave before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.listing import BEGIN, Listing, item
from watcher.core.identity.identify import Kind
from watcher.core.model.article import Article
from watcher.core.model.outcome import Identity

SIX = [item(number) for number in range(1, 7)]
DAY = timedelta(days=1)


def with_parameter(one: Article, value: object) -> Article:
    return replace(one, url=f"{one.url}?sid={value}{one.id}")


def test_what_is_listed_again_as_it_was_is_unchanged() -> None:
    feed = Listing()
    assert feed.reads(SIX) == [Kind.NEW] * 6
    assert feed.reads(SIX) == [Kind.UNCHANGED] * 6
    assert feed.reads([item(7), *SIX]) == [Kind.NEW] + [Kind.UNCHANGED] * 6


def test_an_item_that_stands_twice_in_a_document_is_one() -> None:
    feed = Listing()
    found = feed.look([item(1), item(2), item(1)])
    assert [one.kind for one in found.entries] == [Kind.NEW, Kind.NEW, Kind.UNCHANGED]
    assert found.entries[0].id == found.entries[2].id != found.entries[1].id


def test_another_text_of_an_item_is_a_revision_under_its_id() -> None:
    feed = Listing()
    [first] = feed.look([item(1)]).entries
    longer = item(1, summary=f"{item(1).summary} Two boats were found.")
    [second] = feed.look([longer]).entries
    assert (second.kind, second.id, second.read.article.text) == (Kind.REVISION, first.id, 2)
    assert second.read.article.first_seen_at == BEGIN + timedelta(hours=1)


def test_a_text_that_an_item_had_before_is_no_news() -> None:
    feed = Listing()
    longer = item(1, summary=f"{item(1).summary} Two boats were found.")
    feed.reads([item(1)])
    assert feed.reads([longer]) == [Kind.REVISION]
    assert feed.reads([item(1)]) == [Kind.UNCHANGED]


def test_other_news_under_the_guid_and_link_of_an_item_is_an_article_of_its_own() -> None:
    feed = Listing()
    [first] = feed.look([item(1)]).entries
    other = replace(item(3), guid=item(1).guid, url=item(1).url, id=item(1).id)
    [second] = feed.look([other], hours=48).entries
    assert (second.kind, second.known) == (Kind.OTHER_NEWS, None)
    assert second.id != first.id
    [third] = feed.look([replace(item(5), guid=item(1).guid, url=item(1).url, id=item(1).id)], hours=48).entries
    assert third.kind is Kind.OTHER_NEWS
    assert len({first.id, second.id, third.id}) == 3


def test_an_item_with_another_guid_and_all_else_equal_is_unchanged() -> None:
    feed = Listing()
    [first] = feed.look([item(1)]).entries
    [second] = feed.look([item(1, guid="other")]).entries
    assert (second.kind, second.id, second.is_rekeyed) == (Kind.UNCHANGED, first.id, True)


def test_a_document_whose_guids_change_at_once_is_taken_over() -> None:
    feed = Listing()
    before = feed.look(SIX)
    after = feed.look([replace(one, guid=f"new-{one.guid}", published_at=None) for one in SIX])
    assert not any(one.kind in {Kind.NEW, Kind.OTHER_NEWS} for one in after.entries)
    assert [one.id for one in after.entries] == [one.id for one in before.entries]


def test_a_part_that_changes_at_each_poll_makes_news_no_more_and_is_named() -> None:
    feed = Listing()
    for poll in range(4):
        found = feed.look([with_parameter(replace(one, guid=""), poll) for one in SIX], identity=Identity.LINK)
        if poll:
            assert not any(one.kind in {Kind.NEW, Kind.OTHER_NEWS} for one in found.entries)
    assert "parameter sid" in feed.memory.unstable
    assert any("'sid'" in note for note in feed.memory.notes)


def test_a_changing_part_does_not_hide_other_news() -> None:
    feed = Listing()
    for poll in range(3):
        feed.look([with_parameter(replace(one, guid=""), poll) for one in SIX], identity=Identity.LINK)
    fresh = with_parameter(replace(item(7), guid=""), 9)
    kinds = feed.reads([fresh, *(with_parameter(replace(one, guid=""), 9) for one in SIX)], identity=Identity.LINK)
    assert kinds[0] is Kind.NEW
    assert Kind.NEW not in kinds[1:]


def test_a_host_that_a_whole_document_changes_makes_no_news() -> None:
    feed = Listing()
    before = feed.look(SIX)
    after = feed.look([replace(one, url=one.url.replace("paper.example", "journal.example")) for one in SIX])
    assert [one.id for one in after.entries] == [one.id for one in before.entries]


def test_dates_that_a_whole_document_moves_to_one_minute_are_passed_over() -> None:
    feed = Listing()
    feed.reads(SIX)
    moved = BEGIN + timedelta(hours=30)
    assert feed.reads([replace(one, published_at=moved) for one in SIX]) == [Kind.UNCHANGED] * 6
    assert feed.memory.moved
    assert feed.memory.notes == ("6 of its items moved their dates at once: the dates first seen hold",)
    assert feed.reads([replace(one, published_at=moved) for one in SIX]) == [Kind.UNCHANGED] * 6


def test_one_date_that_moves_far_is_looked_at_as_news() -> None:
    feed = Listing()
    feed.reads(SIX)
    [kind, *others] = feed.reads([replace(SIX[0], published_at=BEGIN + 3 * DAY), *SIX[1:]])
    assert kind is not Kind.UNCHANGED
    assert others == [Kind.UNCHANGED] * 5
    assert feed.memory.moved == {}


def test_the_first_document_of_another_address_with_other_items_counts_as_seen() -> None:
    feed = Listing()
    feed.reads(SIX)
    others = [item(number, guid=f"x{number}") for number in range(7, 13)]
    old = [replace(one, published_at=BEGIN - DAY, url=f"{one.url}-b") for one in others]
    found = feed.look(old, address="https://other.example/rss")
    assert [one.is_seen for one in found.entries] == [True] * 6
    assert found.memory.address == "https://other.example/rss"
    assert "it has another address with other items: its first document counts as seen" in found.memory.notes


def test_what_came_out_since_the_last_poll_is_news_at_another_address_too() -> None:
    feed = Listing()
    feed.reads(SIX)
    feed.reads(SIX)
    others = [item(number, guid=f"x{number}", published_at=BEGIN - DAY) for number in range(7, 12)]
    late = item(12, guid="late", published_at=feed.now + timedelta(minutes=30))
    found = feed.look([*others, late], address="https://other.example/rss")
    assert [one.is_seen for one in found.entries] == [True] * 5 + [False]


def test_another_address_with_the_same_items_goes_on_as_before() -> None:
    feed = Listing()
    feed.reads(SIX)
    found = feed.look([item(7), *SIX], address="https://other.example/rss")
    assert [one.kind for one in found.entries] == [Kind.NEW] + [Kind.UNCHANGED] * 6
    assert not found.entries[0].is_seen


def test_items_under_one_link_are_items_of_their_own() -> None:
    feed = Listing()
    live = "https://paper.example/live-from-the-coast"
    items = [replace(one, guid="", url=live) for one in SIX]
    assert feed.reads(items, identity=Identity.CONTENT) == [Kind.NEW] * 6
    fresh = replace(item(7), guid="", url=live)
    assert feed.reads([fresh, *items], identity=Identity.CONTENT) == [Kind.NEW] + [Kind.UNCHANGED] * 6


def test_the_memory_says_when_the_reading_began_and_that_a_document_was_read() -> None:
    feed = Listing()
    feed.reads(SIX)
    began = feed.memory.began_at
    feed.reads(SIX)
    assert began == BEGIN + timedelta(hours=1) == feed.memory.began_at
    assert feed.memory.is_settled
    assert feed.memory.address == "https://paper.example/rss"
    feed.reads([], address="https://other.example/rss")
    assert feed.memory.address == "https://paper.example/rss"


@pytest.mark.parametrize("hours", [1, 24, 24 * 7])
def test_the_evidence_says_by_which_signs_an_entry_was_known(hours: int) -> None:
    feed = Listing()
    feed.reads([item(1)])
    [found] = feed.look([item(1, guid="other")], hours=hours).entries
    assert found.evidence["identity"] == "unchanged"
    assert {"guid", "link", "title", "lead", "text", "date"} <= set(found.evidence)
