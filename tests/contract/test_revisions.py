"""What every store promises about revisions of the configuration: they are kept, with what is held back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.newsroom import Newsroom, first_revision, spec
from watcher.core.model.ids import RuleId

pytestmark = pytest.mark.filterwarnings("error")


async def test_earlier_revisions_are_kept_with_their_files(room: Newsroom) -> None:
    for number in (1, 2, 3):
        await room.store.activate(first_revision(number), [spec("wire")], room.clock.now())
    assert [one.number for one in await room.store.revisions(2)] == [3, 2]
    assert await room.store.revision(1) == first_revision(1)
    assert await room.store.revision(9) is None


async def test_which_rules_are_held_back_is_kept_with_the_revision_in_force(room: Newsroom) -> None:
    held = replace(first_revision(2), held={RuleId("shells"): 1, RuleId("new"): 0})
    await room.store.activate(first_revision(1), [spec("wire")], room.clock.now())
    await room.store.activate(held, [spec("wire")], room.clock.now())
    assert await room.store.active_revision() == held
    await room.store.activate(first_revision(3), [spec("wire")], room.clock.now())
    assert await room.store.active_revision() == first_revision(3)


async def test_a_revision_that_is_taken_again_keeps_the_time_at_which_it_came(room: Newsroom) -> None:
    first = first_revision(1)
    await room.store.activate(first, [spec("wire")], room.clock.now())
    later = replace(first, activated_at=first.activated_at + timedelta(days=3))
    await room.store.activate(later, [spec("wire")], later.activated_at)
    assert await room.store.active_revision() == first
