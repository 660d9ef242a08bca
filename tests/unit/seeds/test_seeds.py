"""The demo's feeds: every document is well-formed when served as the manifest says, and the right articles match."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from typing import Any

import pytest
import yaml

from watcher.core.matching.compile import compile_rules
from watcher.core.matching.engine import RuleSet
from watcher.core.model.ids import FeedId
from watcher.core.model.match import ReadArticle
from watcher.core.model.outcome import Reading, ReadRequest
from watcher.core.read import read_document
from watcher.settings.bundled import bundled
from watcher.settings.env import Settings
from watcher.settings.load import load

BEGAN_AT = datetime(2030, 3, 5, 8, 15, tzinfo=UTC)
PLACEHOLDER = re.compile(r"\{\{at:([+-])(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?\}\}")
MILITARY, FLEET = "dprk-russia-military", "shadow-fleet"


def outlets() -> list[dict[str, Any]]:
    manifest = yaml.safe_load((bundled("seeds") / "manifest.yaml").read_text(encoding="utf-8"))
    return list(manifest["outlets"])


OUTLETS = outlets()
DOCUMENTS = [(outlet["name"], wave) for outlet in OUTLETS for wave in ("first", "later") if wave in outlet]


def served(outlet: Mapping[str, Any], wave: str) -> bytes:
    def date(found: re.Match[str]) -> str:
        days, hours, minutes = (int(part or 0) for part in found.group(2, 3, 4))
        offset = timedelta(days=days, hours=hours, minutes=minutes)
        moment = BEGAN_AT + offset if found.group(1) == "+" else BEGAN_AT - offset
        return format_datetime(moment) if outlet["dates"] == "rfc822" else moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    text = (bundled("seeds") / outlet[wave]).read_text(encoding="utf-8")
    return PLACEHOLDER.sub(date, text).encode(outlet["charset"])


@cache
def rules() -> RuleSet:
    loaded = load(bundled("seeds") / "config", Settings())
    assert loaded.configuration is not None, loaded.problems
    return compile_rules(loaded.configuration.rule_source(1))


@cache
def reading(name: str, wave: str) -> Reading:
    outlet = next(outlet for outlet in OUTLETS if outlet["name"] == name)
    request = ReadRequest(
        feed=FeedId(name),
        body=served(outlet, wave),
        url=f"http://127.0.0.1{outlet['path']}",
        revision=1,
        content_type=f"{outlet['content_type']}; charset={outlet['charset']}",
        feed_name=name,
    )
    return read_document(request, rules())


def matched(wave: str, rule: str) -> list[ReadArticle]:
    documents = [reading(name, each) for name, each in DOCUMENTS if each == wave]
    return [read for found in documents for read in found.articles if rule in {match.rule for match in read.matches}]


@pytest.mark.parametrize(("name", "wave"), DOCUMENTS)
def test_every_document_is_a_whole_feed_with_dates(name: str, wave: str) -> None:
    found = reading(name, wave)
    assert found.whole
    assert found.problem is None
    assert not found.refused
    outlet = next(outlet for outlet in OUTLETS if outlet["name"] == name)
    assert found.title == outlet["title"]
    for read in found.articles:
        assert read.article.lang == outlet["lang"]
        assert read.article.published_at is not None
        assert timedelta() < BEGAN_AT - read.article.published_at < timedelta(hours=48)
        assert read.article.url.startswith("https://")


def test_there_is_much_noise_from_many_outlets_in_many_languages() -> None:
    articles = [read for name, wave in DOCUMENTS if wave == "first" for read in reading(name, wave).articles]
    assert len(OUTLETS) >= 8
    assert len({outlet["lang"] for outlet in OUTLETS}) >= 4
    assert len(articles) >= 220
    assert sum(1 for read in articles if read.matches) <= len(articles) / 10
    titles = Counter(read.article.title for read in articles)
    assert [title for title, times in titles.items() if times > 4] == []


def test_documents_come_in_every_format_and_one_in_an_old_encoding() -> None:
    kinds = {outlet["content_type"] for outlet in OUTLETS}
    assert kinds == {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"}
    assert "windows-1251" in {outlet["charset"] for outlet in OUTLETS}


def test_the_first_wave_holds_two_military_stories_with_wire_copies() -> None:
    found = matched("first", MILITARY)
    languages = Counter(read.article.lang for read in found)
    assert languages == {"en": 8, "ru": 1, "ko": 1, "ja": 1, "de": 1}
    copies = Counter((read.article.title, read.article.summary) for read in found)
    assert sorted(copies.values(), reverse=True)[:2] == [4, 2]


def test_the_later_wave_brings_a_follow_up_with_new_facts() -> None:
    before = {read.article.title for read in matched("first", MILITARY)}
    new = [read.article for read in matched("later", MILITARY) if read.article.title not in before]
    assert Counter(article.lang for article in new) == {"en": 2, "ko": 1}


def test_the_second_rule_has_stories_of_its_own() -> None:
    assert len(matched("first", FLEET)) == 3
