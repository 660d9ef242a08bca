"""Later news of a story is told under the message that told it first, in each channel under its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.reporters import FEEDS, Reporters
from tests.fakes.station import config
from watcher.core.alerts.threads import is_loud
from watcher.core.model.ids import ChannelName
from watcher.core.model.message import AttemptClass, AttemptResult, Decision, MessageState
from watcher.core.model.reaction import Meaning, Reaction
from watcher.core.model.record import MessageClaim
from watcher.ports import Store

RULES = """
  - name: Shells
    all: [[shells, missile]]
"""
TITLE = "Shells hit chemical plant in Dellbrook, six workers injured"
LEAD = "Workers of the Dellbrook chemical plant were taken to hospital after the explosion."
DENIAL = "Army denies shells hit chemical plant in Dellbrook, workers injured"
MORE = "Dellbrook chemical plant hit by shells: workers in hospital"
DESK = ChannelName("desk")


@pytest.fixture
async def desk(store: Store, tmp_path: Path) -> Reporters:
    return await Reporters.open(tmp_path, store, config(rules=RULES, feeds=FEEDS))


async def sent(desk: Reporters, remote: str, result: AttemptClass = AttemptClass.OK) -> list[MessageClaim]:
    """Claim what is due, answer it, and say that the receiver calls it `remote`."""
    now = desk.clock.now()
    claims = await desk.store.claim_messages("sender", now, timedelta(minutes=5), 5, [DESK])
    for claim in claims:
        state = MessageState.SENT if result is AttemptClass.OK else MessageState.DEAD
        decision = Decision(state, claim.health, dead_class=None if state is MessageState.SENT else result)
        await desk.store.mark(claim, AttemptResult(result, "said", 200, remote=remote), decision, now)
    return list(claims)


async def test_a_denial_stands_loud_under_the_message_that_told_the_story(desk: Reporters) -> None:
    await desk.report("wire", TITLE, LEAD)
    [head] = await sent(desk, "C1:100.1")
    assert (head.thread, is_loud(head.alerts)) == ("", False)
    await desk.report("post", DENIAL, LEAD, minutes=10)
    [reply] = await sent(desk, "C1:200.2")
    assert (reply.thread, is_loud(reply.alerts)) == ("C1:100.1", True)


async def test_a_reply_is_no_head_of_the_next_one(desk: Reporters) -> None:
    await desk.report("wire", TITLE, LEAD)
    await sent(desk, "C1:100.1")
    await desk.report("post", DENIAL, LEAD, minutes=10)
    await sent(desk, "C1:200.2")
    await desk.report("mail", DENIAL.replace("denies", "confirms"), "The plant in Dellbrook was hit.", minutes=10)
    desk.clock.advance(hours=1)
    [reply] = await sent(desk, "C1:300.3")
    assert reply.thread == "C1:100.1"


async def test_a_gathered_update_stands_there_and_is_not_loud(desk: Reporters) -> None:
    await desk.report("wire", TITLE, LEAD)
    await sent(desk, "C1:100.1")
    await desk.report("paper", TITLE.replace("six", "ten"), LEAD, minutes=10)
    desk.clock.advance(hours=1)
    [reply] = await sent(desk, "C1:200.2")
    assert (reply.thread, is_loud(reply.alerts)) == ("C1:100.1", False)


async def test_another_story_begins_a_thread_of_its_own(desk: Reporters) -> None:
    await desk.report("wire", TITLE, LEAD)
    await sent(desk, "C1:100.1")
    await desk.report("wire", "North Korea fires missile into East Sea, Seoul says", minutes=10)
    [head] = await sent(desk, "C1:200.2")
    assert head.thread == ""


async def test_a_message_that_was_sent_keeps_which_reactions_were_acted_on(desk: Reporters) -> None:
    await desk.report("wire", TITLE)
    [claim] = await sent(desk, "C1:100.1")
    now, since = desk.clock.now(), desk.clock.now() - timedelta(days=1)
    first = Reaction(claim.id, Meaning.MUTE, "U1", now, "story s1")
    for one in (first, Reaction(claim.id, Meaning.USEFUL, "U1", now), replace(first, undo="story s2")):
        await desk.store.note_reaction(one)
    [own] = await desk.store.own_messages(claim.target, since)
    assert (own.id, own.remote, own.sent_at) == (claim.id, "C1:100.1", now)
    assert [alert for alert, _, _ in own.alerts] == [
        one.id for one in await desk.store.recent_alerts(target=claim.target)
    ]
    assert {(*one.mark, one.undo) for one in own.reactions} == {("mute", "U1", "story s2"), ("useful", "U1", "")}
    await desk.store.forget_reaction(claim.id, (Meaning.MUTE, "U1"))
    await desk.store.forget_reaction(claim.id, (Meaning.CLAIM, "U1"))
    [own] = await desk.store.own_messages(claim.target, since)
    assert [one.meaning for one in own.reactions] == [Meaning.USEFUL]
    assert await desk.store.own_messages(ChannelName("nobody"), since) == []
    desk.clock.advance(days=2)
    assert await desk.store.own_messages(claim.target, desk.clock.now() - timedelta(days=1)) == []


@pytest.mark.parametrize("remote", ["\ud800", "a\0b"])
async def test_a_name_that_no_database_takes_does_not_keep_a_message_from_being_sent(
    remote: str, desk: Reporters
) -> None:
    await desk.report("wire", TITLE, LEAD)
    await sent(desk, remote)
    desk.clock.advance(hours=1)
    assert await sent(desk, "C1:200.2") == []


@pytest.mark.parametrize("remote", ["", "C1:100.1"])
async def test_what_was_never_taken_begins_no_thread(remote: str, desk: Reporters) -> None:
    await desk.report("wire", TITLE, LEAD)
    result = AttemptClass.CONTENT if remote else AttemptClass.OK
    await sent(desk, remote, result)
    await desk.report("post", DENIAL, LEAD, minutes=10)
    [reply] = await sent(desk, "C1:200.2")
    assert reply.thread == ""


@pytest.mark.parametrize(("follow_ups", "at_once"), [("thread", True), ("gather", False)])
async def test_more_of_a_story_stands_in_the_thread_at_once_unless_the_rule_gathers_it(
    store: Store, tmp_path: Path, follow_ups: str, at_once: bool
) -> None:
    written = config(rules=f"{RULES}    follow_ups: {follow_ups}\n    label: Arms\n", feeds=FEEDS)
    bot = written.replace("webhook_url: 'https://desk.example/in'", "token: xoxb-1, channel: C0123ABCD")
    desk = await Reporters.open(tmp_path, store, bot)
    await desk.report("wire", TITLE, LEAD)
    await sent(desk, "C1:100.1")
    assert await desk.report("post", MORE, minutes=2) == ["follow_up"]
    replies = await sent(desk, "C1:200.1")
    assert [one.thread for one in replies] == (["C1:100.1"] if at_once else [])
