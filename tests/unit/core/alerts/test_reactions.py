"""Which reactions are acted on, and how often a message is looked at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from watcher.core.alerts.reactions import Changed, changed, marks_of, other_vote, pause_after
from watcher.core.model.ids import MessageId
from watcher.core.model.reaction import Meaning, OwnMessage, Reaction

NOW = datetime(2026, 11, 27, tzinfo=UTC)
MUTE, USEFUL, NOT = Meaning.MUTE, Meaning.USEFUL, Meaning.NOT_USEFUL


def own(*marks: tuple[Meaning, str]) -> OwnMessage:
    id_ = MessageId("m1")
    return OwnMessage(id_, "C1:1.1", NOW, (), tuple(Reaction(id_, *mark, NOW) for mark in marks))


def test_what_is_known_is_not_acted_on_again_and_what_is_gone_is_undone() -> None:
    seen = frozenset({(USEFUL, "U1"), (MUTE, "U2")})
    assert changed(own((USEFUL, "U1"), (NOT, "U3")), seen) == Changed(new=((MUTE, "U2"),), gone=((NOT, "U3"),))
    assert changed(own(), frozenset()) == Changed()


def test_a_crowd_of_reactions_is_acted_on_up_to_a_limit_and_no_more_come_when_looked_at_again() -> None:
    seen = frozenset((USEFUL, f"U{number:03}") for number in range(100))
    new = changed(own(), seen).new
    assert len(new) == 25
    assert changed(own(*new), seen) == Changed()


@pytest.mark.parametrize(
    ("name", "meaning"), [("+1", USEFUL), ("+1::skin-tone-5", USEFUL), ("tada", None), ("", None), ("::", None)]
)
def test_the_tone_of_a_skin_says_nothing(name: str, meaning: Meaning | None) -> None:
    expected = frozenset() if meaning is None else frozenset({(meaning, "U1")})
    assert marks_of({"+1": USEFUL, "mute": MUTE}, [(name, ["U1"])]) == expected


def test_of_two_votes_the_other_one_stands() -> None:
    assert other_vote((USEFUL, "U1"), frozenset({(NOT, "U1")})) is NOT
    assert other_vote((USEFUL, "U1"), frozenset({(NOT, "U2"), (MUTE, "U1")})) is None
    assert other_vote((MUTE, "U1"), frozenset({(NOT, "U1")})) is None


def test_older_messages_are_looked_at_less_often() -> None:
    pauses = [pause_after(timedelta(hours=hours)) for hours in (0, 0.9, 1, 7, 30, 71)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (timedelta(seconds=30), timedelta(hours=1))
