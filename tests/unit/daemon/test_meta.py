"""What is told about ourselves, and through whom."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.station import Station, config, rss
from watcher.core.model.message import AttemptClass
from watcher.core.model.outcome import FeedProblem, FeedStatus, FetchProblemKind
from watcher.core.model.record import Committed, PollResult
from watcher.pipeline import Poll


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    """A station with nothing adopted."""
    made = Station(tmp_path)
    yield made
    await made.close()


def titles(station: Station, channel: str) -> list[str]:
    return [message.title for message in station.channels[channel].sent if not message.alerts]


@pytest.mark.parametrize(("send_to", "told"), [("desk", "console"), ("desk, me", "me")])
async def test_nothing_about_a_channel_goes_only_through_that_channel(
    station: Station, send_to: str, told: str
) -> None:
    await station.begin(config(channels=["desk", "me"], send_to=["desk"], more=f"meta: {{send_to: [{send_to}]}}"))
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    station.channels["desk"].fails_with(AttemptClass.PERMANENT, answer="404 no_service")
    await station.send()
    await station.send()
    assert titles(station, told) == ["Channel desk refuses our messages"]
    [notice] = [message for message in station.channels[told].sent if not message.alerts]
    assert "404 no_service" in notice.text
    assert [message.title for message in station.channels["desk"].tried if not message.alerts] == []


@pytest.mark.parametrize(("send_to", "told"), [("desk", "console"), ("desk, me", "me")])
async def test_a_message_given_up_is_told_elsewhere(station: Station, send_to: str, told: str) -> None:
    await station.begin(config(channels=["desk", "me"], send_to=["desk"], more=f"meta: {{send_to: [{send_to}]}}"))
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    station.channels["desk"].fails_with(AttemptClass.CONTENT, times=2)
    await station.send()
    await station.send()
    assert titles(station, told) == ["A message for desk was given up"]
    assert titles(station, "desk") == []


async def test_a_feed_that_goes_into_quarantine_is_told_once(station: Station) -> None:
    await station.begin(config(channels=["desk", "me"], send_to=["desk"], more="meta: {send_to: [me]}"))
    await station.store.request_poll([], station.clock.now())
    [claim] = await station.store.claim_feeds("somebody", station.clock.now(), 1, timedelta(minutes=3))
    problem = FeedProblem(FetchProblemKind.READ_CRASHED, "its reader was stopped")
    after = replace(claim.state, status=FeedStatus.QUARANTINED, problem=problem)
    # only the states are looked at
    poll = Poll(claim, None, PollResult(claim, after, None), Committed())  # type: ignore[arg-type]
    await station.meta.poll_ended(poll)
    await station.meta.poll_ended(poll)
    await station.send()
    assert titles(station, "me") == ["Feed wire is in quarantine"]
    assert "its reader was stopped" in station.channels["me"].sent[-1].text
    same = replace(claim, state=after)
    await station.meta.poll_ended(replace(poll, claim=same, result=replace(poll.result, claim=same)))
    await station.send()
    assert len(station.channels["me"].sent) == 1, "one that was there before is nothing new"
