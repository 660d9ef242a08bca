"""Tokens: the quick way for ASCII equals the full rules, and spans point into the text as given."""

from __future__ import annotations

import itertools
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.core.articles.letters import fold, forms, key_of
from watcher.core.articles.plain_words import plain_words
from watcher.core.articles.tokens import SIGNS, mask_addresses, reference_tokens, tokenise
from watcher.core.articles.words import folded_words, words_of

_ASCII_PIECES = st.one_of(
    st.text(st.characters(min_codepoint=0, max_codepoint=127), max_size=12),
    st.sampled_from(
        ("U.S.", "U.S", "e.g.", "a.b.c", "T-72", "www.", "http://x.y/z.", "a@b.co", ".", " ", "C++", "_x_", "x.U.S.A")
    ),
)
_ASCII = st.lists(_ASCII_PIECES, max_size=8).map("".join)
# What the quick ways take as it is, and what they must leave to the full rules beside it.
_PLAIN = st.text(
    st.one_of(
        st.sampled_from(SIGNS + "。，、！？：；（）「」・ー.-'_ \0" + "aZ09"),
        st.characters(min_codepoint=0xC0, max_codepoint=0x24F),
        st.characters(min_codepoint=0x400, max_codepoint=0x4FF),
        st.characters(min_codepoint=0x3041, max_codepoint=0x30FF),
        st.sampled_from("朝鲜军队가힣북한이"),
    ),
    max_size=12,
)
_ENGLISH = st.lists(st.one_of(_ASCII_PIECES, st.text(st.sampled_from(SIGNS), max_size=2)), max_size=8).map("".join)
_ANY = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.text(st.sampled_from("аbеcрüİıßﬁ북한이朝鲜ァｱﾞガ゙กำําֿ́עًـ٣अिं\u200b\u200c\u00ad\u200d.’-'&"), max_size=10),
    ),
    max_size=5,
).map("".join)


@settings(max_examples=500)
@given(st.one_of(_ASCII, _ENGLISH))
def test_the_quick_way_for_ascii_equals_the_full_rules(text: str) -> None:
    assert tokenise(text, prose=False) == tuple(reference_tokens(text))
    assert tokenise(text) == tuple(reference_tokens(mask_addresses(text)))


@settings(max_examples=500)
@given(st.one_of(_ASCII, _ENGLISH, _PLAIN, _ANY))
def test_words_are_the_folded_forms_of_the_tokens(text: str) -> None:
    assert folded_words(text) == [token.folded for token in tokenise(text)]
    assert folded_words(text, prose=False) == [token.folded for token in reference_tokens(text)]


@settings(max_examples=500)
@given(st.one_of(_ASCII, _ENGLISH, _PLAIN, _ANY))
def test_words_stand_where_their_tokens_do(text: str) -> None:
    words = words_of(text)
    assert [words.span(index) for index in range(len(words.words))] == [(t.start, t.end) for t in tokenise(text)]


@settings(max_examples=500)
@given(st.lists(st.one_of(_ANY, st.sampled_from("\u200b\u200c\u00a0\u3000\u0085\x1c ")), max_size=8).map("".join))
def test_cutting_between_blanks_equals_the_full_rules(text: str) -> None:
    assert tokenise(text, prose=False) == tuple(reference_tokens(text))


@settings(max_examples=500)
@given(_PLAIN)
def test_plain_words_are_those_of_the_full_rules(text: str) -> None:
    assert plain_words(text) in {None, tuple(token.folded for token in reference_tokens(text))}


def test_plain_words_know_what_most_news_is_written_in() -> None:
    assert plain_words("Войска") == ("войска",)
    assert plain_words("naïve") == ("naive",)
    assert plain_words("朝鲜军队，3月") == ("朝", "鲜", "军", "队", "3", "月")
    assert plain_words("미사일을") == ("미사일을",)
    assert plain_words("т.д.") is plain_words("Mосква") is plain_words("x" * 600 + "é") is None


@settings(max_examples=500)
@given(_ANY)
def test_tokens_are_in_order_and_never_empty(text: str) -> None:
    tokens = tokenise(text)
    for token in tokens:
        assert 0 <= token.start < token.end <= len(text)
        assert token.key
        assert token.folded
    for left, right in itertools.pairwise(tokens):
        assert left.end <= right.start or (left.start, left.end) == (right.start, right.end)


@given(_ANY)
def test_masking_keeps_every_position(text: str) -> None:
    assert len(mask_addresses(text)) == len(text)


@settings(max_examples=300)
@given(_ANY)
def test_composed_and_decomposed_text_have_the_same_words(text: str) -> None:
    composed, decomposed = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    assert [token.key for token in tokenise(composed)] == [token.key for token in tokenise(decomposed)]


@given(st.text(max_size=6))
def test_forms_are_final(word: str) -> None:
    for form in forms(word):
        assert fold(form.folded) == form.folded
        assert key_of(form.key) == form.key
