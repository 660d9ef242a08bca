"""What `watcher poll` says of the configuration that it polls under."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from watcher.cli.main import cli


def test_warnings_of_the_configuration_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "news.xml").write_text("<rss version='2.0'><channel><title>N</title></channel></rss>")
    (tmp_path / "config" / "a.yaml").write_text(
        "rules: [{name: Ships, any: [tanker], send_to: [desk, console]}]\n"
        "channels: {desk: {type: webhook, url: 'https://a.example/', secrets: ['${NOT_SET_HERE}']}}\n"
        "feeds: [{name: news, url: 'file:news.xml'}]\n"
    )
    said = CliRunner().invoke(cli, ["poll"])
    assert said.exit_code == 0
    assert "NOT_SET_HERE" in said.output
    assert "1 feed polled" in said.output
