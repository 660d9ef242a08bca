"""YAML that is meant to hurt, or that other readers take for something else: what is said of it, word for word."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest

from tests.unit.settings.support import settings
from watcher.settings.load import load_files
from watcher.settings.problems import render

NINES = "9" * 5000
SHOWN = "9" * 59 + "…"
HOSTILE = {
    "a key twice": (
        "feeds:\n  - url: https://a.example/\n    name: A\n    name: B\n",
        [
            "w.yaml:4:5: `name` is set twice; first set at w.yaml:3:5; keep one of them, or begin the next item of the list with `- `"
        ],
    ),
    "a section twice": (
        "rules: []\nfeeds: []\nrules: []\n",
        ["w.yaml:3:1: `rules` is set twice; first set at w.yaml:1:1; keep one of them"],
    ),
    "an anchor in itself": (
        "rules: &r\n  - *r\n",
        [
            (
                "w.yaml:2:5: YAML anchors and aliases are not allowed: `*r` stands for `&r`; "
                "first at w.yaml:1:8; write the value out wherever it belongs"
            )
        ],
    ),
    "a merge": (
        "feeds:\n  - {<<: *b}\n",
        [
            "w.yaml:2:6: YAML merge keys (`<<`) are not allowed; write the keys out",
            'w.yaml:2:10: YAML aliases (`*`) are not allowed; a text that begins with `*` needs quotes: "*b"',
        ],
    ),
    "an object": (
        "rules:\n  - !!python/object/apply:os.system ['touch owned']\n",
        [
            "w.yaml:2:5: YAML tags (`!`) are not allowed; delete `!!python/object/apply:os.system`",
            "w.yaml:2:5: a rule is a mapping; write `- name: ...` and its conditions below it",
        ],
    ),
    "a number of 5,000 digits": (
        f"feeds:\n  - {{url: 'https://a.example/', every: {NINES}}}\n",
        [f"w.yaml:2:40: `{SHOWN}` is not a length of time; write a number and a unit: 30s, 5m, 1h, 3d, 2w"],
    ),
    "a severity of 5,000 digits": (
        f"rules:\n  - {{name: R, any: [x], severity: {NINES}}}\n",
        [f"w.yaml:2:35: `{SHOWN}` is not a severity; one of: low, normal, high, critical"],
    ),
    "a misspelt section": (
        "rules:\n  - {name: R, any: [x]}\nchanel:\n  desk: {type: slack}\n",
        ["w.yaml:3:1: unknown key `chanel` in a configuration file; did you mean `channels`?"],
    ),
    "a misspelt key": (
        "rules:\n  - {name: R, any: [x], sent_to: [console]}\n",
        ["w.yaml:2:25: unknown key `sent_to` in rule R; did you mean `send_to`?"],
    ),
    "a name with a sign that databases refuse": (
        'rules:\n  - {name: "Kim\\x00", any: [x]}\n',
        [
            (
                "w.yaml:2:12: the text holds the control sign U+0000; take that escape out, "
                "or put the text in single quotes, where `\\` means itself"
            )
        ],
    ),
    "a name that repaints the terminal": (
        "feeds:\n  - {name: \"\\e[2J\", url: 'https://a.example/'}\n",
        [
            (
                "w.yaml:2:12: the text holds the control sign U+001B; take that escape out, "
                "or put the text in single quotes, where `\\` means itself"
            )
        ],
    ),
    "terms without a word": (
        "rules:\n  - {name: R, any: ['', x]}\n",
        ["w.yaml:2:21: an empty term; write a word, or take it out"],
    ),
    "a pattern that would look back": (
        "rules:\n  - {name: R, any: ['/(a+)\\1/']}\n",
        [
            r"w.yaml:2:27: `/(a+)\1/`: RE2, which keeps patterns fast, has no back-references; write the alternatives out"
        ],
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_said_of_hostile_yaml_names_place_fault_and_mend(name: str) -> None:
    text, said = HOSTILE[name]
    loaded = load_files({"w.yaml": text}, settings())
    assert loaded.configuration is None
    assert [str(problem) for problem in loaded.problems if problem.is_error] == said
    shown = render(loaded.problems)
    assert "Traceback" not in shown
    assert max(map(len, shown.splitlines())) < 400


def nested(letters: str) -> str:
    rows = [f"{letters[0]}: &{letters[0]} [x, x]"]
    rows += [f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in pairwise(letters)]
    return "\n".join(rows)


@pytest.mark.parametrize(
    "bomb",
    [
        nested("abcdefghi"),
        "a: &a {x: 1}\n" + "".join(f"b{n}: &b{n} {{<<: [{', '.join(['*a'] * 9)}]}}\n" for n in range(9)),
        "rules: &r\n  - *r\n",
    ],
)
def test_bombs_are_refused_at_their_lines_in_no_time(bomb: str) -> None:
    load_files({"w.yaml": "rules: []"}, settings())  # what is imported at the first call
    began = time.thread_time()
    loaded = load_files({"w.yaml": bomb}, settings())
    assert time.thread_time() - began < 0.1
    [said] = loaded.problems
    assert str(said).startswith("w.yaml:2:")
    assert "YAML anchors and aliases are not allowed" in said.message
    assert "w.yaml:1:" in said.hint
    assert len(render(loaded.problems)) < 400


@pytest.mark.parametrize(
    "written",
    ["NO", "on", "12:30:45", "010", "1.10", "yes", "null", "1_000", "0x1F", ".5", "2026-11-23", "True", "1e3"],
)
def test_what_other_readers_take_for_a_value_stays_the_text_that_it_is(written: str) -> None:
    loaded = load_files({"w.yaml": f"rules:\n  - name: {written}\n    any: [{written}, shells]\n"}, settings())
    assert loaded.configuration is not None, [str(problem) for problem in loaded.problems]
    (rule,) = loaded.configuration.rules
    assert rule.name == written
    assert repr(written) in repr(rule.body)
