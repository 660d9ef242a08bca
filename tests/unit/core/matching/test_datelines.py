"""Where a text was filed is not what it is about."""

from __future__ import annotations

import pytest

from tests.unit.core.matching.test_languages_of_terms import library
from watcher.core.articles.datelines import dateline_end
from watcher.core.matching.explain import explain
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId
from watcher.telling.explained import tell


def filed(lead: str, title: str = "") -> Article:
    return Article(ArticleId("a"), FeedId("f"), title=title, summary=lead)


@pytest.mark.parametrize(
    ("concept", "lead"),
    [
        ("south-korea", "(서울=연합뉴스) 곽민서 기자 = 정부는 세법을 고친다"),
        ("south-korea", "[서울=뉴시스] 김민수 기자 = 물가가 올랐다"),
        ("russia", "MOSCOW (AP) — A chess master won the title."),
        ("russia", "MOSCOW, Nov 27 (Reuters) - A chess master won the title."),
        ("russia", "МОСКВА, 27 ноя - РИА Новости. Шахматист победил"),
        ("russia", "Москва. 27 ноября. ИНТЕРФАКС.RU - Шахматист победил"),
        ("russia", "МОСКВА, 27 ноября. /ТАСС/. Шахматист победил"),
        ("russia", "【モスクワ共同】天気は晴れ"),
        ("russia", "[モスクワ 27日 ロイター] 天気は晴れ"),
        ("south-korea", "[서울=뉴스1] 김민수 기자 = 물가가 올랐다"),
        ("russia", "MOSCÚ, 27 nov (EFE).- Un ajedrecista ganó."),
        ("russia", "MOSKAU (dpa/AFP) - Ein Schachmeister gewann."),
        ("russia", "MOSCOW, November 27. /TASS/. A chess master won."),
        ("russia", "新华社莫斯科11月27日电（记者 王五）天气晴朗"),
        ("china", "新华社北京11月27日电 天气晴朗"),
    ],
)
def test_dateline_counts_for_no_place(concept: str, lead: str) -> None:
    rules = library(concept)
    assert rules.match(filed(lead)) == ((), ())
    (told,) = explain(rules, filed(lead))
    assert not told.matched
    assert "stands in a dateline" in tell(told, filed(lead)).groups[0].said


@pytest.mark.parametrize(
    ("concept", "lead"),
    [
        ("russia", "MOSCOW (AP) — The Kremlin denied it."),
        ("south-korea", "(서울=연합뉴스) 곽민서 기자 = 한국 정부는 세법을 고친다"),
        ("russia", "Moscow (a city of 13 million) prepares for winter"),
        ("russia", "MOSCOW AND PYONGYANG SIGN A PACT"),
        ("russia", "Moscow - Pyongyang trains resume"),
        ("north-korea", "NORTH KOREA (a closed state) fires missiles"),
        ("russia", "RUSSIA — Missile parts were found in a container."),
        ("north-korea", "NORTH KOREA FIRES TWO MISSILES - REUTERS"),
        ("russia", "RUSSIA AND NORTH KOREA SIGN A DEAL — Military pact"),
    ],
)
def test_place_in_the_news_itself_counts(concept: str, lead: str) -> None:
    matches, _ = library(concept).match(filed(lead))
    assert matches


@pytest.mark.parametrize(
    ("concept", "lead"),
    [
        ("north-korea", "NORTH KOREA (SEA OF JAPAN): two missiles were fired."),
        ("russia", "RUSSIA (IN SYRIA): warships left the base."),
        ("russia", "RUSSIA (AP PHOTO): tanks at the border"),
        ("russia", "RUSSIA (TASS REPORTER HELD) - a court ruled"),
        ("north-korea", "NORTH KOREA (GAP IN FENCE) - soldiers crossed"),
        ("iran", "IRAN: Reuters journalist arrested on spying charge."),
        ("iran", "IRAN (REUTERS JOURNALIST) - arrested"),
        ("russia", "RUSSIA - AP reporter expelled"),
        ("russia", "RUSSIA - TASS: missiles were fired"),
        ("russia", "RUSSIA, 27 killed - TASS: strike on a depot"),
        ("north-korea", "NORTH KOREA. Reuters journalists were expelled"),
        ("north-korea", "【北朝鮮APT38】暗号資産が盗まれた"),
        ("north-korea", "【北朝鮮共同演習】日本海で始まった"),
        ("russia", "【ロシア・イラン共同声明】両国は"),
        ("russia", "【ロシアが中国と共同】演習"),
        ("north-korea", "(서울=연합뉴스) 북한이 러시아 기자들을 추방했다고 외무성이 밝혔다"),
        ("russia", "(서울=연합뉴스) 북한이 러시아 기자들을 추방했다고 외무성이 밝혔다"),
        ("north-korea", "(북한=핵보유국) 발언이 나왔다"),
        ("north-korea", "央视网消息朝鲜11月27日发射导弹"),
        ("north-korea", "中新网讯据报道朝鲜11月27日发射导弹"),
        ("north-korea", "新华社报道朝鲜11月27日电视讲话"),
    ],
)
def test_what_no_agency_writes_so_hides_no_place(concept: str, lead: str) -> None:
    assert library(concept).match(filed(lead))[0]


def test_title_has_no_dateline() -> None:
    headline = "PYONGYANG (AP) - A chess master won"
    assert dateline_end(headline)
    assert library("north-korea").match(filed("", headline))[0]


def test_dateline_ends_early_in_any_text() -> None:
    assert dateline_end("") == 0
    assert dateline_end("A" * 100_000) == 0
    assert dateline_end("(" + "가" * 100_000) == 0
