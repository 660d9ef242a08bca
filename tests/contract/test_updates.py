"""UPDATEs, follow-ups and other events of a story, by sequences of reports: no denial, correction or second event is
missing.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.press import document, item
from tests.fakes.reporters import FEEDS, Reporters
from tests.fakes.station import config
from watcher.core.model.ids import ChannelName
from watcher.core.model.message import AttemptClass, AttemptResult, Decision, MessageState
from watcher.core.model.rule import Severity
from watcher.ports import Store

RULES = """
  - name: Shells
    all: [[shells, missile, missiles, снарядами]]
"""
TITLE = "Shells hit chemical plant in Dellbrook, six workers injured"
LEAD = "Workers of the Dellbrook chemical plant were taken to hospital after the explosion."
DENIAL = "Army denies shells hit chemical plant in Dellbrook, workers injured"
LAUNCH = "North Korea fires missile into East Sea, Seoul says"
DESK = ChannelName("desk")

Step = tuple[str, str, str, str, str]
"""Feed, guid ("" = one of its own), title, text, and what became of it."""

FIRST: Step = ("wire", "one", TITLE, LEAD, "first")
SEQUENCES: dict[str, tuple[Step, ...]] = {
    "a denial": (FIRST, ("post", "", DENIAL, LEAD, "update")),
    "a denial comes first": (
        ("post", "", DENIAL, "", "first"),
        ("echo", "", "Shells hit chemical plant in Dellbrook, workers injured, says governor", "", "follow_up"),
    ),
    "a denial by somebody else": (
        FIRST,
        ("post", "", DENIAL, LEAD, "update"),
        ("echo", "", DENIAL.replace("Army", "Governor"), "Officials in Dellbrook said it on Monday evening.", "update"),
    ),
    "a denial is taken back": (
        FIRST,
        ("post", "", DENIAL, LEAD, "update"),
        ("mail", "", DENIAL.replace("denies", "confirms"), "The plant in Dellbrook was hit.", "update"),
    ),
    "a denial under one address": (FIRST, ("wire", "one", f"Army denies: {TITLE}", LEAD, "update")),
    "a denial under the address of a folded copy": (
        FIRST,
        ("paper", "p", TITLE, LEAD, "folded"),
        ("paper", "p", f"Army denies: {TITLE}", LEAD, "folded, update"),
    ),
    "a false alarm": (FIRST, ("post", "", "False alarm: no shells hit chemical plant in Dellbrook", LEAD, "update")),
    "a correction": (FIRST, ("paper", "", f"CORRECTED: {TITLE.replace('six', 'eight')}", LEAD, "update")),
    "a correction of a correction": (
        FIRST,
        ("wire", "one", f"CORRECTED: {TITLE.replace('six', 'eight')}", LEAD, "update"),
        ("wire", "one", f"CORRECTED: {TITLE.replace('six', 'five')}", LEAD, "update"),
        ("wire", "one", f"CORRECTED: {TITLE.replace('six', 'seven')}", LEAD, "update"),
    ),
    "a withdrawal": (FIRST, ("wire", "two", f"RETRACTED: {TITLE}", "The agency withdraws its report.", "update")),
    "a withdrawal under one address": (
        FIRST,
        (
            "wire",
            "one",
            "WITHDRAWN: Shells hit chemical plant in Dellbrook",
            "The agency takes its report back.",
            "update",
        ),
    ),
    "a toll that rises": (
        FIRST,
        ("paper", "", TITLE.replace("six", "ten"), LEAD, "update"),
        ("post", "", TITLE.replace("six", "twelve"), LEAD, "update"),
    ),
    "a toll that rises under one address": (
        FIRST,
        ("wire", "one", TITLE.replace("six", "ten"), LEAD, "update"),
        ("wire", "one", TITLE.replace("six", "twelve"), LEAD, "update"),
    ),
    "a toll in the active voice": (
        ("wire", "one", "Shells kill 3 workers at chemical plant in Dellbrook", LEAD, "first"),
        ("paper", "", "Shells hit chemical plant in Dellbrook, killing 12 workers", LEAD, "update"),
        ("wire", "one", "Shells kill 15 workers at chemical plant in Dellbrook", LEAD, "update"),
    ),
    "a toll that falls is no update": (FIRST, ("paper", "", TITLE.replace("six", "four"), LEAD, "follow_up")),
    "a toll that falls under one address is none": (
        FIRST,
        ("wire", "one", TITLE.replace("six", "four"), LEAD, "same alert"),
    ),
    "a toll that falls because it is corrected": (
        FIRST,
        (
            "post",
            "",
            "Four injured, not six, as shells hit chemical plant in Dellbrook, governor corrects",
            LEAD,
            "update",
        ),
    ),
    "a first death": (
        FIRST,
        ("post", "", "One worker dies after shells hit chemical plant in Dellbrook", LEAD, "update"),
    ),
    "a first death under one address": (
        FIRST,
        ("wire", "one", "Shells hit chemical plant in Dellbrook, one killed, six workers injured", LEAD, "update"),
    ),
    "a first death in a copy's lead": (FIRST, ("paper", "", TITLE, f"{LEAD} One of them died.", "folded, update")),
    "a worker succumbs": (
        FIRST,
        ("post", "", "Worker succumbs to wounds after shells hit chemical plant in Dellbrook", LEAD, "update"),
    ),
    "a turn of the matter": (
        FIRST,
        ("post", "", "Army confirms shells hit chemical plant in Dellbrook", LEAD, "update"),
    ),
    "two languages": (
        FIRST,
        ("echo", "", "Снарядами обстрелян химзавод Деллбрук, 6 ранены", "", "first"),
        ("mail", "", "Армия опровергла: снарядами обстрелян химзавод Деллбрук, 6 ранены", "", "update"),
    ),
    "another launch in the same hour": (
        ("wire", "", LAUNCH, "The missile flew from Wonsan at 7:10, the military in Seoul said.", "first"),
        (
            "paper",
            "",
            LAUNCH.replace("missile", "another missile"),
            "It flew from Wonsan at 7:50, the military said.",
            "first",
        ),
    ),
    "another launch under the same headline of one feed": (
        ("wire", "1", LAUNCH, "The missile flew from Wonsan at 7:10, the military in Seoul said.", "first"),
        ("wire", "2", LAUNCH, "The missile flew from Wonsan at 7:50, the military in Seoul said.", "first"),
        ("wire", "3", LAUNCH, "The missile flew from Wonsan at 8:20, the military in Seoul said.", "first"),
    ),
    "another launch under the same headline of another feed": (
        ("wire", "", LAUNCH, "The missile flew from Wonsan at 7:10, the military in Seoul said.", "first"),
        ("paper", "", LAUNCH, "The missile flew from Sinpo at 9:40, the military in Seoul said.", "first"),
    ),
    "another launch at another time of day": (
        ("wire", "", LAUNCH.replace("Sea", "Sea at 7:10"), "The military said so.", "first"),
        ("paper", "", LAUNCH.replace("Sea", "Sea at 9:40"), "The military said so.", "first"),
    ),
    "a denial in the lead under a headline that was told": (
        FIRST,
        ("paper", "", TITLE, "The army denied on Monday that it fired at the Dellbrook chemical plant.", "update"),
    ),
    "a correction in the lead of a copy": (
        FIRST,
        ("paper", "", TITLE, f"{LEAD} (Corrects number of injured.)", "folded, update"),
    ),
    "a lead that contradicts in its toll": (
        (
            "wire",
            "",
            "Shells sink ferry off Tanga",
            "At least 12 people died as a ferry with 80 on board sank off Tanga, police said.",
            "first",
        ),
        (
            "paper",
            "",
            "Shells hit ferry in Tanga",
            "At least 31 people died as a ferry with 80 on board sank off Tanga, police said.",
            "update",
        ),
    ),
    "a higher figure of another kind": (
        ("wire", "", "Plant in Dellbrook ships 250 shells a day", "", "first"),
        ("paper", "", "Plant in Dellbrook ships 900 shells a day", "", "update"),
    ),
    "a headline that is turned round": (
        ("wire", "", "Завод поставил снарядами Сирию, заявил министр обороны", "", "first"),
        ("paper", "", "Завод не поставил снарядами Сирию, заявил министр обороны", "", "first"),
    ),
    "other towns under one address": (
        ("wire", "one", "Alert: shells fired at Sumy", "", "first"),
        ("wire", "one", "Alert: shells fired at Kherson", "", "update"),
        ("wire", "one", "Alert: shells fired at Nikopol", "", "update"),
    ),
    "towns that come again under one address": (
        ("wire", "one", "Shells fired at Sumy", "", "first"),
        ("wire", "one", "Shells fired at Kherson", "", "update"),
        ("wire", "one", "Shells fired at Sumy", "A depot burned near the river, officials said.", "update"),
    ),
    "a score under one address": (
        ("wire", "one", "Shells Cup: Norden 0-0 Suden", "", "first"),
        ("wire", "one", "Shells Cup: Norden 0-1 Suden", "", "update"),
        ("wire", "one", "Shells Cup: Norden 1-1 Suden", "", "update"),
    ),
    "a score in another paper": (
        ("wire", "", "Shells Cup: Norden 0-0 Suden", "", "first"),
        ("paper", "", "Shells Cup: Norden 0-1 Suden", "", "update"),
        ("post", "", "Shells Cup: Norden 0-0 Suden, first half", "", "follow_up"),
    ),
    "a date that is moved": (
        ("wire", "", "Trial over shells of Karo set for 3 December", "", "first"),
        ("paper", "", "Trial over shells of Karo set for 10 December", "", "update"),
        ("wire", "", "Trial over shells of Karo set for 10 December, court says", "", "follow_up"),
    ),
    "a negation under one address": (
        ("wire", "one", "Plant in Orlan shipped shells to the front", "", "first"),
        ("wire", "one", "Plant in Orlan has not shipped shells to the front", "", "update"),
    ),
    "a negation that is gone under one address": (
        ("wire", "one", "No shells hit Orlan, army says", "", "first"),
        ("wire", "one", "Shells hit Orlan, army says", "", "update"),
        ("wire", "one", "No shells hit Orlan, army says", "", "first"),
    ),
    "an arrest and a release under one address": (
        ("wire", "one", "Dealer in shells arrested in Orlan", "", "first"),
        ("wire", "one", "Dealer in shells released in Orlan", "", "update"),
    ),
    "another strike under one address": (
        ("wire", "one", "Shells hit plant in Orlan", "", "first"),
        ("wire", "one", "Shells hit plant in Orlan again", "", "update"),
    ),
    "more of the same": (
        FIRST,
        ("post", "", "Dellbrook chemical plant hit by shells: workers in hospital", "", "follow_up"),
    ),
}


async def opened(store: Store, folder: Path, text: str = "") -> Reporters:
    """Return papers at work, with a database that is there already."""
    return await Reporters.open(folder, store, text or config(rules=RULES, feeds=FEEDS))


@pytest.mark.parametrize("name", SEQUENCES)
async def test_a_story_is_told_as_it_turns(store: Store, tmp_path: Path, name: str) -> None:
    desk = await opened(store, tmp_path)
    for feed, guid, title, text, expected in SEQUENCES[name]:
        said = await desk.report(feed, title, text, guid=guid, minutes=10)
        assert (", ".join(said) or "same alert") == expected, title


async def test_a_toll_under_one_address_is_an_update_however_old_its_alert_is(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path)
    for number, days in enumerate((0, 2, 9, 20)):
        title = f"Shells kill {number + 3} workers at chemical plant in Dellbrook"
        assert await desk.report("wire", title, LEAD, guid="one", days=days) == ["update" if number else "first"], days


async def _waits(desk: Reporters) -> timedelta:
    """Return how long the newest message waits to be gathered."""
    messages = [one for one in await desk.store.messages(limit=50) if one.state is MessageState.WAITING]
    [newest] = [one for one in messages if one.created_at == desk.clock.now()]
    return (newest.next_try_at or desk.clock.now()) - desk.clock.now()


@pytest.mark.parametrize(
    ("title", "waits"),
    [
        (DENIAL, timedelta(0)),
        (f"CORRECTED: {TITLE.replace('six', 'eight')}", timedelta(0)),
        (f"RETRACTED: {TITLE}", timedelta(0)),
        ("One worker dies after shells hit chemical plant in Dellbrook", timedelta(0)),
        ("Ten injured as shells hit chemical plant in Dellbrook, workers in hospital", timedelta(minutes=30)),
        ("Army confirms shells hit chemical plant in Dellbrook", timedelta(minutes=30)),
    ],
)
async def test_what_takes_back_and_a_first_death_go_at_once_and_figures_are_gathered(
    store: Store, tmp_path: Path, title: str, waits: timedelta
) -> None:
    desk = await opened(store, tmp_path)
    await desk.report("wire", TITLE, LEAD)
    assert await desk.report("post", title, LEAD, minutes=10) == ["update"]
    assert await _waits(desk) == waits


async def test_a_correction_of_a_correction_goes_at_once(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path)
    await desk.report("wire", TITLE, LEAD, guid="one")
    await desk.report("wire", f"CORRECTED: {TITLE.replace('six', 'eight')}", LEAD, guid="one", minutes=10)
    await desk.report("wire", f"CORRECTED: {TITLE.replace('six', 'five')}", LEAD, guid="one", minutes=10)
    assert await _waits(desk) == timedelta(0)


async def test_a_denial_that_another_rule_told_is_told_to_those_who_did_not_hear_it(
    store: Store, tmp_path: Path
) -> None:
    rules = """
  - name: Shells
    all: [shells]
    send_to: [desk]
  - name: Army
    all: [army]
    send_to: [bot]
