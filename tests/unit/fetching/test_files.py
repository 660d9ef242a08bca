"""`file:` feeds: what lies below the configuration directory, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from watcher.core.model.outcome import FetchProblemKind
from watcher.errors import FetchError
from watcher.fetching.files import read_file_feed

LIMIT = 1000


@pytest.fixture
def config(tmp_path: Path) -> Path:
    config = tmp_path / "config"
    (config / "sample").mkdir(parents=True)
    (config / "sample" / "feed.xml").write_bytes(b"<rss/>")
    (tmp_path / "secret.xml").write_bytes(b"secret")
    return config


@pytest.mark.parametrize("url", ["file:sample/feed.xml", "file:./sample/feed.xml", "file:sample/%66eed.xml"])
def test_file_below_the_directory_is_read(config: Path, url: str) -> None:
    assert read_file_feed(url, config, LIMIT).body == b"<rss/>"


def test_whole_path_is_read_where_it_leads_into_the_directory(config: Path) -> None:
    assert read_file_feed(f"{(config / 'sample' / 'feed.xml').as_uri()}", config, LIMIT).body == b"<rss/>"


def test_tag_changes_with_the_content_and_only_with_it(config: Path) -> None:
    file = config / "sample" / "feed.xml"
    first = read_file_feed("file:sample/feed.xml", config, LIMIT).etag
    os.utime(file, (1, 1))
    assert read_file_feed("file:sample/feed.xml", config, LIMIT).etag == first
    file.write_bytes(b"<rsz/>")
    assert read_file_feed("file:sample/feed.xml", config, LIMIT).etag != first


@pytest.mark.parametrize(
    "url",
    [
        "file:../secret.xml",
        "file:sample/../../secret.xml",
        "file:%2e%2e/secret.xml",
        "file:///etc/hostname",
        "file://host/sample/feed.xml",
        "file:sample/feed.xml?x=1",
        "file:",
        "file:sample",
        "file:none.xml",
        "file:sample/feed.xml%00.txt",
        "file:out.xml",
        "file:away/secret.xml",
        "file:circle.xml",
        "file:pipe.xml",
        "file:/dev/zero",
        "file:" + "x" * 5000,
    ],
)
def test_everything_else_is_refused(config: Path, url: str) -> None:
    (config / "out.xml").symlink_to("../secret.xml")
    (config / "away").symlink_to("..", target_is_directory=True)
    (config / "circle.xml").symlink_to("circle.xml")
    os.mkfifo(config / "pipe.xml")
    with pytest.raises(FetchError) as caught:
        read_file_feed(url, config, LIMIT)
    assert caught.value.kind == FetchProblemKind.FILE


def test_links_inside_are_followed_as_in_mounted_configurations(config: Path) -> None:
    (config / "..2026").mkdir()
    (config / "..2026" / "feed.xml").write_bytes(b"<mounted/>")
    (config / "..data").symlink_to("..2026", target_is_directory=True)
    (config / "feed.xml").symlink_to("..data/feed.xml")
    assert read_file_feed("file:feed.xml", config, LIMIT).body == b"<mounted/>"


def test_file_over_the_limit_is_too_big(config: Path) -> None:
    (config / "big.xml").write_bytes(b"x" * (LIMIT + 1))
    with pytest.raises(FetchError) as caught:
        read_file_feed("file:big.xml", config, LIMIT)
    assert caught.value.kind == FetchProblemKind.TOO_BIG
