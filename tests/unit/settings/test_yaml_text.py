from __future__ import annotations

import pytest

from watcher.settings.yaml_text import MAX_PROBLEMS, ListNode, MapNode, Parsed, ScalarNode, decode, parse_yaml


def parse(text: str) -> Parsed:
    return parse_yaml("a.yaml", text)


def only_problem(text: str) -> str:
    problems = parse(text).problems
    assert len(problems) == 1, problems
    return str(problems[0])


def value(text: str, key: str) -> ScalarNode:
    root = parse(text).root
    assert isinstance(root, MapNode)
    node = root.get(key)
    assert isinstance(node, ScalarNode)
    return node


@pytest.mark.parametrize(
    "written", ["NO", "on", "12:30:45", "010", "1.10", "~", "null", "0x1F", "1e3", "2026-12-01", "=", "yes"]
)
def test_plain_scalars_keep_their_letters(written: str) -> None:
    assert value(f"country: {written}\n", "country").text == written


def test_every_key_and_value_knows_its_place() -> None:
    root = parse("rules:\n  - name: Asia\n    any: [북한, 'two words']\n").root
    assert isinstance(root, MapNode)
    rules = root.get("rules")
    assert isinstance(rules, ListNode)
    rule = rules.items[0]
    assert isinstance(rule, MapNode)
    key, terms = rule.key("any"), rule.get("any")
    assert key is not None
    assert str(key.place) == "a.yaml:3:5"
    assert isinstance(terms, ListNode)
    assert [str(item.place) for item in terms.items] == ["a.yaml:3:11", "a.yaml:3:15"]
    assert [item.length for item in terms.items] == [2, 11]


def test_a_byte_order_mark_is_not_part_of_the_first_key() -> None:
    root = parse_yaml("a.yaml", decode(b"\xef\xbb\xbfrules: x\n")).root
    assert isinstance(root, MapNode)
    assert root.get("rules") is not None


def test_an_empty_file_is_empty_and_no_mistake() -> None:
    assert parse("") == parse("# nothing here\n") or parse("# nothing here\n").root is None
    assert parse("").problems == ()


def test_a_key_set_twice_names_both_places() -> None:
    assert (
        only_problem("a: 1\nb: 2\na: 3\n") == "a.yaml:3:1: `a` is set twice; first set at a.yaml:1:1; keep one of them"
    )


@pytest.mark.parametrize(
    ("text", "place", "quoted"),
    [
        ("any: [drill*, *ase]", "1:15", '"*ase"'),
        ("any:\n  - *ase\n", "2:5", '"*ase"'),
        ("any:\n  - &c\n", "2:5", '"&c"'),
        ("any: [!important]", "1:7", '"!important"'),
        ("any:\n  - %x\n", "2:5", '"%x"'),
        ("any: [@desk, b]", "1:7", '"@desk"'),
        ("any:\n  - `x`\n", "2:5", '"`x`"'),
        ("any:\n  - |x\n", "2:5", '"|x"'),
        ("any:\n  - >x y\n", "2:5", '">x y"'),
        ("any:\n  - 'tis\n", "2:5", '"\'tis"'),
        ('any:\n  - "x\n', "2:5", "'\"x'"),
        ("any:\n  - a: b: c\n", "2:8", '"b: c"'),
        ('any: ["Moscow" Idaho]', "1:16", '"Moscow Idaho"'),
        ("any: [tanker #2, b]", "1:14", '"tanker #2"'),
        ("any:\n  - tanker #2\n", "2:12", '"tanker #2"'),
        ("any: [북한，러시아]", "1:9", '"북한，러시아"'),
        ("any: [北朝鮮、ロシア]", "1:10", '"北朝鮮、ロシア"'),
    ],
)
def test_a_term_that_needs_quotes_is_shown_in_quotes(text: str, place: str, quoted: str) -> None:
    problem = only_problem(text)
    assert problem.startswith(f"a.yaml:{place}: ")
    assert quoted in problem


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("any: [a, b\nnone: [c]\n", "`[` is not closed"),
        ("any: {a: b\n", "`{` is not closed"),
        ("a: 1\n  b: 2\n", "does not fit the lines above"),
        ("- a\nb: c\n", "does not fit the lines above"),
        ("a:\n\t- b\n", "a tab cannot indent"),
        ('any: ["/\\d/"]\n', "single quotes"),
        ("? [a]\n: b\n", "cannot be a key"),
        ("a: b\n---\nc: d\n", "a second document"),
        ("a: \x00\n", "U+0000"),
        ("a: \ud800\n", "U+D800"),
        ("a: !!python/object/apply:os.system [x]\n", "tags"),
    ],
)
def test_wrong_yaml_is_one_plain_sentence(text: str, said: str) -> None:
    assert said in only_problem(text)


def test_a_comment_after_an_item_is_no_mistake() -> None:
    assert parse("any:\n  - tanker # ships\n  - b\nseverity: low #was high\n").problems == ()


def test_merge_keys_are_plain_keys() -> None:
    root = parse("<<: x\n").root
    assert isinstance(root, MapNode)
    assert root.get("<<") is not None


@pytest.mark.parametrize(
    "bomb",
    [
        "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [{', '.join(['*a'] * 9)}]\n" for n in range(9)),
        "a: &a [*a]\n",
        "a: &a {b: c}\nd: {<<: [" + ", ".join(["*a"] * 500) + "]}\n",
        "[" * 20_000,
        "{a: " * 20_000,
        "- " * 20_000,
        "x: [" + "a," * 400_000 + "]",
    ],
)
def test_bombs_are_refused_before_they_are_built(bomb: str) -> None:
    parsed = parse(bomb)
    assert 1 <= len(parsed.problems) <= MAX_PROBLEMS + 2
    assert all(problem.is_error for problem in parsed.problems)


def test_a_whole_line_of_aliases_is_left_after_a_hundred_mistakes() -> None:
    problems = parse("x: [" + "*a," * 300_000 + "]").problems
    assert len(problems) == MAX_PROBLEMS + 2
    assert "too many mistakes" in problems[-1].message


def test_a_file_over_one_mebibyte_is_refused() -> None:
    with pytest.raises(ValueError, match="1 MiB"):
        decode(b"a" * (1024 * 1024 + 1))
    assert "1 MiB" in only_problem("a" * (1024 * 1024 + 1))


def test_other_encodings_are_named() -> None:
    with pytest.raises(ValueError, match="UTF-16"):
        decode("a: b".encode("utf-16"))
    with pytest.raises(ValueError, match="line 2 is not UTF-8"):
        decode(b"a: b\nc: \xff\n")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_file_of_wide_characters_says_so(encoding: str) -> None:
    with pytest.raises(ValueError, match="the file is UTF-16; save it as UTF-8"):
        decode("rules:\n  - name: North Korea\n".encode(encoding))
