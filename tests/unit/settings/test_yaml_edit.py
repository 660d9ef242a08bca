"""Edits of lists in YAML text: what was written stays, sign for sign, but for the one item."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.core.model.place import Place
from watcher.errors import ConfigError
from watcher.settings.yaml_edit import with_items, with_key, with_terms, without_item, without_key
from watcher.settings.yaml_text import ListNode, MapNode, parse_yaml

BLOCK = """# my feeds
feeds:   # all of them

  # The world
  - https://a.example/rss        # bare
  - {url: https://b.example/rss, name: b, tags: [x]}  # braces
  # a note between
  - url: https://c.example/rss
    name: c     # named
    tags: [y]

# the end
publishers:
  p: {sites: [a.example]}
"""
FLOW = "feeds: [https://a.example/rss, {url: https://b.example/rss, name: b}, 'https://c.example/rss']  # three\n"


def places(text: str) -> list[Place]:
    root = parse_yaml("f.yaml", text).root
    assert isinstance(root, MapNode)
    items = root.get("feeds")
    assert isinstance(items, ListNode)
    return [item.place for item in items.items]


def test_an_item_is_added_behind_the_last_one_and_comments_stay() -> None:
    edited = with_items("f.yaml", BLOCK, "feeds", [{"url": "https://d.example/rss"}])
    assert edited == BLOCK.replace("    tags: [y]\n", "    tags: [y]\n  - https://d.example/rss\n")


def test_an_item_with_more_than_an_address_stands_in_braces_with_quotes_where_it_needs_them() -> None:
    edited = with_items(
        "f.yaml", BLOCK, "feeds", [{"url": "https://d.example/?a={1}", "name": "D, too", "tags": ["#1"]}]
    )
    assert '  - {url: "https://d.example/?a={1}", name: "D, too", tags: ["#1"]}\n' in edited


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FLOW, FLOW.replace("rss']", "rss', https://d.example/]")),
        ("feeds: []\n", "feeds: [https://d.example/]\n"),
        ("feeds:   # none yet\nrules: []\n", "feeds:   # none yet\n  - https://d.example/\nrules: []\n"),
        ("feeds:", "feeds:\n  - https://d.example/\n"),
        ("feeds:\n- https://a.example/", "feeds:\n- https://a.example/\n- https://d.example/\n"),
        ("", "feeds:\n  - https://d.example/\n"),
        ("# only words", "# only words\nfeeds:\n  - https://d.example/\n"),
        ("rules: []\n", "rules: []\nfeeds:\n  - https://d.example/\n"),
        ("feeds:\r\n  - https://a.example/\r\n", "feeds:\r\n  - https://a.example/\r\n  - https://d.example/\r\n"),
        ("feeds:\n  - url: https://a.example/\n    name: >-\n      long\n      name\n", None),
    ],
)
def test_an_item_is_added_however_the_list_is_written(text: str, expected: str | None) -> None:
    edited = with_items("f.yaml", text, "feeds", [{"url": "https://d.example/"}])
    assert edited == (expected or f"{text}  - https://d.example/\n")


def test_an_item_is_taken_out_with_its_lines_alone() -> None:
    first, second, third = places(BLOCK)
    assert without_item("f.yaml", BLOCK, "feeds", first) == BLOCK.replace(
        "  - https://a.example/rss        # bare\n", ""
    )
    assert "b.example" not in without_item("f.yaml", BLOCK, "feeds", second)
    gone = without_item("f.yaml", BLOCK, "feeds", third)
    assert "c.example" not in gone
    assert "named" not in gone
    assert "  # a note between\n\n# the end\n" in gone


@pytest.mark.parametrize("number", [0, 1, 2])
def test_an_item_is_taken_out_of_brackets(number: int) -> None:
    edited = without_item("f.yaml", FLOW, "feeds", places(FLOW)[number])
    assert edited.endswith("]  # three\n")
    assert len(places(edited)) == 2
    assert "abc"[number] + ".example" not in edited


def test_the_only_item_can_be_taken_out() -> None:
    for text in ("feeds:\n  - https://a.example/  # one\n", "feeds: [https://a.example/]\n"):
        assert "example" not in without_item("f.yaml", text, "feeds", places(text)[0])


@pytest.mark.parametrize("text", [BLOCK, FLOW])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_key_that_is_set_and_dropped_leaves_the_other_items_as_they_were(text: str, number: int) -> None:
    paused = with_key("f.yaml", text, "feeds", places(text)[number], "paused", "true")
    assert paused.count("paused: true") == 1
    again = without_key("f.yaml", paused, "feeds", places(paused)[number], "paused")
    if number == 1 or (text is BLOCK and number == 2):
        assert again == text
    assert "paused" not in again
    assert [line for line in text.splitlines() if "#" in line and "bare" not in line and "three" not in line] == [
        line for line in again.splitlines() if "#" in line and "bare" not in line and "three" not in line
    ]


def test_a_key_that_is_there_gets_the_new_value_and_keeps_its_comment() -> None:
    text = "feeds:\n  - url: https://a.example/\n    paused: false   # for now\n"
    assert with_key("f.yaml", text, "feeds", places(text)[0], "paused", "true") == text.replace("false", "true")


def test_a_key_that_stands_first_can_be_dropped() -> None:
    for text in (
        "feeds:\n  - paused: true\n    url: https://a.example/\n",
        "feeds:\n  - {paused: true, url: https://a.example/}\n",
    ):
        assert "paused" not in without_key("f.yaml", text, "feeds", places(text)[0], "paused")


@pytest.mark.parametrize(
    "text",
    [
        "{feeds: [https://a.example/], rules: []}\n",
        "feeds:\n  -\n    url: https://a.example/\n    name: a\n",
        'feeds:\n  - "https://a.example/\n    rss"\n',
    ],
)
def test_what_cannot_be_edited_is_refused_with_its_place_or_edited_rightly(text: str) -> None:
    try:
        edited = with_key("f.yaml", text, "feeds", places(text)[0], "paused", "true")
    except ConfigError as error:
        assert "f.yaml:" in str(error)  # noqa: PT017 - either is right
    else:
        assert "paused: true" in edited


def test_a_file_that_is_one_mapping_in_braces_is_not_added_to_on_lines_of_its_own() -> None:
    with pytest.raises(ConfigError, match=r"f\.yaml:1:1: .* edit the file by hand"):
        with_items("f.yaml", "{rules: []}\n", "feeds", [{"url": "https://a.example/"}])


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), min_size=1, max_size=20)


@given(names=st.lists(NAMES, min_size=1, max_size=4), number=st.integers(0, 3))
def test_whatever_is_written_reads_as_what_was_meant(names: list[str], number: int) -> None:
    text = with_items("f.yaml", BLOCK, "feeds", [{"url": "https://d.example/", "name": name} for name in names])
    root = parse_yaml("f.yaml", text).root
    assert isinstance(root, MapNode)
    assert len(places(text)) == 3 + len(names)
    at = places(text)[3 + number % len(names)]
    assert len(places(without_item("f.yaml", text, "feeds", at))) == 2 + len(names)


@pytest.mark.parametrize("sign", ["\x85", "\u2028", "\u2029", "\u202e"])
def test_a_sign_that_yaml_reads_otherwise_is_escaped(sign: str) -> None:
    item = {"url": "https://z.example/", "name": f"x{sign}y", "tags": [f"a{sign}"]}
    edited = with_items("f.yaml", BLOCK, "feeds", [item])
    assert sign not in edited
    parsed = parse_yaml("f.yaml", edited)
    assert not parsed.problems
    assert f"\\u{ord(sign):04x}" in edited


@pytest.mark.parametrize("sign", ["\x7f", "\x9b", "\ufeff", "\uffff", "\x1b", "\0"])
def test_a_control_sign_is_written_nowhere(sign: str) -> None:
    with pytest.raises(ConfigError, match=f"control sign U\\+{ord(sign):04X}; leave it out"):
        with_items("f.yaml", BLOCK, "feeds", [{"url": "https://z.example/", "name": f"x{sign}y"}])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("rules:\n- name: r\n  all: [a] # why\n", 'rules:\n- name: r\n  all: [a] # why\n  none: [b, "c d"]\n'),
        ("rules:\n- name: r\n  none: [x]  # old\n", 'rules:\n- name: r\n  none: [x, b, "c d"]  # old\n'),
        ("rules:\n- name: r\n  none: x\n", 'rules:\n- name: r\n  none: [x, b, "c d"]\n'),
        (
            "rules:\n- name: r\n  none:\n    - x # old\n  all: a\n",
            'rules:\n- name: r\n  none:\n    - x # old\n    - b\n    - "c d"\n  all: a\n',
        ),
        ("rules: [{name: r, all: [a]}]\n", 'rules: [{name: r, all: [a], none: [b, "c d"]}]\n'),
        ("rules: [{name: r, none: [\n  a, x]}]\n", 'rules: [{name: r, none: [\n  a, x, b, "c d"]}]\n'),
    ],
)
def test_terms_join_the_list_of_a_key_however_it_is_written(before: str, after: str) -> None:
    root = parse_yaml("r.yaml", before).root
    assert isinstance(root, MapNode)
    items = root.get("rules")
    assert isinstance(items, ListNode)
    assert with_terms("r.yaml", before, "rules", items.items[0].place, "none", ["b", '"c d"']) == after


LINES = """feeds: [
  # the first
  https://a.example/rss, # of a
  # the second
  {url: "https://b.example/#x", # of b
   # a name
   name: b}, # b ends
  # the third
  https://c.example/rss # of c
]
"""


@pytest.mark.parametrize(
    ("number", "stay", "go"),
    [
        (0, ["the first", "the second", "of b", "a name", "the third", "of c"], ["of a"]),
        (1, ["the first", "of a", "the second", "a name", "the third", "of c"], ["of b", "b ends"]),
        (2, ["the first", "of a", "the second", "of b", "a name", "b ends", "the third"], []),
    ],
)
def test_comments_on_lines_of_their_own_stay_when_an_item_of_a_list_in_brackets_goes(
    number: int, stay: list[str], go: list[str]
) -> None:
    edited = without_item("f.yaml", LINES, "feeds", places(LINES)[number])
    assert [f"# {said}" in edited for said in stay] == [True] * len(stay), edited
    assert [f"# {said}" in edited for said in go] == [False] * len(go), edited


def test_a_comment_line_inside_a_removed_item_stays_and_text_that_looks_like_one_goes() -> None:
    text = "feeds:\n  - https://a.example/rss\n  - url: https://b.example/rss\n    # ask Ann first\n    name: |\n      b\n      # text\n"
    for written in (text, text.replace("\n", "\r\n")):
        edited = without_item("f.yaml", written, "feeds", places(written)[1])
        assert edited.split() == ["feeds:", "-", "https://a.example/rss", "#", "ask", "Ann", "first"]
