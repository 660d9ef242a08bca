"""Which due feeds may be fetched now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from tests.fakes.clock import FakeClock
from watcher.core.model.ids import FeedId
from watcher.core.model.record import DueFeed
from watcher.daemon.places import MOST_READING, QUICK, SLOW, SLOW_SECONDS, Due, Places
from watcher.network.hosts import HostLimits


class Room:
    """Places with a clock, and fetches that a test ends."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.hosts = HostLimits(self.clock, timedelta(seconds=1))
        self.places = Places(self.hosts, self.clock.monotonic)

    def begin(self, due: Sequence[DueFeed]) -> list[str]:
        """Begin what may begin, and return its names."""
        chosen = self.places.choose(Due(due))
        urls = {feed.feed: feed.url for feed in due}
        for feed in chosen:
            self.places.begin(feed, urls[feed])
        return [str(feed) for feed in chosen]

    def learn(self, due: Sequence[DueFeed], *, seconds: float) -> None:
        """Let each feed have one poll whose fetch takes so long."""
        for feed in due:
            self.places.begin(feed.feed, feed.url)
        self.clock.advance(seconds=seconds)
        for feed in due:
            self.places.fetched(feed.feed)
            self.places.ended(feed.feed)


def feeds(name: str, count: int, host: str = "") -> list[DueFeed]:
    """Return due feeds, each of a host of its own unless one is given."""
    return [DueFeed(FeedId(f"{name}{n}"), f"https://{host or f'{name}{n}.example'}/feed/{n}.xml") for n in range(count)]


def test_feeds_of_one_host_take_one_place_however_many_they_are() -> None:
    for count in (2, 60, 150, 1000):
        room = Room()
        others = feeds("other", 10)
        assert room.begin([*feeds("dead", count, "dead.example"), *others]) == ["dead0", *(f.feed for f in others)]


def test_a_feed_begins_when_its_host_is_free_and_its_pause_is_over() -> None:
    room = Room()
    two = feeds("wire", 2, "wire.example")
    assert room.begin(two) == ["wire0"]
    assert room.begin(two[1:]) == []


async def test_the_pause_of_a_host_says_when_to_look_again() -> None:
    room = Room()
    two = feeds("wire", 2, "wire.example")
    room.begin(two)
    async with room.hosts.turn("wire.example"):
        assert room.places.next_free_in(Due(two[1:])) is None
    room.places.fetched(two[0].feed)
    assert room.begin(two[1:]) == []
    assert room.places.next_free_in(Due(two[1:])) == 1.0
    room.clock.advance(seconds=1)
    assert room.places.next_free_in(Due(two[1:])) is None
    assert room.begin(two[1:]) == ["wire1"]


def test_slow_feeds_share_places_of_their_own() -> None:
    room = Room()
    slow, quick = feeds("slow", SLOW + 50), feeds("quick", QUICK)
    room.learn(slow, seconds=25)
    room.learn(quick, seconds=0.1)
    begun = room.begin([*slow, *quick])
    assert sum(name.startswith("slow") for name in begun) == SLOW
    assert sum(name.startswith("quick") for name in begun) == QUICK


def test_feeds_that_turn_out_to_be_slow_leave_the_quick_places() -> None:
    room = Room()
    quick = feeds("quick", 5)
    room.learn(quick, seconds=0.1)
    assert len(room.begin(feeds("new", 1000))) == QUICK - 10
    assert room.begin(quick) == [feed.feed for feed in quick], "some places are kept for feeds known to be quick"
    for feed in quick:
        room.places.ended(feed.feed)
    room.clock.advance(seconds=SLOW_SECONDS)
    more = room.begin([*feeds("other", 5), *quick])
    assert len(more) == 10


def test_a_thousand_silent_hosts_never_take_the_places_of_quick_feeds() -> None:
    room = Room()
    quick = feeds("quick", 10)
    room.learn(quick, seconds=0.1)
    for _ in range(20):
        room.begin([*feeds("dead", 1000)])
        room.clock.advance(seconds=SLOW_SECONDS)
    assert room.begin(quick) == [feed.feed for feed in quick]


def test_nothing_begins_while_many_documents_wait_to_be_read() -> None:
    room = Room()
    first = feeds("a", 40)
    room.begin(first)
    for feed in first:
        room.places.fetched(feed.feed)
    second = feeds("b", 10)
    assert len(room.begin(second)) == 10
    for feed in second:
        room.places.fetched(feed.feed)
    assert len(first) + len(second) == MOST_READING
    assert room.begin(feeds("c", 1)) == []
    room.places.ended(first[0].feed)
    assert room.begin(feeds("c", 1)) == ["c0"]


def test_files_wait_for_no_host() -> None:
    room = Room()
    assert len(room.begin([DueFeed(FeedId(f"f{n}"), f"file:{n}.xml") for n in range(5)])) == 5


def test_after_a_shortage_fewer_begin_at_once_for_an_hour() -> None:
    room = Room()
    due = feeds("a", 40)
    assert len(room.begin(due)) == 40
    for _ in range(20):
        room.places.squeeze()  # all that failed in one moment counts once
    for feed in due:
        room.places.ended(feed.feed)
    assert len(room.begin(due)) == 20
    room.clock.advance(seconds=10)
    for _ in range(20):
        room.clock.advance(seconds=10)
        room.places.squeeze()
    for feed in due:
        room.places.ended(feed.feed)
    assert len(room.begin(due)) >= 3, "never none"
    for feed in due:
        room.places.ended(feed.feed)
    room.clock.advance(hours=1)
    assert len(room.begin(due)) == 40
