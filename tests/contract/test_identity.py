"""What a feed lists again, changes, or uses again for other news: told when it is news, and only then, on every
store.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.press import Press, item
from tests.fakes.station import config
from watcher.core.model.alert import AlertKind
from watcher.core.model.message import MessageKind
from watcher.core.model.policy import Keep
from watcher.core.model.record import KeptBackRecord
from watcher.core.model.verdict import Outcome
from watcher.errors import StorageError
from watcher.ports import Store

pytestmark = pytest.mark.filterwarnings("error")

HOUR = timedelta(hours=1)
BRIEF = "https://wire.example/brief"


@pytest.fixture
async def press(tmp_path: Path, store: Store) -> Press:
    """A feed that had its first poll long ago; the rule asks for shells."""
    return await Press.open(tmp_path, store)


HEADLINES = (
    "Shells found on a train to Odesa",
    "Ministry denies that shells were sold",
    "Two killed as artillery shells hit a market",
    "Factory for shells opens in the east",
    "Museum returns old shells to the army",
)


# -- an item that is used again ------------------------------------------------------------------------


async def test_one_item_with_ever_new_headlines_is_told_each_time(press: Press) -> None:
    async def brief(number: int) -> list[str]:
        return await press.go(item(HEADLINES[number], guid="brief", link=BRIEF, at=press.clock.now()))

    assert await brief(0) == [HEADLINES[0]]
    press.clock.advance(minutes=30)
    assert await brief(1) == [HEADLINES[1]]
    press.clock.advance(days=31)
    await press.store.prune(Keep(), press.clock.now())
    for number in (2, 3, 4):
        press.clock.advance(hours=30)
        assert await brief(number) == [HEADLINES[number]]


@pytest.mark.parametrize("link", [BRIEF, "https://wire.example/", ""])
async def test_undated_item_used_again_after_days_is_told(press: Press, link: str) -> None:
    assert await press.go(item(HEADLINES[0], guid="brief", link=link)) == [HEADLINES[0]]
    assert await press.go(item(HEADLINES[1], guid="brief", link=link), days=10) == [HEADLINES[1]]


@pytest.mark.parametrize("mark", [": ", " - ", " | "])
async def test_headlines_that_share_a_start_are_told_each(press: Press, mark: str) -> None:
    for rest in ("shells found on a train", "two killed as shells hit a town", "shells shipped"):
        title = f"Border brief{mark}{rest}"
        told = await press.go(item(title, guid="brief", link=BRIEF, at=press.clock.now()))
        assert told == [title]
        press.clock.advance(days=3)


async def test_guid_used_again_after_the_alerts_are_forgotten_is_told(tmp_path: Path, store: Store) -> None:
    press = await Press.open(tmp_path, store)
    keep = Keep(keys=timedelta(days=365))
    title = "Shells fired in the north"
    assert await press.go(item(title, guid="a", link=BRIEF, at=press.clock.now())) == [title]
    await press.go(item("Weather", guid="w"), hours=1)
    await press.store.prune(keep, press.clock.now())
    press.clock.advance(days=92)
    await press.store.prune(keep, press.clock.now())
    assert await press.go(item(title, guid="a", link=BRIEF, at=press.clock.now())) == [title]


async def test_alert_that_waits_is_sent_as_it_was_and_the_other_news_beside_it(press: Press) -> None:
    at = press.clock.now()
    await press.go(item(HEADLINES[0], guid="a", link=BRIEF, at=at))
    await press.go(item(HEADLINES[1], guid="a", link=BRIEF, at=at + 30 * HOUR), hours=30)
    await press.send()

    assert sorted(press.told("desk")) == sorted([[HEADLINES[0]], [HEADLINES[1]]])
    for message in press.channels["desk"].sent:
        assert all(alert.headline.marks for alert in message.alerts)


async def test_revised_article_is_sent_with_the_text_and_reasons_that_made_its_alert(press: Press) -> None:
    at = press.clock.now()
    await press.go(
        item("Shells found on a train to Odesa", guid="a", at=at, summary="Customs found shells on a train.")
    )
    await press.go(item("Weapons found on a train to Odesa", guid="a", at=at, summary="Customs found them on a train."))
    await press.send()

    assert press.told("desk") == [["Shells found on a train to Odesa"]]
    [message] = press.channels["desk"].sent
    assert message.alerts[0].headline.marks


# -- two entries are two items -------------------------------------------------------------------------


@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("https://blog-a.example/?p=123", "https://blog-b.example/?p=123"),
        ("https://en.site.example/news/123", "https://ru.site.example/news/123"),
        ("http://a.example/123", "https://b.example/123"),
    ],
)
async def test_guids_of_two_hosts_are_two_items(press: Press, one: str, two: str, dated: bool) -> None:
    at = press.clock.now() if dated else None
    first = item("Shells launch fails", guid=one, link=one, at=at)
    second = item("Academy for shells opens", guid=two, link=two, at=at)
    assert await press.go(first) == ["Shells launch fails"]
    assert await press.go(second, first, minutes=10) == ["Academy for shells opens"]
    for _ in range(3):
        assert await press.go(item("Weather", guid="w", at=at), second, first, minutes=10) == []
    assert await press.go(first, second, minutes=10) == []


@pytest.mark.parametrize(
    "link", ["https://alerts.example/latest", "https://alerts.example/", "https://alerts.example/kyiv"]
)
async def test_address_without_a_telling_end_names_no_article(press: Press, link: str) -> None:
    for number, town in enumerate(("Sumy", "Kherson", "Nikopol")):
        title = f"Alert: shells fired at {town}"
        told = await press.go(item(title, guid=f"alert-{number}", link=link, at=press.clock.now()), minutes=40)
        assert told == [title]


# -- recurring alarms ----------------------------------------------------------------------------------

ALARM = "Air raid alert: shells over Kyiv region"
FORMS: dict[str, Callable[[int], dict[str, str]]] = {
    "no guid": lambda n: {},
    "other text": lambda n: {"summary": f"Stay in shelters, wave {n}."},
    "own guids": lambda n: {"guid": f"u{n}"},
    "one guid": lambda n: {"guid": "alarm"},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("hours", [1, 8])
@pytest.mark.parametrize(
    "link", ["https://al.example/", "https://al.example/status", "https://al.example/air-raid-alert-kyiv-region"]
)
async def test_same_alarm_at_another_time_is_another_event(
    press: Press, form: str, keeps: bool, link: str, hours: int
) -> None:
    listed: list[str] = []
    for number in range(3):
        alarm = item(ALARM, link=link, at=press.clock.now(), **FORMS[form](number))
        listed = [alarm, *(listed if keeps and form != "one guid" else [])]
        assert await press.go(*listed) == [ALARM], number
        assert await press.go(*listed, minutes=10) == []
        press.clock.advance(hours=hours)


async def test_ten_alarms_a_day_are_ten(press: Press) -> None:
    told = 0
    for number in range(10):
        alarm = item(ALARM, guid=f"u{number}", link="https://al.example/", at=press.clock.now())
        told += len(await press.go(alarm))
        await press.not_modified(minutes=5)
        told += len(await press.go(item("All clear", guid=f"c{number}"), minutes=30))
        press.clock.advance(hours=1)
    assert told == 10


DAILY = (
    "Fire in the port of Odesa went out by noon; nobody was hurt.",
    "A museum in Lviv shows what the great war left in its fields.",
    "Parliament is asked for money by the army, which wants more for the winter.",
    "Court sentences two men for stealing from a depot near Izmail.",
)


@pytest.mark.parametrize("fill", [0, 8])
@pytest.mark.parametrize("title", ["Shells", "Shells: what the day brought", "Shells, day {}"])
@pytest.mark.parametrize(
    "keys",
    [{"guid": "daily", "link": "https://wire.example/news/shells"}, {"guid": "daily"}, {"link": f"{BRIEF}/shells"}],
)
async def test_daily_item_with_an_unrelated_text_is_told_each_day(
    press: Press, keys: dict[str, str], title: str, fill: int
) -> None:
    others = [item(f"Market report number {n}", guid=f"m{n}", at=press.clock.now()) for n in range(fill)]
    for number, text in enumerate(DAILY):
        press.clock.advance(hours=(24, 15, 33, 24)[number])
        said = title.format(number)
        page = item(said, **keys, at=press.clock.now(), summary=text)
        assert await press.go(page, *others) == [said], number
        assert await press.go(page, *others, minutes=10) == []


LIVE = "War live: shells and talks"
LIVE_LEADS = (
    "Shells fell on the port of Odesa overnight, and talks go on in Ankara.",
    "A railway hub in Dnipro was hit by shells; two carriages burned down.",
    "Village of Orlan changes hands after three weeks of shells and mines.",
    "Half of Kharkiv has no power since shells struck a substation at noon.",
)


@pytest.mark.parametrize("minutes", [0, 60])
@pytest.mark.parametrize("where", ["summary", "content"])
@pytest.mark.parametrize("older", [False, True])
async def test_new_event_on_a_live_page_is_told_though_its_title_stays(
    press: Press, minutes: int, where: str, older: bool
) -> None:
    others = [item(f"Market report number {n}", guid=f"m{n}", at=press.clock.now()) for n in range(8)]
    at, text = press.clock.now(), ""
    for number, new in enumerate(LIVE_LEADS):
        press.clock.advance(hours=1)
        at += timedelta(minutes=minutes)
        text = f"{new} {text if older else ''}".strip()
        page = item(LIVE, guid="live", link=f"{BRIEF}/war-live-17", at=at, **{where: text})
        assert await press.go(page, *others) == [LIVE], number
        assert await press.go(page, *others, minutes=10) == []
    updates = [one for one in await press.store.recent_alerts() if one.kind is AlertKind.UPDATE]
    assert len(updates) == 3
    assert f"UPDATE: now says: {LIVE_LEADS[3]}" in [one.note for one in updates]


async def test_event_on_a_live_page_that_says_nothing_of_the_rule_is_none(press: Press) -> None:
    others = [item(f"Market report number {n}", guid=f"m{n}", at=press.clock.now()) for n in range(8)]
    at = press.clock.now()
    page = {"guid": "live", "link": f"{BRIEF}/war-live-17", "at": at}
    assert await press.go(item(LIVE, summary=LIVE_LEADS[0], **page), *others) == [LIVE]  # type: ignore[arg-type]
    other = "Negotiators broke off in Ankara without another round agreed."
    assert await press.go(item(LIVE, summary=other, **page), *others, minutes=60) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("fill", [0, 8])
async def test_fourth_headline_that_was_there_before_is_told_where_its_date_moved(press: Press, fill: int) -> None:
    others = [item(f"Market report number {n}", guid=f"m{n}", at=press.clock.now()) for n in range(fill)]
    for town in ("Sumy", "Kherson", "Nikopol", "Sumy", "Kherson", "Sumy"):
        press.clock.advance(hours=2)
        title = f"Shells fall on {town}"
        page = item(title, guid="alarm", link=f"{BRIEF}/shelling", at=press.clock.now())
        assert await press.go(page, *others) == [title]
        assert await press.go(page, *others, minutes=10) == []


RECURRING: dict[str, tuple[dict[str, str], ...]] = {
    "an alert and its end": (
        {"title": "Shells alert in Kyiv region"},
        {"title": "Shells alert in Kyiv region over"},
        {"title": "Shells alert in Kyiv region"},
        {"title": "Shells alert in Kyiv region over"},
    ),
    "an alert and its end over one lead": (
        {"title": "Shells alert in Kyiv", "summary": "Follow the orders of the town and stay in a shelter."},
        {"title": "All clear after shells in Kyiv", "summary": "Follow the orders of the town and stay in a shelter."},
        {"title": "Shells alert in Kyiv", "summary": "Follow the orders of the town and stay in a shelter."},
    ),
    "regions in the lead": (
        {"title": "Warning of shells", "summary": "Red warning of shells for Sumy and Konotop until noon."},
        {"title": "Warning of shells", "summary": "Red warning of shells for Kharkiv and Izium until noon."},
    ),
    "levels": (
        {"title": "Shells warning: yellow for Sumy"},
        {"title": "Shells warning: amber for Sumy"},
        {"title": "Shells warning: red for Sumy"},
    ),
    "a table": (
        {"title": "Losses of the day", "summary": "Shells fired since dawn: 120."},
        {"title": "Losses of the day", "summary": "Shells fired since dawn: 180."},
    ),
}


@pytest.mark.parametrize("name", RECURRING)
async def test_item_that_is_used_for_what_comes_again_is_told_each_time(press: Press, name: str) -> None:
    others = [item(f"Market report number {n}", guid=f"m{n}", at=press.clock.now()) for n in range(8)]
    for number, page in enumerate(RECURRING[name]):
        press.clock.advance(hours=3)
        listed = item(**page, guid="a", link=f"{BRIEF}/page", at=press.clock.now())
        assert await press.go(listed, *others) == [page["title"]], number
        assert await press.go(listed, *others, minutes=10) == []


async def test_daily_table_of_other_figures_is_told_each_day(press: Press) -> None:
    others = [item(f"Market report number {n}", guid=f"m{n}", at=press.clock.now()) for n in range(8)]
    for figures in ("Tanks 3, guns 12, shells 120", "Tanks 5, guns 14, shells 180", "Tanks 1, guns 2, shells 80"):
        press.clock.advance(hours=24)
        table = item("Losses of the day", guid="t", link=f"{BRIEF}/losses", at=press.clock.now(), summary=figures)
        assert await press.go(table, *others) == ["Losses of the day"]


@pytest.mark.parametrize("age", [0, 9])
async def test_new_fact_of_an_item_that_was_only_noted_is_told(tmp_path: Path, store: Store, age: int) -> None:
    press = await Press.open(tmp_path, store, begin=age > 0)
    page = {"guid": "a", "link": f"{BRIEF}/page", "at": press.clock.now() - timedelta(days=age)}
    assert await press.go(item("Shells kill 3 in Kharkiv", **page)) == []  # type: ignore[arg-type]
    assert await press.go(item("Shells kill 3 in Kharkiv town", **page), hours=1) == []  # type: ignore[arg-type]
    title = "Shells kill 12 in Kharkiv"
    assert await press.go(item(title, **page), hours=1) == [title]  # type: ignore[arg-type]
    assert await press.go(item(title, **page), hours=1) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("hours", [1, 24])
async def test_rewritten_item_with_another_date_is_no_other_news(press: Press, hours: int) -> None:
    others = [item(f"Market report number {n}", guid=f"m{n}", at=press.clock.now()) for n in range(8)]
    for text in (
        "Officials said that shells fell on the port.",
        "Officials said late that two shells fell on the port.",
    ):
        press.clock.advance(hours=hours)
        page = item("Shells fall on port", guid="a", link=BRIEF, at=press.clock.now(), summary=text)
        told = await press.go(page, *others)
    assert told == []


# -- first poll, too old -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "after",
    [
        {"title": "Live: shells shipped to the front, talks go on"},
        {"title": "Live: talks go on", "summary": "Shells were shipped to the front by rail, officials said."},
        {
            "title": "Live: talks go on",
            "content": "They talk. Shells were shipped to the front by rail, officials said.",
        },
    ],
)
@pytest.mark.parametrize("before", ["first poll", "too old"])
async def test_text_that_changed_to_match_is_told(
    tmp_path: Path, store: Store, before: str, after: dict[str, str]
) -> None:
    press = await Press.open(tmp_path, store, begin=before == "too old")
    at = press.clock.now() - timedelta(days=5 if before == "too old" else 0)
    page = {"guid": "live", "link": "https://wire.example/live/talks-17", "at": at}
    assert await press.go(item("Live: talks go on", **page)) == []  # type: ignore[arg-type]
    assert await press.go(item(**after, **page), hours=1) == [after["title"]]  # type: ignore[arg-type]
    assert await press.go(item(**after, **page), hours=1) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("where", ["summary", "content"])
async def test_box_that_lists_another_items_headline_is_no_news(press: Press, where: str) -> None:
    at = press.clock.now()
    shells = item(HEADLINES[0], guid="s", at=at)
    others = [item(f"Market report of page {n}", guid=f"m{n}", at=at, **{where: "Prices rose."}) for n in range(3)]
    assert await press.go(shells, *others) == [HEADLINES[0]]
    boxed = f"Prices rose.\nMost read\n{HEADLINES[0]}"
    later = [item(f"Market report of page {n}", guid=f"m{n}", at=at, **{where: boxed}) for n in range(3)]
    assert await press.go(shells, *later, minutes=10) == []


async def test_items_that_changed_to_match_by_one_passage_are_one_message(press: Press) -> None:
    at = press.clock.now()
    pages = [{"title": f"Market report of page {n}", "guid": f"m{n}", "at": at} for n in range(3)]
    assert await press.go(*[item(**page) for page in pages]) == []  # type: ignore[arg-type]
    news = "Shells were shipped to the front by rail."
    told = await press.go(*[item(**page, summary=news) for page in pages], minutes=10)  # type: ignore[arg-type]
    assert len(told) == 1


@pytest.mark.parametrize("end", ["", "<item><title>Half an it", "</channel>"])
async def test_first_poll_ends_with_the_first_reading_even_of_a_cut_document(
    tmp_path: Path, store: Store, end: str
) -> None:
    press = await Press.open(tmp_path, store, begin=False)
    items = [item(HEADLINES[0], guid="0")]
    assert await press.go(*items, end=end) == []
    for number in (1, 2):
        items.insert(0, item(HEADLINES[number], guid=str(number)))
        assert await press.go(*items, end=end, minutes=10) == [HEADLINES[number]]


@pytest.mark.parametrize("fill", [0, 6])
async def test_old_item_is_judged_again_by_the_date_that_it_moved_to(press: Press, fill: int) -> None:
    others = [item(f"Market report number {n}", guid=f"m{n}", at=press.clock.now()) for n in range(fill)]
    old = press.clock.now() - timedelta(days=9)
    assert await press.go(*others, item(HEADLINES[0], guid="a", at=old)) == []
    moved = item(HEADLINES[0], guid="a", at=press.clock.now())
    assert await press.go(*others, moved, minutes=20) == [HEADLINES[0]]
    assert await press.go(*others, moved, minutes=20) == []
    again = item(HEADLINES[0], guid="a", at=press.clock.now())
    assert await press.go(*others, again, minutes=20) == ([] if fill else [HEADLINES[0]])


# -- the identity of the whole document changed --------------------------------------------------------


def _listed(count: int, **changes: Callable[[int], object]) -> list[str]:
    towns = ("Sumy", "Kherson", "Nikopol", "Kharkiv", "Odesa", "Izmail", "Kyiv", "Lviv")
    return [
        item(f"Shells fall on {town} district", **{name: made(n) for name, made in changes.items()})  # type: ignore[arg-type]
        for n, town in enumerate(towns[:count])
    ]


@pytest.mark.parametrize("how", ["a guid repeats", "all guids are new", "guids are gone"])
async def test_changed_guids_with_the_same_links_are_taken_over(tmp_path: Path, store: Store, how: str) -> None:
    press = await Press.open(tmp_path, store, begin=False)
    link = {"link": lambda n: f"https://wire.example/news/{n}"}
    assert await press.go(*_listed(8, guid=lambda n: f"g{n}", **link)) == []
    guids: dict[str, Callable[[int], object]] = {
        "a guid repeats": lambda n: f"g{max(n, 1)}",
        "all guids are new": lambda n: f"new-{n}",
        "guids are gone": lambda n: "",
    }
    assert await press.go(*_listed(8, guid=guids[how], **link), days=9) == []
    assert await press.go(*_listed(8, guid=guids[how], **link), days=9) == []


@pytest.mark.parametrize("dated", [True, False])
async def test_archive_under_new_guids_and_links_tells_nothing_and_says_so(press: Press, dated: bool) -> None:
    at = press.clock.now()
    lead = {"summary": lambda n: f"Officials of district {n} spoke of heavy shelling before dawn on several roads."}
    date = {"at": lambda n: at + timedelta(minutes=n)} if dated else {}
    assert len(await press.go(*_listed(8, guid=lambda n: f"g{n}", **lead, **date))) == 8
    new = {"guid": lambda n: f"new-{n}", "link": lambda n: f"https://new.example/{n}-x"}
    assert await press.go(*_listed(8, **new, **lead, **date), minutes=10) == []
    if not dated:
        assert "were taken over" in await press.health()
    assert await press.go(*_listed(8, **new, **lead, **date), minutes=10) == []


async def test_feed_with_another_address_and_other_items_begins_as_seen(tmp_path: Path, store: Store) -> None:
    press = await Press.open(tmp_path, store)
    await press.go(item("Weather", guid="w"))
    elsewhere = config().replace("https://wire.example/feed", "https://wire.example/other")
    await press.adopt(elsewhere)
    old = [item(f"Shells of old on road {n}", guid=f"o{n}") for n in range(10)]
    late = item(HEADLINES[0], guid="late", at=press.clock.now() + timedelta(minutes=5))
    assert await press.go(*old, late, minutes=10) == [HEADLINES[0]]
    assert await press.go(*old, late, item(HEADLINES[1], guid="next"), minutes=10) == [HEADLINES[1]]


async def test_feed_with_another_address_and_its_own_items_goes_on(press: Press) -> None:
    listed = [item(f"Market report number {n}", guid=f"m{n}") for n in range(4)]
    await press.go(*listed)
    await press.adopt(config().replace("https://wire.example/feed", "https://wire.example/other"))
    assert await press.go(*listed, item(HEADLINES[0], guid="next"), minutes=10) == [HEADLINES[0]]


# -- the brake -----------------------------------------------------------------------------------------

TOKENS: dict[str, Callable[[int], str]] = {
    "rand": lambda n: f"https://n.example/a/1?rand=A{n}",
    "sid": lambda n: f"https://n.example/story.php?id=7&sid=x{n}",
    "t": lambda n: f"https://n.example/a/1?t={n}",
    "__xts__[0]": lambda n: f"https://n.example/a/1?__xts__%5B0%5D=68.A{n}",
}


@pytest.mark.parametrize("name", TOKENS)
@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("where", ["both", "guid", "link"])
async def test_token_that_changes_at_each_poll_is_told_at_most_twice(
    press: Press, name: str, dated: bool, where: str
) -> None:
    at = press.clock.now() if dated else None
    title, told = "Shells debris damaged a grain terminal near Izmail overnight", 0
    for number in range(8):
        token, fixed = TOKENS[name](number), TOKENS[name](0)
        guid, link = (token if where != "link" else fixed), (token if where != "guid" else fixed)
        told += len(await press.go(item(title, guid=guid, link=link, at=at), minutes=10))
    assert told <= 2
    if told == 2:
        assert "does not count" in await press.health() or "do not count" in await press.health()


async def test_what_the_brake_keeps_back_is_counted_and_said_once_a_day(press: Press) -> None:
    await press.go(*_listed(1, guid=lambda n: "0"))
    await press.send()
    for number in range(1, 6):
        # a default binds the round
        await press.go(*_listed(1, guid=lambda n, k=number: f"{k}-x"), minutes=10)  # type: ignore[misc]
    await press.send()
    metas = [one for one in await press.store.messages(limit=100) if one.kind is MessageKind.META]
    assert [one.target for one in metas] == ["desk"]
    assert "wire: an entry that matches Shells was kept back; the guids of its items change" in metas[0].title
    assert "entries were kept back for that so far" in await press.health()
    await press.go(*_listed(1, guid=lambda n: "next-day"), days=1)
    metas = [one for one in await press.store.messages(limit=100) if one.kind is MessageKind.META]
    assert len(metas) == 2


async def _kept_back(press: Press) -> list[KeptBackRecord]:
    for number in range(4):
        await press.go(*_listed(1, guid=lambda n, k=number: f"{k}-x"), minutes=10)  # type: ignore[misc]  # a default binds the round
    found = await press.store.suppressed(press.clock.now() - HOUR)
    return [one.kept_back for one in found if one.kept_back]


async def test_what_the_brake_keeps_back_is_listed_with_the_part_that_does_not_count(press: Press) -> None:
    [first] = await press.go(*_listed(1, guid=lambda n: "0"))
    began_at = press.clock.now()
    [record] = await _kept_back(press)
    assert (record.kept.rule, record.kept.target, record.last_at) == ("shells", "desk", press.clock.now())
    assert record.kept.why == "the guids of its items change from poll to poll, so they do not count"
    assert began_at < record.first_at < record.last_at
    assert record.times == (record.last_at - record.first_at) // timedelta(minutes=10) + 1
    shown = await press.store.article(record.kept.article)
    assert shown is not None
    assert (shown.article.title, shown.kept_back) == (first, (record,))
    press.clock.advance(days=2)
    assert [one for one in await press.store.suppressed(press.clock.now() - HOUR) if one.kept_back] == []


async def test_what_the_brake_keeps_back_is_told_by_hand_once_and_each_time_it_comes_again(press: Press) -> None:
    await press.go(*_listed(1, guid=lambda n: "0"))
    [record] = await _kept_back(press)
    article = record.kept.article
    made = await press.store.release_article(article, press.clock.now())
    assert (made.targets, made.kept) == (("desk",), ())
    [alert] = await press.alerts_made()
    assert (alert.article.id, alert.note) == (article, f"released by hand; {record.kept.why}")
    assert [one for one in await press.store.suppressed(press.clock.now() - HOUR) if one.kept_back] == []
    with pytest.raises(StorageError, match="nothing to release"):
        await press.store.release_article(article, press.clock.now())
    [again] = await _kept_back(press)
    await press.store.release_article(again.kept.article, press.clock.now())
    assert len(await press.alerts_made()) == 1
    await press.send()
    assert len(press.told("desk")) >= 3


async def test_guids_that_all_change_at_each_poll_are_learned_at_once(press: Press) -> None:
    told = 0
    for number in range(6):
        told += len(await press.go(*_listed(8, guid=lambda n, k=number: f"{k}-{n}"), minutes=10))  # type: ignore[misc]
    assert told == 8


@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("count", [1, 6])
async def test_host_that_flips_repeats_nothing(press: Press, dated: bool, count: int) -> None:
    at = press.clock.now()
    date = {"at": lambda n: at + timedelta(minutes=n)} if dated else {}
    told = 0
    for number in range(6):
        host = "x.paper.example" if number % 2 else "paper.example"
        url = lambda n, h=host: f"https://{h}/news/{n}"  # noqa: E731
        told += len(await press.go(*_listed(count, guid=url, link=url, **date), minutes=10))
    assert told == count


async def test_dates_that_move_at_each_poll_are_learned(press: Press) -> None:
    told = 0
    for _ in range(8):
        told += len(await press.go(item(HEADLINES[0], guid="a", link=BRIEF, at=press.clock.now()), minutes=10))
    assert told <= 2
    assert "dates" in await press.health()


@pytest.mark.parametrize(("days", "late"), [(7, 5), (1, 3), (7, 100)])
async def test_weekly_item_of_a_feed_that_is_asked_weekly_is_told_each_week(
    press: Press, days: float, late: float
) -> None:
    for _ in range(5):
        press.clock.advance(days=days)
        weekly = item("Weekly report on shells", guid="w", link=f"{BRIEF}/weekly", at=press.clock.now() - late * HOUR)
        assert await press.go(weekly) == ["Weekly report on shells"]
        assert await press.go(weekly, minutes=10) == []


async def test_weekly_item_that_looks_like_a_clock_is_said_to_be_kept_back(press: Press) -> None:
    told = []
    for _ in range(4):
        press.clock.advance(days=7)
        told += await press.go(item("Weekly report on shells", guid="w", link=f"{BRIEF}/weekly", at=press.clock.now()))
    await press.send()
    assert len(told) == 2
    assert "dates of its items move at every poll" in await press.health()
    metas = [one for one in await press.store.messages(limit=100) if one.kind is MessageKind.META]
    assert len(metas) == 2
    assert all("an entry that matches Shells was kept back" in one.title for one in metas)


async def test_date_that_moves_by_seconds_is_not_another_event(press: Press) -> None:
    first = item("Shells launch fails", guid="https://a.example/?p=1", at=press.clock.now())
    assert await press.go(first) == ["Shells launch fails"]
    again = item("Shells launch fails", guid="https://a.example/?p=1", at=press.clock.now() + timedelta(seconds=3))
    assert await press.go(item("Weather", guid="w"), again, seconds=3) == []


async def test_mass_redating_tells_nothing_and_says_so(press: Press) -> None:
    at = press.clock.now()
    assert len(await press.go(*_listed(8, guid=lambda n: f"g{n}", at=lambda n: at))) == 8
    later = at + timedelta(days=2)
    assert await press.go(*_listed(8, guid=lambda n: f"g{n}", at=lambda n: later), days=2) == []
    assert "moved their dates" in await press.health()


# -- what is never news --------------------------------------------------------------------------------


async def test_headline_test_that_flips_back_is_no_news(press: Press) -> None:
    at = press.clock.now()
    titles = ("Shells found on a train to Odesa", "Shells found aboard a train to Odesa port")
    told = []
    for number in range(6):
        told += await press.go(item(titles[number % 2], guid="a", link=BRIEF, at=at), minutes=10)
    assert told == [titles[0]]


@pytest.mark.parametrize("dated", [True, False])
async def test_item_that_left_and_came_back_is_no_news(press: Press, dated: bool) -> None:
    at = press.clock.now() if dated else None
    hot = item(HEADLINES[0], guid="a", link=BRIEF, at=at)
    assert await press.go(hot) == [HEADLINES[0]]
    for _ in range(3):
        assert await press.go(item("Weather", guid="w"), minutes=30) == []
        assert await press.go(hot, minutes=30) == []


@pytest.mark.parametrize(
    "guid", [lambda n: f"https://wire.example/a/1#{n}", lambda n: f"https://wire.example/a/1?t=17713746{n:02}"]
)
async def test_edit_counter_behind_the_link_is_no_news(press: Press, guid: Callable[[int], str]) -> None:
    told = []
    for number in range(4):
        page = item(HEADLINES[0], guid=guid(number), link="https://wire.example/a/1", summary=f"Take {number}.")
        told += await press.go(page, minutes=10)
    assert told == [HEADLINES[0]]


async def test_edits_repeat_nothing_however_many_rules_and_channels_hear_it(tmp_path: Path, store: Store) -> None:
    rules = "".join(f"\n  - name: Rule {n}\n    all: [shells]\n" for n in range(8))
    text = config(rules=rules, channels=("a", "b", "c"), send_to=("a", "b", "c"))
    press = await Press.open(tmp_path, store, text)
    at = press.clock.now()
    assert len(await press.go(item(HEADLINES[0], guid="a", at=at))) == 24
    for number in range(4):
        assert await press.go(item(HEADLINES[0], guid="a", at=at, summary=f"Edit {number}."), minutes=10) == []


async def test_silence_made_after_sending_leaves_the_verdict_of_the_sent_alert(tmp_path: Path, store: Store) -> None:
    press = await Press.open(tmp_path, store)
    at = press.clock.now()
    [alert] = await press.alerts_of(item(HEADLINES[0], guid="a", at=at))
    await press.send()
    await press.adopt(config(more="silences:\n  - {rule: shells, until: 2027-01-01}"))
    assert await press.go(item(HEADLINES[0], guid="a", at=at, summary="Edited."), minutes=10) == []
    record = await press.store.article(alert.article.id)
    assert record is not None
    assert {(one.text, one.outcome) for one in record.verdicts} == {(1, Outcome.SENT), (2, Outcome.SILENCED)}


# -- bad input -----------------------------------------------------------------------------------------


async def test_empty_titles_and_posts_of_an_image_are_told_once(press: Press) -> None:
    at = press.clock.now()
    posts = [
        item("", guid=f"p{n}", link=f"https://wire.example/p/{n}", at=at, summary=f"Shells post {n}") for n in range(3)
    ]
    image = item("", guid="i", link="https://wire.example/i/1", content="<img src='x.png'>")
    assert len(await press.go(*posts, image)) == 3
    assert await press.go(image, *posts, minutes=10) == []


@pytest.mark.parametrize("days", [-400, 1, 400])
async def test_wild_dates_are_told_once(press: Press, days: int) -> None:
    at = press.clock.now() + timedelta(days=days)
    page = item(HEADLINES[0], guid="a", link=BRIEF, at=at)
    told = await press.go(page)
    told += await press.go(page, minutes=10)
    told += await press.go(page, item("Weather", guid="w"), minutes=10)
    assert len(told) == (0 if days == -400 else 1)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("No shells hit Orlan, army says", "Shells hit Orlan, army says"),
        ("Shells maker Smith arrested in Orlan", "Shells maker Smith released in Orlan"),
        ("Court upholds ban on shells for Orlan", "Court overturns ban on shells for Orlan"),
        ("Talks on shells for Orlan resume", "Talks on shells for Orlan collapse"),
        ("Orlan bank behind shells rescued", "Orlan bank behind shells insolvent"),
        ("Patron des shells arrêté à Orlan", "Patron des shells libéré à Orlan"),
    ],
)
async def test_headline_that_turns_into_its_opposite_is_told_though_guid_and_date_stay(
    press: Press, one: str, two: str
) -> None:
    at = press.clock.now()
    others = [item(f"Weather in town {n}", guid=f"w{n}", at=at - n * HOUR) for n in range(8)]
    assert await press.go(item(one, guid="1", at=at), *others) == [one]
    assert await press.go(item(two, guid="1", at=at), *others, minutes=20) == [two]
    assert await press.go(item(two, guid="1", at=at), *others, minutes=20) == []
