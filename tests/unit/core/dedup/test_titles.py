"""A title as it is compared: without the names and brackets that feeds put around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.core.dedup import titles
from watcher.core.dedup.titles import content_of, read_title, tokens_of

GOOGLE = "https://news.google.com/rss/articles/abc"
WORDS = ("ferry", "sinks", "off", "northern", "coast")


@pytest.mark.parametrize(
    ("title", "url", "tokens", "suffix"),
    [
        ("Ferry sinks off northern coast", "", WORDS, ""),
        ("Ferry sinks off northern coast - The Nord Post", "", WORDS, "the nord post"),
        ("Ferry sinks off northern coast - The Nord Post", GOOGLE, WORDS, ""),
        ("Ferry sinks off northern coast - Nord Post", "https://nordpost.example/1", WORDS, ""),
    ],
)
def test_a_name_behind_the_dash_is_no_word_of_the_title(
    title: str, url: str, tokens: tuple[str, ...], suffix: str
) -> None:
    read = read_title(title, url=url)
    assert (read.tokens, read.suffix) == (tokens, suffix)


def test_an_aggregator_adds_one_name_and_what_stands_before_it_is_the_publishers() -> None:
    read = read_title("Ferry sinks off northern coast - Live - The Nord Post", url=GOOGLE)
    assert read.tokens == (*WORDS, "live")


def test_the_name_that_the_feed_goes_by_is_taken_off() -> None:
    assert read_title("Ferry sinks off northern coast - Nord Post", "Nord Post").suffix == ""
    assert read_title("Ferry sinks off northern coast - Nord Post", "", "Nord Post").suffix == ""
    assert read_title("Ferry sinks off northern coast - Nord Post", "Süd Post").suffix == "nord post"


def test_behind_a_short_title_nothing_is_taken_for_a_name() -> None:
    assert "post" in read_title("Talks - Nord Post").tokens


def test_function_words_are_no_content() -> None:
    assert content_of(("the", "ferry", "sinks", "at", "a", "coast")) == ("ferry", "sinks", "coast")


@given(st.text(st.characters(codec="utf-8"), max_size=700))
def test_words_that_are_kept_are_those_of_the_text(text: str) -> None:
    assert tokens_of(text) == titles._cut(text) == tokens_of(text)
