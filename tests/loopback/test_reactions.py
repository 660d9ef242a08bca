"""Reactions to our own messages in Slack, over a receiver that speaks its API: what each does, and taking it back."""

from __future__ import annotations

import html
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from tests.fakes import receivers
from tests.fakes.http_server import Answer, HttpServer
from tests.fakes.places import place_database
from tests.fakes.receivers import SlackReactionsGet
from tests.fakes.reporters import FEEDS, Reporters
from tests.fakes.station import config
from watcher.core.model.ids import ChannelName
from watcher.core.model.reaction import Reaction
from watcher.core.model.vote import VoteValue
from watcher.daemon import by_hand, reactions
from watcher.daemon.by_hand import ByHandDoor
from watcher.daemon.meta import Meta
from watcher.daemon.reactions import ReactionWatch
from watcher.daemon.state import Phase
from watcher.daemon.world import BuildChannel
from watcher.delivery.kinds import channel_types
from watcher.delivery.registry import Surroundings, build
from watcher.delivery.slack_bot import SlackBotChannel
from watcher.errors import StorageError
from watcher.network.client import GuardedClient
from watcher.network.guard import AddressGuard
from watcher.ports import Channel
from watcher.settings.configuration import ChannelSetup, Configuration
from watcher.storage.open import open_store

TOKEN = "xoxb-1-T0KEN"
BRIDGE = "Shells hit bridge at Nikopol, traffic stopped"
MORE = "Shells hit bridge at Nikopol and traffic is stopped"
FIRST = "1795442520.000001"


