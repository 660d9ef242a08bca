"""Mail over real sockets: what each answer of a mail server leads to, for the mail and for each recipient."""

from __future__ import annotations

import email
import io
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from email.header import decode_header, make_header
from pathlib import Path
from types import MappingProxyType

import pytest

from tests.fakes.certificate import make_certificate, needs_openssl
from tests.fakes.clock import FakeClock
from tests.fakes.messages import EVERY_MESSAGE, HOSTILE, a_message, an_alert
from tests.fakes.smtp_server import SmtpServer
from watcher.core.model.ids import AlertId, ChannelName, StoryId
from watcher.core.model.message import AttemptClass, AttemptResult, Marked, MessageKind
from watcher.core.model.secret import Secret
from watcher.delivery import smtp
from watcher.delivery.kinds import channel_types
from watcher.delivery.registry import Surroundings, build
from watcher.network.client import GuardedClient
from watcher.network.guard import AddressGuard
from watcher.ports import Channel
from watcher.telling.signed_links import LinkSigner, LinkTo

SIGNER = LinkSigner(Secret("k" * 32))
ME, DESK = "me@example.org", "desk@example.org"


def channel(
    server: SmtpServer,
    url: str = "",
    allow: tuple[str, ...] = ("127.0.0.0/8",),
    tls: ssl.SSLContext | None = None,
    more: Mapping[str, object] = MappingProxyType({}),
    public_url: str = "",
) -> Channel:
    guard = AddressGuard()
    around = Surroundings(
        out_dir=Path("unused"),
        stdout=io.StringIO(),
        client=GuardedClient(guard),
        guard=guard,
        clock=FakeClock(),
        smtp_url=Secret(url or f"smtp://127.0.0.1:{server.port}?starttls=never"),
        smtp_from="Watch <alerts@desk.example>",
        allow_private=allow,
        tls=tls,
        public_url=public_url,
        signer=SIGNER,
    )
    values = {"type": "email", "to": [ME, DESK], **more}
    return build(ChannelName("me"), channel_types()["email"].model_validate(values), around)


@pytest.fixture
async def server() -> AsyncIterator[SmtpServer]:
    async with SmtpServer() as running:
        yield running


def per_recipient(result: AttemptResult) -> dict[str, AttemptClass]:
    return {name: heard.result for name, heard in result.recipients.items()}


async def test_a_mail_arrives_once_with_text_html_and_headers(server: SmtpServer) -> None:
    message = a_message()
    result = await channel(server).send(message)
    assert result.result is AttemptClass.OK
    assert per_recipient(result) == {ME: AttemptClass.OK, DESK: AttemptClass.OK}
    mail, other = server.mails
    assert (mail.sender, mail.recipients, other.recipients) == ("alerts@desk.example", (ME,), (DESK,))
    assert (mail.message["To"], other.message["To"]) == (ME, DESK), "nobody sees who else gets it"
    assert server.connections == 1
    read = mail.message
    assert read["Subject"] == "[High] 북한 포병, North Korean gunners at Russian range"
    assert read["Message-ID"] == f"<{message.id}@desk.example>"
    assert read["List-Id"] == "<dprk-russia-military.watcher.desk.example>"
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["X-Watcher-Rule"] == "dprk-russia-military@41"
    assert [part.get_content_type() for part in read.walk()] == ["multipart/alternative", "text/plain", "text/html"]


async def test_messages_in_a_row_share_one_connection_and_leave_it_politely(server: SmtpServer) -> None:
    desk = channel(server)
    server.refuses(DESK, "451 later", "550 no such user")
    server.answers_content("250 taken", "552 too big")
    async with desk.run():
        results = [await desk.send(a_message(attempt=number)) for number in range(1, 5)]
        assert (server.connections, server.quits) == (1, 0)
    assert (server.connections, server.quits) == (1, 1)
    assert per_recipient(results[0])[ME] is AttemptClass.OK
    assert [per_recipient(one)[DESK] for one in results][:2] == [AttemptClass.RETRY, AttemptClass.PERMANENT]
    assert [one.result for one in results[2:]] == [AttemptClass.OK] * 2
    await desk.send(a_message())
    assert (server.connections, server.quits) == (2, 2), "nothing is kept where nothing follows"


