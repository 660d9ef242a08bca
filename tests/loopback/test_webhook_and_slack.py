"""Webhook and Slack over real sockets: signatures, answers, and receivers that misbehave."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.fakes.http_server import Answer, HttpServer
from tests.fakes.messages import EVERY_MESSAGE, a_message
from watcher.core.model.ids import ChannelName
from watcher.core.model.message import AttemptClass
from watcher.delivery.kinds import channel_types
from watcher.delivery.registry import Surroundings, build
from watcher.network.client import GuardedClient
from watcher.network.guard import AddressGuard
from watcher.ports import Channel

NEW, OLD = "whsec_bmV3LXNlY3JldC1vZi10aGUtaG9vaw==", "whsec_b2xkLXNlY3JldC1vZi10aGUtaG9vaw=="
PATH = "/in/T0KEN1234"


class RealClock:
    """Signatures carry the time, and the verifier compares it with its own."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - see above

    def monotonic(self) -> float:
        return 0.0

    def elapsed(self) -> float:
        return 0.0


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as running:
        yield running


def channel(kind: str, server: HttpServer, allow: tuple[str, ...] = ("127.0.0.0/8",)) -> Channel:
    guard = AddressGuard()
    around = Surroundings(
        out_dir=Path("unused"), stdout=io.StringIO(), client=GuardedClient(guard), guard=guard, clock=RealClock()
    )
    keys: dict[str, dict[str, object]] = {
        "webhook": {"url": server.url(PATH), "secrets": [NEW, OLD]},
        "slack": {"webhook_url": server.url(PATH)},
    }
    values = {"type": kind, "allow_private": allow, **keys[kind]}
    return build(ChannelName("desk"), channel_types()[kind].model_validate(values), around)


both = pytest.mark.parametrize("kind", ["webhook", "slack"])


async def test_each_secret_signs_so_that_it_can_be_changed_without_a_gap(server: HttpServer) -> None:
    server.answers(PATH, 204)
    message = a_message()
    assert (await channel("webhook", server).send(message)).result is AttemptClass.OK
    (request,) = server.requests
    for secret in (NEW, OLD):
        body = Webhook(secret).verify(request.body, dict(request.headers))
        assert body["data"]["id"] == message.id
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_YW5vdGhlciBzZWNyZXQgZW50aXJlbHk=").verify(request.body, dict(request.headers))
    assert request.headers["webhook-id"] == request.headers["idempotency-key"] == message.id
    assert request.headers["content-type"].startswith("application/json")


async def test_a_secret_that_is_plain_text_signs_as_it_stands(server: HttpServer) -> None:
    server.answers(PATH, 200)
    config = channel_types()["webhook"].model_validate(
        {"type": "webhook", "url": server.url(PATH), "secrets": ["just a text"], "allow_private": ["127.0.0.0/8"]}
    )
    guard = AddressGuard()
    around = Surroundings(
        out_dir=Path("unused"), stdout=io.StringIO(), client=GuardedClient(guard), guard=guard, clock=RealClock()
    )
    await build(ChannelName("desk"), config, around).send(a_message())
    (request,) = server.requests
    Webhook(b"just a text").verify(request.body, dict(request.headers))


async def test_a_webhook_goes_unsigned_only_where_that_is_said(server: HttpServer) -> None:
    server.answers(PATH, 200)
    config = channel_types()["webhook"].model_validate(
        {"type": "webhook", "url": server.url(PATH), "unsigned": True, "allow_private": ["127.0.0.0/8"]}
    )
    guard = AddressGuard()
    around = Surroundings(
        out_dir=Path("unused"), stdout=io.StringIO(), client=GuardedClient(guard), guard=guard, clock=RealClock()
    )
    assert (await build(ChannelName("desk"), config, around).send(a_message())).result is AttemptClass.OK
    (request,) = server.requests
    assert "webhook-signature" not in request.headers
    assert request.headers["webhook-id"] == a_message().id


async def test_a_repeat_carries_the_same_key_and_body_and_says_so(server: HttpServer) -> None:
    server.answers(PATH, 500, 500, 200)
    hook = channel("webhook", server)
    results = [(await hook.send(a_message(attempt=number, repeat=number == 3))).result for number in (1, 2, 3)]
    assert results == [AttemptClass.RETRY, AttemptClass.RETRY, AttemptClass.OK]
    first, second, third = server.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == third.headers["webhook-id"]
    assert first.body == second.body
    assert [request.headers["webhook-attempt"] for request in server.requests] == ["1", "2", "3"]
    assert "webhook-possible-repeat" not in second.headers
    assert third.headers["webhook-possible-repeat"] == "true"


