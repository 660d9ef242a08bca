"""What a document must be like to be taken to pieces, and what the digest of a piece depends on."""

from __future__ import annotations

import pytest

from watcher.core.feeds.pieces import Pieces, take_to_pieces


def document(*items: str, head: str = "<title>N</title>", tail: str = "", between: str = "\n") -> str:
    return f"<rss><channel>{head}{between.join(items)}{tail}</channel></rss>"


def pieces(text: str) -> Pieces:
    found = take_to_pieces(text, 100)
    assert found is not None
    return found


def test_items_are_found_in_their_order_whatever_their_cdata_holds() -> None:
    items = ("<item><![CDATA[ ]] </item><item> <!-- ]]></item>", '<item rdf:about="x">b</item >', "<item\n>c</item>")
    text = document(*items)
    assert tuple(text[start:end] for start, end in pieces(text).spans) == items
    assert pieces(text).without({0, 2}) == document(items[1])
    assert pieces(text).without({0, 1, 2}) == document()


@pytest.mark.parametrize(
    "text",
    [
        document(),
        document("<item>a</item>", "<item>b"),
        document("<item>a", "<item>b</item>"),
        document("<item/>", "<item>b</item>"),
        document("<item>a<item>b</item></item>"),
        document("<item>a</item>", "<entry>b</entry>"),
        document("<item>a</item>", "<item>b</item>", between="<title>between</title>"),
        document("<item>a<!-- </item> --></item>"),
        document("<item>a</item>", head="<!-- c -->"),
        document("<item>a<?php ?></item>"),
        "<!DOCTYPE rss [<!ENTITY a 'b'>]>" + document("<item>&a;</item>"),
        document("<item><![CDATA[never closed</item>"),
        document("<rss:item>a</rss:item>"),
        document("<item>a</item>", "<item xmlns:r='http://purl.org/rss/1.0/'><r:item>b</r:item></item>"),
        document("<item>a</item>", "<item><ITEM>b</ITEM></item>"),
        document("<item>a</item>", tail="<Entry>late</Entry>"),
        "<urlset><url><item>a</item></url></urlset>",
        '{"items": [{"content_html": "<item>a</item>"}]}',
        document("<items>a</items>"),
        '{"items": [{"title": "a"}]}',
        "",
    ],
)
def test_what_is_not_plain_is_parsed_whole(text: str) -> None:
    assert take_to_pieces(text, 100) is None


def test_more_items_than_are_taken_are_parsed_whole() -> None:
    assert take_to_pieces(document(*["<item>a</item>"] * 3), 3) is not None
    assert take_to_pieces(document(*["<item>a</item>"] * 4), 3) is None


def test_a_digest_tells_the_item_what_stands_around_it_and_what_it_is_read_under() -> None:
    first, second = "<item>a</item>", "<item>b</item>"
    [alone] = pieces(document(first)).digests("rules 1")
    assert pieces(document(second, first)).digests("rules 1")[1] == alone
    assert pieces(document(first, head="<title>N</title><pubDate>now</pubDate>")).digests("rules 1") == (alone,)
    for other in (document(second), document(first, head="<title>M</title>"), document(first, tail="<language/>")):
        assert pieces(other).digests("rules 1") != (alone,)
    assert pieces(document(first)).digests("rules 2") != (alone,)
