"""The e-mail channel: an alert as text and HTML, with headers that let receivers sort, thread and drop repeats."""

from __future__ import annotations

import functools
import hashlib
import re
import textwrap
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import quote

from pydantic import ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from watcher.core.model.ids import AlertId, ChannelName
from watcher.core.model.message import AlertSummary, AttemptClass, AttemptResult, ChannelTraits, Marked, Message
from watcher.core.model.secret import Secret
from watcher.core.web_addresses import is_exact_web, safe_link
from watcher.delivery.config import ChannelConfig, address_digest
from watcher.delivery.mail_head import POLICY, display_name, foreign_line, set_header, set_list
from watcher.delivery.smtp import MAIL_DEADLINE, Envelope, MailRoom, parse_smtp_url
from watcher.delivery.unchanging import Unchanging
from watcher.errors import DeliveryError
from watcher.telling import wording
from watcher.telling.bare import bare_text, bare_title, rendered
from watcher.telling.marked import pieces, shown_lines
from watcher.telling.signed_links import LASTS, LinkSigner, LinkTo, SignedLink

if TYPE_CHECKING:
    from jinja2 import Environment, Template

_MAX_LISTED = 50
MAX_SOURCES = 12
_SUBJECT_CHARS = 200
_WRAP = 72
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,200}@[A-Za-z0-9.-]{1,250}>")
_LIST_NAME = re.compile(r"[a-z0-9-]{1,60}")


class EmailConfig(ChannelConfig):
    """`{type: email, to: [me@example.org]}`; `from` may stand here instead of in WATCHER_SMTP_FROM."""

    model_config = ConfigDict(validate_by_alias=True, validate_by_name=False)

    type: Literal["email"]
    to: tuple[str, ...] = Field(min_length=1)
    from_: str = Field(default="", alias="from")
    unsubscribe: str = ""

    @field_validator("unsubscribe")
    @classmethod
    def _is_way_out(cls, way: str) -> str:
        is_link = way.startswith("https://") and is_exact_web(way) and not set(way) & set("<>, ")
        if way and not is_link and not _ADDRESS.fullmatch(way):
            message = "unsubscribe must be a mail address of somebody who answers, or an https:// address"
            raise PydanticCustomError("not_an_address", message)
        return way

    @field_validator("to")
    @classmethod
    def _are_addresses(cls, to: tuple[str, ...]) -> tuple[str, ...]:
        for address in to:
            if not _ADDRESS.fullmatch(address):
                message = "{address} is not a mail address; write it as name@example.org"
                raise PydanticCustomError("not_an_address", message, {"address": repr(address)})
        if len({address.casefold() for address in to}) < len(to):
            raise PydanticCustomError("twice", "an address stands twice in to")
        return to

    @field_validator("from_")
    @classmethod
    def _is_sender(cls, sender: str) -> str:
        if sender and not is_sender(sender):
            raise PydanticCustomError(
                "not_an_address", "from must look like alerts@example.org or Watch <alerts@example.org>"
            )
        return sender

    @property
    def recipients(self) -> tuple[str, ...]:
        """Whom it writes to, a mail each."""
        return self.to

    def waiting_for(self, *, smtp_url: Secret | None, smtp_from: str) -> str:
        """Return the process setting that mail still needs, or that it cannot use."""
        if smtp_url is None:
            return "WATCHER_SMTP_URL"
        try:
            parse_smtp_url(smtp_url)
        except DeliveryError as error:
            return f"a better WATCHER_SMTP_URL: {error}"
        if not self.from_ and not smtp_from:
            return "WATCHER_SMTP_FROM, or from: of the channel"
        return "" if is_sender(self.from_ or smtp_from) else "a WATCHER_SMTP_FROM like Watch <alerts@example.org>"


def is_sender(text: str) -> bool:
    """Return whether `text` is one mail address, alone or as `Name <address>`."""
    return _ADDRESS.fullmatch(parseaddr(text)[1]) is not None


