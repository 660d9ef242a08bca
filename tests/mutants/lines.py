"""How many lines of tests stand beside those of code."""

from __future__ import annotations

from pathlib import Path


def lines(below: Path) -> int:
    """Return how many lines of Python below a directory are not empty."""
    texts = (path.read_text("utf-8") for path in below.rglob("*.py"))
    return sum(1 for text in texts for line in text.splitlines() if line.strip())


def said_of_lines(root: Path) -> str:
    """Return a sentence with the lines of tests, of code and their ratio."""
    tests, code = lines(root / "tests"), lines(root / "watcher")
    return f"{tests:,} lines of tests, {code:,} of code: {tests / code:.2f}"
