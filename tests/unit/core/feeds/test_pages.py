"""What a web page gives by a selector: each new link is an item."""

from __future__ import annotations

import pytest

from watcher.core.feeds.pages import LONGEST_SELECTOR, parse_page, wrong_selector
from watcher.core.model.feed import ParsedFeed
from watcher.core.model.outcome import FetchProblemKind
from watcher.core.model.policy import ReadLimits

URL = "https://port.example/news/"
PAGE = """<!DOCTYPE html><html lang="de"><head><title> Hafen\n News </title></head><body>
<nav><a href="/">Home</a> <a href="#top">Up</a></nav>
<article><a href="/1#photo"><img src="x" alt="A ship"></a><h2><a href="../1">Ship <b>leaves</b> port</a></h2>
  <p>With <script>var no = "words";</script>shells.</p><time datetime="2026-11-27T10:00:00+01:00">now</time></article>
<article><h2><a href="/2">Second ship</a></h2></article>
<article><h2><a href="https://other.example/3?id=1&amp;x=2">Third ship</a></h2></article>
<aside><h3><a href="mailto:desk@port.example">Write to us</a></h3><a href="/4" aria-label="Fourth"></a></aside>
</body></html>"""


def parse(html: str | bytes, links: str = "h2 a", **more: object) -> ParsedFeed:
    body = html.encode() if isinstance(html, str) else html
    return parse_page(body, links, url=URL, **more)  # type: ignore[arg-type]  # the rest are arguments of parse_page


def titles(feed: ParsedFeed) -> list[tuple[str, str]]:
    return [(entry.link, entry.title) for entry in feed.entries]


SHIPS = [
    ("https://port.example/1", "Ship leaves port"),
    ("https://port.example/2", "Second ship"),
    ("https://other.example/3?id=1&x=2", "Third ship"),
]


def test_each_link_that_the_selector_finds_is_an_item_once_in_the_order_of_the_page() -> None:
    feed = parse(PAGE)
    assert titles(feed) == SHIPS
    assert (feed.kind, feed.title, feed.lang, feed.site_url, feed.whole) == ("page", "Hafen News", "de", URL, True)
    assert not any(entry.guid for entry in feed.entries)  # items are told apart by their links


def test_a_selected_element_stands_for_its_link_and_gives_summary_and_date() -> None:
    feed = parse(PAGE, "article")
    assert titles(feed) == SHIPS
    assert feed.entries[0].summary == "With shells. now"
    assert str(feed.entries[0].published_at) == "2026-11-27 09:00:00+00:00"
    assert feed.entries[1].published_at is None


def test_what_leads_to_no_other_web_page_is_no_item_and_a_picture_says_what_it_shows() -> None:
    home = ("https://port.example/", "Home")
    assert titles(parse(PAGE, "a")) == [home, *SHIPS, ("https://port.example/4", "Fourth")]
    assert titles(parse(PAGE, "img"))[0] == ("https://port.example/1", "A ship")


@pytest.mark.parametrize(
    ("html", "links", "kind", "said"),
    [
        (PAGE, "h5 a", FetchProblemKind.NOTHING_FOUND, "Others find: `article h2 a` 3 (such as 'Ship leaves port')"),
        ("<html><div id=app></div></html>", "h2 a", FetchProblemKind.NOTHING_FOUND, "filled it by a script"),
        (PAGE, "h2 >", FetchProblemKind.NOTHING_FOUND, "`h2 >` is not a CSS selector."),
        ("<rss><channel/></rss>", "h2 a", FetchProblemKind.NOT_A_FEED, "if it is a feed, write it as `url`"),
        ('{"a": 1}', "h2 a", FetchProblemKind.NOT_A_FEED, "no web page"),
        (" ", "h2 a", FetchProblemKind.EMPTY, "empty"),
    ],
)
def test_a_page_that_gives_nothing_says_why(html: str, links: str, kind: FetchProblemKind, said: str) -> None:
    feed = parse(html, links)
    assert (feed.entries, feed.whole) == ((), False)
    assert feed.problem is not None
    assert feed.problem.kind is kind
    assert said in feed.problem.message.replace("may fill", "filled")


def test_a_page_is_read_in_the_encoding_that_it_names_and_from_the_base_that_it_names() -> None:
    html = '<html><head><meta charset="windows-1251"><base href="/a/"></head><h2><a href="1">Корабль вышел</a></h2>'
    assert titles(parse(html.encode("cp1251"))) == [("https://port.example/a/1", "Корабль вышел")]


def test_well_formed_xhtml_is_a_page() -> None:
    html = "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><h2><a href='/1'>One</a></h2></html>"
    assert titles(parse(html)) == [("https://port.example/1", "One")]


def test_a_page_of_many_links_is_cut_at_the_first() -> None:
    html = "".join(f"<h2><a href='/{number}'>n{number}</a></h2>" for number in range(30))
    feed = parse(f"<html>{html}", limits=ReadLimits(max_items=10))
    assert (len(feed.entries), feed.cut, feed.entries[0].title) == (10, True, "n0")


@pytest.mark.parametrize(
    "html",
    [
        "<html>" + "<div>" * 2000 + "<h2><a href=/1>x",
        "<html>" + "<h2><a href=" * 3000,
        "<html><h2><a href='http://[1'>x</a><a href='//'>y</a><a href='/\ud800'>z</a><a>q</a>",
        "<html><h2>" + "<a href='/" + "x" * 5000 + "'>long</a>",
        "<html><title>" + "t" * 100_000 + "</title><h2><a href=/1>" + "w" * 100_000,
    ],
)
def test_no_page_makes_it_raise(html: str) -> None:
    feed = parse(html.encode("utf-8", "replace"))
    assert all(len(entry.link) <= 2048 for entry in feed.entries)


