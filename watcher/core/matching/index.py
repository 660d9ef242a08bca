"""The index: from the words of an article to the terms that can occur in it, and from those to the rules worth trying.

Each pattern of a term is filed under its anchor word; each rule under the terms of its rarest group. What an article does not touch
costs nothing.

Source: Yan and Garcia-Molina, "Index structures for selective dissemination of information under the Boolean model", 1994.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from watcher.core.matching.pattern import Pattern, Shape
from watcher.core.matching.plan import Numbers, RulePlan, TermPlan

_REMEMBERED_WORDS = 100_000
_LONGEST_REMEMBERED = 64
_VERY_COMMON = frozenset(
    """
    a an and are as at be by for from has have he her his i in is it its new no not of on one or said say says she that the their they this to
    us was we were who will with year years people president minister government country state bank police war world first
    и в на с по не из что для как за der die das und in den von zu mit le la les de des et du en el los las que un una por
    """.split()  # noqa: SIM905 - a list literal would be three pages long
)


class Index:
    """Files terms by anchor word and rules by their rarest group; never changes but for a memory of words already seen."""

    def __init__(self, plans: Sequence[TermPlan], rules: Sequence[RulePlan], *, lemmatised: bool) -> None:
        self._whole: dict[str, list[tuple[int, frozenset[str]]]] = {}
        self._wild: dict[Shape, dict[str, list[tuple[int, frozenset[str]]]]] = {
            Shape.PREFIX: {},
            Shape.SUFFIX: {},
            Shape.INFIX: {},
        }
        self._seen: dict[str, tuple[tuple[int, frozenset[str]], ...]] = {}
        self._always_terms = {plan.number for plan in plans if plan.term.stem and lemmatised}
        for plan in plans:
            for pattern in plan.patterns:
                self._file(plan.number, pattern)
        self._lengths = {shape: sorted({len(text) for text in filed}) for shape, filed in self._wild.items()}
        self._rules: dict[int, list[int]] = {}
        self._always_rules: set[int] = set()
        for position, rule in enumerate(rules):
            self._file_rule(position, rule)

    def terms(self, words: Iterable[str]) -> set[int]:
        """Return the numbers of all terms that may occur in an article with these folded words."""
        seen = words if isinstance(words, (set, frozenset)) else set(words)
        active = set(self._always_terms)
        for word in self._whole.keys() & seen:
            active.update(number for number, needs in self._whole[word] if needs <= seen)
        if any(self._lengths.values()):
            for word in seen:
                filed = self._seen.get(word)
                if filed is None:
                    filed = self._remember(word)
                active.update(number for number, needs in filed if needs <= seen)
        return active

    def rules(self, terms: set[int]) -> list[int]:
        """Return the positions of the rules worth trying when these terms may occur, in the order of the rules."""
        found = set(self._always_rules)
        for number in self._rules.keys() & terms:
            found.update(self._rules[number])
        return sorted(found)

    def _file(self, number: int, pattern: Pattern) -> None:
        anchor = pattern.words[pattern.anchor]
        filed = self._whole if anchor.shape is Shape.WHOLE else self._wild[anchor.shape]
        filed.setdefault(anchor.folded, []).append((number, pattern.needs))

    def _file_rule(self, position: int, rule: RulePlan) -> None:
        if not rule.positive:
            return
        if rule.body.needs is None:
            self._always_rules.add(position)
            return
        for number in rule.body.needs:
            self._rules.setdefault(number, []).append(position)

    def _remember(self, word: str) -> tuple[tuple[int, frozenset[str]], ...]:
        found: list[tuple[int, frozenset[str]]] = []
        for length in self._lengths[Shape.PREFIX]:
            if length > len(word):
                break
            found += self._wild[Shape.PREFIX].get(word[:length], ())
        for length in self._lengths[Shape.SUFFIX]:
            if length > len(word):
                break
            found += self._wild[Shape.SUFFIX].get(word[-length:], ())
        for text, filed in self._wild[Shape.INFIX].items():
            if text in word:
                found += filed
        if len(word) <= _LONGEST_REMEMBERED:
            if len(self._seen) >= _REMEMBERED_WORDS:
                self._seen.clear()
            self._seen[word] = tuple(found)
        return tuple(found)


def cheapest(groups: Iterable[Numbers | None], costs: Sequence[float]) -> Numbers | None:
    """Return the group whose terms are the least frequent together; None when there is none to choose from."""
    known = [group for group in groups if group is not None]
    return min(known, key=lambda group: sum(costs[number] for number in group), default=None)


def pattern_cost(pattern: Pattern) -> float:
    """Return how often a pattern is expected to occur, as a relative number.

    Guessed from its anchor: short words, short wildcards and very common words are frequent, phrases are rare.
    """
    anchor = pattern.words[pattern.anchor]
    cost = 50.0 if anchor.folded in _VERY_COMMON else max(1.0, 8.0 - len(anchor.folded))
    if anchor.shape is not Shape.WHOLE:
        cost *= 3
    return cost / len(pattern.words)
