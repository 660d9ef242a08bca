"""Headlines of one item that say the opposite of one another are not edits; those that only share words are."""

from __future__ import annotations

import pytest

from watcher.core.dedup.titles import tokens_of
from watcher.core.stories.opposites import differ

OPPOSED = (
    ("Smith arrested in Dellbrook", "Smith released in Dellbrook"),
    ("Le maire de Dellbrook arrêté", "Le maire de Dellbrook libéré"),
    ("Мэр Деллбрука арестован", "Мэр Деллбрука освобождён"),
    ("Talks on Dellbrook resume", "Talks on Dellbrook collapse"),
    ("Ceasefire in Orlan agreed", "Ceasefire in Orlan broken"),
    ("Court upholds shell export ban", "Court overturns shell export ban"),
    ("Orlan and Veld sign truce", "Orlan breaks truce with Veld"),
    ("Dellbrook bank rescued", "Dellbrook bank insolvent"),
    ("Reactor at Orlan stable", "Reactor at Orlan unstable"),
    ("Tsunami warning issued", "Tsunami warning lifted"),
    ("Strike at Orlan planned", "Strike at Orlan cancelled"),
    ("Mayor of Orlan stays", "Mayor of Orlan quits"),
    ("Orlan joins pact", "Orlan quits pact"),
    ("Warning yellow for Kent", "Warning red for Kent"),
    ("Shares rise in Orlan", "Shares fall in Orlan"),
)
ALIKE = (
    ("Smith arrested in Dellbrook", "Smith detained in Dellbrook"),
    ("Red cross sends trucks to Orlan", "Green light for red cross trucks to Orlan"),
    ("Talks agreed and signed in Orlan", "Talks agreed in Orlan"),
    ("Shells hit bridge at Nikopol", "Shells hit railway bridge at Nikopol"),
    ("Orlan arrests and releases ten", "Orlan arrests ten"),
)


@pytest.mark.parametrize(("one", "two"), OPPOSED)
def test_words_of_opposite_meaning_keep_headlines_apart_either_way_round(one: str, two: str) -> None:
    assert differ(tokens_of(one), tokens_of(two))
    assert differ(tokens_of(two), tokens_of(one))


@pytest.mark.parametrize(("one", "two"), ALIKE)
def test_words_of_one_meaning_and_both_meanings_in_one_headline_do_not(one: str, two: str) -> None:
    assert not differ(tokens_of(one), tokens_of(two))
    assert not differ(tokens_of(two), tokens_of(one))
