"""`watcher plan`, `rules list`, `show`, `history`, `rollback`, and `missed`: edits seen before, after and undone."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.unit.settings.support import good
from watcher.asking.missed import beside_text
from watcher.cli import missed, plan, rules
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.record import RevisionRecord
from watcher.errors import ConfigError
from watcher.settings.env import read_settings
from watcher.settings.load import load
from watcher.storage.open import open_store

FIRST = """# what we watch
defaults: {zone: UTC}
rules:
  - name: Shells  # the first one
    all: [shells, [Russia, Moscow]]
    tests: [{text: Shells for Moscow, expect: match}]
  - {name: Drones, any: [drones], severity: low}
feeds:
  - {url: "https://a.example/feed", name: wire}
channels: {desk: {type: webhook, url: "https://desk.example/in", secrets: ["${HOOK}"]}}
"""
SECOND = FIRST.replace("[drones]", "[drones, uavs]").replace("severity: low", "severity: high")
AT = datetime(2026, 11, 27, 14, 20, tzinfo=UTC)


class Desk:
    """A configuration directory and the database of a daemon that took its files."""

    def __init__(self, folder: Path) -> None:
        self.config, self.data = folder / "config", folder / "data"
        self.config.mkdir()
        self.data.mkdir()
        self.revision = 0

    def write(self, text: str, name: str = "rules.yaml") -> None:
        (self.config / name).write_text(text, encoding="utf-8")

    def read(self, name: str = "rules.yaml") -> str:
        return (self.config / name).read_text(encoding="utf-8")

    def take(self, held: dict[RuleId, int] | None = None) -> None:
        """Do what a daemon does that takes the files."""
        settings = read_settings(config=self.config, data=self.data)
        found = load(self.config, settings).configuration
        assert found is not None
        self.revision += 1
        record = RevisionRecord(self.revision, found.digest, found.files, AT, {}, held or {})

        async def run() -> None:
            store = open_store(settings.database)
            await store.activate(record, found.feeds, AT)
            await store.close()

        asyncio.run(run())

    def run(self, command: object, *arguments: str) -> Result:
        where = ["--config", str(self.config), "--data", str(self.data)]
        return CliRunner().invoke(command, [*arguments, *where], env={"COLUMNS": "120"})  # type: ignore[arg-type]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.write(FIRST)
    made.take()
    return made


def test_a_plan_says_what_would_change_by_key(desk: Desk) -> None:
    desk.write(SECOND.replace("name: wire}", "name: wire}\n  - https://b.example/feed"))
    result = desk.run(plan.command)
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "revision 1 is in force, the files would be 2",
        "  ~ rule     drones   condition, severity: low -> high",
        "  + feed     b.example/feed",
        "  1 rule the same",
    ]


def test_a_plan_of_the_same_files_says_so(desk: Desk) -> None:
    assert desk.run(plan.command).output == "revision 1 is in force, and the files are the same\n  2 rules the same\n"


def test_a_plan_says_what_an_example_would_hold_back_and_exits_1(desk: Desk) -> None:
    desk.write(FIRST.replace("[Russia, Moscow]", "[Russia]"))
    result = desk.run(plan.command)
    assert result.exit_code == 1
    assert "held back by an example: shells stays as in revision 1\n" in result.output
    assert 'rules.yaml:6:13: rule shells: "Shells for Moscow" should match and does not' in result.output
    found = json.loads(desk.run(plan.command, "--json").output)
    assert (found["revision"], found["next"], found["held"], found["rules"]) == (1, 2, {"shells": 1}, [])


def test_a_plan_before_a_first_start_takes_everything_for_new(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.write(FIRST)
    lines = desk.run(plan.command).output.splitlines()
    assert lines[0] == "nothing is in force yet: these files would be revision 1"
    assert lines[1:4] == ["  + rule     drones", "  + rule     shells", "  + feed     wire"]


def test_the_rules_are_listed_with_how_each_is(desk: Desk) -> None:
    desk.take({RuleId("shells"): 1})
    desk.write(FIRST.replace("severity: low", "paused: true"))
    result = desk.run(rules.command, "list")
    assert result.output.splitlines() == [
        "shells  held back, as in revision 1  normal    -> defaults  1 example",
        "drones  paused                       normal    -> defaults  0 examples",
    ]
    states = [json.loads(line)["state"] for line in desk.run(rules.command, "list", "--json").output.splitlines()]
    assert states == ["held back, as in revision 1", "paused"]


def test_a_rule_is_shown_as_it_is_written_now_and_then(desk: Desk) -> None:
    desk.write(SECOND)
    desk.take()
    shown = desk.run(rules.command, "show", "drones").output
    assert shown == "# rules.yaml:7:5\n  - {name: Drones, any: [drones, uavs], severity: high}\n"
    before = desk.run(rules.command, "show", "Drones", "--revision", "1").output
    assert before == "# rules.yaml:7:5 of revision 1\n  - {name: Drones, any: [drones], severity: low}\n"
    assert "name: Shells  # the first one\n" in desk.run(rules.command, "show", "shells").output
    whole = desk.run(rules.command, "show", "--revision", "1", "--file", "rules.yaml").output
    assert whole == f"# rules.yaml:1:1 of revision 1\n{FIRST}"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "shels"), "no rule is called shels; did you mean `shells`?"),
        (("show", "drones", "--revision", "9"), "there is no revision 9; `watcher rules history` lists what there is"),
        (("show", "--revision", "1", "--file", "a.yaml"), "revision 1 has no file a.yaml; it has rules.yaml"),
        (("rollback", "9"), "there is no revision 9; `watcher rules history` lists what there is"),
    ],
)
def test_what_is_not_there_is_said(desk: Desk, arguments: tuple[str, ...], said: str) -> None:
    result = desk.run(rules.command, *arguments)
    assert isinstance(result.exception, ConfigError)
    assert str(result.exception) == said


def test_the_history_says_which_lines_of_which_files_changed(desk: Desk) -> None:
    desk.write(SECOND)
    desk.take()
    assert desk.run(rules.command, "history").output.splitlines() == [
        "    2  2026-11-27 14:20 UTC  rules.yaml +1 -1",
        "    1  2026-11-27 14:20 UTC  1 file",
    ]
    lines = desk.run(rules.command, "history", "2").output.splitlines()
    assert "-  - {name: Drones, any: [drones], severity: low}" in lines
    assert "+  - {name: Drones, any: [drones, uavs], severity: high}" in lines


def test_a_rollback_writes_the_files_of_then_and_says_the_way_back(desk: Desk) -> None:
    desk.write(SECOND)
    desk.write("rules: [{name: More, any: [more]}]\n", "more.yaml")
    desk.take()
    result = desk.run(rules.command, "rollback", "1")
    assert result.exit_code == 0, result.exception
    assert desk.read() == FIRST
    assert sorted(path.name for path in desk.config.iterdir()) == [
        ".more.yaml.replaced-1",
        ".rules.yaml.replaced-1",
        "rules.yaml",
    ]
    undo = [line.removeprefix("undo    mv ").split() for line in result.output.splitlines() if "undo" in line]
    for kept, real in undo:
        Path(kept).rename(real)
    assert (desk.read(), desk.read("more.yaml")) == (SECOND, "rules: [{name: More, any: [more]}]\n")


def test_a_rollback_mends_files_that_cannot_be_read(desk: Desk) -> None:
    (desk.config / "rules.yaml").write_bytes(b"rules: [\xff")
    (desk.config / "more.yaml").write_text("- nonsense", encoding="utf-8")
    result = desk.run(rules.command, "rollback")
    assert "back    to the files of revision 1, of 2026-11-27 14:20 UTC" in result.output
    assert desk.read() == FIRST
    assert not (desk.config / "more.yaml").exists()
    assert (desk.config / ".rules.yaml.replaced-1").read_bytes() == b"rules: [\xff"


def test_a_rollback_without_a_number_goes_back_one_where_the_files_are_in_force(desk: Desk) -> None:
    desk.write(SECOND)
    desk.take()
    assert "to the files of revision 1" in desk.run(rules.command, "rollback").output
    assert "the files are those of revision 1 already" in desk.run(rules.command, "rollback", "1").output


def test_one_rule_goes_back_and_all_else_stays(desk: Desk) -> None:
    later = SECOND.replace("[shells, [Russia, Moscow]]", "[shells, Moscow]").replace("first one", "now in one city")
    desk.write(later)
    desk.take()
    assert "back    rule drones as in revision 1" in desk.run(rules.command, "rollback", "--rule", "Drones").output
    assert desk.read() == later.replace("[drones, uavs]", "[drones]").replace("severity: high", "severity: low")
    result = desk.run(rules.command, "rollback", "1", "--rule", "shells")
    assert result.exit_code == 0, result.exception
    assert desk.read() == FIRST
    assert "is as it was" in desk.run(rules.command, "rollback", "1", "--rule", "shells").output


def test_a_rule_goes_back_with_the_line_ends_of_its_file(desk: Desk) -> None:
    later = SECOND.replace("[shells, [Russia, Moscow]]", "[shells, Moscow]")
    (desk.config / "rules.yaml").write_bytes(later.replace("\n", "\r\n").encode())
    desk.take()
    assert desk.run(rules.command, "rollback", "1", "--rule", "shells").exit_code == 0
    written = (desk.config / "rules.yaml").read_bytes()
    assert b"shells, [Russia, Moscow]" in written
    assert written.count(b"\n") == written.count(b"\r\n")


def test_a_rule_that_is_gone_comes_back_beside_the_others(desk: Desk) -> None:
    kept = FIRST.replace("  - {name: Drones, any: [drones], severity: low}\n", "")
    desk.write(kept)
    assert desk.run(rules.command, "rollback", "1", "--rule", "drones").exit_code == 0
    assert desk.read() == FIRST
    desk.write(FIRST.replace("  - name: Shells  # the first one\n    all:", "  - name: Other\n    all:"), "rules.yaml")
    result = desk.run(rules.command, "rollback", "1", "--rule", "shells")
    assert result.exit_code == 0, result.exception
    assert desk.read().count("- name: Shells  # the first one\n    all: [shells, [Russia, Moscow]]") == 1
    assert "- name: Other" in desk.read()


@pytest.mark.parametrize(
    ("now", "wanted", "said"),
    [
        (FIRST, "shell", "no rule is called shell in revision 1; did you mean"),
        ("rules: [", "shells", "the configuration has mistakes"),
        ("rules: [{name: Shells, any: [x]}]\n", "shells", "one of the two stands in brackets in rules.yaml"),
        ("rules: [{name: Other, any: [x]}]\n", "shells", "stand in brackets"),
        ("defaults: {zone: UTC}\n", "shells", "holds no rule beside which"),
    ],
)
def test_a_rule_that_cannot_be_put_back_alone_changes_nothing(desk: Desk, now: str, wanted: str, said: str) -> None:
    desk.write(now)
    result = desk.run(rules.command, "rollback", "1", "--rule", wanted)
    assert said in str(result.exception)
    assert desk.read() == now


SECRET = '{type: webhook, url: "https://desk.example/in", secrets: ["whsec_c2VjcmV0LXRoYXQtc3RhbmRzLWhlcmU="]}'


def test_a_secret_that_stands_in_a_file_stays_where_nothing_else_changed_there(desk: Desk) -> None:
    written = f"channels: {{hook: {SECRET}}}\n"
    desk.write(written, "channels.yaml")
    desk.take()
    desk.write(SECOND)
    assert desk.run(rules.command, "rollback", "2").exit_code == 0
    assert (desk.read(), desk.read("channels.yaml")) == (FIRST, written)
    desk.write(written + "# more\n", "channels.yaml")
    desk.write(SECOND)
    result = desk.run(rules.command, "rollback", "2")
    assert "channels.yaml of revision 2 held a secret, which is not stored" in str(result.exception)
    assert desk.read() == SECOND, "nothing was written"
    assert "whsec_" not in str(result.exception)


def test_a_secret_never_stands_for_another_key_or_line(desk: Desk) -> None:
    written = f"channels: {{hook: {SECRET}}}\n"
    desk.write(written, "channels.yaml")
    desk.take()
    more = written.replace("]}}", '], unsigned: true, was: ["old"]}}')
    desk.write(more, "channels.yaml")
    assert "held a secret" in str(desk.run(rules.command, "rollback", "2").exception)
    assert desk.read("channels.yaml") == more


def test_a_list_of_feeds_keeps_its_passwords_where_nothing_else_changed_there(desk: Desk) -> None:
    listed = '<opml version="2.0"><body><outline xmlUrl="https://ann:pw@c.example/feed"/></body></opml>'
    first = FIRST.replace("feeds:\n", "feeds:\n  - {opml: list.opml}\n")
    desk.write(listed, "list.opml")
    desk.write(first)
    desk.take()
    desk.write(SECOND)
    assert desk.run(rules.command, "rollback", "2").exit_code == 0
    assert (desk.read(), desk.read("list.opml")) == (first, listed)


def test_edits_that_no_revision_holds_outlive_a_second_rollback(desk: Desk) -> None:
    desk.write(SECOND)
    desk.take()
    edits = SECOND + "# mine\n"
    desk.write(edits)
    for _ in range(2):
        assert desk.run(rules.command, "rollback").exit_code == 0
    assert edits in [path.read_text(encoding="utf-8") for path in desk.config.iterdir()]


def test_what_a_rule_missed_becomes_an_example_beside_it(desk: Desk) -> None:
    result = desk.run(missed.command, "Howitzers", "reach", "Moscow")
    assert result.exit_code == 0, result.exception
    assert desk.read() == FIRST.replace(
        "expect: match}]", 'expect: match}, {text: "Howitzers reach Moscow", expect: match}]'
    )
    lines = result.output.splitlines()
    assert lines[0] == "noted   rule shells should find this, and does not: shells is missing"
    assert lines[3].startswith("undo    mv ")


def test_an_example_of_an_article_says_what_its_rule_looks_at_beside_the_text() -> None:
    text = FIRST.replace("all: [shells, [Russia, Moscow]]", 'all: [shells, "tag:war"]\n    where: {feeds: [wire]}')
    rule = good(text).rules[0]
    article = Article(ArticleId("a"), FeedId("f"), url="https://a.example/x", tags=("war",), feed_name="wire")
    assert beside_text(rule, {}, article) == {"feed": "wire", "tags": ("war",)}
    assert beside_text(good(FIRST).rules[0], {}, article) == {}


def test_a_first_example_is_begun_where_there_is_none(desk: Desk) -> None:
    assert desk.run(missed.command, 'A "quadcopter" seen: #3', "--rule", "drones", "--lang", "en").exit_code == 0
    assert 'severity: low, tests: [{text: "A \\"quadcopter\\" seen: #3", expect: match, lang: en}]}' in desk.read(), (
        desk.read()
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("Pearls found",), "say which rule should have found it: --rule shells, --rule drones"),
        (("Drones found",), "drones finds this text already; name the rule that should: --rule RULE"),
        (("Drones found", "--rule", "drones"), "rule drones finds this text: what became of an article"),
        (("Pearls found", "--rule", "drone"), "no rule is called drone; did you mean `drones`?"),
        (("https://x.example/a",), "no stored article has the link https://x.example/a"),
    ],
)
def test_what_cannot_be_noted_is_said_and_nothing_is_written(desk: Desk, arguments: tuple[str, ...], said: str) -> None:
    result = desk.run(missed.command, *arguments)
    assert said in str(result.exception)
    assert desk.read() == FIRST
