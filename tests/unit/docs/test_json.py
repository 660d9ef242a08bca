"""The examples of the JSON reference have the keys that the verbs write."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.fakes.messages import a_message
from watcher.asking import story_lines
from watcher.asking.stored_warnings import StoredWarnings
from watcher.cli import check, dedup, explain, match, parse, rules
from watcher.core.model.alert import AlertKind
from watcher.core.model.decided import ArticleName, Decided, StoryRecord, StoryTold
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, DeliveryId, MessageId, RuleId, StoryId
from watcher.core.model.message import AttemptClass, MessageKind, MessageState
from watcher.core.model.record import AttemptRecord, MessageRecord, RecipientRecord
from watcher.core.model.rule import Severity
from watcher.core.model.story import Story
from watcher.core.model.verdict import Level, Outcome, Verdict
from watcher.telling.json_forms import record_json
from watcher.telling.payload import message_json

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "reference" / "json.md").read_text("utf-8")
AT = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)
RULE = "rules: [{name: Range, any: [army], none: [football]}]\n"


def example(heading: str) -> Any:
    """Return the example below a heading."""
    [block] = re.findall(rf"(?ms)^## {re.escape(heading)}$.*?^```json\n(.*?)^```$", TEXT)
    return json.loads(block)


def shape(value: Any) -> Any:
    """Return the keys at every level; of a list its first item, of what varies by content nothing."""
    if isinstance(value, dict):
        return {
            key: shape(inner) for key, inner in value.items() if key not in {"because", "why"} and inner is not None
        }
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def keys(value: Any) -> Any:
    """Return the keys of an object, null ones too."""
    return sorted(value)


def run(command: Any, *arguments: str, lines: str = "") -> Any:
    """Return the first object that a verb writes."""
    result = CliRunner().invoke(command, list(arguments), input=lines)
    return json.loads(result.stdout.splitlines()[-1])


@pytest.fixture
def config(tmp_path: Path) -> str:
    (tmp_path / "rules.yaml").write_text(RULE, encoding="utf-8")
    return str(tmp_path)


def test_stories() -> None:
    name = ArticleName(ArticleId("a1"), "T", "https://a.example", "A", "en", AT)
    told = StoryTold(
        AlertId("l1"),
        AlertKind.FIRST,
        RuleId("range"),
        ChannelName("desk"),
        Severity.NORMAL,
        name,
        AT,
        "",
        MessageId("m1"),
        MessageState.SENT,
    )
    verdict = Verdict(
        name.id,
        told.rule,
        told.target,
        Outcome.FOLDED,
        StoryId("s1"),
        Level.NEAR_COPY,
        ArticleId("a2"),
        alert=told.alert,
        severity=Severity.NORMAL,
    )
    outlets = {"a.example": AT}
    story = Story(StoryId("s1"), "T", AT, AT, AT, {"en": 1}, {}, outlets=outlets, independent=outlets)
    shown = story_lines.story_mapping(StoryRecord(story, (told,), (Decided(name, AT, verdict),)), with_articles=True)
    written, wanted = json.loads(json.dumps(shown)), example("Stories")
    assert shape(written) == shape(wanted)
    for part in ("told", "decided"):
        assert keys(written[part][0]) == keys(wanted[part][0])


def test_articles(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text(
        "<rss version='2.0'><channel><title>P</title><item><guid>1</guid><title>army</title></item></channel></rss>"
    )
    assert keys(run(parse.command, str(tmp_path / "feed.xml"), "--json")) == keys(example("Articles"))


def test_matches(config: str) -> None:
    found = run(match.command, "--config", config, "--json", lines='{"id": "a", "title": "the army"}\n')
    found["spans"][0]["concept"] = "text or null"
    assert shape(found) == shape(example("Matches"))


def test_audits(config: str) -> None:
    rule = "rules: [{name: Range, any: [army, troops], none: [football]}]\n"
    (Path(config) / "rules.yaml").write_text(rule, encoding="utf-8")
    lines = '{"id": "a", "title": "An army"}\n{"id": "b", "title": "Army football"}\n'
    assert run(rules.command, "audit", "--config", config, "--articles", "-", "--json", lines=lines) == example(
        "Audits"
    )


def test_verdicts() -> None:
    found = run(dedup.command, lines='{"id": "a", "title": "army"}\n{"id": "b", "title": "navy"}\n')
    assert keys(found) == keys(example("Verdicts"))


def test_explanations(config: str) -> None:
    found = run(explain.command, "--config", config, "--data", config, "--json", "the navy")
    said = example("Explanations")
    assert keys(found) == keys(said)
    assert keys(found["groups"][0]) == keys(said["groups"][0])
    assert keys(found["stop"]) == keys(said["stop"])


def test_check(config: str) -> None:
    channels = "channels: {me: {type: email, to: [a@desk.example], quiet: night}}\n"
    times = "schedules: {night: {from: '23:00', until: '06:30', zone: UTC}}\nroutes: [{send_to: [me]}]\n"
    silence = "silences: [{name: summer, words: [tanker], from: 2026-06-01, until: 2026-06-02}]\n"
    (Path(config) / "channels.yaml").write_text(channels + times + silence, encoding="utf-8")
    found = run(check.command, "--config", config, "--json")
    assert found["stored"] is None  # nothing is
    assert shape(found | {"stored": StoredWarnings().as_json()}) == shape(example("Check"))


def test_deliveries() -> None:
    record = MessageRecord(
        id=MessageId("m"),
        target=ChannelName("me"),
        kind=MessageKind.ALERT,
        state=MessageState.RETRYING,
        hold=None,
        attempts=1,
        created_at=AT,
        next_try_at=AT,
        sent_at=None,
        title="x",
        deliveries=((DeliveryId("d"), AlertId("l")),),
        history=(AttemptRecord(AT, AttemptClass.RETRY, "later", 451),),
        recipients=(RecipientRecord("me@desk.example", AttemptClass.RETRY, "later"),),
    )
    found, said = record_json(record), example("Deliveries")
    assert keys(found) == keys(said)
    assert shape(found) == shape(said)


def test_webhook_and_file_channel() -> None:
    found, said = message_json(a_message()), example("Webhook and file channel")
    assert shape(found) == shape(said)
    assert keys(found["data"]["alerts"][0]) == keys(said["data"]["alerts"][0])
