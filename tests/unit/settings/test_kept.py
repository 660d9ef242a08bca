"""Kept files: what was read once is read quickly, and what is damaged or of somebody else is as good as none."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

import watcher
from watcher.core.matching.keys import worked_out
from watcher.core.matching.known_terms import known
from watcher.core.matching.pattern import patterns_of, word_row_of
from watcher.core.model.rule import Term
from watcher.settings.concepts import library_concept, read_library_file
from watcher.settings.kept import MOST_BYTES, Kept, code_digest
from watcher.settings.shipped import packed, unpacked

LIBRARY = Path(watcher.__file__).parent / "settings" / "library"


def kept(folder: Path, made_by: bytes = b"this code") -> Kept:
    """Return files kept in one folder."""
    return Kept((folder,), made_by=made_by)


@pytest.mark.parametrize("name", ["places/iran", "topics/sport", "places/belarus"])
def test_a_concept_that_was_kept_is_the_one_that_its_file_holds(name: str) -> None:
    read = read_library_file(name, (LIBRARY / f"{name}.yaml").read_text(encoding="utf-8"))
    again = unpacked(read.concept.name, packed(read))
    assert again == read
    assert library_concept(name) == read


def test_what_is_known_of_a_shipped_term_is_what_would_be_worked_out() -> None:
    read = read_library_file("places/iran", (LIBRARY / "places/iran.yaml").read_text(encoding="utf-8"))
    unpacked("iran", packed(read))
    plain = {term.text for term in read.concept.terms if isinstance(term, Term) and known(term.text)}
    assert len(plain) > 100
    for text in plain:
        found = known(text)
        assert found is not None
        assert (found.keys, found.word_row) == (worked_out(text), word_row_of(patterns_of(Term(text))))


def test_what_is_kept_is_found_for_the_same_content_and_code_alone(tmp_path: Path) -> None:
    kept(tmp_path).put("a", b"content", b"body")
    assert kept(tmp_path).find("a", b"content") == b"body"
    assert kept(tmp_path).find("a", b"other content") is None
    assert kept(tmp_path).find("b", b"content") is None
    assert kept(tmp_path, b"other code").find("a", b"content") is None


def test_the_code_is_another_one_where_a_file_moved_or_changed_and_not_by_its_time(tmp_path: Path) -> None:
    for room in ("core/a", "core/b", "settings"):
        (tmp_path / room).mkdir(parents=True)
    one, other = tmp_path / "core/a/x.py", tmp_path / "core/b/x.py"

    def digest() -> bytes:
        code_digest.cache_clear()
        return code_digest(tmp_path)

    one.write_text("A = 1")
    seen = [digest()]
    os.utime(one, (1, 1))
    seen.append(digest())
    assert len(set(seen)) == 1
    one.write_text("A = 2")
    os.utime(one, (1, 1))
    seen.append(digest())
    one.rename(other)
    seen.append(digest())
    code_digest.cache_clear()
    assert len(set(seen)) == 3


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def flipped(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    whole[-1] ^= 1
    path.write_bytes(whole)


def huge(path: Path) -> None:
    os.truncate(path, MOST_BYTES + 1)


def writable_by_others(path: Path) -> None:
    path.chmod(0o666)


def linked(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "harm", [cut, emptied, flipped, huge, writable_by_others, linked, a_pipe, a_folder], ids=lambda harm: harm.__name__
)
def test_a_kept_file_that_is_damaged_or_not_ours_is_as_good_as_none(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    kept(tmp_path).put("a", b"content", b"body")
    harm(tmp_path / "a")
    assert kept(tmp_path).find("a", b"content") is None


def test_where_nothing_can_be_written_nothing_is_kept_and_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    kept(tmp_path / "file" / "below").put("a", b"content", b"body")
    assert kept(tmp_path / "file" / "below").find("a", b"content") is None
    second = Kept((tmp_path / "file", tmp_path / "cache"), made_by=b"code")
    second.put("a", b"content", b"body")
    assert second.find("a", b"content") == b"body"


def test_what_two_keep_at_a_time_is_whole(tmp_path: Path) -> None:
    writers = [Thread(target=kept(tmp_path).put, args=("a", b"content", bytes([n]) * 10_000)) for n in range(1, 9)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    found = kept(tmp_path).find("a", b"content")
    assert found is not None
    assert len(found) == 10_000
    assert len(set(found)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


HOSTILE: list[object] = [
    None, [], "text", 1, {}, {"terms": 1},
    {"label": 1}, {"langs": [1]}, {"langs": [["x", None]]}, {"terms": [["a"]]}, {"terms": [[1, 0, "", "", -1, ""]]},
    {"terms": [["a", 0, "", "no field", -1, ""]]}, {"terms": [["a", 0, "", "", 7, ""]]}, {"terms": [["", 0, "", "", -1, ""]]},
    {"terms": [["a", "x", "", "", -1, ""]]}, {"written": []}, {"masked": [1]}, {"looks": 1}, {"looks": [1]},
]  # fmt: skip
WHOLE = {
    "label": "A",
    "is_place": True,
    "langs": [],
    "terms": [],
    "excepts": [],
    "written": {},
    "masked": [],
    "weak": {},
    "blockers": {},
    "looks": {},
}


def test_bytes_that_describe_no_concept_are_refused_and_never_end_otherwise() -> None:
    for change in HOSTILE:
        values = {**WHOLE, **change} if isinstance(change, dict) and change else change
        with pytest.raises(ValueError, match=r"\w"):
            unpacked("a", json.dumps(values).encode())
    for raw in (b"", b"\xff", b"[" * 100_000, b'{"label":'):
        with pytest.raises(ValueError, match=r"\w"):
            unpacked("a", raw)


def test_nonsense_about_a_term_is_worked_out_anew() -> None:
    looks = {
        "ведро один": 1,
        "ведро два": [[1], None],
        "ведро три": [["a"], [["b"], 9, False]],
        "ведро пять": ["ab", [1, 0, 0]],
    }
    unpacked("a", json.dumps({**WHOLE, "looks": looks}).encode())
    assert [known(text) for text in looks] == [None] * len(looks)