async def test_every_body_of_the_webhook_is_json_below_20_kb(server: HttpServer) -> None:
    server.answers(PATH, 200)
    for message in EVERY_MESSAGE.values():
        assert (await channel("webhook", server).send(message)).result is AttemptClass.OK
    for request in server.requests:
        body = json.loads(request.body)
        assert len(request.body) < 20_000
        assert set(body) == {"type", "timestamp", "data"}
    summary = json.loads(server.requests[list(EVERY_MESSAGE).index("summary of 40")].body)
    assert len(summary["data"]["alerts"]) + summary["data"]["omitted"] == 40


@pytest.mark.parametrize(
    ("status", "attempt", "expected"),
    [
        (202, 1, AttemptClass.OK),
        (400, 1, AttemptClass.CONTENT),
        (413, 1, AttemptClass.CONTENT),
        (422, 1, AttemptClass.CONTENT),
        (401, 1, AttemptClass.RETRY),
        (401, 3, AttemptClass.PERMANENT),
        (404, 2, AttemptClass.RETRY),
        (404, 3, AttemptClass.PERMANENT),
        (408, 9, AttemptClass.RETRY),
        (410, 1, AttemptClass.PERMANENT),
        (429, 1, AttemptClass.THROTTLE),
        (502, 1, AttemptClass.UNKNOWN),
    ],
)
async def test_a_status_of_the_webhook_means_what_its_table_says(
    server: HttpServer, status: int, attempt: int, expected: AttemptClass
) -> None:
    server.answers(PATH, status, body=b"because")
    result = await channel("webhook", server).send(a_message(attempt=attempt))
    assert (result.result, result.status, result.answer) == (expected, status, f"{status} because")


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, "ok", AttemptClass.OK),
        (200, "<html>log in to the network</html>", AttemptClass.PERMANENT),
        (400, "invalid_payload", AttemptClass.CONTENT),
        (400, "invalid_blocks", AttemptClass.CONTENT),
        (400, "user_not_found", AttemptClass.PERMANENT),
        (403, "action_prohibited", AttemptClass.PERMANENT),
        (404, "no_service", AttemptClass.PERMANENT),
        (410, "channel_is_archived", AttemptClass.PERMANENT),
        (413, "", AttemptClass.CONTENT),
        (429, "", AttemptClass.THROTTLE),
        (500, "rollup_error", AttemptClass.RETRY),
        (503, "", AttemptClass.RETRY),
    ],
)
async def test_a_word_of_slack_means_what_its_table_says(
    server: HttpServer, status: int, body: str, expected: AttemptClass
) -> None:
    server.answers(PATH, status, body=body.encode())
    assert (await channel("slack", server).send(a_message())).result is expected


@both
@pytest.mark.parametrize(
    ("header", "wait"), [("30", timedelta(seconds=30)), ("0.5", timedelta(seconds=0.5)), ("1e99", None), ("soon", None),
                         ("-5", None), ("864000", timedelta(hours=24)),
                         ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None), ("Fri, 31 Dec 9999 23:59:59 -0800", None)],
)  # fmt: skip
async def test_the_servers_wish_is_heard_within_reason(
    kind: str, header: str, wait: timedelta | None, server: HttpServer
) -> None:
    server.answers(PATH, 429, headers={"Retry-After": header})
    result = await channel(kind, server).send(a_message())
    assert (result.result, result.retry_after) == (AttemptClass.THROTTLE, wait)


@both
async def test_a_redirect_is_not_followed(kind: str, server: HttpServer) -> None:
    server.redirects(PATH, server.url("/elsewhere"), status=307)
    server.answers("/elsewhere", 200, body=b"ok")
    result = await channel(kind, server).send(a_message())
    assert (result.result, result.status) == (AttemptClass.PERMANENT, 307)
    assert server.requests_to("/elsewhere") == []


