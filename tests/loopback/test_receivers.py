"""Every channel that speaks HTTP against a receiver that speaks its API: what each answer means, and what arrives.

| channel | ok | throttled | down | refused | message refused | gone after it was taken | mended |
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import receivers
from tests.fakes.clock import FakeClock
from tests.fakes.http_server import Answer, HttpServer
from tests.fakes.messages import EVERY_MESSAGE, HOSTILE, a_message, an_alert
from tests.fakes.receivers import Receiver
from watcher.core.model.ids import ChannelName
from watcher.core.model.message import AttemptClass, Marked, MessageKind
from watcher.delivery.heads import Heads
from watcher.delivery.kinds import channel_types
from watcher.delivery.registry import Surroundings, build
from watcher.network.client import GuardedClient
from watcher.network.guard import AddressGuard
from watcher.ports import Channel

TOKEN, SECRET = "xoxb-1-T0KEN", "whsec_bmV3LXNlY3JldC1vZi10aGUtaG9vaw=="


def said(status: int, **body: Any) -> Answer:
    return Answer(status, json.dumps(body).encode())


@dataclass(frozen=True)
class Service:
    """A receiver, the configuration of its channel, and how it says what it does not take."""

    receiver: Callable[[HttpServer], Receiver]
    values: Callable[[HttpServer], dict[str, Any]]
    throttled: Answer
    wait: float
    refused: tuple[Answer, ...]
    content: tuple[Answer, ...]


def _telegram_error(status: int, words: str, **more: Any) -> Answer:
    return said(status, ok=False, error_code=status, description=words, **more)


_SLACK_REFUSES = (
    "invalid_auth", "token_revoked", "account_inactive", "not_in_channel", "channel_not_found", "is_archived",
    "missing_scope", "ekm_access_denied",
)  # fmt: skip

SERVICES: dict[str, Service] = {
    "slack bot": Service(
        lambda server: receivers.slack_api(server, TOKEN),
        lambda server: {"type": "slack", "token": TOKEN, "channel": "C0ASIA", "api_url": server.url("/api")},
        Answer(429, b'{"ok": false, "error": "ratelimited"}', [("Retry-After", "30")]),
        30,
        tuple(said(200, ok=False, error=word) for word in (*_SLACK_REFUSES, "some_new_word")),
        tuple(said(200, ok=False, error=word) for word in ("msg_too_long", "msg_blocks_too_long", "invalid_blocks")),
    ),
    "slack webhook": Service(
        receivers.slack_webhook,
        lambda server: {"type": "slack", "webhook_url": server.url("/services/T0/B0")},
        Answer(429, b"", [("Retry-After", "30")]),
        30,
        (Answer(403, b"invalid_token"), Answer(404, b"no_service"), Answer(410, b"channel_is_archived")),
        (Answer(400, b"invalid_blocks"), Answer(413, b"")),
    ),
    "discord": Service(
        receivers.discord,
        lambda server: {"type": "discord", "webhook_url": server.url("/api/webhooks/1/token")},
        said(429, message="You are being rate limited.", retry_after=0.65, **{"global": False}),
        0.65,
        (said(401, code=50027), said(403, code=50013), said(404, code=10015, message="Unknown Webhook")),
        (said(400, code=50035),),
    ),
    "mattermost": Service(
        receivers.mattermost,
        lambda server: {"type": "mattermost", "webhook_url": server.url("/hooks/abc")},
        Answer(429, b"limit exceeded", [("Retry-After", "2")]),
        2,
        (Answer(401), Answer(403), Answer(404, b"Invalid webhook"), Answer(200, b"<html>log in</html>")),
        (Answer(400, b"text too long"),),
    ),
    "teams": Service(
        receivers.teams,
        lambda server: {"type": "teams", "webhook_url": server.url("/workflows/abc")},
        Answer(429, b"", [("Retry-After", "5")]),
        5,
        (Answer(401), Answer(403), Answer(404), Answer(410), Answer(200, b"<html>log in</html>")),
        (Answer(400), Answer(413), Answer(200, b"Webhook message delivery failed: HTTP error 413")),
    ),
    "telegram": Service(
        lambda server: receivers.telegram(server, TOKEN),
        lambda server: {"type": "telegram", "token": TOKEN, "chat": "-1001234", "api_url": server.url("")},
        _telegram_error(429, "Too Many Requests: retry after 11", parameters={"retry_after": 11}),
        11,
        (
            _telegram_error(401, "Unauthorized"),
            _telegram_error(403, "Forbidden: bot was blocked by the user"),
            _telegram_error(404, "Not Found"),
            _telegram_error(400, "Bad Request: chat not found"),
        ),
        (_telegram_error(400, "Bad Request: can't parse entities"), _telegram_error(400, "message is too long")),
    ),
    "ntfy": Service(
        receivers.ntfy,
        lambda server: {"type": "ntfy", "url": server.url("/desk-topic"), "token": TOKEN},
        said(429, code=42901, error="limit reached"),
        0,
        (said(401, code=40101), said(403, code=40301), Answer(404), Answer(200, b"<html>log in</html>")),
        (said(400, code=40011), said(413, code=41301)),
    ),
    "webhook": Service(
        receivers.generic,
        lambda server: {"type": "webhook", "url": server.url("/hook"), "secrets": [SECRET]},
        Answer(429, b"", [("Retry-After", "7")]),
        7,
        (Answer(410),),
        (Answer(400), Answer(413), Answer(422)),
    ),
}


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as running:
        yield running


def channel(name: str, server: HttpServer, changed: Mapping[str, Any] | None = None) -> Channel:
    guard = AddressGuard()
    around = Surroundings(Path("unused"), io.StringIO(), GuardedClient(guard), guard, FakeClock())
    values = dict(changed or SERVICES[name].values(server)) | {"allow_private": ["127.0.0.0/8"]}
    return build(ChannelName("desk"), channel_types()[values["type"]].model_validate(values), around)


each = pytest.mark.parametrize("name", SERVICES)


@each
async def test_every_kind_of_message_is_taken_by_the_service(name: str, server: HttpServer) -> None:
    receiver = SERVICES[name].receiver(server)
    for kind, message in EVERY_MESSAGE.items():
        result = await channel(name, server).send(message)
        assert (kind, result.result) == (kind, AttemptClass.OK), result.answer
    assert len(receiver.posts) == len(EVERY_MESSAGE)


@each
async def test_a_service_that_asks_for_a_rest_gets_it(name: str, server: HttpServer) -> None:
    service = SERVICES[name]
    service.receiver(server).answers_next(service.throttled)
    result = await channel(name, server).send(a_message())
    assert result.result is AttemptClass.THROTTLE
    assert result.retry_after == (timedelta(seconds=service.wait) if service.wait else None)


@each
@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
async def test_a_service_that_is_down_is_tried_again(name: str, status: int, server: HttpServer) -> None:
    SERVICES[name].receiver(server).answers_next(Answer(status, b"<html>down</html>"))
    expected = AttemptClass.UNKNOWN if status in (502, 504) else AttemptClass.RETRY
    assert (await channel(name, server).send(a_message())).result is expected


@each
async def test_a_service_that_refuses_the_channel_is_refused_until_it_is_mended(name: str, server: HttpServer) -> None:
    receiver = SERVICES[name].receiver(server)
    for answer in SERVICES[name].refused:
        receiver.answers_next(answer)
        result = await channel(name, server).send(a_message(attempt=5))
        assert result.result is AttemptClass.PERMANENT, result.answer
        assert TOKEN not in result.answer
    assert receiver.posts == []
    assert (await channel(name, server).send(a_message(attempt=6))).result is AttemptClass.OK
    assert len(receiver.posts) == 1


@each
async def test_a_message_that_is_refused_goes_once_more_short_and_plain(name: str, server: HttpServer) -> None:
    receiver = SERVICES[name].receiver(server)
    for answer in SERVICES[name].content:
        receiver.answers_next(answer)
        assert (await channel(name, server).send(a_message())).result is AttemptClass.CONTENT
    whole, plain = a_message(), a_message(plain=True, attempt=2)
    await channel(name, server).send(whole)
    await channel(name, server).send(plain)
    long, short = (json.dumps(post, ensure_ascii=False) for post in receiver.posts)
    assert len(short) < len(long)
    assert "gunners at Russian range" in short
    assert "https://wire.example/2026/range-1" in short


@each
async def test_a_connection_that_breaks_after_the_message_was_taken_leaves_it_unknown(
    name: str, server: HttpServer
) -> None:
    SERVICES[name].receiver(server).answers_next(Answer(raw=b""))
    assert (await channel(name, server).send(a_message())).result is AttemptClass.UNKNOWN


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "webhook"])
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", AttemptClass.UNKNOWN),
        (b"1" * 70_000, AttemptClass.UNKNOWN),  # more than is read
        *(
            (body, AttemptClass.PERMANENT)
            for body in (
                b"[" * 60_000, b'{"ok": "true", "id": null}', b'{"id": ""}', b'{"id": true}', b'{"id": ["1"]}', b"null",
                b"<html>log in</html>", b"okay",
            )
        ),
    ],
)  # fmt: skip
async def test_a_success_without_the_services_own_word_is_none(
    name: str, body: bytes, expected: AttemptClass, server: HttpServer
) -> None:
    SERVICES[name].receiver(server).answers_next(Answer(200, body))
    assert (await channel(name, server).send(a_message())).result is expected


@pytest.mark.parametrize("name", [name for name in SERVICES if name not in ("webhook", "teams")])
async def test_a_success_that_says_nothing_may_have_arrived(name: str, server: HttpServer) -> None:
    SERVICES[name].receiver(server).answers_next(Answer(204))
    assert (await channel(name, server).send(a_message())).result is AttemptClass.UNKNOWN


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Microsoft Teams endpoint returned HTTP error 403 with ContextId tcid=0", AttemptClass.PERMANENT),
        ("Microsoft Teams endpoint returned HTTP error 404 with ContextId tcid=0", AttemptClass.PERMANENT),
        ("Microsoft Teams endpoint returned HTTP error 400 with ContextId tcid=0", AttemptClass.CONTENT),
        ("Microsoft Teams endpoint returned HTTP error 429 with ContextId tcid=0", AttemptClass.THROTTLE),
        ("Microsoft Teams endpoint returned HTTP error 502 with ContextId tcid=0", AttemptClass.UNKNOWN),
        ("Error contacting Microsoft Teams endpoint", AttemptClass.RETRY),
        ("Microsoft Teams endpoint returned HTTP error 200", AttemptClass.PERMANENT),
        ("something new", AttemptClass.PERMANENT),
    ],
)
async def test_an_error_that_teams_hides_in_a_success_is_that_error(
    words: str, expected: AttemptClass, server: HttpServer
) -> None:
    said_so = f"Webhook message delivery failed with error: {words}".encode()
    receivers.teams(server).answers_next(Answer(200, said_so))
    assert (await channel("teams", server).send(a_message())).result is expected


async def test_a_connector_of_teams_says_how_many_messages_it_posted(server: HttpServer) -> None:
    receivers.teams(server).answers_next(Answer(200, b"1"))
    assert (await channel("teams", server).send(a_message())).result is AttemptClass.OK


async def test_an_address_of_discord_that_asks_not_to_wait_waits(server: HttpServer) -> None:
    receivers.discord(server)
    values = SERVICES["discord"].values(server)
    values["webhook_url"] += "?wait=false&thread_id=5"
    assert (await channel("discord", server, values).send(a_message())).result is AttemptClass.OK
    assert server.requests[0].target.endswith("?thread_id=5&wait=true")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("fatal_error", AttemptClass.UNKNOWN),
        ("internal_error", AttemptClass.UNKNOWN),
        ("service_unavailable", AttemptClass.RETRY),
        ("rate_limited", AttemptClass.THROTTLE),
        ("message_limit_exceeded", AttemptClass.THROTTLE),
        ("thread_not_found", AttemptClass.CONTENT),
    ],
)
async def test_a_word_of_the_bots_api_means_what_its_table_says(
    word: str, expected: AttemptClass, server: HttpServer
) -> None:
    receivers.slack_api(server, TOKEN).answers_next(said(200, ok=False, error=word))
    assert (await channel("slack bot", server).send(a_message())).result is expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [(429, AttemptClass.THROTTLE), (500, AttemptClass.RETRY), (503, AttemptClass.RETRY), (403, AttemptClass.PERMANENT)],
)
async def test_an_unknown_word_of_the_bots_api_leaves_it_to_the_status(
    status: int, expected: AttemptClass, server: HttpServer
) -> None:
    receivers.slack_api(server, TOKEN).answers_next(said(status, ok=False, error="some_new_word"))
    assert (await channel("slack bot", server).send(a_message())).result is expected


async def test_a_story_is_one_thread_and_what_must_be_heard_is_broadcast(server: HttpServer) -> None:
    slack, desk = receivers.slack_api(server, TOKEN), channel("slack bot", server)
    head = await desk.send(a_message())
    assert head.remote == "C0ASIA:1795442520.000001"
    await desk.send(a_message(an_alert(2), thread=head.remote))
    await desk.send(a_message(an_alert(3), thread=head.remote, is_loud=True))
    first, later, loud = slack.posts
    assert "thread_ts" not in first
    assert (later["thread_ts"], later.get("reply_broadcast")) == ("1795442520.000001", None)
    assert (loud["thread_ts"], loud["reply_broadcast"]) == ("1795442520.000001", True)


def bot(server: HttpServer) -> tuple[Channel, Heads]:
    heads = Heads()
    guard = AddressGuard()
    around = Surroundings(Path("unused"), io.StringIO(), GuardedClient(guard), guard, FakeClock(), heads=heads)
    values = SERVICES["slack bot"].values(server) | {"allow_private": ["127.0.0.0/8"]}
    return build(ChannelName("desk"), channel_types()["slack"].model_validate(values), around), heads


async def test_the_head_of_a_thread_says_how_much_more_was_told_and_the_latest(server: HttpServer) -> None:
    slack, edits = receivers.slack_api(server, TOKEN), receivers.slack_edits(server, TOKEN)
    desk, heads = bot(server)
    head = await desk.send(a_message())
    assert await heads.flush(0.0) == 0, "nothing was told below it"
    await desk.send(a_message(an_alert(2), thread=head.remote))
    await desk.send(a_message(an_alert(3, headline=Marked(HOSTILE)), thread=head.remote))
    assert edits.posts == [], "an alert waits for no edit"
    assert await heads.flush(0.0) == 1
    [edit] = edits.posts
    assert (edit["channel"], edit["ts"]) == ("C0ASIA", "1795442520.000001")
    assert edit["blocks"][:-1] == slack.posts[0]["blocks"]
    assert edit["text"] == slack.posts[0]["text"]
    [line] = edit["blocks"][-1]["elements"]
    assert line["type"] == "plain_text", "nothing in it is live"
    assert line["text"].startswith("2 more in the thread; the latest: ")


async def test_a_head_is_edited_at_most_twice_a_minute_and_its_last_state_wins(server: HttpServer) -> None:
    receivers.slack_api(server, TOKEN)
    edits = receivers.slack_edits(server, TOKEN)
    desk, heads = bot(server)
    head = await desk.send(a_message())
    for number in range(2, 12):
        await desk.send(a_message(an_alert(number), thread=head.remote))
        await heads.flush(float(number))
    assert await heads.flush(100.0) == 1
    assert await heads.flush(200.0) == 0
    said = [post["blocks"][-1]["elements"][0]["text"].partition(" more")[0] for post in edits.posts]
    assert said == ["1", "10"]


@pytest.mark.parametrize(
    ("answer", "tries"),
    [
        (said(200, ok=False, error="edit_window_closed"), 1),
        (said(200, ok=False, error="message_not_found"), 1),
        (Answer(raw=b""), 1),
        (Answer(429, b"", [("Retry-After", "45")]), 2),
        (Answer(503), 2),
    ],
)
async def test_a_failed_edit_touches_no_alert_and_goes_again_only_after_a_rest(
    answer: Answer, tries: int, server: HttpServer
) -> None:
    slack, edits = receivers.slack_api(server, TOKEN), receivers.slack_edits(server, TOKEN)
    desk, heads = bot(server)
    head = await desk.send(a_message())
    assert (await desk.send(a_message(an_alert(2), thread=head.remote))).result is AttemptClass.OK
    edits.answers_next(answer)
    assert await heads.flush(0.0) == 0
    assert await heads.flush(20.0) == 0
    assert await heads.flush(50.0) == tries - 1
    assert len(edits.posts) == tries - 1
    assert len(slack.posts) == 2


async def test_a_thread_that_is_gone_does_not_keep_the_news(server: HttpServer) -> None:
    slack, desk = receivers.slack_api(server, TOKEN), channel("slack bot", server)
    slack.answers_next(said(200, ok=False, error="thread_not_found"))
    thread = "C0ASIA:1795442520.000001"
    assert (await desk.send(a_message(thread=thread))).result is AttemptClass.CONTENT
    assert (await desk.send(a_message(thread=thread, plain=True, attempt=2))).result is AttemptClass.OK
    assert "thread_ts" not in slack.posts[0]


@pytest.mark.parametrize("thread", ["<m1@desk.example>", "C0ASIA:x", "C0ASIA:1.1\n", "17"])
async def test_what_another_kind_of_channel_called_a_message_is_no_thread_of_slack(
    thread: str, server: HttpServer
) -> None:
    slack = receivers.slack_api(server, TOKEN)
    await channel("slack bot", server).send(a_message(thread=thread))
    assert "thread_ts" not in slack.posts[0]


@pytest.mark.parametrize(("configured", "used"), [("C0ASIA", True), ("#asia", True), ("C0EUROPE", False)])
async def test_a_thread_of_a_conversation_that_was_configured_before_is_left(
    configured: str, used: bool, server: HttpServer
) -> None:
    slack = receivers.slack_api(server, TOKEN, ("C0ASIA", "C0EUROPE"))
    values = SERVICES["slack bot"].values(server) | {"channel": configured}
    desk = channel("slack bot", server, values)
    assert (await desk.send(a_message(thread="C0ASIA:1795442520.000001", is_loud=True))).result is AttemptClass.OK
    assert ("thread_ts" in slack.posts[0], "reply_broadcast" in slack.posts[0]) == (used, used)
    assert slack.posts[0]["channel"] == ("C0ASIA" if used else configured)


@pytest.mark.parametrize("thread", ["0", "2147483648", "9" * 30, "٣", "-1", "1.5", "C0ASIA:1.1"])
async def test_what_is_no_number_of_a_message_is_nothing_that_telegram_answers(thread: str, server: HttpServer) -> None:
    bot = receivers.telegram(server, TOKEN)
    assert (await channel("telegram", server).send(a_message(thread=thread))).result is AttemptClass.OK
    assert "reply_parameters" not in bot.posts[0]


async def test_the_plain_form_for_telegram_stands_alone(server: HttpServer) -> None:
    bot = receivers.telegram(server, TOKEN)
    await channel("telegram", server).send(a_message(thread="17", plain=True, attempt=2))
    assert "reply_parameters" not in bot.posts[0]


async def test_telegram_answers_the_message_that_told_the_story(server: HttpServer) -> None:
    bot, desk = receivers.telegram(server, TOKEN), channel("telegram", server)
    head = await desk.send(a_message())
    await desk.send(a_message(an_alert(2), thread=head.remote))
    assert bot.posts[1]["reply_parameters"] == {"message_id": 1, "allow_sending_without_reply": True}


@pytest.mark.parametrize("name", ["discord", "ntfy"])
@pytest.mark.parametrize("id_", [r"\ud800", r"a\u0000b", r"\u202ea\nb", "a" * 60_000])
async def test_what_a_receiver_calls_a_message_can_be_stored(name: str, id_: str, server: HttpServer) -> None:
    SERVICES[name].receiver(server).answers_next(Answer(200, f'{{"id": "{id_}"}}'.encode()))
    result = await channel(name, server).send(a_message())
    assert result.result is AttemptClass.OK
    assert len(result.remote.encode()) <= 200
    assert result.remote.isprintable()


@pytest.mark.parametrize("id_", [r'"\ud800"', '"17"', "true", "1.5", "-3", "0", "2147483648", "null", "9" * 5000])
async def test_telegram_calls_a_message_by_a_number(id_: str, server: HttpServer) -> None:
    answer = Answer(200, f'{{"ok": true, "result": {{"message_id": {id_}}}}}'.encode())
    receivers.telegram(server, TOKEN).answers_next(answer)
    assert (await channel("telegram", server).send(a_message())).remote == ""


ALIVE = f"@everyone @channel @desk_bot /start #tag **bold** _it_ `code` [Reuters](http://evil.example) ||x|| &commat;all &#64;here {HOSTILE}"


@pytest.mark.parametrize("changes", [{}, {"plain": True}, {"kind": MessageKind.SUMMARY, "title": ALIVE}])
async def test_nothing_in_a_headline_comes_alive(changes: dict[str, Any], server: HttpServer) -> None:
    alert = an_alert(headline=Marked(ALIVE, ((0, 9, 1),)), excerpt=Marked(ALIVE), source=ALIVE, rule_name=ALIVE)
    message = a_message(alert, **changes)
    texts: dict[str, str] = {}
    for name in ("discord", "mattermost", "telegram"):
        receiver = SERVICES[name].receiver(server)
        assert (await channel(name, server).send(message)).result is AttemptClass.OK
        (body,) = receiver.posts
        embeds = body.get("embeds", [{}])
        texts[name] = body.get("text") or body.get("content") or embeds[0]["description"]
        if name == "discord":
            assert body["allowed_mentions"] == {"parse": []}
    for name in ("discord", "mattermost"):
        assert "[Reuters](http" not in texts[name]
        assert r"\[Reuters\]\(http" in texts[name]
        assert r"\&commat;all \&\#64;here" in texts[name]
        assert r"\<\!channel\>" in texts[name].replace("\u2060", "")
    for name in ("mattermost", "telegram"):
        assert "@everyone" not in texts[name]
        assert "@channel" not in texts[name]
    assert "<script" not in texts["telegram"] or changes.get("plain"), "without a parse mode it is text"
    assert "/start" not in texts["telegram"]
    assert "#tag" not in texts["telegram"]
