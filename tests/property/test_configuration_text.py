"""Whatever stands in a configuration file, reading it gives problems and never an error."""

from __future__ import annotations

import random
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from watcher.settings.channels import registered_types
from watcher.settings.env import Settings, read_settings
from watcher.settings.load import load_files
from watcher.settings.problems import render, render_github, summary
from watcher.settings.yaml_text import parse_yaml

GOOD = """\
concepts:
  fleet: [shadow fleet, "flag of convenience", {term: GRU, case: true}]
  army: {use: topics/military, add: [drone line], drop: [], except: [Salvation Army]}
rules:
  - name: Ships
    was: [old-ships]
    use: [places/russia]
    all: [$russia, [$fleet, tanker*], {near: [a, b, 5]}]
    none: [{title: [cup, final]}]
    except: ["Moscow, Idaho"]
    where: {lang: [en, ru], tags: {not: [satire]}}
    severity: high
    send_to: [hook, console]
feeds:
  - https://world.example.org/rss.xml
  - {url: "https://u:p@wire.example.net/a", every: 5m, headers: {X-Key: "${WIRE_KEY}"}}
publishers: {state: {sites: [a.example], kind: state}}
channels:
  hook: {type: webhook, url: "https://cases.example.org/in", secrets: ["${HOOK_SECRET}"]}
silences:
  - {rule: ships, until: "2026-12-01 00:00", because: quiet}
defaults: {zone: Europe/Paris, max_age: 3d, send_to: [console]}
keep: {articles: 30d}
meta: {send_to: [hook], heartbeat: "${BEAT}"}
network: {contact: desk, allow_private: [10.0.0.0/8]}
"""
PIECES = (
    *(
        "[",
        "]",
        "{",
        "}",
        ":",
        ": ",
        ",",
        "- ",
        "#",
        " #",
        "&a",
        "*a",
        "!!python/object/apply:os.system",
        "|",
        ">",
        "'",
        '"',
        "\\",
    ),
    *(
        "\n",
        "\t",
        "  ",
        "\r",
        "\x85",
        "\u2028",
        "\ufeff",
        "\x00",
        "\ud800",
        "，",
        "：",
        "$",
        "$$",
        "${",
        "${X}",
        "${file:../x}",
        "=",
        "/(/",
    ),
    *(
        "title:",
        "nope:",
        "near",
        "term",
        "except",
        "not",
        "NO",
        "010",
        "1" * 5000,
        "file:///etc/passwd",
        "http://[::1",
        "http://127.0.0.1/",
    ),
    *(
        "<<: ",
        "~",
        "---\n",
        "...\n",
        "%YAML 1.1\n",
        "9999999999d",
        "0001-01-01",
        "9999-12-31T23:59:59-14:00",
        "조선",
        "a" * 600,
    ),
)


def settings() -> Settings:
    return read_settings(WATCHER_SECRETS=Path("/nonexistent"))


def read(text: str) -> None:
    loaded = load_files({"a.yaml": text}, settings(), registered_types())
    assert (loaded.configuration is None) == any(problem.is_error for problem in loaded.problems)
    assert "\x1b" not in render(loaded.problems)
    assert summary(loaded.problems)
    render_github(loaded.problems).encode("utf-8", "replace")
    for problem in loaded.problems:
        assert problem.message
        assert problem.place.line >= 1
        assert problem.place.column >= 1


def test_good_text_has_no_mistake() -> None:
    loaded = load_files({"a.yaml": GOOD}, settings())
    assert [str(problem) for problem in loaded.problems if problem.is_error] == []


@given(st.text(max_size=200))
def test_any_text_gives_problems_and_never_an_error(text: str) -> None:
    read(text)


@given(st.lists(st.sampled_from(PIECES) | st.sampled_from(GOOD.split()), max_size=30))
def test_any_mix_of_pieces_gives_problems_and_never_an_error(pieces: list[str]) -> None:
    read("".join(pieces))


@given(st.integers(0, 2**32))
def test_any_damage_to_a_good_file_gives_problems_and_never_an_error(seed: int) -> None:
    chance = random.Random(seed)
    text = GOOD
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(text))
        end = min(len(text), start + chance.choice((0, 0, 1, 3, 12)))
        text = text[:start] + chance.choice((*PIECES, "")) + text[end:]
    read(text)


@given(st.text(max_size=200))
def test_every_place_of_a_tree_points_into_the_text(text: str) -> None:
    parsed = parse_yaml("a.yaml", text)
    for problem in parsed.problems:
        assert problem.place.line <= len(parsed.source.lines)
