"""`watcher feeds fix`: what polls found out is written into the files, and all else in them stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watcher.asking.feed_fixes import Gone, fix
from watcher.asking.feed_lines import KnownFeed
from watcher.core.model.ids import FeedId
from watcher.core.model.outcome import FeedState, FeedStatus
from watcher.core.model.record import FeedRecord
from watcher.errors import ConfigError
from watcher.settings import edit
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
        found.append(
            KnownFeed(spec, FeedRecord(spec.name, state, 0, configured_url=spec.url) if given is not None else None)
        )
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


def test_what_the_user_wrote_after_the_last_poll_is_left(settings: Settings) -> None:
    gone = {"status": FeedStatus.PAUSED, "gone": 2}
    states = {letter: {"url": f"https://{letter}.example/new"} for letter in "acd"}
    feeds = known(settings, **states, e=gone)
    before = FEEDS
    for letter, page in (("a", "rss"), ("c", "rss"), ("d", "news"), ("e", "rss")):
        before = before.replace(f"{letter}.example/{page}", f"{letter}.example/mine")
    (Path(settings.config) / "feeds.yaml").write_text(before, encoding="utf-8")
    specs = {one.spec.url.split("//")[1][0]: one.spec for one in known(settings)}
    # Its record is found by its name, and is of the address before.
    feeds = [replace(feed, spec=specs[feed.spec.url.split("//")[1][0]]) for feed in feeds]
    lines = fix(settings, feeds, NOW, lambda name, seen: Gone.REMOVE)
    assert text(settings) == before
    assert len(lines) == 4
    assert all("its address was changed in the files" in line for line in lines)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("{url: https://a.example/rss, headers: {X-Key: k}}", "headers"),
        ("{url: https://a.example/rss, cookies: {sid: k}}", "cookies"),
        ("{url: https://a.example/rss, auth: {username: ann, password: pw}}", "auth"),
        ("https://ann:pw@a.example/rss", "auth"),
        ("{url: https://a.example/rss, allow_private: [10.0.0.0/8]}", "allow_private"),
    ],
)
def test_what_is_for_one_site_alone_is_never_carried_to_another(settings: Settings, line: str, key: str) -> None:
    written = f"feeds:\n  - {line}\n"
    (Path(settings.config) / "feeds.yaml").write_text(written, encoding="utf-8")
    for elsewhere in ("https://evil.example/rss", "http://a.example/rss", "https://a.example:8443/rss"):
        lines = fix(settings, known(settings, a={"url": elsewhere}), NOW, keep)
        assert len(lines) == 1
        assert lines[0].startswith(f"left    a.example/rss: {elsewhere} cannot be written: it is another site")
        assert f"({key})" in lines[0]
        assert text(settings) == written
    assert fix(settings, known(settings, a={"url": "https://a.example:443/new"}), NOW, keep)[0].startswith("moved ")


@pytest.mark.parametrize("is_written_meanwhile", [False, True])
def test_an_edit_of_several_files_that_fails_at_one_puts_the_others_back(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, is_written_meanwhile: bool
) -> None:
    folder = Path(settings.config)
    other = "feeds: [https://z.example/rss]\n"
    (folder / "more.yaml").write_text(other, encoding="utf-8")
    real = edit.replace_file

    def failing(path: Path, content: bytes, like: Path | None) -> None:
        if path.name == "more.yaml":
            if is_written_meanwhile:
                (folder / "feeds.yaml").write_text("feeds: []  # mine\n", encoding="utf-8")
            raise OSError(28, "No space left on device")
        real(path, content, like)

    monkeypatch.setattr(edit, "replace_file", failing)
    with edit.editing(folder, settings) as files:
        for host in ("a", "z"):
            spec = next(one for one in files.configuration.feeds if one.url == f"https://{host}.example/rss")
            files.readdress(spec, f"https://{host}.example/new")
        with pytest.raises(ConfigError, match="nothing was changed") as refused:
            files.write()
    assert (folder / "more.yaml").read_text("utf-8") == other
    if is_written_meanwhile:
        assert text(settings) == "feeds: []  # mine\n"
        assert f"{folder / 'feeds.yaml'} was written and could not be put back: mv " in str(refused.value)
    else:
        assert text(settings) == FEEDS
        assert "put back" not in str(refused.value)


def test_a_file_that_an_unfinished_edit_began_is_taken_away(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "of their own"
    folder.mkdir()
    (folder / "b.yaml").write_text("feeds: [https://a.example/rss]\n", encoding="utf-8")
    with edit.editing(folder, settings) as files:
        files.add([{"url": "https://y.example/rss"}], "a.yaml")
        files.add([{"url": "https://z.example/rss"}], "b.yaml")
        (folder / "b.yaml").write_text("feeds: []\n", encoding="utf-8")
        files._texts = dict(sorted(files._texts.items()))  # the new file first
        with pytest.raises(ConfigError, match="changed meanwhile"):
            files.write()
    assert not (folder / "a.yaml").exists()
    assert (folder / "b.yaml").read_text("utf-8") == "feeds: []\n"


def test_a_user_that_a_server_puts_into_the_new_address_is_not_written(settings: Settings) -> None:
    moved = {letter: {"url": f"https://x:y@{letter}.example/new"} for letter in "bc"}
    lines = fix(settings, known(settings, **moved), NOW, keep)
    assert [line.split()[0] for line in lines[:2]] == ["moved", "moved"]
    assert "x:y" not in text(settings)
    assert "https://ann:pw@c.example/new" in text(settings)
