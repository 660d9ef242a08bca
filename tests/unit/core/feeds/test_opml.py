"""Lists of feeds: what is read of them, what is refused, and that what is written reads as the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.core.feeds.opml import ListedFeed, read_opml, write_opml
from watcher.errors import ParseError

NEST = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.0"><head><title>x</title></head><body>
<outline text="Asia" title="Asia">
  <outline text="Korea">
    <outline type="rss" text="NK &amp; more" xmlUrl="https://a.example/rss?x=1&y=2" category="/wire/state,agency"/>
  </outline>
  <outline type="rss" title="B" xmlURL="https://b.example/rss"/>
</outline>
<outline type="rss" text="" xmlUrl=" https://c.example/ "/>
<outline type="link" text="no feed" url="https://d.example/"/>
</body></opml>"""


def test_folders_and_categories_become_tags_outermost_first() -> None:
    assert read_opml(NEST.encode()) == (
        ListedFeed("https://a.example/rss?x=1&y=2", "NK & more", ("Asia", "Korea", "wire", "state", "agency")),
        ListedFeed("https://b.example/rss", "B", ("Asia",)),
        ListedFeed("https://c.example/"),
    )


def test_an_entry_knows_its_line() -> None:
    assert [feed.line for feed in read_opml(NEST.encode())] == [5, 7, 9]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'<!DOCTYPE opml [<!ENTITY a "b">]><opml><body><outline text="&a;" xmlUrl="x"/></body></opml>', "<!DOCTYPE>"),
        (b'<!DOCTYPE opml SYSTEM "file:///etc/passwd"><opml/>', "<!DOCTYPE>"),
        (b"<rss><channel/></rss>", "its root is <rss>"),
        (b"hello", "no XML"),
        (b"", "no XML"),
        (b"<opml><body><outline text='a'></body></opml>", "ill-formed at line 1"),
        (b"<opml><body>" + b"<outline text='a'>" * 60 + b"</opml>", "nested more than 50 deep"),
        (b"<opml><body><outline " + b" ".join(b"a%d='1'" % n for n in range(100)) + b"/></body></opml>", "odd entry"),
        (
            lambda: b"<opml><body>" + b"".join(b"<a%d/>" % n for n in range(1_500_000)) + b"</body></opml>",
            "100000 elements",
        ),
        (
            lambda: b"<opml><body><outline " + b" ".join(b"a%d='>'" % n for n in range(1_000_000)) + b"/></opml>",
            "far too long",
        ),
        (lambda: b"<opml><body><!--" + b" " * 21_000_000 + b"--></body></opml>", "larger than 20 MiB"),
        (
            lambda: b"<opml><body>" + b"<outline xmlUrl='https://a.example/'/>" * 20_001 + b"</body></opml>",
            "more than 20000",
        ),
    ],
)
def test_what_is_hostile_or_no_list_is_refused_in_a_sentence(body: bytes | Callable[[], bytes], said: str) -> None:
    with pytest.raises(ParseError, match=said.replace("(", r"\(")):
        read_opml(body if isinstance(body, bytes) else body())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1251"])
def test_a_list_is_read_in_its_encoding(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?><opml><body><outline text="Новости дня" xmlUrl="https://a.example/"/></body></opml>'
    [feed] = read_opml(text.encode(encoding))
    assert feed.name == "Новости дня"


WORDS = st.text(st.characters(codec="utf-8", exclude_characters=",/"), max_size=30).map(
    lambda text: " ".join(text.split())
)
FEEDS = st.builds(
    ListedFeed,
    st.from_regex(r"https://[a-z]{1,9}\.example/[a-z?=&<>\"']{0,9}", fullmatch=True),
    st.text(min_size=1, max_size=20),
    st.lists(WORDS, max_size=3).map(tuple),
)


@given(st.lists(FEEDS, max_size=6))
def test_whatever_is_written_is_a_list_that_reads_as_the_same_addresses(feeds: list[ListedFeed]) -> None:
    read = read_opml(write_opml(feeds, "mine").encode())
    assert sorted(feed.url for feed in read) == sorted(feed.url for feed in feeds)


def test_what_is_written_reads_as_the_same_feeds_and_tags() -> None:
    feeds = [
        ListedFeed("https://a.example/?a=1&b=<2>", 'A "quoted" & more', ("asia", "wire")),
        ListedFeed("https://b.example/", "B", ("asia",)),
        ListedFeed("https://c.example/", "C"),
    ]
    assert list(read_opml(write_opml(feeds, "mine").encode())) == feeds


@pytest.mark.parametrize("mark", ["\u009b", "&#x7f;", "&#x202e;", "&#x2066;", "&#x200f;", "&#xfeff;"])
def test_signs_that_no_file_or_terminal_takes_are_left_out(mark: str) -> None:
    entry = f"<outline text='a{mark}b' category='c{mark}' xmlUrl='https://a.example/'/>"
    [feed] = read_opml(f"<opml><body><outline text='d{mark}'>{entry}</outline></body></opml>".encode())
    assert (feed.name, feed.tags) == ("ab", ("d", "c"))


def test_a_long_comment_is_no_odd_entry() -> None:
    body = b"<opml><!--" + b"-x" * 1_000_000 + b"--><body><outline xmlUrl='https://a.example/'/></body></opml>"
    assert [feed.url for feed in read_opml(body)] == ["https://a.example/"]
