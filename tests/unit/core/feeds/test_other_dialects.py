"""News sitemaps, their indexes, and CDF, read as feeds."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from watcher.core.feeds.other_dialects import is_index, joined, sitemaps_of
from watcher.core.feeds.parse import parse_feed
from watcher.core.model.outcome import FetchProblemKind
from watcher.errors import ParseError

NEWS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'


def page(number: int, title: str = "Ship leaves") -> str:
    return (
        f"<url><loc>https://a.example/{number}</loc><lastmod>2026-11-20</lastmod><n:news>"
        f"<n:publication><n:name>Paper</n:name><n:language>en</n:language></n:publication><n:title>{title}</n:title>"
        "<n:publication_date>2026-11-20T10:00:00Z</n:publication_date><n:keywords>ships, shells</n:keywords>"
        "</n:news></url>"
    )


def sitemap(*pages: str) -> bytes:
    return f"<?xml version='1.0'?><!-- made --><urlset {NEWS}>{''.join(pages)}</urlset>".encode()


def test_a_news_sitemap_is_a_feed_of_its_pages() -> None:
    parsed = parse_feed(sitemap(page(1, "Shells &amp; ships"), "<url><loc>https://a.example/</loc></url>"))
    [entry] = parsed.entries
    assert (entry.guid, entry.link, entry.title) == ("https://a.example/1", "https://a.example/1", "Shells & ships")
    assert (entry.published_at, entry.lang) == (datetime(2026, 11, 20, 10, tzinfo=UTC), "en")
    assert (entry.tags, parsed.kind, parsed.whole) == (("ships", "shells"), "sitemap", True)


def test_one_without_news_is_no_feed_and_an_empty_one_is_empty() -> None:
    parsed = parse_feed(sitemap("<url><loc>https://a.example/</loc></url>"))
    assert parsed.problem is not None
    assert parsed.problem.kind is FetchProblemKind.NOT_A_FEED
    assert "sitemap without news" in parsed.problem.message
    assert parse_feed(sitemap()).problem is None


def test_one_that_is_cut_short_is_not_whole() -> None:
    parsed = parse_feed(sitemap(page(1), page(2))[:-60])
    assert ([entry.link for entry in parsed.entries], parsed.whole) == (["https://a.example/1"], False)


def index(*sitemaps: tuple[str, str]) -> bytes:
    listed = [f"<sitemap><loc>{place}</loc><lastmod>{day}</lastmod></sitemap>" for place, day in sitemaps]
    return f"<?xml version='1.0'?>\n<sitemapindex {NEWS}>{''.join(listed)}</sitemapindex>".encode()


def test_of_an_index_the_newest_sitemaps_that_are_called_news_are_read() -> None:
    body = index(
        ("https://a.example/pages.xml", "2026-11-21"),
        ("https://a.example/news-1.xml.gz", "2026-11-19"),
        ("https://a.example/news-2.xml?a=1&amp;b=2", "2026-11-20"),
    )
    assert is_index(body)
    assert not is_index(sitemap(page(1)))
    assert sitemaps_of(body) == ["https://a.example/news-2.xml?a=1&b=2", "https://a.example/news-1.xml.gz"]


def test_where_none_is_called_so_the_newest_three_are() -> None:
    body = index(*[(f"https://a.example/{day}.xml", f"2026-11-{day}") for day in (11, 14, 12, 13)])
    assert sitemaps_of(body) == [f"https://a.example/{day}.xml" for day in (14, 13, 12)]


@pytest.mark.parametrize(
    "body",
    [
        index(),
        index(("http://[x", ""), ("/news.xml", ""), ("ftp://a.example/news.xml", "")),
        b"<sitemapindex>" + b"<sitemap>" * 100_000,
        b"<sitemapindex>" + b" " * (1 << 20),
        b"<sitemapindex>" + (b"<sitemap><loc>" + b" " * 4900 + b"</sitemap>") * 200,
    ],
    ids=["empty", "no web address", "open", "blanks", "blanks inside"],
)
def test_an_index_that_names_nothing_or_is_hostile_is_refused_at_once(body: bytes) -> None:
    began = time.process_time()
    with pytest.raises(ParseError):
        sitemaps_of(body)
    assert time.process_time() - began < 3, "each text is looked through once; half a minute otherwise"


def test_an_address_that_cannot_be_read_stands_in_nobodys_way() -> None:
    good = ("https://a.example/1.xml", "2026-11-01")
    body = index(*((bad, "2026-11-20") for bad in ("http://[x", "2.xml", "//a.example/3.xml")), good)
    assert sitemaps_of(body) == [good[0]]


@pytest.mark.parametrize(
    ("body", "is_one"),
    [
        (b"<?xml version='1.0'?><!-- made by <x> --><sm:sitemapindex xmlns:sm='u'>", True),
        ("\ufeff<sitemapindex>".encode(), True),
        (b"<rss><channel><item><title><![CDATA[How to write <sitemapindex>]]></title></item></channel></rss>", False),
        (b"<html><pre>&lt;sitemapindex> <sitemapindex></pre></html>", False),
    ],
)
def test_an_index_is_one_by_its_root(body: bytes, is_one: bool) -> None:
    assert is_index(body) is is_one


def test_several_sitemaps_are_one_document_without_an_end_where_one_is_missing() -> None:
    whole = parse_feed(joined([sitemap(page(1)), sitemap(page(2))]))
    assert ([entry.link for entry in whole.entries], whole.whole) == (
        ["https://a.example/1", "https://a.example/2"],
        True,
    )
    for missing in (None, b"<html>", b""):
        parsed = parse_feed(joined([sitemap(page(1)), missing]))
        assert ([entry.link for entry in parsed.entries], parsed.whole) == (["https://a.example/1"], False)


def test_cdf_is_read_by_the_attributes_of_its_items() -> None:
    item = (
        '<ITEM HREF="http://a.example/1" LASTMOD="2026-11-20T10:00"><TITLE>Ship</TITLE><ABSTRACT>Text</ABSTRACT></ITEM>'
    )
    parsed = parse_feed(
        f'<?xml version="1.0"?><CHANNEL HREF="http://a.example/"><TITLE>N</TITLE>{item}</CHANNEL>'.encode()
    )
    [entry] = parsed.entries
    assert (entry.link, entry.title, entry.summary) == ("http://a.example/1", "Ship", "Text")
    assert entry.updated_at == datetime(2026, 11, 20, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (('<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/">'
         "<channel><title>N</title></channel>{}</rdf:RDF>"), "rdf 1.0"),
        ('<rss version="0.91"><channel><title>N</title>{}</channel></rss>', "rss 0.91"),
        (('<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://n.example/rss-0.91.dtd"><rss version="0.91">'
         "<channel><title>N</title>{}</channel></rss>"), "rss 0.91"),
        ('<rss version="0.92"><channel><title>N</title>{}</channel></rss>', "rss 0.92"),
        ('<rss version="0.94"><channel><title>N</title>{}</channel></rss>', "rss 0.94"),
        ('<rss version="2.0"><channel><title>N</title>{}</channel></rss>', "rss 2.0"),
    ],
)  # fmt: skip
def test_each_rss_is_read(document: str, kind: str) -> None:
    item = "<item><title>Ship</title><link>https://a.example/1</link></item>"
    parsed = parse_feed(document.format(item).encode())
    assert ([entry.title for entry in parsed.entries], parsed.kind) == (["Ship"], kind)
