"""The head of a mail holds the lines that we wrote, whatever stands in a title."""

from __future__ import annotations

import email
from email.header import decode_header, make_header
from email.message import Message as Parsed
from email.policy import compat32, default

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.fakes.messages import a_message, an_alert
from watcher.core.model.message import Marked, WhyGroup
from watcher.delivery.email import compose
from watcher.delivery.mail_head import display_name, encoded_words, foreign_line, header_value
from watcher.telling import wording

SENDER, TO = "Watch <alerts@desk.example>", ("me@example.org",)
OURS = ["From", "To", "Subject", "Date", "Message-ID", "List-Id", "Auto-Submitted", "X-Watcher-Message", "X-Watcher-Rule",
        "X-Watcher-Severity"]  # fmt: skip
PARTS = {"MIME-Version", "Content-Type", "Content-Transfer-Encoding"}

ATTACKS = [
    "Fira =?utf-8?q?army=0D=0ABcc:_victim@example.org?=",
    "Fira =?utf-8?q?army=0ABcc:_victim@example.org?= =?utf-8?q?=0D=0A=0D=0A<html>?=",
    "Fira =?utf-8?b?DQoNCjxodG1sPjxzY3JpcHQ+?= army",
    "Fira =?utf-7?q?+2AA-?= army",
    "=?utf-8?q?=ED=A0=80?= =?x?q??= =?unknown-8bit?q?=80?= =?utf-8*EN?q?=0ABcc:_x?=",
    "=?",
    "?=",
    "=?utf-8?b?=?utf-8?q?=0ABcc:_x?=?=",
    "Fira\r\nBcc: victim@example.org\r\n\r\n<html>",
    "Fira\x0bBcc: v@example.org\x0cX: y\x1c\x1d\x1e\x85\u2028\u2029Bcc: v@example.org",
    "북한 " * 60,
    "a" * 400,
    "=?utf-8?q?" + "a" * 100 + "?= é " * 10,
    "\ud800 \udc80 \udcff =?utf-8?q?x?=",
    '"quoted" <victim@example.org>, (comment) \\ ; :',
]
any_title = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=80),
    st.lists(st.sampled_from(["=?", "?=", "utf-8", "?q?", "?b?", "=0D=0A", "=0ABcc: x", "DQo=", " ", "\r\n", "é", "+2AA-", "a"]),
             max_size=30).map("".join),
)  # fmt: skip


def head_of(mail: bytes) -> list[str]:
    """The names in a head as a strict reader of lines sees them, continuations left out."""
    head = mail.partition(b"\r\n\r\n")[0].decode("ascii")
    assert not set(head.replace("\r\n", "")) & set("\r\n\0")
    return [line.partition(":")[0] for line in head.split("\r\n") if not line.startswith(" ")]


def decoded(parsed: Parsed, name: str) -> str:
    return str(make_header(decode_header(parsed[name].replace("\r\n", "").replace("\n", ""))))


def check(title: str) -> None:
    alert = an_alert(headline=Marked(title), rule_name=title, source=title, why=(WhyGroup(title, ((title, 1, True),)),))
    message = a_message(alert)
    raw = compose(message, SENDER, TO).as_bytes()
    assert [name for name in head_of(raw) if name not in PARTS] == OURS
    assert max(map(len, raw.partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 998
    subject = wording.label(wording.one_line(message), 200)
    for policy in (compat32, default):
        parsed = email.message_from_bytes(raw, policy=policy)
        assert parsed.get_all("Bcc") is None
        assert parsed["To"] == "me@example.org"
    assert decoded(email.message_from_bytes(raw), "Subject") == subject


@pytest.mark.parametrize("title", ATTACKS)
def test_a_title_that_attacks_the_head_is_data_in_its_subject(title: str) -> None:
    check(title)


@given(any_title)
@example("Fira =?utf-8?q?army=0D=0ABcc:_victim@example.org?=")
def test_any_title_is_data_in_its_subject(title: str) -> None:
    check(title)


@given(any_title)
def test_any_name_before_an_address_is_data(name: str) -> None:
    shown = wording.label(name) or "watcher"
    raw = compose(a_message(), f"{display_name(shown)} <alerts@desk.example>", TO).as_bytes()
    assert [found for found in head_of(raw) if found not in PARTS] == OURS


@given(st.text(max_size=200))
def test_encoded_words_keep_their_length_and_their_letters(text: str) -> None:
    words = encoded_words(text)
    assert all(len(word) <= 75 and word.isascii() for word in words)
    assert str(make_header(decode_header("\r\n ".join(words)))) == text


def test_what_is_plain_stays_as_it_is() -> None:
    assert header_value("[High] Russian army at a range") == "[High] Russian army at a range"
    assert header_value(" ".join(["army"] * 40), 9).replace("\r\n", "") == " ".join(["army"] * 40)


@pytest.mark.parametrize(
    ("head", "line"),
    [
        (b"From: a\r\nTo: b\r\n\r\nbody", b""),
        (b"From: a\r\n folded\r\nTo: b\r\nMIME-Version: 1.0\r\n\r\nBcc: in the body", b""),
        (b"From: a\r\nBcc: b\r\n\r\n", b"Bcc: b"),
        (b"From: a\r\nFrom: b\r\n\r\n", b"From: b"),
        (b"From: a\nBcc: b\r\n\r\n", b"From: a\nBcc: b"),
        (b"From: a\rBcc: b\r\n\r\n", b"From: a\rBcc: b"),
        (b"From: a\r\n \r\n\r\n", b" "),
        (b" folded\r\n\r\n", b" folded"),
        (b"From: a", b"From: a"),
        (b"from: a\r\n\r\n", b"from: a"),
        (b"From: \xff\r\n\r\n", b"From: \xff"),
        (b"From: " + b"a" * 1000 + b"\r\n\r\n", b"From: " + b"a" * 1000),
    ],
)
def test_the_last_look_finds_a_line_that_is_not_ours(head: bytes, line: bytes) -> None:
    assert foreign_line(head, ("From", "To")) == line
