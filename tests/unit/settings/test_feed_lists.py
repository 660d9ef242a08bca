"""OPML lists that `feeds` names: what is read of them, and that a fault of one entry stops no other."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.settings.support import settings
from watcher.errors import ConfigError
from watcher.settings.edit import FeedFiles
from watcher.settings.load import Loaded, load, load_files, revision_digest

ENTRIES = """<outline text="Korea">
<outline text="Paper" xmlUrl="https://a.example/feed"/>
<outline text="Paper" xmlUrl="https://b.example/rss"/>
</outline>"""


def opml(entries: str) -> str:
    return f'<opml version="2.0"><body>\n{entries}\n</body></opml>'


def read(feeds: str, entries: str = ENTRIES) -> Loaded:
    return load_files({"a.yaml": f"feeds: {feeds}\n", "asia.opml": opml(entries)}, settings())


def said(loaded: Loaded) -> list[str]:
    return [str(problem) for problem in loaded.problems]


def test_each_feed_of_a_list_has_what_is_said_of_all_and_of_itself() -> None:
    but = '{"https://b.example/rss": {every: 1h, name: slow, lang: ko}}'
    loaded = read(f"[{{opml: asia.opml, tags: [asia], every: 20m, but: {but}}}]")
    assert loaded.configuration is not None, said(loaded)
    first, second = loaded.configuration.feeds
    assert (first.url, first.name, first.named, first.tags) == (
        "https://a.example/feed",
        "Paper",
        False,
        ("asia", "Korea"),
    )
    assert (second.name, second.named, second.every, second.lang) == ("slow", True, timedelta(hours=1), "ko")
    assert (first.every, str(first.place)) == (timedelta(minutes=20), "asia.opml:3:1")


def test_feeds_of_one_name_are_told_apart() -> None:
    loaded = read("[{opml: asia.opml}]")
    assert loaded.configuration is not None
    assert [feed.name for feed in loaded.configuration.feeds] == ["Paper", "Paper-2"]


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ('<outline xmlUrl="https://c.example/rss"/>', "it is listed already"),
        ('<outline xmlUrl="feed:nothing"/>', "`feed:nothing` is not an http or https URL"),
        ('<outline xmlUrl="http://10.0.0.1/"/>', "10.0.0.1 is not a public address"),
        ('<outline xmlUrl="file:asia.opml"/>', "a list names no files"),
        ('<outline xmlUrl="https://a .example/"/>', "the URL holds a blank or a sign that cannot be seen"),
    ],
)
def test_an_entry_that_cannot_be_a_feed_is_left_out_with_a_warning(entry: str, why: str) -> None:
    # The feed that is written out goes first, wherever it stands.
    loaded = read("[{opml: asia.opml}, 'https://c.example/rss']", f"{entry}\n{ENTRIES}")
    assert loaded.configuration is not None, said(loaded)
    assert [feed.url for feed in loaded.configuration.feeds][1:] == ["https://a.example/feed", "https://b.example/rss"]
    [problem] = [problem for problem in loaded.problems if problem.place.file == "asia.opml"]
    assert (problem.is_error, problem.place.line) == (False, 2)
    assert problem.message.endswith(f" is left out: {why}")


def test_a_list_of_faults_is_told_in_twenty_lines_and_a_number() -> None:
    loaded = read("[{opml: asia.opml}]", "\n".join(f'<outline xmlUrl="x{n}"/>' for n in range(30)))
    assert sum("is left out" in line for line in said(loaded)) == 20
    assert any("10 more entries of asia.opml are left out" in line for line in said(loaded))


def test_a_private_address_may_be_allowed_for_one_feed() -> None:
    but = '{"http://10.0.0.1/": {allow_private: [10.0.0.0/8]}}'
    loaded = read(f"[{{opml: asia.opml, but: {but}}}]", '<outline xmlUrl="http://10.0.0.1/"/>')
    assert loaded.configuration is not None
    assert [feed.url for feed in loaded.configuration.feeds] == ["http://10.0.0.1/"]


def test_a_password_in_a_list_is_neither_used_nor_stored() -> None:
    loaded = read("[{opml: asia.opml}]", '<outline xmlUrl="https://ann:pw@c.example/rss"/>')
    assert loaded.configuration is not None
    [feed] = loaded.configuration.feeds
    assert (feed.url, feed.request.username, feed.request.password) == ("https://c.example/rss", "", None)
    assert "pw" not in "".join([*loaded.configuration.files.values(), *said(loaded)])
    assert "auth" in said(loaded)[0]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{opml: b.opml}", "a.yaml:1:16: there is no list b.opml; did you mean `asia.opml`?"),
        ("{opml: asia.opml, url: 'https://c.example/'}", "a.yaml:1:10: unknown key `opml` in feed https://c.example/"),
        ("{opml: asia.opml, every: banana}", "a.yaml:1:34: `banana` is not a length of time"),
        (
            "{opml: asia.opml, auth: {username: a, password: b}}",
            "a.yaml:1:27: unknown key `auth` in the list asia.opml",
        ),
        ("{opml: asia.opml, but: [x]}", "a.yaml:1:32: `but` takes a mapping"),
        ("{opml: asia.opml, but: {'https://a.example/feed': x}}", "a.yaml:1:59: `https://a.example/feed` takes a"),
        (
            "{opml: asia.opml, but: {'https://a.example/feed': {url: x}}}",
            "a.yaml:1:60: `url` cannot be said in `but`; where a feed is, its list says",
        ),
        ("{opml: asia.opml, but: {'https://a.example/feed': {every: x}}}", "a.yaml:1:67: `x` is not a length of time"),
    ],
)
def test_what_is_wrong_with_the_line_of_a_list_is_a_mistake(line: str, sentence: str) -> None:
    loaded = read(f"[{line}]")
    assert loaded.configuration is None
    assert any(told.startswith(sentence) for told in said(loaded)), said(loaded)


def test_what_is_no_opml_is_a_mistake_of_the_line_that_names_it() -> None:
    files = {"a.yaml": "feeds: [{opml: asia.opml}]\n", "asia.opml": "not a list <"}
    [problem] = load_files(files, settings()).problems
    assert str(problem).startswith("a.yaml:1:16: asia.opml cannot be read: ")


def test_what_is_said_of_a_feed_that_a_list_does_not_name_is_a_warning() -> None:
    loaded = read("[{opml: asia.opml, but: {'https://a.example/feeds': {every: 1h}}}]")
    assert loaded.configuration is not None
    assert any("asia.opml does not list `https://a.example/feeds`" in line for line in said(loaded))


def test_a_list_is_read_in_the_encoding_that_it_names_and_belongs_to_the_revision(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("feeds: [{opml: x/asia.opml}]\n")
    (tmp_path / "x").mkdir()
    text = '<?xml version="1.0" encoding="iso-8859-1"?>\n' + opml('<outline text="Orée" xmlUrl="https://a.example/"/>')
    (tmp_path / "x" / "asia.opml").write_bytes(text.encode("latin-1"))
    (tmp_path / "x" / "unnamed.opml").write_bytes(b"\xff" * 100)
    loaded = load(tmp_path, settings())
    assert loaded.configuration is not None, said(loaded)
    assert [feed.name for feed in loaded.configuration.feeds] == ["Orée"]
    assert loaded.configuration.digest == revision_digest(tmp_path)
    again = load_files(loaded.configuration.files, settings()).configuration
    assert again is not None
    assert again.feeds == loaded.configuration.feeds


def test_a_feed_of_a_list_is_not_edited_here(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("feeds: [{opml: asia.opml}]\n")
    (tmp_path / "asia.opml").write_text(opml(ENTRIES))
    files = FeedFiles(tmp_path, settings())
    for edit in (files.pause, files.resume, files.remove):
        with pytest.raises(ConfigError, match=r"it stands in asia\.opml:3:1; change it there, or write below `opml:"):
            edit(files.configuration.feeds[0])
    assert files.add([{"url": "https://c.example/rss"}])[0].place.file == "feeds.yaml"
