"""How bytes become text: the mark, then UTF-8, then what is declared, then what the letters say."""

from __future__ import annotations

import pytest

from watcher.core.feeds.decode import decode, mend_ampersands

RUSSIAN = "Утренний поезд прибыл на станцию вовремя, сообщили дежурные."
UKRAINIAN = "Вранці потяг прибув на станцію вчасно, повідомили чергові її."
KOREAN = "아침 열차가 제시간에 역에 도착했다고 역무원이 말했다. 비는 그쳤고 사람들은 길을 걸었다."
JAPANESE = "朝の列車は時間どおりに駅に着いたと駅員が話した。"
CHINESE = "早上的火车准时到达车站,值班人员说,雨已经停了。"
FRENCH = "Le train du matin est arrivé à l'heure, où l'été s'achève."


def document(text: str, declared: str = "") -> str:
    declaration = f' encoding="{declared}"' if declared else ""
    return f'<?xml version="1.0"{declaration}?><rss><channel><title>{text}</title></channel></rss>'


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"])
def test_mark_or_shape_beats_every_declaration(mark: str) -> None:
    body = document(KOREAN, "windows-1252").encode(mark)
    assert KOREAN in decode(body, "text/xml; charset=iso-8859-1")


def test_valid_utf8_beats_a_wrong_declaration() -> None:
    assert RUSSIAN in decode(document(RUSSIAN, "windows-1252").encode(), "text/xml; charset=koi8-r")


def test_utf8_with_a_bad_byte_or_cut_in_a_letter_stays_utf8() -> None:
    body = document(KOREAN).encode()
    assert KOREAN in decode(body + b"\xea")
    assert KOREAN in decode(body.replace(b"</rss>", b"\xff</rss>"))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "windows-1251"),
        (RUSSIAN, "koi8-r"),
        (UKRAINIAN, "windows-1251"),
        (KOREAN, "euc-kr"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc-jp"),
        (JAPANESE, "iso-2022-jp"),
        (CHINESE, "gb2312"),
        (FRENCH, "iso-8859-1"),
    ],
)
def test_declared_encoding_is_used(text: str, encoding: str) -> None:
    assert text in decode(document(text, encoding).encode(encoding))
    assert text in decode(document(text).encode(encoding), f"application/rss+xml; charset={encoding}")


@pytest.mark.parametrize("declared", ["", "utf-8", "no-such-code", "utf-7", "base64"])
@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (KOREAN, "euc-kr"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc-jp"),
        (CHINESE, "gb2312"),
        (FRENCH, "cp1252"),
    ],
)
def test_undeclared_or_falsely_declared_encoding_is_told_by_its_letters(
    text: str, encoding: str, declared: str
) -> None:
    assert text in decode(document(text, declared).encode(encoding))


def test_polish_is_told_from_french_by_the_language_of_the_document() -> None:
    body = "<rss><channel><language>pl</language><title>źródło wieści</title></channel></rss>".encode("cp1250")
    assert "źródło wieści" in decode(body)


def test_declaration_controls_and_junk_before_the_feed_are_dropped() -> None:
    assert decode(b"\n<?xml version='1.0'?>\n<rss>a\x00b\x0bc\tD\x7f</rss>") == "<rss>abc\tD</rss>"
    assert decode(b"Warning: line 3 in a.php\n<?xml version='1.0'?><rss/>") == "<rss/>"
    assert decode(b"<!-- made by hand --><?xml version='1.0'?><rss/>") == "<!-- made by hand --><rss/>"


def test_bytes_that_fit_nothing_become_text_all_the_same() -> None:
    assert decode(bytes(range(256)) * 10)


@pytest.mark.parametrize(
    ("xml", "mended"),
    [
        ("<a>x & y</a>", "<a>x &amp; y</a>"),
        ("<a>&lt;&amp;&#65;&#x41;</a>", "<a>&lt;&amp;&#65;&#65;</a>"),
        ("<a href='?a=1&b=2&copy=3'/>", "<a href='?a=1&amp;b=2&amp;copy=3'/>"),
        ("<a>&eacute;&bogus;</a>", "<a>&#233;&amp;bogus;</a>"),
        ("<a><![CDATA[x & y]]><!-- & --></a>&", "<a><![CDATA[x & y]]><!-- & --></a>&amp;"),
        ("<a>&#150;&#0;&#xFFFE;</a>", "<a>&#8211;</a>"),
        ('<!DOCTYPE r [<!ENTITY own "x">]><a>&own;</a>', '<!DOCTYPE r [<!ENTITY own "x">]><a>&own;</a>'),
        ("<a><![CDATA[<!ENTITY nbsp 'x'>]]>&nbsp;</a>", "<a><![CDATA[<!ENTITY nbsp 'x'>]]>&#160;</a>"),
    ],
)
def test_every_ampersand_gets_a_meaning(xml: str, mended: str) -> None:
    assert mend_ampersands(xml) == mended
