"""Pairs of articles: what folds, what must not, and why; a wrong fold is a missed alert."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.shared import needs_shared, shared
from watcher.core.alerts.stream import Stream
from watcher.core.model.alert import PastAlert
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId
from watcher.core.model.verdict import Level

_CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[3] / "cases" / "dedup.jsonl").read_text(encoding="utf-8").splitlines()
]
_FOLDS = {"revision", "same_article", "near_copy", "near_duplicate"}


def _article(name: str, fields: dict[str, Any]) -> Article:
    url = fields.get("url") or fields.get("link") or ""
    source = fields.get("source") or ""
    published = fields.get("published_at") or fields.get("published")
    return Article(
        id=ArticleId(name),
        feed=FeedId(source),
        guid=url,
        url=url,
        title=fields.get("title") or "",
        summary=fields.get("summary") or "",
        source=source,
        feed_name=source,
        published_at=datetime.fromisoformat(published) if published else None,
    )


def _verdict(one: dict[str, Any], two: dict[str, Any]) -> str:
    stream = Stream()
    stream.add(_article("one", one))
    relation, _ = stream.add(_article("two", two))
    return relation.level.value if relation else "new"


@pytest.mark.parametrize("case", _CASES, ids=[case["id"] for case in _CASES])
def test_pair_gets_its_verdict(case: dict[str, Any]) -> None:
    assert _verdict(case["one"], case["two"]) == case["verdict"], case["why"]


@pytest.mark.parametrize("case", _CASES, ids=[case["id"] for case in _CASES])
def test_what_is_news_in_one_order_is_news_in_the_other(case: dict[str, Any]) -> None:
    assert (_verdict(case["two"], case["one"]) in _FOLDS) == (case["verdict"] in _FOLDS), case["why"]


def test_copy_says_why_and_shares_the_story() -> None:
    stream = Stream()
    first, second = (_article(name, _CASES[6][name]) for name in ("one", "two"))

    _, story = stream.add(first)
    relation, same_story = stream.add(second)

    assert relation is not None
    assert relation.of == "one"
    assert same_story == story
    assert relation.because["equal"] == "title"
    assert relation.because["hours"] == 0.5


def test_third_headline_of_a_series_is_news_from_any_source() -> None:
    stream = Stream()
    start = datetime(2026, 5, 1, 6, tzinfo=UTC)
    title = "Agency schedule for the harbour games on Monday"
    for day in range(2):
        fields = {"title": title, "url": f"https://inland.example/{day}", "source": "Inland"}
        fields["published_at"] = (start + timedelta(days=day)).isoformat()
        assert stream.add(_article(f"i{day}", fields))[0] is None
    other = {"title": title, "url": "https://lighthouse.example/1", "source": "Lighthouse"}
    stream.add(_article("l", {**other, "published_at": (start + timedelta(days=2)).isoformat()}))

    again = {"title": title, "url": "https://inland.example/9", "source": "Inland"}
    relation, _ = stream.add(
        _article("i9", {**again, "published_at": (start + timedelta(days=2, hours=1)).isoformat()})
    )

    assert relation is None


def test_copy_is_found_among_many() -> None:
    stream = Stream()
    start = datetime(2026, 5, 1, 6, tzinfo=UTC)
    for number in range(400):
        fields = {
            "title": f"Pier {number} of Redport gets crane number {number}",
            "summary": f"Crane {number} came by barge and will lift steel for the yard from next week on.",
            "url": f"https://inland.example/{number}",
            "source": "Inland",
            "published_at": (start + timedelta(minutes=number)).isoformat(),
        }
        stream.add(_article(str(number), fields))

    relation, _ = stream.add(
        _article(
            "copy",
            {
                "title": "Pier 7 of Redport gets a heavy crane number 7",
                "summary": "Crane 7 came by barge and will lift steel for the yard from next week on.",
                "url": "https://lighthouse.example/7",
                "source": "Lighthouse",
                "published_at": (start + timedelta(hours=8)).isoformat(),
            },
        )
    )

    assert relation is not None
    assert relation.of == "7"


@needs_shared
@pytest.mark.shared
def test_shared_pairs_have_no_wrong_fold_and_enough_copies() -> None:
    lines = shared("cases/dedup.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    verdicts = {case["id"]: _verdict(case["a"], case["b"]) for case in cases}
    copies = [case["id"] for case in cases if case["expect"] in {"same_article", "near_duplicate"}]

    wrong = [id_ for id_, verdict in verdicts.items() if verdict in _FOLDS and id_ not in copies]
    caught = [id_ for id_ in copies if verdicts[id_] in _FOLDS]

    assert wrong == []
    assert len(caught) >= 14 / 18 * len(copies)


class _ForgetfulStream(Stream):
    """Puts together anew, with each text, the alerts that a stream keeps."""

    def _founded(self, alert: PastAlert, founder: tuple[ArticleId, Level, int]) -> PastAlert:
        self._cuts.clear()
        return super()._founded(alert, founder)


def test_alerts_that_a_stream_keeps_are_those_that_it_would_put_together_anew() -> None:
    draw = random.Random(7)
    titles = [
        "Shells fired at Sumy",
        "Shells fired at Nikopol",
        "Shells fired at Sumy, 12 killed",
        "Grain talks collapse in Velland",
    ]
    leads = [
        "",
        "Shells hit the port on Monday and burned three ships there, the mayor said.",
        "Envoys left in the evening.",
    ]
    kept, anew = Stream(), _ForgetfulStream()
    at = datetime(2026, 5, 1, 6, tzinfo=UTC)
    for _ in range(60):
        at += timedelta(minutes=draw.randint(0, 200))
        slug, source = draw.randint(1, 25), draw.choice(("Inland", "Lighthouse"))
        fields = {
            "title": draw.choice(titles),
            "summary": draw.choice(leads),
            "url": f"https://{source}.example/{slug}-{slug * 51200}",
        }
        article = _article("", {**fields, "source": source, "published_at": at.isoformat()})
        assert kept.read([article], at) == anew.read([article], at)
