"""What came of a fetch and of a read: values, never exceptions, so that one bad feed cannot stop the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from watcher.core.model.ids import FeedId
from watcher.core.model.match import ReadArticle
from watcher.core.model.policy import FeedForm, FetchLimits, ReadLimits, RequestPolicy
from watcher.core.model.suspicion import CLEAR, Suspicion


class FetchProblemKind(StrEnum):
    """Why a poll of a feed brought nothing, or not everything; shown to users and used as a metric label."""

    BLOCKED_ADDRESS = "blocked_address"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    CLOSED = "closed"  # the connection ended inside the answer
    HTTP_STATUS = "http_status"
    THROTTLED = "throttled"  # 429, or 503 with Retry-After
    BOT_WALL = "bot_wall"
    GONE = "gone"  # 410
    REDIRECT = "redirect"  # too many, in a circle, or to a scheme that we do not follow
    TOO_BIG = "too_big"
    BAD_ENCODING = "bad_encoding"  # stacked or unknown Content-Encoding, or broken gzip
    FILE = "file"  # a file: feed that is missing, not regular, or outside the configuration directory
    EMPTY = "empty"
    NOT_A_FEED = "not_a_feed"
    NOTHING_FOUND = "nothing_found"  # a page in which the selector finds no link, or in which no posts stand
    SAME_LINKS = "same_links"  # most elements that a selector finds in a page lead where others lead; it was read
    MALFORMED = "malformed"  # cut short or ill-formed; the whole items were kept
    TOO_COMPLEX = "too_complex"  # too many attributes, too deep, too much of a page
    FALSE_NOT_MODIFIED = (
        "false_not_modified"  # it said 304 over a changed document; asked without conditions for a week
    )
    OVERFLOW = "overflow"  # nothing in the document was known before: more may have come and gone between two polls
    READ_TIMEOUT = "read_timeout"
    READ_MEMORY = "read_memory"
    READ_CRASHED = "read_crashed"
    OUR_MISTAKE = "our_mistake"  # an error in this program that nobody thought of; the feed is not to blame


@dataclass(frozen=True, slots=True)
class FeedProblem:
    """What is wrong with a feed: one word, and one sentence that names the cause and the mend."""

    kind: FetchProblemKind
    message: str
    status: int | None = None
    retry_after: timedelta | None = None


def our_mistake(doing: str, error: BaseException) -> FeedProblem:
    """Return the problem of a poll that ended with an error nobody thought of; `doing` says at what, as "fetching the
    feed".

    Only the kind of the error is named: its text may hold an address with a password.
    """
    return FeedProblem(
        FetchProblemKind.OUR_MISTAKE,
        f"A mistake of ours ({type(error).__name__}) while {doing}, not the feed's fault; the log has the details, please report it. It is tried again.",
    )


@dataclass(frozen=True, slots=True)
class Validators:
    """HTTP validators exactly as the server sent them, to be echoed byte for byte; "" = none."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """One document to fetch; `validators` empty = unconditional."""

    feed: FeedId
    url: str
    validators: Validators = Validators()
    request: RequestPolicy = RequestPolicy()
    limits: FetchLimits = FetchLimits()


@dataclass(frozen=True, slots=True)
class Fetched:
    """A whole document came.

    `body` is decoded (gzip undone). `permanent_url` is where an unbroken chain of 301/308 from the start led, or "".
    `headers` holds the few that reading needs, names in lower case. `digest` is that of the body, b"" until it was
    taken.
    """

    body: bytes
    url: str
    content_type: str = ""
    status: int = 200
    permanent_url: str = ""
    validators: Validators = Validators()
    max_age: timedelta | None = None
    headers: Mapping[str, str] | None = None
    digest: bytes = field(default=b"", compare=False)


@dataclass(frozen=True, slots=True)
class NotModified:
    """Nothing changed: the server says so (304), or the document that came holds what the last one held; then `came`
    is set.

    `date` is the server's clock as it wrote it.
    """

    status: int = 304
    max_age: timedelta | None = None
    permanent_url: str = ""
    came: Came | None = None
    date: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Came:
    """A document that says nothing new: by what the next one is asked for, and recognised."""

    validators: Validators
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class FetchFailed:
    """Nothing usable came."""

    problem: FeedProblem


FetchOutcome: TypeAlias = Fetched | NotModified | FetchFailed


class Identity(StrEnum):
    """By what the items of a feed are told apart; degrades for good when guids are blank or repeated."""

    GUID = "guid"
    LINK = "link"
    CONTENT = "content"


@dataclass(frozen=True, slots=True)
class EntryMark:
    """How an entry is known again: by a digest of it and of all that its article is made under (`entry`), or, before it
    is parsed, by one of its text in its document (`piece`); that is empty where the document is not plain enough.
    """

    entry: bytes
    piece: bytes = b""


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """One document to read: parse, normalise, match. `revision` is the rule revision to match under.

    `known` is the `stripped_hash` of the last document; one that has the same is not read further. `configuration` is
    what the feed's configuration says beyond the other fields: a document is unchanged only under an unchanged one.
    `seen` are the entries of the last document; one of them that is listed again is not read further.
    """

    feed: FeedId
    body: bytes
    url: str
    revision: int
    content_type: str = ""
    feed_name: str = ""
    tags: tuple[str, ...] = ()
    lang: str = ""
    sample: bool = False
    identity: Identity = Identity.GUID
    limits: ReadLimits = ReadLimits()
    known: bytes = b""
    configuration: str = ""
    form: FeedForm = FeedForm.FEED
    links: str = ""
    seen: tuple[EntryMark, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedEntry:
    """An entry that could not be kept; visible to users, never a reason to lose the others."""

    position: int
    reason: str
    title: str = ""
    guid: str = ""


@dataclass(frozen=True, slots=True)
class EntryAgain:
    """An entry that stood in the last document too, and its place among all articles."""

    place: int
    mark: EntryMark


@dataclass(frozen=True, slots=True)
class Skips:
    """When a feed says that it brings nothing: hours of the day (0 to 23) and days of the week (0 = Monday), in UTC."""

    hours: tuple[int, ...] = ()
    days: tuple[int, ...] = ()


NO_SKIPS = Skips()


@dataclass(frozen=True, slots=True)
class Reading:
    """What one document held.

    `whole` = its end was reached, so that what is absent from it is really absent; `cut` = more items than we take.
    `problem` is set when the document is not a feed or was ill-formed; `articles` may hold the whole items even
    then. `ttl` and `skips` are the feed's own wishes; `period` is how often it says that it changes. `stripped_hash`
    is a digest of all that is read of the document, under these rules and this configuration: dates of the channel and
    counts of comments are no part of it. `unchanged` = it is that of the last document, so that the articles were not
    read again.

    `hub` is the address at which the feed may be subscribed to (WebSub), `topic` what it calls itself there; "" = none.

    `entries` are the marks of what the articles were made from, one each, by which they are recognised in the next
    document; none where the entries of the document are not told apart by their own fields. `again` are the entries
    that stood in the last document (`ReadRequest.seen`); `articles` lacks them.
    """

    feed: FeedId
    revision: int
    articles: tuple[ReadArticle, ...] = ()
    refused: tuple[RefusedEntry, ...] = ()
    whole: bool = True
    cut: bool = False
    problem: FeedProblem | None = None
    title: str = ""
    site_url: str = ""
    lang: str = ""
    kind: str = ""
    ttl: timedelta | None = None
    period: timedelta | None = None
    skips: Skips = NO_SKIPS
    hub: str = ""
    topic: str = ""
    identity: Identity = Identity.GUID
    stripped_hash: bytes = b""
    unchanged: bool = False
    entries: tuple[EntryMark, ...] = ()
    again: tuple[EntryAgain, ...] = ()


class FeedStatus(StrEnum):
    """The state word of a feed, as users read it."""

    NEW = "new"
    OK = "ok"
    FAILING = "failing"
    QUARANTINED = "quarantined"  # it stopped its worker, or the program, three times; polled alone and rarely
    PAUSED = "paused"  # gone (410 twice), or by the user


@dataclass(frozen=True, slots=True)
class FeedState:
    """Everything that is remembered of one feed between polls.

    `last_ok_at` is the last poll that brought a whole document or "not modified"; `failures` counts polls without one
    in a row; `document_at` is when a document last came, also an unchanged one, but no 304. `claims` counts polls
    begun without a result (a crash of the process leaves it raised); `suspicion` is what such ends say of it. Between
    its last items there were `usual_gap`s; silence is too long from `quiet_after` on. An answer `took` about so long.
    `skips` are those of the last document.
    """

    feed: FeedId
    url: str
    next_poll_at: datetime
    status: FeedStatus = FeedStatus.NEW
    validators: Validators = Validators()
    body_hash: bytes = b""
    stripped_hash: bytes = b""
    identity: Identity = Identity.GUID
    interval: timedelta = timedelta(minutes=10)
    last_poll_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_item_at: datetime | None = None
    document_at: datetime | None = None
    failures: int = 0
    claims: int = 0
    suspicion: Suspicion = CLEAR
    gone: int = 0
    problem: FeedProblem | None = None
    problem_since: datetime | None = None
    moved_to: str = ""
    moved_since: datetime | None = None
    moved_polls: int = 0
    cut: bool = False
    title: str = ""
    usual_gap: timedelta | None = None
    quiet_after: timedelta | None = None
    took: timedelta | None = None
    skips: Skips = NO_SKIPS