PAGE = b"<html><title>Log in</title>" + b"<p>Please log in to the network.</p>" * 2500
HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
UNREADABLE = {
    "a log-in page over 64 KiB": Answer(200, PAGE),
    "ten megabytes": Answer(200, b"x" * 10_000_000),
    "brotli": Answer(200, b"\x0b\x00\x80ok\x03", [("Content-Encoding", "br")]),
    "gzip that is broken": Answer(200, gzip.compress(b"ok")[:10] + b"\xff" * 20, [("Content-Encoding", "gzip")]),
    "gzip cut short": Answer(200, gzip.compress(b"ok")[:-5], [("Content-Encoding", "gzip")]),
    "gzip of 16 MiB": Answer(200, gzip.compress(bytes(1 << 24)), [("Content-Encoding", "gzip")]),
    "shorter than its length": Answer(200, b"ok", length=20),
    "longer than its length": Answer(200, b"ok, says the proxy", length=2),
    "chunks cut short": Answer(raw=HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"),
    "a chunk of no length": Answer(raw=HEAD + b"Transfer-Encoding: chunked\r\n\r\nok"),
}
unreadable = pytest.mark.parametrize("answer", UNREADABLE.values(), ids=UNREADABLE.keys())


@unreadable
async def test_success_that_cannot_be_read_is_not_slacks_word(answer: Answer, server: HttpServer) -> None:
    server.answers(PATH, answer)
    result = await channel("slack", server).send(a_message())
    assert (result.result, result.status) == (AttemptClass.UNKNOWN, 200)
    assert 0 < len(result.answer) <= 2048


@unreadable
async def test_a_webhook_goes_by_the_status_when_the_rest_is_broken(answer: Answer, server: HttpServer) -> None:
    server.answers(PATH, answer)
    result = await channel("webhook", server).send(a_message())
    assert (result.result, result.status) == (AttemptClass.OK, 200)
    assert 0 < len(result.answer) <= 2048


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(200, b"ok"), AttemptClass.OK),
        (Answer(200, b" ok\r\n"), AttemptClass.OK),
        (Answer(200, gzip.compress(b"ok"), [("Content-Encoding", "gzip")]), AttemptClass.OK),
        (Answer(raw=HEAD + b"\r\nok"), AttemptClass.OK),
        (Answer(200, b""), AttemptClass.UNKNOWN),
        (Answer(200, b" \r\n"), AttemptClass.UNKNOWN),
        (Answer(204), AttemptClass.UNKNOWN),
        (Answer(202, b""), AttemptClass.UNKNOWN),
        (Answer(202, b"ok"), AttemptClass.PERMANENT),
        (Answer(200, b"<html>ok</html>"), AttemptClass.PERMANENT),
        (Answer(200, b"ok ok"), AttemptClass.PERMANENT),
        (Answer(200, b"no_service"), AttemptClass.PERMANENT),
    ],
)
async def test_only_slacks_own_ok_is_ok(answer: Answer, expected: AttemptClass, server: HttpServer) -> None:
    server.answers(PATH, answer)
    assert (await channel("slack", server).send(a_message())).result is expected


@both
async def test_a_connection_closed_before_the_answer_leaves_it_unknown(kind: str, server: HttpServer) -> None:
    server.closes(PATH)
    assert (await channel(kind, server).send(a_message())).result is AttemptClass.UNKNOWN


@both
async def test_a_private_address_is_refused_unless_the_channel_allows_it(kind: str, server: HttpServer) -> None:
    server.answers(PATH, 200, body=b"ok")
    result = await channel(kind, server, allow=()).send(a_message())
    assert result.result is AttemptClass.PERMANENT
    assert "not a public address" in result.answer
    assert server.requests == []


@both
async def test_nobody_listening_is_tried_again(kind: str) -> None:
    with HttpServer() as server:
        gone = channel(kind, server)
    assert (await gone.send(a_message())).result is AttemptClass.RETRY


@both
async def test_the_stored_answer_never_holds_the_address(kind: str, server: HttpServer) -> None:
    server.answers(PATH, 500, body=f"no handler at {PATH} for {NEW}".encode())
    result = await channel(kind, server).send(a_message())
    assert "T0KEN1234" not in result.answer
    assert NEW not in result.answer


async def test_a_slow_receiver_delays_no_other_channel(server: HttpServer) -> None:
    server.stalls(PATH)
    with HttpServer() as other:
        other.answers(PATH, 200)
        async with asyncio.TaskGroup() as group:
            slow = group.create_task(channel("webhook", server).send(a_message()))
            assert (await channel("webhook", other).send(a_message())).result is AttemptClass.OK
            assert not slow.done()
            slow.cancel()


async def test_slack_gets_the_whole_summary_or_says_how_much_is_missing(server: HttpServer) -> None:
    server.answers(PATH, Answer(200, b"ok"))
    await channel("slack", server).send(EVERY_MESSAGE["summary of 40"])
    body = json.loads(server.requests[0].body)
    listed = [block for block in body["blocks"][1:] if block["type"] == "rich_text"]
    assert body["blocks"][-1]["elements"][0]["text"] == f"and {40 - len(listed)} more"
