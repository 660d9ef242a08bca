"""The command itself: how errors made for people are printed."""

from __future__ import annotations

import pytest

from watcher import __main__
from watcher.cli.main import cli
from watcher.errors import ConfigError


def test_an_error_is_printed_with_its_lines_and_without_raw_signs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(**_: object) -> None:
        raise ConfigError("no feed: https://a.example/\u202e\u009b2J\x1b[31m\rdone\nnothing was written")

    monkeypatch.setattr(cli, "main", fails)
    with pytest.raises(SystemExit):
        __main__.main()
    said = capsys.readouterr().err
    assert said == "watcher: no feed: https://a.example/\\u202e\\u009b2J\\u001b[31m\\u000ddone\nnothing was written\n"
