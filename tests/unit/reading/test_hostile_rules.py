"""YAML that asks for hours of work is refused with a sentence, and nothing that it does outlasts its limits."""

from __future__ import annotations

import mmap
import os
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.unit.settings.support import good, mistake, mistakes, read, settings
from watcher.asking.configured import load_rules
from watcher.cli.check import command
from watcher.cli.explain import command as explain
from watcher.cli.match import command as match
from watcher.reading import configurations, starting
from watcher.reading.configurations import load_tried
from watcher.reading.starting import copying
from watcher.settings.expansion import MOST_TERMS
from watcher.settings.issues import MOST_HINTS
from watcher.settings.kept import Kept


def layers(count: int, references: int, rule: str = "{name: R, any: [$c0]}") -> str:
    """Return concepts of which each names the next one so many times."""
    lines = [f"  c{at}: [{', '.join([f'$c{at + 1}'] * references)}]" for at in range(count - 1)]
    return "\n".join(["concepts:", *lines, f"  c{count - 1}: [shells]", f"rules: [{rule}]"])


def words(count: int) -> str:
    return ", ".join(f"w{at}" for at in range(count))


def test_concepts_of_concepts_are_counted_and_the_innermost_that_is_too_large_is_named() -> None:
    before = time.process_time()
    assert mistake(layers(12, 10)) == (
        "a.yaml:7:3: concept c5 stands for more than 100,000 terms, with those of the concepts in it; "
        "name each concept once; split what is larger into several rules"
    )
    assert time.process_time() - before < 5


@pytest.mark.parametrize(
    "rule",
    [
        "{name: R, near: [$c0, $c1, 5]}",
        "{name: R, query: '$c0 NEAR/5 ($c1 OR $c2)'}",
        "{name: R, any: [shells], none: [$c0]}",
        "{name: R, any: [shells], raise: [{when: {any: [$c0]}, to: high}]}",
        "{name: R, any: [shells]}",
    ],
)
def test_large_concept_is_refused_wherever_it_is_named_and_also_where_it_is_not(rule: str) -> None:
    assert any("c5 stands for more than 100,000 terms" in each for each in mistakes(layers(12, 10, rule)))


def test_rule_that_names_allowed_concepts_too_often_is_refused_at_its_place() -> None:
    text = layers(5, 10, "{name: R, all: [" + ", ".join(["$c0"] * 11) + "]}")
    assert mistake(text).startswith(
        "a.yaml:7:9: rule r stands for more than 100,000 terms, with those of its concepts; "
    )


def test_list_of_more_terms_than_a_rule_may_have_is_refused() -> None:
    assert "rule r stands for more than 100,000 terms" in mistake(
        f"rules: [{{name: R, any: [{words(MOST_TERMS + 1)}]}}]"
    )


def test_what_is_large_and_allowed_is_read() -> None:
    assert len(good(layers(5, 10)).concepts) == 5


def test_long_chain_of_concepts_is_refused() -> None:
    assert "stands on more than 40 concepts, one in the other" in mistake(layers(2000, 1))


def test_circle_of_many_concepts_is_one_mistake_of_one_line() -> None:
    lines = "\n".join(f"  c{at}: [$c{(at + 1) % 500}]" for at in range(500))
    (circle,) = [each for each in mistakes(f"concepts:\n{lines}") if "contains itself" in each]
    assert "$c9 -> … 490 more -> $c0; delete one of these references" in circle


def test_dropping_thousands_of_words_takes_time_that_grows_with_their_number() -> None:
    before = time.process_time()
    good(
        f"concepts: {{c: {{use: places/russia, add: [{words(8000)}], drop: [{words(8000)}]}}}}\nrules: [{{name: R, any: [$c]}}]"
    )
    assert time.process_time() - before < 10


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(f"rules: [{{name: R, any: [{words(60_000)}]}}]", encoding="utf-8")
    return tmp_path


def test_files_that_take_too_long_are_refused_with_a_sentence_and_not_read_here(slow: Path) -> None:
    before = time.process_time()
    loaded = load_tried(slow, settings(), cpu_seconds=0.3)

    assert loaded.configuration is None
    (problem,) = loaded.problems
    assert problem.message == "checking the configuration took more than 0.3 s of processor time and was stopped"
    assert problem.hint.startswith("take out what was added last; ")
    assert time.process_time() - before < 0.3


def _cannot_be_imported(*_: object) -> None:
    os._exit(1)


def test_a_process_whose_own_code_changed_meanwhile_blames_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rules.yaml").write_text(f"rules: [{{name: R, any: [{tmp_path.name}]}}]", encoding="utf-8")
    monkeypatch.setattr("watcher.reading.configurations._trial", _cannot_be_imported)
    (problem,) = load_tried(tmp_path, settings()).problems
    assert problem.message == (
        "checking the configuration could not be begun: this program's files are not those it began with"
    )
    assert problem.hint == "restart watcher; an upgrade takes effect then, too"


