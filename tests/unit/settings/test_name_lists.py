"""`lists`: names in a CSV file as a concept; every mistake with its file and line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.settings.support import settings
from watcher.core.matching.explain import explain
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId
from watcher.core.model.rule import RuleSource, Term
from watcher.lexicon import name_files
from watcher.lexicon.extras import compile_with_extras
from watcher.reading.codec import Codec
from watcher.settings import name_lists
from watcher.settings.load import Loaded, fingerprint, load, revision_digest, why_unread

RULES = """
lists:
  vessels: {csv: lists/vessels.csv, name: name, also: aliases, id: imo}
concepts:
  fleet: [$vessels, shadow fleet]
rules:
  - {id: ships, name: Ships, all: [$vessels, [port, sails]]}
  - {id: fleet, name: Fleet, all: [$fleet]}
"""
TABLE = "name,aliases,imo\nLady R,Lady Rose;Леди Р,9161003\nAngara,Ангара|Angara I,9179842\nNo Number,,\n"
NOW = datetime(2026, 11, 27, tzinfo=UTC)


@pytest.fixture(params=["terms", "a file"])
def config(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of rules; the names of its list are terms, or stand in a file as those of a large one do."""
    if request.param == "a file":
        monkeypatch.setattr(name_lists, "LARGE_CHARS", 0)
    (tmp_path / "config" / "lists").mkdir(parents=True)
    (tmp_path / "data").mkdir()
    (tmp_path / "config" / "rules.yaml").write_text(RULES, encoding="utf-8")
    return tmp_path / "config"


def read(config: Path, table: str | bytes = TABLE) -> Loaded:
    raw = table.encode() if isinstance(table, str) else table
    (config / "lists" / "vessels.csv").write_bytes(raw)
    return load(config, settings(data=config.parent / "data"))


def said(config: Path, table: str | bytes) -> list[str]:
    return [str(problem) for problem in read(config, table).problems if "console" not in problem.message]


def source(config: Path, table: str = TABLE) -> RuleSource:
    loaded = read(config, table)
    assert loaded.configuration is not None, loaded.problems
    return loaded.configuration.rule_source(1)


def why(config: Path, title: str, table: str = TABLE) -> dict[str, str]:
    found, failed = compile_with_extras(source(config, table)).match(Article(ArticleId("a"), FeedId("f"), title=title))
    assert failed == ()
    return {match.rule: match.groups[0].asks for match in found}


def test_an_alert_says_what_a_name_stands_for_and_in_which_row(config: Path) -> None:
    assert why(config, "Lady R sails") == {
        "ships": "Lady R (IMO 9161003), row 2",
        "fleet": "Lady R (IMO 9161003), row 2",
    }


def test_an_alias_is_told_by_the_name(config: Path) -> None:
    assert why(config, "Леди Р и Ангара: port")["ships"] == "Lady R (IMO 9161003), row 2; Angara (IMO 9179842), row 3"


def test_without_an_id_the_row_is_enough(config: Path) -> None:
    assert why(config, "No Number sails")["ships"] == "No Number, row 4"


def test_an_explanation_says_the_same(config: Path) -> None:
    [ships, _] = explain(
        compile_with_extras(source(config)), Article(ArticleId("a"), FeedId("f"), title="Lady Rose sails")
    )
    assert ships.groups[0].asks == "Lady R (IMO 9161003), row 2"
    assert ships.groups[0].covered == ()


def test_a_list_survives_the_way_to_the_readers(config: Path) -> None:
    codec: Codec[RuleSource] = Codec(RuleSource)
    assert codec.unpack(codec.pack(source(config))) == source(config)


def test_an_edited_row_is_a_new_configuration_and_new_words(config: Path) -> None:
    before = source(config)
    compiled, seen = compile_with_extras(before), (fingerprint(config), revision_digest(config))
    after = source(config, TABLE.replace("9161003", "9999999"))
    assert (fingerprint(config), revision_digest(config)) != seen
    assert seen[0] != fingerprint(config)
    matches, _ = compile_with_extras(after, compiled).match(Article(ArticleId("a"), FeedId("f"), title="Lady R sails"))
    assert matches[0].groups[0].asks == "Lady R (IMO 9999999), row 2"


