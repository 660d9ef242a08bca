"""An entry becomes an article that every other room can trust."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from watcher.core.articles.normalise import normalise
from watcher.core.model.article import Article, Entry
from watcher.core.model.ids import FeedId
from watcher.core.model.policy import ReadLimits
from watcher.core.web_addresses import outlet_host, web_url

DAY = datetime(2026, 11, 3, tzinfo=UTC)


def article(entry: Entry, *tags: str) -> Article:
    return normalise(
        entry,
        feed=FeedId("f1"),
        feed_name="Feed",
        feed_url="https://www.feeds.example/rss",
        feed_tags=tags,
        languages=("de",),
    )


def test_texts_become_plain_and_titles_one_line() -> None:
    made = article(Entry(title="A<br>B &amp; C", summary="<p>x</p><p>y</p>", content="1 < 2\n3", content_is_html=False))
    assert (made.title, made.summary, made.content) == ("A B & C", "x\ny", "1 < 2\n3")


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("https://n.example/a?b=1#c", "https://n.example/a?b=1#c"),
        ("HTTP://User:pass@N.example:8080/a b", "http://N.example:8080/a%20b"),
        ("http://[2001:db8::1]:81/x", "http://[2001:db8::1]:81/x"),
        ("https://n.example/\u202egnp.exe\x00", "https://n.example/gnp.exe"),
        ('https://n.example/"><script>', "https://n.example/%22%3E%3Cscript%3E"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//n.example/a", ""),
        ("/a", ""),
        ("http://", ""),
        ("http://n.example:99999/", ""),
        ("http://[bad/", ""),
        ("http://n.example/" + "a" * 3000, ""),
        ("", ""),
    ],
)
def test_only_clean_web_addresses_stay(link: str, url: str) -> None:
    assert web_url(link, ReadLimits().max_url_chars) == url


def test_source_is_named_by_the_item_or_its_host() -> None:
    assert article(Entry(link="https://www.n.example/1", source_name="Coast <b>Wire</b>")).source == "Coast Wire"
    assert article(Entry(link="https://www.n.example/1")).source == "n.example"
    assert article(Entry(title="x")).source == "feeds.example"
    assert outlet_host("http://[bad") == ""


def test_tags_are_cleaned_joined_with_those_of_the_feed_and_unique() -> None:
    assert article(Entry(tags=("R&amp;D", "ports", " ")), "Ports", "wire").tags == ("R&D", "ports", "wire")


def test_dates_fall_back_to_the_change_and_absurd_ones_go() -> None:
    assert article(Entry(updated_at=DAY)).published_at == DAY
    assert article(Entry(published_at=DAY)).updated_at is None
    assert article(Entry(published_at=datetime(9999, 1, 1, tzinfo=UTC))).published_at is None
    assert article(Entry(published_at=datetime(1, 1, 1, tzinfo=UTC), updated_at=DAY)).published_at == DAY


def test_long_texts_are_cut_to_bytes_on_a_letter() -> None:
    made = article(Entry(title="ы" * 90_000, content="漢" * 90_000, guid="g" * 9000))
    limits = ReadLimits()
    assert len(made.title.encode()) <= limits.max_title_chars
    assert limits.max_text_chars - 3 < len(made.content.encode()) <= limits.max_text_chars
    assert len(made.guid) <= limits.max_title_chars


def test_declared_language_of_the_feed_is_used() -> None:
    assert article(Entry(title="Guten Morgen")).lang == "de"
    assert article(Entry(title="Good morning", lang="en-GB")).lang == "en"


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("https://news.google.com/rss/search?q=x", "Leader inspects launcher"),
        ("https://NEWS.Google.com./rss", "Leader inspects launcher"),
        ("https://kcnawatch.example/feed", "Leader inspects launcher - KCNA Watch"),
        ("https://news.google.com.evil.example/rss", "Leader inspects launcher - KCNA Watch"),
        ("", "Leader inspects launcher - KCNA Watch"),
    ],
)
def test_only_a_title_of_google_news_leaves_out_the_outlet_behind_it(url: str, title: str) -> None:
    entry = Entry(title="Leader inspects launcher - KCNA Watch", source_name="KCNA Watch")
    assert normalise(entry, feed=FeedId("f1"), feed_url=url).title == title
