"""Silences of a feed and of a story: what they keep quiet, and what still speaks, on every store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
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


SHELLS_AND_BRIDGES = "\n  - {name: Shells, all: [shells]}\n  - {name: Bridges, all: [bridge*]}"
REPAIRS = "Bridge of Chop closes for repairs"
MUTED_SHELLS = "silences: [{rule: shells, because: drill, until: '2026-12-24'}]"


def gathered(more: str = "", rules: str = SHELLS_AND_BRIDGES) -> str:
    return config(rules=rules, feeds=FEEDS[:3], more=more, gather="60s")


@pytest.mark.parametrize(
    ("mute", "held", "told"),
    [
        (MUTED_SHELLS, [OTHER], [REPAIRS]),
        ("silences: [{words: [museum], until: '2026-12-24'}]", [OTHER], [REPAIRS]),
        ("silences: [{feed: paper, until: '2026-12-24'}]", [REPAIRS], [OTHER]),
        ("silences: [{feed: post, until: '2026-12-24'}]", [], [REPAIRS, OTHER]),
    ],
)
async def test_a_mute_made_while_alerts_are_gathered_keeps_back_those_that_it_names(
    store: Store, tmp_path: Path, mute: str, held: list[str], told: list[str]
) -> None:
    desk = await Reporters.open(tmp_path, store, gathered())
    await desk.report("wire", OTHER)
    await desk.report("paper", REPAIRS, seconds=5)
    await desk.adopt(gathered(mute))
    desk.clock.advance(seconds=60)
    await desk.send()
    assert [sorted(message) for message in desk.told("desk")] == [sorted(told)]
    muted = await store.muted()
    assert [one.title for one in muted] == held
    assert await store.check() == []


async def test_what_a_mute_kept_of_a_gathered_message_is_listed_at_its_end(store: Store, tmp_path: Path) -> None:
    desk = await Reporters.open(tmp_path, store, gathered())
    await desk.report("wire", OTHER)
    await desk.report("wire", BRIDGE, seconds=5)  # of both rules
    await desk.adopt(gathered(MUTED_SHELLS))
    desk.clock.advance(seconds=60)
    await desk.send()
    assert desk.told("desk") == [[BRIDGE]]
    await desk.adopt(gathered())
    await desk.active.settle()
    await desk.send()
    [end] = [message for message in desk.channels["desk"].sent if "ended" in message.title]
    assert OTHER in end.text
    assert BRIDGE in end.text


async def test_a_mute_of_all_that_is_gathered_keeps_the_message_back(store: Store, tmp_path: Path) -> None:
    desk = await Reporters.open(tmp_path, store, gathered())
    await desk.report("wire", OTHER)
    await desk.report("wire", REPAIRS, seconds=5)
    await desk.adopt(gathered("silences: [{feed: wire, until: '2026-12-24'}]"))
    desk.clock.advance(seconds=60)
    await desk.send()
    assert desk.told("desk") == []
    assert {state for _, state, _ in await desk.states()} == {"skipped"}


def lasting(written: str, rules: str = RULES) -> str:
    """Return a configuration with a silence that only says how long it lasts, "" = with none."""
    more = f"silences: [{{{written}}}]" if written else ""
    return config(rules=rules, feeds=FEEDS[:3], more=more)


async def starts(store: Store) -> Mapping[str, datetime]:
    """Return since when the silences without a start are held."""
    revision = await store.active_revision()
    assert revision is not None
    return revision.silence_starts


async def test_a_silence_without_a_start_begins_with_the_revision_that_first_held_it(
    store: Store, tmp_path: Path
) -> None:
    desk = await Reporters.open(tmp_path, store, text())
    begun_at = desk.clock.now()
    await desk.adopt(lasting("rule: shells, for: 2h"))
    assert "muted shells until Mon 23 Nov 2026 20:00" in desk.state.last_reload
    assert list((await starts(store)).values()) == [begun_at]
    assert await desk.report("wire", BRIDGE, hours=1) == ["silenced"]
    # Another edit, and another length: both count from the same start.
    await desk.adopt(lasting("rule: shells, for: 3h, because: drill"))
    assert list((await starts(store)).values()) == [begun_at]
    assert await desk.report("paper", OTHER, minutes=119) == ["silenced"]
    assert await desk.report("post", "Shells fell on Odesa", minutes=1) == ["first"]
    # The end of one that was made shorter lies behind us.
    await desk.adopt(lasting("rule: shells, for: 1h"))
    assert await desk.report("wire", "Shells fell on Sumy", minutes=1) == ["first"]


async def test_a_silence_that_was_taken_out_begins_anew_and_a_renamed_rule_keeps_its_own(
    store: Store, tmp_path: Path
) -> None:
    desk = await Reporters.open(tmp_path, store, lasting("rule: shells, for: 8h"))
    first = await starts(store)
    renamed = RULES.replace("name: Shells", "name: Barrage, was: [shells]")
    await desk.adopt(lasting("rule: barrage, for: 8h", renamed))
    assert list((await starts(store)).values()) == list(first.values())
    desk.clock.advance(hours=1)
    await desk.adopt(lasting("", renamed))
    assert await starts(store) == {}
    await desk.adopt(lasting("rule: barrage, for: 8h", renamed))
    assert list((await starts(store)).values()) == [desk.clock.now()]


async def test_silences_of_words_feeds_and_rules_have_starts_of_their_own(store: Store, tmp_path: Path) -> None:
    one, two = "words: [bridge], for: 1h", "feed: paper, for: 1h"
    desk = await Reporters.open(tmp_path, store, lasting(one))
    await desk.adopt(lasting(f"{one}}}, {{{two}"))
    begun = sorted((await starts(store)).values())
    assert [(desk.clock.now() - at).total_seconds() for at in begun] == [6 * 3600, 0]
    assert await desk.report("wire", BRIDGE) == ["first"], "the silence of words was over long ago"
    assert await desk.report("paper", OTHER) == ["silenced"]
