"""The connection to a mail server, kept over the messages that follow one another on a channel."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final

from watcher.late import Late

if TYPE_CHECKING:
    import aiosmtplib
else:
    aiosmtplib = Late("aiosmtplib")

_MESSAGES_AT_MOST: Final = 100
_ALIVE_SECONDS: Final = 3.0
_LEAVE_SECONDS: Final = 2.0


class MailLine:
    """Holds at most one connection between two messages, and none once no message follows; whoever takes it has it
    alone.
    """

    def __init__(self) -> None:
        self._client: aiosmtplib.SMTP | None = None
        self._used = 0
        self._runs = 0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Keep the connection from message to message until the end of this."""
        self._runs += 1
        try:
            yield
        finally:
            self._runs -= 1
            if self._runs == 0 and (client := self._out()) is not None:
                await leave(client, polite=True)

    async def take(self) -> aiosmtplib.SMTP | None:
        """Return the connection that was kept, if its server still takes mail on it; else None, and it is closed."""
        client = self._out()
        if client is None:
            return None
        try:
            async with asyncio.timeout(_ALIVE_SECONDS):
                await client.rset()
        except (aiosmtplib.SMTPException, OSError, TimeoutError):
            await leave(client, polite=False)
            self._used = 0
            return None
        except BaseException:  # stopped meanwhile: nobody else has it any more
            await leave(client, polite=False)
            raise
        return client

    async def give_back(self, client: aiosmtplib.SMTP) -> None:
        """Keep a connection on which nothing is open for the next message; leave it where none follows, or where it
        served for long.
        """
        self._used += 1
        if self._runs == 0 or self._client is not None or self._used >= _MESSAGES_AT_MOST:
            self._used = 0
            await leave(client, polite=True)
        else:
            self._client = client

    def _out(self) -> aiosmtplib.SMTP | None:
        client, self._client = self._client, None
        return client


async def leave(client: aiosmtplib.SMTP, *, polite: bool) -> None:
    """End the conversation; once the mail is taken, nothing that goes wrong here may change that."""
    try:
        if polite and client.is_connected:
            async with asyncio.timeout(_LEAVE_SECONDS):
                await client.quit()
    except (aiosmtplib.SMTPException, OSError, TimeoutError):
        client.close()
    finally:
        with contextlib.suppress(OSError):
            client.close()
