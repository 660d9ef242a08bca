"""Where the shared corpus and cases are, for tests that measure with them; the project itself never needs them."""

from __future__ import annotations

from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2] / "shared"
SHARED: Path | None = _BESIDE if (_BESIDE / "cases").is_dir() else None

needs_shared = pytest.mark.skipif(SHARED is None, reason="the shared cases are not beside the project")


def shared(path: str) -> Path:
    """Return a path below the shared folder; call it only in tests marked `needs_shared`."""
    assert SHARED is not None
    return SHARED / path
