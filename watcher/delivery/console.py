"""The console channel: alerts as plain lines on standard output, in colour on a terminal."""

from __future__ import annotations

import io
import os
import shutil
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TextIO

from watcher.core.model.ids import ChannelName
from watcher.core.model.message import AlertSummary, AttemptClass, AttemptResult, ChannelTraits, Message, WhyGroup
from watcher.core.model.rule import Severity
from watcher.core.web_addresses import safe_link
from watcher.delivery.config import ChannelConfig, address_digest
from watcher.delivery.hand import Hand, Hangs
from watcher.telling import wording
from watcher.telling.bare import bare_text, rendered
from watcher.telling.marked import shown_lines
from watcher.telling.payload import copies_json, encoded_lines

if TYPE_CHECKING:
    from watcher.core.model.record import CopyNote

WIDTH = 90
_NARROWEST = 40
_PATIENCE = timedelta(seconds=10)
_SLACK = timedelta(seconds=5)
_INDENT = " " * 12
_RESET = "\x1b[0m"
_BOLD = "\x1b[1m"
_DIM = "\x1b[2m"
_COLOURS = {
    Severity.CRITICAL: "\x1b[1;31m",
    Severity.HIGH: "\x1b[1;33m",
    Severity.NORMAL: "\x1b[1;36m",
    Severity.LOW: _DIM,
}


class ConsoleConfig(ChannelConfig):
    """`{type: console}`; a channel of this kind always exists under the name `console`."""

    rings: ClassVar[bool] = False

    type: Literal["console"] = "console"


@dataclass(frozen=True, slots=True)
class ConsoleChannel:
    """Implements ports.Channel; each message is one write, so that messages do not mix.

    `as_lines`: where nobody looks on, each alert is one JSON line, as the log beside it.
    """

    name: ChannelName
    stdout: TextIO
    kind: str = "console"
    hand: Hand = field(default_factory=Hand)
    patience: timedelta = _PATIENCE
    as_lines: bool = False

    @property
    def deadline(self) -> timedelta:
        """The longest that one `send` may take."""
        return self.patience + _SLACK

    @property
    def traits(self) -> ChannelTraits:
        """What the outbox must know of it."""
        return ChannelTraits(address=address_digest(self.kind))

    def render(self, message: Message) -> Mapping[str, Any]:
        """Return `{text}`: the lines as a pipe would get them."""
        return {"text": layout(message)}

    def run(self) -> AbstractAsyncContextManager[None]:
        """Keep nothing."""
        return nullcontext()

    async def send(self, message: Message) -> AttemptResult:
        """Write the message; a reader that hangs gives UNKNOWN, one that is gone RETRY, as does an earlier message
        that still hangs.
        """
        if self.as_lines:
            return await self._write(encoded_lines(message).decode())
        return await self._write(rendered(message, lambda: self._layout(message), lambda: bare_text(message) + "\n\n"))

    def note_copies(self, note: CopyNote) -> None:
        """Write that copies joined an alert which was shown before; a courtesy, lost when standard output is gone or
        hangs.
        """
        self.hand.do_if_free(lambda: self._put(copies_json(note).decode() if self.as_lines else copies_line(note)))

    def _layout(self, message: Message) -> str:
        if self.stdout.closed or not self.stdout.isatty():
            return layout(message)
        columns = shutil.get_terminal_size((WIDTH, 24)).columns
        return layout(message, width=max(_NARROWEST, min(WIDTH, columns)), colour=not os.environ.get("NO_COLOR"))

    async def _write(self, text: str) -> AttemptResult:
        try:
            await self.hand.do(lambda: self._put(text), self.patience)
        except Hangs as hangs:
            kind = AttemptClass.UNKNOWN if hangs.begun else AttemptClass.RETRY
            return AttemptResult(kind, "standard output takes nothing; its reader hangs")
        except (OSError, ValueError) as error:  # ValueError: it was closed
            return AttemptResult(AttemptClass.RETRY, f"standard output cannot be written: {error}")
        return AttemptResult(AttemptClass.OK, "written")

    def _put(self, text: str) -> None:
        encoding = self.stdout.encoding or "utf-8"
        data = text.encode(encoding, "backslashreplace")
        try:
            file = self.stdout.fileno()
        except io.UnsupportedOperation:
            self.stdout.write(data.decode(encoding))
            self.stdout.flush()
            return
        # Past the stream's buffer: a thread that hangs in there holds its lock, and Python aborts at the end for want
        # of it.
        self.stdout.flush()
        while data:
            data = data[os.write(file, data) :]


def copies_line(note: CopyNote) -> str:
    """Return the line that says how many copies joined an alert."""
    word = "copy" if note.copies == 1 else "copies"
    count = f"+ {note.copies} {word}"
    return f"{_INDENT}{count}   {wording.label(note.headline, WIDTH - len(_INDENT) - len(count) - 3)}\n"


