from __future__ import annotations

import io
import json
import logging
import re
import time

import pytest
import structlog

from watcher.telemetry.logging import Masker, printable, set_up_logging


@pytest.mark.parametrize(
    "text",
    [
        "https://hooks.example/services/T0/B0/tokentoken",
        "https://user:hunter22@feeds.example/rss",
        "https://feeds.example/rss?token=hunter22&x=1",
        "nested tokentoken in words",
    ],
)
def test_no_secret_is_shown(text: str) -> None:
    shown = Masker(["tokentoken", "https://hooks.example/services/T0/B0/tokentoken"]).mask(text)
    assert "tokentoken" not in shown
    assert "hunter22" not in shown


def test_a_secret_that_holds_another_is_masked_whole() -> None:
    assert Masker(["abcd", "abcdefgh"]).mask("abcdefgh") == "***"


def test_secrets_are_masked_inside_lists_and_mappings() -> None:
    masker = Masker(["tokentoken"])
    assert masker.value({"a": ["x tokentoken", 3, None]}) == {"a": ["x ***", 3, None]}


def test_an_exception_is_logged_without_the_secret_in_its_text() -> None:
    out = io.StringIO()
    set_up_logging(level="info", form="json", masker=Masker(["tokentoken"]), stream=out)
    try:
        raise ValueError("refused tokentoken")
    except ValueError:
        structlog.get_logger().exception("unexpected error")
    line = json.loads(out.getvalue())
    assert "tokentoken" not in out.getvalue()
    assert "ValueError" in line["exception"]


@pytest.mark.parametrize("form", ["json", "console"])
def test_remote_text_cannot_forge_a_line(form: str) -> None:
    out = io.StringIO()
    set_up_logging(level="info", form=form, masker=Masker(), stream=out)
    structlog.get_logger().info("feed polled", title="one\r\n2026 [error] forged \x1b[2J \u202e")
    assert len(out.getvalue().splitlines()) == 1
    assert "\x1b[2J" not in out.getvalue()


def test_the_standard_library_logs_in_the_same_form() -> None:
    out = io.StringIO()
    set_up_logging(level="info", form="json", masker=Masker(["tokentoken"]), stream=out)
    logging.getLogger("some.library").warning("hello %s", "tokentoken")
    assert json.loads(out.getvalue())["event"] == "hello ***"


def test_controls_become_visible() -> None:
    assert printable("a\u202eb\x07") == "a\\u202eb\\u0007"


def test_a_person_reads_the_time_of_their_zone_and_what_it_is_about_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Seoul")
    time.tzset()
    try:
        out = io.StringIO()
        set_up_logging(level="info", form="console", masker=Masker(), stream=out)
        structlog.get_logger().info("alert", rule="ships", headline="Tanker aground", channels=["desk"], first=None)
    finally:
        monkeypatch.undo()
        time.tzset()
    [line] = out.getvalue().splitlines()
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d KST ", line)
    assert line.index("rule=") < line.index("headline=") < line.index("channels=")
    assert "first" not in line
