"""Which alerts were asked for by hand."""

from __future__ import annotations

import pytest

from tests.unit.telling.test_summary import article, detail
from watcher.core.alerts.release import RELEASED_NOTE, is_released
from watcher.core.model.alert import AlertKind


@pytest.mark.parametrize(
    ("kind", "note", "asked"),
    [
        (AlertKind.FIRST, RELEASED_NOTE, True),
        (AlertKind.FIRST, f"{RELEASED_NOTE}; the guids of its items change", True),
        (AlertKind.FIRST, "", False),
        (AlertKind.UPDATE, f"now says: hostages {RELEASED_NOTE}", False),
        (AlertKind.UPDATE, f"{RELEASED_NOTE}; say officials", False),
        (AlertKind.FIRST, f"{RELEASED_NOTE.upper()}", False),
    ],
)
def test_only_what_was_asked_for_by_hand_passes_a_silence(kind: AlertKind, note: str, asked: bool) -> None:
    assert is_released(detail(article("Shells found"), kind=kind, note=note)) is asked
