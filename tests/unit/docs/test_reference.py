"""The reference names everything there is, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from tests.unit.cli.test_every_verb import LEAVES
from watcher.core.lint.rules import CODES
from watcher.delivery.config import StrictModel
from watcher.delivery.kinds import channel_types
from watcher.settings import feed_schema, schema, section_schema, timing_schema
from watcher.settings.env import setting_names
from watcher.telemetry.metrics import Metrics

DOCS = Path(__file__).resolve().parents[3] / "docs"
CONFIGURATION = (DOCS / "reference" / "configuration.md").read_text("utf-8")

SECTIONS: dict[str, type[BaseModel]] = {
    "## `rules`": schema.RuleModel,
    "### `tests`": schema.RuleTestModel,
    "### `limit`": schema.LimitModel,
    "### `where`": schema.WhereModel,
    "### `raise`": schema.RaiseModel,
    "### `raise` by `sources`": schema.SourcesModel,
    "### `volume`": schema.VolumeModel,
    "### `spike`": schema.SpikeModel,
    "### `quiet_source`": schema.QuietSourceModel,
    "### `first_seen`": schema.FirstSeenModel,
    "## `concepts`": schema.ConceptModel,
    "## `lists`": schema.ListModel,
    "## `feeds`": feed_schema.FeedModel,
    "### `auth`": feed_schema.AuthModel,
    "### `opml`": feed_schema.ListedModel,
    "### `tls`": feed_schema.TlsModel,
    "## `publishers`": schema.PublisherModel,
    "## `silences`": schema.SilenceModel,
    "### When a channel rings": timing_schema.TimingModel,
    "### `quiet`": timing_schema.QuietModel,
    "### `wrap`": timing_schema.WrapModel,
    "### `digest`": timing_schema.DigestModel,
    "## `schedules`": timing_schema.ScheduleModel,
    "## `routes`": timing_schema.RouteModel,
    "### `when`": timing_schema.WhenModel,
    **{f"## `{name}`": model for name, model in section_schema.SETTINGS.items()},
    **{f"### `{name}`": model for name, model in channel_types().items()},
}


def first_column(text: str) -> list[str]:
    """Return the words in backticks that begin the rows of the tables of a text."""
    return re.findall(r"(?m)^\| `([^`]+)`", text)


def section(heading: str) -> str:
    """Return what stands between a heading and the next one."""
    [found] = re.findall(rf"(?ms)^{re.escape(heading)}$(.*?)(?=^#|\Z)", CONFIGURATION)
    return str(found)


@pytest.mark.parametrize("heading", SECTIONS)
def test_each_mapping_has_a_table_with_exactly_its_keys(heading: str) -> None:
    keys = [field.alias or name for name, field in SECTIONS[heading].model_fields.items()]
    assert sorted(first_column(section(heading))) == sorted(keys)


def test_the_top_level_keys_are_all_there() -> None:
    assert sorted(first_column(section("## A configuration file"))) == sorted(section_schema.TOP_LEVEL)


def test_every_model_of_the_schema_has_its_section() -> None:
    models = {
        each
        for each in (*vars(schema).values(), *vars(feed_schema).values(), *vars(timing_schema).values())
        if isinstance(each, type) and issubclass(each, StrictModel) and each is not StrictModel
    }
    assert models <= set(SECTIONS.values())


def test_every_code_of_a_warning_is_described() -> None:
    assert sorted(first_column(section("### Warnings of `check`"))) == sorted(CODES)


def test_every_verb_is_described_and_each_of_its_parts_has_a_row() -> None:
    assert sorted(first_column((DOCS / "reference" / "commands.md").read_text("utf-8"))) == sorted(LEAVES)


def test_every_metric_is_described_and_none_that_is_not() -> None:
    metrics = [family.name for family in Metrics().registry.collect()]
    assert sorted(first_column((DOCS / "reference" / "metrics.md").read_text("utf-8"))) == sorted(metrics)


def test_every_setting_of_the_process_is_described() -> None:
    text = "".join(path.read_text("utf-8") for path in DOCS.rglob("*.md"))
    known = set(setting_names())
    told = set(re.findall(r"WATCHER_[A-Z][A-Z_]*[A-Z]", text))
    assert known - told == set(), "not described"
    assert told - known == set(), "described, and not there"


def test_links_between_the_documents_lead_somewhere() -> None:
    root = DOCS.parent
    for path in (*DOCS.rglob("*.md"), root / "README.md", root / "ARCHITECTURE.md"):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path.name} -> {target}"