def test_quoted_cells_other_delimiters_and_byte_order_marks_are_read(config: Path) -> None:
    table = '\ufeffname;aliases;imo\r\n"Rose; of\r\nSharon";;1\r\n\r\nLady R;Lady Rose|Rosa R;2\r\n'
    loaded = read(config, table)
    assert loaded.configuration is not None, loaded.problems
    assert "Lady Rose" in loaded.configuration.concepts["vessels"].rows
    assert why(config, "Rosa R sails", table)["ships"] == "Lady R (IMO 2), row 4"
    assert loaded.configuration.concepts["vessels"].rows["Lady R"] == "Lady R (IMO 2), row 4"


def test_short_and_ordinary_names_are_exact_and_warned_of(config: Path) -> None:
    table = "name,aliases,imo\nLady R,,1\nHope,ABC,2\nNadežda,,3\n"
    [warning] = said(config, table)
    assert warning.startswith("lists/vessels.csv:3:1: `Hope` (and 1 more names) is short or an ordinary word")
    terms = [term for term in source(config, table).concepts["vessels"].terms if isinstance(term, Term)]
    assert {term.text for term in terms if term.case and term.exact} == {"Hope", "ABC"}
    assert why(config, "All hope sails", table) == {}
    assert "ships" in why(config, "Hope sails", table)


def test_a_name_in_two_rows_is_warned_of_and_both_are_told(config: Path) -> None:
    table = "name,aliases,imo\nLady Rose,,1\nOther Name,Lady Rose,2\n"
    [warning] = said(config, table)
    assert "lists/vessels.csv:3:1: `Lady Rose` stands in several rows" in warning
    assert why(config, "Lady Rose sails", table)["ships"] == "Lady Rose (IMO 1), row 2; Other Name (IMO 2), row 3"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (',x,"1"', "a row without a `name`"),
        ('"=HYPERLINK(""http://x"")",,1', "is a formula of a spreadsheet"),
        ("@SUM(A1),,1", "is a formula of a spreadsheet"),
        ("+1+1,,1", "is a formula of a spreadsheet"),
        ("Lady R,-2+3,1", "is a formula of a spreadsheet"),
        ("Lady R,,=1+1", "is a formula of a spreadsheet"),
        (f"{'x' * 300},,1", "a cell of 300 characters"),
        ("Lаdy R,,1", "`Lаdy` mixes letters of two scripts"),
        ("Lady\u202eR,,1", "an invisible sign"),
        ("Lady *,,1", "holds a *"),
        ("...,,1", "holds no letter"),
        ("Lady R,Rose;-2+3,1", "is a formula of a spreadsheet"),
        ("Lady R,Rose;...,1", "holds no letter"),
        ("Lady R,*,1", "holds a *"),
        (f"{'x' * 10_000_000},,1", "a cell of more than 131,072 characters, which is no name"),
        ("Lady R,,1,too,many", "5 cells in a table of 3 columns"),
        ('"Lady R,,1', "cannot be read from here on"),
    ],
)
def test_what_is_no_name_is_refused_with_its_line(config: Path, row: str, told: str) -> None:
    [mistake] = said(config, f"name,aliases,imo\nGood Name,,1\n{row}\n")
    assert mistake.startswith("lists/vessels.csv:3:1: ")
    assert told in mistake
    assert len(mistake) < 300


def test_a_file_of_mistakes_is_not_listed_to_its_end(config: Path) -> None:
    assert len(said(config, "name,aliases,imo\n" + "=x,,1\n" * 1000)) == 20


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("title,aliases,imo\nLady R,,1\n", "has no column `name`"),
        ("", "has no column `name`"),
        (b"name,aliases,imo\nL\xe4dy,,1\n", "line 2 is not UTF-8"),
    ],
)
def test_a_table_without_its_columns_is_named_where_it_is_used(config: Path, table: str | bytes, told: str) -> None:
    found = said(config, table)
    assert found[0].startswith("rules.yaml:3:18: ")
    assert told in found[0]


