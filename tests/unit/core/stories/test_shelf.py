"""Stories kept in memory: which are found under a word, whatever came, went and was merged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.core.model.ids import StoryId
from watcher.core.model.story import Story, StoryChanges
from watcher.core.stories.link import ALIVE
from watcher.core.stories.shelf import Shelf

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
BLAST = ("en", "blast")
_steps = st.lists(
    st.tuples(st.integers(0, 9), st.integers(-30, 200), st.none() | st.integers(0, 9)), min_size=1, max_size=40
)


def story(number: int, at: datetime) -> Story:
    return Story(StoryId(f"s{number}"), "", at, at, at, {"en": 1}, {})


@given(_steps, st.integers(1, 4))
def test_the_newest_stories_of_a_word_are_found_also_when_the_clock_goes_back(
    steps: list[tuple[int, int, int | None]], most: int
) -> None:
    shelf, filed, now, latest = Shelf(), dict[str, datetime](), NOON, NOON
    for number, hours, gone in steps:
        now += timedelta(hours=hours)
        latest = max(latest, now)
        merged = {StoryId(f"s{gone}"): StoryId(f"s{number}")} if gone not in {None, number} else {}
        for one in merged:
            filed.pop(one, None)
        shelf.write(StoryChanges((story(number, now),), {StoryId(f"s{number}"): (BLAST,)}, {}, {}, merged), now)
        filed[f"s{number}"] = now
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("watcher.core.stories.shelf.MOST_FILED", most)
        found = shelf._filed_under(BLAST, latest)
    alive = [(at, id_) for id_, at in filed.items() if at > latest - ALIVE]
    assert found == [id_ for _, id_ in sorted(alive, key=lambda one: (-one[0].timestamp(), one[1]))[:most]]


def test_a_story_that_became_another_one_leaves_no_word_behind_and_the_others_are_not_looked_through() -> None:
    shelf = Shelf()
    for number in range(3):
        words = tuple(("en", f"word{number}{n}") for n in range(4))
        id_ = StoryId(f"s{number}")
        shelf.write(StoryChanges((story(number, NOON),), {id_: words}, {}, {}, {}), NOON)
    assert {asked[1][:5] for asked in shelf._words_of[StoryId("s1")]} == {"word1"}
    shelf.write(StoryChanges((), {}, {}, {}, {StoryId("s1"): StoryId("s0")}), NOON)
    assert StoryId("s1") not in shelf._words_of
    assert not any(StoryId("s1") in ids for ids in shelf.filed.values())
    assert shelf.now(StoryId("s1")) == StoryId("s0")
