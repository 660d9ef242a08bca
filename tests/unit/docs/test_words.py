"""The page on what is wrong has every word by which the program says how something is."""

from __future__ import annotations

import re
from configparser import ConfigParser
from pathlib import Path

import pytest

from watcher.core.feeds.condition import Condition
from watcher.core.model.message import AttemptClass, HoldReason, MessageState
from watcher.core.model.outcome import FeedStatus
from watcher.core.model.policy import ChannelState
from watcher.daemon.state import Phase

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "how-to" / "when-something-is-wrong.md").read_text("utf-8")
MARKED = set(re.findall(r"`([^`]+)`", "\n".join(line for line in PAGE.splitlines() if line.startswith("|"))))


@pytest.mark.parametrize("words", [Condition, AttemptClass, HoldReason, MessageState, FeedStatus, ChannelState, Phase])
def test_every_word_of_a_state_stands_on_the_page(words: type[Condition]) -> None:
    assert {word.value for word in words} <= MARKED


def test_what_readyz_and_the_page_say_stands_there_too() -> None:
    assert {"degraded", "breaker", "quarantined"} <= MARKED


def test_the_unit_of_systemd_gives_the_daemon_time_to_stop_and_its_own_folder() -> None:
    unit = ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    unit.optionxform = str  # type: ignore[assignment, method-assign] # names keep their capitals
    unit.read_string((ROOT / "deploy" / "watcher.service").read_text("utf-8"))
    assert int(unit["Service"]["TimeoutStopSec"]) >= 35
    assert unit["Service"]["ExecStart"].endswith("/watcher run")
    assert unit["Service"]["StateDirectory"] == "watcher"
