from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from watcher.cli.deliveries import _line
from watcher.core.model.ids import AlertId, ChannelName, DeliveryId, MessageId
from watcher.core.model.message import AttemptClass, HoldReason, MessageKind, MessageState
from watcher.core.model.record import AttemptRecord, MessageRecord
from watcher.telling.json_forms import record_json

AT = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)
RECORD = MessageRecord(
    id=MessageId("mfxvb4d7dbhlidzxm2misbezldq"),
    target=ChannelName("desk"),
    kind=MessageKind.ALERT,
    state=MessageState.RETRYING,
    hold=None,
    attempts=1,
    created_at=AT,
    next_try_at=AT,
    sent_at=None,
    title="Army \x1b[31mmoves\u202e north",
    deliveries=((DeliveryId("d1"), AlertId("l1")),),
    history=(AttemptRecord(AT, AttemptClass.RETRY, "503 busy", 503),),
)


def test_a_line_says_what_was_sent_and_what_the_receiver_answered() -> None:
    line = _line(RECORD)
    assert "retrying" in line
    assert "1 try " in line
    assert "Army" in line
    assert line.endswith("503 busy")
    assert "\x1b" not in line, "a title cannot steer the terminal"
    assert "\u202e" not in line


def test_a_held_message_says_why() -> None:
    held = replace(RECORD, state=MessageState.HELD, hold=HoldReason.SECRET, attempts=2)
    assert "held (secret)" in _line(held)
    assert "2 tries" in _line(held)


def test_the_json_form_keeps_the_title_as_it_came() -> None:
    found = json.loads(json.dumps(record_json(RECORD)))
    assert found["title"] == RECORD.title
    assert found["answer"] == "503 busy"
    assert found["next_try_at"] == "2026-11-23T14:02:00Z"
