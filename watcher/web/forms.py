"""Forms that were sent to us: read with limits, before anything of them is believed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from watcher.telling.wording import label

MAX_BYTES: Final = 16 * 1024
MAX_FIELDS: Final = 12
READ_SECONDS: Final = 10.0
_LINE_CHARS: Final = 200


class BadForm(Exception):
    """A form that is refused: the status of the answer, and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


async def read_form(request: Request) -> Mapping[str, str]:
    """Return the fields of a form as a browser sends it, each once.

    Raises:
        BadForm: it is none, too large, comes too slowly, or a field stands in it twice.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise BadForm(415, "A form is expected, sent as application/x-www-form-urlencoded.")
    try:
        async with asyncio.timeout(READ_SECONDS):
            text = (await _body(request)).decode("utf-8")
        pairs = parse_qsl(text, keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=MAX_FIELDS)
    except TimeoutError as error:
        raise BadForm(408, "The form did not come in time.") from error
    except ClientDisconnect as error:
        raise BadForm(400, "The form was cut off.") from error
    except ValueError as error:
        raise BadForm(400, f"The form cannot be read: UTF-8 and at most {MAX_FIELDS} fields are expected.") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise BadForm(400, "A field stands in the form twice.")
    return fields


async def discard_body(request: Request) -> None:
    """Read what was sent to its end, and believe nothing of it; any kind of form will do.

    Source: RFC 8058 section 3.2, which lets mail programs send multipart/form-data.

    Raises:
        BadForm: it is too large, or comes too slowly.
    """
    try:
        async with asyncio.timeout(READ_SECONDS):
            await _body(request)
    except TimeoutError as error:
        raise BadForm(408, "The form did not come in time.") from error
    except ClientDisconnect as error:
        raise BadForm(400, "The form was cut off.") from error


def one_line(text: str, chars: int = _LINE_CHARS) -> str:
    """Return what somebody wrote on one line, without control and direction signs, cut to `chars`."""
    return label(text, chars).strip()


async def _body(request: Request) -> bytes:
    length = request.headers.get("content-length", "0")
    # A length that is no number is refused by the server in front of us.
    if length.isdigit() and int(length) > MAX_BYTES:
        raise BadForm(413, f"A form has at most {MAX_BYTES // 1024} KiB.")
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BYTES:
            raise BadForm(413, f"A form has at most {MAX_BYTES // 1024} KiB.")
        parts.append(part)
    return b"".join(parts)
