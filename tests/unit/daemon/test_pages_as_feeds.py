"""Pages and channels that are read as feeds: what is there at first is noted, what comes later is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.station import Station, config
from watcher.core.feeds.condition import Condition, health_of
from watcher.telling.feed_words import feed_to_do


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    """A station with nothing adopted."""
    made = Station(tmp_path)
    yield made
    await made.close()


def page(*titles: str, tag: str = "h2") -> bytes:
    links = "".join(f"<{tag}><a href='/{title.replace(' ', '-')}'>{title}</a></{tag}>" for title in titles)
    return f"<html><title>Port</title>{links}</html>".encode()


async def test_the_first_reading_of_a_page_sends_nothing_and_each_new_link_is_told(station: Station) -> None:
    await station.adopt(
        config(feeds=[]).replace("feeds:", "feeds:\n  - {page: 'https://port.example/', links: h2 a, name: port}")
    )
    station.feeds["port"] = page("shells on Monday", "fog")
    await station.poll()
    station.feeds["port"] = page("shells on Tuesday", "shells on Monday", "fog")
    await station.poll()
    await station.poll()
    await station.send()
    assert station.told("desk") == [["shells on Tuesday"]]


async def test_a_page_that_changed_is_a_problem_with_one_thing_to_do_and_mended_tells_no_old_link(
    station: Station,
) -> None:
    text = config(feeds=[]).replace(
        "feeds:", "feeds:\n  - {page: 'https://port.example/', links: h2 a, name: port, every: 5m}"
    )
    await station.adopt(text)
    station.feeds["port"] = page("shells on Monday")
    await station.poll()
    station.feeds["port"] = page("shells on Tuesday", "shells on Monday", "fog", tag="h3")
    await station.poll()
    [record] = await station.store.feeds()
    [spec] = station.active.configuration().feeds
    health = health_of(spec, record.state, station.clock.now())
    assert health.condition is Condition.NOT_A_FEED
    assert health.problem is not None
    assert "`h3 a` 3" in health.problem.message
    assert feed_to_do(spec, record.state, health) == "Look at the page, and correct `links` at watcher.yaml:6:5."
    await station.adopt(text.replace("h2 a", "h3 a"))
    await station.poll()
    await station.send()
    assert station.told("desk") == [["shells on Tuesday"]]


async def test_posts_of_a_channel_that_begin_alike_are_told_each(station: Station) -> None:
    await station.adopt(config(feeds=[]).replace("feeds:", "feeds:\n  - {telegram: port, name: port}"))

    def posts(*texts: str) -> bytes:
        inside = "".join(
            f"<div class='tgme_widget_message' data-post='port/{number}'><div class='js-message_text'>{text}</div></div>"
            for number, text in enumerate(texts)
        )
        return f"<html>{inside}</html>".encode()

    station.feeds["t"] = posts("shells")
    await station.poll()
    station.feeds["t"] = posts("shells", "Air raid alert. Shells fell on Odesa", "Air raid alert. Shells fell on Sumy")
    await station.poll()
    await station.send()
    assert sorted(title for message in station.told("desk") for title in message) == ["Air raid alert."] * 2