@pytest.mark.parametrize("ends", ["dropped", "421 too many", "500 what?"])
async def test_a_connection_that_ended_meanwhile_is_opened_once_more(ends: str, server: SmtpServer) -> None:
    desk = channel(server)
    async with desk.run():
        await desk.send(a_message())
        if ends == "dropped":
            server.hangs_up()
        else:
            server.ends_at_reset(ends)
        assert (await desk.send(a_message())).result is AttemptClass.OK
    assert (server.connections, len(server.mails)) == (2, 4)


async def test_a_conversation_that_broke_is_not_gone_on_with(server: SmtpServer) -> None:
    desk = channel(server)
    async with desk.run():
        server.drops_before_reply()
        assert (await desk.send(a_message())).result is AttemptClass.UNKNOWN
        server.refuses_sender("421 closing")
        assert (await desk.send(a_message(attempt=2))).result is AttemptClass.RETRY
        assert (await desk.send(a_message(attempt=3))).result is AttemptClass.OK
    assert server.connections == 3


async def test_every_kind_of_message_is_taken_by_a_real_server(server: SmtpServer) -> None:
    for message in EVERY_MESSAGE.values():
        assert (await channel(server).send(message)).result is AttemptClass.OK
    assert len(server.mails) == 2 * len(EVERY_MESSAGE)


@pytest.mark.parametrize(
    "title",
    [
        "Fira =?utf-8?q?army=0D=0ABcc:_victim@example.org?=",
        "Fira =?utf-8?b?DQpCY2M6IHZpY3RpbUBleGFtcGxlLm9yZw0KDQo8aHRtbD4=?= army",
        "Fira =?utf-7?q?+2AA-?= army",
        "Fira =?utf-8?q?=ED=A0=80?= army",
    ],
)
async def test_a_title_that_looks_encoded_arrives_as_it_is(title: str, server: SmtpServer) -> None:
    result = await channel(server).send(a_message(an_alert(headline=Marked(title), source=title, rule_name=title)))
    assert result.result is AttemptClass.OK
    mail, _ = server.mails
    names = [name for name, _ in mail.message.items()]
    assert "Bcc" not in names
    assert len(names) == len(set(names)) == 13
    raw = email.message_from_bytes(mail.content)
    assert str(make_header(decode_header(raw["Subject"]))) == f"[High] {title}"


async def test_a_hostile_headline_adds_no_header_and_no_tag(server: SmtpServer) -> None:
    await channel(server).send(EVERY_MESSAGE["hostile"])
    read = server.mails[0].message
    assert read["Bcc"] is None
    assert not read.defects
    assert max(len(line) for line in server.mails[0].content.split(b"\r\n")) <= 998
    body = read.get_body(("html",))
    assert body is not None
    assert "<script>alert" not in body.get_content()
    assert "javascript:" not in body.get_content()
    assert "49" not in str(read["Subject"])  # {{ 7*7 }} is text
    assert HOSTILE[:10] in str(read["Subject"])


async def test_only_the_open_recipients_are_tried_again(server: SmtpServer) -> None:
    server.refuses(DESK, "450 greylisted, come back")
    first = await channel(server).send(a_message())
    assert first.result is AttemptClass.RETRY
    assert per_recipient(first) == {ME: AttemptClass.OK, DESK: AttemptClass.RETRY}
    second = await channel(server).send(a_message(attempt=2, recipients=(DESK,)))
    assert second.result is AttemptClass.OK
    assert [mail.recipients for mail in server.mails] == [(ME,), (DESK,)]
    assert server.mails[0].message["Message-ID"] == server.mails[1].message["Message-ID"]


