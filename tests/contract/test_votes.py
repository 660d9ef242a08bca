"""Votes on alerts, on every store: kept with their text, changed, taken back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.reporters import FEEDS, Reporters
from tests.fakes.station import config
from watcher.core.model.by_hand import Undo
from watcher.core.model.ids import AlertId, RuleId
from watcher.core.model.policy import Keep
from watcher.core.model.vote import VoteValue
from watcher.daemon.by_hand import ByHandDoor
from watcher.daemon.meta import Meta
from watcher.errors import ControlError, StorageError
from watcher.ports import Store

RULES = "\n  - {name: Shells, all: [shells]}\n  - {name: Bridges, all: [bridge]}"
TEXT = config(rules=RULES, feeds=FEEDS[:3], channels=("desk",), send_to=("desk",))
BRIDGE = "Shells hit bridge at Nikopol, traffic stopped"


async def told(store: Store, tmp_path: Path) -> tuple[Reporters, dict[RuleId, AlertId]]:
    desk = await Reporters.open(tmp_path, store, TEXT)
    await desk.report("wire", BRIDGE)
    await desk.send()
    return desk, {one.rule: one.id for one in await store.recent_alerts()}


async def test_a_vote_names_its_alert_its_rule_and_its_article(store: Store, tmp_path: Path) -> None:
    desk, alerts = await told(store, tmp_path)
    now = desk.clock.now()
    vote = await store.vote(alerts[RuleId("shells")], VoteValue.USEFUL, "Min", now)
    assert await store.votes(RuleId("shells")) == [vote]
    assert await store.votes(RuleId("bridges")) == []
    assert (vote.rule, vote.value, vote.by, vote.at) == ("shells", VoteValue.USEFUL, "Min", now)
    assert vote.article == (await store.recent_alerts())[0].article.id
    assert (await store.voted_texts([vote.alert]))[vote.alert].title == BRIDGE
    assert (await store.changes())[0].did == f"voted useful: {BRIDGE} (rule shells)"


async def test_one_person_has_one_vote_on_an_alert_and_the_last_one_counts(store: Store, tmp_path: Path) -> None:
    desk, alerts = await told(store, tmp_path)
    alert = alerts[RuleId("shells")]
    await store.vote(alert, VoteValue.USEFUL, "Min", desk.clock.now())
    await store.vote(alert, VoteValue.NOT_USEFUL, "Ann", desk.clock.now())
    desk.clock.advance(minutes=1)
    await store.vote(alert, VoteValue.NOT_USEFUL, "Min", desk.clock.now())
    assert [(one.by, one.value.words) for one in await store.votes()] == [("Min", "not useful"), ("Ann", "not useful")]


async def test_the_same_vote_twice_is_one_and_stands_once_on_the_list_of_changes(store: Store, tmp_path: Path) -> None:
    desk, alerts = await told(store, tmp_path)
    first = await store.vote(alerts[RuleId("shells")], VoteValue.USEFUL, "Min", desk.clock.now())
    desk.clock.advance(minutes=5)
    assert await store.vote(first.alert, VoteValue.USEFUL, "Min", desk.clock.now()) == first
    assert await store.votes() == [first]
    assert len(await store.changes()) == 1


async def test_a_vote_is_taken_back_once_and_by_its_own_name(store: Store, tmp_path: Path) -> None:
    desk, alerts = await told(store, tmp_path)
    alert, now = alerts[RuleId("shells")], desk.clock.now()
    await store.vote(alert, VoteValue.USEFUL, "Min", now)
    change = (await store.changes())[0]
    assert (change.undo, change.what) == (Undo.UNVOTE, f"{alert} Min")
    with pytest.raises(StorageError, match="no vote of Ann"):
        await store.take_back_vote(alert, "Ann", "Ann", now)
    await store.take_back_vote(alert, "Min", "the page", now)
    assert await store.votes() == []
    assert await store.voted_texts([alert]) == {}
    assert (await store.changes())[0].did == f"took back the vote useful of Min: {BRIDGE} (rule shells)"
    with pytest.raises(StorageError, match="taken back already"):
        await store.take_back_vote(alert, "Min", "Min", now)


async def test_a_vote_on_an_alert_that_never_was_is_refused(store: Store, tmp_path: Path) -> None:
    desk, alerts = await told(store, tmp_path)
    unknown = AlertId("l" + "a" * 26)
    with pytest.raises(StorageError, match="there is no alert laaa"):
        await store.vote(unknown, VoteValue.USEFUL, "Min", desk.clock.now())
    assert await store.alert(unknown) is None
    for bad in ("", "l", "laaa", "a" + "a" * 26, "l" + "!" * 26, "x Min"):
        with pytest.raises(StorageError, match=r"^there is no alert"):
            await store.vote(AlertId(bad), VoteValue.USEFUL, "Min", desk.clock.now())
        with pytest.raises(StorageError, match=r"^there is no vote of Min"):
            await store.take_back_vote(AlertId(bad), "Min", "Min", desk.clock.now())
    with pytest.raises(StorageError, match="'l' names several"):
        await store.alert("l")
    assert await store.alert("no id") is None
    whole = alerts[RuleId("shells")]
    name = await store.alert(whole[:12])
    assert name is not None
    assert (name.id, name.rule, name.title) == (whole, "shells", BRIDGE)


async def test_a_voted_text_outlives_its_article_and_goes_with_its_vote(store: Store, tmp_path: Path) -> None:
    desk, alerts = await told(store, tmp_path)
    alert = alerts[RuleId("shells")]
    article = (await store.vote(alert, VoteValue.NOT_USEFUL, "Min", desk.clock.now())).article
    keep = Keep(articles=timedelta(days=2), matched=timedelta(days=60))
    for days in (30, 29):
        desk.clock.advance(days=days)
        for _ in range(4):  # one run takes a share
            await store.prune(keep, desk.clock.now())
        assert await store.article(article) is None
        assert (await store.voted_texts([alert]))[alert].title == BRIDGE
    await store.vote(alert, VoteValue.USEFUL, "Ann", desk.clock.now())  # its text is gone: a vote all the same
    desk.clock.advance(days=2)
    await store.prune(keep, desk.clock.now())
    assert [one.by for one in await store.votes()] == ["Ann"]
    assert await store.voted_texts([alert]) == {}


async def test_votes_follow_a_rule_to_its_new_name(store: Store, tmp_path: Path) -> None:
    desk, alerts = await told(store, tmp_path)
    await store.vote(alerts[RuleId("shells")], VoteValue.USEFUL, "Min", desk.clock.now())
    await desk.adopt(TEXT.replace("name: Shells", "name: Barrage, was: [shells]"))
    assert [one.rule for one in await store.votes(RuleId("barrage"))] == ["barrage"]


async def test_the_page_offers_the_way_back_of_each_vote_while_it_stands(store: Store, tmp_path: Path) -> None:
    desk, alerts = await told(store, tmp_path)
    door = ByHandDoor(desk.world, desk.active, Meta(desk.world))
    alert = alerts[RuleId("shells")]
    assert await door.vote(alert, "not-useful", "Min, by the page") == f"voted not useful: {BRIDGE} (rule shells)"
    asked = await door.ask("alert", alert)
    assert asked is not None
    assert asked.title == BRIDGE
    [undo] = [one.what for one in await door.changes() if one.undo == "unvote"]
    await door.take_back_vote(undo, "the page")
    assert await store.votes() == []
    assert not any(one.undo for one in await door.changes())
    with pytest.raises(ControlError, match="`great` is no vote; one is useful or not-useful"):
        await door.vote(alert, "great", "the page")
