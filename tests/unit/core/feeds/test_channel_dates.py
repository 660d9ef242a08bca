"""Tests for core.feeds.channel_dates: a document is the same news when only the dates of its channel moved."""

from __future__ import annotations

import pytest

from tests.shared import needs_shared, shared
from watcher.core.feeds.channel_dates import without_channel_dates
from watcher.core.feeds.health import body_hash
from watcher.core.feeds.parse import parse_feed

_RSS = (
    "<rss><channel><title>N</title><lastBuildDate>{}</lastBuildDate><pubDate>{}</pubDate><ttl>{}</ttl>"
    "<item><title>{}</title><pubDate>{}</pubDate></item></channel></rss>"
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (_RSS.format("Mon", "Mon", 5, "a", "d"), _RSS.format("Tue", "Wed", 5, "a", "d")),
        ("<feed><updated>1</updated><entry/></feed>", "<feed><updated>2</updated><entry/></feed>"),
        ("<a:feed><updated>1</updated><a:entry>", "<a:feed><updated>2</updated><a:entry>"),
        ("<rdf:RDF><items/><dc:date>1</dc:date><item >", "<rdf:RDF><items/><dc:date>2</dc:date><item >"),
    ],
)
def test_dates_of_the_channel_are_no_news(one: str, other: str) -> None:
    assert body_hash(one.encode()) == body_hash(other.encode())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (_RSS.format("Mon", "Mon", 5, "a", "d"), _RSS.format("Mon", "Mon", 5, "b", "d")),
        (_RSS.format("Mon", "Mon", 5, "a", "d"), _RSS.format("Mon", "Mon", 5, "a", "e")),
        (_RSS.format("Mon", "Mon", 5, "a", "d"), _RSS.format("Mon", "Mon", 6, "a", "d")),
        (_RSS.format("Mon", "<b/>", 5, "a", "d"), _RSS.format("Mon", "<c/>", 5, "a", "d")),
        ("<feed><updated>1</updated></feed>", "<feed><updated>2</updated></feed>"),
    ],
)
def test_what_an_item_says_and_all_that_is_no_date_counts(one: str, other: str) -> None:
    assert body_hash(one.encode()) != body_hash(other.encode())


def test_a_document_in_another_encoding_is_left_as_it_is() -> None:
    body = _RSS.format("Mon", "Mon", 5, "a", "d").encode("utf-16")
    assert without_channel_dates(body) == body


@pytest.mark.shared
@needs_shared
def test_real_feeds_say_the_same_without_the_dates_of_their_channel() -> None:
    series = sorted(shared("corpus/feeds/series").glob("*.xml"))[::6]
    for path in series:
        body = path.read_bytes()
        assert parse_feed(without_channel_dates(body)) == parse_feed(body), path.name
    assert any(without_channel_dates(path.read_bytes()) != path.read_bytes() for path in series)
