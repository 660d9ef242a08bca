"""Structured logs: key=value on a terminal, JSON elsewhere, secrets masked wherever they appear."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, TextIO, cast

import structlog

from watcher.telemetry.lines import LineWriter

LogStream = TextIO | LineWriter
"""What lines are written to."""

_USERINFO = re.compile(r"://[^/\s@]{1,2000}@")  # begins with a fixed text, so that the search runs ahead to it
_QUERY_SECRET = re.compile(r"(?i)([?&](?:token|key|api_?key|secret|password|sig|signature|auth)=)[^&\s\"']{1,2000}")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_SHORTEST_MASKED = 4  # shorter "secrets" would blank ordinary words
_END_CHARS = 16 * 1024  # of a long value both ends are logged


class Masker:
    """Replaces every known secret, and credentials inside URLs, by stars; grows as secrets become known."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: tuple[str, ...] = ()
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        """Mask these texts from now on; the longest go first, so that no secret leaves a piece of another."""
        known = {*self._secrets, *(secret for secret in secrets if len(secret) >= _SHORTEST_MASKED)}
        self._secrets = tuple(sorted(known, key=len, reverse=True))

    def mask(self, text: str) -> str:
        """Return the text without secrets."""
        for secret in self._secrets:
            if secret in text:
                text = text.replace(secret, "***")
        return _QUERY_SECRET.sub(r"\1***", _USERINFO.sub("://***@", text))

    def value(self, value: object) -> object:
        """Return a log value without secrets, whatever it holds."""
        match value:
            case str():
                return _ends(self.mask(value))
            case Mapping():
                return {str(key): self.value(item) for key, item in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self.value(item) for item in value]
            case None | bool() | int() | float():
                return value
            case _:
                return _ends(self.mask(str(value)))

    def __call__(self, logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Act as a structlog processor."""
        for key, value in event.items():
            event[key] = self.value(value)
        return event


def _ends(text: str) -> str:
    """Return a text of which the middle is left out where it is longer than anybody reads; called after masking."""
    left_out = len(text) - 2 * _END_CHARS
    return f"{text[:_END_CHARS]} … {left_out} characters left out … {text[-_END_CHARS:]}" if left_out > 0 else text


def printable(text: str) -> str:
    """Return remote text with control and direction characters made visible, so that it cannot forge a log line."""
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _visible(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str) and key != "exception":
            event[key] = printable(value.replace("\n", " ") if key == "event" else value)
    return event


def _for_a_person(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Leave out what says nothing."""
    for key in [key for key, value in event.items() if value is None]:
        del event[key]
    return event


def set_up_logging(*, level: str, form: str, masker: Masker, stream: LogStream | None = None) -> None:
    """Send all logs to `stream` (stderr): `form` auto (by TTY), console or json; `level` is debug, info, warning or
    error.
    """
    out = stream or sys.stderr
    console = form == "console" or (form == "auto" and out.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        # A person reads the time of their own zone, a program that of none.
        structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S %Z" if console else "iso", utc=not console),
        # Tracebacks without locals: a local may be a secret.
        structlog.processors.format_exc_info,
        masker,
    ]
    last: list[Any] = (
        # What a line is about stands first, as it was said: the rule and the headline, the problem before figures.
        [_visible, _for_a_person, structlog.dev.ConsoleRenderer(colors=out.isatty(), pad_event_to=28, sort_keys=False)]
        if console
        else [structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, out)),
        cache_logger_on_first_use=False,
    )
    _bring_in_the_standard_library(level, shared, last, out)


def _bring_in_the_standard_library(level: str, shared: list[Any], last: list[Any], out: LogStream) -> None:
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # These say at info what we say ourselves, and httpx says it with whole URLs.
    for name in ("httpx", "httpcore", "apscheduler", "uvicorn", "uvicorn.access", "alembic", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
