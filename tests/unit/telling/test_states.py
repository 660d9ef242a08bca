"""Every state of a message has a sentence that says why, and what comes next or can be done."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from watcher.core.model.ids import ChannelName, MessageId
from watcher.core.model.message import AttemptClass, HoldReason, MessageKind, MessageState
from watcher.core.model.record import MessageRecord
from watcher.telling.states import why

AT = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)
RECORD = MessageRecord(
    id=MessageId("mfxvb4d7dbhlidzxm2misbezldq"),
    target=ChannelName("desk"),
    kind=MessageKind.ALERT,
    state=MessageState.WAITING,
    hold=None,
    attempts=1,
    created_at=AT,
    next_try_at=None,
    sent_at=None,
    title="Army moves north",
    deliveries=(),
)


@pytest.mark.parametrize("state", MessageState)
def test_every_state_says_why(state: MessageState) -> None:
    said = why(replace(RECORD, state=state))
    assert said.startswith(f"{state.value}: ")
    assert len(said) > len(state.value) + 5


@pytest.mark.parametrize("hold", HoldReason)
def test_every_hold_says_until_when_or_what_to_do(hold: HoldReason) -> None:
    said = why(replace(RECORD, state=MessageState.HELD, hold=hold))
    assert any(words in said for words in ("goes", "tried", "hand", "db check", "digest"))


@pytest.mark.parametrize("dead", AttemptClass)
def test_a_dead_message_names_the_command_that_sends_it_again(dead: AttemptClass) -> None:
    assert "watcher deliveries retry mfxvb4d7dbhli" in why(replace(RECORD, state=MessageState.DEAD, dead_class=dead))


def test_a_message_that_is_tried_again_says_when() -> None:
    said = why(replace(RECORD, state=MessageState.RETRYING, next_try_at=AT))
    assert said == "retrying: the last attempt failed; it is tried again at 14:02:00 UTC"
    assert "it may have arrived" in why(replace(RECORD, state=MessageState.UNCONFIRMED, next_try_at=AT))
