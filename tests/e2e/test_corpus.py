"""Three hundred real documents over loopback: none of them stops the rest."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.fakes.http_server import HttpServer
from tests.fakes.program import watcher
from tests.shared import needs_shared, shared

DOCUMENTS = 300


@pytest.mark.shared
@needs_shared
@pytest.mark.timeout(300)
def test_three_hundred_documents_are_polled_and_none_stops_the_rest(tmp_path: Path) -> None:
    everything = sorted(shared("corpus/feeds/docs").iterdir())
    documents = everything[:: max(1, len(everything) // DOCUMENTS)][:DOCUMENTS]
    config = tmp_path / "config"
    config.mkdir()
    with HttpServer() as server:
        feeds = []
        for number, document in enumerate(documents):
            server.publishes(f"/{number}", document.read_bytes(), content_type="application/xml")
            feeds.append({"url": server.url(f"/{number}"), "name": f"feed-{number}", "allow_private": ["127.0.0.0/8"]})
        (config / "watcher.yaml").write_text(json.dumps({"rules": [{"name": "Any", "all": ["the"]}], "feeds": feeds}))
        where = [
            "--config",
            str(config),
            "--data",
            str(tmp_path / "data"),
            "--database",
            f"sqlite:///{tmp_path}/data/watcher.db",
        ]
        done = watcher("poll", *where, cwd=tmp_path)
        stats = json.loads(watcher("db", "stats", "--json", *where, cwd=tmp_path).stdout)
    assert done.returncode == 0, done.stderr
    problems = [line.partition(": ")[2] for line in done.stderr.splitlines() if line.startswith("feed-")]
    kinds = Counter(" ".join(problem.split()[:6]) for problem in problems)
    # the figures are the point
    print(f"{len(documents)} polled, {len(problems)} with a problem: {dict(kinds)}; {stats}")  # noqa: T201
    assert f"{len(documents)} feeds polled" in done.stdout
    assert len(problems) < len(documents) / 2
    assert all(problems), "every problem has its sentence"
