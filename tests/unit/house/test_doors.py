"""A part of the program takes only the doors of the store that it uses."""

from __future__ import annotations

import ast

from tests.house.source import ROOT, sources
from watcher.cli.main import VERBS

WHOLE = {"watcher/daemon/world.py", "watcher/asking/store.py"}
"""Who opens a store, and so hands out all its doors."""


def test_nobody_takes_the_whole_store_but_who_opens_it() -> None:
    taken = {
        source.path
        for source in sources("watcher")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and node.module == "watcher.ports"
        for name in node.names
        if name.name == "Store"
    }
    assert taken == WHOLE


def test_a_file_in_cli_is_a_verb_or_what_all_verbs_share() -> None:
    files = {path.stem for path in (ROOT / "watcher" / "cli").glob("*.py")}
    parts = {name for name in files if name.partition("_")[0] in VERBS and "_" in name}  # as rules_history
    assert files - parts == {*VERBS, "main", "__init__"}
