"""What an outlet is called: the name that the user gave its feed, where the article is the feed's own."""

from __future__ import annotations

import pytest

from watcher.core.alerts.sources import publisher_of
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId
from watcher.telling.outlets import outlet_of

FEEDS = {
    "wire": "https://www.wire.example/feed.xml",
    "Yonhap": "https://en.yna.example/rss",
    "coast wire": "https://feeds.proxy.example/coast",
    "links": "https://links.example/rss",
    "gn": "https://news.google.com/rss/search?q=x",
    "tg": "https://t.me/s/Some_Channel",
    "Marine News": "https://feeds.proxy.example/marine",
    "my": "http://127.0.0.1:8000/feed",
}


def article(feed: str, url: str, source: str) -> Article:
    return Article(ArticleId("a1"), FeedId("f1"), title="x", url=url, source=source, feed_name=feed)


@pytest.mark.parametrize(
    ("feed", "url", "source", "called"),
    [
        ("wire", "https://wire.example/1", "wire.example", "wire"),
        ("wire", "https://live.wire.example/1", "live.wire.example", "wire"),
        ("Yonhap", "https://en.yna.example/1", "en.yna.example", "Yonhap"),
        ("Yonhap", "", "en.yna.example", "Yonhap"),
        ("wire", "https://wire.example/1", "Harbour Post", "Harbour Post"),
        ("coast wire", "https://coastwire.example/1", "coastwire.example", "coast wire"),
        ("links", "https://paper.example/1", "paper.example", "links (paper.example)"),
        ("gn", "https://news.google.com/rss/articles/1", "Harbour Post", "Harbour Post"),
        ("tg", "https://t.me/some_channel/7", "t.me/some_channel", "tg"),
        ("tg", "https://t.me/some_channel/8", "t.me/other", "t.me/other"),
        ("Marine News", "https://news.paper.example/1", "news.paper.example", "Marine News (news.paper.example)"),
        ("Marine News", "https://news.example/1", "news.example", "Marine News (news.example)"),
        ("my", "https://army.example/1", "army.example", "my (army.example)"),
        ("wire.example/feed.xml", "https://wire.example/1", "wire.example", "wire.example"),
        ("", "", "", "unknown source"),
        ("gone", "", "", "gone"),
    ],
)
def test_an_outlet_is_called_as_its_item_or_the_user_says(feed: str, url: str, source: str, called: str) -> None:
    one = article(feed, url, source)
    assert outlet_of(one, FEEDS) == called
    assert publisher_of(one, ()) == publisher_of(article("other", url, source), ()) or not url


def test_without_the_addresses_of_feeds_the_host_is_all_that_is_known() -> None:
    assert outlet_of(article("wire", "https://wire.example/1", "wire.example")) == "wire.example"
