"""The brake: a part that changes by itself makes no news, until it has stood still for long enough."""

from __future__ import annotations

import pytest

from tests.fakes.listing import BEGIN
from watcher.core.identity.brake import (
    DATE,
    Changes,
    changed_at_once,
    is_most,
    notes_of,
    observe,
    stood_still,
)
from watcher.core.model.identity import FeedMemory
from watcher.core.model.ids import ArticleId

IDS = [ArticleId(f"a{number}") for number in range(9)]


def changes(part: str, count: int, listed: int, *, keeps_dates: bool = False) -> Changes:
    return Changes({id_: frozenset({part}) for id_ in IDS[:count]}, listed, keeps_dates)


@pytest.mark.parametrize(
    ("count", "of", "most"), [(4, 6, True), (3, 5, False), (4, 5, True), (6, 9, True), (5, 9, False), (4, 4, False)]
)
def test_most_is_two_thirds_of_at_least_five(count: int, of: int, most: bool) -> None:
    assert is_most(count, of) is most


def test_a_part_that_most_of_a_document_changes_at_once_is_unstable() -> None:
    assert observe(FeedMemory(), changes("guid", 4, 6)).unstable == {"guid": 0}
    assert observe(FeedMemory(), changes("guid", 3, 6)).unstable == {}
    assert observe(FeedMemory(), changes("guid", 4, 4)).unstable == {}


def test_a_part_that_changes_twice_on_one_item_is_unstable() -> None:
    memory = FeedMemory(changed={"guid": (IDS[0],)})
    assert observe(memory, changes("guid", 1, 9)).unstable == {"guid": 0}
    other = FeedMemory(changed={"guid": (IDS[1],)})
    assert observe(other, changes("guid", 1, 9)).unstable == {}
    assert observe(FeedMemory(changed={"host": (IDS[0],)}), changes("guid", 1, 9)).unstable == {}


def test_dates_are_unstable_only_when_one_item_moves_twice() -> None:
    assert observe(FeedMemory(), changes(DATE, 6, 6)).unstable == {}
    assert observe(FeedMemory(changed={DATE: (IDS[0],)}), changes(DATE, 6, 6)).unstable == {DATE: 0}


def test_dates_that_once_stood_still_are_no_clock() -> None:
    memory = observe(FeedMemory(), Changes({}, 3, keeps_dates=True))
    assert memory.keeps_dates
    again = FeedMemory(changed={DATE: (IDS[0],)}, keeps_dates=True)
    assert observe(again, changes(DATE, 6, 6)).unstable == {}


def test_a_date_that_is_unstable_is_not_called_kept() -> None:
    memory = FeedMemory(changed={DATE: (IDS[0],)})
    assert not observe(memory, changes(DATE, 2, 6, keeps_dates=True)).keeps_dates


def test_a_part_is_trusted_again_after_twenty_readings_in_which_it_stood_still() -> None:
    memory = FeedMemory(unstable={"guid": 18})
    memory = observe(memory, Changes({}, 3))
    assert memory.unstable == {"guid": 19}
    assert observe(memory, Changes({}, 3)).unstable == {}
    assert observe(memory, Changes({}, 0)).unstable == {"guid": 19}
    assert observe(memory, changes("guid", 1, 3)).unstable == {"guid": 0}


def test_what_a_document_changes_for_the_first_time_at_once_is_a_move() -> None:
    assert changed_at_once(FeedMemory(), changes("host", 5, 6)) == {"host"}
    assert changed_at_once(FeedMemory(), changes("host", 2, 6)) == set()
    assert changed_at_once(FeedMemory(unstable={"host": 3}), changes("host", 5, 6)) == set()
    assert changed_at_once(FeedMemory(changed={"host": (IDS[4],)}), changes("host", 5, 6)) == set()
    assert changed_at_once(FeedMemory(changed={"host": (IDS[8],)}), changes("host", 5, 6)) == {"host"}


def test_an_answer_that_nothing_changed_counts_as_a_reading_in_which_all_stood_still() -> None:
    memory = FeedMemory(unstable={"guid": 19, "host": 2}, changed={"host": (IDS[0],)}, kept_back=3, began_at=BEGIN)
    after = stood_still(memory)
    assert (after.unstable, after.changed, after.keeps_dates) == ({"host": 3}, {}, True)
    assert after.notes == notes_of({"host"}, 3)
    assert not stood_still(FeedMemory()).keeps_dates
    assert not stood_still(FeedMemory(began_at=BEGIN, unstable={DATE: 1})).keeps_dates


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (DATE, "the dates of its items move at every poll"),
        ("guid", "the guids of its items change from poll to poll"),
        ("host", "the host in its links changes from poll to poll"),
        ("parameter sid", "the parameter 'sid' of its links changes from poll to poll"),
    ],
)
def test_each_unstable_part_is_said_by_its_name(part: str, said: str) -> None:
    [note] = notes_of([part], 0)
    assert note.startswith(said)


def test_what_was_kept_back_is_counted_beside_its_reason() -> None:
    assert notes_of(["guid"], 1)[1] == "1 entry was kept back for that so far"
    assert notes_of(["guid"], 2)[1] == "2 entries were kept back for that so far"
    assert notes_of([], 2) == ()
