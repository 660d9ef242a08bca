"""What an entry's fields become before anybody compares them: text that was encoded twice, addresses as browsers
read them.
"""

from __future__ import annotations

import pytest

from watcher.core.feeds.raw import address, looks_like_html, unmangle, urljoin_safely
from watcher.core.model.policy import ReadLimits

LIMITS = ReadLimits()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("CafÃ©", "Café"),
        ("Café", "Café"),
        ("Ð\x9fÑ\x83Ñ\x82Ð¸Ð½", "Путин"),
        ("â€œTalksâ€\x9d", "“Talks”"),
        ("plain", "plain"),
        ("Ã© and é", "Ã© and é"),
        ("ä¸\xad", "ä¸\xad"),
        ("ä¸\xadå\x9b½äº\xba", "中国人"),
        ("å\x9b½äº\xba", "å\x9b½äº\xba"),
        ("Le cafÉ…", "Le cafÉ…"),
    ],
)
def test_text_that_was_encoded_twice_is_read_as_it_was_meant_and_no_other(text: str, meant: str) -> None:
    assert unmangle(text) == meant


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("  https://p.example/a  ", "https://p.example/a"),
        ("https://p.example/a b", "https://p.example/a%20b"),
        ("https://p.example/a\n\tb", "https://p.example/ab"),
        ("https://p.example/a\u2028b", "https://p.example/ab"),
        ("https://p.example/?a=1&amp;b=2", "https://p.example/?a=1&b=2"),
        ("", ""),
    ],
)
def test_an_address_is_read_as_a_browser_reads_it(written: str, read: str) -> None:
    assert address(written, LIMITS) == read


def test_an_address_that_is_too_long_is_dropped_not_cut() -> None:
    longest = "https://p.example/".ljust(LIMITS.max_url_chars, "a")
    assert address(longest, LIMITS) == longest
    assert address(f"{longest}a", LIMITS) == ""
    assert address(f"{longest}\n", LIMITS) == longest
    assert address(longest * 9, LIMITS) == ""


@pytest.mark.parametrize(
    ("base", "url", "joined"),
    [
        ("https://p.example/rss/", "a", "https://p.example/rss/a"),
        ("https://p.example/rss/", "https://q.example/a", "https://q.example/a"),
        ("", "a", "a"),
    ],
)
def test_a_relative_address_is_taken_from_its_base(base: str, url: str, joined: str) -> None:
    assert urljoin_safely(base, url) == joined


@pytest.mark.parametrize(
    ("text", "html"), [("<p>Shells fell</p>", True), ("Shells fell", False), ("1 < 2 and 3 > 2", False)]
)
def test_a_tag_makes_html(text: str, html: bool) -> None:
    assert looks_like_html(text) is html