def layout(message: Message, *, width: int = WIDTH, colour: bool = False) -> str:
    """Return the message as lines of at most `width` columns, links apart, with an empty line at the end."""
    paper = _Paper(width, colour)
    if not message.alerts:
        lines = paper.notice(message)
    elif wording.is_list(message):
        lines = paper.summary(message)
    else:
        lines = paper.alert(message)
    return "".join(f"{line}\n" for line in lines) + "\n"


@dataclass(frozen=True, slots=True)
class _Paper:
    width: int
    colour: bool

    def alert(self, message: Message) -> Iterator[str]:
        first = message.alerts[0]
        title = wording.prefix_of(message) + wording.headline(first).text
        yield from self.head(first.severity.word.upper(), first, title)
        if not message.plain:
            yield from self.row("rule", [wording.rule_names(message)])
            yield from self.row("why", [_reason(group) for group in wording.reasons(message)])
        yield from self.row("seen", [wording.provenance(first)])
        yield from self.links(first)
        yield from self.notes(message)
        yield from self.row("ask", [f"watcher explain {first.id}"] if first.id else [])

    def summary(self, message: Message) -> Iterator[str]:
        yield from self.titled("SUMMARY", message)
        for alert in wording.listed(message):
            title = ("SAMPLE " if alert.sample else "") + wording.headline(alert).text
            yield from self.head(alert.severity.word.upper(), alert, title)
            yield from self.row("seen", [f"{wording.spread(alert)}, rule {wording.label(alert.rule_name)}"])
            yield from self.links(alert)
        yield from self.notes(message)

    def notice(self, message: Message) -> Iterator[str]:
        yield from self.titled("NOTICE", message)
        for paragraph in shown_lines(message.text, wording.TEXT_CHARS).split("\n"):
            yield from (f"{_INDENT}{line}" for line in _wrapped([paragraph], self.width - len(_INDENT)))
        yield from self.notes(message)

    def notes(self, message: Message) -> Iterator[str]:
        for note in [*wording.notes(message), *wording.died(message)]:
            yield from self.row("note", [note])

    def titled(self, word: str, message: Message) -> Iterator[str]:
        start = f"  {word:<8}  {wording.clock_time(message.at)}  "
        yield from self.hung(start, wording.prefix_of(message) + wording.title(message), _BOLD)

    def head(self, word: str, alert: AlertSummary, title: str) -> Iterator[str]:
        start = f"  {word:<8}  {wording.clock_time(alert.at)}  "
        yield from self.hung(start, title, _COLOURS[alert.severity])

    def hung(self, start: str, title: str, colour: str) -> Iterator[str]:
        lines = _wrapped([title], self.width - len(start))
        yield self.painted(start, colour) + self.painted(lines[0], _BOLD)
        yield from (" " * len(start) + self.painted(line, _BOLD) for line in lines[1:])

    def row(self, name: str, parts: Sequence[str]) -> Iterator[str]:
        start = f"{_INDENT}{name:<5}  "
        for number, line in enumerate(_wrapped([part for part in parts if part], self.width - len(start))):
            yield (self.painted(start, _DIM) if number == 0 else " " * len(start)) + line

    def links(self, alert: AlertSummary) -> Iterator[str]:
        for name, url in (("link", safe_link(alert.url)), ("story", safe_link(alert.story_url))):
            if url:
                yield self.painted(f"{_INDENT}{name:<5}  ", _DIM) + url

    def painted(self, text: str, colour: str) -> str:
        return f"{colour}{text}{_RESET}" if self.colour else text


def _reason(group: WhyGroup) -> str:
    return f"{wording.label(group.label)}: {wording.hits(group)}"


def _wrapped(parts: Sequence[str], width: int) -> list[str]:
    """Return the parts, three blanks apart, in lines of at most `width` columns; a part is broken only when it must
    be.
    """
    lines = [""]
    for part in parts:
        gap = "   " if lines[-1] else ""
        if columns(lines[-1] + gap + part) <= width:
            lines[-1] += gap + part
            continue
        if lines[-1]:
            lines.append("")
        for word in part.split(" "):
            gap = " " if lines[-1] else ""
            if lines[-1] and columns(lines[-1] + gap + word) > width:
                lines.append("")
                gap = ""
            *whole, rest = _broken(gap + word, width)
            for piece in whole:  # a word longer than a line, as in scripts without blanks
                lines[-1] += piece
                lines.append("")
            lines[-1] += rest
    return lines


def _broken(word: str, width: int) -> list[str]:
    pieces = [""]
    for letter in word:
        if columns(pieces[-1] + letter) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def columns(text: str) -> int:
    """Return how many columns of a terminal the text takes.

    Source: Unicode Standard Annex 11, East Asian Width: W and F take two columns; combining marks take none.
    """
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )
