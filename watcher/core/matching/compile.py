"""Compiling: from rules as written to rules that the engine can walk.

1. Every rule's keys are worked out and filed (see keys and index); what is wrong in a rule is told then.
2. A rule's plan is made when it is first tried on an article: most rules of a large set never are.
3. Equal terms become one plan, whatever rules they stand in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from watcher.core.articles.spoken import Detect
from watcher.core.matching.engine import RuleSet
from watcher.core.matching.keys import Keys
from watcher.core.matching.name_table import NameTable
from watcher.core.matching.planner import Planner
from watcher.core.matching.texts import Lemmatise, Segment
from watcher.core.model.rule import NamesFile, RuleSource


def compile_rules(
    source: RuleSource,
    lemmatise: Lemmatise | None = None,
    segment: Segment | None = None,
    detect: Detect | None = None,
    *,
    tables: Callable[[NamesFile], NameTable] | None = None,
    previous: RuleSet | None = None,
    frequencies: Mapping[str, float] | None = None,
) -> RuleSet:
    """Return the rules ready to match, in the order given.

    Without `lemmatise` terms that ask for stemming are taken literally; without `segment` a row of characters counts
    wherever it stands; without `detect` a language that is not declared is told by letters alone; without `tables`,
    which opens those of large lists, only the first names of such a list are looked for. What did not change since
    `previous` is taken from it. `frequencies`: the share of articles that hold a folded word, to file rules by; without
    it a rough estimate serves.

    Raises:
        ConfigError: a concept is unknown or names itself; the text holds the place. The table of a list is gone.
        TermError: a term that holds no word.
    """
    usable = previous is not None and previous.fits(source, lemmatise, segment, detect, frequencies)
    if previous is None or not usable:
        keys = Keys(source.concepts, lemmatised=lemmatise is not None, frequencies=frequencies)
        previous = RuleSet(Planner(keys, tables), lemmatise, segment, detect)
    return previous.renewed(source)
