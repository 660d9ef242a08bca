"""What publishers do to their feeds and users to their rules, poll after poll: nothing is told twice, and nothing is
lost.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.station import Station, config, rss

TITLES = ("Shells shipped", "Shells counted at noon", "Shells landed in the harbour")


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    made = Station(tmp_path)
    yield made
    await made.close()


async def polled(station: Station, document: bytes) -> list[str]:
    """Poll a document, send, and return all headlines told so far, in order."""
    station.feeds["wire"] = document
    await station.poll()
    await station.send()
    return [headline for message in station.told("desk") for headline in message]


@pytest.mark.parametrize("cut_by", [1, 20, 60, 100])
async def test_document_that_was_cut_tells_its_whole_items_and_the_rest_once_it_is_whole(
    station: Station, cut_by: int
) -> None:
    await station.begin(config())
    whole = rss(*TITLES)
    cut = whole[: whole.index(b"</channel>") - cut_by]
    assert set(await polled(station, cut)) < set(TITLES)
    for _ in range(2):
        told = await polled(station, whole)
    assert sorted(told) == sorted(TITLES)


@pytest.mark.parametrize(
    "item",
    [
        "<item><description>Shells without a title, a link or a guid were seen at the harbour.</description></item>",
        "<item><title>Shells without a link or a guid</title></item>",
        "<item><title></title><guid></guid><link></link><description>Shells of an empty guid at the harbour.</description></item>",
    ],
)
async def test_item_without_guid_link_or_title_is_told_once(station: Station, item: str) -> None:
    await station.begin(config())
    for number in range(4):
        more = f"<item><title>Nothing {number}</title></item>"  # another document each time
        told = await polled(station, f"<rss version='2.0'><channel>{item}{more}</channel></rss>".encode())
    assert len(told) == 1


async def test_rule_with_another_name_and_its_old_id_does_not_tell_again(station: Station) -> None:
    named = "\n  - {{id: shells, name: {0}, all: [shells]}}\n"
    await station.begin(config(rules=named.format("Shells")))
    await polled(station, rss(*TITLES[:1]))
    await station.adopt(config(rules=named.format("Ammunition")))
    assert await polled(station, rss(*TITLES[:1], "Nothing new")) == [TITLES[0]]
