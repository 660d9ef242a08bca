"""Quick ways through common text equal the full rules beside them, for any text."""

from __future__ import annotations

import unicodedata
from typing import Final

from hypothesis import example, given
from hypothesis import strategies as st

from watcher.core.articles import language, text
from watcher.core.dedup import amounts, titles, wire

_PIECES: Final = st.one_of(
    st.text(max_size=6),
    st.text(st.characters(max_codepoint=127), max_size=6),
    st.text(st.sampled_from("’‘ʼ`´“”„«»− \t\r\n\u00a0\u200b\u00ad\u2028\x00\x1c\x85\ud800…"), max_size=4),
    st.sampled_from(
        ("5m", "$", "us$", " usd", "1,000", "1.5", "12.30", "-3%", "40 per cent", "percent", "19a", "it's", "euro", "5 k",
         "-bn", "3 million", "won 5", "руб", " процент", "...", "]", "[…]", "The post x appeared first on y", "Read more",
         "Continue reading", "READ THE FULL STORY ", "the pоst")
    ),
)  # fmt: skip
_ANY: Final = st.lists(_PIECES, max_size=7).map("".join)


@given(_ANY)
@example("a\x1db")
def test_single_blanks(given_text: str) -> None:
    assert text._collapse(given_text) == text.collapse_any(given_text)
    bare = given_text.replace("<", "").replace("&", "").replace("\n", "")
    assert text.html_to_text(bare) == text.any_html_to_text(bare)


@given(_ANY)
def test_one_spelling_of_signs(given_text: str) -> None:
    alike = unicodedata.normalize("NFKC", given_text).translate(
        {ord(sign): plain for sign, plain in titles._ALIKE.items()}
    )
    assert titles.fold(given_text, case=False) == titles._UNSEEN.sub("", alike)
    assert titles.fold(given_text) == titles._UNSEEN.sub("", alike).casefold()


@given(_ANY)
@example("5 m")
@example("$ 5")
@example("1.2.3 usd")
def test_amounts_and_tokens(given_text: str) -> None:
    folded = titles.fold(given_text)
    if not titles._MAYBE_THOUSANDS.search(folded):
        assert titles._THOUSANDS.sub("", folded) == folded
    if not any(part in folded for part in amounts._PERCENT_PARTS):
        assert amounts._PERCENT.sub("%", folded) == folded
    if not amounts.may_hold_amount(folded):
        assert amounts._AMOUNT.sub(amounts._spelt, folded) == folded
    ascii_text = "".join(filter(str.isascii, folded))
    assert titles._ASCII_TOKEN.findall(ascii_text) == titles._TOKEN.findall(ascii_text)


@given(_ANY)
def test_furniture_of_feeds(given_text: str) -> None:
    assert wire.strip_furniture(given_text) == wire.furniture_off(given_text)


@given(st.characters())
def test_a_letter_is_of_one_script(letter: str) -> None:
    found = [name for name, pattern in language._SCRIPTS if pattern.search(letter)]
    assert found == list(filter(None, [language._script_of(letter)]))
