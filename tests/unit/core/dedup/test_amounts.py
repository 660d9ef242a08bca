"""One amount has one spelling, and two amounts never the same."""

from __future__ import annotations

import pytest

from watcher.core.dedup.titles import tokens_of


@pytest.mark.parametrize(
    "same",
    [
        ("$5m", "$5 million", "5 million dollars", "USD 5m", "five million dollars", "US$5m", "5m USD", "$5mn", "5 млн долларов"),
        ("€1.5bn", "1.5 billion euros", "EUR 1.5bn", "1.5bn euros", "1.5 млрд евро"),
        ("40%", "40 percent", "40 per cent", "40 Prozent", "40 процентов"),
        ("7 drones", "seven drones"),
        ("2 million shells", "two million shells", "2mn shells", "2 mln shells"),
    ],
)  # fmt: skip
def test_one_amount_in_many_spellings(same: tuple[str, ...]) -> None:
    assert len({tokens_of(text) for text in same}) == 1


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("$5m", "$5bn"),
        ("$5m", "€5m"),
        ("5m of cable", "5 million of cable"),
        ("Hwasong-19", "Hwasong-20"),
        ("at 17:00", "at 18:00"),
        ("version 1.2.3", "version 1.2.4"),
        ("A$5m", "$5m"),
        ("-5 degrees", "5 degrees"),
    ],
)
def test_other_amounts_stay_apart(one: str, two: str) -> None:
    assert tokens_of(one) != tokens_of(two)


@pytest.mark.parametrize(
    ("zeros", "words"),
    [
        (3, "k thousand tausend тыс тысяч тысячи тис"),
        (6, "m mn mln mio million millions millionen millones millón milioni млн миллион миллиона миллионов"),
        (6, "мільйон мільйона мільйонів"),
        (9, "b bn billion mrd mld milliarden milliard milliards miliardi млрд миллиард миллиарда миллиардов"),
        (9, "мільярд мільярдів"),
        (12, "tn trn trillion трлн"),
    ],
)
def test_each_word_of_scale_is_as_many_zeros_as_it_says(zeros: int, words: str) -> None:
    assert {tokens_of(f"5 {word} euros") for word in words.split()} == {tokens_of("5" + "0" * zeros + " euros")}
