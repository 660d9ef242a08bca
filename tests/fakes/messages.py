"""Messages as channels get them: ordinary ones, many at once, and hostile ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from watcher.core.model.ids import AlertId, ChannelName, MessageId, RuleId, StoryId, digest, public_id
from watcher.core.model.message import AlertSummary, Marked, Message, MessageKind, SourceLine, WhyGroup
from watcher.core.model.rule import Severity

AT = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)
HOSTILE = (
    "<!channel> <@U1> @everyone <http://evil.example|Reuters> *bold* `code`"
    " <script>alert(1)</script> \" onclick='x' \r\nBcc: victim@example.org\r\n\r\nbody"
    " \u202egnp.exe\u202c \u2066x\u2069 \u200b\ufeff nul\x00 bell\x07 \x1b[31mred\x1b[0m \ud800 \u2028 {{ 7*7 }}"
)


def an_alert(number: int = 1, **changes: Any) -> AlertSummary:
    """Return an ordinary alert; different numbers are about different stories."""
    title = (
        f"North Korean gunners seen at Russian range {number}"
        if number > 1
        else "북한 포병, North Korean gunners at Russian range"
    )
    summary = AlertSummary(
        id=AlertId(public_id("l", digest("test", f"alert {number}"))),
        rule=RuleId("dprk-russia-military"),
        rule_name="DPRK–Russia military",
        revision=41,
        story=StoryId(public_id("s", digest("test", f"story {number}"))),
        severity=Severity.HIGH,
        headline=Marked(title, ((title.index("North Korean"), title.index("North Korean") + 12, 1),)),
        excerpt=Marked("…units from Pyongyang joined a drill with Moscow’s 11th Corps…", ((12, 21, 1), (42, 48, 2))),
        url=f"https://wire.example/2026/range-{number}",
        source="Peninsula Wire",
        at=AT,
        why=(
            WhyGroup("North Korea", (("North Korean", 1, True), ("Pyongyang", 3, False))),
            WhyGroup("Russia", (("Russian", 1, True), ("Moscow", 2, False))),
            WhyGroup("military", (("gunners", 1, True),)),
        ),
        lines=(
            SourceLine(AT, "Peninsula Wire", f"https://wire.example/2026/range-{number}", title, "en"),
            SourceLine(AT + timedelta(minutes=3), "Volga Post", "https://volga.example/1", title, "ru", copy=True),
            SourceLine(AT + timedelta(minutes=9), "Pacific Desk", "https://pacific.example/1", title, "en", copy=True),
        ),
        sources=3,
        outlets=5,
        copies=2,
        languages=2,
        lang="en",
    )
    return replace(summary, **changes)


def a_message(*alerts: AlertSummary, kind: MessageKind = MessageKind.ALERT, **changes: Any) -> Message:
    """Return a message for the channel `desk` with these alerts, or with an ordinary one."""
    message = Message(
        id=MessageId(public_id("m", digest("test", "message"))),
        channel=ChannelName("desk"),
        kind=kind,
        at=AT,
        alerts=alerts or (() if kind is MessageKind.META else (an_alert(),)),
    )
    return replace(message, **changes)


def hostile_alert(number: int = 1) -> AlertSummary:
    """Return an alert in which everything that a publisher can write is an attack."""
    long_title = HOSTILE + " lang " * 4000
    word = "<!here>\r\n*x*"
    return an_alert(
        number,
        headline=Marked(long_title, ((0, 10, 1), (12, 16, 2), (5, 14, 3))),
        excerpt=Marked(HOSTILE, ((3, 30, 1),)),
        url="https://evil.example/a|b>c<d\"e'f\u202e\r\nX: y?" + "q" * 300,
        source=HOSTILE,
        rule_name=HOSTILE,
        lang="<b>",
        why=tuple(WhyGroup(HOSTILE, ((word * 50, 2, True),)) for _ in range(30)),
        lines=tuple(SourceLine(AT, HOSTILE, "javascript:alert(1)", long_title, "<i>", copy=True) for _ in range(50)),
        note=HOSTILE,
    )


EVERY_MESSAGE: dict[str, Message] = {
    "one alert": a_message(),
    "two rules on one article": a_message(an_alert(), an_alert(rule=RuleId("artillery"), rule_name="Artillery")),
    "summary of 40": a_message(
        *(an_alert(number) for number in range(1, 41)), kind=MessageKind.SUMMARY, title="Catch-up"
    ),
    "meta": a_message(
        kind=MessageKind.META, title="Feed wire is quarantined", text="It failed 3 times.\nFix: its address."
    ),
    "sample": a_message(an_alert(sample=True)),
    "test": a_message(kind=MessageKind.TEST),
    "repeat": a_message(repeat=True, attempt=2),
    "plain": a_message(plain=True),
    "no link, nothing known": a_message(
        an_alert(url="", source="", lines=(), why=(), excerpt=Marked(""), headline=Marked(""), sources=1, copies=0)
    ),
    "hostile": a_message(hostile_alert()),
    "hostile and plain": a_message(hostile_alert(), plain=True),
    "hostile summary": a_message(*(hostile_alert(n) for n in range(1, 41)), kind=MessageKind.SUMMARY, title=HOSTILE),
    "hostile meta": a_message(kind=MessageKind.META, title=HOSTILE * 100, text=HOSTILE * 1000),
    "hostile rules": a_message(*(hostile_alert() for _ in range(20))),
}
