"""Words of many scripts, and where they stand in the text as given."""

from __future__ import annotations

import pytest

from watcher.core.articles.korean import stems
from watcher.core.articles.letters import forms, unmix
from watcher.core.articles.sentences import paragraphs, sentences
from watcher.core.articles.tokens import mask_addresses, tokenise
from watcher.core.articles.words import folded_words


def keys(text: str) -> list[str]:
    return [token.key for token in tokenise(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("U.S. Army, J.K. Rowling", ["us", "army", "jk", "rowling"]),
        ("U.S.Army", ["us", "army"]),
        ("snake_case", ["snake", "case"]),
        ("O’Brien l'Iran п’ять", ["o", "brien", "l", "iran", "п", "ять"]),
        ("T-72 T72 5G", ["t", "72", "t72", "5g"]),
        ("ＮＡＴＯ ﬁre STRASSE ß", ["nato", "fire", "strasse", "ss"]),
        ("İstanbul", ["istanbul"]),
        ("Королёв", ["королев"]),
        ("Росси́я", ["россия"]),
        ("ΡΩΣΊΑΣ", ["ρωσιασ"]),
        ("kΩ", ["k", "ω"]),
        ("مُحَمَّد كتاب", ["محمد", "کتاب"]),
        ("می‌شود", ["می", "شود"]),
        ("हिंदी தமிழ்", ["हिंदी", "தமிழ்"]),
        ("北朝鮮がミサイルを", ["北", "朝", "鮮", "が", "ミサイル", "を"]),
        ("美国ICE逮捕", ["美", "国", "ice", "逮", "捕"]),
        ("북한이 5월", ["북한이", "5", "월"]),
        ("นำ", ["นํ", "า"]),
        ("ﷺ", ["صلی", "الله", "علیه", "وسلم"]),
        ("❤️ 1️⃣", ["1"]),
        ("VPNом", ["vpn", "ом"]),
        ("", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert keys(text) == expected


def test_spans_are_code_points_of_the_original() -> None:
    text = "A ﬁreﬁght in İSTANBUL, \U0001f680 ガザ"

    assert [text[token.start : token.end] for token in tokenise(text)] == ["A", "ﬁreﬁght", "in", "İSTANBUL", "ガザ"]


def test_each_script_of_a_mixed_word_stands_where_it_stands() -> None:
    text = "Die neue NATOвский-Basis"

    assert [text[token.start : token.end] for token in tokenise(text)] == ["Die", "neue", "NATO", "вский", "Basis"]


def test_addresses_in_prose_are_no_words() -> None:
    text = "see https://bbc.example/UK, www.iran.example. Mail iran@news.example now"

    assert keys(text) == ["see", "mail", "now"]
    assert mask_addresses(text).endswith(" now")
    assert [token.key for token in tokenise("https://bbc.example/UK", prose=False)] == ["https", "bbc", "example", "uk"]


@pytest.mark.parametrize("start", ["www", "WWW", "Www", "wWw", "wwW", "WwW"])
def test_an_address_is_masked_in_any_case_whatever_stands_beside_it(start: str) -> None:
    assert keys(f"{start}.iran.example now") == ["now"]
    assert keys(f"{start}.iran.example now http://bbc.example") == ["now"]


def test_no_noun_ends_in_a_lone_consonant() -> None:
    assert stems("ㅋㅋ들이") == ("ㅋㅋ들",)
    assert stems("ㅋㅋ들") == ()
    assert stems("북한들이") == ("북한들", "북한")


def test_a_word_as_written_keeps_its_cedilla_for_dictionaries() -> None:
    (başkan,) = forms("başkan")

    assert (başkan.cased, başkan.key, başkan.folded) == ("başkan", "bașkan", "baskan")


@pytest.mark.parametrize(
    ("mixed", "expected"),
    [("Рutin", "Putin"), ("Mосква", "Москва"), ("Пyтин", "Путин"), ("NATOу", None), ("VPNом", None), ("iPhoneы", None)],
)
def test_look_alikes_are_brought_to_one_script_or_parted(mixed: str, expected: str | None) -> None:
    assert unmix(mixed) == expected


@pytest.mark.parametrize(
    ("word", "noun"),
    [
        ("북한이", "북한"),
        ("북한에서는", "북한"),
        ("러시아와", "러시아"),
        ("미사일로", "미사일"),
        ("서울로부터", "서울"),
        ("군인들이", "군인"),
        ("K팝들", "K팝"),
        ("정부마다", "정부"),
        ("정부입니다", "정부"),
    ],
)
def test_particles_are_known(word: str, noun: str) -> None:
    assert noun in stems(word)


@pytest.mark.parametrize(
    ("word", "noun"),
    [
        ("서울시의회가", "서울"),
        ("북한군", "북한"),
        ("러시아이", "러시아"),
        ("북한가", "북한"),
        ("집으", "집"),
        ("팝K들", "팝K"),
    ],
)
def test_other_endings_are_no_particles(word: str, noun: str) -> None:
    assert noun not in stems(word)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dr. Lee of the U.S. Army spoke. He left!", ["Dr. Lee of the U.S. Army spoke.", " He left!"]),
        ("John F. Kennedy came. E.g. so", ["John F. Kennedy came.", " E.g. so"]),
        ("俄罗斯表示。导弹发射！", ["俄罗斯表示。", "导弹发射！"]),
        ("One\nTwo. three", ["One", "Two. three"]),
        ("В 2024 г. Россия ждала. Она", ["В 2024 г. Россия ждала.", " Она"]),
        ("Price 3.5 percent", ["Price 3.5 percent"]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == expected


def test_blank_paragraphs_are_left_out() -> None:
    text = "One.\n\n  \nTwo."

    assert [text[start:end] for start, end in paragraphs(text)] == ["One.", "Two."]


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("🇺🇦 hits", ["🇺🇦"]),
        ("🇰🇵🇷🇺 pact", ["🇰🇵", "🇷🇺"]),
        ("Удар🇺🇦", ["🇺🇦"]),
        ("🇺 alone", []),
        ("x🇺🇦🇰 odd", ["🇺🇦"]),
    ],
)
def test_the_flag_of_a_country_is_one_word(text: str, flags: list[str]) -> None:
    assert [token.cased for token in tokenise(text) if token.cased[0] >= "\U0001f1e6"] == flags
    assert all(text[token.start : token.end] == token.cased for token in tokenise(text))
    assert folded_words(text) == [token.folded for token in tokenise(text)]
