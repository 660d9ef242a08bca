"""What no stored article holds: terms that people wrote, and rules as a whole.

Only what somebody can edit is asked about: terms with a place. One warning a rule or concept names its terms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Final, NamedTuple

from watcher.core.lint.rules import LintWarning
from watcher.core.lint.term_lists import wanted
from watcher.core.matching.explain import counts_over_time
from watcher.core.model.ids import RuleId
from watcher.core.model.place import NOWHERE
from watcher.core.model.rule import Concept, Rule, RuleSource, Term

CODE: Final = "unseen"
_NAMED: Final = 4
"""So many terms of one list are named; the others are counted."""


class Owner(NamedTuple):
    """A rule or concept and the terms written in it that can make it hold, each once."""

    of: Rule | Concept
    terms: tuple[Term, ...]


def owners(source: RuleSource, quiet: Set[RuleId] = frozenset()) -> Iterator[Owner]:
    """Yield the rules that look at articles, less those that are `quiet`, and the concepts that somebody wrote; none
    without a term.
    """
    for rule in source.rules:
        if rule.id not in quiet and CODE not in rule.quiet_lint and not counts_over_time(rule):
            yield from _owner(rule, [item for item in wanted(rule.body) if isinstance(item, Term)])
    for concept in source.concepts.values():
        if concept.place != NOWHERE and not concept.rows:
            found = [item for node in concept.terms for item in wanted(node) if isinstance(item, Term)]
            yield from _owner(concept, found)


def _owner(of: Rule | Concept, terms: Sequence[Term]) -> Iterator[Owner]:
    own = tuple(dict.fromkeys(term for term in terms if term.place != NOWHERE and not term.regex and not term.stem))
    if own:
        yield Owner(of, own)


def unseen_terms(owner: Owner, unseen: Set[Term], stored: int, meant: Mapping[Term, str]) -> LintWarning | None:
    """Return the warning about the terms of a rule or concept that no stored article holds; None where each is in one.

    `meant` names a word that articles have and that a term may be a slip of.
    """
    found = [term for term in owner.terms if term in unseen]
    if not found:
        return None
    names = ", ".join(f"`{term.text}`" for term in found[:_NAMED])
    if len(owner.terms) == 1:
        said = f"{names} stands"
    elif len(found) == 1:
        said = f"1 of {len(owner.terms):,} terms stands"
    else:
        said = f"{len(found):,} of {len(owner.terms):,} terms stand"
    more = f" and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
    named = "" if len(owner.terms) == 1 else f": {names}{more}"
    slips = [f"`{meant[term]}` for `{term.text}`" for term in found if term in meant]
    hint = f"articles have {', '.join(slips)}" if slips else "a slip of the pen? what is only rare may stay"
    rule = owner.of.id if isinstance(owner.of, Rule) else RuleId("")
    return LintWarning(found[0].place, f"{said} in none of {stored:,} stored articles{named}", hint, rule, CODE)


def unmatched_rule(rule: Rule, stored: int, days: int) -> LintWarning:
    """Return the warning about a rule that matches no stored article."""
    message = f"rule `{rule.name}` matches none of {stored:,} stored articles of {days:,} days"
    hint = f"`watcher rules audit {rule.id}` shows what was only just missing; one for rare events may stay"
    return LintWarning(rule.place, message, hint, rule.id, CODE)
