"""The files of large lists: found by what they were made of, made again when they are gone, harmless when damaged."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from watcher.core.matching.name_table import NameRow, NameTable
from watcher.core.matching.name_table_made import Making
from watcher.core.model.rule import NamesFile
from watcher.errors import ConfigError
from watcher.lexicon import name_files
from watcher.lexicon.name_files import before, find, made_by, make_whole, open_table, put, usual_folders


def table(*names: str) -> bytes:
    making = Making("imo")
    for number, name in enumerate(names, 2):
        making.add(NameRow(f"{name}\x1f\x1f", number, number))
    return making.packed()


def test_a_table_is_found_by_what_it_was_made_of(tmp_path: Path) -> None:
    path = put([tmp_path / "names"], "list", "abc", table("Lady R"))
    found = find([tmp_path / "elsewhere", tmp_path / "names"], "list", "abc")
    assert found is not None
    assert found[0] == path
    assert found[1].first == (("Lady R", "Lady R, row 2"),)
    assert find([tmp_path / "names"], "list", "abd") is None
    assert find([tmp_path / "names"], "other", "abc") is None


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "gone", "open to others", "a link"])
def test_one_that_is_damaged_is_as_good_as_none_and_made_again(tmp_path: Path, damage: str) -> None:
    whole = table("Lady R", "Angara")
    path = put([tmp_path], "list", "abc", whole)
    file = NamesFile(str(path), "abc", 2)
    made_by(path, lambda: whole)
    assert not make_whole(file)
    match damage:
        case "cut":
            path.write_bytes(whole[:-3])
        case "changed":
            path.write_bytes(whole[:90] + b"?" + whole[91:])
        case "empty":
            path.write_bytes(b"")
        case "gone":
            path.unlink()
        case "open to others":
            path.chmod(0o666)
        case _:
            path.rename(tmp_path / "there")
            path.symlink_to(tmp_path / "there")
    assert find([tmp_path], "list", "abc") is None
    with pytest.raises(ConfigError, match="the names of a list cannot be read from"):
        open_table(file)
    assert make_whole(file)
    assert open_table(file).parts.told("Angara", "imo") == "Angara, row 3"
    assert not make_whole(file)


def test_one_in_a_folder_that_went_is_made_again(tmp_path: Path) -> None:
    path = put([tmp_path / "names"], "list", "abc", table("Lady R"))
    made_by(path, lambda: table("Lady R"))
    path.unlink()
    path.parent.rmdir()
    assert make_whole(NamesFile(str(path), "abc", 1))
    assert path.stat().st_mode & 0o077 == 0


def test_whoever_has_a_table_mapped_keeps_it_when_it_is_replaced_or_goes(tmp_path: Path) -> None:
    path = put([tmp_path], "list", "abc", table("Lady R"))
    mapped = open_table(NamesFile(str(path), "abc", 1))
    put([tmp_path], "list", "abc", table("Angara"))
    path.unlink()
    assert mapped.parts.told("Lady R", "imo") == "Lady R, row 2"


def test_those_that_were_not_used_for_longest_go(tmp_path: Path) -> None:
    for number in range(6):
        path = put([tmp_path], "list", f"d{number}", table("Lady R"))
        os.utime(path, (number, number))
    put([tmp_path], "list", "last", table("Lady R"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["list-d4.names", "list-d5.names", "list-last.names"]
    assert isinstance(before([tmp_path], "list"), NameTable)
    assert before([tmp_path], "other") is None


def test_where_no_folder_takes_it_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        put([tmp_path / "file" / "names"], "list", "abc", table("Lady R"))
    assert put([tmp_path / "file" / "names", tmp_path], "list", "abc", table("Lady R")).parent == tmp_path


def test_files_lie_beside_the_data_where_there_is_any(tmp_path: Path) -> None:
    assert usual_folders(tmp_path)[0] == tmp_path / "names"
    assert tmp_path / "none" / "names" not in usual_folders(tmp_path / "none")


def test_no_more_makers_are_remembered_than_lists_there_may_be(tmp_path: Path) -> None:
    for number in range(200):
        made_by(tmp_path / str(number), lambda: b"")
    assert not make_whole(NamesFile(str(tmp_path / "0"), "abc", 1))
    assert len(name_files._made_by) <= 16
