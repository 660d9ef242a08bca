"""Examples that stand beside a rule: a text, and whether the rule must fire on it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from watcher.core.model.article import Article
from watcher.core.model.ids import RuleId
from watcher.core.model.place import NOWHERE, Place
from watcher.core.model.rule import Severity


@dataclass(frozen=True, slots=True)
class RuleTest:
    """One item of `tests`: on `article` the rule must fire, or must not, by `fires`.

    `severity` is what the article alone must give, None = any. `holds_back`: a change of the rule that fails it is not
    taken; else it is only told.
    """

    rule: RuleId
    article: Article
    fires: bool
    severity: Severity | None = None
    holds_back: bool = True
    place: Place = dataclasses.field(default=NOWHERE, compare=False)
