"""What holds for every test."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

NO_SKIP = os.environ.get("WATCHER_TESTS_NO_SKIP") == "1"

# A property test looks for new examples on a developer's machine, and keeps the failing ones in .hypothesis. Where CI
# is set it takes the same ones in every run, so that nobody's change fails by an example it has nothing to do with.
# Neither is timed: machines differ.
settings.register_profile("explore", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("explore"), derandomize=True, database=None)
settings.load_profile("ci" if "CI" in os.environ else "explore")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest tests, which wait more than they work: else one job ends minutes after the others."""
    items.sort(key=lambda item: "e2e" not in item.path.parts)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything must be installed, a skip is a failure; only tests of the shared corpus may be skipped."""
    report = yield
    if NO_SKIP and report.skipped and not hasattr(report, "wasxfail") and item.get_closest_marker("shared") is None:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, but nothing may be skipped here: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def _clean_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test sees the settings of the machine, or leaves its logging behind."""
    for name in list(os.environ):
        if name.startswith("WATCHER_") and name != "WATCHER_TESTS_NO_SKIP":
            monkeypatch.delenv(name)
    _log_plainly()
    yield
    structlog.reset_defaults()


def _log_plainly() -> None:
    """Print tracebacks as lines: by default each frame is drawn with its variables, which takes seconds."""
    structlog.configure(processors=[structlog.processors.format_exc_info, *structlog.get_config()["processors"]])
