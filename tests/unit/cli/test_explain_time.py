"""`watcher explain` on raises and on rules over time."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.fakes.clock import FakeClock
from tests.fakes.newsroom import Newsroom, PlainJudge
from watcher.cli.explain import command
from watcher.core.model.by_hand import HandChange
from watcher.core.model.ids import RuleId
from watcher.core.model.match import Excluded
from watcher.core.model.message import AttemptClass, AttemptResult, Decision, MessageState
from watcher.core.model.policy import Silence
from watcher.storage.open import open_store

RULES = """
rules:
  - name: Shells
    all: [shells]
    severity: low
    raise:
      - {severity: high, when: {title_or_lead: [shells, tanks]}}
      - {severity: critical, when: {sources: 3, within: 2h}}
  - {name: Many, volume: {of: shells, stories: 1, within: 6h}}
"""


class Today(FakeClock):
    """A clock that agrees with that of the machine, which `explain` asks."""

    def __init__(self) -> None:
        super().__init__(datetime.now(UTC))  # noqa: TID251 - the command reads the real clock


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "a.yaml").write_text(RULES, encoding="utf-8")
    return tmp_path / "config"


def explain(config: Path, *arguments: str) -> Result:
    database = f"sqlite:///{config.parent}/watcher.db"
    return CliRunner().invoke(command, ["--config", str(config), "--database", database, *arguments])


def test_each_raise_says_whether_it_holds_and_by_what(config: Path) -> None:
    shown = explain(config, "--rule", "shells", "Shells and tanks arrive").stdout
    assert "severity high, by this article alone" in shown
    assert "raise high      yes: shells + tanks in title or lead: Shells (title), tanks (title)" in shown
    assert "raise critical  depends on other articles: 3 independent sources within 2 h" in shown
    said = json.loads(explain(config, "--rule", "shells", "--json", "Shells arrive").stdout)
    assert (said["severity"], [one["held"] for one in said["raises"]]) == ("low", [False, None])


def test_a_rule_over_time_says_what_it_waits_for_without_a_store(config: Path) -> None:
    shown = explain(config, "--rule", "many", "Shells arrive").stdout
    assert shown.splitlines() == [
        "many   looks at time, not at an article",
        "  over time: volume: 1 or more stories of shells within 6 h",
    ]


def test_a_rule_over_time_shows_its_present_numbers(config: Path) -> None:
    async def publish() -> None:
        store = open_store(f"sqlite:///{config.parent}/watcher.db")
        room = Newsroom(store, Today())
        room.judge = PlainJudge()
        await room.open("wire")
        await room.publish("wire", room.news("Shells shipped"))
        await store.close()

    asyncio.run(publish())
    shown = explain(config, "--rule", "many", "Shells arrive").stdout
    assert "holds now: volume: 1 story of shells in 6 h, limit 1" in shown


def test_a_rule_says_what_its_none_stopped_lately(config: Path) -> None:
    async def publish() -> None:
        store = open_store(f"sqlite:///{config.parent}/watcher.db")
        room = Newsroom(store, Today())
        room.judge = PlainJudge()
        await room.open("wire")
        cup = room.news("Football cup in the barracks", rules=())
        await room.publish("wire", replace(cup, excluded=(Excluded(RuleId("shells"), "football"),)))
        await store.close()

    assert "stopped by" not in explain(config, "--rule", "shells", "Shells arrive").stdout
    asyncio.run(publish())
    assert "  stopped by `football`: 1 in 30 days" in explain(config, "--rule", "shells", "Shells arrive").stdout
    said = json.loads(explain(config, "--rule", "shells", "--json", "Shells arrive").stdout)
    assert said["stopped_in_30_days"] == [{"term": "football", "articles": 1}]


def test_a_stored_article_says_what_was_decided_and_an_unknown_id_is_refused(config: Path) -> None:
    async def publish() -> str:
        store = open_store(f"sqlite:///{config.parent}/watcher.db")
        room = Newsroom(store, Today())
        room.judge = PlainJudge()
        await room.open("wire")
        await room.publish("wire", room.news("Shells shipped"))
        [alert] = await store.recent_alerts()
        await store.close()
        return alert.article.id

    shown = explain(config, asyncio.run(publish())).stdout
    assert "Shells (title)" in shown
    assert "-> desk: waiting" in shown
    refused = explain(config, "a7zzzzzzzzzzzz")
    assert refused.exit_code == 1
    assert "no stored article has the id a7zzzzzzzzzzzz" in str(refused.exception)


def test_a_mute_made_by_hand_is_said_with_its_end_not_as_configured_no_more(config: Path) -> None:
    async def publish() -> str:
        store = open_store(f"sqlite:///{config.parent}/watcher.db")
        room = Newsroom(store, Today())
        room.judge = PlainJudge()
        await room.open("wire")
        await room.publish("wire", room.news("Shells shipped"))
        [alert] = await store.recent_alerts()
        now = room.clock.now()
        silence = Silence(
            "drill", rule=RuleId("shells"), starts_at=now, ends_at=now + timedelta(days=2), because="a drill", by="Min"
        )
        await store.add_silence(silence, HandChange(now, "Min", "muted"))
        [claim] = (await room.claim("desk"))[:1]
        skipped = Decision(MessageState.SKIPPED, claim.health, silence="drill")
        await store.mark(claim, AttemptResult(AttemptClass.OK, "silenced"), skipped, now)
        await store.close()
        return alert.article.id

    article = asyncio.run(publish())
    shown = explain(config, article).stdout
    assert "held by silence drill" in shown
    assert "configured no more" not in shown
    for asked in (article, "Shells arrive"):
        assert "muted now by silence drill (by Min): a drill" in explain(config, asked).stdout
