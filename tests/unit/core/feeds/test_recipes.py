"""Where sites keep the feeds of what people paste addresses of, and what is read of them; the documents are written by
hand after the real ones.
"""

from __future__ import annotations

import pytest

from watcher.core.feeds.discover import likely_feeds
from watcher.core.feeds.recipes import feed_address, feed_of_page
from watcher.core.matching.compile import compile_rules
from watcher.core.model.article import Article
from watcher.core.model.ids import FeedId
from watcher.core.model.outcome import ReadRequest
from watcher.core.model.rule import RuleSource
from watcher.core.read import read_document

CHANNEL = "UC" + "a1b2c3d4e5f6g7h8i9j0k_"
NEWS = "https://news.google.com"
DOC = "https://api.gdeltproject.org/api/v2/doc/doc"


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        (
            f"https://www.youtube.com/channel/{CHANNEL}",
            f"https://www.youtube.com/feeds/videos.xml?channel_id={CHANNEL}",
        ),
        (
            f"https://m.youtube.com/channel/{CHANNEL}/videos",
            f"https://www.youtube.com/feeds/videos.xml?channel_id={CHANNEL}",
        ),
        ("https://youtube.com/playlist?list=PLx&si=1", "https://www.youtube.com/feeds/videos.xml?playlist_id=PLx"),
        ("https://www.youtube.com/@harbour", ""),  # its page says more
        (f"https://www.youtube.com/feeds/videos.xml?channel_id={CHANNEL}", ""),
        ("https://www.reddit.com/r/korea", "https://www.reddit.com/r/korea/.rss"),
        ("https://old.reddit.com/r/korea/new/", "https://old.reddit.com/r/korea/new/.rss"),
        ("https://www.reddit.com/user/ann/", "https://www.reddit.com/user/ann/.rss"),
        ("https://www.reddit.com/search/?q=shells+odesa", "https://www.reddit.com/search.rss?q=shells+odesa&sort=new"),
        ("https://www.reddit.com/r/korea/.rss", ""),
        ("https://www.reddit.com/r/korea/comments/1abc/title/", ""),
        ("https://bsky.app/profile/ann.bsky.social", "https://bsky.app/profile/ann.bsky.social/rss"),
        ("https://bsky.app/profile/ann.bsky.social/post/3k", ""),
        (
            f"{NEWS}/search?q=shells&hl=en-US&gl=US&ceid=US:en",
            f"{NEWS}/rss/search?q=shells&hl=en-US&gl=US&ceid=US%3Aen",
        ),
        (f"{NEWS}/topics/CAAq?hl=de", f"{NEWS}/rss/topics/CAAq?hl=de"),
        (f"{NEWS}/rss/search?q=shells", ""),
        (
            f"{DOC}?query=shells&mode=artlist",
            f"{DOC}?maxrecords=250&sort=datedesc&query=shells&mode=artlist&format=rss",
        ),
        (f"{DOC}?query=shells&mode=artlist&format=rss&timespan=1d", ""),
        ("https://notreddit.com/r/korea", ""),
        ("https://example.org/profile/ann", ""),
        ("mailto:ann@reddit.com", ""),
    ],
)
def test_the_address_of_a_page_says_where_its_feed_is(page: str, feed: str) -> None:
    assert feed_address(page) == feed
    assert feed_address(feed) == ""


@pytest.mark.parametrize(
    "said",
    [
        f'<link rel="canonical" href="https://www.youtube.com/channel/{CHANNEL}">',
        f'{{"rssUrl":"https://www.youtube.com/feeds/videos.xml?channel_id={CHANNEL}"}}',
        f'"metadata":{{"externalId":"{CHANNEL}"}}',
    ],
)
def test_the_page_of_a_youtube_channel_says_which_it_is_though_a_megabyte_stands_before(said: str) -> None:
    page = f"<html><script>{'x' * 1_000_000}</script>{said}"
    assert feed_of_page("https://www.youtube.com/@harbour", page).endswith(f"channel_id={CHANNEL}")
    assert feed_of_page("https://example.org/@harbour", page) == ""


def test_an_account_of_an_unknown_server_is_tried_as_mastodon_first() -> None:
    assert likely_feeds("<html>", "https://sea.example/@ann")[0] == "https://sea.example/@ann.rss"
    assert likely_feeds("<html>", "https://sea.example/tags/odesa/")[0] == "https://sea.example/tags/odesa.rss"
    assert "https://sea.example/news.rss" not in likely_feeds("<html>", "https://sea.example/news")


def read(document: str, url: str = "https://a.example/feed") -> list[Article]:
    request = ReadRequest(FeedId("f1"), document.encode(), url, 0)
    return [one.article for one in read_document(request, compile_rules(RuleSource(0, ()))).articles]


