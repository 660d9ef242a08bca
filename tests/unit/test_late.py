"""What a verb does not use is not imported for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from watcher.late import Late


def test_it_hands_over_what_the_module_has_and_says_what_it_lacks() -> None:
    late = Late("json")
    assert late.loads is json.loads
    with pytest.raises(AttributeError, match="module 'json' has no attribute 'nonsense'"):
        _ = late.nonsense


def _imported(data: Path, *arguments: str) -> set[str]:
    """Return which modules a verb has imported when it ends; a database that stands beside the project is not asked."""
    code = (
        "import sys\nfrom watcher.__main__ import main\n"
        f"sys.argv = ['watcher', *{arguments!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "sys.stderr.write('\\n'.join(sorted(sys.modules)))\n"
    )
    named = {**os.environ, "WATCHER_DATA": str(data), "WATCHER_DATABASE": f"sqlite:///{data}/watcher.db"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=named)
    return set(done.stderr.split())


_SENDING = {"aiosmtplib", "httpx", "sqlalchemy", "alembic", "structlog", "jinja2", "trafilatura"}


@pytest.mark.parametrize(
    "verb", [["check", "config"], ["explain", "--config", "config", "a headline"], ["status", "--config", "config"]]
)
def test_what_reads_the_configuration_imports_nothing_that_sends_or_stores(tmp_path: Path, verb: list[str]) -> None:
    _imported(tmp_path, *verb)  # the first call may try the configuration in a process of its own
    assert _imported(tmp_path, *verb) & _SENDING == set()


def test_help_imports_no_rule_and_no_channel(tmp_path: Path) -> None:
    assert _imported(tmp_path, "--help") & {*_SENDING, "pydantic", "regex", "yaml", "watcher.core.model.rule"} == set()
