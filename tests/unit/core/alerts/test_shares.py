"""How a long summary is divided."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.core.alerts.shares import MOST_MESSAGES, divide, divide_refused
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, MessageId

WHOLE, DESK = MessageId("m1"), ChannelName("desk")


def alerts(count: int) -> list[AlertId]:
    return [AlertId(f"l{number}") for number in range(count)]


@given(count=st.integers(1, 700), most=st.integers(1, 60))
def test_every_alert_is_listed_once_or_held_in_order(count: int, most: int) -> None:
    shares = divide(WHOLE, DESK, "", alerts(count), most)
    listed = [alert for share in shares.messages for alert in share.alerts]
    listed += shares.rest.alerts if shares.rest else ()
    assert listed == alerts(count)
    assert 1 <= len(shares.messages) <= MOST_MESSAGES
    assert all(len(share.alerts) <= most for share in shares.messages)
    assert len({share.id for share in shares.messages}) == len(shares.messages)
    assert shares.messages[0].id == WHOLE


def test_the_last_message_counts_what_is_held_and_names_the_command() -> None:
    shares = divide(WHOLE, DESK, "CATCH-UP", alerts(160), 15)
    assert shares.rest is not None
    assert len(shares.rest.alerts) == 10
    assert shares.messages[-1].title == (
        f"10 more are held, send them with: watcher deliveries retry {shares.rest.id}; CATCH-UP, part 10 of 10"
    )
    assert shares.messages[0].title == "CATCH-UP, part 1 of 10"


def test_what_fits_keeps_its_title() -> None:
    assert [share.title for share in divide(WHOLE, DESK, "CATCH-UP", alerts(3), 15).messages] == ["CATCH-UP"]


@pytest.mark.parametrize("count", [1, 2, 10, 11, 60, 101, 1000])
def test_a_refused_message_comes_down_to_its_articles_and_loses_none(count: int) -> None:
    listed = [(AlertId(f"l{number}{rule}"), ArticleId(f"a{number}")) for number in range(count) for rule in "xy"]
    left, alone = [(WHOLE, listed)], []
    rounds = 0
    while left:
        rounds += 1
        shares = [share for whole, pairs in left for share in divide_refused(whole, DESK, "", pairs)]
        assert all(len(divide_refused(whole, DESK, "", pairs)) <= MOST_MESSAGES for whole, pairs in left)
        of = dict(listed)
        parts = [(share.id, [(alert, of[alert]) for alert in share.alerts]) for share in shares]
        alone += [part for part in parts if len({article for _, article in part[1]}) == 1]
        left = [part for part in parts if len({article for _, article in part[1]}) > 1]
    assert rounds <= 3
    assert [len(pairs) for _, pairs in alone] == [2] * count
    assert len({id_ for id_, _ in alone}) == count


def test_the_parts_of_a_refused_catch_up_say_which_they_are() -> None:
    listed = [(AlertId(f"l{number}"), ArticleId(f"a{number}")) for number in range(20)]
    shares = divide_refused(WHOLE, DESK, "CATCH-UP", listed)
    assert [share.title for share in shares] == [f"CATCH-UP, part {number} of 10" for number in range(1, 11)]
    assert shares[0].id == WHOLE
