"""Feeds added, paused, resumed and removed by hand: what is found is said, what is written too, and how to undo it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from watcher.asking.feed_search import FoundFeed, open_search
from watcher.core.feeds.discover import NamedFeed
from watcher.core.feeds.recipes import feed_address
from watcher.core.feeds.telegram_names import address_of, channel_at
from watcher.core.model.policy import FeedSpec, FirstPoll, RequestPolicy
from watcher.core.web_addresses import host_of, origin_of
from watcher.errors import ConfigError
from watcher.settings.edit import FeedFiles, Written, editing
from watcher.settings.env import Settings
from watcher.settings.issues import did_you_mean
from watcher.settings.phrases import counted, short
from watcher.settings.yaml_edit import Item
from watcher.telemetry.logging import printable

Choose = Callable[[str, Sequence[NamedFeed]], Sequence[NamedFeed]]
"""Asked which of the feeds that a page names are meant; it may raise."""

_TAKEN = "a running watcher takes this by itself within seconds"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A feed as it is to be added: its address, or that of a page, and what else its line says."""

    url: str
    name: str = ""
    tags: tuple[str, ...] = ()
    every: str = ""
    file: str = ""
    allow_private: tuple[str, ...] = ()
    links: str = ""

    def item(self, url: str = "") -> Item:
        """Return the line of the feed, at another address where given; private blocks are allowed to the origin that
        the user named, not to where a page leads.
        """
        line = self._where(url or self.url)
        if self.name:
            line["name"] = self.name
        if self.tags:
            line["tags"] = self.tags
        if self.every:
            line["every"] = self.every
        if self.allow_private and origin_of(url or self.url) == origin_of(self.url):
            line["allow_private"] = self.allow_private
        return line

    def _where(self, url: str) -> dict[str, str | Sequence[str]]:
        if self.links:
            return {"page": url, "links": self.links}
        if channel := channel_at(url):
            return {"telegram": channel}
        return {"url": url}


def add(settings: Settings, wanted: Wanted, choose: Choose, *, unseen: bool = False) -> list[str]:
    """Add a feed, or those that are chosen of a page; return what was found and written, in lines.

    Raises:
        ConfigError: the address is wrong, there already, or leads to no feed; nothing was written.
    """
    directory = Path(settings.config)
    page, feed = wanted.url, "" if wanted.links else feed_address(wanted.url)
    wanted = replace(wanted, url=feed or page)
    with editing(directory, settings) as files:
        refuse_known(files, address_of(channel) if (channel := channel_at(wanted.url)) else wanted.url)
        [spec] = files.add([wanted.item()], wanted.file)
        configuration = files.configuration

    async def look() -> list[FoundFeed]:
        async with open_search(settings, configuration) as search:
            found = await search.feed_at(spec)
            if isinstance(found, FoundFeed):
                return [found]
            chosen = choose(spec.url, found)
            read = [await search.feed_at(_at(spec, one.url)) for one in chosen]
            if wrong := next(
                (one for one, feed in zip(chosen, read, strict=True) if not isinstance(feed, FoundFeed)), None
            ):
                raise ConfigError(f"{wrong.url}, which {spec.url} names, is no feed; nothing was written")
            return [feed for feed in read if isinstance(feed, FoundFeed)]

    found = [] if unseen else asyncio.run(look())
    if wanted.name and len(found) > 1:
        raise ConfigError("several feeds cannot have one name; leave out --name, or choose one; nothing was written")
    lines = [f"known   the feed of {page} is at {feed}"] if feed else []
    lines += [line for one in found for line in _found(one, spec.url)]
    # As the user wrote it, with a password that may stand in it, where it did not move.
    urls = [wanted.url if feed.url == spec.url else feed.url for feed in found] or [wanted.url]
    with editing(directory, settings) as files:
        added: list[FeedSpec] = []
        for url in urls:
            refuse_known(files, url)
            added += files.add([wanted.item(url)], wanted.file)
        written = files.write()
    lines += [f"added   {one.name}; its first poll {_first_poll(one)}" for one in added]
    return [*lines, *written_lines(written)]


