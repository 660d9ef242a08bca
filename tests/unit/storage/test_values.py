from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from watcher.core.model.article import Field
from watcher.core.model.ids import RuleId
from watcher.core.model.match import GroupHit, Match, Span
from watcher.storage import values

SPAN = Span(Field.TITLE, 0, 4, "army")
MATCH = Match(RuleId("r"), (GroupHit("army", (SPAN,), "in one sentence with range"),))


def test_a_match_comes_back_as_it_was_stored() -> None:
    stored = cast("Any", SimpleNamespace(**values.match_values(MATCH)))
    assert values.match(stored) == MATCH


def test_a_match_stored_before_groups_said_what_was_asked_still_reads() -> None:
    span = ["title", 0, 4, "army", ""]
    stored = cast("Any", SimpleNamespace(rule="r", groups=[["army", [span]]], spans=[span]))
    assert values.match(stored) == Match(RuleId("r"), (GroupHit("army", (SPAN,)),))
