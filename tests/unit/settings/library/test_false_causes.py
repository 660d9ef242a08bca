"""What real news made a concept fire wrongly, and what it missed: each was seen in an archive of headlines."""

from __future__ import annotations

import pytest

from tests.unit.core.matching.test_languages_of_terms import fires, library


@pytest.mark.parametrize(
    ("concept", "title", "lang"),
    [
        ("military", "DeSantis signs school funding bill", "en"),
        ("nuclear", "Jetstar flight diverted after a bomb threat", "en"),
        ("missiles", "Tapo C225 i C500", "pl"),
        ("missiles", "习近平会见叙利亚总统阿萨德", "zh"),
        ("military", "停滞する前線の影響で大雨", "ja"),
        ("military", "前線南下 首都圏も強雨や雷か", "ja"),
        ("military", "田中将大ぼう然 満塁弾で降板", "ja"),
        ("military", "西武11連勝 V戦線加われるか", "ja"),
        ("north-korea", "반도체 매출 1.4조로 작년보다 68% 증가", "ko"),
        ("russia", "반도체 매출 1.4조로 작년보다 68% 증가", "ko"),
        ("russia", "재러드 쿠슈너 방한", "ko"),
        ("military", "총상금 600만달러 골프 대회 개막", "ko"),
        ("shipping", "Adam Schiff wins Senate primary", "en"),
        ("shipping", "Texas teen crowned prom queen", "en"),
        ("espionage", "Wyrok NSA w sprawie podatku", "pl"),
        ("russia", "To moja duma, mówi trener", "pl"),
        ("military", "中国防盲治盲事业取得进展", "zh"),
        ("north-korea", "露、北方領土に新師団方針", "ja"),
        ("military", "Rosja broni swoich granic handlowych", "pl"),
    ],
)
def test_word_that_only_looks_like_the_concept_is_no_hit(concept: str, title: str, lang: str) -> None:
    assert not fires(library(concept), title, lang)


@pytest.mark.parametrize(
    ("concept", "title", "lang"),
    [
        ("military", "Russia and North Korea are actively advancing in arms talks, U.S. warns", "en"),
        ("military", "Medvedev threatens to arm North Korea if South Korea arms Ukraine", "en"),
        ("military", "Russia and North Korea seek closer cooperation in the defence sector", "en"),
        ("military", "Pentagon sees North Korea ties", "en"),
        ("military", "Korea Północna wyśle więcej broni Rosji", "pl"),
        ("military", "Szef MON w Brukseli", "pl"),
        ("cyber", "Piratage d'un hôpital", "fr"),
        ("cyber", "Incydent cybernetyczny w urzędzie", "pl"),
        ("missiles", "Rakiety obrony powietrznej dla Kijowa", "pl"),
        ("nuclear", "Atomic arsenal grows", "en"),
        ("missiles", "韩国部署萨德", "zh"),
        ("north-korea", "조로 친선의 해", "ko"),
    ],
)
def test_form_that_was_missed_is_found(concept: str, title: str, lang: str) -> None:
    assert fires(library(concept), title, lang)
