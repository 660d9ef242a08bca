"""Hard pairs in twelve languages, judged as they come: 0 wrong folds, and what should fold does."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from watcher.core.alerts.stream import Stream, StreamAnswer
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId

_CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[3] / "cases" / "copies.jsonl").read_text(encoding="utf-8").splitlines()
]
_IDS = [case["id"] for case in _CASES]
_START = datetime(2026, 5, 20, 6, tzinfo=UTC)
_LEAD = (
    "Customs officers at the northern rail crossing found forty crates of machine tools under a load of apples on Sunday and "
    "arrested the driver of the train."
)


def article(name: str, **fields: Any) -> Article:
    """Return an article of a source with a feed of its own."""
    published = fields.get("published_at")
    source = fields.get("source", name)
    return Article(
        id=ArticleId(name),
        feed=FeedId(fields.get("feed", source)),
        guid=name,
        url=fields.get("url", f"https://{name}.example/{name}"),
        title=fields.get("title", ""),
        summary=fields.get("summary", ""),
        source=source,
        feed_name=fields.get("feed", source),
        published_at=datetime.fromisoformat(published) if isinstance(published, str) else published,
    )


def _second(one: dict[str, Any], two: dict[str, Any]) -> StreamAnswer:
    stream = Stream()
    first, second = article("one", **one), article("two", **two)
    if one.get("document"):
        return stream.read([first, second])[1]
    stream.read([first])
    return stream.read([second])[0]


def _at(hours: float) -> datetime:
    return _START + timedelta(hours=hours)


@pytest.mark.parametrize("case", _CASES, ids=_IDS)
def test_pair_folds_or_stays_apart(case: dict[str, Any]) -> None:
    assert (_second(case["one"], case["two"]).relation is not None) == case["fold"], case["why"]


@pytest.mark.parametrize("case", _CASES, ids=_IDS)
def test_order_of_arrival_does_not_matter(case: dict[str, Any]) -> None:
    assert (_second(case["two"], case["one"]).relation is not None) == case["fold"], case["why"]


def test_news_names_what_it_came_close_to_and_the_guard_that_refused() -> None:
    [case] = [case for case in _CASES if case["id"] == "city-in-lead-uk"]

    miss = _second(case["one"], case["two"]).miss

    assert miss is not None
    assert miss.of == "one"
    assert miss.guard == "summaries differ: kherson | zaporizhzhia"


def test_bare_title_that_a_source_had_within_a_month_is_news() -> None:
    title = "North Korea fires ballistic missile toward East Sea, Seoul says"
    stream = Stream()
    stream.read([article("first", source="Inland", title=title, published_at=_at(0))])
    stream.read([article("again", source="Inland", title=title, published_at=_at(24 * 9))])

    [told] = stream.read([article("copy", source="Lighthouse", title=title, published_at=_at(24 * 9 + 1))])

    assert told.relation is None
    assert told.miss is not None
    assert told.miss.guard == "no summary, and one source had this title before"


def test_bare_title_folds_for_three_hours() -> None:
    title = "North Korea fires ballistic missile toward East Sea, Seoul says"
    for hours, folds in ((2.9, True), (3.1, False)):
        one = {"source": "Inland", "title": title, "published_at": _at(0)}
        two = {"source": "Lighthouse", "title": title, "published_at": _at(hours)}
        assert (_second(one, two).relation is not None) == folds


def test_lead_that_a_source_put_over_another_title_is_boilerplate() -> None:
    stream = Stream()
    one = {"source": "Inland", "summary": _LEAD}
    stream.read([article("a", title="Apples and crates: the train at the crossing", published_at=_at(0), **one)])
    stream.read([article("b", title="Customs arrest train driver over machine tools", published_at=_at(40), **one)])

    [told] = stream.read(
        [
            article(
                "c", title="Machine tools under apples: driver arrested", source="Lighthouse", summary=_LEAD, published_at=_at(41)
            )
        ]
    )  # fmt: skip

    assert told.relation is None
    assert told.miss is not None
    assert told.miss.guard == "equal leads that a source put under other titles, too"


def test_long_lead_folds_under_any_headline_for_six_hours() -> None:
    for hours, folds in ((5.9, True), (6.1, False)):
        one = {"source": "Inland", "title": "Customs stop train with tools", "summary": _LEAD, "published_at": _at(0)}
        two = {
            "source": "Lighthouse",
            "title": "Forty crates under apples",
            "summary": _LEAD,
            "published_at": _at(hours),
        }
        assert (_second(one, two).relation is not None) == folds


def test_one_text_listed_twice_is_told_once_but_not_when_the_first_has_left() -> None:
    fields = {"source": "Inland", "title": "Customs stop train with machine tools", "summary": _LEAD}
    first, second = (article(name, published_at=_at(at), **fields) for name, at in (("a", 0), ("b", 0.2)))
    together, apart = Stream(), Stream()

    assert together.read([first, second])[1].relation is not None
    apart.read([first])
    assert apart.read([second])[0].relation is None


def test_one_text_listed_for_the_fourth_time_is_a_series() -> None:
    fields = {"source": "Inland", "title": "Customs stop train with machine tools", "summary": _LEAD}
    stream = Stream()
    for number in range(3):
        stream.read([article(f"x{number}", published_at=_at(30 * number), **fields)])

    told = stream.read([article(name, published_at=_at(100 + at), **fields) for name, at in (("a", 0), ("b", 0.1))])

    assert [one.relation for one in told] == [None, None]


def test_a_thousand_articles_with_one_title_cost_no_more_than_a_few_comparisons_each() -> None:
    stream = Stream()
    told = [
        stream.read([article(f"n{number}", title="Air raid alert for the northern region", published_at=_at(number / 60))])[0]
        for number in range(300)
    ]  # fmt: skip

    assert all(len(kept) <= 80 for kept in stream.postings.values())
    assert told[-1].relation is not None


_ALARMS = [
    ("Air raid alert: Odesa region", "Take shelter at once and wait for the signal of the authorities."),
    ("Повітряна тривога: Одеська область", "Негайно пройдіть до укриття і чекайте на сигнал."),
    ("Воздушная тревога в Белгородской области", "Пройдите в укрытие и ждите сигнала об отбое опасности."),
    ("서해 5도 공습경보 발령, 주민 대피", "주민들은 즉시 대피소로 이동해 주십시오."),
    ("北海道に津波警報、沿岸の住民は避難", "沿岸の住民はただちに高台へ避難してください。"),
    ("Luftalarm im Gebiet Odessa ausgelöst", "Suchen Sie sofort Schutz und warten Sie auf das Signal."),
    ("Alerte aérienne dans la région d'Odessa", "Mettez-vous à l'abri et attendez le signal des autorités."),
    ("Air raid warning for the whole of the Odesa region and the port", "Take shelter at once. " * 6),
    ("Bridge closed at Odesa port", "Drivers are asked to take another road until further notice."),
    ("Power cut in Kharkiv Saltivka district", "Crews are at work; the operator asks for patience."),
]


@pytest.mark.parametrize(("title", "summary"), _ALARMS)
@pytest.mark.parametrize("apart", [3.5, 10.5, 23])
def test_an_alarm_or_notice_of_another_outlet_hours_later_is_another_one(
    title: str, summary: str, apart: float
) -> None:
    one = {"title": title, "summary": summary, "source": "One", "published_at": _at(0)}
    two = {"title": title, "summary": summary, "source": "Two", "published_at": _at(apart)}
    assert _second(one, two).relation is None


@pytest.mark.parametrize(("title", "summary"), _ALARMS)
def test_an_alarm_in_two_outlets_at_one_time_is_one(title: str, summary: str) -> None:
    one = {"title": title, "summary": summary, "source": "One", "published_at": _at(0)}
    two = {"title": title, "summary": summary, "source": "Two", "published_at": _at(0.4)}
    assert _second(one, two).relation is not None


@pytest.mark.parametrize(("title", "summary"), _ALARMS[:8])
def test_an_alarm_of_another_outlet_is_another_one_after_half_an_hour(title: str, summary: str) -> None:
    one = {"title": title, "summary": summary, "source": "One", "published_at": _at(0)}
    two = {"title": title, "summary": summary, "source": "Two", "published_at": _at(0.8)}
    assert _second(one, two).relation is None
    assert _second(one, {**two, "summary": ""}).relation is None


@pytest.mark.parametrize(("title", "summary"), _ALARMS[:4])
def test_an_alarm_that_either_outlet_gave_before_is_no_copy(title: str, summary: str) -> None:
    stream = Stream()
    for number, (source, hours) in enumerate([("Two", 0.0), ("One", 20.0), ("Two", 20.4)]):
        [found] = stream.read(
            [article(f"a{number}", title=title, summary=summary, source=source, published_at=_at(hours))]
        )
    assert found.relation is None


def test_a_report_with_a_text_of_its_own_is_a_copy_ten_hours_later() -> None:
    lead = {"title": "Customs officers find machine tools under apples", "summary": _LEAD}
    one, two = {**lead, "source": "One", "published_at": _at(0)}, {**lead, "source": "Two", "published_at": _at(10.5)}
    assert _second(one, two).relation is not None
