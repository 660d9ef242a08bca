from __future__ import annotations

from watcher.core.model.place import Place
from watcher.settings.problems import MOST_SHOWN, Problem, Source, in_order, most_shown, render, render_github, summary

SOURCE = Source("rules/dprk.yaml", "rules:\n    near: paragraph\n    exlude: [film, football]\n")


def problem(line: int = 3, column: int = 5, *, source: Source = SOURCE, length: int = 6) -> Problem:
    return source.problem(
        Place(source.file, line, column), "unknown key `exlude`", hint="did you mean `none`?", length=length
    )


def test_a_problem_shows_its_line_and_the_one_above_with_a_caret() -> None:
    assert render([problem()]) == (
        "rules/dprk.yaml:3:5  error  unknown key `exlude`\n"
        "   2 |     near: paragraph\n"
        "   3 |     exlude: [film, football]\n"
        "     |     ^^^^^^ did you mean `none`?"
    )


def test_colours_only_when_asked_for() -> None:
    assert "\x1b[31merror\x1b[0m" in render([problem()], colour=True)
    assert "\x1b" not in render([problem()])


def test_the_caret_stands_under_wide_letters() -> None:
    shown = render([problem(1, 8, source=Source("a.yaml", "any: 북한，x"), length=1)]).splitlines()
    assert shown[1].endswith("any: 북한，x")
    assert shown[2].index("^") == shown[1].index("any") + len("any: ") + 4


def test_signs_that_move_a_terminal_are_not_shown() -> None:
    shown = render([problem(1, 1, source=Source("a.yaml", "a: \x1b[2J\u202ecba\u2066"))])
    assert not {"\x1b", "\u202e", "\u2066"} & set(shown)


def test_a_long_line_is_shown_around_the_mistake() -> None:
    source = Source("a.yaml", "x: [" + "a, " * 200 + "exlude" + ", b" * 200 + "]")
    shown = render([problem(1, 605, source=source)]).splitlines()
    assert max(map(len, shown)) < 140
    assert shown[1][shown[2].index("^") :].startswith("exlude")


def test_lines_are_counted_as_yaml_counts_them() -> None:
    assert Source("a", "a\r\nb\rc\x85d\u2028e\nf").lines == ["a", "b", "c", "d", "e", "f"]


def test_the_summary_counts_in_words() -> None:
    warning = Problem(Place("b.yaml"), "x", "warning")
    assert summary([problem(), problem(1), warning]) == "2 errors, 1 warning in 2 files."
    assert summary([warning, warning]) == "2 warnings in 1 file."
    assert summary([]) == "no mistakes."


def test_github_commands_cannot_be_broken_out_of() -> None:
    source = Source("a,b.yaml", "x")
    shown = source.problem(Place("a,b.yaml", 1, 1), "50%\n::error::boo")
    assert render_github([shown], "c:/") == "::error file=c%3A/a%2Cb.yaml,line=1,col=1::50%25%0A::error::boo"


def test_problems_come_in_the_order_of_the_files_each_once() -> None:
    first, second = problem(1), problem(2)
    assert in_order([second, first, second]) == (first, second)


def test_of_thousands_of_problems_the_first_are_shown_and_the_rest_counted() -> None:
    mistakes = [Problem(Place("a.yaml", line), f"mistake {line}") for line in range(1, 2001)]
    shown = render(mistakes).splitlines()
    assert len(shown) == MOST_SHOWN + 1
    assert shown[0] == "a.yaml:1:1  error  mistake 1"
    assert shown[-2:] == ["a.yaml:200:1  error  mistake 200", "and 1,800 more"]
    assert "more" not in render(mistakes[:MOST_SHOWN])


def test_a_mistake_is_shown_whatever_number_of_warnings_stands_before_it() -> None:
    warnings = [Problem(Place("a.yaml", line), "a warning", "warning") for line in range(1, 301)]
    shown = render([*warnings, Problem(Place("b.yaml", 1), "the mistake")])
    assert shown.count("a warning") == MOST_SHOWN - 1
    assert "b.yaml:1:1  error  the mistake\nand 101 more" in shown


def test_github_and_json_forms_list_as_many_as_the_text_and_count_the_rest() -> None:
    many = [Problem(Place("a.yaml", line, 1), "wrong", level="warning") for line in range(1, 300)]
    many.append(Problem(Place("z.yaml", 1, 1), "a mistake"))
    rows = render_github(many).splitlines()
    assert (len(rows), rows[-1]) == (201, "::notice::and 100 more problems")
    assert rows[-2].startswith("::error file=z.yaml")
    shown, more = most_shown(many)
    assert (len(shown), more) == (200, 100)
    assert most_shown(many[:200]) == (many[:200], 0)
