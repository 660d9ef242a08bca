"""A daemon that sends nothing says so wherever somebody looks."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from watcher.cli import notify
from watcher.daemon.state import SENDS_NOTHING, DaemonState


def test_a_daemon_that_sends_nothing_is_degraded_by_it() -> None:
    state = DaemonState(sends_nothing=True)
    assert (state.degraded, state.degraded_by()) == (True, [SENDS_NOTHING])
    assert DaemonState().degraded_by() == []


def test_the_test_of_a_channel_says_that_sending_is_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "channels.yaml").write_text(
        "channels: {desk: {type: webhook, url: 'https://a.example/', secrets: ['${NOT_SET_HERE}']}}"
    )
    words = ["test", "desk", "--config", str(tmp_path), "--data", str(tmp_path / "data")]
    said = {}
    for send in ("all", "none"):
        monkeypatch.setenv("WATCHER_SEND", send)
        said[send] = CliRunner().invoke(notify.command, words).output
    assert "sending is off" not in said["all"]
    assert "sending is off (WATCHER_SEND=none)" in said["none"]
