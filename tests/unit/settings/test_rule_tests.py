"""Examples beside rules: how they are read, which are not met, and what is held back for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.settings.support import good, mistakes, settings, warnings
from watcher.core.model.ids import RuleId
from watcher.core.model.rule import Severity
from watcher.reading.rule_tests import example_problems, failed_tests
from watcher.settings.configuration import Configuration
from watcher.settings.load import fingerprint, load

RULE = "rules:\n  - name: Shells\n    all: [shell*, [Russia, Moscow]]\n    none: [museum]\n"


def with_tests(*examples: str, more: str = "") -> str:
    rows = "".join(f"      - {{{one}}}\n" for one in examples)
    return f"{RULE}{more}    tests:\n{rows}"


def failing(configuration: Configuration) -> list[str]:
    return [problem.message for problem in example_problems(failed_tests(configuration), configuration)]


def test_an_example_is_a_text_and_whether_the_rule_must_fire() -> None:
    [one, other] = good(
        with_tests(
            "text: Shells for Moscow, expect: match, severity: normal",
            "title: Shells, content: 'In a museum', lang: en, tags: [wire], feed: a, expect: no_match",
        )
    ).tests
    assert (one.rule, one.fires, one.article.title, one.severity) == (
        "shells",
        True,
        "Shells for Moscow",
        Severity.NORMAL,
    )
    assert (other.fires, other.article.content, other.article.tags) == (False, "In a museum", ("wire",))
    assert other.article.lang == "en"


def test_the_first_line_of_a_text_is_its_title() -> None:
    [one] = good(
        RULE + "    tests:\n      - text: |\n          Shells\n          for Moscow\n        expect: match\n"
    ).tests
    assert (one.article.title, one.article.content) == ("Shells", "for Moscow")


def test_what_is_not_met_is_said_with_its_reason() -> None:
    found = good(
        with_tests(
            "text: Shells for Moscow, expect: match",
            "text: Shells for Kyiv, expect: match",
            "text: Moscow shells, expect: no_match",
            "text: Moscow shells, expect: match, severity: high",
        )
    )
    assert failing(found) == [
        'rule shells: "Shells for Kyiv" should match and does not',
        'rule shells: "Moscow shells" should not match and does',
        'rule shells: "Moscow shells" should be high and is normal',
    ]
    problems = example_problems(failed_tests(found), found)
    assert [problem.hint for problem in problems][:2] == [
        "Russia is missing",
        "shell*: shells (title); Russia: Moscow (title)",
    ]
    assert [str(problem.place) for problem in problems] == ["a.yaml:7:9", "a.yaml:8:9", "a.yaml:9:9"]
    assert all(problem.is_error and problem.line for problem in problems)


def test_where_failing_tests_warn_an_example_is_a_warning() -> None:
    found = good(with_tests("text: Pearls, expect: match", more="    failing_tests: warn\n"))
    assert [problem.level for problem in example_problems(failed_tests(found), found)] == ["warning"]


@pytest.mark.parametrize(
    ("example", "said"),
    [
        ("expect: match", "an example has no text; write `text: ...`, such as a headline"),
        ("text: a", "an example needs `expect`"),
        ("text: a, expect: maybe", "`maybe` is not known as `expect`; one of: match, no_match"),
        ("text: a, expect: yes", "`yes` is not known as `expect`; one of: match, no_match"),
        ("text: a, expected: match", "unknown key `expected` in an example; did you mean `expect`?"),
        ("text: a, match: true", "unknown key `match` in an example; write `expect: match` or `expect: no_match`"),
        ("text: a, title: b, expect: match", "`title` cannot stand beside `text`; the first line"),
        ("text: a, expect: no_match, severity: low", "what does not match has no severity; delete `severity`"),
        ("text: a, expect: match, severity: hihg", "`hihg` is not a severity; did you mean `high`?"),
        ("text: a, expect: match, lang: ua", "`ua` is a country, not a language; uk = Ukrainian"),
        ("text: a, expect: match, rule: shells", "an example beside a rule is of that rule; delete `rule`"),
        ("text: '', expect: match", "`text` is empty"),
        ("text: [a], expect: match", "`text` takes a single text"),
    ],
)
def test_a_wrong_example_is_said_with_its_mend(example: str, said: str) -> None:
    assert any(said in one for one in mistakes(with_tests(example))), mistakes(with_tests(example))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Shells", "`tests` is a list; write `- {text: ..., expect: match}`"),
        ("[Shells]", "an example says what is expected; write `- {text: ..., expect: match}`"),
    ],
)
def test_tests_that_are_no_list_of_examples_are_refused(written: str, said: str) -> None:
    [found] = mistakes(f"{RULE}    tests: {written}\n")
    assert said in found


def test_too_many_examples_are_refused() -> None:
    [found] = mistakes(with_tests(*["text: a, expect: match"] * 201))
    assert "rule shells has more than 200 examples" in found
    assert found.startswith("a.yaml:206:9")


def test_a_rule_that_counts_has_no_examples() -> None:
    text = RULE + "  - {name: Many, volume: {of: shells, stories: 3, within: 1h}, tests: [{text: a, expect: match}]}\n"
    [found] = mistakes(text)
    assert "rule many counts over time and looks at no text; delete `tests`" in found


def test_no_warning_comes_of_examples_that_are_met() -> None:
    assert warnings(with_tests("text: Shells for Moscow, expect: match")) == []


def folder(tmp_path: Path, examples: str, name: str = "more.yaml") -> Path:
    (tmp_path / "rules.yaml").write_text(RULE, encoding="utf-8")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / name).write_text(examples, encoding="utf-8")
    return tmp_path


def test_files_of_examples_stand_beside_the_configuration_and_are_no_part_of_it(tmp_path: Path) -> None:
    loaded = load(folder(tmp_path, "tests: [{rule: shells, text: Pearls, expect: match}]\n"), settings())
    assert loaded.configuration is not None
    assert list(loaded.configuration.files) == ["rules.yaml"]
    [problem] = example_problems(failed_tests(loaded.configuration), loaded.configuration, tmp_path)
    assert (str(problem.place), problem.line) == (
        "tests/more.yaml:1:9",
        "tests: [{rule: shells, text: Pearls, expect: match}]",
    )
    before = fingerprint(tmp_path)
    (tmp_path / "tests" / "more.yaml").write_text("tests: []\n", encoding="utf-8")
    assert fingerprint(tmp_path) != before


@pytest.mark.parametrize(
    ("examples", "said", "is_mistake"),
    [
        ("tests: [{rule: shels, text: a, expect: match}]", "there is no rule `shels`: this example is not run", False),
        ("tests: [{text: a, expect: match}]", "an example in a file of its own needs `rule`", True),
        ("rules: []", "unknown key `rules` in a file of examples", True),
        ("- a", "a file of examples is a mapping; begin with `tests:`", True),
        ("tests: [{rule: shells, text: a, expect", "tests/more.yaml:", True),
    ],
)
def test_what_is_wrong_with_a_file_of_examples_is_said(
    tmp_path: Path, examples: str, said: str, is_mistake: bool
) -> None:
    loaded = load(folder(tmp_path, examples + "\n"), settings())
    assert any(said in str(problem) and problem.is_error == is_mistake for problem in loaded.examples), loaded.examples
    assert loaded.configuration is not None, "a file of examples stops nothing else"


def test_examples_of_a_paused_rule_are_run() -> None:
    found = good(with_tests("text: Pearls, expect: match", more="    paused: true\n"))
    assert [one.test.rule for one in failed_tests(found)] == [RuleId("shells")]