def test_files_that_take_too_much_memory_are_refused_with_a_sentence(slow: Path) -> None:
    # As in the daemon, beside other threads: a copy of this process has what its tests freed to live on.
    ended = threading.Event()
    other = threading.Thread(target=ended.wait, daemon=True)
    other.start()
    try:
        loaded = load_tried(slow, settings(), memory_bytes=64 * 1024 * 1024)
    finally:
        ended.set()
        other.join()
    assert loaded.configuration is None
    assert "took more than 64 MiB of memory and was stopped" in str(loaded.problems[0])


def test_files_within_the_limits_are_read(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("rules: [{name: R, any: [shells]}]", encoding="utf-8")
    loaded = load_tried(tmp_path, settings())
    assert loaded.configuration is not None


def test_check_ends_with_a_sentence_for_yaml_that_stands_for_a_million_million_terms(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(layers(12, 10), encoding="utf-8")
    result = CliRunner().invoke(command, ["--config", str(tmp_path)])
    assert result.exit_code == 1
    assert "rules.yaml:7:3  error  concept c5 stands for more than 100,000 terms" in result.stdout


@pytest.mark.parametrize("path", [".", "rules.yaml"], ids=["a directory", "one file"])
def test_match_and_explain_refuse_what_takes_too_long_as_check_does(slow: Path, path: str) -> None:
    before = time.process_time()
    loaded = load_rules(slow / path, settings(), cpu_seconds=0.3)

    assert [str(problem).partition(";")[0] for problem in loaded.problems] == [
        "checking the configuration took more than 0.3 s of processor time and was stopped"
    ]
    assert time.process_time() - before < 0.3


def test_match_and_explain_end_with_a_sentence_for_what_stands_for_too_many_terms(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(layers(12, 10), encoding="utf-8")
    matched = CliRunner().invoke(match, ["--config", str(tmp_path)], input='{"id": "a", "title": "shells"}\n')
    explained = CliRunner().invoke(explain, ["--config", str(tmp_path), "shells"])
    assert (matched.exit_code, explained.exit_code) == (1, 1)
    assert "concept c5 stands for more than 100,000 terms" in matched.stderr
    assert "concept c5 stands for more than 100,000 terms" in str(explained.exception)


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"chanel{at}: x" for at in range(1000)),
        f"rules: [{{name: Shells, any: [shells], send_to: [{', '.join(f'consol{at}' for at in range(1000))}]}}]",
        f"concepts: {{tank: [a]}}\nrules: [{{name: R, any: [{', '.join(f'$tank{at}' for at in range(1000))}]}}]",
        f"concepts: {{c: {{use: places/russia, drop: [{', '.join(f'Russias{at}' for at in range(1000))}]}}}}",
    ],
    ids=["keys", "channels", "concepts", "dropped words"],
)
def test_only_the_first_mistakes_are_compared_with_all_known_words(text: str) -> None:
    found = mistakes(text)
    assert len(found) >= 1000
    assert sum("did you mean" in each for each in found) == MOST_HINTS


@pytest.mark.parametrize(
    "line",
    ["  c{at}: []", "  c{at}: [$d{at}]", "  c{at}: {{usee: x}}", "  c{at}: {{use: places/nowhere{at}}}"],
)
def test_telling_of_many_mistakes_takes_time_that_grows_with_their_number(line: str) -> None:
    few, many = (seconds_for("concepts:\n" + "\n".join(line.format(at=at) for at in range(n))) for n in (2000, 16_000))
    assert many < 0.5 + 3 * 8 * few, (few, many)


def seconds_for(text: str) -> float:
    before = time.process_time()
    read(text)
    return time.process_time() - before


def test_what_a_process_holds_already_is_not_the_memory_of_a_trial(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("rules: [{name: R, any: [shells]}]")
    with mmap.mmap(-1, 3 * 1024 * 1024 * 1024):  # never touched, as what a long life leaves behind
        assert load_tried(tmp_path, settings()).configuration is not None


def test_what_ended_within_its_limits_is_tried_once_and_each_edit_of_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[object] = []

    def counted() -> object:
        begun.append(None)
        return copying()

    monkeypatch.setattr(starting, "copying", counted)
    monkeypatch.setattr(configurations, "kept_work", lambda: Kept((tmp_path / "kept",), made_by=b"code"))
    file = tmp_path / "config" / "a.yaml"
    file.parent.mkdir()
    for words, tried in (("shells", 1), ("shells", 1), ("missiles", 2), ("missiles", 2)):
        rules = ", ".join(f"{{name: R{number}, any: [{words}]}}" for number in range(300))
        file.write_text(f"rules: [{rules}]")
        assert load_tried(file.parent, settings()).configuration is not None
        assert len(begun) == tried
    refused = load_tried(file.parent, settings(), cpu_seconds=0.001)
    assert refused.configuration is None, "what passed with sixty seconds says nothing of a thousandth of one"
    assert len(list((tmp_path / "kept").iterdir())) == 1
