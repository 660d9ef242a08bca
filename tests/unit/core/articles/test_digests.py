"""Digests and live pages: by what they show themselves, and what only sounds like one."""

from __future__ import annotations

import pytest

from watcher.core.articles.digests import digest_sign
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId


def sign(title: str, url: str = "", summary: str = "One story. Another one.") -> str:
    return digest_sign(Article(ArticleId("a"), FeedId("f"), title=title, url=url, summary=summary))


@pytest.mark.parametrize(
    "title",
    [
        "FirstFT: China's exports fall",
        "Your Thursday Briefing",
        "Morning briefing: five stories",
        "Russia-Ukraine war live: Kim meets Putin",
        "Middle East crisis – live",
        "War in Ukraine: live updates",
        "News in brief",
        "Wojna w Ukrainie. Relacja na żywo",
        "Liveticker zum Krieg",
        "Guerre en Ukraine : suivez la situation en direct",
        "Guerra de Ucrania, en directo",
        "Главное за день",
        "Головні новини ранку",
        "이 시각 헤드라인",
        "[이시각 헤드라인] 대통령 귀국",
        "오늘의 주요뉴스",
        "国际快讯",
        "联播快讯",
        "きょうのニュース",
        "Що сталося за ніч: обстріл, вибори, потоп",
        "Что произошло за сутки",
        "Co wydarzyło się w Ukrainie w ciągu ostatniej doby",
        "Was heute wichtig wird: Wahl, Sturm, Gipfel",
        "Ce qu'il faut retenir de la nuit",
        "Claves del día: cumbre, huelga y lluvia",
        "Russia-Ukraine war at a glance: what we know on day 559 of the invasion",
        "밤사이 소식",
        "けさのニュース",
        "隔夜要闻",
        "新闻摘要",
        "World in brief: a ceasefire, floods, a rate rise",
        "Tagesüberblick: Gaza-Gespräche, Raketentest, Streik",
        "L'essentiel du jour : la Fed, un procès",
        "Poranny przegląd: powódź, wybory",
        "きょうの出来事：利下げ、米株高",
        "[오늘의 국제뉴스] 수해·금리",
        "The day: a summit in Paris, a strike in Rome, floods in Chile, a royal baby",
        "朝鮮半島と世界：北朝鮮が発射、ロシア利下げ、米株高、台風12号",
    ],
)
def test_an_item_that_names_itself_is_a_digest(title: str) -> None:
    assert sign(title).endswith("in its title")


@pytest.mark.parametrize(
    "title",
    [
        "Intelligence briefing on North Korea",
        "Kremlin briefing: Putin to visit Pyongyang",
        "Live rounds fired at the border",
        "People who live long",
        "Putin to brief ministers",
        "Генерал назвал главное",
        "北京晚报头版",
        "新闻发布会在北京举行",
        "헤드라인을 장식한 사건",
        "Kim visit: missiles, friends, jets, money",
        "Putin in Pyongyang: a treaty, a parade and new shells",
        "What happened to the crew of the tanker",
        "Що сталося з літаком",
        "Что произошло в Москве",
        "Co się dzieje w Ukrainie",
    ],
)
def test_what_only_sounds_alike_is_none(title: str) -> None:
    assert sign(title) == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://tvn.example/swiat/relacja-na-zywo-poniedzialek-20-lutego-1",
        "https://news.example/world/live/2026/nov/27/war",
        "https://news.example/2026/11/27/live-updates-war",
        "https://news.example/newsletters/morning",
    ],
)
def test_an_address_may_name_it_too(url: str) -> None:
    assert sign("Joe Biden in Poland", url).endswith("in its address")


@pytest.mark.parametrize(
    "url", ["https://news.example/people-live-longer", "https://live.example/a", "https://x.example/olive/1"]
)
def test_an_address_that_only_holds_the_letters_names_nothing(url: str) -> None:
    assert sign("Joe Biden in Poland", url) == ""


def test_a_headline_alone_holds_no_second_story() -> None:
    assert sign("FirstFT: Kim meets Putin", summary="") == ""


def test_a_hostile_title_costs_little() -> None:
    assert sign("the " * 100_000 + "briefing") == ""
