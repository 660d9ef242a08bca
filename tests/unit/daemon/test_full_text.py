"""Pages that items link to: fetched where the feed asks for it, matched again, and said by `explain`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.fakes.station import Station, config
from watcher.core.model.outcome import FeedProblem, Fetched, FetchFailed, FetchOutcome, FetchProblemKind, FetchRequest
from watcher.core.model.page import PageNote, PageOutcome
from watcher.core.model.policy import RequestPolicy
from watcher.daemon.full_text import PageReader
from watcher.errors import OutOfDescriptors, ParseError, StaleRevision
from watcher.telling.explained import say_page

WORDS = "People who work on the pier said on Friday that nobody had told them what the ship carried. " * 5
RULES = """
  - name: Shells
    all: [shells, odesa]
"""


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    made = Station(tmp_path)
    yield made
    await made.close()


class Web:
    """Feeds as the station has them, and pages by address."""

    def __init__(self, station: Station) -> None:
        self._feeds = station.world.fetcher
        self.pages: dict[str, FetchOutcome] = {}
        self.asked: list[FetchRequest] = []

    async def fetch(self, request: FetchRequest) -> FetchOutcome:
        """Answer for a page, or for a feed."""
        if "/feed" in request.url:
            return await self._feeds.fetch(request)
        self.asked.append(request)
        return self.pages[request.url]


def page(text: str) -> Fetched:
    html = f"<html><nav><a href='/'>Home</a></nav><article><h1>Ship</h1><p>{WORDS}</p><p>{text}</p></article></html>"
    return Fetched(html.encode(), "https://wire.example/1", "text/html")


def item(title: str, number: int = 1) -> str:
    return f"<item><title>{title}</title><link>https://wire.example/{number}</link></item>"


def feed(*items: str) -> bytes:
    return f"<rss version='2.0'><channel><title>Wire</title>{''.join(items)}</channel></rss>".encode()


async def begin(station: Station, full_text: str) -> tuple[Web, PageReader]:
    web = Web(station)
    object.__setattr__(station.world, "fetcher", web)
    text = config(rules=RULES).replace("name: wire,", f"name: wire, full_text: {full_text}, headers: {{X-Key: abc}},")
    await station.begin(text)
    return web, PageReader(station.world, lambda committed: None)


async def note(station: Station) -> PageNote:
    [article] = await station.store.newest_articles(1)
    record = await station.store.article(article.id)
    assert record is not None
    assert record.page is not None
    return record.page


async def test_a_rule_that_only_the_page_satisfies_is_told_and_the_feed_again_tells_nothing(station: Station) -> None:
    web, reader = await begin(station, "true")
    station.feeds["wire"] = feed(item("Ship leaves Odesa"))
    web.pages["https://wire.example/1"] = page("It was full of shells.")
    await station.poll()
    await station.send()
    assert "desk" not in station.channels or station.told("desk") == []
    with capture_logs() as logs:
        await reader.look()
        await station.poll()
        await reader.look()
    await station.send()
    [made] = [one for one in logs if one["event"] == "alert"]
    assert (made["rule"], made["headline"], made["channels"]) == ("shells", "Ship leaves Odesa", ["desk"])
    assert station.told("desk") == [["Ship leaves Odesa"]]
    assert len(web.asked) == 1
    # Headers and leave to dial are for the configured origin alone.
    assert web.asked[0].request == RequestPolicy(user_agent=web.asked[0].request.user_agent)
    said = say_page(await note(station))
    assert said.startswith("text: the feed gave 0 characters, and its page ")
    assert said.endswith("and matched too")


async def test_a_near_miss_is_read_and_what_is_far_from_every_rule_is_not(station: Station) -> None:
    web, reader = await begin(station, "near_miss")
    station.feeds["wire"] = feed(item("Fog over the bay", 2))
    await station.poll()
    await reader.look()
    assert web.asked == []
    assert say_page(await note(station)).endswith("its page was not asked for: no rule lacked but one group")
    station.feeds["wire"] = feed(item("Ship leaves Odesa"), item("Fog over the bay", 2))
    web.pages["https://wire.example/1"] = page("It was full of shells.")
    await station.poll()
    await reader.look()
    await station.send()
    assert station.told("desk") == [["Ship leaves Odesa"]]


async def test_a_page_that_does_not_answer_is_tried_again_and_one_that_is_refused_is_not(station: Station) -> None:
    web, reader = await begin(station, "true")
    station.feeds["wire"] = feed(item("Ship leaves Odesa"))
    web.pages["https://wire.example/1"] = FetchFailed(FeedProblem(FetchProblemKind.TIMEOUT, "no answer within 30 s"))
    await station.poll()
    for _ in range(6):
        await reader.look()
        station.clock.advance(hours=2)
    assert len(web.asked) == 4
    assert (
        say_page(await note(station))
        == "text: the feed gave 0 characters; its page was not read: no answer within 30 s"
    )
    station.feeds["wire"] = feed(item("Another ship", 2))
    web.pages["https://wire.example/2"] = FetchFailed(FeedProblem(FetchProblemKind.HTTP_STATUS, "403", 403))
    await station.poll()
    for _ in range(2):
        await reader.look()
        station.clock.advance(hours=2)
    assert len(web.asked) == 5


async def test_a_host_that_does_not_answer_is_asked_once_a_round_and_holds_up_no_other(station: Station) -> None:
    web, reader = await begin(station, "true")
    items = [item(f"Ship {letter} leaves", number) for number, letter in enumerate("abcdefghijklmnopqrstuvwxy")]
    other = "<item><title>Ship leaves Odesa</title><link>https://paper.example/1</link></item>"
    station.feeds["wire"] = feed(*items, other)
    out = FetchFailed(FeedProblem(FetchProblemKind.TIMEOUT, "no answer within 30 s"))
    web.pages = {f"https://wire.example/{number}": out for number in range(25)}
    web.pages["https://paper.example/1"] = page("It was full of shells.")
    await station.poll()
    for _ in range(2):
        await reader.look()
        station.clock.advance(seconds=10)
    assert "https://paper.example/1" in {request.url for request in web.asked}
    assert len(web.asked) == 3
    # Those that were not asked are not counted: each is asked in the end as often as one that stands alone.
    web.pages |= {f"https://wire.example/{number}": page("No news.") for number in range(25)}
    for _ in range(3):
        station.clock.advance(minutes=11)
        await reader.look()
    assert {request.url for request in web.asked} == set(web.pages)
    assert len(web.asked) == 3 + 25


async def test_a_host_that_wants_rest_is_left_alone_with_all_its_pages(station: Station) -> None:
    web, reader = await begin(station, "true")
    station.feeds["wire"] = feed(item("Ship leaves"), item("Ship comes", 2))
    rest = FetchFailed(FeedProblem(FetchProblemKind.THROTTLED, "429", 429, retry_after=timedelta(minutes=30)))
    web.pages = {"https://wire.example/1": rest, "https://wire.example/2": rest}
    await station.poll()
    for _ in range(20):
        await reader.look()
        station.clock.advance(minutes=1)
    assert len(web.asked) == 1
    notes = [
        record.page for one in await station.store.newest_articles(2) if (record := await station.store.article(one.id))
    ]
    assert sorted(note.said for note in notes if note) == [
        "429",
        "its server does not answer for another page, or wants rest",
    ]


async def test_what_the_first_poll_notes_and_pages_without_text_cost_nothing_more(station: Station) -> None:
    web, reader = await begin(station, "true")
    station.feeds["wire"] = feed(item("Ship leaves Odesa"))
    web.pages["https://wire.example/1"] = Fetched(b"<html><div id='app'></div></html>", "https://wire.example/1")
    await station.poll()
    for _ in range(3):
        await reader.look()
        station.clock.advance(hours=2)
    assert len(web.asked) == 1
    assert (await note(station)).outcome is PageOutcome.UNREAD
    assert "no text of an article was found" in (await note(station)).said


class Failing:
    """A reader whose work of one kind ends badly each time, and that counts how often it was asked for."""

    def __init__(self, station: Station, job: str, error: Exception) -> None:
        self._reader, self._job, self._error = station.world.reader, job, error
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        return self._fail if name == self._job else getattr(self._reader, name)

    async def _fail(self, *_: object) -> None:
        self.asked += 1
        raise self._error


KILLED = ParseError("the process that read it ended", kind=FetchProblemKind.READ_CRASHED)


@pytest.mark.parametrize(
    ("full_text", "job", "error", "asked", "said"),
    [
        ("near_miss", "explain", KILLED, 1, str(KILLED)),
        ("true", "page", KILLED, 1, str(KILLED)),
        ("near_miss", "explain", ZeroDivisionError(), 4, "reading it was begun 4 times and never ended"),
        ("true", "page", RecursionError(), 4, "reading it was begun 4 times and never ended"),
    ],
)
async def test_what_ends_a_worker_on_a_page_is_noted_and_not_begun_for_ever(
    station: Station, full_text: str, job: str, error: Exception, asked: int, said: str
) -> None:
    web, reader = await begin(station, full_text)
    station.feeds["wire"] = feed(item("Ship leaves Odesa"))
    web.pages["https://wire.example/1"] = page("It was full of shells.")
    await station.poll()
    failing = Failing(station, job, error)
    object.__setattr__(station.world, "reader", failing)
    with capture_logs():  # printed, the tracebacks take seconds
        for _ in range(8):
            await reader.look()
            await reader.look()
            station.clock.advance(hours=2)
    assert failing.asked == asked
    assert ((await note(station)).outcome, (await note(station)).said) == (PageOutcome.UNREAD, said)


@pytest.mark.parametrize("error", [StaleRevision("the rules were replaced"), OutOfDescriptors("no descriptors")])
async def test_a_page_that_was_not_read_by_no_fault_of_its_own_is_tried_in_the_next_round_and_not_counted(
    station: Station, error: Exception
) -> None:
    web, reader = await begin(station, "true")
    station.feeds["wire"] = feed(item("Ship leaves Odesa"))
    web.pages["https://wire.example/1"] = page("It was full of shells.")
    await station.poll()
    well = station.world.reader
    object.__setattr__(station.world, "reader", Failing(station, "page", error))
    for _ in range(6):
        await reader.look()
    object.__setattr__(station.world, "reader", well)
    await reader.look()
    assert (await note(station)).outcome is PageOutcome.READ


async def test_the_page_of_a_text_that_was_replaced_meanwhile_is_read_anew(station: Station) -> None:
    web, reader = await begin(station, "true")
    station.feeds["wire"] = feed(item("Ship leaves Odesa"))
    web.pages["https://wire.example/1"] = page("It was full of fish.")
    await station.poll()
    asked = web.fetch

    async def slowly(request: FetchRequest) -> FetchOutcome:
        answer = await asked(request)
        if "/feed" not in request.url and len(web.asked) == 1:
            station.feeds["wire"] = feed(item("Ship leaves Odesa late"))
            await station.poll()
            web.pages["https://wire.example/1"] = page("It was full of shells.")
        return answer

    object.__setattr__(web, "fetch", slowly)
    await reader.look()
    await reader.look()
    await station.send()
    assert station.told("desk") == [["Ship leaves Odesa late"]]