def test_a_video_is_an_item_with_its_description() -> None:
    [video] = read(f"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom">
<title>Harbour</title><yt:channelId>{CHANNEL}</yt:channelId>
<entry><id>yt:video:abc123</id><yt:videoId>abc123</yt:videoId><title>Shells on the pier</title>
<link rel="alternate" href="https://www.youtube.com/watch?v=abc123"/><author><name>Harbour</name></author>
<published>2026-11-27T10:00:00+00:00</published><updated>2026-11-27T11:00:00+00:00</updated>
<media:group><media:title>Shells on the pier</media:title><media:description>Filmed at dawn.</media:description></media:group>
</entry></feed>""")
    assert (video.title, video.summary, video.guid) == ("Shells on the pier", "Filmed at dawn.", "yt:video:abc123")
    assert (video.url, str(video.published_at)[:16]) == ("https://www.youtube.com/watch?v=abc123", "2026-11-27 10:00")


def test_a_post_of_reddit_is_an_item() -> None:
    [post] = (
        read("""<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>korea</title>
<entry><author><name>/u/ann</name></author><category term="korea" label="r/korea"/>
<content type="html">&lt;div class=&quot;md&quot;&gt;&lt;p&gt;Shells fell.&lt;/p&gt;&lt;/div&gt; submitted by /u/ann</content>
<id>t3_1abc</id><link href="https://www.reddit.com/r/korea/comments/1abc/shells/"/>
<updated>2026-11-27T10:00:00+00:00</updated><published>2026-11-27T10:00:00+00:00</published><title>Shells?</title></entry></feed>""")
    )
    assert (post.title, post.guid, post.content.split("\n")[0]) == ("Shells?", "t3_1abc", "Shells fell.")


@pytest.mark.parametrize(
    "item",
    [
        # Bluesky
        (
            "<link>https://bsky.app/profile/ann/post/3k</link><description>Shells fell on Odesa. One was hurt.</description>"
            "<pubDate>27 Nov 2026 10:00 +0000</pubDate><guid isPermaLink='false'>at://did:plc:x/app.bsky.feed.post/3k</guid>"
        ),
        # Mastodon
        (
            "<guid isPermaLink='true'>https://sea.example/@ann/11</guid><link>https://sea.example/@ann/11</link>"
            "<pubDate>Fri, 27 Nov 2026 10:00:00 +0000</pubDate>"
            "<description>&lt;p&gt;Shells fell on Odesa. One was hurt.&lt;/p&gt;</description>"
        ),
    ],
)
def test_a_post_without_a_title_is_called_by_its_first_sentence(item: str) -> None:
    [post] = read(f"<rss version='2.0'><channel><title>Ann</title><item>{item}</item></channel></rss>")
    assert (post.title, post.summary) == ("Shells fell on Odesa.", "Shells fell on Odesa. One was hurt.")
    assert str(post.published_at) == "2026-11-27 10:00:00+00:00"


def test_an_item_of_google_news_is_of_the_outlet_that_it_names_and_its_title_leaves_that_out() -> None:
    [item] = read(
        """<rss version="2.0"><channel><title>"shells" - Google News</title><item>
<title>Shells fell on Odesa - Harbour Post</title><link>https://news.google.com/rss/articles/CBMi?oc=5</link>
<guid isPermaLink="false">CBMi</guid><pubDate>Fri, 27 Nov 2026 10:00:00 GMT</pubDate>
<description>&lt;a href="https://news.google.com/rss/articles/CBMi?oc=5"&gt;Shells fell on Odesa&lt;/a&gt;</description>
<source url="https://post.example">Harbour Post</source></item></channel></rss>""",
        "https://news.google.com/rss/search?q=shells",
    )
    assert (item.title, item.source, item.guid) == ("Shells fell on Odesa", "Harbour Post", "CBMi")


def test_an_item_of_gdelt_is_of_the_site_that_it_links_to() -> None:
    [item] = read("""<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Article List</title><item>
<title>Shells fell on Odesa</title><link>https://www.post.example/1</link>
<pubDate>Fri, 27 Nov 2026 10:00:00 GMT</pubDate></item></channel></rss>""")
    assert (item.title, item.source, item.url) == ("Shells fell on Odesa", "post.example", "https://www.post.example/1")


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        ("https://www.reddit.com/r/korea/.json", "https://www.reddit.com/r/korea/.rss"),
        ("https://www.reddit.com/r/korea.json?t=day", "https://www.reddit.com/r/korea/.rss?t=day"),
        ("https://www.reddit.com/search.json?q=a&sort=top", "https://www.reddit.com/search.rss?q=a&sort=new"),
        ("https://www.reddit.com/r/korea/new/?f=a&f=b&g=", "https://www.reddit.com/r/korea/new/.rss?f=a&f=b&g="),
        ("https://news.google.com/u/1/topics/CAAq?hl=de", "https://news.google.com/rss/topics/CAAq?hl=de"),
        ("https://news.google.com/u/0/home", "https://news.google.com/rss"),
        ("https://news.google.com/search?q=a&q=b&ceid=", "https://news.google.com/rss/search?q=a&q=b&ceid="),
        (
            "https://api.gdeltproject.org/api/v2/doc/doc?query=a&mode=x&query=b&sort=",
            "https://api.gdeltproject.org/api/v2/doc/doc?maxrecords=250&query=a&query=b&sort=&mode=artlist&format=rss",
        ),
    ],
)
def test_repeated_and_empty_parameters_and_other_spellings_of_a_page_are_known(page: str, feed: str) -> None:
    assert feed_address(page) == feed
    assert feed_address(feed) == ""
