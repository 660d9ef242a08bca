"""Page, mail, Slack and terminal give the same reasons for one article: the same groups, and the same words of each."""

from __future__ import annotations

import html
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.fakes.hand import FakeHand
from tests.fakes.station import Station, config, rss
from watcher.asking.explanations import render_explanation
from watcher.core.matching.compile import compile_rules
from watcher.core.matching.explain import explain
from watcher.core.model.message import Message
from watcher.daemon.page import page_source
from watcher.daemon.state import DaemonState
from watcher.delivery import slack
from watcher.delivery.console import layout
from watcher.delivery.email import compose
from watcher.settings.env import read_settings
from watcher.settings.load import load_files
from watcher.web.pages import render_article, render_status
from watcher.web.source import PageSource

RULES = """
  - name: Range
    all: [[army, soldiers], {near: [Pyongyang, Moscow, 5]}, {paragraph: [range, army]}, {atleast: [Moscow, 2]}]
  - name: Navy
    all: [army, fleet*]
  - name: Sport
    all: [army]
    none: [Moscow]
"""
TITLE = "Army of Pyongyang at Moscow range, Moscow says"
GROUPS = {"army": "Army", "Pyongyang": "Pyongyang", "Moscow": "Moscow", "range": "range"}


@dataclass
class Desk:
    """One article that was alerted, and all that shows it."""

    station: Station
    page: PageSource
    message: Message
    text: str


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    station = Station(tmp_path)
    text = config(rules=RULES)
    await station.begin(text)
    station.feeds["wire"] = rss(TITLE)
    await station.poll()
    await station.send()
    [message] = station.channels["desk"].sent
    page = page_source(replace(station.world, state=DaemonState()), station.active, FakeHand())
    yield Desk(station, page, message, text)
    await station.close()


async def terminal(desk: Desk) -> list[str]:
    """Return what `watcher explain` prints of each rule for the stored article."""
    [alert] = await desk.station.store.recent_alerts()
    loaded = load_files({"watcher.yaml": desk.text}, read_settings())
    assert loaded.configuration is not None
    rules = compile_rules(loaded.configuration.rule_source(1))
    return [render_explanation(one, alert.article, color=False) for one in explain(rules, alert.article)]


async def article_page(desk: Desk) -> str:
    """Return the text of the article's page, its tags taken out."""
    [card] = (await desk.page.overview()).alerts
    view = await desk.page.article(card.article)
    assert view is not None
    return plain(render_article(view))


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


async def test_all_name_the_same_groups_and_words(desk: Desk) -> None:
    mail = compose(desk.message, "Watch <alerts@desk.example>", ("me@example.org",))
    text, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert rich is not None
    [about_range, *_] = await terminal(desk)
    faces = {
        "status page": plain(render_status(await desk.page.overview())),
        "article page": await article_page(desk),
        "mail as text": text.get_content(),
        "mail as HTML": plain(rich.get_content()),
        "Slack": json.dumps(slack.payload(desk.message), ensure_ascii=False).replace("\\n", "\n"),
        "console": layout(desk.message),
        "explain": about_range,
    }
    for face, shown in faces.items():
        for label, word in GROUPS.items():
            assert re.search(rf"{label}\W+(yes\W+)?({label}: )?{word} \(title\)", shown), f"{face} lacks {label}"


async def test_alerts_say_what_the_operators_asked_for(desk: Desk) -> None:
    [alert] = desk.message.alerts
    assert {group.label: group.asks for group in alert.why} == {
        "army": "in one paragraph with range",
        "Pyongyang": "at most 5 words from Moscow",
        "Moscow": "at most 5 words from Pyongyang, at least 2 times",
        "range": "in one paragraph with army",
    }
    shown = plain(render_status(await desk.page.overview()))
    assert "Pyongyang Pyongyang (title); at most 5 words from Moscow" in shown


async def test_page_and_terminal_say_the_same_of_every_rule(desk: Desk) -> None:
    page = await article_page(desk)
    for told in await terminal(desk):
        for line in told.splitlines()[1:]:
            words = re.sub(r"\s+", " ", line.replace("<- stops here", "")).strip().removeprefix("all ")
            words = re.sub(r"^(\S+(?: \+ \S+)*) (yes|no) ", r"\1 \2 : ", words)
            assert words.removeprefix("near miss: ") in page, words
    assert "near miss: all but `fleet*`" in page
    assert "NEAR/5: positions differ by at most 5" in page


async def test_the_page_says_what_became_of_an_article(desk: Desk) -> None:
    assert "range -> desk: sent" in await article_page(desk)
    assert await desk.page.article("a2222") is None