async def test_a_recipient_at_whom_the_server_hangs_up_starves_nobody(server: SmtpServer) -> None:
    for_ever = ["421 too much for this mailbox"] * 9
    server.refuses(ME, *for_ever)
    first = await channel(server).send(a_message())
    assert per_recipient(first) == {ME: AttemptClass.RETRY, DESK: AttemptClass.RETRY}
    second = await channel(server).send(a_message(attempt=2))
    assert per_recipient(second) == {ME: AttemptClass.RETRY, DESK: AttemptClass.OK}
    assert [mail.recipients for mail in server.mails] == [(DESK,)]


async def test_each_recipient_is_the_first_at_some_attempt(server: SmtpServer) -> None:
    for attempt in (1, 2, 3):
        await channel(server).send(a_message(attempt=attempt))
    assert [mail.recipients for mail in server.mails[::2]] == [(ME,), (DESK,), (ME,)]


async def test_a_recipient_refused_for_good_does_not_hold_up_the_others(server: SmtpServer) -> None:
    server.refuses(DESK, "550 no such user")
    result = await channel(server).send(a_message())
    assert result.result is AttemptClass.OK
    assert per_recipient(result) == {ME: AttemptClass.OK, DESK: AttemptClass.PERMANENT}
    assert result.recipients[DESK].answer == "550 no such user"


async def test_a_mail_that_nobody_may_get_is_refused_for_good(server: SmtpServer) -> None:
    server.refuses(ME, "550 no such user")
    server.refuses(DESK, "553 no such user either")
    result = await channel(server).send(a_message())
    assert result.result is AttemptClass.PERMANENT
    assert result.answer == "550 no such user; 553 no such user either"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("451 try later", AttemptClass.RETRY),
        ("452 no space", AttemptClass.RETRY),
        ("552 too big", AttemptClass.CONTENT),
        ("554 looks like spam", AttemptClass.CONTENT),
        ("550 content refused", AttemptClass.CONTENT),
        ("530 log in first", AttemptClass.PERMANENT),
    ],
)
async def test_an_answer_to_the_content_is_about_the_mail(
    server: SmtpServer, answer: str, expected: AttemptClass
) -> None:
    server.answers_content(answer, answer)
    result = await channel(server).send(a_message())
    assert (result.result, result.answer) == (expected, answer)
    assert set(per_recipient(result).values()) == {expected}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("451 try later", AttemptClass.RETRY), ("550 not you", AttemptClass.PERMANENT), ("552 big", AttemptClass.CONTENT)],
)
async def test_a_refused_sender_is_about_the_channel(server: SmtpServer, answer: str, expected: AttemptClass) -> None:
    server.refuses_sender(answer)
    result = await channel(server).send(a_message())
    assert (result.result, dict(result.recipients)) == (expected, {})


async def test_a_connection_lost_after_the_content_leaves_it_unknown(server: SmtpServer) -> None:
    server.drops_before_reply()
    result = await channel(server).send(a_message())
    assert result.result is AttemptClass.UNKNOWN
    assert per_recipient(result) == {ME: AttemptClass.UNKNOWN, DESK: AttemptClass.RETRY}


