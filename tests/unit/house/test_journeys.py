"""The trips of a rule, an article and a message really go from their first to their last file."""

from __future__ import annotations

from tests.house.journeys import journeys


def test_each_trip_enters_the_files_where_it_begins_and_ends_and_no_loop() -> None:
    rule, article, message, more = journeys()
    assert {"settings/yaml_text.py", "settings/rules.py", "core/matching/index.py"} <= set(rule.files)
    assert {"pipeline.py", "core/feeds/parse.py", "core/alerts/judge.py", "storage/commit.py"} <= set(article.files)
    assert {"pipeline.py", "storage/outbox.py", "telling/summary.py", "core/alerts/retry.py"} <= set(message.files)
    assert set(more.files) == set(message.files) - set(article.files)
    assert not any(file.startswith("daemon/") for trip in (rule, article, message) for file in trip.files)
