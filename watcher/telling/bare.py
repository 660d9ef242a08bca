"""The form of a message that cannot fail: which rules, which links, in ASCII; sent when the usual form surprises us."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from watcher.core.model.message import AlertSummary, Message, MessageKind

_MAX_ALERTS = 50  # as many as any channel lists
_NAME_CHARS = 80
_LINK_CHARS = 2000
_TEXT_CHARS = 2000
_NOTE = "This message could not be shown in its usual form; the log says why."

Rendered = TypeVar("Rendered")


def rendered(message: Message, usual: Callable[[], Rendered], bare: Callable[[], Rendered]) -> Rendered:
    """Return what `usual` makes of a message, or what `bare` does where that raises: a surprise costs the look, never
    the alert.
    """
    try:
        return usual()
    except Exception:  # noqa: BLE001 - it is logged below
        # Whatever a publisher wrote, and whatever library stumbled over it, somebody has to be told.
        import structlog  # noqa: PLC0415 - it is rarely needed, and takes long to import

        structlog.get_logger().exception("unexpected error", room="render", message=message.id, channel=message.channel)
        return bare()


def bare_title(message: Message) -> str:
    """Return one line of ASCII: "Alert of the rule DPRK?Russia military"."""
    prefix = "TEST " if message.kind is MessageKind.TEST else ""
    if not message.alerts:
        return f"{prefix}Notice from watcher"
    more = len(message.alerts) - 1
    return f"{prefix}Alert of the rule {_rule(message.alerts[0])}" + (f", and {more} more" if more else "")


def bare_text(message: Message) -> str:
    """Return lines of ASCII: the title, for each alert its rule and link, the text of a notice."""
    lines = [bare_title(message), ""]
    for alert in message.alerts[:_MAX_ALERTS]:
        lines += [line for line in (_rule(alert), _link(alert.url)) if line]
    lines += [_ascii(line, _TEXT_CHARS) for line in message.text[:_TEXT_CHARS].split("\n")]
    return "\n".join([*lines, "", _NOTE])


def _rule(alert: AlertSummary) -> str:
    return _ascii(alert.rule_name or alert.rule, _NAME_CHARS)


def _ascii(text: str, limit: int) -> str:
    """Return text in which each letter that is not printable ASCII is a question mark, and nothing looks like an
    encoded word.
    """
    return "".join(letter if " " <= letter <= "~" else "?" for letter in text[:limit]).replace("=?", "= ?")


def _link(url: str) -> str:
    is_plain = all("!" <= letter <= "~" and letter not in '"<>\\^`{|}' for letter in url)
    return url if is_plain and len(url) <= _LINK_CHARS and url.lower().startswith(("http://", "https://")) else ""
