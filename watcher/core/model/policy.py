"""Policies: what the user's configuration asks of each stage, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

from watcher.core.model.ids import ChannelName, RuleId, StoryId
from watcher.core.model.place import NOWHERE, Place
from watcher.core.model.rule import Rule
from watcher.core.model.secret import Secret
from watcher.core.model.timing import Route, Timing

CONSOLE = ChannelName("console")
"""The channel that always exists."""


OFFICIAL_KINDS = frozenset({"state", "official"})
"""Publishers of these kinds speak for a government."""


class FirstPoll(StrEnum):
    """What the first good poll of a feed does with the items it finds."""

    SEEN = "seen"
    ALERT = "alert"


class FeedForm(StrEnum):
    """What stands at the address of a feed."""

    FEED = "feed"
    PAGE = "page"  # a web page whose links are the items
    TELEGRAM = "telegram"  # the public preview of a Telegram channel


class FullText(StrEnum):
    """Whether the pages that the items of a feed link to are read."""

    NO = "false"
    ALL = "true"
    NEAR_MISS = "near_miss"  # only where all groups of a rule but one hit


@dataclass(frozen=True, slots=True)
class RequestPolicy:
    """How one feed is asked for; credentials, headers, `allow_private` and what is said of TLS hold for the configured
    origin only, `proxy` (an http address, "" = it waits for its secret) wherever the feed leads.

    `ca_file` is a file of certificates below the configuration directory that are trusted beside the usual ones;
    `unverified` = no certificate is asked for.
    """

    headers: Mapping[str, Secret] = field(default_factory=dict)
    username: str = ""
    password: Secret | None = None
    cookies: Mapping[str, Secret] = field(default_factory=dict)
    user_agent: str = ""
    allow_private: tuple[str, ...] = ()  # CIDR blocks
    proxy: Secret | None = None
    ca_file: str = ""
    unverified: bool = False


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What one fetch may cost."""

    total: timedelta = timedelta(seconds=30)
    connect: timedelta = timedelta(seconds=10)
    max_body_bytes: int = 10 * 1024 * 1024
    max_redirects: int = 5


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """What reading one document may cost."""

    deadline: timedelta = timedelta(seconds=5)
    memory_bytes: int = 768 * 1024 * 1024
    max_items: int = 2000
    max_tags: int = 100
    max_text_chars: int = 64 * 1024
    max_title_chars: int = 4 * 1024
    max_url_chars: int = 2 * 1024
    max_attributes: int = 256
    max_depth: int = 100


@dataclass(frozen=True, slots=True)
class FeedSpec:
    """One feed of the configuration.

    `name` is shown and unique; `named` says that the user gave it. `every` None = decided from the feed itself. A
    paused one is not polled; what is known of it is kept. `links` is the CSS selector by which a page is read.
    """

    url: str
    name: str
    named: bool = False
    tags: tuple[str, ...] = ()
    every: timedelta | None = None
    first_poll: FirstPoll = FirstPoll.SEEN
    max_age: timedelta = timedelta(days=3)
    sample: bool = False
    was: tuple[str, ...] = ()
    lang: str = ""
    silent_after: timedelta | None = None
    paused: bool = False
    form: FeedForm = FeedForm.FEED
    links: str = ""
    full_text: FullText = FullText.NO
    request: RequestPolicy = RequestPolicy()
    place: Place = field(default=NOWHERE, compare=False)
    rest: timedelta | None = field(
        default=None, compare=False
    )  # not sooner than this, while somebody tells of its news


@dataclass(frozen=True, slots=True)
class Renames:
    """Earlier ids of rules and earlier names of channels, each with the one of today; what they did follows."""

    rules: Mapping[RuleId, RuleId] = field(default_factory=dict)
    channels: Mapping[ChannelName, ChannelName] = field(default_factory=dict)


NO_RENAMES = Renames()


@dataclass(frozen=True, slots=True)
class Publisher:
    """Several sites that count as one source."""

    name: str
    sites: tuple[str, ...]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Silence:
    """A user's mute: articles that fit all that is given (of `rule`, of `feed`, of `story`, with one of `words`) are
    not alerted between two times, on `channel` alone where one is given.

    `by` says who made it by hand while the program ran; "" = it stands in the files. `lasts` without a start: it begins
    with the revision that first held it, which the store knows (core/alerts/lasting.py).
    """

    name: str
    rule: RuleId | None = None
    words: tuple[str, ...] = ()
    feed: str = ""
    story: StoryId | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    because: str = ""
    place: Place = field(default=NOWHERE, compare=False)
    channel: ChannelName | None = None
    by: str = ""
    lasts: timedelta | None = None


class ChannelState(StrEnum):
    """Whether a channel can take messages now."""

    READY = "ready"
    NO_SECRET = "secret"  # noqa: S105 - waiting for its secret
    OFF = "channel"  # does not exist any more, or is switched off
    BREAKER = "breaker"


@dataclass(frozen=True, slots=True)
class Policy:
    """What `judge` needs to know of the configuration; belongs to one revision.

    `channels` holds every channel that exists, `default_targets` is defaults.send_to. `silent_targets` are the
    channels that ring nobody: console, files, and webhooks that a machine reads. `threaded` ones tell more of a story
    in its thread, where it rings nobody. `timings` say when a channel may ring; `paused` are the recipients of a
    channel who asked for no more. `otherwise` says where the alerts of a channel go while it takes none, in order, and
    `otherwise_named` of which channels the files say it; `give_up` after how long a message is given up, where another
    time than the usual one is meant. `zone` is the one in which readers are told times. `feeds` are the addresses of
    those that the user named, by name.
    """

    revision: int
    rules: Mapping[RuleId, Rule]
    channels: Mapping[ChannelName, ChannelState]
    default_targets: tuple[ChannelName, ...] = (CONSOLE,)
    publishers: tuple[Publisher, ...] = ()
    silences: tuple[Silence, ...] = ()
    silent_targets: frozenset[ChannelName] = frozenset({CONSOLE})
    threaded: frozenset[ChannelName] = frozenset()
    routes: tuple[Route, ...] = ()
    timings: Mapping[ChannelName, Timing] = field(default_factory=dict)
    paused: Mapping[ChannelName, frozenset[str]] = field(default_factory=dict)
    otherwise: Mapping[ChannelName, tuple[ChannelName, ...]] = field(default_factory=dict)
    otherwise_named: frozenset[ChannelName] = frozenset()
    give_up: Mapping[ChannelName, timedelta] = field(default_factory=dict)
    zone: tzinfo = UTC
    feeds: Mapping[str, str] = field(default_factory=dict)

    @property
    def officials(self) -> frozenset[str]:
        """The publishers whose word is news by itself."""
        return frozenset(publisher.name for publisher in self.publishers if publisher.kind in OFFICIAL_KINDS)


@dataclass(frozen=True, slots=True)
class Keep:
    """How long things are kept; `matched` is the text of what somebody voted on."""

    articles: timedelta = timedelta(days=30)
    keys: timedelta = timedelta(days=90)
    matched: timedelta = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How a failed send is tried again: full jitter between `first` and `longest`; given up after `give_up`.

    An open breaker is probed every `probe_every` where the receiver refuses us, every `probe_soon` where it only fails.

    Source: "full jitter" as in M. Brooker, Exponential Backoff And Jitter, 2015.
    """

    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(hours=1)
    give_up: timedelta = timedelta(days=7)
    probe_every: timedelta = timedelta(hours=1)
    probe_soon: timedelta = timedelta(minutes=5)
