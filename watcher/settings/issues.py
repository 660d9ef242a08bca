"""Collects what is wrong while files are read, so that all mistakes come out at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from watcher.core.model.place import Place
from watcher.core.spelling import nearest_word
from watcher.settings.positions import Positions
from watcher.settings.problems import Level, Problem, Source, in_order
from watcher.settings.yaml_text import ListNode, MapNode, ScalarNode, YamlNode

MOST_HINTS = 50
"""So many mistakes are compared with all known words: nobody reads on, and a file of mistakes would take minutes."""


class Issues:
    """The problems found so far; knows the sources, so that each problem can show its line."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources
        self._found: list[Problem] = []
        self._errors = self._hints = 0

    def add(self, *problems: Problem) -> None:
        """Note problems that were made elsewhere."""
        self._found.extend(problems)
        self._errors += sum(problem.is_error for problem in problems)

    def error(self, at: YamlNode | Place, message: str, *, hint: str = "", length: int = 1) -> None:
        """Note a mistake; a text is underlined as a whole."""
        self._note(at, message, hint, length, is_error=True)

    def warn(self, at: YamlNode | Place, message: str, *, hint: str = "", length: int = 1) -> None:
        """Note something that works but is probably not meant."""
        self._note(at, message, hint, length, is_error=False)

    def positions(self, node: ScalarNode) -> Positions:
        """Return where the letters of a text stand in its file."""
        return Positions(node, self._sources.get(node.place.file) or Source(node.place.file, ""))

    def line(self, place: Place) -> str:
        """Return the line of a file at a place; "" where there is none."""
        source = self._sources.get(place.file)
        return source.line(place.line) if source is not None else ""

    def errors(self) -> int:
        """Return how many mistakes there are so far."""
        return self._errors

    def did_you_mean(self, word: str, known: Iterable[str], *, prefix: str = "") -> str:
        """Return the hint for a word that nothing knows, as `did_you_mean` does; "" after the first `MOST_HINTS`."""
        self._hints += 1
        return did_you_mean(word, known, prefix=prefix) if self._hints <= MOST_HINTS else ""

    def all(self) -> tuple[Problem, ...]:
        """Return everything found, in the order of the files."""
        return in_order(self._found)

    def _note(self, at: YamlNode | Place, message: str, hint: str, length: int, *, is_error: bool) -> None:
        place = at
        if isinstance(at, ScalarNode | ListNode | MapNode):
            place, length = at.place, at.length
        assert isinstance(place, Place)
        source = self._sources.get(place.file) or Source(place.file, "")
        level: Level = "error" if is_error else "warning"
        self.add(source.problem(place, message, level=level, hint=hint, length=length))


def did_you_mean(word: str, known: Iterable[str], *, prefix: str = "") -> str:
    """Return "did you mean `x`?" for the nearest known word, else a list of what there is when it is short, else ""."""
    choices = sorted(set(known))
    if near := nearest_word(word, choices):
        return f"did you mean `{prefix}{near}`?"
    if choices and len(choices) <= 8:
        return "there is " + ", ".join(f"`{prefix}{choice}`" for choice in choices)
    return ""
