"""Quick rules: those of which the words of an article alone tell whether they hold, so that no plan is made or walked.

A rule is quick when its body asks for a term, for one of several terms, or for one each of several such lists, and
for nothing else: no `except`, no raise, no dictionary form, no operator. Most rules of a large set are.

1. The index says of which rules the article has a key for each list, and whether all of these keys are sure
   (`Index.rules`).
2. A key is sure where it proves its term: "shells" does, "war" of `=War` does not, two words do where they are next
   to one another.
3. A rule with sure keys holds, unless a term of its `none` may occur.

Of any other rule nothing is said here. What is said is what the walk over the plan of the rule would say.

    all: [Kim, [missile, "test flight"]]     quick; surely holds in "Kim sees a test flight"
    all: [{near: [Kim, missile]}]            walked
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from watcher.core.matching.keys import Key, Keys, KeySet
from watcher.core.matching.occurrences import TermHits
from watcher.core.matching.pattern import SOFT, WordRow
from watcher.core.matching.plan import stands_for_one_thing, written
from watcher.core.matching.planner import PlanCache, Planner
from watcher.core.model.match import GroupHit
from watcher.core.model.rule import AllOf, AnyOf, ConceptRef, Node, Rule, Term


class QuickRules:
    """The quick ones among some rules, by their numbers; never changes once made."""

    def __init__(self, keys: Keys, plans: PlanCache) -> None:
        self._keys = keys
        self._plans = plans
        self._stops: dict[int, KeySet] = {}  # the keys that an article must not have

    def renewed(self, plans: PlanCache, gone: Iterable[int], come: Mapping[int, Rule]) -> QuickRules:
        """Return these without the rules that are gone, and with those of the new ones that are quick."""
        new = QuickRules(plans.planner.keys, plans)
        new._stops = self._stops.copy()
        for number in gone:
            new._stops.pop(number, None)
        for number, rule in come.items():
            stops = new._stops_of(rule)
            if stops is not None:
                new._stops[number] = stops
        return new

    def sure(self, keys: Set[Key]) -> set[Key]:
        """Return those of an article's single words and wildcards that prove their terms."""
        return set(keys - self._keys.doubtful)

    def proves(self, key: Key, hits: TermHits) -> bool:
        """Return whether a key of two words proves its phrase: where they stand next to one another as it asks."""
        if isinstance(key, str) or key in self._keys.doubtful:
            return False
        return bool(hits.text.prose.places(WordRow(key, SOFT, prefix=False)))

    def holding(self, certain: Set[int], hits: TermHits) -> Set[int]:
        """Return the quick rules that hold, among rules that have a sure key for each list of terms."""
        return {number for number in certain & self._stops.keys() if hits.keys.isdisjoint(self._stops[number])}

    def words(self, rule: Rule, hits: TermHits) -> tuple[GroupHit, ...]:
        """Return by which words a quick rule holds, as its plan would tell."""
        planner = self._plans.planner
        return tuple([self._part(item, hits, planner) for item in _lists(rule)])

    def _part(self, node: Node, hits: TermHits, planner: Planner) -> GroupHit:
        if isinstance(node, AnyOf):
            terms = [item for item in node.items if isinstance(item, Term)]
            if len(terms) == len(node.items):
                known = self._keys.of_text
                found = [planner.term(term, "") for term in terms if not hits.keys.isdisjoint(known[term.text])]
                return GroupHit(written(terms[0]), hits.spans_of_any(list(dict.fromkeys(found))))
        plan = planner.node(node, "")
        assert stands_for_one_thing(plan)
        return GroupHit(plan.label, hits.spans(plan))

    def _stops_of(self, rule: Rule) -> KeySet | None:
        """Return the keys by which a `none` of a quick rule may stop it; None for a rule that is not quick."""
        if rule.excepts or rule.stem or any(one.when for one in rule.raises):
            return None
        if not all(map(self._is_list, _lists(rule))):
            return None
        found: set[Key] = set()
        for node in rule.none:
            clause = self._keys.clause(node, rule.stem)
            if not clause:
                return None
            found.update(clause[0])
        return frozenset(found)

    def _is_list(self, node: Node) -> bool:
        """Say whether a node asks for one of several terms and for nothing else."""
        match node:
            case Term():
                return not node.regex and not node.stem and not node.weak
            case AnyOf():
                return all(map(self._is_list, node.items))
            case ConceptRef():
                concept = self._keys.concepts[node.name]
                return (
                    not concept.excepts
                    and not concept.is_place
                    and not (concept.rows or concept.table)
                    and all(map(self._is_list, concept.terms))
                )
            case _:
                return False


def _lists(rule: Rule) -> tuple[Node, ...]:
    return rule.body.items if isinstance(rule.body, AllOf) else (rule.body,)