class Desk(Reporters):
    """Reporters whose channels are Slack's, at a receiver on loopback."""

    server: HttpServer
    reactions: SlackReactionsGet
    posts: list[dict[str, object]]
    more: dict[str, object]

    def _builder(self, configuration: Configuration) -> BuildChannel:
        guard = AddressGuard()
        around = Surroundings(Path("unused"), io.StringIO(), GuardedClient(guard), guard, self.clock)

        def built(setup: ChannelSetup) -> Channel:
            values: dict[str, object] = {
                "type": "slack",
                "token": TOKEN,
                "channel": "C0ASIA",
                "allow_private": ["127.0.0.0/8"],
            }
            values |= {"api_url": self.server.url("/api"), **self.more}
            return build(setup.name, channel_types()["slack"].model_validate(values), around)

        return built

    async def look(self, watch: ReactionWatch, minutes: float = 61) -> list[str]:
        """Look once, that much later; return the lines that were answered in threads since the last look."""
        before = len(self.posts)
        self.clock.advance(minutes=minutes)
        await watch.look()
        return [line for post in self.posts[before:] for line in str(post["text"]).split("\n")]

    def watching(self) -> ReactionWatch:
        """As after a start: nothing is remembered but what is stored."""
        self.state.phase = Phase.RUNNING
        return ReactionWatch(self.world, ByHandDoor(self.world, self.active, Meta(self.world)))


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as running:
        yield running


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with an empty database."""
    place_database(tmp_path)
    return tmp_path


async def a_desk(tmp_path: Path, server: HttpServer, gather: str = "none", **more: object) -> Desk:
    Desk.server, Desk.more = server, more
    Desk.reactions = SlackReactionsGet(server, TOKEN)
    Desk.posts = receivers.slack_api(server, TOKEN).posts
    store = open_store(f"sqlite:///{tmp_path}/watcher.db")
    desk = await Desk.open(tmp_path, store, config(feeds=FEEDS[:3], gather=gather))
    assert isinstance(desk, Desk)
    return desk


async def a_told_desk(tmp_path: Path, server: HttpServer) -> Desk:
    """Return a desk that told one story."""
    desk = await a_desk(tmp_path, server)
    await desk.report("wire", BRIDGE)
    await desk.send()
    return desk


async def test_a_story_is_muted_in_its_channel_until_the_reaction_is_taken_away(
    place: Path, server: HttpServer
) -> None:
    desk = await a_told_desk(place, server)
    watch = desk.watching()
    assert await desk.look(watch, 0) == []
    desk.reactions.given[FIRST] = {"no_bell": ["U1MIN"], "tada": ["U2ANN"]}
    [said] = await desk.look(watch)
    assert said.startswith("<@U1MIN>: muted the story s")
    assert said.endswith("Take :no_bell: or :mute: away to end it.")
    assert (desk.posts[-1]["thread_ts"], desk.posts[-1]["channel"]) == (FIRST, "C0ASIA")
    [silence] = await desk.store.hand_silences()
    assert (silence.channel, silence.by) == ("desk", "U1MIN, by a reaction on desk")
    assert "silenced" in await desk.report("paper", MORE, minutes=1)
    assert await desk.look(desk.watching()) == [], "acted on once, also over a start"
    desk.reactions.given[FIRST] = {}
    [said] = await desk.look(watch)
    assert said.startswith("<@U1MIN> took :no_bell: or :mute: away: ended the silence")
    assert await desk.store.hand_silences() == []
    assert await desk.look(watch) == []
    await desk.store.close()


async def test_an_answer_that_a_crash_kept_back_is_given_after_the_start_and_once(
    place: Path, server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await a_told_desk(place, server)

    async def crashes(_: ReactionWatch) -> None:
        """End before anything is said."""

    for given, word in (({"no_bell": ["U1MIN"]}, "muted the story"), ({}, "ended the silence")):
        desk.reactions.given[FIRST] = given
        with monkeypatch.context() as life:
            life.setattr(ReactionWatch, "_say", crashes)
            assert await desk.look(desk.watching()) == []
        watch = desk.watching()
        [said] = await desk.look(watch)
        assert word in said
        assert await desk.look(watch) == []
        assert await desk.look(desk.watching()) == []
    assert await desk.store.hand_silences() == []
    await desk.store.close()


async def test_an_answer_that_has_to_wait_for_room_is_given_once_there_is_some(
    place: Path, server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await a_told_desk(place, server)
    watch = desk.watching()
    await desk.look(watch, 0)
    desk.reactions.given[FIRST] = {"no_bell": ["U1MIN"]}
    with monkeypatch.context() as full:
        full.setattr(reactions, "_THREADS_KEPT", 0)
        assert await desk.look(watch) == []
        assert await desk.look(watch) == []
    [said] = await desk.look(watch)
    assert "muted the story" in said
    assert await desk.look(watch) == []
    await desk.store.close()


async def test_what_cannot_be_done_is_said_once_it_can_be_kept_that_it_was_asked_for(
    place: Path, server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await a_told_desk(place, server)
    desk.reactions.given[FIRST] = {"no_bell": ["U1MIN"]}
    monkeypatch.setattr(by_hand, "MUTED_AT_MOST", 0)

    async def refuses(_: Reaction) -> None:
        raise StorageError("the disk is full")

    watch = desk.watching()
    with monkeypatch.context() as full:
        full.setattr(desk.store, "note_reaction", refuses)
        assert await desk.look(watch) == []
    [said] = await desk.look(watch)
    assert said.startswith("<@U1MIN>, nothing was done for ")
    assert await desk.look(watch) == []
    await desk.store.close()


async def test_words_from_a_feed_mean_nothing_in_an_answer(place: Path, server: HttpServer) -> None:
    desk = await a_desk(place, server)
    title = "Shells hit bridge <!channel> <https://evil.example|Reuters: *a*> {who} {0.x} %s }{ & :tada:"
    await desk.report("wire", html.escape(title))
    await desk.send()
    desk.reactions.given[FIRST] = {"no_bell": ["U1MIN"]}
    [said] = await desk.look(desk.watching())
    assert said.count("<") == said.count(">") == said.count("<@U1MIN>") == 1
    assert "&lt;!channel&gt; &lt;https://evil.example|" in said
    assert desk.posts[-1]["mrkdwn"] is False
    [block] = cast("list[dict[str, Any]]", desk.posts[-1]["blocks"])
    parts = block["elements"][0]["elements"]
    shown = "".join(one.get("text", f"[{one['type']}]") for one in parts)
    assert shown.startswith("[user]: muted the story s")
    assert shown.endswith("Take [emoji] or [emoji] away to end it.")
    assert "<!channel> <https://evil.example|Reuters: *a*> {who} {0.x} %s" in shown
    await desk.store.close()


async def test_a_mute_stands_while_another_reader_asks_for_it(place: Path, server: HttpServer) -> None:
    desk = await a_told_desk(place, server)
    watch = desk.watching()
    desk.reactions.given[FIRST] = {"mute": ["U1MIN"]}
    await desk.look(watch)
    desk.reactions.given[FIRST] = {"mute": ["U1MIN", "U2ANN"]}
    assert "is muted already" in (await desk.look(watch, 6))[0]
    desk.reactions.given[FIRST] = {"mute": ["U2ANN"]}
    assert await desk.look(watch) == []
    assert len(await desk.store.hand_silences()) == 1
    desk.reactions.given[FIRST] = {}
    assert len(await desk.look(watch)) == 1
    assert await desk.store.hand_silences() == []
    await desk.store.close()


async def test_a_mute_stands_for_any_who_ask_until_the_time_that_they_asked_for(
    place: Path, server: HttpServer
) -> None:
    desk = await a_told_desk(place, server)
    watch, given = desk.watching(), desk.reactions.given
    [story] = {one.story for one in await desk.store.recent_alerts(target=ChannelName("desk"))}
    await watch._hand.mute("story", story, "2h", "", "Min, by a link", "desk")

    async def ends() -> list[int]:
        return sorted(
            int((one.ends_at - start).total_seconds() // 3600)
            for one in await desk.store.hand_silences()
            if one.ends_at is not None
        )

    start = desk.clock.now()
    given[FIRST] = {"mute": ["U1MIN"]}
    await desk.look(watch, 60)
    given[FIRST] = {"mute": ["U1MIN", "U2ANN"]}
    await desk.look(watch, 60)
    assert await ends() == [2, 26], "that of the link is its own"
    given[FIRST] = {"mute": ["U1MIN", "U3BOB"]}
    await desk.look(watch, 60)
    assert await ends() == [2, 27]
    given[FIRST] = {"mute": ["U1MIN"]}
    [said] = await desk.look(watch, 60)
    assert "it stays muted until" in said
    assert await ends() == [2, 25], "the end that the first one asked for"
    given[FIRST] = {}
    [said] = await desk.look(watch, 60)
    assert "ended the silence" in said
    assert await ends() == [2]
    await desk.store.close()


async def test_votes_and_claims_come_and_go_with_their_reactions(place: Path, server: HttpServer) -> None:
    desk = await a_told_desk(place, server)
    watch, given = desk.watching(), desk.reactions.given

    async def votes() -> list[VoteValue]:
        return [one.value for one in await desk.store.votes()]

    given[FIRST] = {"+1::skin-tone-3": ["U1MIN"], "raising_hand": ["U2ANN"]}
    assert await desk.look(watch) == [
        "<@U2ANN> has it. Take :raising_hand: away to give it back.",
        "<@U1MIN> finds this useful. Take :+1: or :thumbsup: away to undo that.",
    ]
    assert await votes() == [VoteValue.USEFUL]
    given[FIRST] = {"+1": ["U1MIN"], "-1": ["U1MIN"]}
    assert await desk.look(watch) == [
        "<@U2ANN> gave it back.",
        "<@U1MIN> finds this not useful. Take :-1: or :thumbsdown: away to undo that.",
    ]
    assert await votes() == [VoteValue.NOT_USEFUL], "one reader has one vote"
    given[FIRST] = {"+1": ["U1MIN"]}
    await desk.look(watch)
    assert await votes() == [VoteValue.USEFUL], "the other one stands"
    given[FIRST] = {}
    assert await desk.look(watch) == ["<@U1MIN> took the vote back."]
    assert await votes() == []
    assert [one.did.partition(":")[0] for one in await desk.store.changes()][-2:] == ["voted useful", "has the story"]
    await desk.store.close()


async def test_a_reaction_in_a_thread_is_answered_there_and_one_to_a_list_is_not_guessed_at(
    place: Path, server: HttpServer
) -> None:
    desk = await a_desk(place, server, gather="60s")
    await desk.report("wire", BRIDGE)
    await desk.report("paper", "Museum of Kherson shows old shells")
    desk.clock.advance(minutes=2)
    await desk.active.settle()
    await desk.send()
    watch = desk.watching()
    desk.reactions.heads[FIRST] = "1795442000.000009"
    desk.reactions.given[FIRST] = {"mute": ["U1MIN"], "-1": ["U1MIN"], "raising_hand": ["U1MIN"]}
    muted, claimed, voted = await desk.look(watch)
    assert "tells of 2 stories, so nothing was muted" in muted
    assert "tells of 2 stories, so nothing was voted on" in voted
    assert claimed.startswith("<@U1MIN> has it")
    assert {post["thread_ts"] for post in desk.posts[1:]} == {"1795442000.000009"}
    assert (await desk.store.hand_silences(), await desk.store.votes()) == ([], [])
    desk.reactions.given[FIRST] = {}
    assert await desk.look(watch) == ["<@U1MIN> gave it back."]
    await desk.store.close()


async def test_a_service_that_wants_rest_or_refuses_is_left_alone_and_nothing_is_undone(
    place: Path, server: HttpServer
) -> None:
    desk = await a_told_desk(place, server)
    watch = desk.watching()
    desk.reactions.given[FIRST] = {"+1": ["U1MIN"]}
    await desk.look(watch)
    throttled = Answer(429, b'{"ok": false, "error": "ratelimited"}', [("Retry-After", "600")])
    refused = Answer(200, b'{"ok": false, "error": "missing_scope", "needed": "reactions:read"}')
    for answer, minutes in ((throttled, 10), (refused, 60), (Answer(500), 1), (Answer(200, b"<html>"), 60)):
        desk.reactions.answers_next.append(answer)
        asked = len(desk.reactions.asked)
        assert await desk.look(watch) == []
        assert await desk.look(watch, minutes - 0.5) == []
        assert len(desk.reactions.asked) == asked + 1, answer
    for word in ("message_not_found", "invalid_auth"):
        desk.reactions.answers_next.append(Answer(200, b'{"ok": false, "error": "' + word.encode() + b'"}'))
        assert await desk.look(watch) == []
    assert len(await desk.store.votes()) == 1
    desk.clock.advance(days=4)
    asked = len(desk.reactions.asked)
    await desk.look(watch)
    assert len(desk.reactions.asked) == asked, "old messages are left alone"
    await desk.store.close()


async def test_a_conversation_that_refuses_rests_alone_and_one_that_is_ours_no_more_is_not_asked_about(
    place: Path, server: HttpServer
) -> None:
    desk = await a_desk(place, server, channel="#asia")
    post = receivers.slack_api(server, TOKEN)
    here, old = "1795442520.000005", "1795442520.000006"
    for title, where, ts in ((BRIDGE, "C0ASIA", here), ("Museum of Kherson shows old shells", "C0OLD", old)):
        post.answers_next(Answer(200, json.dumps({"ok": True, "channel": where, "ts": ts}).encode()))
        await desk.report("wire", title, minutes=1)
        await desk.send()
    for word in ("channel_not_found", "not_in_channel", "is_archived"):
        watch = desk.watching()
        desk.reactions.asked.clear()
        desk.reactions.answers_next.append(Answer(200, json.dumps({"ok": False, "error": word}).encode()))
        await desk.look(watch, 0)
        await desk.look(watch, 59)
        assert desk.reactions.asked == [old, here, here], word
    channel = desk.world.ruling().channels[ChannelName("desk")]
    assert isinstance(channel, SlackBotChannel)
    moved = replace(channel, config=channel.config.model_copy(update={"channel": "C0ASIA"}))
    assert [moved.place_of(f"{one}:1.1") for one in ("C0ASIA", "C0OLD")] == ["C0ASIA", ""]
    await desk.store.close()


async def test_an_answer_that_is_not_taken_is_given_once_the_channel_may_be_written_to(
    place: Path, server: HttpServer
) -> None:
    desk = await a_desk(place, server)
    post = receivers.slack_api(server, TOKEN)
    Desk.posts = post.posts
    await desk.report("wire", BRIDGE)
    await desk.send()
    watch = desk.watching()
    desk.reactions.given[FIRST] = {"+1": ["U1MIN"]}
    post.answers_next(Answer(429, b'{"ok": false, "error": "ratelimited"}', [("Retry-After", "600")]))
    assert await desk.look(watch) == []
    asked = len(server.requests)
    assert await desk.look(watch, 9) == []
    assert len(server.requests) == asked, "it rests as long as the service asked for"
    assert len(await desk.look(watch, 1)) == 1
    await desk.store.close()


async def test_answers_take_one_message_a_look_and_none_while_the_program_stops(
    place: Path, server: HttpServer
) -> None:
    desk = await a_desk(place, server)
    for title in (BRIDGE, "Museum of Kherson shows old shells"):
        await desk.report("wire", title, minutes=1)
        await desk.send()
    watch, second = desk.watching(), "1795442520.000002"
    desk.reactions.given = {FIRST: {"+1": ["U1MIN", "U2ANN"]}, second: {"+1": ["U1MIN"]}}
    before = len(desk.posts)
    assert {len(await desk.look(watch, minutes)) for minutes in (61, 0)} == {1, 2}, "those of a thread go together"
    assert {post["thread_ts"] for post in desk.posts[before:]} == {FIRST, second}
    assert len(desk.posts) == before + 2
    desk.reactions.given = {}
    assert len(await desk.look(watch)) > 0
    desk.state.phase = Phase.DRAINING
    assert await desk.look(watch, 0) == []
    await desk.store.close()


async def test_reactions_are_read_only_where_some_mean_something(place: Path, server: HttpServer) -> None:
    none: dict[str, list[str]] = {"mute": [], "claim": [], "useful": [], "not_useful": []}
    desk = await a_desk(place, server, reactions=none)
    await desk.report("wire", BRIDGE)
    await desk.send()
    await desk.look(desk.watching())
    assert desk.reactions.asked == []
    await desk.store.close()
