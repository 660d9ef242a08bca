"""What each channel makes of each answer of its receiver, as a table; receivers on loopback speak the API of each.

    python -m tests.bench.answers_table

`timeout` takes as long as a channel waits, some 20 s to a minute; all channels wait at the same time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from tests.fakes.http_server import Answer, HttpServer
from tests.fakes.messages import a_message
from tests.fakes.receivers import Receiver
from tests.fakes.smtp_server import SmtpServer
from tests.loopback.test_email import channel as mail_channel
from tests.loopback.test_receivers import SERVICES
from tests.loopback.test_receivers import channel as http_channel
from watcher.core.model.message import AttemptResult
from watcher.ports import Channel

COLUMNS: Final = ("ok", "429", "5xx", "permanent", "content", "timeout", "reset after accept", "mended")
_MAIL = "email"


async def _http_row(name: str) -> dict[str, str]:
    service = SERVICES[name]
    answers: dict[str, Answer | None] = {
        "ok": None,
        "429": service.throttled,
        "5xx": Answer(503, b"<html>down</html>"),
        "permanent": service.refused[0],
        "content": service.content[0],
        "timeout": Answer(raw=b"", stalls=True),
        "reset after accept": Answer(raw=b""),
        "mended": None,
    }
    with HttpServer() as server:
        receiver: Receiver = service.receiver(server)
        desk = http_channel(name, server)
        row = {}
        for column, answer in answers.items():
            if answer is not None:
                receiver.answers_next(answer)
            row[column] = said(await _sent(desk))
        return row


async def _mail_row() -> dict[str, str]:
    async with SmtpServer() as server:
        desk = mail_channel(server)
        happens: dict[str, Callable[[], None]] = {
            "ok": lambda: None,
            "429": lambda: server.refuses_sender("421 too many connections"),
            "5xx": lambda: server.answers_content("451 come again", "451 come again"),
            "permanent": lambda: server.refuses_sender("535 wrong password"),
            "content": lambda: server.answers_content("552 too big", "552 too big"),
            "timeout": server.stalls,
            "reset after accept": server.drops_before_reply,
            "mended": lambda: None,
        }
        row = {}
        for column, happen in happens.items():
            happen()
            row[column] = said(await _sent(desk))
        return row


async def _sent(desk: Channel) -> AttemptResult:
    async with asyncio.timeout(desk.deadline.total_seconds() + 10):
        return await desk.send(a_message())


def said(result: AttemptResult) -> str:
    """Return the class of a result, with the wait that the receiver asked for."""
    wait = f" {result.retry_after.total_seconds():g} s" if result.retry_after is not None else ""
    return f"{result.result.value}{wait}"


async def table() -> dict[str, dict[str, str]]:
    """Return by channel and column what came of one send."""
    async with asyncio.TaskGroup() as group:
        rows = {name: group.create_task(_http_row(name)) for name in SERVICES}
        rows[_MAIL] = group.create_task(_mail_row())
    return {name: row.result() for name, row in rows.items()}


def main() -> None:
    """Print the table in Markdown."""
    found = asyncio.run(table())
    print(f"| channel | {' | '.join(COLUMNS)} |")
    print(f"|---|{'---|' * len(COLUMNS)}")
    for name, row in found.items():
        print(f"| {name} | {' | '.join(row[column] for column in COLUMNS)} |")


if __name__ == "__main__":
    main()
