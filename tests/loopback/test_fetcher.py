"""Feeds fetched from a real server: conditional, polite, and with a reason for every failure."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from tests.fakes.clock import FakeClock
from tests.fakes.dialling import a_guard
from tests.fakes.http_server import Answer, HttpServer
from watcher.core.feeds.parse import parse_feed
from watcher.core.model.ids import FeedId
from watcher.core.model.outcome import (
    Fetched,
    FetchFailed,
    FetchOutcome,
    FetchProblemKind,
    FetchRequest,
    NotModified,
    Validators,
)
from watcher.core.model.policy import FetchLimits, RequestPolicy
from watcher.core.model.secret import Secret
from watcher.errors import FetchError
from watcher.fetching.fetcher import HttpFetcher
from watcher.fetching.sitemaps import all_of
from watcher.network.client import GuardedClient
from watcher.network.hosts import HostLimits
from watcher.network.policy import HttpAnswer, HttpRequest

LIMITS = FetchLimits(total=timedelta(milliseconds=500), connect=timedelta(milliseconds=300), max_body_bytes=1 << 20)
NONE = Validators()
ALLOWED = RequestPolicy(allow_private=("127.0.0.0/8",))


class Polls:
    """A fetcher with a clock, and the validators it was given last, as a feed's state would keep them."""

    def __init__(
        self,
        config: Path = Path("config"),
        *,
        pause: timedelta = timedelta(0),
        names: Mapping[str, Sequence[Sequence[str]]] | None = None,
    ) -> None:
        self.clock = FakeClock()
        self._fetcher = HttpFetcher(
            GuardedClient(
                a_guard({"paper.example": [["127.0.0.1"]], **(names or {})}),
                user_agent="watcher/test (+https://desk.example)",
            ),
            config,
            HostLimits(self.clock, pause, sleep=self._sleep),
            clock=self.clock,
        )
        self.slept: list[float] = []

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.advance(seconds=seconds)

    async def poll(
        self, url: str, validators: Validators = NONE, *, feed: str = "f1", policy: RequestPolicy = ALLOWED
    ) -> FetchOutcome:
        return await self._fetcher.fetch(FetchRequest(FeedId(feed), url, validators, policy, LIMITS))


def problem_of(outcome: FetchOutcome) -> FetchProblemKind:
    assert isinstance(outcome, FetchFailed), outcome
    return outcome.problem.kind


def fetched(outcome: FetchOutcome) -> Fetched:
    assert isinstance(outcome, Fetched), outcome
    return outcome


# -- conditional requests ---------------------------------------------------------------------------


async def test_whole_document_comes_with_all_that_reading_needs() -> None:
    with HttpServer() as server:
        url = server.publishes(
            "/feed",
            b"<rss/>",
            etag='"v1"',
            content_type="application/rss+xml; charset=windows-1251",
            headers={"Cache-Control": "max-age=300", "Content-Language": "ru", "X-Other": "1"},
        )
        outcome = fetched(await Polls().poll(url))
        headers = server.requests[0].headers
    assert outcome == Fetched(
        body=b"<rss/>",
        url=url,
        content_type="application/rss+xml; charset=windows-1251",
        validators=Validators('"v1"'),
        max_age=timedelta(minutes=5),
        headers={"content-language": "ru"},
    )
    assert headers["user-agent"] == "watcher/test (+https://desk.example)"
    assert "rss+xml" in headers["accept"]
    assert headers.keys().isdisjoint({"cookie", "referer", "if-none-match", "if-modified-since", "authorization"})


