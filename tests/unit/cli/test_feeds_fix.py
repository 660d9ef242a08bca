"""`watcher feeds fix`: what polls found out is written into the files, and all else in them stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watcher.asking.feed_fixes import Gone, fix
from watcher.asking.feed_lines import KnownFeed
from watcher.core.model.ids import FeedId
from watcher.core.model.outcome import FeedState, FeedStatus
from watcher.core.model.record import FeedRecord
from watcher.settings.env import Settings, read_settings
from watcher.settings.load import load_files

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
FEEDS = """# what we read
feeds:
  # The world
  - {url: https://a.example/rss, tags: [world]}   # the first
  - https://b.example/rss   # bare
  - url: https://ann:pw@c.example/rss   # in blocks
    name: c
  - {page: https://d.example/news, links: h2 a}
  - https://e.example/rss

rules:
  - {name: Ships, any: [tanker], where: {feeds: [b.example/rss]}}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "feeds.yaml").write_text(FEEDS, encoding="utf-8")
    return read_settings(config=tmp_path, data=tmp_path)


def text(settings: Settings) -> str:
    return (Path(settings.config) / "feeds.yaml").read_text("utf-8")


def known(settings: Settings, **states: Mapping[str, object]) -> list[KnownFeed]:
    """Return the configured feeds; `states` says by host letter what is remembered of some."""
    loaded = load_files({"feeds.yaml": text(settings)}, settings)
    assert loaded.configuration is not None
    found = []
    for spec in loaded.configuration.feeds:
        given = states.get(spec.url.split("//")[1][0])
        values: dict[str, object] = {"url": spec.url, "status": FeedStatus.OK, "last_ok_at": NOW, **(given or {})}
        state = FeedState(feed=FeedId(spec.name), next_poll_at=NOW, **values)  # type: ignore[arg-type]  # its fields
        found.append(KnownFeed(spec, FeedRecord(spec.name, state, 0) if given is not None else None))
    return found


def keep(name: str, seen: str) -> Gone:
    return Gone.KEEP


def test_an_address_that_moved_for_good_is_written_in_place_whatever_its_line_looks_like(settings: Settings) -> None:
    moved = {letter: {"url": f"https://{letter}.example/new"} for letter in "abcd"}
    lines = fix(settings, known(settings, **moved), NOW, keep)
    assert text(settings) == (
        FEEDS.replace("a.example/rss,", "a.example/new,")
        .replace("- https://b.example/rss ", "- {url: https://b.example/new, name: b.example/rss} ")
        .replace("c.example/rss", "c.example/new")  # its user stays
        .replace("d.example/news", "d.example/new")
    )
    assert lines[:3] == [
        (
            "moved   a.example/rss: https://a.example/rss is https://a.example/new, called a.example/new now; "
            "its history stays"
        ),
        "moved   b.example/rss: https://b.example/rss is https://b.example/new; its history stays",
        "moved   c: https://c.example/rss is https://c.example/new; its history stays",
    ]
    assert lines[-2].startswith("wrote ")
    assert lines[-1].startswith("undo ")
    assert "pw" not in "\n".join(lines)


def test_a_feed_that_moved_to_one_that_is_there_is_named(settings: Settings) -> None:
    lines = fix(settings, known(settings, a={"url": "https://e.example/rss"}), NOW, keep)
    assert lines == [
        (
            "twice   a.example/rss: it moved to https://e.example/rss, which is e.example/rss; "
            "watcher feeds remove a.example/rss"
        )
    ]
    assert text(settings) == FEEDS


@pytest.mark.parametrize(
    ("wanted", "said", "after"),
    [
        (Gone.PAUSE, "paused  e.example/rss: it is gone", "  - {url: https://e.example/rss, paused: true}\n"),
        (Gone.REMOVE, "removed e.example/rss: it is gone", ""),
        (Gone.KEEP, "gone    e.example/rss: its line stays", "  - https://e.example/rss\n"),
    ],
)
def test_a_feed_that_is_gone_is_paused_or_removed_only_when_that_is_wanted(
    settings: Settings, wanted: Gone, said: str, after: str
) -> None:
    lines = fix(settings, known(settings, e={"status": FeedStatus.PAUSED, "gone": 2}), NOW, lambda name, seen: wanted)
    assert lines[0].startswith(said)
    assert text(settings) == FEEDS.replace("  - https://e.example/rss\n", after)


def test_what_a_rule_asks_for_is_not_removed_and_the_rest_is_written(settings: Settings) -> None:
    gone = {"status": FeedStatus.PAUSED, "gone": 2}
    lines = fix(settings, known(settings, b=gone, e=gone), NOW, lambda name, seen: Gone.REMOVE)
    assert lines[0].startswith("left    b.example/rss: ")
    assert "feeds.yaml:11:50" in lines[0]  # where the rule asks for it
    assert text(settings) == FEEDS.replace("  - https://e.example/rss\n", "")


def test_a_move_that_is_young_waits_and_well_feeds_are_left(settings: Settings) -> None:
    young = {"moved_to": "https://a.example/new", "moved_polls": 2, "moved_since": NOW - timedelta(hours=1)}
    assert fix(settings, known(settings, a=young, b={}), NOW, keep) == [
        "waits   a.example/rss: it sends us to https://a.example/new, not yet for a day; its line stays as it is"
    ]
    assert fix(settings, known(settings, b={}), NOW, keep) == [
        "nothing to fix: no feed moved for good, and none is gone"
    ]
    assert text(settings) == FEEDS
