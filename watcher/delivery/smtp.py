"""One conversation with a mail server: who took the mail, who refused it, and what that means."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from watcher.core.model.message import AttemptClass, AttemptResult, RecipientResult
from watcher.core.model.outcome import FetchProblemKind
from watcher.core.model.secret import Secret
from watcher.delivery.answers import masked
from watcher.delivery.mail_line import MailLine, leave
from watcher.errors import DeliveryError, FetchError
from watcher.late import Late

if TYPE_CHECKING:
    import aiosmtplib
else:
    aiosmtplib = Late("aiosmtplib")

MAIL_DEADLINE = timedelta(seconds=60)
_CONNECT = timedelta(seconds=10)
_STEP_SECONDS = 30.0
_PORTS = {"smtp": 587, "smtps": 465}
_WORST_FIRST = (
    AttemptClass.UNKNOWN,
    AttemptClass.RETRY,
    AttemptClass.CONTENT,
    AttemptClass.OK,
    AttemptClass.PERMANENT,
)
"""Of several recipients those who are still open say what becomes of a message, the least certain first."""
_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}")


class Encryption(StrEnum):
    """How the connection is protected: after STARTTLS, from the start, or not at all."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class Dialler(Protocol):
    """What `network.guard.AddressGuard` offers to mail."""

    async def dial(
        self,
        host: str,
        port: int,
        allow_private: Sequence[str],
        timeout: timedelta,  # noqa: ASYNC109 - it covers resolving and connecting, which the guard does itself
    ) -> socket.socket:
        """Return a connected socket to a checked address; raises FetchError."""
        ...


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, from WATCHER_SMTP_URL."""

    host: str
    port: int
    encryption: Encryption
    username: str = ""
    password: Secret | None = None


_STARTTLS: Mapping[tuple[str, ...], Encryption] = {
    ("required",): Encryption.STARTTLS,
    ("never",): Encryption.NONE,
}


def parse_smtp_url(url: Secret) -> MailServer:
    """Return the server of `smtp://user:password@host:587?starttls=required|never` or `smtps://…`.

    Raises:
        DeliveryError: it cannot be read; the text names what is wrong and never the address itself.
    """
    try:
        parts = urlsplit(url.reveal().strip())
        host, port = parts.hostname or "", parts.port
        encryption = _encryption_of(parts)
    except ValueError as error:
        raise DeliveryError("WATCHER_SMTP_URL cannot be read as an address", permanent=True) from error
    if parts.scheme not in _PORTS or not _HOST.fullmatch(host):
        raise DeliveryError(
            "WATCHER_SMTP_URL must look like smtp://user:password@host:587 or smtps://…", permanent=True
        )
    if encryption is None:
        raise DeliveryError(
            "WATCHER_SMTP_URL takes only ?starttls=required or ?starttls=never, for smtp://", permanent=True
        )
    return MailServer(
        host,
        port or _PORTS[parts.scheme],
        encryption,
        unquote(parts.username or ""),
        Secret(unquote(parts.password)) if parts.password else None,
    )


def _encryption_of(parts: SplitResult) -> Encryption | None:
    """Return how an address asks to be spoken to, None where its query says something else.

    Raises:
        ValueError: the query cannot be read.
    """
    options = parse_qs(parts.query, strict_parsing=True) if parts.query else {}
    if parts.scheme == "smtps":
        return None if options else Encryption.TLS
    return _STARTTLS.get(tuple(options.get("starttls", ["required"]))) if options.keys() <= {"starttls"} else None


@dataclass(frozen=True, slots=True)
class Envelope:
    """The mails of one message on their way: who they are from, and the bytes for each who is still to get one."""

    sender: str
    mails: Mapping[str, bytes]


@dataclass(slots=True)
class _Progress:
    """How far a conversation came, for when it ends early; `in_doubt` is the recipient whose mail is being sent."""

    heard: dict[str, RecipientResult] = field(default_factory=dict)
    in_doubt: str = ""


@dataclass(frozen=True, slots=True)
class MailRoom:
    """Hands mails over through the guard's socket: one mail a recipient, messages that follow one another on one
    connection.
    """

    server: MailServer
    guard: Dialler
    tls: ssl.SSLContext
    allow_private: Sequence[str] = ()
    line: MailLine = field(default_factory=MailLine)

    async def hand_over(self, envelope: Envelope) -> AttemptResult:
        """Return what came of one attempt, with a result for each recipient once the server answered for one.

        The result of the whole is the worst that is still open; with nobody left to wait for it is OK if anybody was
        taken, else PERMANENT.
        """
        progress = _Progress()
        try:
            async with asyncio.timeout(MAIL_DEADLINE.total_seconds()):
                await self._converse(envelope, progress)
        except FetchError as error:
            blocked = error.kind == FetchProblemKind.BLOCKED_ADDRESS
            kind, answer = AttemptClass.PERMANENT if blocked else AttemptClass.RETRY, str(error)
        except aiosmtplib.SMTPResponseException as error:
            kind, answer = _meaning_of_refusal(error), f"{error.code} {error.message}"
        except DeliveryError as error:
            kind, answer = AttemptClass.PERMANENT, str(error)
        except (aiosmtplib.SMTPException, TimeoutError, OSError) as error:
            kind, answer = AttemptClass.UNKNOWN if progress.in_doubt else AttemptClass.RETRY, _answer_of(error)
        except ValueError as error:
            # The library refuses what cannot be said in SMTP, such as a line break in a user's name.
            kind, answer = AttemptClass.PERMANENT, f"WATCHER_SMTP_URL cannot be used: {error}"
        else:
            return self._all_heard(progress)
        return self._ended(envelope, progress, kind, answer)

    async def _converse(self, envelope: Envelope, progress: _Progress) -> None:
        client = await self.line.take()
        is_whole = False
        try:
            if client is None:
                client = await self._connected()
                await self._introduced(client)
            for recipient, content in envelope.mails.items():
                await client.mail(envelope.sender)
                if await self._is_taken(client, recipient, progress):
                    await self._send(client, recipient, content, progress)
                else:
                    await client.rset()
            is_whole = True
        finally:
            if client is not None:
                await (self.line.give_back(client) if is_whole else leave(client, polite=not progress.in_doubt))

    async def _connected(self) -> aiosmtplib.SMTP:
        connection = await self.guard.dial(self.server.host, self.server.port, tuple(self.allow_private), _CONNECT)
        try:
            client = aiosmtplib.SMTP(
                hostname=self.server.host,
                sock=connection,
                use_tls=self.server.encryption is Encryption.TLS,
                start_tls=False,
                tls_context=self.tls,
                timeout=_STEP_SECONDS,
                local_hostname=_own_literal(connection),
            )
            await client.connect()
        except BaseException:
            connection.close()
            raise
        return client

    async def _introduced(self, client: aiosmtplib.SMTP) -> None:
        await client.ehlo()
        if self.server.encryption is Encryption.STARTTLS:
            if not client.supports_extension("starttls"):
                raise DeliveryError(
                    "the mail server offers no STARTTLS; use smtps://, or ?starttls=never where the way to it is safe"
                )
            await client.starttls()
            await client.ehlo()
        if self.server.username:
            if not client.supports_extension("auth"):
                raise DeliveryError(
                    "the mail server takes no user and password here; remove them, or use its submission port"
                )
            await client.login(self.server.username, self.server.password.reveal() if self.server.password else "")

    async def _is_taken(self, client: aiosmtplib.SMTP, recipient: str, progress: _Progress) -> bool:
        """Return whether the server takes mail for a recipient; note its refusal."""
        try:
            await client.rcpt(recipient)
        except aiosmtplib.SMTPRecipientRefused as error:
            answer = self._shown(f"{error.code} {error.message}")
            progress.heard[recipient] = RecipientResult(_meaning_for_recipient(error.code), answer)
            return False
        return True

    async def _send(self, client: aiosmtplib.SMTP, recipient: str, content: bytes, progress: _Progress) -> None:
        progress.in_doubt = recipient
        try:
            response = await client.data(content)
        except aiosmtplib.SMTPDataError as error:
            answer = self._shown(f"{error.code} {error.message}")
            progress.heard[recipient] = RecipientResult(_meaning_of_refusal(error), answer)
        else:
            answer = self._shown(f"{response.code} {response.message}")
            progress.heard[recipient] = RecipientResult(AttemptClass.OK, answer)
        progress.in_doubt = ""

    def _ended(self, envelope: Envelope, progress: _Progress, kind: AttemptClass, answer: str) -> AttemptResult:
        """The conversation ended early: those who were answered for keep their answer, the others are open."""
        answer = self._shown(answer)
        heard = dict(progress.heard)
        if progress.in_doubt:
            heard[progress.in_doubt] = RecipientResult(kind, answer, heard=False)
        if not heard:
            return AttemptResult(kind, answer)
        later = RecipientResult(AttemptClass.RETRY, f"not asked: {answer}", heard=False)
        heard |= {recipient: later for recipient in envelope.mails if recipient not in heard}
        return replace(self._all_heard(_Progress(heard)), answer=answer)

    def _all_heard(self, progress: _Progress) -> AttemptResult:
        results = [heard.result for heard in progress.heard.values()]
        for kind in _WORST_FIRST:
            if kind in results:
                break
        answers = dict.fromkeys(heard.answer for heard in progress.heard.values() if heard.result is kind)
        return AttemptResult(kind, self._shown("; ".join(answers)), recipients=progress.heard)

    def _shown(self, answer: str) -> str:
        return masked(answer, [self.server.password] if self.server.password else [])


def _answer_of(error: Exception) -> str:
    text = str(error).replace(" on port None", "")  # the library does not know the port of a socket that it was given
    return f"the connection to the mail server broke: {text or 'no answer in time'}"


def _meaning_of_refusal(error: aiosmtplib.SMTPResponseException) -> AttemptClass:
    """What a refusal of the whole mail means.

    Source: RFC 5321 section 4.2.1: 4yz passes, 5yz stays; after the content 5yz is about this mail, before it about us.
    """
    if 400 <= error.code < 500:
        return AttemptClass.RETRY
    about_content = isinstance(error, aiosmtplib.SMTPDataError) and error.code not in (530, 535)
    too_big = isinstance(error, aiosmtplib.SMTPSenderRefused) and error.code == 552
    return AttemptClass.CONTENT if about_content or too_big else AttemptClass.PERMANENT


def _meaning_for_recipient(code: int) -> AttemptClass:
    """What a refused recipient means for that recipient alone.

    Source: RFC 5321 section 4.5.3.1.10: a 552 here is "too many recipients" and is to be read as 452.
    """
    return AttemptClass.RETRY if 400 <= code < 500 or code == 552 else AttemptClass.PERMANENT


def _own_literal(connection: socket.socket) -> str:
    """How we introduce ourselves: by address, since a container has no name that anybody could look up.

    Source: RFC 5321 sections 4.1.1.1 and 4.1.3.
    """
    address = str(connection.getsockname()[0])
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
