"""Where bytes go: every destination that the configuration and the process settings name, who chose it, what kind of
data goes there, and when some last did.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from watcher.asking.configured import configuration_of
from watcher.asking.store import with_store
from watcher.core.model.message import ChannelHealth
from watcher.core.model.policy import ChannelState, FeedSpec, FullText
from watcher.core.model.record import FeedRecord
from watcher.core.model.secret import Secret
from watcher.core.web_addresses import is_web, origin_of
from watcher.errors import StorageError
from watcher.ports import Shown
from watcher.settings.configuration import ChannelSetup, Configuration
from watcher.settings.env import Settings
from watcher.telemetry.logging import printable
from watcher.telling.payload import rfc3339
from watcher.web.access import is_loopback, parse_bind

_USUAL_PORTS: Final = {"http": 80, "https": 443}
_MOST_PLACES: Final = 2
_TIMED: Final = ("feed", "proxy", "channel")
_ASKED: Final = "the address asked for, the program's name and version"
_ALERTS: Final = "alerts: titles, excerpts, links, names of rules and the words that hit"

ON_DEMAND: Final = (
    "When you call them, `feeds add` and `import`, `explain --fetch`, `check --online` and `notify test` ask what "
    "you name. Nothing else is asked: there is no telemetry and no look for updates."
)


@dataclass(frozen=True, slots=True)
class Destination:
    """One receiver of bytes for one purpose. `where` is its origin (a sentence where it has none), never with a secret;
    `chosen_by` a file and line, a variable, or what else led there; `last` is the last time known, None = none is;
    `name` that of a channel.
    """

    kind: str
    where: str
    chosen_by: str
    data: str
    last: datetime | None = None
    rests: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of when something went where; nothing where there is none."""

    feeds: Sequence[FeedRecord] = ()
    channels: Sequence[ChannelHealth] = ()


def destinations(settings: Settings) -> list[Destination]:
    """Return every destination of bytes, feeds first. Reads only; asks nobody.

    Raises:
        ConfigError: the configuration has mistakes; the text shows them.
    """
    configuration = configuration_of(settings)
    try:
        known = with_store(settings, _known)
    except StorageError:
        known = Known()
    return list(destinations_of(configuration, settings, known))


async def _known(store: Shown) -> Known:
    return Known(tuple(await store.feeds()), tuple(await store.channel_health()))


def destinations_of(configuration: Configuration, settings: Settings, known: Known) -> Iterator[Destination]:
    """Yield every destination of a configuration and the process settings."""
    records = {record.name: record for record in known.feeds}
    for feed in configuration.feeds:
        yield from _of_feed(feed, records.get(feed.name), configuration.network.contact)
    if settings.callback_url:
        yield Destination(
            "hub",
            "the hubs that feeds name (WebSub)",
            "WATCHER_CALLBACK_URL, and the feed's document",
            "the address of the feed, and ours for pushes with a secret made for it",
        )
    health = {one.name: one for one in known.channels}
    for setup in configuration.channels.values():
        yield _of_channel(setup, health.get(setup.name), settings)
    for key, address in (
        ("heartbeat", configuration.meta.heartbeat),
        ("heartbeat_failed", configuration.meta.heartbeat_failed),
    ):
        if address is not None:
            failed = ", what is wrong in sentences" if key == "heartbeat_failed" else ""
            yield Destination("heartbeat", _origin(address), f"meta.{key}", f"{_ASKED}{failed}")
    yield from _of_the_process(configuration, settings)


def _of_feed(feed: FeedSpec, record: FeedRecord | None, contact: str) -> Iterator[Destination]:
    if not is_web(feed.url):
        return
    place, proxy = str(feed.place), feed.request.proxy
    last = record.state.last_poll_at if record is not None else None
    one = Destination("feed", _origin(feed.url), place, _told(feed, contact), last, "paused" if feed.paused else "")
    yield one
    led = _led_to(record)
    if is_web(led) and _origin(led) != one.where:
        yield replace(one, where=_origin(led), chosen_by=f"a redirect of the feed at {place}", data=_ASKED)
    if proxy is not None and proxy.reveal():
        yield replace(one, kind="proxy", where=_origin(proxy), data="all requests of this feed")
    if feed.full_text is not FullText.NO:
        yield Destination("pages", f"the sites that items of {feed.name} link to", place, _ASKED, None, one.rests)


def _told(feed: FeedSpec, contact: str) -> str:
    """Return what the server of a feed is told."""
    said = [_ASKED, *(["your contact"] if contact else [])]
    request = feed.request
    if request.headers or request.password is not None or request.username or request.cookies:
        said.append("the credentials, headers or cookies of this feed")
    return ", ".join(said)


