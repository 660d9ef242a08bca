"""The sign of life is given while all is well, and only then; its address stands in no log."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.station import Station, config, rss
from watcher.core.alerts.pulse import Pulse, ailing
from watcher.core.model.message import AttemptClass
from watcher.core.model.outcome import FetchProblemKind
from watcher.core.model.record import Stats
from watcher.daemon.heartbeat import Heartbeat
from watcher.daemon.state import Phase
from watcher.errors import FetchError, OutOfDescriptors
from watcher.network.policy import HttpAnswer, HttpRequest

pytestmark = pytest.mark.filterwarnings("error")

BEAT, FAILED = "https://beat.example/s3cret", "https://beat.example/s3cret/fail"


class Service:
    """Implements Exchanger: notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, bytes]] = []
        self.status = 200
        self.fails = False

    async def exchange(self, request: HttpRequest) -> HttpAnswer:
        """Note the request."""
        if self.fails:
            raise FetchError(f"{request.url} cannot be reached", kind=FetchProblemKind.CONNECT)
        self.asked.append((request.method, request.url, request.content or b""))
        return HttpAnswer(self.status, {}, b"", request.url)


async def opened(
    folder: Path, more: str = f"meta: {{heartbeat: {BEAT}, heartbeat_failed: {FAILED}}}"
) -> tuple[Station, Heartbeat, Service]:
    station, service = Station(folder), Service()
    await station.adopt(config(more=more))
    station.world = replace(station.world, client=service)
    station.world.state.phase = Phase.RUNNING
    await station.poll()
    return station, Heartbeat(station.world, station.active), service


async def test_the_sign_is_given_while_all_is_well(tmp_path: Path) -> None:
    _, heartbeat, service = await opened(tmp_path)
    await heartbeat.look()
    await heartbeat.look()
    assert service.asked == [("GET", BEAT, b"")] * 2


async def test_without_an_address_nothing_is_asked(tmp_path: Path) -> None:
    _, heartbeat, service = await opened(tmp_path, "")
    await heartbeat.look()
    assert service.asked == []


async def test_a_feed_that_is_due_and_not_polled_is_told_to_the_failure_address(tmp_path: Path) -> None:
    station, heartbeat, service = await opened(tmp_path)
    station.clock.advance(minutes=40)
    await heartbeat.look()
    [(method, url, body)] = service.asked
    assert (method, url) == ("POST", FAILED)
    assert b"a feed is due since" in body
    await station.poll()
    await heartbeat.look()
    assert service.asked[1:] == [("GET", BEAT, b"")]


async def test_without_a_failure_address_the_sign_does_not_come(tmp_path: Path) -> None:
    station, heartbeat, service = await opened(tmp_path, f"meta: {{heartbeat: {BEAT}}}")
    station.clock.advance(minutes=40)
    await heartbeat.look()
    assert service.asked == []


async def test_refused_files_are_told(tmp_path: Path) -> None:
    station, heartbeat, service = await opened(tmp_path)
    station.world.state.stale_since = station.clock.now()
    await heartbeat.look()
    assert [url for _, url, _ in service.asked] == [FAILED]
    assert b"configuration stale since" in service.asked[0][2]


async def test_what_is_gathered_is_not_late(tmp_path: Path) -> None:
    station, heartbeat, service = await opened(tmp_path)
    await station.adopt(config(gather="1h", more=f"meta: {{heartbeat: {BEAT}, heartbeat_failed: {FAILED}}}"))
    station.feeds["wire"] = rss("Shells shipped")
    station.clock.advance(minutes=6)
    await station.poll()
    for _ in range(8):
        station.clock.advance(minutes=6)
        await station.poll()
    await heartbeat.look()
    assert [url for _, url, _ in service.asked] == [BEAT]


async def test_one_message_that_is_tried_again_is_no_failure(tmp_path: Path) -> None:
    station, heartbeat, service = await opened(tmp_path)
    station.feeds["wire"] = rss("Shells shipped")
    station.channels["desk"].fails_with(AttemptClass.RETRY, answer="452 one mailbox is full", times=4)
    for _ in range(8):
        station.clock.advance(minutes=10)
        await station.poll()
        await station.send()
        await heartbeat.look()
    assert {url for _, url, _ in service.asked} == {BEAT}


async def test_the_first_look_after_a_stop_accuses_nobody(tmp_path: Path) -> None:
    station, _, service = await opened(tmp_path)
    station.clock.advance(hours=3)
    begun = Heartbeat(station.world, station.active)
    await begun.look()
    assert [url for _, url, _ in service.asked] == [BEAT]
    station.clock.advance(minutes=16)
    await begun.look()
    assert b"a feed is due since" in service.asked[-1][2]


async def test_no_descriptor_for_the_sign_is_logged_and_ends_nothing(tmp_path: Path) -> None:
    station, _, service = await opened(tmp_path)

    async def none_left(request: HttpRequest) -> HttpAnswer:
        raise OutOfDescriptors("no descriptor is left")

    service.exchange = none_left  # type: ignore[method-assign]
    await Heartbeat(station.world, station.active).look()


@pytest.mark.parametrize("fails", [True, False])
async def test_a_service_that_does_not_answer_is_logged_once_and_without_its_address(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], fails: bool
) -> None:
    _, heartbeat, service = await opened(tmp_path)
    service.fails, service.status = fails, 404
    for _ in range(3):
        await heartbeat.look()
    said = [line for line in capsys.readouterr().out.splitlines() if "sign of life" in line]
    assert len(said) == 1
    assert "s3cret" not in said[0]


@pytest.mark.parametrize(
    ("pulse", "said"),
    [
        (lambda now: Pulse(Stats(oldest_poll_due_at=now - timedelta(minutes=15))), 0),
        (lambda now: Pulse(Stats(oldest_poll_due_at=now - timedelta(minutes=16))), 1),
        (lambda now: Pulse(Stats(oldest_poll_due_at=now + timedelta(hours=1))), 0),
        (lambda now: Pulse(Stats(ready_since=now - timedelta(minutes=30))), 0),
        (lambda now: Pulse(Stats(ready_since=now - timedelta(minutes=31))), 1),
        (lambda now: Pulse(Stats(), ("channels that take no messages: desk",), ("database: full",)), 2),
        (lambda now: Pulse(Stats()), 0),
    ],
)
def test_each_sign_of_trouble_counts_alone(pulse: object, said: int, tmp_path: Path) -> None:
    now = Station(tmp_path).clock.now()
    assert len(ailing(pulse(now), now)) == said  # type: ignore[operator]
