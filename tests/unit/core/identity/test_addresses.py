"""Which part of an address or guid tells an article, and which part of it changed."""

from __future__ import annotations

import pytest

from watcher.core.identity.addresses import (
    GUID,
    HOST,
    PARAMETER,
    address_text,
    changed_parts,
    compare_guids,
    compare_links,
    numbered,
)
from watcher.core.identity.signs import Guid, Link

NONE: frozenset[str] = frozenset()
SID = frozenset({PARAMETER + "sid"})


@pytest.mark.parametrize(
    "url",
    [
        "https://paper.example/a/ferry-sinks",
        "https://paper.example/ferry-sinks.html",
        "https://paper.example/index.php?id=7",
        "https://paper.example/watch?v=abc",
        "https://paper.example/live#post-12",
    ],
)
def test_a_last_segment_an_id_or_a_post_tells_an_article(url: str) -> None:
    assert address_text(url, NONE).startswith("paper.example/")


@pytest.mark.parametrize(
    "url",
    [
        "https://paper.example/",
        "https://paper.example/latest",
        "https://paper.example/news/",
        "https://paper.example/index.html",
        "https://paper.example/Live",
        "https://paper.example/alerts?page=2",
        "https://paper.example/status?id=",
        "no address",
        "",
    ],
)
def test_an_entrance_tells_no_article(url: str) -> None:
    assert address_text(url, NONE) == ""


def test_an_id_that_is_unstable_tells_no_article() -> None:
    url = "https://paper.example/index.php?id=7"
    assert address_text(url, frozenset({PARAMETER + "id"})) == ""


@pytest.mark.parametrize(
    ("one", "two", "said"),
    [
        ("https://p.example/a", "https://p.example/a", Link.SAME),
        ("http://p.example/a", "https://p.example/a", Link.SAME),
        ("https://www2.p.example/a", "https://news.p.example/a", Link.SAME),
        ("https://p.example/a", "https://q.example/a", Link.OTHER),
        ("https://p.example/a", "https://p.example/b", Link.OTHER),
        ("https://p.example/v?id=7", "https://p.example/v?id=8", Link.ID),
        ("https://p.example/v?id=7", "https://p.example/w?id=8", Link.OTHER),
        ("https://p.example/v?id=7", "https://q.example/v?id=8", Link.OTHER),
        ("https://p.example/ferry-sinks-51200", "https://p.example/ferry-sank-51200", Link.SAME),
        ("https://p.example/ferry-sinks-51200", "https://p.example/ferry-sank-51201", Link.OTHER),
        ("https://p.example/ferry-sinks-5120", "https://p.example/ferry-sank-5120", Link.OTHER),
        ("https://p.example/", "https://p.example/a", Link.SILENT),
        ("https://p.example/a", "", Link.SILENT),
    ],
)
def test_two_links_say_whether_they_name_one_article(one: str, two: str, said: Link) -> None:
    assert compare_links(one, two, NONE, NONE) is said
    assert compare_links(two, one, NONE, NONE) is said


def test_a_link_of_several_articles_says_nothing() -> None:
    shared = frozenset({address_text("https://p.example/a", NONE)})
    assert compare_links("https://p.example/a", "https://p.example/b", NONE, shared) is Link.SILENT
    assert compare_links("https://p.example/b", "https://p.example/a", NONE, shared) is Link.SILENT


def test_an_unstable_parameter_makes_no_other_link() -> None:
    one, two = "https://p.example/a?sid=1", "https://p.example/a?sid=2"
    assert compare_links(one, two, NONE, NONE) is Link.OTHER
    assert compare_links(one, two, SID, NONE) is Link.SAME


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("p.example/a/ferry-sinks-51200?#", "p.example/a 51200"),
        ("p.example/a/ferry-sinks-51200.html?#", "p.example/a 51200"),
        ("p.example/a/ferry-sinks-5120?#", ""),
        ("p.example/a/ferry-20260301?#", ""),
        ("p.example/a/ferry-202603011?#", "p.example/a 202603011"),
        ("p.example/a/51200-ferry?#", ""),
    ],
)
def test_a_long_number_stays_when_a_slug_is_rewritten_and_a_day_is_none(text: str, kept: str) -> None:
    assert numbered(text) == kept