def _led_to(record: FeedRecord | None) -> str:
    """Return where the server of a feed led to for good, "" = nowhere."""
    return "" if record is None else record.state.moved_to or record.state.url


def _of_channel(setup: ChannelSetup, health: ChannelHealth | None, settings: Settings) -> Destination:
    last = health.last_ok_at if health is not None else None
    place = str(setup.place) if setup.place.file else "always there"
    config = setup.config
    rests = "" if setup.state is ChannelState.READY else setup.reason or setup.state.value
    if setup.state is ChannelState.NO_SECRET and " " not in rests:  # a variable alone
        rests = f"{rests} is not set"
    if settings.sends_nothing:
        rests = "WATCHER_SEND=none"
    where, data = "not known yet", _ALERTS
    if config is not None and config.recipients is not None:
        where = _origin(settings.smtp_url) if settings.smtp_url is not None else "no mail server is set"
        place = f"{place}, server by WATCHER_SMTP_URL"
        data = f"{_ALERTS}; the mail addresses {', '.join(config.recipients)}"
    elif config is not None:
        where = _origin(config.posts_to) if config.posts_to else "stays on this machine"
    return Destination("channel", where, place, data, last, rests, setup.name)


def _of_the_process(configuration: Configuration, settings: Settings) -> Iterator[Destination]:
    if settings.draft_url:
        data = "when `rules draft` is called: the sentence, names of shipped concepts"
        yield Destination("drafts", _origin(settings.draft_url), "WATCHER_DRAFT_URL", data)
    server = settings.place().server
    if server:
        data = "all that is stored: articles, alerts, the configuration without its secrets"
        yield Destination("database", _origin(server), "WATCHER_DATABASE", data)
    near = "this machine alone" if is_loopback(parse_bind(settings.bind)[0]) else "whoever reaches this address"
    data = "the status page: alerts, articles, feeds and rules" + (", with a token" if settings.token else "")
    yield Destination("page", f"{settings.bind}, {near}", "WATCHER_BIND", data)
    names = any(is_web(feed.url) for feed in configuration.feeds) or any(
        setup.config is not None and setup.config.posts_to for setup in configuration.channels.values()
    )
    if names:
        yield Destination("names", "the name server of this machine", "its operator", "the host names above")


def _origin(address: str | Secret) -> str:
    """Return scheme, host and port of an address: what else it holds may be a secret, or what somebody looks for."""
    scheme, host, port = origin_of(address.reveal() if isinstance(address, Secret) else address)
    if not scheme:
        return "an address that cannot be read"
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}{f':{port}' if port and port != _USUAL_PORTS.get(scheme) else ''}"


def render_destinations(found: Sequence[Destination]) -> str:
    """Return them as lines, those to which the same kind of data goes below one head."""
    heads: dict[str, list[str]] = {}
    for one, places in _together(found):
        more = f" and {len(places) - _MOST_PLACES} more" if len(places) > _MOST_PLACES else ""
        known = one.last.strftime("%Y-%m-%d %H:%M UTC") if one.last is not None else "not known"
        last = f", last {known}" if one.kind in _TIMED else ""
        rests = f"; nothing goes there now: {one.rests}" if one.rests else ""
        where = f"{one.name}: {one.where}" if one.name else one.where
        line = f"  {where:<36}  by {', '.join(places[:_MOST_PLACES])}{more}{last}{rests}"
        heads.setdefault(f"{one.kind}: {one.data}", []).append(line)
    lines = [line for head, below in heads.items() for line in (head, *below)]
    return "\n".join([*map(printable, lines), "", ON_DEMAND])


def _together(found: Iterable[Destination]) -> list[tuple[Destination, list[str]]]:
    """Return destinations that differ only in who chose them and when as one, with the newest time."""
    rows: dict[Destination, tuple[Destination, list[str]]] = {}
    for one in found:
        key = replace(one, chosen_by="", last=None)
        before, places = rows.get(key, (one, []))
        newest = max((at for at in (before.last, one.last) if at is not None), default=None)
        rows[key] = (replace(before, last=newest), [*places, one.chosen_by])
    return list(rows.values())


def destination_mapping(one: Destination) -> Mapping[str, Any]:
    """Return one as its JSON object."""
    fields = {
        "kind": one.kind,
        "name": one.name or None,
        "where": one.where,
        "chosen_by": one.chosen_by,
        "data": one.data,
    }
    return {**fields, "last": rfc3339(one.last) if one.last is not None else None, "rests": one.rests or None}
