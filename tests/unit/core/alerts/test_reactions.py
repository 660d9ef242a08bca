"""Which reactions are acted on, and how often a message is looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from watcher.core.alerts.reactions import Changed, changed, heirs_of, marks_of, other_vote, pause_after
from watcher.core.model.ids import AlertId, ArticleId, MessageId, StoryId
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


def test_whoever_asks_for_the_same_story_is_an_heir_on_any_message_of_it_alone() -> None:
    def told(id_: str, stories: str, *users: str) -> OwnMessage:
        alerts = tuple((AlertId(f"l{one}"), ArticleId(f"a{one}"), StoryId(f"s{one}")) for one in stories)
        given = tuple(Reaction(MessageId(id_), MUTE, one, NOW - timedelta(hours=int(one[1:]))) for one in users)
        return replace(own(), id=MessageId(id_), alerts=alerts, reactions=given)

    mine = told("m1", "1", "U2", "U1", "U5")
    others = [mine, told("m2", "1", "U3", "U2"), told("m3", "2", "U4"), told("m4", "12", "U6"), told("m5", "11", "U7")]
    seen = frozenset({(MUTE, "U5"), (MUTE, "U9"), (USEFUL, "U8")})
    found = heirs_of((MUTE, "U2"), mine, seen, others, NOW)
    assert [one.user for one in found] == ["U9", "U2", "U3", "U5", "U7"]
    assert heirs_of((MUTE, "U2"), mine, frozenset(), [mine], NOW) == []
