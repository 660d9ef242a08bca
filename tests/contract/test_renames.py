"""Rules and channels that are renamed with `was` keep what they did: nothing that was told is told again, nothing
that waits is lost.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.newsroom import Newsroom, spec
from tests.fakes.press import Press, item
from tests.fakes.station import config
from watcher.core.model.ids import ChannelName, RuleId
from watcher.core.model.message import AttemptClass, HoldReason
from watcher.core.model.policy import Renames
from watcher.core.model.verdict import Outcome
from watcher.ports import Store

TITLE = "Shells hit chemical plant in Dellbrook, six workers injured"
LEAD = "Workers of the Dellbrook chemical plant were taken to hospital after the explosion on Monday, the fire service said."
SILENCE = "silences: [{rule: RULE, until: 2027-01-01}]"


def rules(id_: str, *was: str) -> str:
    return f"\n  - {{name: {id_}, was: [{', '.join(was)}], all: [shells]}}\n"


def renamed_channel(name: str, *was: str) -> str:
    text = config(channels=(name,), send_to=(name,))
    return text.replace("{type: slack,", f"{{type: slack, was: [{', '.join(was)}],")


TEXTS = {
    "a rule": config(rules=rules("guns", "shells")),
    "a rule, its second name": config(rules=rules("arms", "shells", "guns")),
    "a channel": renamed_channel("room", "desk"),
    "a rule and a channel": renamed_channel("room", "desk").replace(
        config().split("feeds:")[0], f"rules:{rules('guns', 'shells')}"
    ),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("is_sent", [True, False])
async def test_what_was_told_under_an_earlier_name_is_not_told_again(
    tmp_path: Path, store: Store, text: str, is_sent: bool
) -> None:
    press = await Press.open(tmp_path, store)
    first = item(TITLE, guid="a", at=press.clock.now(), summary=LEAD)
    assert await press.go(first) == [TITLE]
    if is_sent:
        await press.send()
    await press.adopt(text)
    edited = item(TITLE, guid="a", at=press.clock.now(), summary=f"{LEAD} Edited.")
    copy = item(TITLE, guid="b", link="https://wire.example/b", at=press.clock.now(), summary=f"{LEAD} Edited.")
    assert await press.go(edited, minutes=5) == []
    assert await press.go(edited, copy, minutes=5) == []
    await press.send()
    [alert] = await press.store.recent_alerts()
    assert (alert.rule, alert.target) == (
        "guns" if "name: guns" in text else "arms" if "name: arms" in text else "shells",
        "room" if "room:" in text else "desk",
    )
    sent = [one for name in press.channels for one in press.told(name)]
    assert sent == [[TITLE]]
    assert await press.store.check() == []


async def test_other_news_after_a_renaming_is_told(tmp_path: Path, store: Store) -> None:
    press = await Press.open(tmp_path, store)
    await press.go(item(TITLE, guid="a", at=press.clock.now(), summary=LEAD))
    await press.adopt(TEXTS["a rule and a channel"])
    other = "Shells found aboard a freighter in Karo harbour"
    assert await press.go(item(other, guid="z", at=press.clock.now()), hours=1) == [other]
    assert await press.store.check() == []


async def test_what_an_unnamed_silence_holds_follows_its_rule(tmp_path: Path, store: Store) -> None:
    press = await Press.open(tmp_path, store, config(more=SILENCE.replace("RULE", "shells")))
    assert await press.go(item(TITLE, guid="a", at=press.clock.now(), summary=LEAD)) == []
    await press.adopt(config(rules=rules("guns", "shells"), more=SILENCE.replace("RULE", "shells")))
    await press.send()
    [held] = await press.store.muted()
    assert (held.muted.silence, held.muted.rule, held.told_at) == ("guns", "guns", None)
    record = await press.store.article(held.muted.article)
    assert record is not None
    assert {(one.rule, one.outcome) for one in record.verdicts} == {("guns", Outcome.SILENCED)}


async def test_a_silence_that_shares_the_name_of_a_renamed_rule_stays_as_it_is(tmp_path: Path, store: Store) -> None:
    named = "silences: [{name: shells, words: [Dellbrook], until: 2027-01-01}]"
    other = "  - {name: drones, all: [shells]}\n"
    before = "\n  - {name: shells, all: [tanks]}\n" + other
    press = await Press.open(tmp_path, store, config(rules=before, more=named))
    assert await press.go(item(TITLE, guid="a", at=press.clock.now(), summary=LEAD)) == []
    await press.adopt(config(rules=rules("guns", "shells").replace("[shells]}", "[tanks]}") + other, more=named))
    [held] = await press.store.muted()
    assert (held.muted.silence, held.muted.rule, held.told_at) == ("shells", "drones", None)


async def test_what_waits_for_a_channel_waits_for_its_name_of_today_and_goes_there(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    await room.configure(
        spec("wire"),
        renames=Renames(channels={ChannelName("desk"): ChannelName("room")}),
    )
    await room.store.settle_channels((ChannelName("room"),), {}, room.clock.now(), fallback=[ChannelName("room")])
    assert await room.claim("desk") == []
    [claim] = await room.claim("room")
    await room.answer(claim, AttemptClass.OK)
    assert [one.target for one in await room.store.messages(limit=9)] == ["room"]


async def test_a_broken_channel_stays_broken_under_its_new_name(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    [claim] = await room.claim("desk")
    await room.answer(claim, AttemptClass.PERMANENT)
    renames = Renames(channels={ChannelName("desk"): ChannelName("room")})
    await room.configure(spec("wire"), renames=renames)
    [message] = await room.store.messages(limit=9)
    assert (message.target, message.hold) == ("room", HoldReason.BREAKER)
    assert {one.name for one in await room.store.channel_health()} == {"room"}


async def test_where_both_names_judged_one_article_the_verdict_of_today_stays(room: Newsroom) -> None:
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped", rules=("shells", "guns")))
    renames = Renames(rules={RuleId("shells"): RuleId("guns")})
    await room.configure(spec("wire"), renames=renames)
    await room.configure(spec("wire"), renames=renames)
    alerts = await room.store.recent_alerts()
    assert {one.rule for one in alerts} == {"guns"}
    record = await room.store.article(alerts[0].article.id)
    assert record is not None
    assert [one.rule for one in record.verdicts] == ["guns"]
    assert await room.store.check() == []
