from __future__ import annotations

import random
from datetime import timedelta

from watcher.core.feeds.suspicion import LONGEST_PAUSE, after_unclean_end, pause, to_begin
from watcher.core.model.suspicion import CLEAR, Suspicion


def test_what_was_in_hand_is_only_suspected() -> None:
    after = after_unclean_end({"wire": CLEAR, "paper": CLEAR})
    assert all(one.is_suspected and not one.is_set_aside for one in after.values())


def test_the_only_suspect_at_two_ends_in_a_row_is_set_aside() -> None:
    seen = [CLEAR]
    for _ in range(3):
        seen.append(after_unclean_end({"bad": seen[-1], "new": CLEAR})["bad"])
    assert [one.is_set_aside for one in seen] == [False, False, False, True]


def test_what_was_not_suspected_is_never_set_aside_beside_a_suspect() -> None:
    after = after_unclean_end({"bad": Suspicion(2, 1), "good": CLEAR})
    assert (after["bad"].is_set_aside, after["good"]) == (True, Suspicion(1, 0))


def test_an_end_with_two_suspects_in_hand_blames_neither() -> None:
    after = after_unclean_end({"one": Suspicion(2, 1), "two": Suspicion(1, 0)})
    assert after == {"one": Suspicion(3, 0), "two": Suspicion(2, 0)}


def test_suspects_begin_one_at_a_time_beside_what_is_not_suspected() -> None:
    due = [("a", Suspicion(2, 1)), ("b", CLEAR), ("c", Suspicion(1, 0)), ("d", CLEAR)]
    assert to_begin(due, has_suspect_in_hand=False) == ["b", "c", "d"]
    assert to_begin(due, has_suspect_in_hand=True) == ["b", "d"]
    assert to_begin([], has_suspect_in_hand=False) == []


def test_what_is_set_aside_is_tried_again_within_the_hour() -> None:
    pauses = [pause(Suspicion(ends, ends - 1)) for ends in range(3, 400)]
    assert pauses[0] == timedelta(minutes=5)
    assert pauses == sorted(pauses)
    assert max(pauses) == LONGEST_PAUSE == timedelta(hours=1)


def test_the_one_that_ends_the_process_is_found_among_many() -> None:
    """Each start takes all that may begin; with the bad one in hand the process ends, the others come to their end
    when it is not.
    """
    for seed in range(50):
        rng = random.Random(seed)
        thought = dict.fromkeys("abcdefgh", CLEAR)
        bad = rng.choice("abcdefgh")
        ends = 0
        while not thought[bad].is_set_aside:
            names = list(thought)
            rng.shuffle(names)
            begun = to_begin([(name, thought[name]) for name in names], has_suspect_in_hand=False)
            if bad in begun:
                thought.update(after_unclean_end({name: thought[name] for name in begun}))
                ends += 1
            else:
                thought.update(dict.fromkeys(begun, CLEAR))
        assert ends == 3
        assert not any(thought[name].is_set_aside for name in thought if name != bad)
