"""`watcher feeds`: what it finds, writes and says, against real servers on loopback."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.fakes.http_server import HttpServer
from watcher.cli.feeds import command
from watcher.errors import ConfigError, StorageError

FEEDS = """# what we read
feeds:
  # The world
  - {url: https://a.example/rss, name: a, tags: [world]}   # the first
  - https://b.example/rss

rules:
  - {name: Ships, any: [tanker], where: {feeds: [a]}}
"""
NETWORK = "network: {allow_private: [127.0.0.0/8]}\n"
RSS = (
    b"<rss version='2.0'><channel><title>Harbour News</title><item><title>Tanker leaves</title>"
    b"<link>https://x.example/1</link></item></channel></rss>"
)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "feeds.yaml").write_text(FEEDS, encoding="utf-8")
    (folder / "network.yaml").write_text(NETWORK, encoding="utf-8")
    monkeypatch.setenv("WATCHER_CONFIG", str(folder))
    monkeypatch.setenv("WATCHER_DATA", str(tmp_path / "data"))
    return folder


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as running:
        yield running


def feeds(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments))


def refused(*arguments: str) -> str:
    """Return with which sentence a verb refuses."""
    result = feeds(*arguments)
    assert isinstance(result.exception, ConfigError), result.output
    return str(result.exception)


def text(config: Path) -> str:
    return (config / "feeds.yaml").read_text(encoding="utf-8")


def test_a_feed_is_asked_before_it_is_added_and_what_was_found_is_said(config: Path, server: HttpServer) -> None:
    url = server.publishes("/rss", RSS)
    result = feeds("add", url, "--name", "harbour", "--tag", "sea")
    assert result.exit_code == 0, result.output
    assert text(config) == FEEDS.replace(
        "  - https://b.example/rss\n", f"  - https://b.example/rss\n  - {{url: {url}, name: harbour, tags: [sea]}}\n"
    )
    assert "found   rss 2.0 Harbour News, 1 item at http://127.0.0.1:" in result.output
    assert "- Tanker leaves" in result.output
    assert "added   harbour; its first poll notes what is there and alerts nothing" in result.output
    [asked] = server.requests
    assert asked.headers["user-agent"].startswith("watcher/")


def test_an_edit_can_be_undone_by_the_command_it_says(config: Path) -> None:
    result = feeds("remove", "https://b.example/rss")
    assert "b.example" not in text(config)
    [undo] = [line.removeprefix("undo").strip() for line in result.output.splitlines() if line.startswith("undo")]
    subprocess.run(shlex.split(undo), check=True)
    assert text(config) == FEEDS


@pytest.mark.parametrize("name", ["my news", "it's", "a;b", "$HOME"])
def test_an_edit_is_undone_where_the_path_needs_quotes(
    config: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = config.rename(config.with_name(name))
    monkeypatch.setenv("WATCHER_CONFIG", str(folder))
    for file in ("feeds.yaml", "new ones.yaml"):
        before = sorted(path.name for path in folder.glob("[!.]*"))
        result = feeds("add", "https://z.example/", "--unseen", "--file", file)
        assert result.exit_code == 0, result.output
        [undo] = [line.removeprefix("undo").strip() for line in result.output.splitlines() if line.startswith("undo")]
        subprocess.run(undo, shell=True, check=True)  # as a user would paste it
        assert sorted(path.name for path in folder.glob("[!.]*")) == before
        assert text(folder) == FEEDS


def test_the_only_feed_of_a_page_is_added(config: Path, server: HttpServer) -> None:
    server.publishes("/news.rss", RSS)
    page = server.publishes(
        "/", b'<html><head><link rel="alternate" type="application/rss+xml" href="/news.rss"></head></html>'
    )
    result = feeds("add", page)
    assert result.exit_code == 0, result.output
    assert f"  - {server.url('/news.rss')}\n" in text(config)
    assert f"{page} leads there" in result.output


def test_a_page_with_several_feeds_asks_which_one(config: Path, server: HttpServer) -> None:
    links = b"".join(
        b'<link rel="alternate" type="application/rss+xml" title="%s" href="/%s">' % (name, name)
        for name in (b"world", b"sport")
    )
    page = server.publishes("/", b"<html><head>" + links + b"</head></html>")
    for name in ("/world", "/sport"):
        server.publishes(name, RSS)
    result = feeds("add", page)
    assert isinstance(result.exception, ConfigError)
    assert f"  1  {server.url('/world')}  RSS world\n" in result.output
    assert "--choose 1 to 2, or --choose all" in str(result.exception)
    assert text(config) == FEEDS
    assert "--choose takes 1 to 2" in refused("add", page, "--choose", "3")
    assert feeds("add", page, "--choose", "2").exit_code == 0
    assert server.url("/sport") in text(config)
    assert server.url("/world") not in text(config)


def test_all_feeds_of_a_page_are_added_at_once(config: Path, server: HttpServer) -> None:
    links = b"".join(b'<link rel=alternate type=application/atom+xml href="/%d">' % number for number in range(3))
    page = server.publishes("/", b"<html><head>" + links + b"</head></html>")
    for number in range(3):
        server.publishes(f"/{number}", RSS)
    assert feeds("add", page, "--choose", "all", "--tag", "sea").exit_code == 0
    assert text(config).count("tags: [sea]") == 3


def test_a_page_that_names_no_feed_is_looked_through_for_one(config: Path, server: HttpServer) -> None:
    server.publishes("/blog/rss.php", RSS)
    page = server.publishes("/", b'<html><body><a href="/blog/rss.php">news by RSS</a></body></html>')
    result = feeds("add", page)
    assert result.exit_code == 0, result.output
    assert server.url("/blog/rss.php") in text(config)


@pytest.mark.parametrize("mark", ["\u202e", "\u009b", "\u2066", "\x7f", "&#x202e;"])
def test_an_address_of_a_page_reaches_no_terminal_raw(config: Path, server: HttpServer, mark: str) -> None:
    links = "".join(
        f"<link rel=alternate type='application/rss+xml' href='/{mark}{number}.xml'>" for number in range(2)
    )
    page = server.publishes("/", f"<html><head>{links}</head></html>".encode(), content_type="text/html; charset=utf-8")
    result = feeds("add", page, "--choose", "1")
    assert isinstance(result.exception, ConfigError)
    said = result.output + str(result.exception)
    assert "/0.xml cannot be fetched" in said
    assert not set("\u202e\u009b\u2066\x7f") & set(said)


def test_a_page_without_a_feed_is_refused_with_what_to_do(config: Path, server: HttpServer) -> None:
    page = server.publishes("/", b"<html><body>hello</body></html>")
    said = refused("add", page)
    assert "is no feed and names none" in said
    assert "Look on 127.0.0.1 for a link called RSS, Atom or feed" in said
    assert text(config) == FEEDS
    assert len(server.requests) <= 9


@pytest.mark.parametrize(
    "url", ["https://a.example/rss", "http://a.example/rss", "https://A.example/rss/", "https://me:pw@a.example/rss"]
)
def test_a_feed_that_is_there_already_is_refused_with_its_place(config: Path, url: str) -> None:
    assert "is there already: a, feeds.yaml:4:5; nothing was written" in refused("add", url)


def test_a_page_whose_feed_is_there_already_is_refused(config: Path, server: HttpServer) -> None:
    server.publishes("/rss", RSS)
    page = server.publishes("/", b'<link rel="alternate" type="application/rss+xml" href="/rss">')
    assert feeds("add", page).exit_code == 0
    before = text(config)
    assert "is there already" in refused("add", page)
    assert text(config) == before


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("a.example/rss", "is not an http or https URL; begin it with https://"),
        ("ftp://a.example/rss", "is not an http or https URL"),
        ("https:///rss", "names no host"),
        ("https://a b.example/", "holds a blank"),
        ("http://192.168.1.1/rss", "192.168.1.1 is not a public address"),
    ],
)
def test_a_wrong_address_is_refused_before_anything_is_asked(config: Path, url: str, said: str) -> None:
    assert said in " ".join(refused("add", url).split())
    assert text(config) == FEEDS


def test_a_host_that_does_not_answer_is_said_and_can_be_added_unseen(config: Path, server: HttpServer) -> None:
    url = server.closes("/rss")
    said = refused("add", url)
    assert f"{url} cannot be fetched" in said
    assert "--unseen" in said
    assert feeds("add", url, "--unseen").exit_code == 0
    assert url in text(config)


@pytest.mark.parametrize("status", [403, 404, 410, 500])
def test_a_server_that_refuses_is_quoted(config: Path, server: HttpServer, status: int) -> None:
    assert str(status) in refused("add", server.answers("/rss", status))
    assert text(config) == FEEDS


def test_a_feed_that_moved_for_good_is_added_at_its_new_address(config: Path, server: HttpServer) -> None:
    server.publishes("/new", RSS)
    old = server.redirects("/old", "/new", status=301)
    assert feeds("add", old).exit_code == 0
    assert f"- {server.url('/new')}\n" in text(config)
    passing = server.redirects("/passing", "/new2", status=302)
    server.publishes("/new2", RSS)
    assert feeds("add", passing).exit_code == 0
    assert f"- {passing}\n" in text(config)


def test_a_feed_is_paused_and_resumed_with_its_comments_kept(config: Path) -> None:
    assert "paused  a; again: watcher feeds resume a" in feeds("pause", "a").output
    assert "name: a, tags: [world], paused: true}   # the first\n" in text(config)
    assert "is paused already" in feeds("pause", "a").output
    assert "paused" in feeds("list").output
    assert "resumed a" in feeds("resume", "a").output
    assert text(config) == FEEDS
    assert "is not paused" in feeds("resume", "a").output


def test_a_feed_that_a_rule_asks_for_is_not_removed(config: Path) -> None:
    said = refused("remove", "a")
    assert "a cannot be removed; nothing was written" in said
    assert "there is no feed `a`" in said
    assert text(config) == FEEDS


def test_an_unknown_feed_is_named_with_what_was_probably_meant(config: Path) -> None:
    for verb in ("show", "pause", "resume", "remove"):
        assert "did you mean `b.example/rss`" in refused(verb, "b.example/rs")


def test_files_with_a_mistake_are_not_edited(config: Path) -> None:
    (config / "more.yaml").write_text("feeds: [{ulr: x}]\n", encoding="utf-8")
    for arguments in (("add", "https://c.example/", "--unseen"), ("pause", "a"), ("remove", "a")):
        assert "mistakes already; mend them first" in refused(*arguments)
    assert text(config) == FEEDS


def test_a_file_that_cannot_be_written_is_said_and_left(config: Path) -> None:
    (config / ".feeds.yaml.before").mkdir()  # where the text before should be kept
    assert "feeds.yaml cannot be written: Is a directory; nothing was changed" in refused("pause", "a")
    assert text(config) == FEEDS
    assert sorted(path.name for path in config.iterdir()) == [".feeds.yaml.before", "feeds.yaml", "network.yaml"]


def test_a_file_keeps_mode_line_ends_and_byte_order_mark(config: Path) -> None:
    file = config / "feeds.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + FEEDS.replace("\n", "\r\n").encode())
    file.chmod(0o640)
    assert feeds("add", "https://c.example/", "--unseen").exit_code == 0
    raw = file.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf# what")
    assert raw.count(b"\n") == raw.count(b"\r\n") == FEEDS.count("\n") + 1
    assert file.stat().st_mode & 0o777 == 0o640
    assert (config / ".feeds.yaml.before").stat().st_mode & 0o777 == 0o640


def test_a_linked_file_is_replaced_where_it_lies(config: Path, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere.yaml"
    (config / "feeds.yaml").rename(real)
    (config / "feeds.yaml").symlink_to(real)
    assert feeds("pause", "a").exit_code == 0
    assert (config / "feeds.yaml").is_symlink()
    assert "paused: true" in real.read_text()


def test_the_first_feed_begins_a_file(config: Path) -> None:
    (config / "feeds.yaml").unlink()
    result = feeds("add", "https://c.example/rss", "--unseen")
    assert text(config) == "feeds:\n  - https://c.example/rss\n"
    assert f"undo    rm {config / 'feeds.yaml'}" in result.output


def test_the_list_says_of_each_feed_what_is_known(config: Path) -> None:
    result = feeds("list")
    assert "a              new          never polled  [world]\n" in result.stdout
    assert "2 feeds, 0 fine, 2 not read yet, 0 need a look, 0 paused" in result.stderr
    rows = [json.loads(line) for line in feeds("list", "--json", "--tag", "world").stdout.splitlines()]
    assert [(row["feed"], row["health"], row["place"]) for row in rows] == [("a", "new", "feeds.yaml:4:5")]
    assert "  written at  feeds.yaml:5:5\n" in feeds("show", "b.example/rss").output


def opml(*entries: str) -> str:
    return f'<opml version="2.0"><body>{"".join(entries)}</body></opml>'


def entry(url: str, name: str = "") -> str:
    return f'<outline type="rss" text="{name}" xmlUrl="{url}"/>\n'


def test_an_import_asks_each_feed_and_reports_each_that_is_odd(
    config: Path, server: HttpServer, tmp_path: Path
) -> None:
    good, down = server.publishes("/good", RSS), server.answers("/down", 503)
    gone, page = server.answers("/gone", 410), server.publishes("/page", b"<html><body>hi</body></html>")
    file = tmp_path / "Desk Asia.opml"
    listed = (entry(good, "Harbour"), entry(down, "Down"), entry(gone), entry(page), entry("https://a.example/rss"))
    more = (entry(good, "again"), entry("ftp://c.example/"), entry("file:secret.xml"), entry("http://10.0.0.1/"))
    file.write_text(opml('<outline text="sea">', *listed, *more, "</outline>"), encoding="utf-8")
    result = feeds("import", str(file), "--tag", "mine")
    assert result.exit_code == 0, result.output
    assert (config / "desk-asia.yaml").read_text() == (
        "feeds:\n"
        f"  - {{url: {good}, name: Harbour, tags: [sea, mine]}}\n"
        f"  - {{url: {down}, name: Down, tags: [sea, mine]}}\n"
    )
    assert "Desk Asia.opml: 9 feeds, 2 added, 1 already here, 6 left out\n" in result.output
    for said in (
        "it does not answer now",
        "410",
        "is a web page, not a feed",
        "it is a, feeds.yaml:4:5",
        "first at line 1",
    ):
        assert said in result.output
    assert "1 feed read, 0 items in them match your rules, none sent" in result.output
    assert f"undo    rm {config / 'desk-asia.yaml'}" in result.output
    assert text(config) == FEEDS


def test_an_import_says_how_many_items_match(config: Path, server: HttpServer, tmp_path: Path) -> None:
    (config / "more.yaml").write_text("rules: [{name: Anything, any: [tanker]}]\n", encoding="utf-8")
    file = tmp_path / "x.opml"
    file.write_text(opml(entry(server.publishes("/rss", RSS))), encoding="utf-8")
    assert "1 feed read, 1 item in them matches your rules, none sent" in feeds("import", str(file)).output


def test_a_list_that_cannot_be_read_changes_nothing(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "x.opml"
    file.write_text('<!DOCTYPE opml [<!ENTITY a "b">]><opml/>', encoding="utf-8")
    assert "declares a document type" in refused("import", str(file))
    assert sorted(path.name for path in config.iterdir()) == ["feeds.yaml", "network.yaml"]


def test_names_that_are_taken_are_left_out_of_an_import(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "x.opml"
    file.write_text(
        opml(entry("https://c.example/1", "a"), entry("https://c.example/2", "N"), entry("https://c.example/3", "N"))
    )
    assert feeds("import", str(file), "--unseen").exit_code == 0
    assert (config / "x.yaml").read_text() == (
        "feeds:\n  - https://c.example/1\n  - {url: https://c.example/2, name: N}\n  - https://c.example/3\n"
    )


def test_what_is_exported_can_be_imported_elsewhere(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (config / "more.yaml").write_text("feeds: ['https://me:secret@d.example/rss', {url: 'file:x.xml', sample: true}]\n")
    file = tmp_path / "all.opml"
    assert feeds("export", str(file)).output == f"3 feeds written to {file}\n"
    assert "secret" not in file.read_text()
    other = tmp_path / "other"
    other.mkdir()
    (other / "watcher.yaml").write_text("defaults: {zone: UTC}\n")
    monkeypatch.setenv("WATCHER_CONFIG", str(other))
    assert feeds("import", str(file), "--unseen").exit_code == 0
    assert [line.split()[0] for line in feeds("list").stdout.splitlines()] == ["a", "b.example/rss", "d.example/rss"]
    assert "cannot be written: File exists" in feeds("export", str(file)).output


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("../out.yaml", "is outside of the configuration directory"),
        ("sub/../../out.yaml", "is outside of the configuration directory"),
        ("/tmp/abs.yaml", "is outside of the configuration directory"),
        ("notes.txt", "only files called *.yaml"),
        ("feeds.YAML", "only files called *.yaml"),
        (".hidden.yaml", "begins with a dot"),
        ("tests/feeds.yaml", "no file in a folder called tests"),
        (".kept/feeds.yaml", "no file in a folder called .kept"),
        ("old.yaml/feeds.yaml", "no file in a folder called old.yaml"),
        (".", "only files called *.yaml"),
        ("cal.ics", "calendars hold no feeds"),
        ("asia/feeds.yaml", "there is no folder"),
    ],
)
def test_a_file_that_would_never_be_read_is_refused(config: Path, tmp_path: Path, file: str, said: str) -> None:
    listed = tmp_path / "list.opml"
    listed.write_text("<opml><body><outline xmlUrl='https://z.example/'/></body></opml>", encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    for verb in (["add", "https://z.example/"], ["import", str(listed)]):  # before any server is asked
        sentence = refused(*verb, "--file", file)
        assert said in sentence
        assert "such as feeds.yaml" in sentence
        assert "nothing was written" in sentence
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("file", ["./feeds.yaml", "asia/../feeds.yaml", "{config}/feeds.yaml", "../config/feeds.yaml"])
def test_a_file_has_one_name_however_its_path_is_written(config: Path, file: str) -> None:
    result = feeds("add", "https://z.example/", "--unseen", "--file", file.format(config=config))
    assert result.exit_code == 0, result.output
    assert "  - https://z.example/\n" in (config / "feeds.yaml").read_text(encoding="utf-8")


def test_feeds_go_to_a_file_in_a_folder_that_is_there(config: Path) -> None:
    (config / "asia").mkdir()
    assert feeds("add", "https://z.example/", "--unseen", "--file", "asia/z.yml").exit_code == 0
    assert "z.example" in feeds("list").output


def test_one_hostile_entry_does_not_make_an_import_fail(config: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list.opml"
    names = ["a\u009bb&#x7f;", "c", "d&#x2028;e", "&#x202e;f"]
    entries = "".join(f"<outline text='{name}' xmlUrl='https://{n}.example/'/>" for n, name in enumerate(names))
    odd = "<outline text='g' xmlUrl='https://h.example/\u009b'/>"
    listed.write_text(f"<opml><body>{entries}{odd}</body></opml>", encoding="utf-8")
    result = feeds("import", str(listed), "--unseen")
    assert result.exit_code == 0, result.output
    assert "5 feeds, 4 added, 0 already here, 1 left out" in result.output
    assert "\x9b" not in result.output
    assert "ab" in feeds("list").output


@pytest.mark.parametrize("sign", ["\x7f", "\x9b", "\u202e", "\u2028"])
def test_a_name_with_an_odd_sign_is_added_or_refused_for_what_it_is(config: Path, sign: str) -> None:
    result = feeds("add", "https://z.example/", "--unseen", "--name", f"x{sign}y")
    said = result.output + str(result.exception)
    assert "not edited by the program" not in said
    assert (result.exit_code == 0) is ("z.example" in text(config))


def test_a_list_without_end_is_read_no_further_than_its_limit(config: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list.opml"
    with listed.open("wb") as file:
        file.truncate(64 * 1024**3)  # holes only
    assert "larger than 20 MiB" in refused("import", str(listed))


def test_a_feed_of_one_s_own_network_is_added_with_its_block(config: Path, server: HttpServer) -> None:
    (config / "network.yaml").unlink()
    url = server.publishes("/rss", RSS)
    assert "--allow-private BLOCK" in refused("add", url)
    assert text(config) == FEEDS
    result = feeds("add", url, "--allow-private", "127.0.0.0/8", "--allow-private", "10.0.0.0/8")
    assert result.exit_code == 0, result.output
    assert f"- {{url: {url}, allow_private: [127.0.0.0/8, 10.0.0.0/8]}}\n" in text(config)


def test_a_name_that_leads_into_one_s_own_network_is_refused_with_the_option(
    config: Path, server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (config / "network.yaml").unlink()
    monkeypatch.setattr("watcher.settings.feeds.private_host", lambda url, allowed: "")  # as for a name
    url = server.publishes("/rss", RSS)
    sentence = refused("add", url)
    assert "--allow-private BLOCK" in sentence
    assert "allow_private: [BLOCK]" in sentence
    assert server.requests == []


def test_a_block_goes_to_no_host_that_a_page_names(config: Path, server: HttpServer) -> None:
    with HttpServer() as other:
        link = f"<link rel=alternate type='application/rss+xml' href='{other.publishes('/rss', RSS)}'>"
        page = server.publishes("/", f"<html><head>{link}</head></html>".encode())
        result = feeds("add", page, "--allow-private", "10.0.0.0/8")
        assert result.exit_code == 0, result.output
        assert f"  - {other.url('/rss')}\n" in text(config)


def test_a_block_that_is_none_is_refused(config: Path) -> None:
    assert "`my net` is not a block of addresses" in refused(
        "add", "https://z.example/", "--unseen", "--allow-private", "my net"
    )
    assert text(config) == FEEDS


def test_a_selector_is_tried_before_a_page_is_added(config: Path, server: HttpServer) -> None:
    page = server.publishes(
        "/news",
        "<html><title>Port</title><h2><a href='/1'>Tanker leaves</a></h2><h2><a href='/2'>Ferry comes</a></h2>"
        "<h2><a href='/3'>Fog</a></h2></html>",
        content_type="text/html",
    )
    said = refused("add", page, "--links", "h3 a")
    assert "The selector `h3 a` finds no link on this page" in said
    assert "Others find: `h2 a` 3 (such as 'Tanker leaves')" in said
    assert "not a CSS selector" in refused("add", page, "--links", "h3[")
    assert text(config) == FEEDS
    result = feeds("add", page, "--links", "h2 a", "--name", "port")
    assert result.exit_code == 0, result.output
    assert "found   page Port, 3 items at " in result.output
    assert f'  - {{page: {page}, links: "h2 a", name: port}}\n' in text(config)
    assert "this feed is there already: port" in refused("add", page, "--links", "h2 a")


def test_a_page_without_a_feed_says_how_its_links_are_read(config: Path, server: HttpServer) -> None:
    page = server.publishes("/", "<html><h2><a href='/1'>One</a></h2></html>", content_type="text/html")
    assert f"watcher feeds add {page} --links 'h2 a'" in refused("add", page)


def test_the_address_of_a_page_whose_feed_is_known_is_written_as_that_feed(config: Path) -> None:
    result = feeds("add", "https://www.reddit.com/r/korea/", "--unseen")
    assert result.exit_code == 0, result.output
    assert "  - https://www.reddit.com/r/korea/.rss\n" in text(config)
    assert (
        "known   the feed of https://www.reddit.com/r/korea/ is at https://www.reddit.com/r/korea/.rss" in result.output
    )


def test_the_address_of_a_telegram_channel_is_written_as_its_name(config: Path) -> None:
    result = feeds("add", "https://t.me/harbour", "--unseen", "--tag", "sea")
    assert result.exit_code == 0, result.output
    assert "  - {telegram: harbour, tags: [sea]}\n" in text(config)
    assert "this feed is there already: t.me/s/harbour" in refused("add", "https://t.me/s/harbour", "--unseen")


def test_a_database_that_cannot_be_read_is_said_and_not_taken_for_feeds_that_were_never_polled(
    config: Path, tmp_path: Path
) -> None:
    assert "never polled" in feeds("list").output, "there is none yet"
    data = tmp_path / "data"
    data.mkdir()
    (data / "watcher.db").write_bytes(b"not a database" * 100)
    for arguments in (("list",), ("list", "--troubled"), ("show", "a"), ("fix",)):
        result = feeds(*arguments)
        assert isinstance(result.exception, StorageError), result.output
        assert "watcher.db" in str(result.exception)
        assert result.output == ""
