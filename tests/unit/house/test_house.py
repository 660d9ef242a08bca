"""The house is in order, and each check of it finds what it is for."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from tests.house import functions, names, prose
from tests.house.checks import faults, known_names
from tests.house.source import Function, Source, read

MOST_KNOWN = 21
"""How many names are still defined twice. Lower it with the list."""


def source(text: str, path: str = "watcher/storage/sample.py") -> Source:
    return read(path, dedent(text))


def function(text: str) -> Function:
    (found,) = source(text).tree.body
    assert isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef)
    return found


def test_nothing_breaks_a_rule_of_the_house() -> None:
    assert not (found := faults()), "\n".join(map(str, found))


@pytest.mark.parametrize(
    ("ways", "body"),
    [
        (1, "return a"),
        (2, "return a if b else c"),
        (2, "if a: pass"),
        (3, "if a: pass\n    elif b: pass\n    else: pass"),
        (3, "return a and b and c"),
        (4, "return (a or b) and (b or c)"),
        (3, "return [x for x in a if x]"),
        (4, "return {x: y for x in a for y in x if y}"),
        (2, "return sum(x for x in a)"),
        (3, "return lambda x: x if a else b or c"),
        (2, "while a: pass"),
        (3, "try: pass\n    except OSError: pass\n    except ValueError: pass"),
        (3, "match a:\n        case 1: pass\n        case 2: pass\n        case _: pass"),
        (3, "match a:\n        case 1: pass\n        case _ if b: pass"),
        (1, "assert a"),
        (1, "with a: pass"),
        (1, "def inner(): return a if b else c"),
    ],
)
def test_ways_in_one_line_count_as_those_in_five(ways: int, body: str) -> None:
    assert functions.complexity(function(f"def f(a, b, c):\n    {body}\n")) == ways


def test_a_function_of_too_many_ways_is_told_where_it_stands_and_what_to_do() -> None:
    sixteen = source("\n\ndef f(a):\n    return [" + ", ".join(["a if a else 0"] * 15) + "]\n")
    (fault,) = functions.too_many_ways(sixteen)
    assert str(fault).startswith("watcher/storage/sample.py:3: `f` has 16 ways through it")
    assert "give a part of it a name of its own" in fault.sentence
    assert not list(functions.too_many_ways(source("def f(a):\n    return [" + ", ".join(["a or 0"] * 14) + "]\n")))


def test_a_method_and_a_function_inside_another_are_looked_at_too() -> None:
    many = "return [" + ", ".join(["a or 0"] * 15) + "]"
    assert len(list(functions.too_many_ways(source(f"class C:\n    def f(self, a):\n        {many}\n")))) == 1
    assert len(list(functions.too_many_ways(source(f"def f():\n    async def g(a):\n        {many}\n")))) == 1


def test_sixty_lines_are_enough_and_a_docstring_is_none_of_them() -> None:
    def of(lines: int, doc: str = "") -> Source:
        return source("def f():\n" + doc + "    a = 1\n" * (lines - 1))

    assert not list(functions.too_long(of(60)))
    assert not list(functions.too_long(of(60, '    """One.\n\n    Two.\n    """\n')))
    (fault,) = functions.too_long(of(61))
    assert "`f` has 61 lines beside its docstring" in fault.sentence


def test_a_file_of_more_than_500_lines_is_named() -> None:
    assert not list(functions.too_long_file(source("a = 1\n" * 500)))
    (fault,) = functions.too_long_file(source("a = 1\n" * 501))
    assert "501 lines" in fault.sentence


@pytest.mark.parametrize(
    "text",
    [
        '"""{}"""\n',
        'def f():\n    """Short.\n\n    {}\n    """\n',
        'A = 1\n"""{}"""\n',
        "# {}\n",
        "a = 1  # {}\n",
        "a = b  # type: ignore[arg-type]  # {}\n",
        "a = b  # noqa: S608 - {}\n",
    ],
)
def test_prose_is_at_most_120_columns_wide(text: str) -> None:
    words = " ".join(["word"] * 26)
    (fault,) = prose.too_wide(source(text.format(words)))
    assert "wrap it at 120" in fault.sentence
    assert not list(prose.too_wide(source(text.format("word word"))))


@pytest.mark.parametrize(
    "text",
    [
        'a = "{}"\n',
        "# https://example.org/" + "x" * 120 + "\n",
        "a = " + "b" * 100 + "  # type: ignore[arg-type]\n",
        "a = " + "b" * 100 + "  # noqa: S608\n",
    ],
)
def test_what_is_no_prose_or_cannot_be_wrapped_is_let_be(text: str) -> None:
    assert not list(prose.too_wide(source(text.format(" ".join(["word"] * 30)))))


def test_a_public_name_is_defined_once_in_a_room() -> None:
    first = source("def claim(): ...\n", "watcher/storage/feeds.py")
    second = source("\nclass claim: ...\n", "watcher/storage/outbox.py")
    (fault,) = names.defined_twice([first, second], frozenset())
    assert str(fault).startswith("watcher/storage/outbox.py:2: `claim` is also defined in watcher/storage/feeds.py")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("def claim(): ...\n", "watcher/daemon/other.py"),
        ("from watcher.storage.feeds import claim\n", "watcher/storage/other.py"),
        ("def _claim(): ...\n", "watcher/storage/other.py"),
        ("class A:\n    def claim(self): ...\n", "watcher/storage/other.py"),
        ("def claim(): ...\n", "watcher/storage/migrations/versions/0001_first.py"),
    ],
)
def test_another_room_an_import_and_a_private_name_do_not_define_it_again(text: str, path: str) -> None:
    both = [source("claim = 1\n", "watcher/storage/feeds.py"), source(text, path)]
    assert not list(names.defined_twice(both, frozenset()))


def test_rooms_of_the_core_are_rooms_of_their_own() -> None:
    places = ["watcher/core/alerts/plan.py", "watcher/core/read.py", "watcher/ports.py", "watcher/storage/a/b.py"]
    assert [names.room_of(path) for path in places] == ["core.alerts", "core.read", "ports", "storage"]


def test_a_name_in_the_list_is_let_be_until_it_is_mended_and_then_has_to_go() -> None:
    twice = [source("claim = 1\n", f"watcher/storage/{name}.py") for name in ("feeds", "outbox")]
    assert not list(names.defined_twice(twice, frozenset({"storage claim"})))
    (fault,) = names.defined_twice(twice[:1], frozenset({"storage claim"}))
    assert "`storage claim` is no longer defined twice; take the line out" in str(fault)


def test_the_list_of_names_never_grows() -> None:
    assert len(known_names()) <= MOST_KNOWN
