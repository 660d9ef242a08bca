"""`watcher stories` on a real database: what it lists, and what it says to a wrong id."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.fakes.reporters import FEEDS, Reporters
from tests.fakes.station import config
from watcher.asking.store import with_store
from watcher.cli.stories import command
from watcher.settings.env import read_settings
from watcher.storage.open import open_store
from watcher.telling.explained import decided

TITLE = "Shells hit chemical plant in Dellbrook, six workers injured"
LEAD = "Workers of the Dellbrook chemical plant were taken to hospital after the explosion."
MORE = "Dellbrook chemical plant hit by shells: workers in hospital"
Run = Callable[..., Result]


@pytest.fixture
async def desk(tmp_path: Path) -> Reporters:
    """Papers and a channel, with one story: told, copied, and told more of."""
    store = open_store(f"sqlite:///{tmp_path}/watcher.db")
    made = await Reporters.open(tmp_path, store, config(feeds=FEEDS[:3]))
    await made.report("wire", TITLE, LEAD)
    await made.report("paper", TITLE, LEAD, minutes=1)
    await made.report("post", MORE, minutes=1)
    await made.send()
    await store.close()
    return made


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The verb on the database of the test."""
    place = ["--data", str(tmp_path), "--database", f"sqlite:///{tmp_path}/watcher.db"]

    def go(verb: str, *arguments: str) -> Result:
        return CliRunner().invoke(command, [verb, *arguments, *place])

    return go


def folded(run: Run) -> str:
    """Return the id of the article that was folded."""
    lines = run("suppressed", "--since", "5200w", "--json").stdout.splitlines()
    [one] = [json.loads(line) for line in lines]
    assert one["outcome"] == "folded"
    return str(one["article"])


def test_list_says_who_tells_a_story_and_what_was_told_where(desk: Reporters, run: Run) -> None:
    shown = run("list").stdout
    assert TITLE in shown
    assert "3 articles, 3 outlets, 2 independent, 1 copy; desk: first sent, follow-up waiting" in shown


def test_show_gives_each_article_with_why_and_each_alert(desk: Reporters, run: Run) -> None:
    story = json.loads(run("list", "--json").stdout)["story"]
    shown = run("show", story[:10]).stdout
    assert "shells -> desk: folded: a copy of a" in shown
    assert "rare words are shared" in shown
    assert "first [normal] shells -> desk: sent by m" in shown
    of_copy = json.loads(run("show", folded(run), "--json").stdout)
    assert of_copy["story"] == story
    assert len(of_copy["decided"]) == 3


def test_suppressed_says_why_in_the_words_of_explain(desk: Reporters, run: Run) -> None:
    shown = run("suppressed", "--since", "5200w").stdout
    assert "shells -> desk: folded: a copy of a" in shown
    assert "the titles are equal" in shown


def test_the_page_and_explain_say_the_same_as_the_list(desk: Reporters, run: Run, tmp_path: Path) -> None:
    folded_id = folded(run)
    copy = with_store(
        read_settings(data=tmp_path, database=f"sqlite:///{tmp_path}/watcher.db"),
        lambda store: store.article(folded_id),
    )
    assert copy is not None
    [sentence] = decided(copy)
    assert sentence in run("suppressed", "--since", "5200w").stdout
    assert sentence in run("show", copy.article.id).stdout


def test_release_tells_once_and_says_so(desk: Reporters, run: Run) -> None:
    copy = folded(run)
    first, again = run("release", copy), run("release", copy)
    when = "it goes out when the daemon runs and the channel works"
    assert first.stdout == f"{copy} has an alert of its own for desk; {when}\n"
    assert again.exit_code != 0
    assert "has nothing to release: for shells it was told by an alert of its own, which is waiting (desk)" in str(
        again.exception
    )


@pytest.mark.parametrize(
    ("verb", "arguments", "said"),
    [
        ("show", ("saaaaaaaaaaaaaaaaaaaaaaaaaa",), "no story, and no article of a story, has the id saaaa"),
        ("show", ("no such thing",), "see: watcher stories list"),
        ("release", ("saaaa",), "no stored article has the id saaaa; see: watcher stories suppressed"),
        ("release", ("aaaaa",), "no stored article has the id aaaaa"),
        ("suppressed", ("--since", "soon"), "'soon' is no period; write it as 90m, 24h or 3d"),
        ("suppressed", ("--since", "-3h"), "is no period"),
        ("list", ("--limit", "0"), "0 is not in the range"),
    ],
)
def test_a_wrong_id_or_period_is_named_with_the_mend(
    desk: Reporters, run: Run, verb: str, arguments: tuple[str, ...], said: str
) -> None:
    result = run(verb, *arguments)
    assert result.exit_code != 0
    assert said in f"{result.output}{result.exception}"


def test_a_title_cannot_steer_the_terminal(tmp_path: Path, run: Run) -> None:
    async def tell() -> None:
        store = open_store(f"sqlite:///{tmp_path}/watcher.db")
        made = await Reporters.open(tmp_path, store, config(feeds=FEEDS[:2]))
        await made.report("wire", "Shells \u202e \x9b31m found")
        await store.close()

    asyncio.run(tell())
    shown = run("list").stdout + run("suppressed", "--since", "5200w").stdout
    assert "Shells" in shown
    assert not set("\u202e\x9b\x1b") & set(shown)
