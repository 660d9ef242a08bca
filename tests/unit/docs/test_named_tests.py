"""A page that says which test holds a rule names a test that exists."""

from __future__ import annotations

import re
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]


def test_every_test_that_a_page_names_exists() -> None:
    tests = "\n".join(path.read_text() for path in (_ROOT / "tests").rglob("test_*.py"))
    there = set(re.findall(r"def (test_\w+)", tests))
    for page in (_ROOT / "docs" / "explanation").glob("*.md"):
        assert set(re.findall(r"`(test_\w+)`", page.read_text())) <= there, page.name
