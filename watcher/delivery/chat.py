"""What channels of chat services have in common: a message as text in a service's own markup, within its limit.

A service says how it escapes, sets bold and links; the text is made once, in shorter forms until it fits. Text from
outside goes through `escape` alone, so that no letter of it is markup.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from watcher.core.model.ids import ChannelName
from watcher.core.model.message import AlertSummary, AttemptResult, ChannelTraits, Marked, Message
from watcher.core.model.secret import Secret
from watcher.core.web_addresses import safe_link
from watcher.delivery.config import ChannelConfig, address_digest
from watcher.delivery.http import DEADLINE, Heard, HttpSender, Post, Table, nothing_more
from watcher.delivery.unchanging import Unchanging
from watcher.telling import wording
from watcher.telling.bare import bare_text, rendered
from watcher.telling.marked import cut_text, pieces, shown_lines
from watcher.telling.payload import encoded

_MOST_LISTED = 15
_LISTED_FORMS = ((200, 2_048, 60), (120, 200, 60), (60, 0, 30), (20, 0, 0))  # letters of headline, link, rule
_FULL_FORMS = ((500, 300, 12), (300, 120, 8), (150, 60, 4), (0, 60, 0))  # letters of excerpt and reason; reasons
_SHORTEST_WHOLE = 120

_LIVE_IN_LINKS = frozenset("[]()@*`|~")
"""What could be markup or a mention even in a line that is a link."""

Config = TypeVar("Config", bound=ChannelConfig)


@dataclass(frozen=True, slots=True)
class Markup:
    """How a service writes text. `bold` and `link` get escaped text; `size` counts what its limit counts."""

    limit: int
    escape: Callable[[str], str] = str
    bold: Callable[[str], str] = str
    link: Callable[[str, str], str] = "{0} {1}".format
    size: Callable[[str], int] = len

    def headline(self, alert: AlertSummary, chars: int, link_chars: int) -> str:
        """Return the headline, as a link where it has one that is short enough."""
        text = self.bold(self.escape(wording.headline(alert, chars).text or "(no title)"))
        url = safe_link(alert.url)
        return self.link(text, url) if url and len(url) <= link_chars else text

    def hits_in_bold(self, marked: Marked) -> str:
        """Return text with its hits in bold."""
        parts = pieces(marked)
        return "".join(self.bold(self.escape(part)) if group else self.escape(part) for part, group in parts)


def text_of(message: Message, markup: Markup) -> str:
    """Return a message in a service's markup, in the fullest form that fits; its bare form where none does. What was
    given up before it is told in fewer words rather than the message itself.
    """
    *said, nothing = _tails(message, markup)
    for tails in filter(None, (said, [nothing])):
        for text in _forms(message, markup):
            for tail in tails:
                if text and markup.size(text + tail) <= markup.limit:
                    return text + tail
    return bare_within(message, markup)


def _tails(message: Message, markup: Markup) -> Iterator[str]:
    """Yield the ways to say below a message what was given up before it, the fullest first; the last says nothing."""
    if message.died:
        for most in (0,) if message.plain else (10, 3, 0):
            yield "".join(f"\n{markup.escape(line)}" for line in wording.died(message, most))
    yield ""


def bare_within(message: Message, markup: Markup) -> str:
    """Return the bare form of a message, escaped and cut to a service's limit: it cannot fail.

    A line that is the link of an alert stays as it is, for an escaped link leads nowhere.
    """
    links = {alert.url for alert in message.alerts if _LIVE_IN_LINKS.isdisjoint(alert.url)}
    chars = markup.limit
    while markup.size(found := _escaped_but(links, bare_text(message)[:chars], markup)) > markup.limit:
        chars = chars * 4 // 5
    return found


def _escaped_but(links: set[str], text: str, markup: Markup) -> str:
    lines = text.split("\n")
    return "\n".join(line if line in links else markup.escape(line) for line in lines)


def _forms(message: Message, markup: Markup) -> Iterator[str]:
    if not message.alerts:
        yield from (_notice(message, markup, chars) for chars in (wording.TEXT_CHARS, 1_500, 400))
    elif wording.is_list(message):
        yield from (_list(message, markup, *form) for form in _LISTED_FORMS[2 if message.plain else 0 :])
    elif message.plain:
        yield from (_plain(message, markup, chars) for chars in (wording.HEADLINE_CHARS, _SHORTEST_WHOLE, 40))
        yield _titled(message, markup, _SHORTEST_WHOLE)
    else:
        yield from (_alert(message, markup, *form) for form in _FULL_FORMS)
        yield _plain(message, markup, _SHORTEST_WHOLE)
        yield _titled(message, markup, _SHORTEST_WHOLE)


def _alert(message: Message, markup: Markup, excerpt_chars: int, reason_chars: int, reasons: int) -> str:
    first, escape = message.alerts[0], markup.escape
    said = f"{wording.prefix_of(message)}{first.severity.word.capitalize()}"
    names = cut_text(wording.rule_names(message), reason_chars)
    lines = [f"{markup.bold(said)} {escape(names)} {escape(wording.day_and_time(first.at))}"]
    lines.append(markup.headline(first, wording.HEADLINE_CHARS if excerpt_chars else _SHORTEST_WHOLE, 2_048))
    if excerpt_chars and (excerpt := wording.excerpt(first, excerpt_chars)).text:
        lines.append(markup.hits_in_bold(excerpt))
    for group in wording.reasons(message)[:reasons]:
        label = markup.bold(escape(wording.label(group.label, reason_chars)))
        lines.append(f"{label}: {escape(cut_text(wording.hits(group), reason_chars))}")
    lines.append(escape(wording.provenance(first)))
    if url := safe_link(first.story_url):
        lines.append(markup.link(escape("See the story"), url))
    return "\n".join([*lines, *_notes(message, markup)])


def _plain(message: Message, markup: Markup, chars: int) -> str:
    lines = (_titled(message, markup, chars), safe_link(message.alerts[0].url))
    return "\n".join(line for line in lines if line)


def _titled(message: Message, markup: Markup, chars: int) -> str:
    """Return the headline alone: what is told where its link alone is longer than the service takes."""
    first = message.alerts[0]
    headline = wording.headline(first, chars).text
    return markup.escape(f"{wording.prefix_of(message)}[{first.severity.word.capitalize()}] {headline}")


def _list(message: Message, markup: Markup, headline_chars: int, link_chars: int, rule_chars: int) -> str:
    title = cut_text(wording.prefix_of(message) + wording.title(message), 2 * headline_chars)
    lines = [markup.bold(markup.escape(title))]
    listed = wording.listed(message)
    for alert in listed[:_MOST_LISTED]:
        sample = "SAMPLE " if alert.sample else ""
        headline = markup.headline(alert, headline_chars, link_chars)
        rule = f", {wording.label(alert.rule_name, rule_chars)}" if rule_chars else ""
        foot = (
            f" ({_about(alert)}{wording.labelled_time(alert.at)}, {wording.spread(alert)}{rule})" if rule_chars else ""
        )
        severity = markup.escape(f"[{alert.severity.word.capitalize()}]")
        lines.append(f"{markup.escape('- ')}{sample}{severity} {headline}{markup.escape(foot)}")
    if more := len(listed) - _MOST_LISTED:
        lines += [f"and {more} more"] if more > 0 else []
    return "\n".join([*lines, *_notes(message, markup)])


def _about(alert: AlertSummary) -> str:
    about = wording.gloss(alert)
    return f"{about}; " if about else ""


def _notice(message: Message, markup: Markup, chars: int) -> str:
    title = markup.bold(markup.escape(cut_text(wording.prefix_of(message) + wording.title(message), chars)))
    text = shown_lines(message.text, chars)
    body = "\n".join(_line(line, markup) for line in text.split("\n")) if text else ""
    return "\n".join([line for line in (title, body) if line] + _notes(message, markup))


def _line(line: str, markup: Markup) -> str:
    url = wording.link_line(line)
    return markup.link(markup.escape("Read"), url) if url else markup.escape(line)


def _notes(message: Message, markup: Markup) -> list[str]:
    notes = cut_text(" ".join(wording.notes(message)), 300)
    return [markup.escape(notes)] if notes else []


_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|>~<:@&])")


def markdown_escaped(text: str) -> str:
    """Return text in which no sign is Markdown: a backslash stands before each that could be. `&` is one of them:
    `&commat;channel` is read as a mention.
    """
    return _MARKDOWN.sub(r"\\\1", text)


def markdown_link(label: str, url: str) -> str:
    """Return a link of Markdown; parentheses in the address would end it."""
    return f"[{label}]({url.replace('(', '%28').replace(')', '%29')})"


@dataclass(frozen=True, slots=True)
class Service(Generic[Config]):
    """One chat service: where and what to post for a configuration, and what its answers mean.

    `bare` is the payload of a text that is safe as it stands, for what surprises us.
    """

    kind: str
    url: Callable[[Config], Secret]
    payload: Callable[[Message, Config], dict[str, Any]]
    bare: Callable[[Message, Config], dict[str, Any]]
    table: Table
    reads: Callable[[str], Heard] = nothing_more
    headers: Callable[[Config], Mapping[str, str]] = lambda _config: {}
    secrets: Callable[[Config], tuple[Secret, ...]] = lambda _config: ()
    lists_at_most: int = _MOST_LISTED


@dataclass(frozen=True, slots=True)
class ChatChannel(Unchanging, Generic[Config]):
    """Implements ports.Channel for any chat service that takes one POST a message."""

    name: ChannelName
    config: Config
    service: Service[Config]
    sender: HttpSender

    @property
    def kind(self) -> str:
        """The word that stands in `type`."""
        return self.service.kind

    @property
    def deadline(self) -> timedelta:
        """The longest that one `send` may take."""
        return DEADLINE

    @property
    def traits(self) -> ChannelTraits:
        """What the outbox must know of it."""
        parts = (self.service.url(self.config), *self.service.secrets(self.config))
        return ChannelTraits(lists_at_most=self.service.lists_at_most, address=address_digest(self.kind, *parts))

    def render(self, message: Message) -> Mapping[str, Any]:
        """Return the payload."""
        service, config = self.service, self.config
        return rendered(message, lambda: service.payload(message, config), lambda: service.bare(message, config))

    async def send(self, message: Message) -> AttemptResult:
        """Post once; these services know no idempotency key, so a repeat says that it may be one."""
        service, config = self.service, self.config
        post = Post(
            service.url(config),
            encoded(dict(self.render(message))),
            service.headers(config),
            service.secrets(config),
            config.allow_private,
            service.reads,
        )
        return await self.sender.post(post, service.table)