@pytest.mark.parametrize(
    ("one", "two", "said"),
    [
        (("g1", ""), ("g1", ""), Guid.SAME),
        ((" g1 ", ""), ("g1", ""), Guid.SAME),
        (("g1", ""), ("g2", ""), Guid.OTHER),
        (("", "https://p.example/a"), ("g2", "https://p.example/a"), Guid.SILENT),
        (("https://p.example/a", ""), ("http://p.example/a", ""), Guid.SAME),
        (
            ("https://p.example/a#0", "https://p.example/a"),
            ("https://p.example/b#1", "https://p.example/b"),
            Guid.SILENT,
        ),
        (("https://p.example/a?v", "https://p.example/a"), ("https://p.example/b", "https://p.example/b"), Guid.SILENT),
        (("https://p.example/ab", "https://p.example/a"), ("https://p.example/b", "https://p.example/b"), Guid.OTHER),
        (("x#1", ""), ("x#23", ""), Guid.SILENT),
        (("x#1", ""), ("y#1", ""), Guid.OTHER),
        (("x?t=1771374614", ""), ("x?t=1771374999", ""), Guid.SILENT),
        (("x?t=17", ""), ("x?t=18", ""), Guid.OTHER),
        (("https://p.example/a", ""), ("g2", ""), Guid.OTHER),
        (("https://p.example/a", ""), ("https://p.example/b", ""), Guid.OTHER),
        (("https://www2.p.example/a", ""), ("https://www3.p.example/a", ""), Guid.SAME),
        (("https://p.example/a", ""), ("https://q.example/a", ""), Guid.SILENT),
        (("https://[p/a", ""), ("https://p.example/a", ""), Guid.OTHER),
    ],
)
def test_two_guids_say_whether_they_name_one_item(one: tuple[str, str], two: tuple[str, str], said: Guid) -> None:
    assert compare_guids(one, two, NONE, hosts_moved=False) is said
    assert compare_guids(two, one, NONE, hosts_moved=False) is said


def test_a_host_in_guids_is_passed_over_where_most_of_the_document_changed_it() -> None:
    one, two = ("https://p.example/a", ""), ("https://q.example/a", "")
    assert compare_guids(one, two, NONE, hosts_moved=True) is Guid.SAME
    assert compare_guids(one, ("https://q.example/b", ""), NONE, hosts_moved=True) is Guid.OTHER


def test_guids_that_change_by_themselves_say_nothing() -> None:
    assert compare_guids(("g", ""), ("g", ""), frozenset({GUID}), hosts_moved=False) is Guid.SILENT


PAGE = "https://p.example/a"


@pytest.mark.parametrize(
    ("one", "two", "parts"),
    [
        (("g", PAGE), ("g", PAGE), set()),
        (("g", PAGE), ("h", PAGE), {GUID}),
        (("g", f"{PAGE}?sid=1"), ("g", f"{PAGE}?sid=2"), {PARAMETER + "sid"}),
        (("g", PAGE), ("g", f"{PAGE}?sid=2"), {PARAMETER + "sid"}),
        (("g", PAGE), ("g", "https://q.example/a"), {HOST}),
        (("g", PAGE), ("g", "https://q.example/b"), set()),
        ((f"{PAGE}?sid=1", PAGE), (f"{PAGE}?sid=2", PAGE), {PARAMETER + "sid"}),
        ((f"{PAGE}?sid=1", PAGE), (f"{PAGE}b?sid=2", PAGE), {GUID}),
        (("g", f"{PAGE}?sid=1"), ("h", f"{PAGE}?sid=2"), {GUID, PARAMETER + "sid"}),
        (("https://p.example/1", ""), ("https://q.example/1", ""), {HOST}),
        (("https://p.example/1", f"{PAGE}?sid=1"), ("g", f"{PAGE}?sid=2"), {GUID, PARAMETER + "sid"}),
        (("g", f"{PAGE}?sid=1"), ("https://p.example/1", f"{PAGE}?sid=2"), {GUID, PARAMETER + "sid"}),
    ],
)
def test_what_differs_in_two_readings_of_one_item_is_named(
    one: tuple[str, str], two: tuple[str, str], parts: set[str]
) -> None:
    assert changed_parts(one, two) == parts
    assert changed_parts(two, one) == parts
