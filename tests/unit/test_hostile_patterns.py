"""No pattern that meets text from outside takes longer than the text is long: 1 MB in well under half a second of CPU.

`core/articles`, `core/feeds`, `core/language` and `core/matching` have tests of their own.
"""

from __future__ import annotations

import heapq
import importlib
import itertools
import pkgutil
import re
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

import pytest

import watcher
from watcher.core.model.secret import Secret
from watcher.core.web_addresses import safe_link
from watcher.delivery.answers import MAX_ANSWER_BYTES, masked
from watcher.settings.env import read_settings
from watcher.settings.load import load_files
from watcher.settings.problems import Problem, starred
from watcher.telemetry.logging import Masker, printable
from watcher.telling import wording

ANCHORED = {"settings.yaml_text:_CUT_BY_HASH", "cli.explaining:_CERTAIN_ID", "network.cookies:_PAIR"}
"""Patterns that are only ever tried at one place of a text, never searched for."""

MEGABYTE = 1_000_000
LONG = MEGABYTE // 4
BOUND_SECONDS = 2.0  # of CPU for a megabyte: 0.05 to 0.6 on busy machines, hours where it takes the square
LONG_SECONDS = BOUND_SECONDS / 4
SOON_SECONDS = 0.125  # for 8,000 characters, whose square takes longer
SLOWEST = 40
"""So many of all texts are tried longer: those that took longest at 500 characters, where a square takes a hundred
times what a line takes.
"""
ROOMS = (
    "delivery",
    "telling",
    "telemetry",
    "web",
    "network",
    "fetching",
    "reading",
    "lexicon",
    "settings",
    "daemon",
    "cli",
    "core.alerts",
    "core.dedup",
)

UNITS = (
    "a", " ", "\t", "\r", "\n", "\r\n", "0", "-", ".", "/", ":", "@", "#", " #", "'", "''", '"', "\\", "\\x", "$", "${", "{", "}",
    "[", ",", "&", "?", "%", "=", "<", "_", "é", "\u2028", "\x1b", "//", "//a:", "//a:a:", "//a", "a:", "a@", "a.", "a ", ": ", "://",
    "a://", "x://a@", "?token=", "&key=a", "xoxb-", "xoxb-a", "whsec_", "bearer ", "basic a", "s2", "a2345", "{{at:+1d", "1h", "- ",
)  # fmt: skip
HEADS = ("", "a", "//a:", "xoxb-")
TAILS = ("", "!", "\x00")


