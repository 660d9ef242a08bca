"""What waits for a channel that is taken out of the configuration is told to the default channel: all of it, once."""

from __future__ import annotations

from pathlib import Path

from tests.fakes.press import Press, item
from tests.fakes.station import config
from watcher.core.model.message import AttemptClass
from watcher.ports import Store

RULE = "\n  - {name: Shells, all: [Dellbrook], send_to: [side]}\n"
BEFORE = config(rules=RULE, channels=("desk", "side"))
AFTER = config(rules=RULE.replace(", send_to: [side]", ""))
GARDENS = [item(f"Gardens of {name} open in spring", guid=name) for name in ("Aro", "Bel", "Cor", "Dun")]
EVENTS = [
    "Explosion at Dellbrook chemical plant injures six workers",
    "Second explosion at Dellbrook chemical plant injures six workers",
    "Dellbrook chemical plant explosion: workers return to site",
]


async def test_each_event_of_a_story_is_told_to_the_channel_that_stands_in(tmp_path: Path, store: Store) -> None:
    press = await Press.open(tmp_path, store, BEFORE)
    press.channels["side"].fails_with(AttemptClass.PERMANENT)
    listed = list(GARDENS)
    for title, hours in zip(EVENTS, (0, 1, 30), strict=True):
        press.clock.advance(hours=hours)
        listed.insert(0, item(title, guid=title, at=press.clock.now()))
        assert await press.go(*listed) == [title]
        await press.send()
    assert len({one.story for one in await press.store.recent_alerts()}) == 1
    await press.adopt(AFTER)
    for _ in range(3):
        await press.send()
        press.clock.advance(hours=1)
        await press.active.settle()
    told = [title for message in press.told("desk") for title in message if title in EVENTS]
    assert sorted(told) == sorted(EVENTS)