"""
    desk = await opened(store, tmp_path, config(rules=rules, feeds=FEEDS, channels=["desk", "bot"], send_to=["desk"]))
    assert await desk.report("wire", TITLE, LEAD) == ["first"]
    # It does not name what the rule of the desk asks for, so the desk does not hear of it.
    told = await desk.report(
        "post", "Army denies attack on chemical plant in Dellbrook, workers injured", LEAD, minutes=10
    )
    assert told == ["first"]
    await desk.report("echo", DENIAL, "Officials in Dellbrook said it on Monday evening.", minutes=10)
    updates = [one for one in await desk.store.recent_alerts() if one.kind.value == "update" and one.target == "desk"]
    assert [one.note for one in updates] == ["UPDATE: denied"]


async def test_a_denial_whose_message_died_is_told_by_the_next_text_that_denies(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path)
    await desk.report("wire", TITLE, LEAD)
    await desk.send()
    assert await desk.report("post", DENIAL, LEAD, minutes=10) == ["update"]
    [claim] = await desk.store.claim_messages("desk", desk.clock.now(), timedelta(minutes=5), 10, [DESK])
    dead = Decision(MessageState.DEAD, claim.health, dead_class=AttemptClass.CONTENT)
    await desk.store.mark(claim, AttemptResult(AttemptClass.CONTENT, "no"), dead, desk.clock.now())
    again = await desk.report(
        "echo", DENIAL.replace(", workers", ": workers"), "Dellbrook officials told it.", minutes=10
    )
    assert again == ["update"]
    assert await desk.report("mail", f"Again: {DENIAL}", "So they said in Dellbrook.", minutes=10) != ["update"]


async def test_a_denial_that_a_silence_held_is_told_by_the_next_text_after_its_end(
    store: Store, tmp_path: Path
) -> None:
    desk = await opened(store, tmp_path)
    await desk.report("wire", TITLE, LEAD)
    await desk.adopt(config(rules=RULES, feeds=FEEDS, more="silences: [{name: q, rule: shells, until: 2030-01-01}]"))
    assert await desk.report("post", DENIAL, LEAD, minutes=10) == ["silenced"]
    await desk.adopt(config(rules=RULES, feeds=FEEDS))
    said = await desk.report(
        "echo", DENIAL.replace(", workers", ": workers"), "Dellbrook officials told it.", minutes=10
    )
    assert said == ["update"]


@pytest.mark.parametrize(
    ("follow_ups", "more"), [("thread", "follow_up"), ("gather", "follow_up"), ("none", "skipped")]
)
async def test_a_rule_says_what_becomes_of_follow_ups_and_updates_always_come(
    store: Store, tmp_path: Path, follow_ups: str, more: str
) -> None:
    rules = f"{RULES}    follow_ups: {follow_ups}\n"
    desk = await opened(store, tmp_path, config(rules=rules, feeds=FEEDS))
    await desk.report("wire", TITLE, LEAD)
    said = await desk.report("post", "Dellbrook chemical plant hit by shells: workers in hospital", minutes=10)
    assert said == [more]
    assert await desk.report("echo", DENIAL, LEAD, minutes=10) == ["update"]
    assert await desk.report("paper", TITLE.replace("six", "ten"), LEAD, minutes=10) == ["update"]
    second = "Shells hit chemical plant in Dellbrook for a second time, workers injured"
    assert await desk.report("mail", second, LEAD, minutes=10) == ["first"]


async def test_an_update_has_at_least_the_severity_at_which_its_story_was_told(store: Store, tmp_path: Path) -> None:
    rules = f"{RULES}    raise: [{{severity: high, when: {{any: [explosion]}}}}]\n"
    desk = await opened(store, tmp_path, config(rules=rules, feeds=FEEDS))
    await desk.report("wire", TITLE, LEAD)
    await desk.report("post", DENIAL, "Dellbrook officials told it on Monday.", minutes=10)
    assert {one.severity for one in await desk.store.recent_alerts()} == {Severity.HIGH}


async def test_what_is_gathered_is_one_message_that_names_all_that_changed(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path)
    await desk.report("wire", TITLE, LEAD)
    await desk.send()
    await desk.report("paper", TITLE.replace("six", "ten"), LEAD, minutes=5)
    await desk.report("post", TITLE.replace("six", "twelve"), LEAD, minutes=5)
    desk.clock.advance(minutes=26)
    await desk.send()
    [_, update] = desk.channels["desk"].sent
    assert sorted(alert.note for alert in update.alerts) == ["UPDATE: injured 10 → 12", "UPDATE: injured 6 → 10"]


async def test_each_update_that_waits_for_a_channel_that_is_taken_out_is_told_to_the_default_one(
    store: Store, tmp_path: Path
) -> None:
    desk = await Reporters.open(tmp_path, store, config(feeds=FEEDS[:3]))
    said = [
        await desk.report("wire", "Shells hit market in Dellbrook, six injured"),
        await desk.report("wire", "Shells hit market in Dellbrook, nine injured", minutes=20),
        await desk.report("wire", "Shells hit market in Dellbrook, one killed", minutes=20),
    ]
    assert said == [["first"], ["update"], ["update"]]
    await desk.adopt(config(feeds=FEEDS[:3], channels=["me"], send_to=["me"]))
    desk.clock.advance(hours=1)
    await desk.send()
    assert sorted(title for message in desk.told("me") for title in message) == [
        "Shells hit market in Dellbrook, nine injured",
        "Shells hit market in Dellbrook, one killed",
        "Shells hit market in Dellbrook, six injured",
    ]


@pytest.mark.parametrize("is_newest_first", [True, False])
async def test_a_claim_and_its_denial_in_one_reading_are_told_in_that_order(
    store: Store, tmp_path: Path, is_newest_first: bool
) -> None:
    rules = "\n  - {name: Shells, all: [shells], limit: none, raise: [{severity: critical, when: {title: [dozens]}}]}"
    desk = await Reporters.open(tmp_path, store, config(rules=rules, feeds=FEEDS[:1]))
    await desk.read("wire")
    desk.clock.advance(minutes=10)
    now, towns = desk.clock.now(), ("Lviv", "Odesa", "Sumy", "Uman")
    titles = [TITLE, *(f"Shells fell on {town}" for town in towns), DENIAL, "Dozens of shells hit port of Izmail"]
    items = [
        item(title, guid=title, link=f"https://wire.example/{number}", at=now - timedelta(minutes=60 - number))
        for number, title in enumerate(titles)
    ]
    desk.feeds["wire"] = document(*reversed(items) if is_newest_first else items)
    await desk.read("wire")
    await desk.send()
    assert [title for message in desk.told("desk") for title in message] == [titles[-1], *titles[:-1]]
    denial = next(
        alert for message in desk.channels["desk"].sent for alert in message.alerts if "denies" in alert.headline.text
    )
    assert denial.note == "UPDATE: denied"
