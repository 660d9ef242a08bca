"""Which known feed each configured one is: found by an index, it is the one that looking through all of them finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from watcher.core.model.ids import FeedId
from watcher.core.model.policy import FeedSpec
from watcher.storage.feeds import _recognise

_TEXTS = st.sampled_from(["a", "b", "c", "d", "e"])
_ROWS = st.builds(
    SimpleNamespace,
    name=_TEXTS,
    named=st.booleans(),
    active=st.booleans(),
    configured_url=_TEXTS,
    url=_TEXTS,
)
_SPECS = st.builds(FeedSpec, url=_TEXTS, name=_TEXTS, named=st.booleans(), was=st.lists(_TEXTS, max_size=2).map(tuple))


def _looked_through(specs: Sequence[FeedSpec], known: Mapping[FeedId, Any]) -> dict[int, FeedId]:
    """Return the same by looking through all known feeds for each: by given name, by URL, by an earlier URL."""
    chosen: dict[int, FeedId] = {}
    named = sorted((feed for feed in known if known[feed].named), key=lambda feed: bool(known[feed].active))
    for position, spec in enumerate(specs):
        called = [feed for feed in named if known[feed].name == spec.name][-1:]
        if spec.named and called and called[0] not in chosen.values():
            chosen[position] = called[0]
    for columns in (("configured_url",), ("url",), ("configured_url", "url", "name")):
        for position, spec in enumerate(specs):
            for text in spec.was if len(columns) > 1 else (spec.url,):
                like = [feed for feed in known if text in [getattr(known[feed], column) for column in columns]]
                left = [feed for feed in like if feed not in chosen.values()]
                if position not in chosen and left:
                    chosen[position] = left[0]
    return chosen


@given(st.lists(_SPECS, max_size=6), st.lists(_ROWS, max_size=6))
def test_a_feed_is_recognised_as_by_looking_through_all(specs: list[FeedSpec], rows: list[Any]) -> None:
    known = {FeedId(f"f{number}"): row for number, row in enumerate(rows)}
    assert _recognise(specs, known) == _looked_through(specs, known)