def test_what_is_no_selector_is_said() -> None:
    assert [wrong_selector(good) for good in ("a", "h2 > a.news:not([rel])", "main li a[href^='/news/']")] == [""] * 3
    assert all(wrong_selector(bad) for bad in ("", "a[", "h2 >", "..x", "a" * (LONGEST_SELECTOR + 1)))


def cards(*, topic: str = "/topics/asia", words: str = "asia", head: str = "<h3><a href=/{0}>Ship {0}</a></h3>") -> str:
    card = f"<article><a href={topic}>{words}</a>{head}<p>Text</p></article>"
    return "<html>" + "".join(card.replace("{0}", str(number)) for number in range(6))


@pytest.mark.parametrize(
    "html",
    [
        cards(),
        cards(words="Asia and the whole of the Pacific region"),  # the headline counts more than length
        cards(head="<div><a href=/{0}>Ship {0}</a></div>"),  # no heading: the longest text
        cards(head="<a href=/{0}><h2>Ship {0}</h2></a>", words="Asia and the Pacific"),  # a heading in the link
        cards(topic="#top", words="Up to the top of the page again", head="<a href=/{0}>Ship {0}</a>"),  # leads nowhere
        cards(head="<h4><a href=/people/ann>By our correspondent Ann</a></h4><h3><a href=/{0}>Ship {0}</a></h3>"),
    ],
)
def test_an_element_stands_for_its_headline_not_for_its_topic(html: str) -> None:
    feed = parse(html, "article")
    assert titles(feed) == [(f"https://port.example/{number}", f"Ship {number}") for number in range(6)]
    assert feed.problem is None


@pytest.mark.parametrize(
    ("html", "links"),
    [
        (cards(words="Asia and the Pacific", head="<a href=/{0}>Ship {0}</a>"), "article"),
        (cards(head="<h3>Ship {0}</h3>"), "article"),
        (cards(), "article > a"),
    ],
)
def test_a_selector_whose_elements_mostly_lead_to_one_page_has_a_problem(html: str, links: str) -> None:
    feed = parse(html, links)
    assert (len(feed.entries), feed.whole) == (1, True)
    assert feed.problem is not None
    assert feed.problem.kind is FetchProblemKind.SAME_LINKS
    assert "most to https://port.example/topics/asia: articles may be missed" in feed.problem.message


def test_picture_headline_and_more_of_one_article_and_elements_in_one_another_are_no_problem() -> None:
    card = (
        "<div><div><a href=/{0}#p><img alt=x></a><h2><a href=/{0}>Ship</a></h2><a href=/{0}>Read more</a></div></div>"
    )
    html = "<html>" + "".join(card.replace("{0}", str(number)) for number in range(6))
    for links in ("a", "div", "h2, a"):
        feed = parse(html, links)
        assert (len(feed.entries), feed.problem) == (6, None), links


def test_a_fragment_that_names_a_page_is_kept_and_one_that_points_into_it_is_not() -> None:
    links = ("/#/a", "/#/b", "/app#!/c", "/app#!d", "/e#comments", "/e#photo", "#/f", "#!g", "#!", "#/", "#top")
    feed = parse("<html>" + "".join(f"<h2><a href='{link}'>x</a></h2>" for link in links))
    ends = ["/#/a", "/#/b", "/app#!/c", "/app#!d", "/e", "/news/#/f", "/news/#!g"]
    assert [entry.link for entry in feed.entries] == [f"https://port.example{end}" for end in ends]


@pytest.mark.parametrize(
    ("html", "links", "said"),
    [
        ("<div>" * 5000 + "<a href=/1>x", "div", "nested more than 512 deep"),
        (r"<div>x<\/div>" * 5000, "div", "nested more than 512 deep"),
        ("<br>" * 200_001, "a", "more than 200000 elements"),
        ("".join(f"<b a={number}>" for number in range(500)) + "<p>" * 3000, "p", "begin anew"),
        ("<div " + " ".join(f"a{number}=1" for number in range(10_000)) + ">", "div", "more than 1000 attributes"),
        (("<div>" * 400 + "x" + "</div>" * 400) * 4, "div", "finds the articles alone"),
    ],
)
def test_a_page_that_is_too_much_to_read_ends_in_a_clear_word(html: str, links: str, said: str) -> None:
    feed = parse(f"<html>{html}", links)
    assert feed.problem is not None
    assert (feed.problem.kind, feed.entries) == (FetchProblemKind.TOO_COMPLEX, ())
    assert said in feed.problem.message


def test_html_that_a_script_holds_as_json_does_not_count_as_open_elements() -> None:
    held = r"<div class=\"post\"><p>Ships<\/p><a href=\"\/1\">leave<\/a><\/div>" * 600
    feed = parse(f'<html><script>var posts = "{held}";</script><h2><a href="/2">Ship leaves</a></h2>')
    assert [entry.title for entry in feed.entries] == ["Ship leaves"]


def test_old_pages_that_leave_ends_out_are_read() -> None:
    rows = "".join(f"<tr><td><p><img src=x><br><h2><a href=/{n}>Ship {n}</a></h2><li>x" for n in range(100))
    assert len(parse(f"<html><table>{rows}").entries) == 100
