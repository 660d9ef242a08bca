"""`watcher explain` says where an alert would go: by which route, and what holds it now."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from watcher.cli.explain import command

RULES = """
rules:
  - {name: Shells, all: [shells], severity: low, send_to: [desk]}
  - {name: Bridges, all: [bridge]}
channels:
  desk: {type: slack, webhook_url: "https://hooks.example/x"}
  me: {type: file, path: me.txt}
schedules:
  morning: {at: "06:30", zone: Europe/Paris}
  day: {from: "00:00", until: "24:00", days: mon-sun, zone: UTC, not_on: [2000-01-01]}
"""
ONLY = "routes: [{when: {severity: low}, send_only_to: [me], digest: morning}]\n"
ALSO = "routes: [{when: {severity: low}, send_to: [me, desk]}]\n"
TAGGED = "routes: [{when: {tags: [wire]}, send_only_to: [me]}]\n"


def explained(folder: Path, routes: str, text: str, *more: str) -> str:
    (folder / "config").mkdir()
    (folder / "config" / "w.yaml").write_text(RULES + routes, "utf-8")
    result = CliRunner().invoke(command, ["--config", str(folder / "config"), *more, text])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize(
    ("routes", "text", "lines"),
    [
        ("", "Shells found", ["desk: `send_to` of the rule"]),
        ("", "Old bridge closed", ["console: `send_to` of `defaults`"]),
        (
            ONLY,
            "Shells found",
            ["me: route 1 (low: only me; digest morning holds up to normal); held now by digest `morning`"],
        ),
        (ONLY, "Old bridge closed", ["console: `send_to` of `defaults`"]),
        (
            ALSO,
            "Shells found",
            ["desk: `send_to` of the rule and route 1 (low: also me, desk)", "me: route 1 (low: also me, desk)"],
        ),
        (TAGGED, "Shells found", ["desk: `send_to` of the rule"]),
        ("", "Weather", []),
    ],
)
def test_each_channel_is_named_with_the_route_that_sent_it_there(
    tmp_path: Path, routes: str, text: str, lines: list[str]
) -> None:
    shown = explained(tmp_path, routes, text)
    assert [line.strip() for line in shown.splitlines() if "goes to" in line] == [f"goes to {line}" for line in lines]


def test_the_same_stands_in_json(tmp_path: Path) -> None:
    rows = [json.loads(line) for line in explained(tmp_path, ONLY, "Shells found", "--json").splitlines()]
    assert [row["goes_to"] for row in rows if row["rule"] == "bridges"] == [[]]
    assert rows[0]["goes_to"][0].startswith("me: route 1")
