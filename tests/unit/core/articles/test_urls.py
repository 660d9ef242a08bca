"""URL keys: what makes two addresses one article, and what does not."""

from __future__ import annotations

import json

import pytest

from tests.shared import needs_shared, shared
from watcher.core.articles.urls import site, untracked, url_key, url_key_text

_SAME = [
    ("http://paper.example/world/7", "https://www.paper.example/world/7/"),
    ("https://paper.example:443/7", "https://PAPER.example/7"),
    ("https://reader:pw@paper.example/7", "https://paper.example/7"),
    ("https://paper.example./7", "https://paper.example/7"),
    ("https://paper.example/7?utm_source=a&UTM_Medium=b&fbclid=c", "https://paper.example/7"),
    ("https://paper.example/7?at_campaign=x&id=3", "https://paper.example/7?id=3"),
    ("https://paper.example/7?ref=rss&src=feed", "https://paper.example/7?"),
    ("https://paper.example/7?b=2&a=1", "https://paper.example/7?a=1&b=2"),
    ("https://paper.example/a%7Eb/%e9", "https://paper.example/a~b/%E9"),
    ("https://paper.example/ü", "https://paper.example/%C3%BC"),
    ("https://paper.example//x/../7/index.php", "https://paper.example/7"),
    ("https://paper.example/7#xtor=RSS-9", "https://paper.example/7"),
    ("https://paper.example/7#:~:text=word", "https://paper.example/7"),
    ("https://paper.example/7#comments", "https://paper.example/7"),
    ("https://bücher.example/7", "https://xn--bcher-kva.example/7"),
    ("https://www.google.com/url?q=https%3A%2F%2Fpaper.example%2F7&sa=U", "https://paper.example/7"),
]
_SAME_IF_TITLES_AGREE = [
    ("https://m.paper.example/7", "https://www.paper.example/7"),
    ("https://mobile.paper.example/7", "https://paper.example/7"),
    ("https://en.m.wiki.example.org/x", "https://en.wiki.example.org/x"),
    ("https://amp.paper.example/7", "https://paper.example/7"),
    ("https://paper.example/amp/7", "https://paper.example/7"),
    ("https://paper.example/7.amp.html", "https://paper.example/7.html"),
    ("https://paper.example/7?outputType=amp", "https://paper.example/7"),
    ("https://www.google.co.uk/amp/s/paper.example/7", "https://paper.example/7"),
    ("https://paper-example.cdn.ampproject.org/v/s/paper.example/7?amp_js_v=1", "https://paper.example/7"),
    ("https://paper.example/7#latest", "https://paper.example/7"),
]
_DIFFERENT = [
    ("https://paper.example/story?eid=1", "https://paper.example/story?eid=2"),
    ("https://paper.example/story?session=1", "https://paper.example/story?session=2"),
    ("https://paper.example/story?ref=12", "https://paper.example/story?ref=13"),
    ("https://paper.example/Story", "https://paper.example/story"),
    ("https://paper.example/live#post-8", "https://paper.example/live#post-9"),
    ("https://paper.example/#!/8", "https://paper.example/#!/9"),
    ("https://paper.example:8080/7", "https://paper.example/7"),
    ("https://asia.paper.example/7", "https://europe.paper.example/7"),
    ("https://paper.example/a%2Fb", "https://paper.example/a/b"),
    ("https://paper.example/?a=1%262", "https://paper.example/?a=1&2"),
    ("https://m.example/7", "https://example/7"),
]


@pytest.mark.parametrize(("first", "second"), _SAME)
def test_dressing_of_a_url_makes_no_difference(first: str, second: str) -> None:
    assert url_key_text(first) == url_key_text(second)
    assert url_key(first).sure


@pytest.mark.parametrize(("first", "second"), _SAME_IF_TITLES_AGREE)
def test_amp_and_mobile_forms_are_the_same_but_not_surely(first: str, second: str) -> None:
    assert url_key_text(first) == url_key_text(second)
    assert not url_key(first).sure


@pytest.mark.parametrize(("first", "second"), _DIFFERENT)
def test_what_may_name_an_article_stays(first: str, second: str) -> None:
    assert url_key_text(first) != url_key_text(second)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "story/7",
        "javascript:alert(1)",
        "ftp://paper.example/7",
        "https://",
        "https://[",
        "https://news.google.com/rss/articles/CBM?oc=5",
        "https://m.news.google.com/rss/articles/CBM?oc=5",
    ],
)
def test_some_text_has_no_key(url: str) -> None:
    assert url_key_text(url) == ""


def test_key_says_what_was_removed() -> None:
    assert url_key("http://www.paper.example/7/?utm_source=x").removed == (
        "www",
        "trailing slash",
        "utm_source",
        "scheme",
    )


@pytest.mark.parametrize("last", ["amp", "amp.html"])
def test_a_path_of_nothing_but_amp_stays(last: str) -> None:
    assert url_key_text(f"https://paper.example/{last}") == f"https://paper.example/{last}"
    assert url_key_text(f"https://paper.example/7/{last}") == "https://paper.example/7"


def test_front_page_names_no_article() -> None:
    assert not url_key("https://paper.example").sure


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://news.paper.co.uk/7", "paper.co.uk"),
        ("world.paper.example", "paper.example"),
        ("https://desk.blogspot.com/7", "desk.blogspot.com"),
        ("http://192.0.2.7/x", "192.0.2.7"),
        ("co.uk", "co.uk"),
        ("Strait Times", ""),
        ("", ""),
    ],
)
def test_site_is_the_registrable_domain(url: str, expected: str) -> None:
    assert site(url) == expected


@needs_shared
@pytest.mark.shared
def test_shared_url_cases() -> None:
    lines = shared("cases/dedup_urls.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]

    wrong = [case["id"] for case in cases if (url_key_text(case["a"]) == url_key_text(case["b"])) != case["same"]]

    assert wrong == []


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/x?utm_source=rss&id=7#:~:text=hi", "https://a.example/x?id=7"),
        ("https://a.example/x?utm_source=rss&fbclid=3", "https://a.example/x"),
        ("https://a.example/x?a=1&b=%20+2&gclid=1#p-3", "https://a.example/x?a=1&b=%20+2#p-3"),
        ("https://a.example/x#utm_medium=feed", "https://a.example/x"),
        ("https://a.example/X/?B=2&a=1&", "https://a.example/X/?B=2&a=1&"),
        ("https://a.example/x?", "https://a.example/x?"),
        ("", ""),
    ],
)
def test_a_link_is_shown_without_what_only_says_how_its_reader_came(url: str, shown: str) -> None:
    assert untracked(url) == shown
    assert untracked(shown) == shown
