from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.unit.settings.support import good, settings
from watcher.core.model.policy import CONSOLE, ChannelState
from watcher.core.model.secret import Secret
from watcher.settings.load import WAYS_ON, Loaded, fingerprint, load, read_texts


def write(directory: Path, **files: str) -> None:
    for name, text in files.items():
        path = directory / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_name(f"{path.name}.yaml").write_text(text, encoding="utf-8")


def said(loaded: Loaded) -> list[str]:
    return [str(problem) for problem in loaded.problems]


def test_all_files_below_the_directory_join_in_the_order_of_their_paths(tmp_path: Path) -> None:
    write(tmp_path, b="rules: [{name: second, any: [a]}]", a__z="rules: [{name: first, any: [a]}]")
    (tmp_path / "c.yml").write_text("rules: [{name: third, any: [a]}]", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not: [yaml", encoding="utf-8")
    loaded = load(tmp_path, settings())
    assert loaded.configuration is not None
    assert [rule.id for rule in loaded.configuration.rules] == ["first", "second", "third"]
    assert list(loaded.configuration.files) == ["a/z.yaml", "b.yaml", "c.yml"]


def test_dot_names_and_tests_are_skipped_at_every_level(tmp_path: Path) -> None:
    bad = "nonsense: ["
    write(
        tmp_path,
        a="feeds: []",
        **{".hidden": bad, "..data__b": bad, "deep__.x__c": bad, "tests__d": bad, "deep__tests__e": bad},
    )
    assert load(tmp_path, settings()).configuration is not None


def test_a_kubernetes_mount_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, **{"..2026__a": "rules: [{name: r, any: [a]}]"})
    (tmp_path / "..data").symlink_to("..2026")
    (tmp_path / "a.yaml").symlink_to("..data/a.yaml")
    loaded = load(tmp_path, settings())
    assert loaded.configuration is not None
    assert len(loaded.configuration.rules) == 1


def test_folders_that_link_to_one_another_are_read_once(tmp_path: Path) -> None:
    write(tmp_path, a__one="rules: [{name: one, any: [x]}]", b__two="rules: [{name: two, any: [x]}]")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "b" / "across").symlink_to(tmp_path / "a")
    loaded = load(tmp_path, settings())
    assert loaded.configuration is not None
    assert list(loaded.configuration.files) == ["a/one.yaml", "b/two.yaml"]


def test_a_missing_or_empty_directory_is_one_clear_problem(tmp_path: Path) -> None:
    assert said(load(tmp_path / "nope", settings())) == [
        f"the configuration directory {tmp_path / 'nope'} does not exist; {WAYS_ON}"
    ]
    assert "holds no *.yaml files" in said(load(tmp_path, settings()))[0]
    (tmp_path / "f").write_text("", encoding="utf-8")
    assert "is not a directory" in said(load(tmp_path / "f", settings()))[0]


def test_what_is_named_like_a_file_but_is_none_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "gone.yaml").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe.yaml")
    assert said(load(tmp_path, settings())) == [
        "folder.yaml:1:1: this is not a regular file",
        "gone.yaml:1:1: this leads nowhere",
        "pipe.yaml:1:1: this is not a regular file",
    ]


def test_a_file_in_another_encoding_or_too_big_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes("feeds: []".encode("utf-16"))
    (tmp_path / "b.yaml").write_bytes(b"#" * (1024 * 1024 + 1))
    (tmp_path / "c.yaml").write_bytes(b"feeds: []\n# \xff")
    assert said(load(tmp_path, settings())) == [
        "a.yaml:1:1: the file is UTF-16; save it as UTF-8",
        "b.yaml:1:1: the file is larger than 1 MiB; split it",
        "c.yaml:1:1: line 2 is not UTF-8; save the file as UTF-8",
    ]


def test_a_file_cut_in_the_middle_by_an_editor_is_a_problem_or_a_whole_configuration(tmp_path: Path) -> None:
    text = "rules:\n  - name: DPRK\n    any: [Pyongyang, {title: cup}]\n    severity: high\n"
    for length in range(len(text)):
        write(tmp_path, a=text[:length])
        loaded = load(tmp_path, settings())
        assert (loaded.configuration is None) == any(problem.is_error for problem in loaded.problems)


