"""`watcher parse`: articles on stdout, what is wrong on stderr, and one bad file that does not stop the others."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from watcher.cli.parse import command

CASES = Path(__file__).resolve().parents[2] / "cases" / "feeds"
FIELDS = [
    "id",
    "guid",
    "url",
    "title",
    "summary",
    "content",
    "author",
    "tags",
    "lang",
    "source",
    "feed",
    "published_at",
    "updated_at",
]


def test_every_article_is_one_object_with_all_fields() -> None:
    result = CliRunner().invoke(command, [str(path) for path in sorted(CASES.iterdir())] + ["--json"])
    objects = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert len(objects) == 7
    assert all(list(one) == FIELDS for one in objects)
    comet = next(one for one in objects if one["title"] == "Ein neuer Komet")
    assert comet["published_at"] == "2026-11-02T21:15:00Z"
    assert (comet["lang"], comet["feed"], comet["tags"]) == ("de", "Sternwarte", ["Kometen"])
    assert objects[1]["summary"] is None


def test_bad_file_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<html><body>No</body></html>")
    missing = tmp_path / "missing.xml"
    result = CliRunner().invoke(command, [str(page), str(missing), str(CASES / "library.rdf"), "--json"])
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 1
    assert f"{page}: not_a_feed:" in result.stderr
    assert f"{missing}: No such file" in result.stderr


def test_relative_links_stand_on_the_given_address(tmp_path: Path) -> None:
    file = tmp_path / "a.rss"
    file.write_bytes(
        b'<rss version="2.0"><channel><item><title>\xcf\xf0\xe8</title><link>/x</link></item></channel></rss>'
    )
    result = CliRunner().invoke(
        command,
        [str(file), "--url", "https://n.example/f", "--content-type", "text/xml; charset=windows-1251", "--json"],
    )
    found = json.loads(result.stdout)
    assert (found["url"], found["title"]) == ("https://n.example/x", "При")


def test_standard_input_is_read() -> None:
    result = CliRunner().invoke(command, ["-"], input=(CASES / "library.rdf").read_bytes())
    assert result.exit_code == 0
    assert "A history of lighthouses" in result.stdout
