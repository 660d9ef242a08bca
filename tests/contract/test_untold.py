"""What an article that was only noted so far says later: a new fact is told, other words are not, on every store."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.press import Press, item
from tests.fakes.station import config
from watcher.ports import Store

TEXT = config(rules="\n  - {name: Shells, all: [Dellbrook]}\n")
LINK = "https://wire.example/news/dellbrook-blast"
NAMES = ("alpha", "beta", "gamma", "delta", "omega", "sigma")
FIRST = "Dellbrook blast kills 3"
NEW = {
    "a figure": "Dellbrook blast kills 9",
    "a toll": "Dellbrook blast toll rises to 12 as fire spreads",
    "a denial": "Police deny Dellbrook blast killed 3",
    "another place": "Dellbrook blast kills 3 in Harrow",
    "a second one": "Second Dellbrook blast kills 3",
}
SAME = ["Dellbrook blast kills three", "Dellbrook blast: 3 killed", "Blast in Dellbrook kills 3 people"]


def listed(title: str, *, guid: str = "", days: float = 0, press: Press) -> list[str]:
    """Return a document in which an item stands under a title, among others; its guids begin as told."""
    at = press.clock.now() - timedelta(days=days) if days else None
    others = [
        item(f"Gardens of {one} open", guid=f"{guid}{one}", link=f"https://wire.example/g/{one}-x") for one in NAMES
    ]
    return [item(title, guid=f"{guid}d", link=LINK, at=at), *others]


@pytest.mark.parametrize("what", ["a figure", "a toll", "a denial", "a second one"])
async def test_a_new_fact_in_what_a_first_poll_listed_is_told_once(tmp_path: Path, store: Store, what: str) -> None:
    press = await Press.open(tmp_path, store, TEXT, begin=False)
    assert await press.go(*listed(FIRST, press=press)) == []
    for title in SAME:
        assert await press.go(*listed(title, press=press), minutes=30) == []
    assert await press.go(*listed(NEW[what], press=press), minutes=30) == [NEW[what]]
    assert await press.go(*listed(NEW[what], press=press), minutes=30) == []
    assert await press.go(*listed(FIRST, press=press), minutes=30) == []
    assert await press.go(*listed(NEW[what], press=press), minutes=30) == []


async def test_a_new_fact_in_an_article_that_was_too_old_is_told_with_the_reason(tmp_path: Path, store: Store) -> None:
    press = await Press.open(tmp_path, store, TEXT)
    at = press.clock.now() - timedelta(days=20)
    others = listed(FIRST, press=press)[1:]
    assert await press.go(item(FIRST, guid="d", link=LINK, at=at), *others) == []
    assert await press.go(item(SAME[1], guid="d", link=LINK, at=at), *others, hours=1) == []
    press.clock.advance(hours=1)
    [alert] = await press.alerts_of(item(NEW["a figure"], guid="d", link=LINK, at=at), *others)
    assert "only noted when it was first listed" in alert.note
    assert "3 → 9" in alert.note


@pytest.mark.parametrize("what", ["a figure", "a toll", "a denial"])
async def test_a_fact_that_changes_with_the_identity_of_the_document_is_told(
    tmp_path: Path, store: Store, what: str
) -> None:
    press = await Press.open(tmp_path, store, TEXT)
    assert await press.go(*listed(FIRST, guid="old", press=press)) == [FIRST]
    assert await press.go(*listed(SAME[1], guid="new", press=press), hours=1) == []
    assert await press.go(*listed(NEW[what], guid="newer", press=press), hours=1) == [NEW[what]]
    assert await press.go(*listed(NEW[what], guid="newest", press=press), hours=1) == []
