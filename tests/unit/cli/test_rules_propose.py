"""`watcher rules propose`: what votes say of a rule, and the change they ask for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.fakes.reporters import FEEDS, Reporters
from tests.fakes.station import config
from watcher.asking.proposals import Proposed, render_proposed
from watcher.cli.rules import command
from watcher.core.backtest import BothForms
from watcher.core.language.terms import make_term
from watcher.core.lint.precision import Precision
from watcher.core.lint.proposals import Change, Kind, Proposal
from watcher.core.model.alert import AlertDetail
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule import Rule
from watcher.core.model.vote import VoteValue
from watcher.errors import ConfigError
from watcher.storage.open import open_store

RULES = """
  - name: Shells   # the desk's own
    id: shells
    all: [shell*]
    none: [museum]  # since May
    send_to: [desk]
"""
NOISE = [
    "Hockey: Kursk shells Omsk in final",
    "Hockey: striker shells Tula goal",
    "Ice hockey club shells out millions",
]
NEWS = ["Shells hit bridge at Nikopol", "Army runs out of shells"]
NOW = datetime(2026, 11, 27, tzinfo=UTC)


@pytest.fixture
async def desk(tmp_path: Path) -> list[AlertDetail]:
    """The alerts of five reports, of which three were called not useful and one useful."""
    (tmp_path / "config").mkdir()
    text = config(feeds=FEEDS[:3], rules=RULES)
    (tmp_path / "config" / "all.yaml").write_text(text, encoding="utf-8")
    store = open_store(f"sqlite:///{tmp_path}/watcher.db")
    desk = await Reporters.open(tmp_path, store, text)
    made: list[AlertDetail] = []
    for title in (*NOISE, *NEWS):
        await desk.report("wire", title, minutes=30)
        made += await store.recent_alerts(limit=1)
    for number, alert in enumerate(made[:4]):
        value = VoteValue.NOT_USEFUL if number < len(NOISE) else VoteValue.USEFUL
        await store.vote(alert.id, value, "Min", NOW)
    await store.close()
    return made


def run(folder: Path, *arguments: str) -> Result:
    place = ["--config", f"{folder}/config", "--database", f"sqlite:///{folder}/watcher.db", "--data", str(folder)]
    return CliRunner().invoke(command, ["propose", *arguments, *place])


def test_the_change_is_shown_as_a_diff_that_keeps_comments_and_nothing_is_written(
    desk: list[AlertDetail], tmp_path: Path
) -> None:
    before = (tmp_path / "config" / "all.yaml").read_text(encoding="utf-8")
    result = run(tmp_path, "shells", "--days", "3650")
    assert result.exception is None, result.exception
    lines = result.stdout.splitlines()
    assert lines[0] == "Shells (shells): 1 useful, 3 not useful: too few to tell a share"
    assert lines[1] == "proposed  none: [title:hockey]"
    assert "takes away 3 of 3 not useful alerts, and none of 1 useful one" in lines
    assert any("5 matched before, 2 after" in line for line in lines)
    assert "-    none: [museum]  # since May" in lines
    assert "+    none: [museum, title:hockey]  # since May" in lines
    assert lines[-1] == "nothing was changed: edit the file if you agree"
    assert (tmp_path / "config" / "all.yaml").read_text(encoding="utf-8") == before
    found = json.loads(run(tmp_path, "shells", "--days", "3650", "--json").stdout)
    assert found["changes"] == [{"key": "none", "term": "title:hockey"}]
    assert [found[key] for key in ("useful", "not_useful", "share", "before", "after")] == [1, 3, None, 5, 2]
    assert len(found["removed"]) == len(found["lost"]) == 3


def test_a_change_with_which_the_file_would_not_load_is_told_and_not_shown_as_a_diff(
    desk: list[AlertDetail], tmp_path: Path
) -> None:
    file = tmp_path / "config" / "all.yaml"
    text = file.read_text(encoding="utf-8").replace("    all: [shell*]\n    none: [museum]", '    query: "shell*"')
    file.write_text(text, encoding="utf-8")
    lines = run(tmp_path, "shells", "--days", "3650").stdout.splitlines()
    assert lines[1] == "proposed  none: [title:hockey]"
    assert "the rule is written in a way that is not edited by the program" in lines
    assert not any(line.startswith("+") for line in lines)


def test_what_is_lost_is_told_with_what_people_said_of_it_and_counted_as_measured() -> None:
    good, bad, other = (
        Article(ArticleId(name), FeedId("f"), title=name) for name in ("good one", "bad one", "other one")
    )
    rule = Rule(RuleId("r"), "Rule", make_term("one"))
    change = Change(Kind.NONE, "word")
    replayed = BothForms(3, 0, (bad, other, good))
    proposal = Proposal((change,), change.applied(rule), (bad,))
    lines = render_proposed(
        Proposed(rule, Precision(1, 1), 1, proposal, replayed, useful=frozenset({good.id}))
    ).splitlines()
    assert "takes away 1 of 1 not useful alert, and 1 of 1 useful one" in lines
    assert [line.split(maxsplit=1)[1] for line in lines if line.startswith("  lost")] == [
        "useful      good one",
        "no vote     other one",
        "not useful  bad one",
    ]


def test_without_votes_or_without_the_rule_it_says_what_to_do(desk: list[AlertDetail], tmp_path: Path) -> None:
    (tmp_path / "config" / "more.yaml").write_text("rules: [{name: other, all: [a]}]\n", encoding="utf-8")
    lines = run(tmp_path, "other").stdout.splitlines()
    assert lines[0] == "other (other): 0 useful, 0 not useful: too few to tell a share"
    assert lines[1].startswith("no change is proposed: nobody called an alert of it not useful; watcher vote ALERT")
    unknown = run(tmp_path, "shels").exception
    assert isinstance(unknown, ConfigError)
    assert "did you mean `shells`" in str(unknown)
