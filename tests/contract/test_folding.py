"""What becomes of a text about news that was told: the table of docs/explanation/folding.md, cell by cell, on every
store.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.reporters import FEEDS, Reporters
from tests.fakes.station import config
from watcher.core.model.ids import ChannelName
from watcher.core.model.message import AttemptClass, AttemptResult, Decision, HoldReason, MessageState
from watcher.core.model.record import MessageClaim
from watcher.core.model.verdict import Level, Outcome
from watcher.ports import Store

DOCUMENT = Path(__file__).parents[2] / "docs" / "explanation" / "folding.md"
RULES = """
  - name: Shells
    all: [shells]
    raise:
      - {severity: high, when: {any: [nuclear]}}
"""
TEXT = config(rules=RULES, feeds=FEEDS[:3])
TITLE = "Shells hit chemical plant in Dellbrook, six workers injured"
LEAD = "Workers of the Dellbrook chemical plant were taken to hospital after the explosion."
DESK = ChannelName("desk")


@dataclass(frozen=True)
class Kind:
    """A text that comes after the first: where it comes, and in which words; `again` = under the item that was told."""

    feed: str
    title: str
    text: str = ""
    again: bool = False


KINDS = {
    "a copy": Kind("paper", TITLE, LEAD),
    "a copy that grades higher": Kind("paper", TITLE, f"{LEAD} Nuclear inspectors were near."),
    "its item in other words": Kind("wire", "Shells hit chemical plant in Dellbrook, six injured", LEAD, again=True),
    "its item with another figure": Kind("wire", TITLE.replace("six", "ten"), LEAD, again=True),
    "more of the story": Kind("post", "Dellbrook chemical plant hit by shells: workers in hospital"),
    "more, and it grades higher": Kind("post", "Dellbrook chemical plant hit by shells: nuclear workers in hospital"),
    "a changed fact": Kind("post", "Ten injured as shells hit chemical plant in Dellbrook, workers in hospital"),
    "another event": Kind("post", "Shells hit chemical plant in Dellbrook for a second time, workers in hospital"),
}


@dataclass(frozen=True)
class State:
    """What a message became, and why."""

    state: MessageState
    hold: HoldReason | None = None
    died: AttemptClass | None = None

    @property
    def word(self) -> str:
        """Its name in the document."""
        if self.died:
            return f"dead ({_DEATHS[self.died]})"
        return "held (any reason)" if self.hold else self.state.value

    @property
    def id(self) -> str:
        """Its name in the list of tests."""
        return f"held for {self.hold.value}" if self.hold else self.word


_DEATHS = {AttemptClass.CONTENT: "content", AttemptClass.RETRY: "age", AttemptClass.PERMANENT: "permanent"}
_QUIET = State(MessageState.HELD, hold=HoldReason.QUIET)
_STATES = [
    *(State(state) for state in MessageState if state not in {MessageState.HELD, MessageState.DEAD}),
    _QUIET,
    *(State(MessageState.DEAD, died=died) for died in _DEATHS),
]
_REFUSED = State(MessageState.DEAD, died=AttemptClass.CONTENT)


@pytest.fixture
async def desk(store: Store, tmp_path: Path) -> Reporters:
    """Papers and a channel, with one story told to it."""
    made = await Reporters.open(tmp_path, store, TEXT)
    assert await made.report("wire", TITLE, LEAD, guid="one") == ["first"]
    return made


async def bring(desk: Reporters, to: State) -> None:
    """Let the one message that waits become what is asked for."""
    if to.state is MessageState.WAITING:
        return
    claim = await claimed(desk)
    if to.state is MessageState.SENDING:
        return
    result = AttemptResult(to.died or AttemptClass.OK, "said so")
    later = desk.clock.now() + timedelta(hours=9)
    await desk.store.mark(
        claim,
        result,
        Decision(to.state, claim.health, hold=to.hold, dead_class=to.died, next_try_at=later),
        desk.clock.now(),
    )


async def claimed(desk: Reporters) -> MessageClaim:
    """Claim the one message that is due."""
    [claim] = await desk.store.claim_messages("desk", desk.clock.now(), timedelta(minutes=5), 10, [DESK])
    return claim


def documented() -> dict[tuple[str, str], str]:
    """Return the cells of the document by state and kind."""
    lines = DOCUMENT.read_text("utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("| the earlier message is"))
    head = [cell.strip() for cell in lines[start].strip("|").split("|")][1:]
    cells: dict[tuple[str, str], str] = {}
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        states, *row = [cell.strip() for cell in line.strip("|").split("|")]
        for state in states.split(", "):
            cells |= {(state, kind): cell for kind, cell in zip(head, row, strict=True)}
    return cells


async def comes(desk: Reporters, kind: str) -> str:
    """Let a text of this kind come, and return what became of it in the words of the document."""
    text = KINDS[kind]
    said = await desk.report(text.feed, text.title, text.text, guid="one" if text.again else "", minutes=5)
    return ", ".join(said) or "same alert"


def test_the_document_has_a_cell_for_every_state_and_kind() -> None:
    words = {state.word for state in _STATES} | {"silenced (there is none)"}
    assert set(documented()) == {(word, kind) for word in words for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", _STATES, ids=lambda state: state.id)
async def test_a_text_about_news_that_was_told_does_what_the_document_says(
    desk: Reporters, state: State, kind: str
) -> None:
    await bring(desk, state)
    assert await comes(desk, kind) == documented()[state.word, kind]


@pytest.mark.parametrize("hold", [hold for hold in HoldReason if hold is not HoldReason.QUIET])
async def test_a_copy_folds_into_a_message_that_is_held_for_any_reason(desk: Reporters, hold: HoldReason) -> None:
    await bring(desk, State(MessageState.HELD, hold=hold))
    assert await comes(desk, "a copy") == "folded"


@pytest.mark.parametrize("kind", KINDS)
async def test_what_a_silence_held_suppresses_nothing_after_its_end(store: Store, tmp_path: Path, kind: str) -> None:
    silenced = "silences: [{name: quiet, rule: shells, until: 2030-01-01}]"
    desk = await Reporters.open(tmp_path, store, config(rules=RULES, feeds=FEEDS[:3], more=silenced))
    assert await desk.report("wire", TITLE, LEAD, guid="one") == ["silenced"]
    await desk.adopt(TEXT)
    assert await comes(desk, kind) == documented()["silenced (there is none)", kind]


async def folded(desk: Reporters, *copies: str) -> None:
    """Let copies of the first report come from papers."""
    for number, text in enumerate(copies):
        assert await desk.report(("paper", "post")[number], TITLE, text, minutes=1) == ["folded"]


async def ended(desk: Reporters, how: State) -> MessageClaim:
    """Let the message that is due end so, and return it."""
    claim = await claimed(desk)
    decision = Decision(how.state, claim.health, hold=how.hold, dead_class=how.died)
    await desk.store.mark(claim, AttemptResult(how.died or AttemptClass.OK, "said so"), decision, desk.clock.now())
    return claim


async def test_when_a_message_dies_of_its_content_its_best_copy_is_told_with_the_others_beside(desk: Reporters) -> None:
    await folded(desk, LEAD, f"{LEAD} More is known by now.")
    dead = await ended(desk, _REFUSED)
    [made] = await desk.alerts_made()
    assert (made.article.feed_name, made.kind.value, made.promoted_from) == ("post", "first", dead.alerts[0].id)
    assert "refused" in made.note
    assert [member.article.feed_name for member in made.members] == ["post", "wire", "paper"]
    assert [member.level for member in made.members] == [Level.NEW, Level.NEAR_COPY, Level.NEAR_COPY]
    [verdict] = await desk.verdicts(made.article.id)
    assert (verdict.outcome, verdict.alert) == (Outcome.WAITING, made.id)
    await desk.send()
    assert desk.told("desk") == [[TITLE]]


async def test_a_copy_that_comes_after_a_promotion_folds_into_the_promoted_one(desk: Reporters) -> None:
    await folded(desk, LEAD)
    await ended(desk, _REFUSED)
    await desk.alerts_made()
    assert await comes(desk, "its item in other words") == "folded"
    assert await comes(desk, "more of the story") == "follow_up"


async def test_a_fold_group_is_promoted_once(desk: Reporters) -> None:
    await folded(desk, LEAD, f"{LEAD} More is known by now.")
    await ended(desk, _REFUSED)
    assert len(await desk.alerts_made()) == 1
    await ended(desk, _REFUSED)
    assert await desk.alerts_made() == []
    dead = await desk.store.messages(state="dead")
    assert len(dead) == 2
    await desk.store.retry_message(dead[-1].id, desk.clock.now())
    await ended(desk, _REFUSED)
    assert await desk.alerts_made() == []


@pytest.mark.parametrize("died", [AttemptClass.RETRY, AttemptClass.PERMANENT])
async def test_folds_of_a_message_that_died_of_age_or_an_answer_for_good_come_back_with_its_redrive(
    desk: Reporters, died: AttemptClass
) -> None:
    await folded(desk, LEAD)
    dead = await ended(desk, State(MessageState.DEAD, died=died))
    assert await desk.alerts_made() == []
    await desk.store.retry_message(dead.id, desk.clock.now())
    again = await claimed(desk)
    assert [member.article.feed_name for member in again.alerts[0].members] == ["wire", "paper"]


async def test_without_copies_nothing_is_promoted(desk: Reporters) -> None:
    await ended(desk, _REFUSED)
    assert await desk.alerts_made() == []
    assert await desk.store.messages(state="waiting") == []


async def test_a_dead_letter_asked_for_again_is_not_told_beside_its_promoted_copy(desk: Reporters) -> None:
    await folded(desk, LEAD)
    dead = await ended(desk, _REFUSED)
    await desk.send()
    assert desk.told("desk") == [[TITLE]]
    await desk.store.retry_message(dead.id, desk.clock.now())
    await desk.send()
    assert desk.told("desk") == [[TITLE]]
    record = await desk.store.message(dead.id)
    assert record is not None
    assert (record.state, record.answer) == (MessageState.SKIPPED, "another message tells the same")


async def test_a_promoted_copy_is_not_told_beside_the_dead_letter_that_arrived_first(desk: Reporters) -> None:
    await folded(desk, LEAD)
    dead = await ended(desk, _REFUSED)
    await desk.store.retry_message(dead.id, desk.clock.now())
    await desk.send()
    assert desk.told("desk") == [[TITLE]]
    assert sorted(one.state.value for one in await desk.store.messages(target="desk")) == ["sent", "skipped"]


async def test_a_dead_letter_asked_for_again_is_not_told_beside_a_copy_that_came_after_its_death(
    desk: Reporters,
) -> None:
    dead = await ended(desk, _REFUSED)
    assert await comes(desk, "a copy") == "first"
    await desk.send()
    await desk.store.retry_message(dead.id, desk.clock.now())
    await desk.send()
    assert desk.told("desk") == [[TITLE]]


async def test_a_dead_letter_asked_for_again_is_told_beside_other_news_of_its_story(desk: Reporters) -> None:
    dead = await ended(desk, _REFUSED)
    assert await comes(desk, "another event") == "first"
    await desk.send()
    await desk.store.retry_message(dead.id, desk.clock.now())
    await desk.send()
    assert desk.told("desk") == [[KINDS["another event"].title], [TITLE]]


async def test_where_it_is_unsure_what_arrived_the_dead_letter_and_its_copy_both_go(desk: Reporters) -> None:
    await folded(desk, LEAD)
    dead = await ended(desk, _REFUSED)
    copy = await claimed(desk)
    later = desk.clock.now() + timedelta(hours=1)
    unsure = Decision(MessageState.UNCONFIRMED, copy.health, next_try_at=later)
    await desk.store.mark(copy, AttemptResult(AttemptClass.UNKNOWN, "no answer"), unsure, desk.clock.now())
    await desk.store.retry_message(dead.id, desk.clock.now())
    await desk.send()
    assert desk.told("desk") == [[TITLE]]
    desk.clock.advance(hours=2)
    await desk.send()
    assert desk.told("desk") == [[TITLE], [TITLE]]


async def test_neither_is_lost_where_dead_letter_and_copy_wait_together_and_one_dies(desk: Reporters) -> None:
    await folded(desk, LEAD)
    dead = await ended(desk, _REFUSED)
    await desk.store.retry_message(dead.id, desk.clock.now())
    again = await ended(desk, _REFUSED)
    assert again.id == dead.id
    await desk.send()
    assert desk.told("desk") == [[TITLE]]


async def test_a_list_that_dies_of_its_content_promotes_as_a_list(desk: Reporters) -> None:
    await bring(desk, State(MessageState.SENT))
    desk.clock.advance(hours=30)
    others = ("Shells found in harbour shed by Korlan divers", "Shells stolen from depot of Merrow museum")
    await desk.report("wire", others[0], f"{others[0]} on Monday, the police said.")
    await desk.report("wire", others[1], f"{others[1]} on Tuesday, the curator said.")
    await desk.report("paper", others[0], f"{others[0]} on Monday, the police said.")
    await desk.report("paper", others[1], f"{others[1]} on Tuesday, the curator said.")
    claim = await claimed(desk)
    broken = replace(claim.health, breaker_since=desk.clock.now(), breaker_reason="down", next_probe_at=None)
    held = Decision(MessageState.HELD, broken, hold=HoldReason.BREAKER, opened=True)
    await desk.store.mark(claim, AttemptResult(AttemptClass.PERMANENT, "down"), held, desk.clock.now())
    probe = await claimed(desk)
    well = replace(probe.health, breaker_since=None, breaker_reason="")
    again = Decision(MessageState.HELD, well, hold=HoldReason.BREAKER, closed=True)
    await desk.store.mark(probe, AttemptResult(AttemptClass.CONTENT, "no"), again, desk.clock.now())
    summary = await ended(desk, _REFUSED)
    assert len(summary.alerts) == 2
    promoted = await claimed(desk)
    assert (promoted.kind, len(promoted.alerts)) == (summary.kind, 2)
    assert {alert.article.feed_name for alert in promoted.alerts} == {"paper"}
