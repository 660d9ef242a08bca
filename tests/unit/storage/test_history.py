"""What a rule matched lately is asked inside each commit, so it must be found without reading what other rules
matched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, event

from watcher.core.model.article import Article, ArticleKeys
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.match import Match, ReadArticle
from watcher.storage import history
from watcher.storage.tables import metadata

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
MATCH = Match(RuleId("shells"), (), ())
WITHIN = timedelta(days=30)


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[tuple[Connection, list[tuple[str, Any]]]]:
    """Give a connection to an empty store, and the statements that it is asked."""
    engine = create_engine(f"sqlite:///{tmp_path}/watcher.db")
    metadata.create_all(engine)
    statements: list[tuple[str, Any]] = []
    with engine.connect() as connection:

        @event.listens_for(connection, "before_cursor_execute")
        def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
            statements.append((statement, parameters))

        yield connection, statements
    engine.dispose()


def plan(connection: Connection, statement: str, parameters: Any) -> list[str]:
    """Return how SQLite goes about a statement, a step a line."""
    return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]


@pytest.mark.parametrize("wanted", [{"unseen_for": WITHIN}])
def test_what_a_rule_matched_lately_is_found_by_rule_and_time(
    asked: tuple[Connection, list[tuple[str, Any]]], wanted: dict[str, timedelta]
) -> None:
    connection, statements = asked
    article = Article(ArticleId("a2222222222222222222222222"), FeedId("f2222222222222222222222222"))
    # both are lengths of time
    read = ReadArticle(article, ArticleKeys(b"i", b"c"), (replace(MATCH, **wanted),))  # type: ignore[arg-type]
    history.matched_lately(connection, [read], NOW)

    first, *rest = plan(connection, *statements[0])
    assert "matches USING" in first
    assert "ix_matches_rule_seen_at (rule=? AND seen_at>?)" in first
    assert not any("SCAN" in step or "TEMP B-TREE FOR ORDER" in step for step in rest)
