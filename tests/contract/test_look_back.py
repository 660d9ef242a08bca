"""What every store promises about rules that look back: what came before them is told once, whatever follows."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.press import Press, item
from tests.fakes.station import config
from watcher.core.alerts.look_back import NOTE
from watcher.core.model.message import MessageKind, MessageState
from watcher.core.model.verdict import Outcome, Stage
from watcher.errors import ControlError
from watcher.ports import Store

SHELLS = "\n  - {name: Shells, all: [shells]}\n"
SHIPS = SHELLS + "  - {name: Ships, all: [ship*]}\n"
BOATS = SHELLS + "  - {name: Ships, any: [ship*, boats]}\n"
RENAMED = SHELLS + "  - {name: Boats, was: [ships], any: [ship*, boats]}\n"
META = "meta: {send_to: [ops]}"


def text(rules: str) -> str:
    return config(rules=rules, channels=("desk", "ops"), more=META)


async def begun(folder: Path, store: Store) -> Press:
    """Return a room whose feed listed four items; one of them it told."""
    press = await Press.open(folder, store, text(SHELLS))
    assert await press.past.of_revision() == ""
    now = press.clock.now()
    items = (
        item("Ship leaves the port of Dellbrook", guid="a", at=now),
        item("Ship with shells leaves Odesa", guid="b", at=now),
        item("Boats burn off Sumy", guid="c"),
        item("Ship of the week before", guid="d", at=now - timedelta(hours=30)),
    )
    assert await press.go(*items) == ["Ship with shells leaves Odesa"]
    await press.send()
    return press


async def test_a_new_rule_tells_once_what_came_before_it_and_a_wider_one_what_it_adds(
    tmp_path: Path, store: Store
) -> None:
    press = await begun(tmp_path, store)
    press.clock.advance(hours=1)
    await press.adopt(text(SHIPS))
    assert await press.past.of_revision() == "ships looks back: 1 story (desk 1)"
    await press.send()
    # Not what `desk` was told by another rule, and not what is older than a day.
    assert press.told("desk") == [["Ship with shells leaves Odesa"], ["Ship leaves the port of Dellbrook"]]
    [told] = press.channels["ops"].sent
    assert (told.kind, told.text) == (MessageKind.META, "ships looks back: 1 story (desk 1)")
    assert press.channels["desk"].sent[-1].alerts[0].note.endswith(NOTE)
    await press.adopt(text(BOATS))
    assert await press.past.of_revision() == "ships looks back: 1 story (desk 1)"
    await press.send()
    assert press.told("desk")[2:] == [["Boats burn off Sumy"]]
    # Neither another name, nor the same rules again, nor the first form again tells anything.
    for rules in (RENAMED, SHELLS, BOATS, RENAMED):
        await press.adopt(text(rules))
        assert await press.past.of_revision() == ""
    assert await press.send() == 0


async def test_what_was_only_noted_at_a_first_poll_is_told_by_a_new_rule_and_by_hand_what_is_older(
    tmp_path: Path, store: Store
) -> None:
    press = await begun(tmp_path, store)
    await press.adopt(text(SHIPS.replace("[ship*]", "[ship*], look_back: none")))
    assert await press.past.of_revision() == ""
    assert await press.past.send("ships", timedelta(days=3)) == "ships looks back: 2 stories (desk 2)"
    await press.send()
    assert sorted(press.told("desk")[-1]) == ["Ship leaves the port of Dellbrook", "Ship of the week before"]
    assert press.channels["desk"].sent[-1].kind is MessageKind.SUMMARY
    assert await press.past.send("ships", timedelta(days=3)) == "ships found nothing that its channels were not told"
    with pytest.raises(ControlError, match="no rule is called shipz; did you mean"):
        await press.past.send("shipz", timedelta(days=3))


async def test_too_many_stories_are_counted_kept_and_sent_by_hand(tmp_path: Path, store: Store) -> None:
    press = await begun(tmp_path, store)
    places = [
        f"{one}{two}"
        for one in ["Odesa", "Sumy", "Lviv", "Reni", "Balta"]
        for two in ["grad", "pol", "burg", "wick", "mouth"]
    ]
    at = press.clock.now()
    many = [item(f"Barges of {one} burn by {one}sea", guid=one, at=at) for one in places]
    assert await press.go(*many, minutes=5) == []
    await press.adopt(text(SHELLS + "  - {name: Barges, all: [barges]}\n"))
    command = "watcher rules send barges --since 24h"
    assert await press.past.of_revision() == f"barges looks back: 25 stories (desk 25), too many to tell: {command}"
    await press.send()
    [said] = [one for one in press.channels["desk"].sent if one.kind is MessageKind.META]
    assert said.title == "barges looks back: 25 stories"
    assert said.text.endswith(f"All of them: {command}")
    [passed] = [
        one
        for one in await store.suppressed(at)
        if one.article.title == f"Barges of {places[0]} burn by {places[0]}sea"
    ]
    assert passed.verdict is not None
    assert (passed.stage, passed.verdict.outcome) == (Stage.MATCHED, Outcome.SKIPPED)
    assert await press.past.send("barges", timedelta(days=1)) == "barges looks back: 25 stories (desk 25)"
    await press.send()
    assert len(press.told("desk")[-1]) == 25
    assert {one.state for one in await store.messages()} == {MessageState.SENT}
