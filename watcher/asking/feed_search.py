"""What an address that a user gave leads to: a feed, a page that names feeds, or neither and why."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from watcher.core.feeds.decode import decode
from watcher.core.feeds.discover import NamedFeed, likely_feeds, named_feeds
from watcher.core.feeds.recipes import feed_of_page
from watcher.core.model.ids import FeedId, digest, public_id
from watcher.core.model.outcome import FeedProblem, Fetched, FetchFailed, FetchProblemKind, FetchRequest, ReadRequest
from watcher.core.model.page import PageRead, PageRequest
from watcher.core.model.policy import FeedForm, FeedSpec
from watcher.core.web_addresses import host_of
from watcher.daemon.active import with_network
from watcher.daemon.clock import SystemClock
from watcher.errors import ConfigError
from watcher.fetching.fetcher import HttpFetcher
from watcher.network.client import GuardedClient
from watcher.network.guard import AddressGuard
from watcher.network.hosts import HostLimits
from watcher.ports import Fetcher, Reader
from watcher.reading.readers import WorkerReader
from watcher.settings.configuration import Configuration, Network
from watcher.settings.env import Settings


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed that was read: `url` is where it is now for good, `kind` as in `ParsedFeed`; `newest` its first titles.

    `matching` of its items match a rule.
    """

    url: str
    title: str
    kind: str
    items: int
    matching: int = 0
    newest: tuple[str, ...] = ()
    note: str = ""


class Unfetched(ConfigError):
    """Nothing came from an address; `problem` says why."""

    def __init__(self, message: str, problem: FeedProblem) -> None:
        super().__init__(message)
        self.problem = problem


class FeedSearch:
    """Asks as the daemon would: through the guarded client, politely, documents read in a process that can be
    stopped.
    """

    def __init__(self, fetcher: Fetcher, reader: Reader, network: Network) -> None:
        self._fetcher = fetcher
        self._reader = reader
        self._network = network

    async def feed_at(self, spec: FeedSpec, *, tries_guesses: bool = True) -> FoundFeed | Sequence[NamedFeed]:
        """Return the feed at an address, or, where that is a web page, the feeds that it leads to.

        With `tries_guesses` likely addresses are asked where the page names none; those that are feeds come.

        Raises:
            ConfigError: nothing can be read there; the text says why and what to do.
        """
        fetched = await self.fetched(spec)
        found, problem = await self._read(spec, fetched)
        if found is not None:
            return found
        if problem is None or problem.kind is not FetchProblemKind.NOT_A_FEED or spec.form is not FeedForm.FEED:
            what = "a feed" if spec.form is FeedForm.FEED else "such a page"
            raise ConfigError(f"{spec.url} cannot be read as {what}: {problem.message if problem else 'it is empty'}")
        page = decode(fetched.body, fetched.content_type)
        named = named_feeds(page, fetched.url)
        if not named and (meant := feed_of_page(fetched.url, page)):
            named = (NamedFeed(meant),)
        if not named and tries_guesses:
            named = await self._tried(spec, likely_feeds(page, fetched.url))
        if not named:
            raise ConfigError(
                f"{spec.url} is no feed and names none: {problem.message} "
                f"Look on {host_of(fetched.url)} for a link called RSS, Atom or feed, and add that address; "
                f"or name the links that are its news: watcher feeds add {spec.url} --links 'h2 a'"
            )
        return named

    async def read_page(self, request: PageRequest) -> PageRead:
        """Return what a page holds, read in a process that can be stopped; raises as `Reader.page`."""
        return await self._reader.page(request)

    async def fetched(self, spec: FeedSpec) -> Fetched:
        """Return what an address answers.

        Raises:
            ConfigError: nothing came; the text says why and what to do.
        """
        asked = with_network(spec, self._network)
        outcome = await self._fetcher.fetch(FetchRequest(_id(spec.url), spec.url, request=asked.request))
        match outcome:
            case Fetched():
                return outcome
            case FetchFailed(problem):
                raise Unfetched(f"{spec.url} cannot be fetched: {problem.message}{_mend(problem)}", problem)
        raise ConfigError(f"{spec.url} says 'not modified' to a first request, so that nothing can be read there")

    async def _read(self, spec: FeedSpec, fetched: Fetched) -> tuple[FoundFeed | None, FeedProblem | None]:
        request = ReadRequest(
            _id(spec.url),
            fetched.body,
            fetched.url,
            revision=0,
            content_type=fetched.content_type,
            feed_name=spec.name,
            tags=spec.tags,
            lang=spec.lang,
            form=spec.form,
            links=spec.links,
        )
        reading = await self._reader.read(request)
        if not reading.kind:
            return None, reading.problem
        titles = tuple(read.article.title for read in reading.articles if read.article.title)
        url = spec.url if spec.request.username or spec.request.password else fetched.permanent_url or spec.url
        matching = sum(bool(read.matches) for read in reading.articles)
        note = reading.problem.message if reading.problem is not None else ""
        return FoundFeed(url, reading.title, reading.kind, len(reading.articles), matching, titles[:3], note), None

    async def _tried(self, spec: FeedSpec, addresses: Sequence[str]) -> tuple[NamedFeed, ...]:
        """Return those of some addresses that are feeds; the others were guesses, so that their errors say nothing."""
        found: dict[str, NamedFeed] = {}
        for address in addresses:
            guess = replace(spec, url=address)
            try:
                feed, _ = await self._read(guess, await self.fetched(guess))
            except ConfigError:
                continue
            if feed is not None and feed.items:
                found.setdefault(feed.url, NamedFeed(feed.url, feed.title, feed.kind))
        return tuple(found.values())


@contextlib.asynccontextmanager
async def open_search(settings: Settings, configuration: Configuration) -> AsyncIterator[FeedSearch]:
    """Open what a search needs, with the rules and the network of a configuration, and close it after."""
    clock = SystemClock()
    async with contextlib.AsyncExitStack() as stack:
        client = GuardedClient(AddressGuard())
        stack.push_async_callback(client.aclose)
        reader = WorkerReader(workers=1)
        stack.push_async_callback(reader.close)
        await reader.use(configuration.rule_source(0))
        fetcher = HttpFetcher(client, Path(settings.config), HostLimits(clock), clock=clock)
        yield FeedSearch(fetcher, reader, configuration.network)


def _id(url: str) -> FeedId:
    return FeedId(public_id("f", digest("feed", url)))


def _mend(problem: FeedProblem) -> str:
    match problem.kind:
        case FetchProblemKind.BLOCKED_ADDRESS:
            return "; if it is yours, name its block: --allow-private BLOCK, or `allow_private: [BLOCK]` at the feed"
        case FetchProblemKind.DNS:
            return "; is the name spelt right?"
        case FetchProblemKind.CONNECT | FetchProblemKind.TIMEOUT | FetchProblemKind.CLOSED:
            return "; try again later, or add it unseen with --unseen"
        case _:
            return ""