@pytest.mark.parametrize(
    ("etag", "last_modified"),
    [
        ('"v1"', ""),
        ('W/"a, b  c"', ""),
        ("unquoted:1-gzip", ""),
        ('"caf\xe9"', ""),
        ("", "Mon, 23 Nov 2026 12:00:00 GMT"),
        ("", "2026-11-23 12:00 whatever"),
        ('"v1"', "Mon, 23 Nov 2026 12:00:00 GMT"),
    ],
)
async def test_validators_are_sent_back_byte_for_byte(etag: str, last_modified: str) -> None:
    with HttpServer() as server:
        url = server.publishes("/feed", b"<rss/>", etag=etag, last_modified=last_modified)
        polls = Polls()
        first = fetched(await polls.poll(url))
        second = await polls.poll(url, first.validators)
        headers = server.requests[1].headers
    assert first.validators == Validators(etag, last_modified)
    assert (headers.get("if-none-match", ""), headers.get("if-modified-since", "")) == (etag, last_modified)
    assert second == NotModified(304)


async def test_304_without_a_question_and_200_with_the_same_tag_are_not_modified() -> None:
    with HttpServer() as server:
        polls = Polls()
        assert await polls.poll(server.answers("/a", 304)) == NotModified(304)


@pytest.mark.parametrize("etag", ['"x"', 'W/"x"', '""', "x", '"Sat, 16 Nov 2041 19:11:00 GMT"'])
async def test_another_body_is_a_new_document_whatever_its_validators_say(etag: str) -> None:
    said = [("ETag", etag), ("Last-Modified", "Mon, 23 Nov 2026 12:00:00 GMT"), ("Cache-Control", "max-age=60")]
    with HttpServer() as server:
        url = server.answers("/feed", Answer(200, b"<rss>1</rss>", said), Answer(200, b"<rss>2</rss>", said))
        polls = Polls()
        first = fetched(await polls.poll(url))
        second = fetched(await polls.poll(url, first.validators))
    assert first.validators == second.validators
    assert (first.body, second.body) == (b"<rss>1</rss>", b"<rss>2</rss>")


# -- mistakes of ours ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "location", ["http://xn--/", "//xn--/feed", "http://a.xn--zz--/", "http://[v1.x]/", "http://a:99999999/", "//"]
)
async def test_redirect_to_a_name_that_cannot_be_read_is_a_problem_of_the_feed(location: str) -> None:
    with HttpServer() as server:
        assert problem_of(await Polls().poll(server.redirects("/feed", location))) in (
            FetchProblemKind.REDIRECT,
            FetchProblemKind.BLOCKED_ADDRESS,
            FetchProblemKind.DNS,
        )


@pytest.mark.parametrize(
    "url", ["http://xn--/", "http://xn--a-/", "http://a:b/", "http://\ud800.example/", "http:///x"]
)
async def test_address_that_cannot_be_read_is_refused(url: str) -> None:
    assert problem_of(await Polls().poll(url)) is FetchProblemKind.BLOCKED_ADDRESS


