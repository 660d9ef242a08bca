"""A mail server on loopback, with real sockets, that takes and refuses what its test says."""

from __future__ import annotations

import asyncio
import ssl
from collections import defaultdict
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

_STALLS = "stalls"


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail that was taken: the envelope as spoken, the content as sent."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The content read as a mail."""
        message = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message


@dataclass
class SmtpServer:
    """Listens between `async with`: `refuses("a@b", "550 no such user")`, `answers_content("451 later")`,
    `drops_before_reply()`.

    Each answer that was named is given once, in the order named; after that the server takes everything.
    """

    tls: ssl.SSLContext | None = None
    tls_from_start: bool = False
    password: str = ""
    mails: list[Mail] = field(default_factory=list)
    connections: int = 0
    quits: int = 0
    _of_recipient: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _of_content: list[str] = field(default_factory=list)
    _of_sender: list[str] = field(default_factory=list)
    _server: asyncio.Server | None = None
    _open: list[SMTP] = field(default_factory=list)
    _of_reset: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        """The port it listens on."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def refuses(self, recipient: str, *answers: str) -> None:
        """Answer so to RCPT TO of this recipient, once for each answer."""
        self._of_recipient[recipient] += answers

    def refuses_sender(self, *answers: str) -> None:
        """Answer so to MAIL FROM."""
        self._of_sender += answers

    def answers_content(self, *answers: str) -> None:
        """Answer so after the content; nothing of it is kept."""
        self._of_content += answers

    def drops_before_reply(self) -> None:
        """Close the connection after the next content instead of answering."""
        self._of_content.append("")

    def stalls(self) -> None:
        """Never answer the next content, for as long as the client waits."""
        self._of_content.append(_STALLS)

    def hangs_up(self) -> None:
        """Drop every connection without a word."""
        for one in self._open:
            assert isinstance(one.transport, asyncio.Transport)
            one.transport.abort()
        self._open.clear()

    def ends_at_reset(self, answer: str) -> None:
        """Answer so to the next RSET."""
        self._of_reset.append(answer)

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            self._protocol, "127.0.0.1", 0, ssl=self.tls if self.tls_from_start else None
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    def _protocol(self) -> SMTP:
        self.connections += 1
        made = SMTP(
            self,
            hostname="mail.test",
            tls_context=None if self.tls_from_start else self.tls,
            authenticator=self._authenticate if self.password else None,
            auth_require_tls=False,
        )
        self._open.append(made)
        return made

    def _authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        return AuthResult(success=data.password == self.password.encode(), handled=False)

    # -- what aiosmtpd calls ----------------------------------------------------------------------

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._of_sender:
            return self._of_sender.pop(0)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self._of_recipient[address]:
            return self._of_recipient[address].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_RSET(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802 - the same
        return self._of_reset.pop(0) if self._of_reset else "250 OK"

    async def handle_QUIT(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802 - the same
        self.quits += 1
        return "221 Bye"

    # aiosmtpd's name
    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self._of_content.pop(0) if self._of_content else "250 taken"
        if answer == _STALLS:
            await asyncio.Event().wait()  # aiosmtpd ends it with the connection
        if not answer:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        elif answer.startswith("2"):
            content = envelope.content
            assert isinstance(content, bytes)
            self.mails.append(Mail(envelope.mail_from or "", tuple(envelope.rcpt_tos), content))
        return answer or "451 gone"