async def test_a_server_that_does_not_answer_the_content_leaves_it_unknown(
    server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.stalls()
    with monkeypatch.context() as short:
        short.setattr(smtp, "_STEP_SECONDS", 1.0)
        result = await channel(server).send(a_message())
    assert result.result is AttemptClass.UNKNOWN
    assert per_recipient(result) == {ME: AttemptClass.UNKNOWN, DESK: AttemptClass.RETRY}
    assert (await channel(server).send(a_message(attempt=2))).result is AttemptClass.OK


async def test_nobody_listening_is_tried_again() -> None:
    async with SmtpServer() as server:
        gone = channel(server)
    result = await gone.send(a_message())
    assert (result.result, dict(result.recipients)) == (AttemptClass.RETRY, {})


async def test_a_private_mail_server_is_not_dialled_unless_allowed(server: SmtpServer) -> None:
    result = await channel(server, allow=()).send(a_message())
    assert result.result is AttemptClass.PERMANENT
    assert "not a public address" in result.answer
    assert server.connections == 0


async def test_without_starttls_nothing_is_sent_unless_told(server: SmtpServer) -> None:
    result = await channel(server, f"smtp://127.0.0.1:{server.port}").send(a_message())
    assert result.result is AttemptClass.PERMANENT
    assert "STARTTLS" in result.answer
    assert server.mails == []


async def test_a_wrong_password_is_refused_for_good_and_never_shown() -> None:
    async with SmtpServer(password="right") as server:
        url = f"smtp://watch:{{}}@127.0.0.1:{server.port}?starttls=never"
        assert (await channel(server, url.format("right")).send(a_message())).result is AttemptClass.OK
        refused = await channel(server, url.format("wr0ngpass")).send(a_message())
        assert refused.result is AttemptClass.PERMANENT
        assert "wr0ngpass" not in refused.answer
        assert len(server.mails) == 2


@needs_openssl
@pytest.mark.parametrize("from_start", [True, False])
async def test_mail_goes_encrypted_and_only_to_a_server_that_proves_its_name(from_start: bool, tmp_path: Path) -> None:
    for_server, for_client = make_certificate(tmp_path)
    scheme = "smtps" if from_start else "smtp"
    async with SmtpServer(tls=for_server, tls_from_start=from_start) as server:
        url = f"{scheme}://127.0.0.1:{server.port}"
        assert (await channel(server, url, tls=for_client).send(a_message())).result is AttemptClass.OK
        unproven = await channel(server, url).send(a_message(an_alert(2)))
        assert unproven.result is AttemptClass.RETRY
        assert len(server.mails) == 2


async def test_who_has_the_mail_keeps_it_when_the_connection_breaks_at_the_next_one(server: SmtpServer) -> None:
    server.answers_content("250 taken", "")
    result = await channel(server).send(a_message())
    assert result.result is AttemptClass.UNKNOWN
    assert per_recipient(result) == {ME: AttemptClass.OK, DESK: AttemptClass.UNKNOWN}


async def test_content_that_one_mailbox_refuses_is_open_for_that_one_only(server: SmtpServer) -> None:
    server.answers_content("554 looks like spam", "250 taken")
    result = await channel(server).send(a_message())
    assert result.result is AttemptClass.CONTENT
    assert per_recipient(result) == {ME: AttemptClass.CONTENT, DESK: AttemptClass.OK}


async def test_later_news_of_a_story_stands_in_its_thread(server: SmtpServer) -> None:
    head = await channel(server).send(a_message())
    await channel(server).send(a_message(an_alert(2), id="m2", thread=head.remote))
    first, _, later, _ = (mail.message for mail in server.mails)
    assert first["In-Reply-To"] is None
    assert head.remote == first["Message-ID"]
    assert later["In-Reply-To"] == later["References"] == first["Message-ID"]
    assert later["Message-ID"] != first["Message-ID"]


@pytest.mark.parametrize("thread", ["C0ASIA:1712.34", "<a@b.example>\r\nBcc: x@y.example", "<a b@c.example>", "<<a@b>"])
async def test_what_is_no_message_id_names_no_thread(thread: str, server: SmtpServer) -> None:
    assert (await channel(server).send(a_message(thread=thread))).result is AttemptClass.OK
    read = server.mails[0].message
    assert (read["In-Reply-To"], read["References"], read["Bcc"]) == (None, None, None)


async def test_each_mail_says_where_to_ask_for_no_more(server: SmtpServer) -> None:
    await channel(server).send(a_message())
    assert server.mails[0].message["List-Unsubscribe"] == "<mailto:alerts@desk.example?subject=stop%20desk>"
    await channel(server, more={"unsubscribe": "https://desk.example/stop"}).send(a_message())
    assert server.mails[-1].message["List-Unsubscribe"] == "<https://desk.example/stop>"


async def test_one_click_stops_the_mails_of_one_recipient(server: SmtpServer) -> None:
    message = a_message()
    sending = channel(server, public_url="https://watch.example")
    await sending.send(message)
    for mail in server.mails:
        read = mail.message
        [link, way] = str(read["List-Unsubscribe"]).split(", ")
        assert link.startswith("<https://watch.example/l/")
        assert way.startswith("<mailto:")
        assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert (read["Auto-Submitted"], str(read["List-Id"]).endswith(".watcher.desk.example>")) == (
            "auto-generated",
            True,
        )
        found = SIGNER.read(link.strip("<>").rpartition("/")[2], message.at)
        assert found is not None
        assert (found.to, found.channel, found.what) == (LinkTo.UNSUBSCRIBE, message.channel, mail.recipients[0])
        body = read.get_body(("plain",))
        assert body is not None
        assert link.strip("<>") in body.get_content(), "people without such a button find it in the text"
        assert "Mute this story: https://watch.example/l/" in body.get_content()
        vote = re.search(r"Useful or not\? Say so: https://watch.example/l/(\S+)", body.get_content())
        assert vote is not None
        asked = SIGNER.read(vote[1], message.at)
        assert asked is not None
        assert (asked.to, asked.what, asked.reader) == (LinkTo.VOTE, message.alerts[0].id, mail.recipients[0])
    before = [mail.content for mail in server.mails]
    await sending.send(message)
    assert [mail.content for mail in server.mails[2:]] == before, "a repeat is the same mail"


async def test_a_summary_has_a_link_to_vote_on_each_alert_that_it_lists(server: SmtpServer) -> None:
    first = a_message().alerts[0]
    other = replace(first, id=AlertId("l2"), story=StoryId("s2"), headline=Marked("Ferry burns"))
    message = replace(a_message(), kind=MessageKind.SUMMARY, alerts=(first, other))
    await channel(server, public_url="https://watch.example").send(message)
    mail = server.mails[-1]
    for part, pattern in (
        ("plain", r"Useful or not\? https://watch.example/l/(\S+)"),
        ("html", r'/l/([^"]+)"[^>]*>Useful or'),
    ):
        body = mail.message.get_body((part,))
        assert body is not None
        links = [SIGNER.read(link, message.at) for link in re.findall(pattern, body.get_content())]
        assert {(one.to, one.what, one.reader) for one in links if one} == {
            (LinkTo.VOTE, first.id, mail.recipients[0]),
            (LinkTo.VOTE, other.id, mail.recipients[0]),
        }


async def test_one_click_is_offered_only_where_it_works(server: SmtpServer) -> None:
    await channel(server, public_url="http://watch.example").send(a_message())
    read = server.mails[-1].message
    assert "http://watch.example/l/" in read["List-Unsubscribe"]
    assert read["List-Unsubscribe-Post"] is None, "RFC 8058 asks for https"
    await channel(server, public_url="https://watch.example", more={"unsubscribe": DESK}).send(a_message())
    read = server.mails[-1].message
    assert read["List-Unsubscribe"] == f"<mailto:{DESK}?subject=stop%20desk>", "who names a way keeps it"
    assert read["List-Unsubscribe-Post"] is None


@pytest.mark.parametrize("to", ["a" * 64 + "@" + ".".join(["b" * 60] * 3) + ".example"])
async def test_a_long_address_leaves_every_header_line_whole(to: str, server: SmtpServer) -> None:
    message = a_message()
    raw = channel(server, public_url="https://watch.example", more={"to": [to]})
    assert (await raw.send(message)).result is AttemptClass.OK
    head = server.mails[-1].content.partition(b"\r\n\r\n")[0]
    assert max(map(len, head.split(b"\r\n"))) < 998


@pytest.mark.parametrize("way", ["javascript:alert(1)", "http://desk.example/stop", "me", "https://a.example/>, <x"])
def test_a_way_out_is_an_address_that_answers(way: str) -> None:
    with pytest.raises(ValueError, match="unsubscribe"):
        channel_types()["email"].model_validate({"type": "email", "to": [ME], "unsubscribe": way})
