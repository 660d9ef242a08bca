"""One daemon among enemies: feeds that attack the reader, the page and the receivers, and secrets that must not
leak.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
from pathlib import Path

import httpx

from tests.e2e.test_daemon import LOOPBACK, SECRET, feed, rss, rule, serving, write
from tests.fakes.http_server import Answer, HttpServer, Received
from tests.fakes.program import Program, eventually
from tests.fakes.smtp_server import SmtpServer

MARK = "Gunners"
GOOD = "An army that can be read about"
HOSTILE = (
    f"{MARK} army &lt;script&gt;alert(1)&lt;/script&gt; &lt;!channel&gt; &lt;http://evil.example|bank.example&gt; "
    "&#13;&#10;Bcc: victim@evil.example&#13;&#10;&#13;&#10;body \u202egnp.exe\u200b {{ 7*7 }} %s ${HOOK_SECRET} &quot;&gt;&lt;img src=x onerror=alert(1)&gt;"
)
BILLION = (
    "<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a 'lollollol'>"
    + "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9))
    + "]><rss version='2.0'><channel><title>x</title><item><title>army &j;</title></item></channel></rss>"
)
QUADRATIC = (
    f"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a '{'x' * 20_000}'>]><rss version='2.0'><channel><item><title>army "
    + "&a;" * 20_000
    + "</title></item></channel></rss>"
)
EXTERNAL = (
    "<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a SYSTEM 'file://%s'><!ENTITY b SYSTEM 'http://127.0.0.1:%d/dtd'>]>"
    "<rss version='2.0'><channel><title>x</title><item><guid>1</guid><title>army at &a;&b; range</title></item></channel></rss>"
)
ATTRIBUTES = (
    "<rss version='2.0'><channel><item "
    + " ".join(f"a{n}='{n}'" for n in range(40_000))
    + "><title>army</title></item></channel></rss>"
)
NESTED = (
    "<rss version='2.0'><channel><item><title>army</title><description>"
    + "<b>" * 100_000
    + "</description></item></channel></rss>"
)
BAD_FEEDS: dict[str, bytes] = {  # each is a feed error of its own, and stops no other
    "billion": BILLION.encode(),
    "quadratic": QUADRATIC.encode(),
    "attributes": ATTRIBUTES.encode(),
    "nested": NESTED.encode(),
    "html": b"<!doctype html><title>army</title><p>army",
    "empty": b"",
    "arrays": b"[" * 100_000,
    "numbers": b'{"version":"https://jsonfeed.org/version/1.1","items":[{"id":1e400,"title":"army"}],"items":7}',
    "zeros": b"\0" * 5_000_000,
    "lies": b"\xff\xfe\x00" * 1000,
}
TOKEN = "page-token-hunter2"
FEED_PASSWORD = "feed-password-hunter2"
HEADER = "header-key-hunter2"
SLACK_PATH = "services/T0/B0/slack-path-hunter2"
SMTP_PASSWORD = "smtp-password-hunter2"
LITERAL = "literal-hunter2-webhook"


SECRETS = (TOKEN, FEED_PASSWORD, HEADER, "slack-path-hunter2", SMTP_PASSWORD, LITERAL, SECRET.removeprefix("whsec_"))


def _page(program: Program, path: str, token: str = "") -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = httpx.get(f"http://127.0.0.1:{program.port}{path}", headers=headers, timeout=20, trust_env=False)
    return answer.status_code, answer.text


def _everything_back(request: Received) -> Answer:
    """A receiver that refuses and repeats all that it was told, its own secret address included."""
    said = f"{request.target} {json.dumps(dict(request.headers))} {request.body[:200].decode(errors='replace')}"
    return Answer(500, said.encode())


def _prepare(tmp_path: Path, server: HttpServer, mail: SmtpServer) -> dict[str, str]:
    """Serve the enemies, write the configuration, and return the environment."""
    for name, document in BAD_FEEDS.items():
        server.publishes(f"/{name}", document)
    server.publishes("/hostile", rss(("1", HOSTILE)))
    server.publishes(
        "/external", EXTERNAL % (tmp_path / "entity.txt", int(server.url("/x").split(":")[2].split("/")[0]))
    )
    server.publishes("/private", rss(("1", GOOD)))
    server.on("/bomb", lambda _: Answer(200, gzip.compress(b"\0" * 60_000_000), [("Content-Encoding", "gzip")]))
    server.on("/elsewhere", lambda _: Answer(302, b"", [("Location", "http://169.254.169.254/latest/meta-data/")]))
    server.on("/hook", lambda _: Answer(200, b"ok"))
    for path in (f"/{SLACK_PATH}", "/plain"):
        server.on(path, _everything_back)
    (tmp_path / "entity.txt").write_text("text of a file", encoding="utf-8")
    (tmp_path / "outside.xml").write_bytes(rss(("1", "army outside")))
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "link.xml").symlink_to(tmp_path / "outside.xml")
    with_password = server.url("/private").replace("http://", f"http://reader:{FEED_PASSWORD}@")
    feeds = [feed(server, f"/{name}") for name in (*BAD_FEEDS, "hostile", "external", "bomb", "elsewhere")]
    feeds += [{**feed(server, "/private"), "url": with_password, "headers": {"X-Key": "${HEADER_KEY}"}}]
    feeds += [{"url": "file:link.xml", "name": "link"}]
    local = {"allow_private": LOOPBACK}
    channels = {
        "desk": {"type": "slack", "webhook_url": "${DESK_URL}", **local},
        "me": {"type": "email", "to": ["one@desk.example"], **local},
        "hook": {"type": "webhook", "url": server.url("/hook"), "secrets": ["${HOOK_SECRET}"], **local},
        "plain": {"type": "webhook", "url": server.url("/plain"), "secrets": [LITERAL], **local},
        "box": {"type": "file", "path": "box.jsonl"},
    }
    write(tmp_path / "config", [rule("Army", "army", send_to=["console", *channels])], feeds=feeds, channels=channels)
    return {
        "DESK_URL": server.url(f"/{SLACK_PATH}"),
        "HOOK_SECRET": SECRET,
        "HEADER_KEY": HEADER,
        "WATCHER_TOKEN": TOKEN,
        "WATCHER_SMTP_URL": f"smtp://user:{SMTP_PASSWORD}@127.0.0.1:{mail.port}?starttls=never",
        "WATCHER_SMTP_FROM": "watcher@desk.example",
        "WATCHER_LOG_LEVEL": "debug",
    }


def test_enemies_are_borne_and_secrets_stay(tmp_path: Path) -> None:
    with HttpServer() as server, serving(SmtpServer(password=SMTP_PASSWORD)) as mail:
        env = _prepare(tmp_path, server, mail)
        with Program(tmp_path / "config", tmp_path / "data", env) as program:
            bad = len(BAD_FEEDS) + 3
            eventually(lambda: program.logged.count('"feed problem"') >= bad, "every bad feed is known")
            eventually(lambda: len(mail.mails) >= 3, "the mails came")
            eventually(lambda: len(server.requests_to("/hook")) >= 3, "the webhook was told")
            eventually(lambda: GOOD in program.printed, "a feed beside them is read")
            eventually(
                lambda: "delivery failed" in program.logged or '"retrying"' in program.logged, "a refusal is known"
            )
            assert _page(program, "/")[0] == 401
            assert _page(program, "/livez")[0] == 200
            _, page = _page(program, "/", TOKEN)
            _, metrics = _page(program, "/metrics", TOKEN)
            assert program.terminate() == 0
        _is_inert(page, program, mail, server, tmp_path)
        _nothing_leaks(tmp_path, page + metrics, server, mail)
    assert "Traceback" not in program.logged


def _is_inert(page: str, program: Program, mail: SmtpServer, server: HttpServer, tmp_path: Path) -> None:
    box = (tmp_path / "data" / "out" / "box.jsonl").read_text("utf-8")
    titles = [json.loads(request.body)["data"]["title"] for request in server.requests_to("/hook")]
    slack = b"".join(request.body for request in server.requests_to(f"/{SLACK_PATH}")).decode()
    letters = [mailed.message for mailed in mail.mails]
    assert MARK in page
    assert MARK in box
    assert any(MARK in title for title in titles)
    assert "<script" not in page
    assert "<img" not in page
    assert "\u202e" not in page + program.printed + "".join(titles)
    assert "<!channel>" not in slack
    assert "<http://evil.example" not in slack
    assert all(letter["bcc"] is None for letter in letters)
    assert all(list(mailed.recipients) == ["one@desk.example"] for mailed in mail.mails)
    assert not any(
        "<script" in part.get_content()
        for letter in letters
        for part in letter.walk()
        if part.get_content_subtype() == "html"
    )
    assert "text of a file" not in page + program.printed + box, "an external entity was read"
    assert "army outside" not in program.printed, "a link led out of the configuration directory"
    assert server.requests_to("/dtd") == []


def _nothing_leaks(tmp_path: Path, seen: str, server: HttpServer, mail: SmtpServer) -> None:
    with sqlite3.connect(tmp_path / "data" / "watcher.db") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    written = [
        path for path in tmp_path.rglob("*") if path.is_file() and "config" not in path.relative_to(tmp_path).parts
    ]
    assert any(path.suffix == ".db" for path in written)
    told = b"".join(request.body for request in server.requests_to("/hook")) + b"".join(
        one.content for one in mail.mails
    )
    for secret in SECRETS:
        assert secret not in seen, f"{secret} is on the page or in the metrics"
        assert secret.encode() not in told, f"{secret} was sent to a receiver"
        for path in written:
            assert secret.encode() not in path.read_bytes(), f"{secret} is in {path.name}"
