"""Names by their sound: one name in several scripts has one key, and what is short or common has none."""

from __future__ import annotations

import pytest

from watcher.core.stories.names import designators_in, names_in, sound_keys


@pytest.mark.parametrize(
    "spellings",
    [
        ("Dellbrook", "Деллбрук", "델브룩", "デルブルック"),
        ("Zelensky", "Зеленский", "젤렌스키", "ゼレンスキー"),
        ("Kursk", "Курск", "쿠르스크", "クルスク"),
        ("Vladivostok", "Владивосток", "블라디보스토크"),
        ("Lavrov", "Лавров", "라브로프", "Lawrow"),
    ],
)
def test_one_name_in_several_scripts_has_one_key(spellings: tuple[str, ...]) -> None:
    assert frozenset.intersection(*(sound_keys(spelling) for spelling in spellings))


@pytest.mark.parametrize(
    ("one", "two"), [("Kursk", "Kherson"), ("Dellbrook", "Odesa"), ("Lavrov", "Shoigu"), ("Kyiv", "Kharkiv")]
)
def test_other_names_have_other_keys(one: str, two: str) -> None:
    assert not sound_keys(one) & sound_keys(two)


def test_a_name_of_few_consonants_has_no_key() -> None:
    assert [sound_keys(word) for word in ("Oya", "Kyiv", "평양", "")] == [frozenset()] * 4


def test_particles_behind_a_hangul_name_do_not_hide_it() -> None:
    assert sound_keys("델브룩") <= names_in("델브룩에서 폭발, 14명 부상")


def test_words_without_a_capital_are_no_names_in_latin_letters() -> None:
    assert names_in("protesters marched through streets") == frozenset()


def test_designators_are_found_in_every_script() -> None:
    assert designators_in("North fires Hwasong-18") & designators_in("북한, 화성-18 발사")


def test_a_year_and_a_plain_number_are_no_designators() -> None:
    assert designators_in("Tokyo 2020 opens; in June 14 were hurt") == frozenset()


@pytest.mark.parametrize("particles", ["", "은", "에서"])
def test_a_hangul_name_is_found_with_none_one_or_two_letters_behind_it(particles: str) -> None:
    assert sound_keys("델브룩") <= names_in(f"델브룩{particles} 폭발")


def test_the_first_and_last_syllable_of_hangul_are_read() -> None:
    assert sound_keys("가드가드가드") == {"KTKTKT"}
    assert sound_keys("힣나힣나힣나") == {"TNTNTN"}


@pytest.mark.parametrize("text", ["t-72", "Т-72", "T72", "Unit T–72 left"])
def test_a_designator_may_have_a_hyphen_and_needs_a_capital_in_latin_letters(text: str) -> None:
    assert bool(designators_in(text)) == (text != "t-72")
