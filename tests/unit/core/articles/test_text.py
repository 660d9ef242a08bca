"""HTML becomes text: words kept apart where they are shown apart, and nothing that a hostile document can slow down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.core.articles.text import cut_to_bytes, html_to_text, plain_to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("foo<br>bar", "foo\nbar"),
        ("<p>a</p><p>b</p>", "a\nb"),
        ("<b>Ru</b>ssia", "Russia"),
        ("<ul><li>one<li>two</ul>three", "one\ntwo\nthree"),
        ("<td>a</td><td>b</td>", "a b"),
        ("a&nbsp;b\u00a0c", "a b c"),
        ("a\n  b\n\nc", "a b\nc"),
        ("<p>a\n\nb</p>", "a b"),
        ("AT&amp;T &copy; caf&eacute; &#8217;", "AT&T © café ’"),
        ("a < b and c > d", "a < b and c > d"),
        ("I <3 it", "I <3 it"),
        ("List<String> in Java", "List<String> in Java"),
        ("<custom>kept</custom> <o:p>x</o:p>", "kept x"),
        ("<a title='x>y' href=z>link</a>", "link"),
        ('<p class="open>Quote</p><p>next', "Quote\nnext"),
        ("<script>if (a<b) evil()</script>ok<style>p{}</style>", "ok"),
        ("<SCRIPT src=x>never closed", ""),
        ("x<!-- a > b -->y<!-- open", "xy open"),
        ("<![CDATA[x]]>", "x]]>"),
        ("&lt;p&gt;one&lt;/p&gt;&lt;p&gt;two&lt;/p&gt;", "one\ntwo"),
        ("AT&amp;amp;T, Ada&amp;#8217;s", "AT&T, Ada’s"),
        ("<p>5 &lt; 6 &amp;&amp; 7 &gt; 6</p>", "5 < 6 && 7 > 6"),
        ("<p>write &lt;script&gt;</p>", "write <script>"),
        ("<svg/onload=alert(1)>t", "t"),
        ("a\x00b\ud800c", "abc"),
        ("&#" + "1" * 5000 + ";x", "x"),
        ("", ""),
    ],
)
def test_html_becomes_the_words_that_one_sees(html: str, text: str) -> None:
    assert html_to_text(html) == text


def test_plain_text_keeps_its_line_breaks() -> None:
    assert plain_to_text(" a  <b>\r\n\r\nc\u2028d ") == "a <b>\nc\nd"


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<b>",
        "<!--",
        '<a href="',
        "<a href='\">",
        "<script>",
        "<![CDATA[",
        "&",
        "&#",
        "<x>",
        "<?",
        "<a ",
        " \n",
        "&lt;",
        '"<i ',
    ],
)
def test_a_million_letters_of_anything_are_read_in_linear_time(piece: str) -> None:
    """Quadratic time would take minutes here; the limit of the test run would catch it."""
    html_to_text(piece * (1_000_000 // len(piece)))


@given(st.text(alphabet="<>/!-[]&;#\"'= \nabpscripty1\x00\ud800é", max_size=80))
def test_result_is_clean_whatever_the_html(html: str) -> None:
    text = html_to_text(html)
    assert text == text.strip()
    assert "\n\n" not in text
    assert "  " not in text
    assert "\x00" not in text
    text.encode("utf-8")


@given(st.text(max_size=50), st.integers(0, 100))
def test_cut_text_fits_and_is_a_start(text: str, limit: int) -> None:
    cut = cut_to_bytes(text, limit)
    assert text.startswith(cut)
    assert len(cut.encode()) <= limit
    assert len(text[: len(cut) + 1].encode()) > limit or cut == text
