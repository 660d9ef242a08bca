"""Alerts on a terminal and through a pipe."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.messages import EVERY_MESSAGE, a_message, an_alert
from watcher.core.model.ids import ChannelName, RuleId
from watcher.core.model.message import AttemptClass, Message, MessageKind
from watcher.core.model.record import CopyNote
from watcher.delivery.console import WIDTH, ConsoleChannel, columns, layout

DESK = ChannelName("console")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Gone(io.StringIO):
    def write(self, _text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


@pytest.mark.parametrize("message", EVERY_MESSAGE.values(), ids=EVERY_MESSAGE.keys())
@pytest.mark.parametrize("width", [40, WIDTH])
def test_no_line_but_a_link_is_wider_than_the_terminal(message: object, width: int) -> None:
    for line in layout(message, width=width).splitlines():  # type: ignore[arg-type] # parametrised
        assert "://" in line or columns(line) <= width


async def test_a_pipe_gets_no_colour_and_a_terminal_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    pipe, terminal = io.StringIO(), Terminal()
    await ConsoleChannel(DESK, pipe).send(a_message())
    await ConsoleChannel(DESK, terminal).send(a_message())
    assert "\x1b[" not in pipe.getvalue()
    assert "\x1b[1;33m" in terminal.getvalue()


async def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()
    await ConsoleChannel(DESK, terminal).send(a_message())
    assert "\x1b[" not in terminal.getvalue()


@pytest.mark.parametrize("name", ["hostile", "hostile summary", "hostile meta"])
async def test_remote_text_cannot_command_the_terminal(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()
    await ConsoleChannel(DESK, terminal).send(EVERY_MESSAGE[name])
    assert not set(terminal.getvalue()) & set("\x1b\x07\x00\r\u202e\u2066\ud800")


async def test_a_terminal_of_few_letters_still_gets_the_message(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w", encoding="ascii") as plain:
        result = await ConsoleChannel(DESK, plain).send(a_message())
    assert result.result is AttemptClass.OK
    assert "\\ubd81\\ud55c" in (tmp_path / "out").read_text("ascii")


async def test_a_reader_that_is_gone_is_a_value() -> None:
    channel = ConsoleChannel(DESK, Gone())
    assert (await channel.send(a_message())).result is AttemptClass.RETRY
    channel.note_copies(CopyNote(DESK, RuleId("r"), "headline", 1))


async def test_a_closed_output_is_a_value() -> None:
    closed = io.StringIO()
    closed.close()
    assert (await ConsoleChannel(DESK, closed).send(a_message())).result is AttemptClass.RETRY


async def test_copies_that_joined_later_are_noted_on_one_line() -> None:
    out = io.StringIO()
    console = ConsoleChannel(DESK, out)
    console.note_copies(CopyNote(DESK, RuleId("r"), "A headline\x1b[31m\nwith lines " + "x " * 90, 3))
    await console.hand.do(lambda: None, console.deadline)  # it comes after the note
    assert out.getvalue().startswith("            + 3 copies   A headline[31m with lines x x")
    assert out.getvalue().count("\n") == 1
    assert len(out.getvalue()) <= WIDTH + 1


def test_a_note_of_an_alert_is_shown() -> None:
    assert "note   already sent at 14:02" in layout(a_message(an_alert(note="already sent at 14:02")))


@pytest.mark.parametrize("message", EVERY_MESSAGE.values(), ids=EVERY_MESSAGE.keys())
async def test_beside_a_log_each_alert_is_one_json_line(message: Message) -> None:
    out = io.StringIO()
    await ConsoleChannel(DESK, out, as_lines=True).send(message)
    assert out.getvalue().endswith("\n")
    lines = [json.loads(line) for line in out.getvalue().removesuffix("\n").split("\n")]
    assert len(lines) == max(1, len(message.alerts))
    assert {line["message"] for line in lines} == {message.id}
    assert [line["rule"] for line in lines if "rule" in line] == [alert.rule for alert in message.alerts]


async def test_a_json_line_of_a_catch_up_says_what_its_message_is() -> None:
    out = io.StringIO()
    message = replace(
        a_message(), title="CATCH-UP: news since 06:00", text="Two feeds\nwere away.", kind=MessageKind.SUMMARY
    )
    await ConsoleChannel(DESK, out, as_lines=True).send(message)
    for line in map(json.loads, out.getvalue().splitlines()):
        assert "CATCH-UP: news since 06:00" in line["message_title"]
        assert line["message_text"] == "Two feeds\nwere away."


async def test_copies_beside_a_log_are_one_json_line() -> None:
    out = io.StringIO()
    console = ConsoleChannel(DESK, out, as_lines=True)
    console.note_copies(CopyNote(DESK, RuleId("r"), "Shells\nshipped", 2))
    await console.hand.do(lambda: None, console.deadline)  # it comes after the note
    said = json.loads(out.getvalue())
    assert said == {"type": "alert.copies", "rule": "r", "title": "Shells shipped", "copies": 2}


def test_an_alert_shows_what_to_ask_about_it() -> None:
    assert f"watcher explain {a_message().alerts[0].id}" in layout(a_message())
