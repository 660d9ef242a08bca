"""The connection that is kept between two mails: whoever takes it out has it, or it is closed."""

from __future__ import annotations

import asyncio

import aiosmtplib

from watcher.delivery.mail_line import MailLine


class Hanging(aiosmtplib.SMTP):
    """A connection whose server says nothing when it is asked whether it is still there."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self.closed = False

    async def rset(self, timeout: object = None) -> aiosmtplib.SMTPResponse:  # noqa: ASYNC109 - as it is called there
        self.asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    def close(self) -> None:
        self.closed = True


async def test_a_connection_is_closed_where_the_program_stops_while_its_server_is_asked() -> None:
    line, client = MailLine(), Hanging()
    async with line.open():
        await line.give_back(client)
        async with asyncio.TaskGroup() as tasks:
            taking = tasks.create_task(line.take())
            await client.asked.wait()
            taking.cancel()
        assert client.closed
        assert await line.take() is None
