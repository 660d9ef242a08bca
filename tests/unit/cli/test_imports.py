"""What verbs import: a verb that answers a question about the files brings no room that it does not need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAVY = {
    "aiosmtplib", "alembic", "apscheduler", "feedparser", "httpcore", "httpx", "jinja2", "rich", "selectolax", "sqlalchemy",
    "starlette", "structlog", "uvicorn",
}  # fmt: skip
LISTED = {"watcher", "watcher.cli", "watcher.cli.main", "watcher.core", "watcher.core.spelling"}
ASK = """
import sys
from watcher.cli.main import cli
words = sys.argv[1:]
while words:
    end = words.index(";") if ";" in words else len(words)
    cli.main(words[:end], prog_name="watcher", standalone_mode=False)
    words = words[end + 1 :]
print("imported", *{name for name in sys.modules})
"""


def imported(*words: str, where: Path) -> set[str]:
    """Return the modules that a process holds after some verbs, parted by ";"; told by its last line."""
    done = subprocess.run(
        [sys.executable, "-c", ASK, *words], capture_output=True, text=True, check=True, timeout=60, cwd=where
    )
    return set(done.stdout.splitlines()[-1].split()[1:])


def test_the_list_of_verbs_imports_none_of_them(tmp_path: Path) -> None:
    found = imported("--help", where=tmp_path)
    assert {name for name in found if name.partition(".")[0] == "watcher"} == LISTED
    assert not {"asyncio", "pydantic", "yaml", "regex"} & found


def test_verbs_about_the_files_import_nothing_that_serves_sends_or_stores(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "a.yaml").write_text("rules: [{name: R, any: [shells]}]")
    found = imported("check", ";", "explain", "a headline", where=tmp_path)
    assert {"watcher.cli.check", "watcher.cli.explain"} <= found
    assert not HEAVY & found
    assert not (tmp_path / "data").exists()