class Hostile(NamedTuple):
    """One short piece again and again, between a beginning and an end."""

    head: str
    unit: str
    tail: str

    def of(self, length: int) -> str:
        return self.head + (self.unit * (length // len(self.unit) + 1))[:length] + self.tail


HOSTILE = [Hostile(*parts) for parts in itertools.product(HEADS, UNITS, TAILS)]


def patterns() -> dict[str, re.Pattern[str]]:
    """Every compiled pattern that stands in a module of the rooms that text from outside comes through."""
    found = {}
    for room in ROOMS:
        package = importlib.import_module(f"watcher.{room}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                    found[f"{module.name.removeprefix(watcher.__name__ + '.')}:{name}"] = value
    return found


PATTERNS = patterns()


def cpu_seconds(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began


def all_uses(pattern: re.Pattern[str], text: str, *, anchored: bool) -> None:
    pattern.fullmatch(text)
    pattern.match(text)
    for _ in () if anchored else pattern.finditer(text):
        pass


def test_there_are_patterns_to_look_at() -> None:
    assert {"delivery.answers:_TOKENS", "telemetry.logging:_USERINFO", "web.server:_STORY_ID"} <= set(PATTERNS)


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_takes_no_longer_than_its_text_is_long(name: str) -> None:
    pattern, anchored = PATTERNS[name], name in ANCHORED

    def slowest_of(texts: Iterable[Hostile], length: int) -> list[Hostile]:
        took = {}
        for text in texts:  # a square or worse shows early, so that the test never waits for it
            took[text] = cpu_seconds(lambda text=text: all_uses(pattern, text.of(length), anchored=anchored))  # type: ignore[misc]
            assert took[text] < SOON_SECONDS, f"{length} characters of {text} took {took[text]:.2f} s"
        return heapq.nlargest(SLOWEST, took, key=took.__getitem__)

    worst = slowest_of(slowest_of(HOSTILE, 500), 8_000)[0].of(8_000)
    long = (worst * (LONG // len(worst) + 1))[:LONG]
    half = cpu_seconds(lambda: all_uses(pattern, long[: LONG // 2], anchored=anchored))
    whole = cpu_seconds(lambda: all_uses(pattern, long, anchored=anchored))
    assert whole < LONG_SECONDS, f"{LONG} characters of {worst[:20]!r}… took {whole:.2f} s"
    assert whole < 3 * half + LONG_SECONDS / 2, (
        f"{worst[:20]!r}…: {half:.2f} s for half of it, {whole:.2f} s for the whole"
    )


SECRETS = [
    Secret("https://user:p4ssword@hooks.example/services/T0001/abcDEFghiJKLmno?key=quer1y"),
    Secret("whsec_abcd"),
]
FUNCTIONS: dict[str, Callable[[str], object]] = {
    "masked": lambda text: masked(text, SECRETS),
    "log value": Masker(secret.reveal() for secret in SECRETS).value,
    "printable": lambda text: printable(str(Masker().value(text))),
    "safe_link": safe_link,
    "label": wording.label,
    "starred": starred,
}
WORST = (
    "//a:a:a:",
    "//",
    "://",
    "x://a@",
    "?token=",
    "xoxb-",
    "bearer ",
    " ",
    "\x00",
    "\u202e",
    "a",
    "p4ssword",
    "é",
    "\r\n",
)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("unit", WORST)
def test_a_megabyte_from_outside_is_told_at_once(function: str, unit: str) -> None:
    text = (unit * (MEGABYTE // len(unit) + 1))[:MEGABYTE]
    assert cpu_seconds(lambda: FUNCTIONS[function](text)) < BOUND_SECONDS


@pytest.mark.parametrize("line", ["a: b: ", "a: *x", "- [a", "a: 'b' ", "a: \tb", "a: [b #", "&"])
@pytest.mark.parametrize("filling", [" ", " #", "a: ", ",", "\t", "'"])
def test_a_mistake_in_a_line_as_long_as_a_file_is_told_at_once(line: str, filling: str) -> None:
    text = (line + filling * 400_000)[:400_000] + "!\n\tx: ]"
    began = time.thread_time()
    problems = problems_of(text)
    assert time.thread_time() - began < 6 * BOUND_SECONDS
    assert problems


def problems_of(text: str) -> tuple[Problem, ...]:
    return tuple(load_files({"watcher.yaml": text}, read_settings()).problems)


@pytest.mark.parametrize("fill", ["x", "\x00", "é"])
def test_a_secret_across_the_end_of_what_is_read_never_shows(fill: str) -> None:
    secret = "s3cretS3cretS3cret" * 3
    for length in range(MAX_ANSWER_BYTES * 8 - len(secret) - 2, MAX_ANSWER_BYTES * 8 + 2):
        assert "s3cret" not in masked(fill * length + secret + fill * 99, [Secret(secret)])
        assert "s3cret" not in masked(secret * (length // len(secret) + 2), [Secret(secret)])


def test_the_middle_of_a_long_value_is_not_logged_and_its_secrets_neither() -> None:
    shown = str(Masker(["tokentoken"]).value("a" * 20_000 + "tokentoken" * 2000 + "z" * 20_000))
    assert "token" not in shown
    assert "characters left out" in shown
    assert len(shown) < 33_000