def test_a_table_that_is_too_large_is_refused(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "larger than 32 MiB" in said(config, b"x" * (name_lists.MAX_TABLE_BYTES + 1))[0]
    monkeypatch.setattr(name_lists, "MOST_NAMES", 2)
    assert "more than 2 names" in said(config, TABLE)[0]


def test_an_empty_table_is_warned_of(config: Path) -> None:
    found = said(config, "name,aliases,imo\n")
    assert any("holds no names, so `$vessels` is found nowhere" in one for one in found)


@pytest.mark.parametrize(
    ("yaml", "told"),
    [
        ("lists: {a: {csv: lists/vesels.csv, name: name}}\n", "did you mean `lists/vessels.csv`?"),
        ("lists: {a: {csv: lists/vessels.txt, name: name}}\n", "its name must end in .csv"),
        ("lists: {a: {csv: lists/vessels.csv}}\n", "`name`"),
        ("lists: {a: {csv: lists/vessels.csv, name: nam}}\n", "did you mean `name`?"),
        ("lists: {a: {csv: lists/vessels.csv, nane: name}}\n", "did you mean `name`?"),
        ("lists: {a b: {csv: lists/vessels.csv, name: name}}\n", "blank"),
        ("lists: {fleet: {csv: lists/vessels.csv, name: name}}\n", "is also one of your concepts"),
        ("lists: [vessels]\n", "`lists` is a mapping"),
    ],
)
def test_a_list_that_names_nothing_is_a_mistake(config: Path, yaml: str, told: str) -> None:
    (config / "more.yaml").write_text(yaml, encoding="utf-8")
    assert any(told in one for one in said(config, TABLE))


def test_a_table_that_no_list_names_may_be_anything(config: Path) -> None:
    (config / "export.csv").write_bytes(b"\xff\xfe=1+1")
    assert said(config, TABLE) == []
    assert revision_digest(config) is not None


def test_no_feed_is_written_into_a_table() -> None:
    assert "only files called" in why_unread("lists/vessels.csv")


def test_a_large_list_is_made_once_and_after_an_edit_from_what_was_made_before(config: Path) -> None:
    rows = "".join(f"Vessel {number},Ship {number};Судно {number},{number}\n" for number in range(100, 300))
    table = f"name,aliases,imo\n{rows}"
    before = read(config, table)
    assert read(config, table).configuration == before.configuration
    edited = table.replace("Ship 150;", "Barge 150;") + "Last One,,1\n"
    assert why(config, "Barge 150 sails", edited) == why(config, "Vessel 150 sails", edited)
    assert why(config, "Судно 200: port", edited)["ships"] == "Vessel 200 (IMO 200), row 102"
    assert why(config, "Last One sails", edited)["ships"] == "Last One (IMO 1), row 202"
    assert why(config, "Ship 150 sails", edited) == {}
    inserted = edited.replace("imo\n", "imo\nFirst One,,2\n")
    assert why(config, "Vessel 200 sails", inserted)["ships"] == "Vessel 200 (IMO 200), row 103"
    assert why(config, "Vessel 200 sails", table)["ships"] == "Vessel 200 (IMO 200), row 102"


def test_more_large_lists_than_are_kept_are_refused(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(name_lists, "LARGE_CHARS", 0)
    monkeypatch.setattr(name_files, "MOST_LISTS", 2)
    lines = [f"  l{number}: {{csv: lists/l{number}.csv, name: name}}" for number in range(3)]
    for number in range(3):
        (config / "lists" / f"l{number}.csv").write_text(f"name\nShip {number}\n", encoding="utf-8")
    (config / "rules.yaml").write_text("lists:\n" + "\n".join(lines) + "\nrules: [{name: r, any: [$l0]}]\n")
    [problem] = [one for one in load(config, settings(data=config.parent / "data")).problems if one.is_error]
    assert problem.message == "more than 2 lists are larger than 256 KiB"
    assert problem.place.line == 4


def test_a_mistake_in_an_edited_row_names_its_line(config: Path) -> None:
    rows = "".join(f"Vessel {number},,{number}\n" for number in range(100, 300))
    read(config, f"name,aliases,imo\n{rows}")
    [mistake] = said(config, f"name,aliases,imo\n{rows}=1+1,,1\n")
    assert mistake.startswith("lists/vessels.csv:202:1: `=1+1` is a formula")