@pytest.mark.parametrize("name", ["Expires", "Date", "Last-Modified", "Retry-After", "Age"])
@pytest.mark.parametrize("value", ["Fri, 31 Dec 9999 23:59:59 -0800", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"])
async def test_header_that_no_clock_can_hold_says_nothing(name: str, value: str) -> None:
    headers = {"Expires": "Mon, 23 Nov 2026 13:00:00 GMT", name: value}
    with HttpServer() as server:
        url = server.answers("/feed", 200, body=b"<rss/>", headers=headers)
        assert fetched(await Polls().poll(url)).body == b"<rss/>"
        assert problem_of(await Polls().poll(server.answers("/busy", 503, headers=headers))) in (
            FetchProblemKind.HTTP_STATUS,
            FetchProblemKind.THROTTLED,
        )


class Surprise(Exception):
    """An error that nobody thought of."""


async def test_an_error_that_nobody_thought_of_is_a_mistake_of_ours_and_hides_its_text() -> None:
    class Broken(GuardedClient):
        async def exchange(self, request: HttpRequest) -> HttpAnswer:
            raise Surprise(f"cannot handle {request.url}")

    clock = FakeClock()
    fetcher = HttpFetcher(Broken(a_guard()), Path("config"), HostLimits(clock), clock=clock)
    with structlog.testing.capture_logs() as logs:
        outcome = await fetcher.fetch(FetchRequest(FeedId("f1"), "http://user:hunter2@paper.example/feed"))
    assert isinstance(outcome, FetchFailed)
    assert outcome.problem.kind is FetchProblemKind.OUR_MISTAKE
    assert "Surprise" in outcome.problem.message
    assert [entry["error"] for entry in logs] == ["Surprise"]
    assert "hunter2" not in f"{logs} {outcome}"


async def test_cancellation_leaves_the_fetcher() -> None:
    with HttpServer() as server:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(Polls().poll(server.stalls("/feed")))
            await asyncio.to_thread(server.waits_for, "/feed")
            task.cancel()
    assert task.cancelled()


# -- what the user configured -----------------------------------------------------------------------


async def test_what_is_configured_is_sent_on_every_hop_at_the_origin() -> None:
    policy = RequestPolicy(
        headers={"X-Key": Secret("k1")},
        username="us",
        password=Secret("pa"),
        cookies={"a": Secret("1"), "b": Secret("2")},
        user_agent="desk/1",
        allow_private=ALLOWED.allow_private,
    )
    with HttpServer() as server:
        server.redirects("/feed", "/moved")
        server.publishes("/moved", b"<rss/>")
        await Polls().poll(server.url("/feed"), policy=policy)
        first, second = server.requests
    for request in (first, second):
        assert request.headers["x-key"] == "k1"
        assert request.headers["authorization"] == "Basic dXM6cGE="
        assert request.headers["cookie"] == "a=1; b=2"
        assert request.headers["user-agent"] == "desk/1"


async def test_an_index_of_sitemaps_brings_what_they_hold_each_time() -> None:
    policy = replace(ALLOWED, headers={"X-Key": Secret("k1")})
    with HttpServer() as server:
        news = "<urlset><url><loc>https://a.example/1</loc></url></urlset>"
        first = server.publishes("/news-1.xml.gz", gzip.compress(news.encode()), etag='"1"')
        gone = server.url("/news-2.xml")
        places = "".join(f"<sitemap><loc>{place}</loc></sitemap>" for place in (first, gone))
        url = server.publishes("/index.xml", f"<sitemapindex>{places}</sitemapindex>", etag='"i"')
        came = fetched(await Polls().poll(url, policy=policy))
        assert came.body.decode() == f"<sitemaps>{news}<url>", "without an end, since one is gone"
        assert came.validators == NONE
        assert [request.headers.get("x-key") for request in server.requests] == ["k1"] * 3
        server.publishes("/index.xml", f"<sitemapindex><sitemap><loc>{gone}</loc></sitemap></sitemapindex>")
        assert problem_of(await Polls().poll(url, policy=policy)) is FetchProblemKind.HTTP_STATUS


def an_index(*places: str) -> str:
    return f"<sitemapindex>{''.join(f'<sitemap><loc>{place}</loc></sitemap>' for place in places)}</sitemapindex>"


async def test_a_sitemap_elsewhere_is_asked_as_where_a_redirect_leads() -> None:
    names = {"inner.example": [["127.0.0.9"]]}
    with HttpServer() as proxy:
        policy = replace(ALLOWED, proxy=Secret(proxy.url()), headers={"X-Key": Secret("k1")})
        news = "<urlset><url><loc>https://a.example/1</loc></url></urlset>"
        for host in ("inner.example", "outer.example"):
            proxy.publishes(f"http://{host}/news.xml", news)
        index = an_index("http://inner.example/news.xml", "http://outer.example/news.xml")
        proxy.publishes("http://paper.example/index.xml", index)
        polls = Polls(names={**names, "outer.example": [["8.8.8.8"]]})
        came = fetched(await polls.poll("http://paper.example/index.xml", policy=policy))
        assert came.body.decode() == f"<sitemaps>{news}<url>"
        asked = [(request.target, request.headers.get("x-key")) for request in proxy.requests]
    assert asked == [("http://paper.example/index.xml", "k1"), ("http://outer.example/news.xml", None)]


async def test_what_keeps_a_sitemap_from_coming_is_said_of_the_index() -> None:
    with HttpServer() as server:
        busy = server.url("/busy.xml")
        server.answers("/busy.xml", Answer(429, headers=[("Retry-After", "120")]))
        server.answers("/gone.xml", 410)
        url = server.publishes("/index.xml", an_index(server.url("/gone.xml")))
        outcome = await Polls().poll(url)
        assert problem_of(outcome) is FetchProblemKind.HTTP_STATUS, "the index itself is there"
        url = server.publishes("/index.xml", an_index(busy))
        polls = Polls()
        outcome = await polls.poll(url)
        assert isinstance(outcome, FetchFailed)
        assert (outcome.problem.kind, outcome.problem.retry_after) == (
            FetchProblemKind.THROTTLED,
            timedelta(seconds=120),
        )
        assert busy in outcome.problem.message
        await polls.poll(url, feed="f2")
        count = len(server.requests)
        assert problem_of(await polls.poll(url, feed="f3")) is FetchProblemKind.THROTTLED
        assert len(server.requests) == count, "two feeds were told, so the host is left alone"


async def test_sitemaps_that_do_not_come_in_time_cost_no_other() -> None:
    async def ask(request: HttpRequest) -> HttpAnswer:
        if request.url.endswith("/1"):
            return HttpAnswer(200, {}, b"<urlset></urlset>", request.url)
        never: asyncio.Future[HttpAnswer] = asyncio.get_running_loop().create_future()
        return await never

    def answer(*places: str) -> HttpAnswer:
        return HttpAnswer(200, {}, an_index(*places).encode(), "https://a.example/")

    request = HttpRequest("https://a.example/")
    body = await all_of(answer("https://a.example/1", "https://a.example/2"), request, ask, 0.01)
    assert body == b"<sitemaps><urlset></urlset><url>"
    with pytest.raises(FetchError, match="did not come within"):
        await all_of(answer("https://a.example/2"), request, ask, 0.01)


async def test_a_proxy_is_asked_and_one_without_its_secret_is_not_passed_by() -> None:
    with HttpServer() as server:
        server.publishes("http://paper.example/feed", b"<rss/>")
        policy = replace(ALLOWED, proxy=Secret(server.url()))
        assert fetched(await Polls().poll("http://paper.example/feed", policy=policy)).body == b"<rss/>"
        waits = await Polls().poll(server.url("/feed"), policy=replace(ALLOWED, proxy=Secret("")))
        assert isinstance(waits, FetchFailed)
        assert "waits for its secret" in waits.problem.message
        assert len(server.requests) == 1


TLS = Path(__file__).parents[1] / "fakes" / "tls"


@pytest.mark.parametrize(
    ("trust", "kind"),
    [
        ({}, FetchProblemKind.TLS),
        ({"ca_file": "cert.pem"}, None),
        ({"unverified": True}, None),
        ({"ca_file": "key.txt"}, FetchProblemKind.TLS),
        ({"ca_file": "none.pem"}, FetchProblemKind.FILE),
        ({"ca_file": "../cert.pem"}, FetchProblemKind.FILE),
    ],
)
async def test_certificates_of_a_feed_are_trusted_for_it(
    tmp_path: Path, trust: Mapping[str, Any], kind: FetchProblemKind | None
) -> None:
    (tmp_path / "cert.pem").write_bytes((TLS / "cert.pem").read_bytes())
    (tmp_path / "key.txt").write_text("no certificate")
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(TLS / "cert.pem", TLS / "key.pem")
    with HttpServer(tls=theirs) as server:
        url = server.publishes("/feed", b"<rss/>").replace("http:", "https:").replace("127.0.0.1", "feed.example")
        outcome = await Polls(tmp_path, names={"feed.example": [["127.0.0.1"]]}).poll(
            url, policy=replace(ALLOWED, **trust)
        )
    if kind is None:
        assert fetched(outcome).body == b"<rss/>"
    else:
        assert problem_of(outcome) is kind


async def test_password_in_the_url_works_and_never_shows() -> None:
    with HttpServer() as server:
        url = server.answers("/feed", 200, 500, body=b"<rss/>").replace("//", "//user:hunter2@")
        polls = Polls()
        good = fetched(await polls.poll(url))
        bad = await polls.poll(url)
        assert all(request.headers["authorization"] for request in server.requests)
    assert "hunter2" not in repr(good)
    assert "hunter2" not in repr(bad)


# -- failures are values ----------------------------------------------------------------------------


@pytest.mark.parametrize("missing", [4, 8, 400])
async def test_gzip_that_is_cut_short_is_read_as_a_document_that_was_cut(missing: int) -> None:
    items = "".join(f"<item><title>{n} {n * 7919 % 10007}</title><guid>{n}</guid></item>" for n in range(200))
    document = f"<rss version='2.0'><channel><title>N</title>{items}</channel></rss>".encode()
    with HttpServer() as server:
        url = server.answers("/feed", Answer(200, gzip.compress(document)[:-missing], [("Content-Encoding", "gzip")]))
        outcome = await Polls().poll(url)
    assert isinstance(outcome, Fetched)
    parsed = parse_feed(outcome.body)
    assert parsed.whole == (outcome.body == document)
    titles = [entry.title for entry in parsed.entries]
    assert titles == [f"{n} {n * 7919 % 10007}" for n in range(len(titles))]
    assert len(titles) > (50 if missing == 400 else 198)


async def test_every_failure_is_a_word_and_a_sentence_that_names_the_host() -> None:
    with HttpServer() as server:
        server.redirects("/loop", "/loop")
        cases = {
            server.answers("/404", 404): FetchProblemKind.HTTP_STATUS,
            server.answers("/410", 410): FetchProblemKind.GONE,
            server.answers("/401", 401): FetchProblemKind.HTTP_STATUS,
            server.answers("/204", 204): FetchProblemKind.HTTP_STATUS,
            server.answers(
                "/wall", Answer(403, b"<html/>", [("cf-mitigated", "challenge")])
            ): FetchProblemKind.BOT_WALL,
            server.bombs("/bomb", decoded_bytes=8 << 20): FetchProblemKind.TOO_BIG,
            server.answers("/no-gzip", Answer(200, gzip.compress(b"<rss/>" * 99)[:12])): FetchProblemKind.BAD_ENCODING,
            server.truncates("/cut", b"<rss/>"): FetchProblemKind.CLOSED,
            server.closes("/closed"): FetchProblemKind.CLOSED,
            server.stalls("/silent"): FetchProblemKind.TIMEOUT,
            server.drips("/drip", b"x" * 10_000): FetchProblemKind.TIMEOUT,
            server.url("/loop"): FetchProblemKind.REDIRECT,
            server.redirects("/file", "file:///etc/passwd"): FetchProblemKind.REDIRECT,
            server.redirects("/inside", "http://10.0.0.1/"): FetchProblemKind.BLOCKED_ADDRESS,
        }
        polls = Polls()
        for url, kind in cases.items():
            outcome = await polls.poll(url)
            assert problem_of(outcome) is kind, url
            assert isinstance(outcome, FetchFailed)
            assert "127.0.0.1" in outcome.problem.message or "10.0.0.1" in outcome.problem.message
    assert problem_of(await polls.poll("http://nowhere.example/feed")) is FetchProblemKind.DNS
    assert (
        problem_of(await polls.poll("http://127.0.0.1/feed", policy=RequestPolicy()))
        is FetchProblemKind.BLOCKED_ADDRESS
    )
    assert problem_of(await polls.poll("ftp://a.example/feed")) is FetchProblemKind.BLOCKED_ADDRESS
    assert problem_of(await polls.poll("http://[::1/feed")) is FetchProblemKind.BLOCKED_ADDRESS
    assert problem_of(await polls.poll("http://127.0.0.1:1/feed")) is FetchProblemKind.CONNECT


async def test_permanent_move_is_told_with_the_document() -> None:
    with HttpServer() as server:
        end = server.publishes("/new", b"<rss/>", etag='"1"')
        url = server.redirects("/old", "/new", status=301)
        polls = Polls()
        assert fetched(await polls.poll(url)).permanent_url == end
        assert await polls.poll(url, Validators('"1"')) == NotModified(304, permanent_url=end)


# -- politeness -------------------------------------------------------------------------------------


async def test_feeds_of_one_host_take_turns_with_a_pause() -> None:
    with HttpServer() as server:
        for number in range(4):
            server.answers(f"/{number}", Answer(200, b"x", wait_seconds=0.01))
        polls = Polls(pause=timedelta(seconds=1))
        async with asyncio.TaskGroup() as group:
            for number in range(4):
                group.create_task(polls.poll(server.url(f"/{number}", host="paper.example")))
        assert server.most_at_once == 1
        assert len(server.requests) == 4
    assert polls.slept == [1.0, 1.0, 1.0]


async def test_the_users_own_machine_is_asked_one_at_a_time_without_a_pause() -> None:
    with HttpServer() as server:
        urls = [server.answers(f"/{number}", Answer(200, b"x", wait_seconds=0.01)) for number in range(4)]
        polls = Polls(pause=timedelta(seconds=1))
        async with asyncio.TaskGroup() as group:
            for url in urls:
                group.create_task(polls.poll(url))
        assert server.most_at_once == 1
        assert len(server.requests) == 4
    assert polls.slept == []


async def test_host_that_throttles_two_feeds_is_left_alone_until_the_first_may_come_again() -> None:
    with HttpServer() as server:
        slow = server.answers("/slow", 429, 503, headers={"Retry-After": "3600"})
        fine = server.publishes("/fine", b"<rss/>")
        polls = Polls()
        first = await polls.poll(slow, feed="f1")
        assert isinstance(first, FetchFailed)
        assert (first.problem.kind, first.problem.status) == (FetchProblemKind.THROTTLED, 429)
        assert first.problem.retry_after == timedelta(hours=1)
        fetched(await polls.poll(fine, feed="f3"))  # one feed does not speak for the host

        polls.clock.advance(minutes=10)
        assert problem_of(await polls.poll(slow, feed="f2")) is FetchProblemKind.THROTTLED
        asked = len(server.requests)
        resting = await polls.poll(fine, feed="f3")
        assert isinstance(resting, FetchFailed)
        assert resting.problem.kind is FetchProblemKind.THROTTLED
        assert resting.problem.retry_after is not None
        assert timedelta(minutes=50) <= resting.problem.retry_after <= timedelta(minutes=51)
        assert len(server.requests) == asked

        polls.clock.advance(minutes=51)
        fetched(await polls.poll(fine, feed="f3"))


# -- files ------------------------------------------------------------------------------------------


async def test_file_is_fetched_once_and_then_not_modified_until_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_bytes(b"<rss/>")
    polls = Polls(tmp_path)
    first = fetched(await polls.poll("file:feed.xml"))
    assert (first.body, first.url) == (b"<rss/>", "file:feed.xml")
    assert await polls.poll("file:feed.xml", first.validators) == NotModified()
    file.write_bytes(b"<rss></rss>")
    assert fetched(await polls.poll("file:feed.xml", first.validators)).body == b"<rss></rss>"
    assert problem_of(await polls.poll("file:../other.xml")) is FetchProblemKind.FILE
