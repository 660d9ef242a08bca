"""What one wording has that another lacks: put in, cut, or one thing for another."""

from __future__ import annotations

import pytest

from watcher.core.dedup.differences import compare, same_direction
from watcher.core.dedup.titles import tokens_of


def _clash(one: str, two: str) -> str:
    return compare(tokens_of(one), tokens_of(two)).clash


@pytest.mark.parametrize(
    ("one", "two", "clash"),
    [
        ("strike on Kharkiv killed two", "strike on Odesa killed two", "kharkiv | odesa"),
        ("Kim Jong Un spoke on Monday", "Kim Yo Jong spoke on Monday", "un | yo"),
        ("the reports were true and clear", "the reports were false and clear", "true | false"),
        ("that Russia attacked Velland on Monday", "that Velland attacked Russia on Monday", "attacked velland | velland attacked"),
        ("officials said that Russia attacked Velland", "officials said that Velland attacked Russia", "attacked velland | velland attacked"),
        ("北朝鮮がミサイルを発射", "北朝鮮が衛星を発射", "ミサイル | 衛 星"),
        ("우크라이나 하르키우의 아파트", "우크라이나 오데사의 아파트", "하르키우의 | 오데사의"),
    ],
)  # fmt: skip
def test_words_that_stand_for_one_another_clash(one: str, two: str, clash: str) -> None:
    assert _clash(one, two).replace(" ", "") == clash.replace(" ", "")
    assert _clash(two, one)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("North Korea has sent soldiers", "North Korea has reportedly sent soldiers"),
        ("a crisis that began when auditors", "a crisis that began when auditors found holes in Odesa"),
        ("a step that the opposition had fought for week", "a step that the opposition had fought for weeks and more"),
        ("the army said on Monday", "an army says on Monday"),
        ("cease-fire in the port", "ceasefire in port"),
    ],
)
def test_what_only_one_side_has_does_not_clash(one: str, two: str) -> None:
    assert _clash(one, two) == _clash(two, one) == ""


@pytest.mark.parametrize(
    ("one", "two", "clash"),
    [
        ("a crisis that may deep", "a crisis that may deepening over Odesa", ""),
        ("the minister spoke of war", "the minister spoke of warlords in Odesa", "war | warlords in odesa"),
    ],
)
def test_only_a_word_of_four_letters_and_more_can_be_the_beginning_of_a_cut_one(one: str, two: str, clash: str) -> None:
    assert _clash(one, two) == clash


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("trains from Velland to Karo", "trains Velland to Karo", True),
        ("trains Velland to Karo", "trains from Velland to Karo", True),
        ("trains from Velland to Karo", "trains to Velland from Karo", False),
    ],
)
def test_headline_style_may_leave_out_a_word_of_direction_on_either_side(one: str, two: str, same: bool) -> None:
    assert same_direction(tokens_of(one), tokens_of(two)) is same
