"""The language of an article."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watcher.core.articles.language import declared, language_of, script_of


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en-US", "en"),
        ("EN_us", "en"),
        (" de ", "de"),
        ("eng", "en"),
        ("zh-Hant-TW", "zh"),
        ("und", ""),
        ("", ""),
        ("english", ""),
        ("x" * 5000, ""),
    ],
)
def test_declared_tag_gives_its_primary_subtag(tag: str, code: str) -> None:
    assert declared(tag) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("아침 열차가 도착했다", "ko"),
        ("朝の列車が着いた", "ja"),
        ("早上的火车到了", "zh"),
        ("Утренний поезд прибыл на станцию", "ru"),
        ("Вранці потяг прибув на станцію", "uk"),
        ("Ранішні цягнік прыбыў на станцыю", "be"),
        ("Сутрешният влак пристигна на гарата, въпреки дъжда", "bg"),
        ("Το πρωινό τρένο έφτασε", "el"),
        ("רכבת הבוקר הגיעה", "he"),
        ("وصل قطار الصباح", "ar"),
        ("قطار صبح به پایتخت رسید", "fa"),
        ("صبح کی ٹرین پہنچ گئی ہے", "ur"),
        ("د سهار اورګاډی راورسېد، څو کسان ټپيان شول", "ps"),
        ("รถไฟเช้ามาถึงแล้ว", "th"),
        ("The morning train came in", ""),
        ("12 + 3", ""),
    ],
)
def test_letters_tell_where_nothing_is_declared(text: str, code: str) -> None:
    assert language_of(text) == (code, False)


def test_first_declared_language_wins_if_it_is_written_so() -> None:
    assert language_of("The morning train", "", "en-GB", "de") == ("en", True)
    assert language_of("아침 열차가 도착했다", "en-US") == ("ko", False)
    assert language_of("Утренний поезд прибыл", "en-US", "bg") == ("bg", True)
    assert language_of("Samsung 갤럭시", "ko") == ("ko", True)
    assert language_of("朝鮮日報", "ja") == ("ja", True)


@given(st.text(alphabet=st.characters(max_codepoint=0x17F), max_size=30))
@example("abc")
@example("a-b c 1 d")
@example("12 345\n")
def test_the_script_of_plain_text_is_what_counting_its_letters_says(text: str) -> None:

    letters = len(re.findall("[A-Za-z\u00c0-\u024f]", text))
    assert script_of(text) == ("latin" if letters >= 4 else "")