@dataclass(frozen=True, slots=True)
class MailLinks:
    """Makes the signed links of mails; none where the page has no public address, or nobody signs."""

    public_url: str = ""
    signer: LinkSigner | None = None

    def to(self, to: LinkTo, message: Message, what: str, reader: str = "") -> str:
        """Return the link in a message to a reader that may do one thing, "" where there is none."""
        if self.signer is None or not self.public_url:
            return ""
        # Counted from the message, so that each attempt sends the same bytes.
        link = SignedLink(to, str(message.channel), what, message.at + LASTS, reader)
        return f"{self.public_url}/l/{self.signer.sign(link)}"


@dataclass(frozen=True, slots=True)
class EmailChannel(Unchanging):
    """Implements ports.Channel; `sender` is the whole From, such as `Watch <alerts@desk.example>`.

    Each recipient gets a mail of their own: nobody sees who else does, and one who is refused keeps it from nobody.
    """

    name: ChannelName
    config: EmailConfig
    sender: str
    room: MailRoom
    links: MailLinks = field(default_factory=MailLinks)
    kind: str = "email"

    @property
    def deadline(self) -> timedelta:
        """The longest that one `send` may take."""
        return MAIL_DEADLINE + timedelta(seconds=5)

    @property
    def traits(self) -> ChannelTraits:
        """What the outbox must know of it."""
        return ChannelTraits(
            lists_at_most=_MAX_LISTED,
            recipients=self.config.to,
            address=address_digest(self.kind, self.sender, *_server(self.room)),
        )

    def render(self, message: Message) -> Mapping[str, Any]:
        """Return `{recipients, headers, text, html}`, the mail of the first recipient; html is "" in the plain form."""
        mail = self._mail(message, self.config.to[0])
        body = mail.get_body(("plain",))
        html = mail.get_body(("html",))
        return {
            "recipients": list(self.config.to),
            "headers": {name: str(value) for name, value in mail.items()},
            "text": body.get_content() if body else "",
            "html": html.get_content() if html else "",
        }

    def run(self) -> AbstractAsyncContextManager[None]:
        """Keep the connection to the mail server from message to message."""
        return self.room.line.open()

    async def send(self, message: Message) -> AttemptResult:
        """Hand each recipient, or each for whom it is still open, a mail of their own; the Message-ID never changes.

        Each attempt begins with another one: a server that ends the conversation at one recipient keeps nobody else
        from the mail.
        """
        wanted = self.config.to if message.recipients is None else message.recipients
        recipients = [to for to in self.config.to if to in wanted]
        if not recipients:
            return AttemptResult(AttemptClass.OK, "nobody it is open for is a recipient any more")
        first = (message.attempt - 1) % len(recipients)
        recipients = recipients[first:] + recipients[:first]
        mails = {to: self._mail(message, to).as_bytes() for to in recipients}
        result = await self.room.hand_over(Envelope(parseaddr(self.sender)[1], mails))
        return replace(result, remote=message_id(message, self.sender))

    def _mail(self, message: Message, to: str) -> EmailMessage:
        stop = "" if self.config.unsubscribe else self.links.to(LinkTo.UNSUBSCRIBE, message, to)
        ways = Ways(stop, self._mute(message, to), self._votes(message, to))
        mail = mail_of(message, self.sender, (to,), ways)
        out = f"<{stop}>, <{self._way_out(message)}>" if stop else f"<{self._way_out(message)}>"
        set_header(mail, "List-Unsubscribe", out)
        if stop.startswith("https://"):
            set_header(mail, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
        return mail

    def _mute(self, message: Message, to: str) -> str:
        stories = {alert.story for alert in message.alerts}
        return self.links.to(LinkTo.MUTE_STORY, message, stories.pop(), to) if len(stories) == 1 else ""

    def _votes(self, message: Message, to: str) -> dict[AlertId, str]:
        listed = wording.listed(message)[:_MAX_LISTED] if wording.is_list(message) else message.alerts[:1]
        several = len(message.alerts) > 1 and not wording.is_list(message)
        return {} if several else {one.id: self.links.to(LinkTo.VOTE, message, one.id, to) for one in listed}

    def _way_out(self, message: Message) -> str:
        """Return where a recipient asks for no more mails: what the configuration names, else the sender."""
        named = self.config.unsubscribe
        if named.startswith("https://"):
            return named
        return f"mailto:{named or parseaddr(self.sender)[1]}?subject={quote(f'stop {message.channel}')}"


def _server(room: MailRoom) -> tuple[str | Secret, ...]:
    server = room.server
    return (server.host, str(server.port), server.encryption.value, server.username, server.password or "")


def message_id(message: Message, sender: str) -> str:
    """Return the Message-ID of a message, the same at each attempt, between its angle brackets."""
    return f"<{message.id}@{parseaddr(sender)[1].rpartition('@')[2]}>"


@dataclass(frozen=True, slots=True)
class Ways:
    """Links of one mail: to get no more of them, to mute its one story, to vote on each alert that it shows; "" = there
    is none.
    """

    stop: str = ""
    mute: str = ""
    votes: Mapping[AlertId, str] = field(default_factory=dict)


NO_WAYS: Final = Ways()


def mail_of(message: Message, sender: str, to: tuple[str, ...], ways: Ways = NO_WAYS) -> EmailMessage:
    """Return the mail for a message, in its bare form where the usual one cannot be made."""
    return rendered(message, lambda: compose(message, sender, to, ways), lambda: _bare(message, sender, to))


def compose(message: Message, sender: str, to: tuple[str, ...], ways: Ways = NO_WAYS) -> EmailMessage:
    """Return the mail for a message, the same bytes for the same message.

    Raises:
        DeliveryError: the finished head holds a line that was not written here.
    """
    display = wording.label(parseaddr(sender)[0]) or "watcher"
    mail = _begun(message, (display, sender), to, wording.label(wording.one_line(message), _SUBJECT_CHARS))
    if message.alerts:
        set_header(mail, "X-Watcher-Rule", _rules(message))
        set_header(mail, "X-Watcher-Severity", max(alert.severity for alert in message.alerts).word)
    names = mail.keys()
    alone = message.alerts[0].id if message.alerts and not wording.is_list(message) else AlertId("")
    links: dict[str, Any] = {"stop_url": safe_link(ways.stop), "mute_url": safe_link(ways.mute)}
    links["vote_url"] = safe_link(ways.votes.get(alone, ""))
    links["votes"] = {id_: safe_link(url) for id_, url in ways.votes.items()}
    values = {**_values(message), **links}
    text, html = _template("email.txt").render(values), _template("email.html").render(values)
    boundary = f"=_{message.id}"
    # A boundary with "=_" cannot stand in quoted-printable.
    coding = "quoted-printable" if boundary in text or boundary in html else None
    mail.set_content(text, cte=coding)
    if not message.plain:
        mail.add_alternative(html, subtype="html", cte=coding)
        mail.set_boundary(boundary)
    if line := foreign_line(mail.as_bytes(), names):
        raise DeliveryError(f"the head of the mail holds a line that nobody wrote: {line[:80]!a}")
    return mail


def _begun(message: Message, sender: tuple[str, str], to: tuple[str, ...], subject: str) -> EmailMessage:
    """Return a mail with the headers that every form has; `sender` is the name to show and the whole From."""
    display, address = sender[0], parseaddr(sender[1])[1]
    domain = address.rpartition("@")[2]
    mail = EmailMessage(policy=POLICY)
    mail.set_raw("From", f"{display_name(display)} <{address}>")
    set_list(mail, "To", to)
    set_header(mail, "Subject", subject)
    set_header(mail, "Date", format_datetime(message.at.astimezone(UTC)))
    set_header(mail, "Message-ID", message_id(message, sender[1]))
    if _MESSAGE_ID.fullmatch(message.thread):  # a channel that was of another kind has names of another form
        set_header(mail, "In-Reply-To", message.thread)
        set_header(mail, "References", message.thread)
    set_header(mail, "List-Id", f"<{_list_name(message)}.watcher.{domain}>")
    set_header(mail, "Auto-Submitted", "auto-generated")
    set_header(mail, "X-Watcher-Message", message.id)
    if message.repeat:
        set_header(mail, "X-Watcher-Possible-Repeat", "yes")
    return mail


def _bare(message: Message, sender: str, to: tuple[str, ...]) -> EmailMessage:
    mail = _begun(message, ("watcher", sender), to, bare_title(message))
    mail.set_content(bare_text(message), cte="quoted-printable")
    return mail


def _list_name(message: Message) -> str:
    """A name for mail filters: the rule if one alone fired, else the channel; a digest where it is not plain ASCII."""
    rules = {alert.rule for alert in message.alerts}
    name = str(rules.pop() if len(rules) == 1 else message.channel).lower()
    if _LIST_NAME.fullmatch(name):
        return name
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _rules(message: Message) -> str:
    rules = dict.fromkeys(f"{wording.label(alert.rule, 60)}@{alert.revision}" for alert in message.alerts[:10])
    return ", ".join(rules)


def _values(message: Message) -> dict[str, Any]:
    """Everything that the templates show; all of it plain text that they escape."""
    every = wording.listed(message)
    listed = every[:_MAX_LISTED] if wording.is_list(message) else message.alerts[:1]
    return {
        "subject": wording.one_line(message),
        "prefix": wording.prefix_of(message),
        "title": wording.prefix_of(message) + wording.title(message),
        "text": shown_lines(message.text, wording.TEXT_CHARS),
        "links": frozenset(filter(None, map(wording.link_line, message.text.splitlines()))),
        "at": wording.day_and_time(message.at),
        "is_list": wording.is_list(message),
        "plain": message.plain,
        "alerts": [_alert(alert) for alert in listed],
        "omitted": max(0, len(every) - _MAX_LISTED),
        "rules": wording.rule_names(message),
        "rule_ids": _rules(message),
        "why": [(wording.label(group.label), wording.hits(group)) for group in wording.reasons(message)[:20]],
        "notes": wording.notes(message),
        "died": wording.died(message),
        "channel": wording.label(message.channel),
    }


def _alert(alert: AlertSummary) -> dict[str, Any]:
    headline, excerpt = wording.headline(alert), wording.excerpt(alert)
    return {
        "id": alert.id,
        "severity": alert.severity.word,
        "rule": wording.label(alert.rule_name),
        "at": wording.day_and_time(alert.at),
        "headline": headline.text,
        "headline_parts": _parts(headline),
        "gloss": wording.gloss(alert),
        "excerpt": excerpt.text,
        "excerpt_parts": _parts(excerpt),
        "url": safe_link(alert.url),
        "story_url": safe_link(alert.story_url),
        "source": wording.label(alert.source),
        "spread": wording.spread(alert),
        "sample": alert.sample,
        "sources": [
            {
                "at": wording.clock_time(line.at),
                "name": wording.label(line.name),
                "url": safe_link(line.url),
                "lang": wording.label(line.lang, 10),
                "says": "copy" if line.copy else "first report" if number == 0 else "",
            }
            for number, line in enumerate(alert.lines[:MAX_SOURCES])
        ],
        "more_sources": max(0, len(alert.lines) - MAX_SOURCES),
    }


def _parts(marked: Marked) -> list[tuple[str, int]]:
    """Pieces with the number of their look, 1 to 3; more groups than looks repeat them."""
    return [(text, (group - 1) % 3 + 1 if group else 0) for text, group in pieces(marked)]


def _wrap(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text, _WRAP, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


@functools.cache
def _environment() -> Environment:
    # Whoever only reads a configuration needs no templates.
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape  # noqa: PLC0415

    environment = Environment(
        loader=PackageLoader("watcher.delivery"),
        autoescape=select_autoescape(("html",), default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["wrap"] = _wrap
    return environment


def _template(name: str) -> Template:
    return _environment().get_template(name)