def test_the_fingerprint_changes_with_content_and_names_only(tmp_path: Path) -> None:
    write(tmp_path, a="feeds: []", b="rules: []")
    first = fingerprint(tmp_path)
    write(tmp_path, a="feeds: []")
    assert fingerprint(tmp_path) == first
    write(tmp_path, a="feeds: [ ]")
    second = fingerprint(tmp_path)
    (tmp_path / "b.yaml").rename(tmp_path / "c.yaml")
    third = fingerprint(tmp_path)
    (tmp_path / "c.yaml").unlink()
    fourth = fingerprint(tmp_path)
    (tmp_path / "a.yaml").unlink()
    (tmp_path / "a.yaml").mkdir()
    assert len({first, second, third, fourth, fingerprint(tmp_path), fingerprint(tmp_path / "nope")}) == 6


def test_a_feed_document_that_is_not_there_is_a_warning(tmp_path: Path) -> None:
    write(tmp_path, a="feeds: [{url: 'file:sample/feed.xml', name: s}]")
    assert said(load(tmp_path, settings())) == ["a.yaml:1:9: feed s: sample/feed.xml is not there"]
    (tmp_path / "sample").mkdir()
    (tmp_path / "sample" / "feed.xml").write_text("<rss/>", encoding="utf-8")
    assert said(load(tmp_path, settings())) == []


def test_the_console_always_exists() -> None:
    assert good("feeds: []\n").channels[CONSOLE].state is ChannelState.READY


def test_the_rest_of_the_sections_reach_the_configuration() -> None:
    found = good(
        "publishers: {state: {sites: [A.example, www.b.example], kind: state}, plain: [c.example]}\n"
        "defaults: {zone: Europe/Paris, send_to: console}\n"
        "keep: {articles: 10d, keys: 20d}\n"
        "meta: {send_to: [console], heartbeat: https://beat.example/x, feed_dead_after: 12h}\n"
        "network: {contact: https://desk.example.org, allow_private: [10.0.0.0/8]}\n"
        "rules: [{name: Ships, id: sea, was: [ships], any: [tanker]}]\n"
        "silences:\n"
        "  - {rule: ships, until: '2026-12-01 00:00', because: anniversary}\n"
        "  - {words: [parade], from: '2026-11-30T00:00:00Z', for: 24h}\n"
    )
    assert [(each.name, each.sites, each.kind) for each in found.publishers] == [
        ("state", ("a.example", "b.example"), "state"),
        ("plain", ("c.example",), ""),
    ]
    assert (found.keep.articles.days, found.keep.keys.days) == (10, 20)
    assert (found.meta.send_to, found.meta.heartbeat) == (("console",), Secret("https://beat.example/x"))
    assert (found.network.contact, found.network.allow_private) == ("https://desk.example.org", ("10.0.0.0/8",))
    first, second = found.silences
    assert (first.rule, str(first.ends_at), first.because) == ("sea", "2026-11-30 23:00:00+00:00", "anniversary")
    assert (str(second.starts_at), str(second.ends_at)) == ("2026-11-30 00:00:00+00:00", "2026-12-01 00:00:00+00:00")
    policy = found.policy(7)
    assert (policy.revision, list(policy.rules), policy.default_targets) == (7, ["sea"], ("console",))
    assert (found.rule_source(7).revision, found.rule_source(7).rules) == (7, found.rules)


def test_the_digest_changes_when_a_file_does() -> None:
    assert good("feeds: []\n").digest == good("feeds: []\n").digest
    assert good("feeds: []\n").digest != good("feeds: [] # more\n").digest


@pytest.mark.parametrize("closed", ["", "rules"])
def test_a_folder_that_cannot_be_looked_into_is_a_mistake_and_not_an_empty_one(tmp_path: Path, closed: str) -> None:
    if os.geteuid() == 0 and closed:
        return  # root looks into every folder, and another user reaches none of pytest's
    folder = tmp_path / "config" / closed
    folder.mkdir(parents=True)
    folder.chmod(0)
    user = os.geteuid()
    try:
        if user == 0:
            os.seteuid(65534)
        texts, problems = read_texts(tmp_path / "config")
    finally:
        os.seteuid(user)
        folder.chmod(0o700)
    assert texts == {}
    [problem] = problems
    assert "cannot be read: Permission denied; " in problem.message


def test_the_fingerprint_of_a_large_table_follows_its_content(tmp_path: Path) -> None:
    table = tmp_path / "vessels.csv"
    table.write_text("a" * 300_000)
    first = fingerprint(tmp_path)
    assert fingerprint(tmp_path) == first
    table.write_text("a" * 299_999 + "b")
    second = fingerprint(tmp_path)
    assert second != first
    (tmp_path / "again.csv").write_text("a" * 300_000)
    (tmp_path / "again.csv").replace(table)
    assert fingerprint(tmp_path) == first
