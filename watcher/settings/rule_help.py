"""The short reference of the rule language that ships with the program: topics of plain text, kept in one file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from watcher.core.spelling import nearest_word


@dataclass(frozen=True, slots=True)
class HelpTopic:
    """One topic: its name, what it is about in a few words, and its text."""

    name: str
    about: str
    text: str


@cache
def topics() -> tuple[HelpTopic, ...]:
    """Return the topics in the order of reading."""
    whole = files("watcher.settings").joinpath("rule_help.txt").read_text("utf-8")
    found = []
    for part in ("\n" + whole).split("\n# ")[1:]:
        head, _, text = part.partition("\n")
        name, _, about = head.partition(": ")
        found.append(HelpTopic(name, about, text.strip("\n")))
    return tuple(found)


def topic_of(word: str) -> HelpTopic | None:
    """Return the topic of a name, else the first whose text explains that key or word at the beginning of a line."""
    wanted = word.strip().lower().removeprefix("$").rstrip(":")
    for topic in topics():
        if topic.name in (wanted, wanted.removesuffix("s")) or topic.name.removesuffix("s") == wanted:
            return topic
    keys = {key.rstrip(":").lower(): topic for topic in reversed(topics()) for key in _keys(topic)}
    return keys.get(wanted)


def nearest_topic(word: str) -> str:
    """Return the name that somebody meant who wrote another one, or ""."""
    return nearest_word(word.lower(), [topic.name for topic in topics()]) or ""


def _keys(topic: HelpTopic) -> list[str]:
    """Return the words before two blanks at the beginning of the lines that explain something."""
    lines = [line for line in topic.text.splitlines() if "  " in line and not line.startswith(" ")]
    return [key for line in lines for key in line.split("  ")[0].split(": ")[0].split()]
