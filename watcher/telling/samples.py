"""Messages that are no news: the test of a channel."""

from __future__ import annotations

from datetime import datetime

from watcher.core.model.ids import AlertId, ChannelName, MessageId, RuleId, StoryId, digest, public_id
from watcher.core.model.message import AlertSummary, Marked, Message, MessageKind, SourceLine, WhyGroup
from watcher.core.model.rule import Severity

_TITLE = "This is a test: alerts of watcher arrive here"
_LINK = "https://example.org/watcher-test"


def trial_message(channel: ChannelName, now: datetime) -> Message:
    """Return a message that has the form of an alert and says that it is a test; its id is another each time."""
    moment = now.isoformat()
    alert = AlertSummary(
        id=AlertId(public_id("l", digest("trial", channel, moment))),
        rule=RuleId("watcher-test"),
        rule_name="watcher notify test",
        revision=0,
        story=StoryId(public_id("s", digest("trial", channel, moment))),
        severity=Severity.LOW,
        headline=Marked(_TITLE, ((10, 14, 1),)),
        excerpt=Marked("Somebody asked whether this channel works. Nothing happened in the world.", ((28, 35, 2),)),
        url=_LINK,
        source="watcher",
        at=now,
        why=(WhyGroup("test", (("test", 1, True),)), WhyGroup("channel", (("channel", 1, False),))),
        lines=(SourceLine(now, "watcher", _LINK, _TITLE, "en"),),
        sources=1,
        copies=0,
        outlets=1,
        lang="en",
    )
    return Message(
        MessageId(public_id("m", digest("trial", channel, moment))), channel, MessageKind.TEST, now, alerts=(alert,)
    )