def remove(settings: Settings, name: str) -> list[str]:
    """Take a feed out of its file; return what was done.

    Raises:
        ConfigError: there is no such feed, a rule asks for it, or its file cannot be edited.
    """
    with editing(Path(settings.config), settings) as files:
        spec = feed_named(files.configuration.feeds, name)
        files.remove(spec)
        return [f"removed {spec.name}; what it brought stays known", *written_lines(files.write())]


def pause(settings: Settings, name: str) -> list[str]:
    """Mark a feed as paused; return what was done. Raises as `remove`."""
    with editing(Path(settings.config), settings) as files:
        spec = feed_named(files.configuration.feeds, name)
        if spec.paused:
            return [f"{spec.name} is paused already"]
        files.pause(spec)
        return [f"paused  {spec.name}; again: watcher feeds resume {spec.name}", *written_lines(files.write())]


def resume(settings: Settings, name: str) -> list[str]:
    """Take the mark of a paused feed away; return what was done. Raises as `remove`."""
    with editing(Path(settings.config), settings) as files:
        spec = feed_named(files.configuration.feeds, name)
        if not spec.paused:
            return [f"{spec.name} is not paused by the configuration; to ask it now: watcher poll {spec.name}"]
        files.resume(spec)
        return [f"resumed {spec.name}; it is asked at once", *written_lines(files.write())]


def feed_named(feeds: Sequence[FeedSpec], wanted: str) -> FeedSpec:
    """Return the feed of a name or address.

    Raises:
        ConfigError: there is none.
    """
    found = next((spec for spec in feeds if wanted in (spec.name, spec.url)), None)
    if found is None:
        near = did_you_mean(wanted, [spec.name for spec in feeds])
        raise ConfigError(f"no feed is called {short(printable(wanted))}; {near or 'see: watcher feeds list'}")
    return found


def refuse_known(files: FeedFiles, url: str) -> None:
    """Refuse an address that is there already, also where only scheme, case of the host or a last slash differ.

    Raises:
        ConfigError: it is; the text says where.
    """
    known = known_addresses(files.configuration.feeds).get(address_key(url))
    if known is not None:
        raise ConfigError(
            f"this feed is there already: {known.name}, {known.place}; nothing was written"
            f"{', it is paused: watcher feeds resume ' + known.name if known.paused else ''}"
        )


def known_addresses(feeds: Sequence[FeedSpec]) -> Mapping[str, FeedSpec]:
    """Return the feeds by what tells their addresses apart."""
    return {address_key(spec.url): spec for spec in feeds}


def address_key(url: str) -> str:
    """Return what tells one feed address from another: neither scheme, user, case of the host, nor a last slash."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port if parts.port not in (None, 80, 443) else ""
    except ValueError:
        return url
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return url
    return f"{host_of(url)}:{port}{parts.path.rstrip('/')}?{parts.query}"


def _at(spec: FeedSpec, url: str) -> FeedSpec:
    same = origin_of(url) == origin_of(spec.url)
    return replace(
        spec,
        url=url,
        request=spec.request if same else RequestPolicy(user_agent=spec.request.user_agent, proxy=spec.request.proxy),
    )


def _first_poll(spec: FeedSpec) -> str:
    return "alerts what matches" if spec.first_poll is FirstPoll.ALERT else "notes what is there and alerts nothing"


def _found(feed: FoundFeed, asked: str) -> Iterator[str]:
    title = f" {short(printable(feed.title))}" if feed.title else ""
    matching = f", {feed.matching} of them match your rules" if feed.matching else ""
    yield f"found   {printable(feed.kind)}{title}, {counted(feed.items, 'item')}{matching} at {printable(feed.url)}"
    if feed.url != asked:
        yield f"        {asked} leads there"
    for newest in feed.newest:
        yield f"        - {short(printable(newest))}"
    if feed.note:
        yield f"        {printable(feed.note)}"
    if not feed.items:
        yield "        it lists nothing now; that may be right"


def written_lines(written: Sequence[Written]) -> Iterator[str]:
    """Yield what an edit wrote, and how it is undone."""
    for one in written:
        yield f"wrote   {one.file}; {_TAKEN}"
        yield f"undo    {one.undo}"
