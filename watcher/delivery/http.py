"""The shared sender of the channels that speak HTTP: one guarded POST, its outcome as a value."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from watcher.core.http_dates import LONGEST_RETRY_AFTER, retry_after
from watcher.core.model.message import AttemptClass, AttemptResult
from watcher.core.model.outcome import FetchProblemKind
from watcher.core.model.policy import FetchLimits
from watcher.core.model.secret import Secret
from watcher.delivery.answers import masked
from watcher.errors import FetchError
from watcher.network.policy import HttpAnswer, HttpRequest
from watcher.telling.marked import shown

if TYPE_CHECKING:
    from watcher.ports import Clock

LIMITS = FetchLimits(
    total=timedelta(seconds=20), connect=timedelta(seconds=10), max_body_bytes=64 * 1024, max_redirects=0
)
DEADLINE = LIMITS.total + timedelta(seconds=5)

_MAX_REMOTE_CHARS = 200
_FOR_EVER = 1e9  # seconds; what is longer is no wish
_NEVER_ARRIVED = frozenset({FetchProblemKind.DNS, FetchProblemKind.CONNECT, FetchProblemKind.TLS})


class Exchanger(Protocol):
    """What `network.client.GuardedClient` offers."""

    async def exchange(self, request: HttpRequest) -> HttpAnswer:
        """Send one request and return what came; raises FetchError."""
        ...


Table = Callable[[int, str | None], AttemptClass]
"""A channel's error table: (status, body) -> what that means; the body is None where one came that cannot be read.

A channel whose receiver says by the status alone that it took the message goes by the status; one whose receiver says
it in the body may take no status for a body that nobody read.
"""


@dataclass(frozen=True, slots=True)
class Heard:
    """What else the body of an answer says: what the receiver calls the message, and how long it wants to be left
    alone.
    """

    remote: str = ""
    retry_after: timedelta | None = None


def nothing_more(_body: str) -> Heard:
    """Return that the body says no more, as most receivers' bodies do."""
    return Heard()


def json_of(body: str | None) -> Mapping[str, Any]:
    """Return the JSON object that a body is, an empty one where it is none."""
    try:
        found = json.loads(body or "")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def seconds_of(value: object) -> timedelta | None:
    """Return a wish in seconds, as JSON bodies give it, at most as long as a header's; None for none, or junk."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < _FOR_EVER:
        return None
    return min(timedelta(seconds=value), LONGEST_RETRY_AFTER)


@dataclass(frozen=True, slots=True)
class Post:
    """One request of a channel; `secrets` are starred out of the stored answer, the address always is. `reads` looks
    into the body of the answer. `method` GET asks, and sends no body.
    """

    url: Secret
    body: bytes
    headers: Mapping[str, str]
    secrets: Sequence[Secret] = ()
    allow_private: tuple[str, ...] = ()
    reads: Callable[[str], Heard] = nothing_more
    method: str = "POST"
    limits: FetchLimits = LIMITS


@dataclass(frozen=True, slots=True)
class HttpSender:
    """Posts through the guarded client: no redirects, 20 s in all, at most 64 KiB of answer are read."""

    client: Exchanger
    clock: Clock
    allow_private: tuple[str, ...] = ()  # of the whole installation; a channel may allow more

    async def post(self, post: Post, table: Table) -> AttemptResult:
        """Return what came of one POST; every failure is a value."""
        request = HttpRequest(
            url=post.url.reveal(),
            method=post.method,
            headers={"content-type": "application/json; charset=utf-8"},
            origin_headers=post.headers,
            content=post.body if post.method == "POST" else None,
            allow_private=(*self.allow_private, *post.allow_private),
            limits=post.limits,
            keeps=True,
        )
        secrets = (post.url, *post.secrets)
        try:
            async with asyncio.timeout(DEADLINE.total_seconds()):
                answer = await self.client.exchange(request)
        except TimeoutError:
            return AttemptResult(AttemptClass.UNKNOWN, "no answer in time; the message may have arrived")
        except FetchError as error:
            return _of_error(error, table, secrets)
        return self._of_answer(answer, table, secrets, post.reads)

    def _of_answer(
        self, answer: HttpAnswer, table: Table, secrets: Sequence[Secret], reads: Callable[[str], Heard]
    ) -> AttemptResult:
        body = answer.body.decode("utf-8", "replace").strip()
        header = answer.headers.get("retry-after", "")
        heard = reads(body)
        return AttemptResult(
            table(answer.status, body),
            masked(f"{answer.status} {body}", secrets),
            answer.status,
            heard.retry_after or retry_after(header, self.clock.now(), date=answer.headers.get("date", "")),
            remote=shown(heard.remote[:_MAX_REMOTE_CHARS]),
        )


def _of_error(error: FetchError, table: Table, secrets: Sequence[Secret]) -> AttemptResult:
    answer = masked(str(error), secrets)
    status = error.detail.status
    if status is not None:  # cut short, too much for us, or compressed in a way that we did not ask for
        return AttemptResult(table(status, None), answer, status, error.detail.retry_after)
    if error.kind == FetchProblemKind.BLOCKED_ADDRESS:
        return AttemptResult(AttemptClass.PERMANENT, answer)
    if error.kind in _NEVER_ARRIVED or not error.detail.asked:
        return AttemptResult(AttemptClass.RETRY, answer)
    return AttemptResult(AttemptClass.UNKNOWN, answer)


def usual_table(status: int, _body: str | None = None) -> AttemptClass:
    """Return what a status means where a service says nothing else, whatever became of the body.

    Source: RFC 9110 section 15; a redirect is not followed, since the body would go to an address nobody configured.
    A gateway that had no good answer (502, 504) passed the message on before it gave up: it may have arrived, so it
    goes again under its own id, as a possible repeat. Any other 5xx is of one who says that it failed.
    """
    if 200 <= status < 300:
        return AttemptClass.OK
    if status == 429:
        return AttemptClass.THROTTLE
    if status in (502, 504):
        return AttemptClass.UNKNOWN
    if status in (408, 409, 423, 425) or status >= 500:
        return AttemptClass.RETRY
    if status in (400, 413, 414, 415, 422, 431):
        return AttemptClass.CONTENT
    return AttemptClass.PERMANENT


def said_by(is_said: Callable[[str], bool], otherwise: Table = usual_table) -> Table:
    """Return the table of a service that says in the body that it took a message; `is_said` finds its word there.

    A success without that word is not the service, such as the log-in page of a proxy: somebody must look at the
    address. A body that is empty or cannot be read says neither: the message may have arrived.
    """

    def table(status: int, answer: str | None) -> AttemptClass:
        if not 200 <= status < 300:
            return otherwise(status, answer)
        if not answer:
            return AttemptClass.UNKNOWN
        return AttemptClass.OK if is_said(answer) else AttemptClass.PERMANENT

    return table


def has_id(answer: str) -> bool:
    """Return whether an answer is a JSON object in which a message has an id."""
    found = json_of(answer).get("id")
    return isinstance(found, (str, int)) and found not in ("", False, True)


def is_ok(answer: str) -> bool:
    """Return whether an answer is a JSON object that says `"ok": true`."""
    return json_of(answer).get("ok") is True
