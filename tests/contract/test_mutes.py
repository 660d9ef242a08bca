"""Silences of a feed and of a story: what they keep quiet, and what still speaks, on every store."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.reporters import FEEDS, Reporters
from tests.fakes.station import config
from watcher.ports import Store

pytestmark = pytest.mark.filterwarnings("error")

RULES = "\n  - {name: Shells, all: [shells], raise: [{severity: critical, when: {title: [dozens]}}]}"
BRIDGE = "Shells hit bridge at Nikopol, traffic stopped"
OTHER = "Museum of Kherson shows old shells"


def text(silence: str = "") -> str:
    more = f"silences: [{{{silence}, from: '2026-11-01', until: '2026-12-24'}}]" if silence else ""
    return config(rules=RULES, feeds=FEEDS[:3], more=more)


async def test_a_feed_is_muted_and_others_tell_the_same(store: Store, tmp_path: Path) -> None:
    desk = await Reporters.open(tmp_path, store, text("feed: wire"))
    assert await desk.report("wire", BRIDGE) == ["silenced"]
    assert await desk.report("paper", BRIDGE, minutes=1) == ["first"]


async def test_a_story_is_muted_and_speaks_when_it_is_denied_or_critical(store: Store, tmp_path: Path) -> None:
    desk = await Reporters.open(tmp_path, store, text())
    await desk.report("wire", BRIDGE)
    await desk.send()
    [told] = await store.recent_alerts()
    await desk.adopt(text(f"story: {told.story}"))
    assert "muted" in desk.state.last_reload
    assert await desk.report("paper", "Shells hit bridge at Nikopol and traffic is stopped", minutes=5) == ["silenced"]
    assert await desk.report("post", OTHER, minutes=5) == ["first"]
    assert await desk.report("paper", "Army denies that shells hit bridge at Nikopol, traffic stopped", minutes=5) == [
        "update"
    ]
    await desk.send()
    assert desk.told("desk")[1:] == [[OTHER], ["Army denies that shells hit bridge at Nikopol, traffic stopped"]]


async def test_a_rule_and_a_feed_must_both_fit(store: Store, tmp_path: Path) -> None:
    desk = await Reporters.open(tmp_path, store, text("rule: shells, feed: wire"))
    assert await desk.report("wire", BRIDGE) == ["silenced"]
    assert await desk.report("post", OTHER) == ["first"]


async def test_a_muted_story_does_not_let_speak_what_its_rule_mutes(store: Store, tmp_path: Path) -> None:
    desk = await Reporters.open(tmp_path, store, text())
    await desk.report("wire", BRIDGE)
    await desk.send()
    [told] = await store.recent_alerts()
    both = text(f"story: {told.story}").replace(
        "silences: [", "silences: [{rule: shells, from: '2026-11-01', until: '2026-12-24'}, "
    )
    await desk.adopt(both)
    denial = "Army denies that shells hit bridge at Nikopol, traffic stopped"
    assert await desk.report("paper", denial, minutes=5) == ["silenced"]
    await desk.adopt(
        text("rule: shells").replace(
            "silences: [", f"silences: [{{story: {told.story}, from: '2026-11-01', until: '2026-12-24'}}, "
        )
    )
    assert await desk.report("post", denial.replace("Army", "Ministry"), minutes=5) == ["silenced"]
