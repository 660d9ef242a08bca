"""To whom a message still goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from watcher.core.alerts.recipients import recipients_now
from watcher.core.model.ids import ChannelName, MessageId
from watcher.core.model.message import ChannelHealth, MessageKind
from watcher.core.model.record import MessageClaim

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
DESK = ChannelName("desk")
NEW = MessageClaim(MessageId("m1"), DESK, MessageKind.ALERT, 1, "me", NOW, NOW, ChannelHealth(DESK))
BOB = replace(NEW, recipients=("bob",))


def test_a_channel_without_recipients_has_none() -> None:
    assert recipients_now(NEW, None) is None


def test_a_first_try_goes_to_all_and_a_later_one_to_those_it_is_open_for() -> None:
    assert recipients_now(NEW, ["ann", "bob"]) == ("ann", "bob")
    assert recipients_now(replace(BOB, reached=True), ["ann", "bob"]) == ("bob",)


def test_when_the_only_open_recipient_left_the_configuration_nobody_gets_it_again() -> None:
    assert recipients_now(replace(BOB, reached=True), ["ann"]) == ()
    assert recipients_now(replace(BOB, reached=True), ["ann", "eve"]) == ()
    two = replace(BOB, recipients=("bob", "eve"), reached=True)
    assert recipients_now(two, ["ann", "eve"]) == ("eve",)


def test_what_nobody_has_goes_to_those_of_today() -> None:
    assert recipients_now(BOB, ["eve"]) == ("eve",)
    assert recipients_now(replace(BOB, refused=("ann",)), ["ann", "eve"]) == ("eve",)


def test_who_refused_it_is_asked_once_more_where_nobody_has_it_and_no_other_is_left() -> None:
    assert recipients_now(replace(BOB, refused=("ann",)), ["ann"]) == ("ann",)
    assert recipients_now(replace(BOB, refused=("ann",), reached=True), ["ann"]) == ()


def test_a_dead_letter_of_one_recipient_goes_to_nobody_else() -> None:
    assert recipients_now(replace(BOB, for_recipient="bob"), ["ann"]) == ()
    assert recipients_now(replace(BOB, for_recipient="bob"), ["ann", "bob"]) == ("bob",)
